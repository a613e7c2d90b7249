// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IForwarder} from "../../../contracts/access/IForwarder.sol";
import {CourtSettlementToken} from "../../../contracts/cash/CourtSettlementToken.sol";
import {SettlementToken} from "../../../contracts/cash/SettlementToken.sol";
import {CourtOrders} from "../../../contracts/registry/CourtOrders.sol";
import {ICourtOrders, IReachedByCourt} from "../../../contracts/registry/ICourtOrders.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {PartyRegistry} from "../../../contracts/registry/PartyRegistry.sol";
import {PartyId} from "../../../contracts/types/Ids.sol";
import {Fixture} from "../support/Fixture.sol";

/// What a court's order over a holder reaches, seen from outside.
contract Reached is IReachedByCourt {
    PartyId public holder;
    address public sender;
    uint256 public slot;
    address public to;
    uint96 public value;
    uint256 public tokens;

    function forcedTransferFrom(
        PartyId holder_,
        uint256 slot_,
        address to_,
        uint96 value_,
        bytes32,
        uint256[] calldata tokenIds
    ) external {
        (holder, sender, slot, to, value, tokens) = (holder_, msg.sender, slot_, to_, value_, tokenIds.length);
    }

    function forcedWithdraw(address, address, address, uint256, bytes32) external {}
}

/// Orders of a court and interim holds: who may, when, and how they end.
contract CourtTest is Fixture {
    uint256 private constant THIRD_KEY = 333;
    address private _third = vm.addr(THIRD_KEY);
    PartyId private _bank;

    function setUp() public override {
        super.setUp();
        _order(address(court), abi.encodeCall(court.appoint, (_third)));
        _bank = registry.partyOf(bank);
    }

    // ------------------------------------------------------------------ orders

    function test_execute_needs_the_delay_and_a_second_person_and_runs_once() public {
        uint256 orderId = _freezing(FIRST_REGULATOR);
        vm.prank(SECOND_REGULATOR);
        vm.expectPartialRevert(ICourtOrders.OrderTooEarly.selector);
        court.execute(orderId);
        vm.warp(block.timestamp + COURT_DELAY);
        vm.prank(FIRST_REGULATOR);
        vm.expectRevert(abi.encodeWithSelector(ICourtOrders.SecondPersonNeeded.selector, orderId, FIRST_REGULATOR));
        court.execute(orderId);
        vm.prank(SECOND_REGULATOR);
        court.execute(orderId);
        assertTrue(!registry.isValid(bank), "frozen");
        vm.prank(SECOND_REGULATOR);
        vm.expectPartialRevert(ICourtOrders.OrderClosed.selector);
        court.execute(orderId);
        vm.prank(SECOND_REGULATOR);
        vm.expectPartialRevert(ICourtOrders.OrderUnknown.selector);
        court.execute(orderId + 1);
    }

    function test_execute_reverts_for_two_accounts_of_one_party_or_group() public {
        _party(FIRST_REGULATOR, 0);
        _party(SECOND_REGULATOR, 0);
        uint256 orderId = _freezing(FIRST_REGULATOR);
        vm.warp(block.timestamp + COURT_DELAY);
        _group(FIRST_REGULATOR, 7);
        _group(SECOND_REGULATOR, 7);
        vm.prank(SECOND_REGULATOR);
        vm.expectRevert(abi.encodeWithSelector(ICourtOrders.SecondPersonNeeded.selector, orderId, FIRST_REGULATOR));
        court.execute(orderId);
        vm.prank(_third);
        court.execute(orderId);
    }

    function test_execute_refuses_the_order_of_a_regulator_who_was_dismissed() public {
        uint256 orderId = _freezing(_third);
        _order(address(court), abi.encodeCall(court.dismiss, (_third)));
        vm.prank(FIRST_REGULATOR);
        vm.expectRevert(abi.encodeWithSelector(ICourtOrders.NotRegulator.selector, _third));
        court.execute(orderId);
    }

    function test_two_regulators_act_through_the_forwarder_and_one_cannot_act_twice() public {
        uint256 key = 444;
        address fourth = vm.addr(key);
        _order(address(court), abi.encodeCall(court.appoint, (fourth)));
        bytes memory call = abi.encodeCall(registry.freeze, (_bank, true, "order"));
        forwarder.execute(
            _intent(THIRD_KEY, address(court), abi.encodeCall(court.issue, (address(registry), call, "order")), 0)
        );
        vm.warp(block.timestamp + COURT_DELAY);
        bytes memory execute = abi.encodeCall(court.execute, (3));
        IForwarder.SignedIntent memory again = _intent(THIRD_KEY, address(court), execute, 1);
        (bool done,) = address(forwarder).call(abi.encodeCall(forwarder.execute, (again)));
        assertTrue(!done, "the issuer is no second person");
        IForwarder.SignedIntent[] memory batch = new IForwarder.SignedIntent[](1);
        batch[0] = again;
        forwarder.executeBatch(batch, false);
        assertTrue(registry.isValid(bank), "nor in a batch");
        forwarder.execute(_intent(key, address(court), execute, 0));
        assertTrue(!registry.isValid(bank), "frozen by two");
    }

    function test_manager_cannot_act_as_a_regulator() public {
        access.setTargetFunctionRole(address(court), _selectors(court.execute.selector), 0);
        uint256 orderId = _freezing(FIRST_REGULATOR);
        vm.warp(block.timestamp + COURT_DELAY);
        vm.expectRevert(abi.encodeWithSelector(ICourtOrders.NotRegulator.selector, address(access)));
        access.execute(address(court), abi.encodeCall(court.execute, (orderId)));
    }

    function test_an_order_lapses_90_days_after_its_delay() public {
        uint256 orderId = _freezing(FIRST_REGULATOR);
        uint256 notAfter = block.timestamp + COURT_DELAY + 90 days;
        vm.warp(notAfter);
        bytes memory lapsed = abi.encodeWithSelector(ICourtOrders.OrderLapsed.selector, orderId, notAfter);
        vm.prank(SECOND_REGULATOR);
        vm.expectRevert(lapsed);
        court.execute(orderId);
        vm.prank(FIRST_REGULATOR);
        vm.expectRevert(lapsed);
        court.cancel(orderId);
        vm.warp(notAfter - 1);
        vm.prank(SECOND_REGULATOR);
        court.execute(orderId);
    }

    function test_cancel_needs_the_issuer_or_two_other_regulators() public {
        uint256 orderId = _freezing(FIRST_REGULATOR);
        vm.prank(FIRST_REGULATOR);
        court.cancel(orderId);
        orderId = _freezing(FIRST_REGULATOR);
        vm.warp(block.timestamp + COURT_DELAY);
        vm.prank(SECOND_REGULATOR);
        court.cancel(orderId);
        vm.prank(SECOND_REGULATOR);
        vm.expectRevert(abi.encodeWithSelector(ICourtOrders.SecondPersonNeeded.selector, orderId, SECOND_REGULATOR));
        court.cancel(orderId);
        assertTrue(!court.order(orderId).closed, "one of the others stops nothing");
        vm.prank(_third);
        court.cancel(orderId);
        vm.prank(SECOND_REGULATOR);
        vm.expectPartialRevert(ICourtOrders.OrderClosed.selector);
        court.execute(orderId);
    }

    function test_objection_of_a_dismissed_regulator_does_not_count() public {
        uint256 orderId = _freezing(FIRST_REGULATOR);
        vm.prank(_third);
        court.cancel(orderId);
        _order(address(court), abi.encodeCall(court.dismiss, (_third)));
        vm.prank(SECOND_REGULATOR);
        court.cancel(orderId);
        assertTrue(!court.order(orderId).closed, "open");
    }

    function test_two_regulators_always_remain_and_only_an_order_appoints_another() public {
        vm.expectRevert(abi.encodeWithSelector(ICourtOrders.OrderNeeded.selector, FIRST_REGULATOR));
        vm.prank(FIRST_REGULATOR);
        court.appoint(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(ICourtOrders.OrderNeeded.selector, FIRST_REGULATOR));
        vm.prank(FIRST_REGULATOR);
        court.dismiss(SECOND_REGULATOR);
        _fails(address(court), abi.encodeCall(court.appoint, (_third)));
        _fails(address(court), abi.encodeCall(court.appoint, (address(court))));
        _fails(address(court), abi.encodeCall(court.appoint, (address(0))));
        _fails(address(court), abi.encodeCall(court.dismiss, (STRANGER)));
        _order(address(court), abi.encodeCall(court.dismiss, (_third)));
        _fails(address(court), abi.encodeCall(court.dismiss, (FIRST_REGULATOR)));
        address[] memory targets = new address[](1);
        targets[0] = FIRST_REGULATOR;
        vm.expectRevert(abi.encodeWithSelector(ICourtOrders.RegulatorsTooFew.selector, 1));
        new CourtOrders(address(forwarder), 1, targets, address(this));
    }

    function test_court_functions_revert_for_strangers_and_officials_of_the_manager() public {
        bytes[7] memory calls = [
            abi.encodeCall(court.issue, (bank, "", "order")),
            abi.encodeCall(court.issueOverHolder, (bank, _bank, 1, 1, bank, "order")),
            abi.encodeCall(court.execute, (1)),
            abi.encodeCall(court.executeOverHolder, (1, 1, new uint256[](0))),
            abi.encodeCall(court.cancel, (1)),
            abi.encodeCall(court.hold, (_bank, "order")),
            abi.encodeCall(court.confirmHold, (_bank, 1))
        ];
        address[5] memory others = [REGISTRAR, OPERATOR, CASH_ISSUER, address(this), STRANGER];
        for (uint256 i; i < calls.length; ++i) {
            for (uint256 j; j < others.length; ++j) {
                vm.prank(others[j]);
                (bool done, bytes memory answer) = address(court).call(calls[i]);
                assertTrue(!done && bytes4(answer) == ICourtOrders.NotRegulator.selector, "no regulator");
            }
        }
    }

    function test_only_the_deployer_binds_a_registry() public {
        CourtOrders fresh = _freshCourt();
        vm.prank(STRANGER);
        PartyRegistry foreign = new PartyRegistry(address(access), address(forwarder), address(fresh), LEDGER_KEY_HASH);
        address[5] memory others = [REGISTRAR, OPERATOR, FIRST_REGULATOR, STRANGER, address(foreign)];
        for (uint256 i; i < others.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ICourtOrders.NotDeployer.selector, others[i]));
            vm.prank(others[i]);
            fresh.bind(foreign);
        }
        PartyRegistry own = new PartyRegistry(address(access), address(forwarder), address(fresh), LEDGER_KEY_HASH);
        fresh.bind(own);
        assertEq(address(fresh.registry()), address(own), "bound");
    }

    function test_a_registry_is_bound_once_and_only_if_it_obeys_this_court() public {
        CourtOrders fresh = _freshCourt();
        vm.expectRevert(
            abi.encodeWithSelector(ICourtOrders.RegistryOfAnotherCourt.selector, address(registry), address(court))
        );
        fresh.bind(registry);
        vm.expectRevert(abi.encodeWithSelector(ICourtOrders.RegistryBoundAlready.selector, address(registry)));
        court.bind(registry);
    }

    function _freshCourt() private returns (CourtOrders) {
        address[] memory regulators = new address[](2);
        (regulators[0], regulators[1]) = (FIRST_REGULATOR, SECOND_REGULATOR);
        return new CourtOrders(address(forwarder), COURT_DELAY, regulators, address(this));
    }

    // ------------------------------------------------------------------ orders over a holder

    function test_an_order_over_a_holder_names_its_tokens_when_it_is_carried_out() public {
        Reached token = new Reached();
        vm.prank(FIRST_REGULATOR);
        uint256 orderId = court.issueOverHolder(address(token), _bank, 9, 1_000, seller, "order");
        vm.warp(block.timestamp + COURT_DELAY);
        vm.startPrank(SECOND_REGULATOR);
        vm.expectRevert(abi.encodeWithSelector(ICourtOrders.TokensNeeded.selector, orderId));
        court.execute(orderId);
        vm.expectRevert(abi.encodeWithSelector(ICourtOrders.ValueExceedsOrder.selector, orderId, 1_001, 1_000));
        court.executeOverHolder(orderId, 1_001, new uint256[](2));
        court.executeOverHolder(orderId, 600, new uint256[](2));
        assertEq(PartyId.unwrap(token.holder()), PartyId.unwrap(_bank), "holder");
        assertEq(token.sender(), address(court), "by the court");
        assertEq(token.slot(), 9, "slot");
        assertEq(token.to(), seller, "to");
        assertEq(token.value(), 600, "value");
        assertEq(token.tokens(), 2, "tokens");
        vm.expectRevert(abi.encodeWithSelector(ICourtOrders.ValueExceedsOrder.selector, orderId, 401, 400));
        court.executeOverHolder(orderId, 401, new uint256[](1));
        vm.expectRevert(abi.encodeWithSelector(ICourtOrders.OrderEmpty.selector, 0));
        court.executeOverHolder(orderId, 0, new uint256[](1));
        court.executeOverHolder(orderId, 400, new uint256[](1));
        vm.expectRevert(abi.encodeWithSelector(ICourtOrders.OrderClosed.selector, orderId));
        court.executeOverHolder(orderId, 1, new uint256[](1));
        vm.stopPrank();
    }

    function test_an_order_over_a_holder_needs_its_delay_and_a_second_person_too() public {
        Reached token = new Reached();
        vm.prank(FIRST_REGULATOR);
        uint256 orderId = court.issueOverHolder(address(token), _bank, 9, 1_000, seller, "order");
        vm.prank(SECOND_REGULATOR);
        vm.expectPartialRevert(ICourtOrders.OrderTooEarly.selector);
        court.executeOverHolder(orderId, 1, new uint256[](0));
        vm.warp(block.timestamp + COURT_DELAY);
        vm.prank(FIRST_REGULATOR);
        vm.expectPartialRevert(ICourtOrders.SecondPersonNeeded.selector);
        court.executeOverHolder(orderId, 1, new uint256[](0));
        uint256 other = _freezing(FIRST_REGULATOR);
        vm.warp(block.timestamp + COURT_DELAY);
        vm.prank(SECOND_REGULATOR);
        vm.expectRevert(abi.encodeWithSelector(ICourtOrders.NoTokensNeeded.selector, other));
        court.executeOverHolder(other, 1, new uint256[](0));
        vm.startPrank(FIRST_REGULATOR);
        vm.expectRevert(abi.encodeWithSelector(ICourtOrders.OrderEmpty.selector, 0));
        court.issueOverHolder(address(token), _bank, 9, 0, seller, "order");
        vm.expectPartialRevert(IPartyRegistry.PartyUnknown.selector);
        court.issueOverHolder(address(token), PartyId.wrap(99), 9, 1, seller, "order");
        vm.stopPrank();
    }

    // ------------------------------------------------------------------ holds

    function test_hold_by_one_regulator_starts_at_once_and_lapses_after_72_hours() public {
        (, uint256 claimId) = _confirmed(1_000);
        PartyId held = registry.partyOf(seller);
        vm.prank(FIRST_REGULATOR);
        court.hold(held, "order");
        uint256 until = block.timestamp + 72 hours;
        assertTrue(!registry.isValid(seller) && !registry.isPartyValid(held, 0), "as frozen");
        vm.prank(seller);
        vm.expectRevert(
            abi.encodeWithSelector(IPartyRegistry.PartyNotValid.selector, seller, held, type(uint64).max, true)
        );
        receivables.assign(claimId, bank, 1, 0);
        vm.prank(seller);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        registry.addAccount(STRANGER, "");
        vm.warp(until - 1);
        assertTrue(!registry.isValid(seller), "a second before");
        vm.warp(until);
        vm.prank(seller);
        receivables.assign(claimId, bank, 1, 0);
    }

    function test_held_party_cannot_split_its_claim_before_the_court_moves_it() public {
        (, uint256 claimId) = _confirmed(1_000_00);
        PartyId held = registry.partyOf(seller);
        vm.startPrank(FIRST_REGULATOR);
        court.hold(held, "order");
        bytes memory call =
            abi.encodeCall(receivables.forcedTransfer, (claimId, suppliers[0], 1_000_00, keccak256("order")));
        uint256 orderId = court.issue(address(receivables), call, "order");
        vm.stopPrank();
        vm.prank(SECOND_REGULATOR);
        court.confirmHold(held, orderId);
        vm.warp(block.timestamp + COURT_DELAY);
        vm.prank(seller);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        receivables.assign(claimId, suppliers[1], 1, 0);
        vm.prank(SECOND_REGULATOR);
        court.execute(orderId);
        assertEq(receivables.ownerOf(claimId), suppliers[0], "moved whole");
        assertTrue(registry.isValid(seller), "the hold is over with its order");
    }

    function test_the_same_regulator_holds_again_only_30_days_later() public {
        vm.startPrank(FIRST_REGULATOR);
        court.hold(_bank, "order");
        vm.expectPartialRevert(ICourtOrders.HeldAlready.selector);
        court.hold(_bank, "order");
        uint256 again = block.timestamp + 72 hours + 30 days;
        vm.warp(again - 1);
        vm.expectRevert(abi.encodeWithSelector(ICourtOrders.HoldTooSoon.selector, _bank, FIRST_REGULATOR, again));
        court.hold(_bank, "order");
        vm.stopPrank();
        vm.prank(SECOND_REGULATOR);
        court.hold(_bank, "order");
        vm.prank(SECOND_REGULATOR);
        court.liftHold(_bank);
        assertTrue(registry.isValid(bank), "lifted");
        vm.warp(again);
        vm.prank(FIRST_REGULATOR);
        court.hold(_bank, "order");
    }

    function test_two_accounts_of_one_party_are_one_regulator_for_a_hold() public {
        _party(FIRST_REGULATOR, 0);
        bytes memory consent = _consented(THIRD_KEY, registry.partyOf(FIRST_REGULATOR));
        vm.prank(FIRST_REGULATOR);
        registry.addAccount(_third, consent);
        vm.prank(FIRST_REGULATOR);
        court.hold(_bank, "order");
        uint256 orderId = _freezing(SECOND_REGULATOR);
        vm.prank(_third);
        vm.expectRevert(abi.encodeWithSelector(ICourtOrders.HoldNeedsAnother.selector, _bank, FIRST_REGULATOR));
        court.confirmHold(_bank, orderId);
        vm.warp(block.timestamp + 72 hours);
        vm.prank(_third);
        vm.expectPartialRevert(ICourtOrders.HoldTooSoon.selector);
        court.hold(_bank, "order");
    }

    function test_regulators_under_one_control_are_one_person_for_a_hold() public {
        _party(FIRST_REGULATOR, 0);
        _party(_third, 0);
        _group(FIRST_REGULATOR, 7);
        _group(_third, 7);
        vm.prank(FIRST_REGULATOR);
        court.hold(_bank, "order");
        uint256 again = block.timestamp + 72 hours + 30 days;
        vm.warp(again - 1);
        vm.prank(_third);
        vm.expectRevert(abi.encodeWithSelector(ICourtOrders.HoldTooSoon.selector, _bank, _third, again));
        court.hold(_bank, "order");
        vm.warp(again);
        vm.prank(_third);
        court.hold(_bank, "order");
    }

    function test_regulators_that_come_under_one_control_after_a_hold_wait_together() public {
        _party(FIRST_REGULATOR, 0);
        _party(_third, 0);
        vm.prank(FIRST_REGULATOR);
        court.hold(_bank, "order");
        _group(FIRST_REGULATOR, 7);
        _group(_third, 7);
        vm.warp(block.timestamp + 72 hours);
        vm.prank(_third);
        vm.expectPartialRevert(ICourtOrders.HoldTooSoon.selector);
        court.hold(_bank, "order");
        vm.prank(SECOND_REGULATOR);
        court.hold(_bank, "order");
    }

    function test_account_that_joins_a_party_after_a_hold_has_the_partys_waiting_time() public {
        _party(SECOND_REGULATOR, 0);
        vm.prank(_third);
        court.hold(_bank, "order");
        bytes memory consent = _consented(THIRD_KEY, registry.partyOf(SECOND_REGULATOR));
        vm.prank(SECOND_REGULATOR);
        registry.addAccount(_third, consent);
        vm.warp(block.timestamp + 72 hours);
        address[2] memory both = [_third, SECOND_REGULATOR];
        for (uint256 i; i < 2; ++i) {
            vm.prank(both[i]);
            vm.expectPartialRevert(ICourtOrders.HoldTooSoon.selector);
            court.hold(_bank, "order");
        }
        vm.prank(FIRST_REGULATOR);
        court.hold(_bank, "order");
    }

    function test_waiting_time_after_a_hold_is_per_regulator_and_party() public {
        PartyId another = registry.partyOf(seller);
        address[3] memory all = [FIRST_REGULATOR, SECOND_REGULATOR, _third];
        for (uint256 i; i < 3; ++i) {
            vm.prank(all[i]);
            court.hold(_bank, "order");
            vm.prank(all[i]);
            court.hold(another, "order");
            vm.warp(block.timestamp + 72 hours);
        }
        // The first of them may again three days before the second, and rests anew from then on.
        vm.warp(block.timestamp - 9 days + 33 days);
        vm.prank(SECOND_REGULATOR);
        vm.expectPartialRevert(ICourtOrders.HoldTooSoon.selector);
        court.hold(_bank, "order");
        vm.startPrank(FIRST_REGULATOR);
        court.hold(_bank, "order");
        vm.warp(block.timestamp + 72 hours);
        vm.expectPartialRevert(ICourtOrders.HoldTooSoon.selector);
        court.hold(_bank, "order");
        vm.stopPrank();
        vm.prank(SECOND_REGULATOR);
        court.hold(_bank, "order");
    }

    function test_confirm_hold_refuses_the_hold_of_a_regulator_who_was_dismissed() public {
        bytes memory call = abi.encodeCall(court.dismiss, (_third));
        vm.prank(FIRST_REGULATOR);
        uint256 dismissal = court.issue(address(court), call, "dismissal");
        vm.warp(block.timestamp + COURT_DELAY);
        uint256 orderId = _freezing(FIRST_REGULATOR);
        vm.prank(_third);
        court.hold(_bank, "order");
        vm.startPrank(SECOND_REGULATOR);
        court.execute(dismissal);
        vm.expectRevert(abi.encodeWithSelector(ICourtOrders.NotRegulator.selector, _third));
        court.confirmHold(_bank, orderId);
        vm.stopPrank();
        vm.warp(block.timestamp + 72 hours);
        assertTrue(registry.isValid(bank), "it lapses");
    }

    function test_a_confirmed_hold_lasts_until_its_order_is_decided_and_never_beyond_90_days() public {
        uint256 begun = block.timestamp;
        vm.prank(FIRST_REGULATOR);
        court.hold(_bank, "order");
        uint256 orderId = _freezing(FIRST_REGULATOR);
        vm.prank(FIRST_REGULATOR);
        vm.expectPartialRevert(ICourtOrders.HoldNeedsAnother.selector);
        court.confirmHold(_bank, orderId);
        vm.prank(SECOND_REGULATOR);
        court.confirmHold(_bank, orderId);
        vm.prank(_third);
        vm.expectRevert(abi.encodeWithSelector(ICourtOrders.HoldConfirmedAlready.selector, _bank, orderId));
        court.confirmHold(_bank, orderId);
        vm.prank(FIRST_REGULATOR);
        vm.expectRevert(abi.encodeWithSelector(ICourtOrders.HoldConfirmedAlready.selector, _bank, orderId));
        court.liftHold(_bank);
        vm.warp(begun + 90 days - 1);
        assertTrue(!registry.isValid(bank), "held");
        vm.warp(begun + 90 days);
        assertTrue(registry.isValid(bank), "free after 90 days");
        vm.prank(SECOND_REGULATOR);
        vm.expectPartialRevert(ICourtOrders.HoldTooSoon.selector);
        court.hold(_bank, "order");
    }

    function test_a_hold_ends_when_its_order_is_cancelled_or_was_late_when_it_lapses() public {
        uint256 orderId = _freezing(FIRST_REGULATOR);
        uint256 lapses = block.timestamp + COURT_DELAY + 90 days;
        vm.warp(block.timestamp + 60 days);
        vm.prank(SECOND_REGULATOR);
        court.hold(_bank, "order");
        vm.prank(_third);
        court.confirmHold(_bank, orderId);
        assertEq(court.holdOf(_bank).until, lapses, "no longer than its order");
        vm.prank(FIRST_REGULATOR);
        court.cancel(orderId);
        assertTrue(registry.isValid(bank), "free");
        vm.prank(FIRST_REGULATOR);
        vm.expectRevert(abi.encodeWithSelector(ICourtOrders.NotHeld.selector, _bank));
        court.liftHold(_bank);
    }

    function test_confirm_hold_reverts_for_another_order_or_one_that_holds_already() public {
        vm.startPrank(FIRST_REGULATOR);
        court.hold(_bank, "another");
        court.hold(registry.partyOf(seller), "order");
        court.hold(registry.partyOf(debtor), "order");
        vm.stopPrank();
        uint256 orderId = _freezing(FIRST_REGULATOR);
        vm.startPrank(SECOND_REGULATOR);
        vm.expectPartialRevert(ICourtOrders.HoldOfAnotherOrder.selector);
        court.confirmHold(_bank, orderId);
        court.confirmHold(registry.partyOf(seller), orderId);
        PartyId other = registry.partyOf(debtor);
        vm.expectRevert(
            abi.encodeWithSelector(ICourtOrders.OrderHoldsAlready.selector, orderId, registry.partyOf(seller))
        );
        court.confirmHold(other, orderId);
        vm.expectPartialRevert(ICourtOrders.HoldNeedsAnother.selector);
        court.liftHold(other);
        vm.stopPrank();
    }

    function test_a_contract_of_the_ledger_is_neither_held_nor_frozen_and_only_the_court_holds() public {
        vm.prank(REGISTRAR);
        PartyId ledger = registry.register("ledger", 256, type(uint64).max, address(market));
        vm.prank(FIRST_REGULATOR);
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.LedgerNotFrozen.selector, ledger));
        court.hold(ledger, "order");
        _fails(address(registry), abi.encodeCall(registry.freeze, (ledger, true, "order")));
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.NotCourt.selector, address(this)));
        registry.hold(_bank, type(uint40).max, "order");
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.NotCourt.selector, address(this)));
        registry.freeze(_bank, true, "order");
    }

    // ------------------------------------------------------------------ money

    function test_court_order_reaches_only_a_currency_whose_issuer_allows_it() public {
        CourtSettlementToken reached =
            new CourtSettlementToken(address(access), address(forwarder), "Deposit", "EUR", 2, address(court));
        reached.mint(bank, 1_000);
        bytes memory call = abi.encodeCall(reached.forcedTransfer, (bank, seller, 600, keccak256("order")));
        vm.expectRevert(abi.encodeWithSelector(SettlementToken.NotCourt.selector, address(this)));
        reached.forcedTransfer(bank, seller, 600, keccak256("order"));
        _order(address(reached), call);
        assertEq(reached.balanceOf(bank), 400, "taken");
        assertEq(reached.balanceOf(seller), 600, "given");
        _fails(address(cash), call);
        assertEq(cash.court(), address(0), "out of reach");
        assertEq(reached.court(), address(court), "in reach");
    }

    // ------------------------------------------------------------------ helpers

    function _freezing(address regulator) private returns (uint256) {
        vm.prank(regulator);
        return court.issue(address(registry), abi.encodeCall(registry.freeze, (_bank, true, "order")), "order");
    }

    function _fails(address target, bytes memory call) private {
        vm.prank(FIRST_REGULATOR);
        uint256 orderId = court.issue(target, call, "order");
        vm.warp(block.timestamp + COURT_DELAY);
        vm.prank(SECOND_REGULATOR);
        (bool done,) = address(court).call(abi.encodeCall(court.execute, (orderId)));
        assertTrue(!done, "the order has no effect");
    }

    function _group(address account, uint32 group) private {
        PartyId partyId = registry.partyOf(account);
        vm.prank(REGISTRAR);
        registry.setGroup(partyId, group);
    }

    function _selectors(bytes4 selector) private pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](1);
        selectors[0] = selector;
    }
}
