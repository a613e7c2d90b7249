// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Unclaimed} from "../../../contracts/cash/Unclaimed.sol";
import {ClaimShares} from "../../../contracts/math/ClaimShares.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {IRiskReserve} from "../../../contracts/risk/IRiskReserve.sol";
import {RiskReserve} from "../../../contracts/risk/RiskReserve.sol";
import {LoanId, ProductId} from "../../../contracts/types/Ids.sol";
import {ReserveFixture} from "./ReserveFixture.sol";

/// Who may move the reserve, what it takes, and for whose losses it holds it.
contract ReserveFeedTest is ReserveFixture {
    // ------------------------------------------------------------------ bound once

    function test_bind_is_open_to_the_administrator_and_only_once() public {
        RiskReserve fresh = new RiskReserve(address(access), address(forwarder), registry);
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, OPERATOR));
        fresh.bind(OPERATOR);
        fresh.bind(address(this));
        assertEq(fresh.facilities(), address(this), "bound");
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.AlreadyBound.selector, address(this)));
        fresh.bind(OPERATOR);
    }

    function test_every_function_of_the_reserve_reverts_before_bind() public {
        RiskReserve fresh = new RiskReserve(address(access), address(forwarder), registry);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.NotFacilities.selector, address(this)));
        fresh.feed(PRODUCT, address(money), lender, 1, false);
        IRiskReserve.LossReport memory report = _report(LoanId.wrap(1), 1);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.NotFacilities.selector, address(this)));
        fresh.recordLoss(report);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.NotFacilities.selector, address(this)));
        fresh.recover(LoanId.wrap(1), 1);
        vm.prank(lender);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.NotBound.selector));
        fresh.topUp(PRODUCT, address(money), address(0), 1);
        IRiskReserve.SharingTerms memory terms = _sharing(first, 1, 1);
        bytes memory signature = _signed(FIRST_KEY, fresh.sharingDigest(terms));
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.NotBound.selector));
        fresh.agreeSharing(terms, signature);
    }

    function test_no_role_can_use_an_approval_after_bind() public {
        address admin = OPERATOR;
        for (uint64 role; role < 10; ++role) {
            access.grantRole(role, admin, 0);
        }
        uint256 before = money.balanceOf(lender);
        IRiskReserve.LossReport memory report = _report(LoanId.wrap(4711), 1);
        vm.startPrank(admin);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.NotFacilities.selector, admin));
        reserve.feed(PRODUCT, address(money), lender, 1, false);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.NotFacilities.selector, admin));
        reserve.recordLoss(report);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.NotFacilities.selector, admin));
        reserve.recover(LoanId.wrap(4711), 1);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.AlreadyBound.selector, address(this)));
        reserve.bind(admin);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.NotFacilities.selector, address(access)));
        access.execute(address(reserve), abi.encodeCall(reserve.feed, (PRODUCT, address(money), lender, 1, false)));
        vm.stopPrank();
        assertEq(money.balanceOf(lender), before, "the lender's money");
    }

    // ------------------------------------------------------------------ what it takes

    function test_feed_separates_the_reserves_of_lenders() public {
        _feed(lender, 300_00);
        _feed(otherLender, 200_00);
        assertEq(_balance(lender), 300_00, "one");
        assertEq(_balance(otherLender), 200_00, "other");
        assertEq(_balance(address(0)), 0, "no pool");
        assertEq(reserve.totalOf(PRODUCT, address(money)), 500_00, "both");
        assertEq(reserve.room(PRODUCT, address(money)), CAP - 500_00, "room");
        assertEq(money.balanceOf(address(reserve)), 500_00, "held");
        assertEq(money.balanceOf(lender), 1_000_000_00 - 300_00, "paid");
        assertEq(reserve.balanceOf(ProductId.wrap(8), address(money), lender), 0, "of no other product");
        assertEq(reserve.balanceOf(PRODUCT, address(cash), lender), 0, "of no other currency");
    }

    function test_feed_of_a_pooled_facility_goes_to_the_pool() public {
        pooled = true;
        _feed(lender, 300_00);
        assertEq(_balance(address(0)), 300_00, "pool");
        assertEq(_balance(lender), 0, "not apart");
        assertEq(reserve.totalOf(PRODUCT, address(money)), 300_00, "one sum");
    }

    function test_feed_ends_at_the_cap_of_all_lenders_and_the_pool_together() public {
        _feed(lender, CAP - 2);
        pooled = true;
        _feed(lender, 1);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.ReserveFull.selector, PRODUCT, address(money), CAP));
        _feed(otherLender, 2);
        _feed(otherLender, 1);
        assertEq(reserve.room(PRODUCT, address(money)), 0, "full");
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.AmountOutOfRange.selector, 0, 1, 0));
        _feed(lender, 0);
    }

    function test_cap_below_the_balance_accepts_no_feed_and_takes_nothing_away() public {
        _feed(lender, 300_00);
        vm.prank(OPERATOR);
        reserve.setCap(PRODUCT, address(money), 100_00);
        assertEq(reserve.room(PRODUCT, address(money)), 0, "room");
        assertEq(_balance(lender), 300_00, "unclaimed");
    }

    function test_cap_is_refused_above_the_maximum_amount() public {
        uint64 max = uint64(ClaimShares.MAX_AMOUNT);
        vm.startPrank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.AmountOutOfRange.selector, max + 1, 0, max));
        reserve.setCap(PRODUCT, address(money), max + 1);
        reserve.setCap(PRODUCT, address(money), max);
        vm.stopPrank();
        assertEq(reserve.room(PRODUCT, address(money)), max, "cap");
    }

    function test_a_currency_that_takes_a_fee_feeds_nothing() public {
        money.setFee(1);
        vm.expectRevert(abi.encodeWithSelector(Unclaimed.TransferTookFee.selector, address(money), 100, 99));
        _feed(lender, 100);
    }

    // ------------------------------------------------------------------ topped up

    function test_topUp_is_for_the_lender_that_it_names() public {
        vm.prank(FRIEND);
        reserve.topUp(PRODUCT, address(money), lender, 100_00);
        assertEq(_balance(lender), 100_00, "the lender's");
        assertEq(_balance(FRIEND), 0, "not the payer's");
        assertEq(money.balanceOf(FRIEND), 1_000_000_00 - 100_00, "from its own money");
        // The lender's other accounts share it, and nobody takes it out but by a loss of that lender.
        LoanId loanId = _lost(40_00);
        assertEq(_loss(loanId).fromReserve, 40_00, "absorbed");
        assertEq(_balance(lender), 60_00, "left");
    }

    function test_topUp_of_the_pool_is_for_pooled_products_only() public {
        vm.prank(FRIEND);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.NotPooled.selector, PRODUCT));
        reserve.topUp(PRODUCT, address(money), address(0), 100_00);
        pooled = true;
        vm.prank(FRIEND);
        reserve.topUp(PRODUCT, address(money), address(0), 100_00);
        assertEq(_balance(address(0)), 100_00, "pool");
    }

    function test_topUp_ends_at_the_cap() public {
        vm.startPrank(lender);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.ReserveFull.selector, PRODUCT, address(money), CAP));
        reserve.topUp(PRODUCT, address(money), lender, CAP + 1);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.AmountOutOfRange.selector, 0, 1, CAP));
        reserve.topUp(PRODUCT, address(money), lender, 0);
        reserve.topUp(PRODUCT, address(money), lender, CAP);
        vm.stopPrank();
        assertEq(_balance(lender), CAP, "exactly");
    }

    function test_topUp_needs_valid_parties_on_both_sides() public {
        vm.prank(STRANGER);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        reserve.topUp(PRODUCT, address(money), lender, 1);
        vm.prank(FRIEND);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        reserve.topUp(PRODUCT, address(money), STRANGER, 1);
        _invalid(lender);
        vm.prank(FRIEND);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        reserve.topUp(PRODUCT, address(money), lender, 1);
    }

    function test_an_account_of_no_party_has_no_part_of_the_pool() public {
        pooled = true;
        _feed(lender, 100_00);
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.AccountUnknown.selector, STRANGER));
        reserve.balanceOf(PRODUCT, address(money), STRANGER);
        pooled = false;
        IRiskReserve.LossReport memory report = _report(_drawn(), 50_00);
        report.lender = STRANGER;
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.AccountUnknown.selector, STRANGER));
        reserve.recordLoss(report);
    }
}
