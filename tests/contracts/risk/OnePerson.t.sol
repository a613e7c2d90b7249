// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ForwardedAccess} from "../../../contracts/access/ForwardedAccess.sol";
import {IPriceFeed} from "../../../contracts/risk/IPriceFeed.sol";
import {PartyId} from "../../../contracts/types/Ids.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {GoodsFixture} from "../lending/GoodsFixture.sol";
import {LoanId} from "../../../contracts/types/Ids.sol";

/// One operator, appraiser or registrar alone cannot harm anybody by prices.
contract OnePersonTest is GoodsFixture {
    address private constant THIRD_APPRAISER = address(0xE3);

    function setUp() public override {
        super.setUp();
        _party(THIRD_APPRAISER, 64);
    }

    // ------------------------------------------------------------------ operators

    function test_delisting_by_one_operator_makes_no_margin_call() public {
        (LoanId loanId,) = _loanOnGoods(3_000_00);
        vm.prank(OPERATOR);
        prices.list(_items(), CNY, 100_000, 0);
        vm.expectRevert(abi.encodeWithSelector(IPriceFeed.PriceMissing.selector, item, CNY));
        prices.price(item, CNY);
        _checked(loanId);
        assertEq(facilities.collateralOf(loanId).calledDay, 0, "not called");
        // Appraisers still price what secures loans.
        vm.warp(block.timestamp + PRICE_AGE - 1);
        vm.prank(FIRST_APPRAISER);
        prices.post(_price(TEN, HAIRCUT));
        vm.warp(block.timestamp + 2);
        _checked(loanId);
        assertEq(facilities.collateralOf(loanId).calledDay, 0, "nor when the price of then is too old");
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IPriceFeed.ItemUnknown.selector, bytes32("EUR"), CNY));
        bytes32[] memory never = _items();
        never[0] = "EUR";
        prices.list(never, CNY, 1, 0);
    }

    function test_bounds_and_relisting_need_two_operators() public {
        _priced(TEN);
        uint40 goodUntil = prices.quote(item, CNY).goodUntil;
        vm.startPrank(OPERATOR);
        prices.list(_items(), CNY, 100_000, 1);
        prices.list(_items(), CNY, 100_000, 1);
        vm.stopPrank();
        assertEq(prices.quote(item, CNY).maxAge, PRICE_AGE, "not by one");
        vm.prank(SECOND_OPERATOR);
        prices.list(_items(), CNY, 100_000, 2);
        assertEq(prices.quote(item, CNY).maxAge, PRICE_AGE, "nor by other values");
        vm.prank(OPERATOR);
        prices.list(_items(), CNY, 100_000, 2);
        assertEq(prices.quote(item, CNY).maxAge, 2, "by two");
        // The price posted counts for the age that was allowed then; new risk requires the new age.
        vm.warp(block.timestamp + 2);
        (uint64 value,) = prices.appraised(item, CNY);
        assertEq(value, TEN, "for risk that is there");
        vm.expectPartialRevert(IPriceFeed.PriceTooOld.selector);
        prices.price(item, CNY);
        vm.warp(goodUntil - 1);
        (value,) = prices.appraised(item, CNY);
        assertEq(value, TEN, "until its age");
        vm.warp(goodUntil);
        (value,) = prices.appraised(item, CNY);
        assertEq(value, 0, "and no longer");

        vm.prank(OPERATOR);
        prices.list(_items(), CNY, 100_000, 0);
        vm.prank(OPERATOR);
        prices.list(_items(), CNY, 100_000, 2);
        assertTrue(!prices.quote(item, CNY).listed, "off");
        vm.prank(SECOND_OPERATOR);
        prices.list(_items(), CNY, 100_000, 2);
        assertTrue(prices.quote(item, CNY).listed, "back by two");
    }

    function test_proposal_to_list_ends_when_the_item_is_delisted() public {
        vm.prank(OPERATOR);
        prices.list(_items(), CNY, 900_000, 1 days);
        vm.prank(SECOND_OPERATOR);
        prices.list(_items(), CNY, 0, 0);
        vm.prank(SECOND_OPERATOR);
        prices.list(_items(), CNY, 900_000, 1 days);
        assertTrue(!prices.quote(item, CNY).listed, "proposed anew");
    }

    function test_currency_of_a_token_changes_only_by_two_operators() public {
        vm.startPrank(OPERATOR);
        prices.setCurrency(address(cash), "USD");
        prices.setCurrency(address(cash), "USD");
        vm.stopPrank();
        assertTrue(prices.currencyOf(address(cash)) == CNY, "not by one");
        vm.prank(SECOND_OPERATOR);
        prices.setCurrency(address(cash), "EUR");
        vm.prank(SECOND_OPERATOR);
        prices.setCurrency(address(cash), "USD");
        assertTrue(prices.currencyOf(address(cash)) == CNY, "its own second word is none");
        vm.prank(OPERATOR);
        prices.setCurrency(address(cash), "USD");
        assertTrue(prices.currencyOf(address(cash)) == "USD", "by two");
        vm.prank(OPERATOR);
        prices.setCurrency(address(0xDD), "EUR");
        assertTrue(prices.currencyOf(address(0xDD)) == "EUR", "the first time by one");
    }

    function test_second_operator_cannot_be_of_the_same_party_or_the_manager() public {
        _party(OPERATOR, 16);
        _party(SECOND_OPERATOR, 16);
        _grouped(OPERATOR, SECOND_OPERATOR);
        vm.prank(OPERATOR);
        prices.setCurrency(address(cash), "USD");
        vm.prank(SECOND_OPERATOR);
        prices.setCurrency(address(cash), "USD");
        assertTrue(prices.currencyOf(address(cash)) == CNY, "one person");
        bytes memory call = abi.encodeCall(prices.setCurrency, (address(cash), "USD"));
        bytes memory refusal = abi.encodeWithSelector(ForwardedAccess.ManagerIsNoPerson.selector, address(access));
        vm.prank(SECOND_OPERATOR);
        vm.expectRevert(refusal);
        access.execute(address(prices), call);
        vm.prank(SECOND_OPERATOR);
        vm.expectRevert(refusal);
        access.execute(address(prices), abi.encodeCall(prices.list, (_items(), CNY, 1, 1)));
    }

    function test_proposal_of_an_operator_that_lost_the_role_does_not_count() public {
        vm.prank(OPERATOR);
        prices.setCurrency(address(cash), "USD");
        access.revokeRole(5, OPERATOR);
        vm.prank(SECOND_OPERATOR);
        prices.setCurrency(address(cash), "USD");
        assertTrue(prices.currencyOf(address(cash)) == CNY, "proposed only");
    }

    function test_two_operators_whose_role_has_a_delay_agree() public {
        access.grantRole(5, OPERATOR, 1 hours);
        access.grantRole(5, SECOND_OPERATOR, 1 hours);
        bytes memory call = abi.encodeCall(prices.setCurrency, (address(cash), "USD"));
        address[2] memory both = [OPERATOR, SECOND_OPERATOR];
        for (uint256 i; i < 2; ++i) {
            vm.warp(block.timestamp + 6 days);
            vm.prank(both[i]);
            access.schedule(address(prices), call, 0);
            vm.warp(block.timestamp + 1 hours);
            vm.prank(both[i]);
            prices.setCurrency(address(cash), "USD");
        }
        assertTrue(prices.currencyOf(address(cash)) == "USD", "agreed");
    }

    // ------------------------------------------------------------------ appraisers

    function test_one_appraiser_moves_a_price_once_across_midnight() public {
        (LoanId loanId,) = _loanOnGoods(6_000_00);
        _priced(TEN);
        vm.warp((block.timestamp / DAY + 2) * DAY - 1);
        vm.prank(FIRST_APPRAISER);
        prices.post(_price(900_000, HAIRCUT));
        assertEq(prices.quote(item, CNY).value, 900_000, "within the bound");
        vm.warp(block.timestamp + 1);
        vm.prank(FIRST_APPRAISER);
        prices.post(_price(810_000, HAIRCUT));
        assertEq(prices.quote(item, CNY).value, 900_000, "the second one waits");
        vm.prank(bank);
        (bool done,) = address(facilities).call(abi.encodeCall(facilities.liquidate, (loanId)));
        assertTrue(!done, "nothing is sold");
        vm.warp(block.timestamp + 24 hours - 2);
        vm.prank(FIRST_APPRAISER);
        prices.post(_price(810_000, HAIRCUT));
        assertEq(prices.quote(item, CNY).value, 900_000, "a second before the base is 24 hours old");
        vm.warp(block.timestamp + 1);
        vm.prank(FIRST_APPRAISER);
        prices.post(_price(810_000, HAIRCUT));
        assertEq(prices.quote(item, CNY).value, 810_000, "a day later");
    }

    /// Whatever one appraiser posts, and when: no price is further from one of 24 to 48 hours before than the bound.
    function testFuzz_one_appraiser_moves_a_price_by_one_bound_in_24_hours(
        uint64[8] memory values,
        uint32[8] memory gaps
    ) public {
        _priced(TEN);
        uint64[9] memory inForce;
        uint256[9] memory since;
        (inForce[0], since[0]) = (TEN, block.timestamp);
        for (uint256 i; i < 8; ++i) {
            vm.warp(block.timestamp + bound(gaps[i], 1, 20 hours));
            vm.prank(FIRST_APPRAISER);
            prices.post(_price(uint64(bound(values[i], 500_000, 2_000_000)), HAIRCUT));
            (inForce[i + 1], since[i + 1]) = (prices.quote(item, CNY).value, block.timestamp);
            bool isFound;
            for (uint256 j; j <= i; ++j) {
                if (since[j] + 24 hours > block.timestamp && j != 0) break;
                uint256 distance =
                    inForce[j] > inForce[i + 1] ? inForce[j] - inForce[i + 1] : inForce[i + 1] - inForce[j];
                if (distance * 1_000_000 <= uint256(inForce[j]) * 100_000) isFound = true;
            }
            assertTrue(isFound, "within the bound of a price that was in force a day before");
        }
    }

    function test_newer_price_of_a_third_appraiser_does_not_end_a_doubt() public {
        uint256 id = _warehouseReceipt(1_000_000);
        _priced(TEN);
        vm.warp(block.timestamp + 10);
        IPriceFeed.Price[] memory crash = _price(300_000, HAIRCUT);
        vm.prank(FIRST_APPRAISER);
        prices.post(crash);
        vm.warp(block.timestamp + 1);
        vm.prank(THIRD_APPRAISER);
        prices.post(_price(TEN, HAIRCUT));
        bytes memory doubt = abi.encodeWithSelector(IPriceFeed.PriceInDoubt.selector, item, CNY, FIRST_APPRAISER);
        vm.expectRevert(doubt);
        prices.price(item, CNY);
        vm.prank(THIRD_APPRAISER);
        prices.post(_later(_price(200_000, HAIRCUT)));
        vm.prank(THIRD_APPRAISER);
        prices.withdraw(item, CNY);
        vm.expectRevert(doubt);
        prices.price(item, CNY);
        assertTrue(id != 0, "and so nothing is drawn on it");
        vm.prank(SECOND_APPRAISER);
        prices.confirm(crash);
        (uint64 value,) = prices.price(item, CNY);
        assertEq(value, 300_000, "both agree");
        assertEq(prices.proposals(item, CNY).length, 0, "nothing waits");
        vm.prank(THIRD_APPRAISER);
        prices.post(_later(_price(TEN, HAIRCUT)));
        assertEq(prices.quote(item, CNY).value, 300_000, "nor does the third walk it back");
    }

    function test_doubt_is_ended_by_its_proposer_two_others_or_age() public {
        _priced(TEN);
        _doubted();
        vm.prank(SECOND_APPRAISER);
        vm.expectRevert(abi.encodeWithSelector(IPriceFeed.NothingProposed.selector, item, CNY));
        prices.withdraw(item, CNY);
        vm.prank(FIRST_APPRAISER);
        prices.withdraw(item, CNY);
        prices.price(item, CNY);

        _doubted();
        vm.warp(block.timestamp + 1);
        vm.prank(FIRST_APPRAISER);
        prices.post(_price(TEN, HAIRCUT));
        prices.price(item, CNY);

        _doubted();
        vm.warp(block.timestamp + 1);
        IPriceFeed.Price[] memory agreed = _price(TEN, HAIRCUT);
        vm.prank(SECOND_APPRAISER);
        prices.post(agreed);
        vm.prank(SECOND_APPRAISER);
        vm.expectRevert(abi.encodeWithSelector(IPriceFeed.SecondAppraiserNeeded.selector, item, SECOND_APPRAISER));
        prices.confirm(agreed);
        vm.prank(THIRD_APPRAISER);
        prices.confirm(agreed);
        prices.price(item, CNY);

        _doubted();
        vm.warp(block.timestamp + PRICE_AGE - 1);
        vm.prank(SECOND_APPRAISER);
        prices.post(_price(TEN, HAIRCUT));
        vm.expectPartialRevert(IPriceFeed.PriceInDoubt.selector);
        prices.price(item, CNY);
        vm.warp(block.timestamp + 1);
        prices.price(item, CNY);
    }

    function test_a_registrar_does_not_end_a_doubt_and_a_proposer_without_its_role_is_not_confirmed() public {
        _priced(TEN);
        vm.warp(block.timestamp + 1);
        vm.prank(SECOND_APPRAISER);
        prices.post(_price(TEN, HAIRCUT));
        IPriceFeed.Price[] memory newPrice = _doubted();
        _setRoles(FIRST_APPRAISER, 0);
        vm.expectPartialRevert(IPriceFeed.PriceInDoubt.selector);
        prices.price(item, CNY);
        vm.prank(SECOND_APPRAISER);
        vm.expectRevert(abi.encodeWithSelector(IPriceFeed.AppraiserGone.selector, item, CNY, FIRST_APPRAISER));
        prices.confirm(newPrice);
        _setRoles(FIRST_APPRAISER, 64);
        vm.prank(THIRD_APPRAISER);
        prices.confirm(newPrice);
    }

    function test_appraisers_under_one_control_count_as_one() public {
        _priced(TEN);
        _grouped(FIRST_APPRAISER, SECOND_APPRAISER);
        IPriceFeed.Price[] memory newPrice = _doubted();
        vm.prank(SECOND_APPRAISER);
        vm.expectRevert(abi.encodeWithSelector(IPriceFeed.SecondAppraiserNeeded.selector, item, FIRST_APPRAISER));
        prices.confirm(newPrice);
        vm.prank(THIRD_APPRAISER);
        prices.confirm(newPrice);
    }

    function test_departure_of_an_appraiser_makes_no_margin_call_and_stops_new_risk() public {
        (LoanId loanId,) = _loanOnGoods(3_000_00);
        _setRoles(FIRST_APPRAISER, 0);
        _checked(loanId);
        assertEq(facilities.collateralOf(loanId).calledDay, 0, "not called");
        vm.expectRevert(abi.encodeWithSelector(IPriceFeed.AppraiserGone.selector, item, CNY, FIRST_APPRAISER));
        prices.price(item, CNY);
        (uint64 value,) = prices.appraised(item, CNY);
        assertEq(value, TEN, "as it was seen then");
    }

    function test_price_of_a_removed_account_still_belongs_to_its_party() public {
        _priced(TEN);
        bytes memory consent = _consented(900, registry.partyOf(FIRST_APPRAISER));
        vm.prank(FIRST_APPRAISER);
        registry.addAccount(vm.addr(900), consent);
        IPriceFeed.Price[] memory newPrice = _doubted();
        vm.prank(vm.addr(900));
        registry.removeAccount(FIRST_APPRAISER);
        (uint64 value,) = prices.appraised(item, CNY);
        assertEq(value, TEN, "counts");
        vm.prank(FIRST_APPRAISER);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        prices.withdraw(item, CNY);
        vm.prank(SECOND_APPRAISER);
        prices.confirm(newPrice);
        (value,) = prices.price(item, CNY);
        assertEq(value, newPrice[0].value, "agreed");
    }

    function test_price_older_than_the_last_is_not_proposed() public {
        _priced(TEN);
        IPriceFeed.Price[] memory old = _price(300_000, HAIRCUT);
        vm.prank(FIRST_APPRAISER);
        vm.expectPartialRevert(IPriceFeed.PriceNotNewer.selector);
        prices.post(old);
        assertEq(prices.proposals(item, CNY).length, 0, "nothing waits");
    }

    function test_a_party_has_one_proposal_and_those_too_old_are_dropped() public {
        _priced(TEN);
        _doubted();
        vm.warp(block.timestamp + 1);
        IPriceFeed.Price[] memory second = _price(700_000, HAIRCUT);
        vm.prank(FIRST_APPRAISER);
        prices.post(second);
        IPriceFeed.Proposal[] memory waiting = prices.proposals(item, CNY);
        assertEq(waiting.length, 1, "one a party");
        assertTrue(waiting[0].priceHash == keccak256(abi.encode(second[0])), "the newer one");
        vm.prank(SECOND_APPRAISER);
        prices.post(_later(_price(600_000, HAIRCUT)));
        assertEq(prices.proposals(item, CNY).length, 2, "one each");
        vm.warp(block.timestamp + PRICE_AGE + 1);
        vm.prank(THIRD_APPRAISER);
        prices.post(_price(500_000, HAIRCUT));
        assertEq(prices.proposals(item, CNY).length, 1, "the others are too old");
        assertEq(prices.quote(item, CNY).proposer, THIRD_APPRAISER, "the third's");
    }

    // ------------------------------------------------------------------ helpers

    function _doubted() private returns (IPriceFeed.Price[] memory newPrice) {
        vm.warp(block.timestamp + 10);
        newPrice = _price(800_000, HAIRCUT);
        vm.prank(FIRST_APPRAISER);
        prices.post(newPrice);
        vm.expectPartialRevert(IPriceFeed.PriceInDoubt.selector);
        prices.price(item, CNY);
    }

    function _later(IPriceFeed.Price[] memory newPrice) private returns (IPriceFeed.Price[] memory) {
        vm.warp(block.timestamp + 1);
        newPrice[0].asOf = uint40(block.timestamp);
        return newPrice;
    }

    /// Anyone asks whether the margin is to be called; that it is not may be an error.
    function _checked(LoanId loanId) private {
        (bool done,) = address(facilities).call(abi.encodeCall(facilities.checkMargin, (loanId)));
        done;
    }

    function _items() private view returns (bytes32[] memory items) {
        items = new bytes32[](1);
        items[0] = item;
    }

    function _setRoles(address account, uint16 roles) private {
        PartyId partyId = registry.partyOf(account);
        vm.prank(REGISTRAR);
        registry.setRoles(partyId, roles);
    }

    function _grouped(address first, address second) private {
        PartyId partyId = registry.partyOf(first);
        PartyId other = registry.partyOf(second);
        vm.startPrank(REGISTRAR);
        registry.setGroup(partyId, 7);
        registry.setGroup(other, 7);
        vm.stopPrank();
    }
}
