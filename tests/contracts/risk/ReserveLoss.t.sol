// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IRiskReserve} from "../../../contracts/risk/IRiskReserve.sol";
import {LoanId} from "../../../contracts/types/Ids.sol";
import {ReserveFixture} from "./ReserveFixture.sol";

/// Which party bears which part of a loss, and which bears none.
contract ReserveLossTest is ReserveFixture {
    // ------------------------------------------------------------------ the lender's own, and the pool

    function test_a_loss_is_paid_by_what_its_lender_fed_and_by_no_other_lenders() public {
        _feed(lender, 300_00);
        _feed(otherLender, 200_00);
        uint256 before = money.balanceOf(lender);
        LoanId loanId = _lost(1_000_00);
        IRiskReserve.Loss memory loss = _loss(loanId);
        assertEq(loss.fromReserve, 300_00, "its own");
        assertEq(loss.borne, 700_00, "the rest");
        assertEq(money.balanceOf(lender) - before, 300_00, "paid");
        assertEq(_balance(lender), 0, "used up");
        assertEq(_balance(otherLender), 200_00, "untouched");
        assertEq(reserve.totalOf(PRODUCT, address(money)), 200_00, "total");
        assertEq(_loss(_lost(10_00)).fromReserve, 0, "nothing is left for the next");
    }

    function test_a_loss_smaller_than_the_reserve_takes_no_more_than_itself() public {
        _feed(lender, 300_00);
        LoanId loanId = _drawn();
        assertEq(reserve.recordLoss(_report(loanId, 100_00)), 100_00, "absorbed");
        assertEq(_balance(lender), 200_00, "left");
        assertEq(_loss(loanId).borne, 0, "nothing");
    }

    function test_a_pooled_facility_uses_its_own_reserve_and_then_the_pool() public {
        _feed(lender, 100_00);
        pooled = true;
        _feed(otherLender, 300_00);
        LoanId loanId = _lost(250_00);
        assertEq(_loss(loanId).fromReserve, 250_00, "both");
        assertEq(_balance(lender), 0, "its own first");
        assertEq(_balance(address(0)), 150_00, "then the pool");
        _recover(loanId, 200_00);
        assertEq(_balance(address(0)), 300_00, "the pool gets back first");
        assertEq(_balance(lender), 50_00, "then its own");
        _recover(loanId, 50_00);
        assertEq(_balance(lender), 100_00, "all");
        assertEq(reserve.totalOf(PRODUCT, address(money)), 400_00, "total");
    }

    function test_a_facility_of_a_version_without_a_pool_uses_none() public {
        pooled = true;
        _feed(otherLender, 300_00);
        pooled = false;
        assertEq(_loss(_lost(250_00)).fromReserve, 0, "it never agreed to one");
        assertEq(_balance(address(0)), 300_00, "untouched");
    }

    function test_two_accounts_of_one_lender_share_its_reserve_and_two_lenders_never() public {
        _relate(lender, otherLender);
        _feed(otherLender, 100_00);
        assertEq(_loss(_lost(50_00)).fromReserve, 0, "a group is not a party");
    }

    // ------------------------------------------------------------------ once

    function test_a_loss_is_recorded_once() public {
        _feed(lender, 300_00);
        LoanId loanId = _lost(100_00);
        IRiskReserve.LossReport memory report = _report(loanId, 100_00);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.LossRecordedAlready.selector, loanId));
        reserve.recordLoss(report);
        assertEq(_balance(lender), 200_00, "paid once");
    }

    function test_loss_of_zero_is_refused() public {
        IRiskReserve.LossReport memory report = _report(_drawn(), 0);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.AmountOutOfRange.selector, 0, 1, type(uint64).max));
        reserve.recordLoss(report);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.LossUnknown.selector, report.loanId));
        reserve.lossOf(report.loanId);
    }

    // ------------------------------------------------------------------ related sides

    function test_a_lender_related_to_its_borrower_bears_all_of_its_loss() public {
        _feed(lender, 300_00);
        _share(first, 500_000, 1_000_00);
        _insure(1_000_00);
        _relate(lender, borrower);
        _bearsAll(_lost(100_00));
    }

    function test_an_entruster_whose_bank_is_related_to_the_borrower_bears_all_of_its_loss() public {
        _feed(lender, 300_00);
        _share(first, 500_000, 1_000_00);
        _insure(1_000_00);
        _relate(otherLender, borrower);
        IRiskReserve.LossReport memory report = _report(_drawn(), 100_00);
        report.administrator = otherLender;
        assertEq(reserve.recordLoss(report), 0, "absorbed");
        _bearsAll(report.loanId);
    }

    function _bearsAll(LoanId loanId) private view {
        assertEq(_loss(loanId).borne, 100_00, "all");
        assertEq(_balance(lender), 300_00, "the reserve is untouched");
        assertEq(money.balanceOf(first), 1_000_000_00, "and the sharer");
        (address named, uint64 open) = reserve.openInsuranceOf(loanId);
        assertEq(named, address(0), "and the insurer");
        assertEq(open, 0, "owes nothing");
    }

    function test_a_sharer_related_to_the_lender_or_the_borrower_bears_nothing() public {
        _share(first, 500_000, 1_000_00);
        _share(second, 250_000, 1_000_00);
        _relate(first, lender);
        LoanId loanId = _lost(100_00);
        assertEq(_loss(loanId).fromSharers, 25_00, "the other one alone");
        assertEq(reserve.sharingOf(PRODUCT, 0).left, 1_000_00, "its cap is untouched");
        _group(lender, 0);
        _group(first, 0);
        _relate(second, borrower);
        assertEq(_loss(_lost(100_00)).fromSharers, 50_00, "again the other one alone");
        assertEq(reserve.sharingOf(PRODUCT, 1).left, 975_00, "its cap is untouched");
    }

    function test_insurer_bears_nothing_when_it_came_under_one_control_with_a_side() public {
        _insure(1_000_00);
        _relate(insurer, borrower);
        _notInsured(_lost(100_00));
        _group(borrower, 0);
        _relate(insurer, lender);
        _notInsured(_lost(100_00));
        _group(lender, 0);
        (, uint64 open) = reserve.openInsuranceOf(_lost(100_00));
        assertEq(open, 100_00, "a stranger again");
    }

    function _notInsured(LoanId loanId) private {
        (address named,) = reserve.openInsuranceOf(loanId);
        assertEq(named, address(0), "insurer");
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.NotInsured.selector, loanId));
        reserve.payInsurance(loanId, 1);
    }

    // ------------------------------------------------------------------ sharers

    function test_sharers_bear_their_parts_of_what_the_reserve_left_rounded_down() public {
        _feed(lender, 100_00);
        _share(first, 333_333, 1_000_00);
        _share(second, 333_333, 1_000_00);
        LoanId loanId = _lost(200_01);
        // 100.01 are left: 33.3366… each.
        assertEq(_loss(loanId).fromSharers, 33_33 + 33_33, "rounded down");
        assertEq(_loss(loanId).borne, 33_35, "the lender bears the rest");
        assertEq(money.balanceOf(first), 1_000_000_00 - 33_33, "first");
        assertEq(money.balanceOf(second), 1_000_000_00 - 33_33, "second");
    }

    function test_a_sharers_cap_is_used_up_loss_by_loss() public {
        _share(first, 500_000, 70_00);
        assertEq(_loss(_lost(100_00)).fromSharers, 50_00, "its part");
        assertEq(reserve.sharingOf(PRODUCT, 0).left, 20_00, "left");
        assertEq(_loss(_lost(100_00)).fromSharers, 20_00, "what its cap leaves");
        assertEq(_loss(_lost(100_00)).fromSharers, 0, "nothing more");
    }

    function test_a_sharer_bears_only_losses_of_loans_drawn_after_it_signed() public {
        LoanId before = _drawn();
        IRiskReserve.LossReport memory early = _report(before, 100_00);
        // The same day, the same second: only the order counts.
        _share(first, 500_000, 1_000_00);
        LoanId later = _drawn();
        IRiskReserve.LossReport memory late = _report(later, 100_00);
        vm.warp(block.timestamp + 30 days);
        reserve.recordLoss(early);
        reserve.recordLoss(late);
        assertEq(_loss(before).fromSharers, 0, "drawn before");
        assertEq(_loss(later).fromSharers, 50_00, "drawn after");
    }

    function test_a_sharing_counts_for_loans_from_its_first_day_on() public {
        IRiskReserve.SharingTerms memory terms = _sharing(first, 500_000, 1_000_00);
        terms.validFrom = uint40((block.timestamp / DAY + 10) * DAY + 1 hours);
        _agreeSharing(terms);
        vm.warp((block.timestamp / DAY + 10) * DAY - 1);
        IRiskReserve.LossReport memory dayBefore = _report(_drawn(), 100_00);
        vm.warp(block.timestamp + 1);
        IRiskReserve.LossReport memory firstDay = _report(_drawn(), 100_00);
        vm.warp(block.timestamp + 30 days);
        reserve.recordLoss(dayBefore);
        reserve.recordLoss(firstDay);
        assertEq(_loss(dayBefore.loanId).fromSharers, 0, "the day before");
        assertEq(_loss(firstDay.loanId).fromSharers, 50_00, "its day");
    }

    function test_a_sharing_counts_for_losses_until_its_last_second() public {
        IRiskReserve.SharingTerms memory terms = _sharing(first, 500_000, 1_000_00);
        _agreeSharing(terms);
        IRiskReserve.LossReport memory inTime = _report(_drawn(), 100_00);
        IRiskReserve.LossReport memory late = _report(_drawn(), 100_00);
        vm.warp(terms.validUntil - 1);
        reserve.recordLoss(inTime);
        vm.warp(terms.validUntil);
        reserve.recordLoss(late);
        assertEq(_loss(inTime.loanId).fromSharers, 50_00, "the last second");
        assertEq(_loss(late.loanId).fromSharers, 0, "run out");
    }

    function test_a_sharing_of_another_currency_bears_nothing() public {
        IRiskReserve.SharingTerms memory terms = _sharing(first, 500_000, 1_000_00);
        terms.currency = address(cash);
        _agreeSharing(terms);
        vm.prank(first);
        cash.approve(address(reserve), type(uint256).max);
        LoanId loanId = _lost(100_00);
        assertEq(_loss(loanId).fromSharers, 0, "nothing");
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.ShareUnknown.selector, loanId, 0));
        reserve.openShareOf(loanId, 0);
    }

    function test_a_sharer_that_cannot_pay_owes_it_without_interest() public {
        _share(first, 500_000, 1_000_00);
        vm.prank(first);
        money.approve(address(reserve), 0);
        LoanId loanId = _lost(100_00);
        assertEq(_loss(loanId).borne, 100_00, "the lender bears it meanwhile");
        vm.warp(block.timestamp + 365 days);
        (address sharer, uint64 open) = reserve.openShareOf(loanId, 0);
        assertEq(sharer, first, "who");
        assertEq(open, 50_00, "no more than its part");
        vm.prank(FRIEND);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.AmountOutOfRange.selector, 50_01, 1, 50_00));
        reserve.paySharer(loanId, 0, 50_01);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.AmountOutOfRange.selector, 0, 1, 50_00));
        reserve.paySharer(loanId, 0, 0);
        uint256 before = money.balanceOf(lender);
        vm.prank(FRIEND);
        reserve.paySharer(loanId, 0, 50_00);
        assertEq(money.balanceOf(lender) - before, 50_00, "anyone pays for it");
        assertEq(_loss(loanId).borne, 50_00, "borne");
        (, open) = reserve.openShareOf(loanId, 0);
        assertEq(open, 0, "paid");
        _recover(loanId, 100_00);
        assertEq(money.balanceOf(first), 1_000_000_00 + 50_00, "what comes back is the sharer's");
    }

    function test_recovery_reduces_what_sharers_and_insurers_still_owe() public {
        _share(first, 500_000, 1_000_00);
        vm.prank(first);
        money.approve(address(reserve), 0);
        _insure(1_000_00);
        LoanId loanId = _lost(100_00);
        _recover(loanId, 70_00);
        (, uint64 share) = reserve.openShareOf(loanId, 0);
        (, uint64 insured) = reserve.openInsuranceOf(loanId);
        assertEq(share, 30_00, "no more than the lender still bears");
        assertEq(insured, 30_00, "likewise");
        vm.prank(insurer);
        reserve.payInsurance(loanId, 30_00);
        (, share) = reserve.openShareOf(loanId, 0);
        assertEq(share, 0, "nobody is paid twice");
    }

    // ------------------------------------------------------------------ insurers

    function test_an_insurance_is_used_up_loss_by_loss() public {
        _insure(150_00);
        (, uint64 open) = reserve.openInsuranceOf(_lost(100_00));
        assertEq(open, 100_00, "the loss");
        LoanId loanId = _lost(100_00);
        (, open) = reserve.openInsuranceOf(loanId);
        assertEq(open, 50_00, "what its insured amount leaves");
        _notInsured(_lost(100_00));
        vm.prank(insurer);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.AmountOutOfRange.selector, 50_01, 1, 50_00));
        reserve.payInsurance(loanId, 50_01);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.AmountOutOfRange.selector, 0, 1, 50_00));
        reserve.payInsurance(loanId, 0);
        uint256 before = money.balanceOf(lender);
        vm.prank(insurer);
        reserve.payInsurance(loanId, 50_00);
        assertEq(money.balanceOf(lender) - before, 50_00, "paid");
        assertEq(_loss(loanId).fromInsurer, 50_00, "counted");
        vm.prank(insurer);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.AmountOutOfRange.selector, 1, 1, 0));
        reserve.payInsurance(loanId, 1);
    }

    function test_an_insurance_signed_after_the_draw_absorbs_nothing() public {
        IRiskReserve.LossReport memory early = _report(_drawn(), 100_00);
        _insure(1_000_00);
        reserve.recordLoss(early);
        _notInsured(early.loanId);
        IRiskReserve.LossReport memory late = _report(_drawn(), 100_00);
        reserve.recordLoss(late);
        (, uint64 open) = reserve.openInsuranceOf(late.loanId);
        assertEq(open, 100_00, "drawn after");
    }

    function test_an_insurance_counts_from_its_first_day_until_its_last_second() public {
        IRiskReserve.InsuranceTerms memory terms = _insurance(1_000_00);
        terms.validFrom = uint40((block.timestamp / DAY + 10) * DAY + 1 hours);
        _agreeInsurance(terms);
        vm.warp((block.timestamp / DAY + 10) * DAY - 1);
        IRiskReserve.LossReport memory dayBefore = _report(_drawn(), 100_00);
        vm.warp(block.timestamp + 1);
        IRiskReserve.LossReport memory firstDay = _report(_drawn(), 100_00);
        IRiskReserve.LossReport memory late = _report(_drawn(), 100_00);
        vm.warp(terms.validUntil - 1);
        reserve.recordLoss(dayBefore);
        _notInsured(dayBefore.loanId);
        reserve.recordLoss(firstDay);
        (, uint64 open) = reserve.openInsuranceOf(firstDay.loanId);
        assertEq(open, 100_00, "in time");
        vm.warp(terms.validUntil);
        reserve.recordLoss(late);
        _notInsured(late.loanId);
    }

    function test_an_insurance_of_another_currency_facility_or_lender_absorbs_nothing() public {
        IRiskReserve.InsuranceTerms memory terms = _insurance(1_000_00);
        terms.currency = address(cash);
        _agreeInsurance(terms);
        _notInsured(_lost(100_00));
        vm.warp(terms.validUntil);
        terms = _insurance(1_000_00);
        terms.facilityId = 4;
        _agreeInsurance(terms);
        _notInsured(_lost(100_00));
        terms = _insurance(1_000_00);
        terms.insured = borrower;
        _agreeInsurance(terms);
        _notInsured(_lost(100_00));
    }
}
