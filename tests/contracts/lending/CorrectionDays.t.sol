// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDrawControl} from "../../../contracts/lending/IDrawControl.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {FacilityId, LoanId, ProductId} from "../../../contracts/types/Ids.sol";
import {PostingWord} from "../../../contracts/types/PostingWord.sol";
import {Stablecoin} from "../support/Stablecoin.sol";
import {PostingsFixture} from "./PostingsFixture.sol";

/// The days in which the lender alone corrects, and those that the borrower has after a correction: neither begins anew
/// by recording and reversing.
contract CorrectionDaysTest is PostingsFixture {
    uint64 private constant DRAWN = 100_000_00;
    uint64 private constant PAID_IN = 50_000_00;
    ProductId private _product;
    FacilityId private _facility;
    uint24 private _start;

    function setUp() public override {
        super.setUp();
        _product = _add(_plainProduct());
        _facility = _agreedFacility(_product, 72_000, 1_000_000_00);
        _start = _today();
    }

    // ------------------------------------------------------------------ the lender's days

    function test_payment_that_is_recorded_anew_keeps_the_day_of_its_first_recording() public {
        LoanId loanId = _bullet(_facility, DRAWN, 300);
        PostingWord posting = _record(loanId, PAID_IN, _start);
        _days(10);
        _reverse(loanId, posting);
        _expectTakenOff(loanId, PAID_IN, _start, _start + 10);
        PostingWord again = _record(loanId, PAID_IN, _start);
        assertEq(again.recordedDay(), _start, "the first day");
        _expectTakenOff(loanId, 0, _start, _start + 10);
        _days(1);
        _expectLate(loanId, again);
        assertEq(uint256(facilities.loan(loanId).state.balance), PAID_IN, "the payment stands");
        _reverseWithSignature(loanId, again);
        assertEq(uint256(facilities.loan(loanId).state.balance), DRAWN, "unless the borrower signs");
    }

    function test_reversed_sum_gives_its_day_to_payments_up_to_it_and_no_further() public {
        LoanId loanId = _bullet(_facility, DRAWN, 300);
        PostingWord posting = _record(loanId, PAID_IN, _start);
        _days(5);
        _reverse(loanId, posting);
        assertEq(_record(loanId, 30_000_00, _start).recordedDay(), _start, "a part of it");
        assertEq(_record(loanId, 20_000_01, _start).recordedDay(), _start, "the rest of it, and a cent");
        assertEq(_record(loanId, 10_00, _start).recordedDay(), _start + 5, "more than it");
    }

    /// The bank took a payment back, and the borrower paid again: that is another payment.
    function test_money_that_came_in_after_a_reversal_has_days_of_its_own() public {
        LoanId loanId = _bullet(_facility, DRAWN, 300);
        PostingWord posting = _record(loanId, PAID_IN, _start);
        _days(5);
        _reverse(loanId, posting);
        _days(4);
        PostingWord paidAgain = _record(loanId, PAID_IN, _start + 6);
        assertEq(paidAgain.recordedDay(), _start + 9, "its own day");
        _days(10);
        _reverse(loanId, paidAgain);
        assertEq(uint256(facilities.loan(loanId).state.balance), DRAWN, "within its own days");
    }

    function test_signed_reversal_leaves_the_lender_all_its_days() public {
        LoanId loanId = _bullet(_facility, DRAWN, 300);
        PostingWord posting = _record(loanId, PAID_IN, _start);
        _days(20);
        _reverseWithSignature(loanId, posting);
        assertEq(_record(loanId, PAID_IN, _start).recordedDay(), _start + 20, "both know of it");
    }

    function test_way_over_another_loan_renews_no_days() public {
        LoanId loanId = _bullet(_facility, DRAWN, 300);
        LoanId other = _bullet(_facility, DRAWN, 300);
        PostingWord posting = _record(loanId, PAID_IN, _start);
        _days(10);
        PostingWord moved = _move(loanId, posting, other, _start);
        _reverse(other, moved);
        assertEq(_record(loanId, PAID_IN, _start).recordedDay(), _start, "on the loan that it left");
        // And by a payment that was recorded elsewhere.
        assertEq(_record(other, 1_00, _start).recordedDay(), _start, "on the loan on which it was reversed");
        LoanId third = _bullet(_facility, DRAWN, 290);
        PostingWord fresh = _record(third, 2_00, _today());
        assertEq(fresh.recordedDay(), _start + 10, "recorded elsewhere today");
        assertEq(_move(third, fresh, other, _start).recordedDay(), _start, "and moved to it");
    }

    /// The loan's own days stay behind those of the calendar, and money counts from a day of the loan.
    function test_lost_days_of_a_stopped_currency_do_not_change_whose_place_a_payment_takes() public {
        LoanId loanId = _stoppedForFiveDays();
        PostingWord posting = _record(loanId, PAID_IN, _start + 2);
        _days(1);
        _reverse(loanId, posting);
        assertEq(_record(loanId, 30_000_00, _start + 3).recordedDay(), _start + 7, "of the day of the reversal");
        _days(1);
        PostingWord later = _record(loanId, 1_00, _start + 4);
        assertEq(later.recordedDay(), _start + 9, "of the day after it");
        _reverse(loanId, later);
    }

    // ------------------------------------------------------------------ the borrower's days

    /// By a cent that comes and goes each third day the lender would keep the loan from being marked.
    function test_recorded_cent_keeps_no_overdue_loan_from_being_marked() public {
        FacilityId others = _ofOtherBank();
        _days(1);
        LoanId loanId = _bullet(_facility, DRAWN, 30);
        _days(34);
        _reverse(loanId, _record(loanId, 1, _today()));
        _expectMarked(loanId, others);
    }

    /// The lender may as well record all of it.
    function test_recorded_payoff_keeps_no_overdue_loan_from_being_marked() public {
        FacilityId others = _ofOtherBank();
        _days(1);
        LoanId loanId = _bullet(_facility, DRAWN, 30);
        _days(34);
        PostingWord posting = _record(loanId, uint64(_sum(facilities.loan(loanId).payoff)), _today());
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid for now");
        _days(3);
        _reverse(loanId, posting);
        // The borrower has its days all the same, before the lender declares a default.
        vm.expectPartialRevert(ILoans.TooEarly.selector);
        vm.prank(bank);
        facilities.declareDefault(loanId);
        _expectMarked(loanId, others);
    }

    function test_first_of_two_payments_keeps_no_overdue_loan_from_being_marked() public {
        FacilityId others = _ofOtherBank();
        _days(1);
        LoanId loanId = _bullet(_facility, DRAWN, 30);
        _days(34);
        PostingWord first = _record(loanId, 1, _today());
        _days(1);
        _record(loanId, uint64(_sum(facilities.loan(loanId).payoff)), _today());
        _days(1);
        _reverse(loanId, first);
        _expectMarked(loanId, others);
    }

    /// A payment that arrives from another loan, and leaves again.
    function test_payment_that_passes_through_keeps_no_overdue_loan_from_being_marked() public {
        FacilityId others = _ofOtherBank();
        _days(1);
        LoanId loanId = _bullet(_facility, DRAWN, 30);
        LoanId other = _bullet(_facility, 2 * DRAWN, 100);
        _days(34);
        PostingWord posting = _record(other, uint64(_sum(facilities.loan(loanId).payoff)), _today());
        PostingWord moved = _move(other, posting, loanId, _today());
        _move(loanId, moved, other, _today());
        _expectMarked(loanId, others);
    }

    /// What was recorded while the loan was not overdue, the borrower relied on.
    function test_borrower_has_its_days_before_a_loan_is_marked_that_was_not_overdue() public {
        LoanId loanId = _bullet(_facility, DRAWN, 30);
        _days(29);
        PostingWord posting = _record(loanId, uint64(_sum(facilities.loan(loanId).payoff)), _today());
        _days(9);
        _reverse(loanId, posting);
        bytes memory refusal =
            abi.encodeWithSelector(ILoans.TooEarly.selector, loanId, uint256(_today()), uint256(_today() + 4));
        vm.expectRevert(refusal);
        vm.prank(STRANGER);
        facilities.markOverdue(loanId);
        _days(4);
        vm.prank(STRANGER);
        facilities.markOverdue(loanId);
        assertTrue(facilities.loan(loanId).markedOverdue, "marked");
    }

    // ------------------------------------------------------------------ helpers

    function _stoppedForFiveDays() private returns (LoanId loanId) {
        Stablecoin stable = new Stablecoin();
        vm.prank(OPERATOR);
        receivables.allowCurrency(address(stable), true);
        stable.mint(bank, DRAWN);
        vm.prank(bank);
        stable.approve(address(facilities), DRAWN);
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.currency = address(stable);
        loanId = _bullet(_agreedFacility(_add(terms), 72_000, 1_000_000_00), DRAWN, 300);
        _days(2);
        stable.pause(true);
        _repay(loanId, 1);
        _days(5);
        stable.pause(false);
    }

    function _expectTakenOff(LoanId loanId, uint64 amount, uint24 firstDay, uint24 lastDay) private view {
        IPostings.PostingsState memory state = facilities.postingsOf(loanId);
        assertEq(state.takenOff, amount, "taken off");
        assertEq(state.takenOffFirstDay, firstDay, "first recorded");
        assertEq(state.takenOffLastDay, lastDay, "last taken off");
    }

    function _expectLate(LoanId loanId, PostingWord posting) private {
        IPostings.Correction memory correction = _reversal(loanId, posting);
        IPostings.History memory history = _history(loanId);
        vm.expectRevert(
            abi.encodeWithSelector(IPostings.CorrectionLate.selector, loanId, _today(), posting.recordedDay() + 10)
        );
        vm.prank(bank);
        facilities.correctPayment(correction, history, _none(), "");
    }

    /// A facility whose commitment an overdue loan ends.
    function _ofOtherBank() private returns (FacilityId) {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_product, 72_000, 1_000_000_00);
        terms.lender = otherBank;
        terms.endEvents = 1;
        return _agree(terms);
    }

    function _expectMarked(LoanId loanId, FacilityId others) private {
        vm.prank(STRANGER);
        facilities.markOverdue(loanId);
        assertTrue(facilities.loan(loanId).markedOverdue, "marked");
        vm.expectPartialRevert(ILoans.FacilityOverdue.selector);
        _bullet(_facility, 1_00, 30);
        vm.expectPartialRevert(IDrawControl.CommitmentEnded.selector);
        vm.prank(seller);
        facilities.draw(_request(others, 1_00, LoanMath.Style.Bullet, 30, 0));
    }
}
