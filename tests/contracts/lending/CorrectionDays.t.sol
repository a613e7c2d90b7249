// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDrawControl} from "../../../contracts/lending/IDrawControl.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {FacilityId, LoanId, ProductId} from "../../../contracts/types/Ids.sol";
import {PostingWord} from "../../../contracts/types/PostingWord.sol";
import {PostingsFixture} from "./PostingsFixture.sol";

/// The days in which the lender alone corrects, which each recording has of its own, and those that the borrower has
/// after a correction, which hold up a mark at most once in 90 days.
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

    /// The borrower sees the reversal, and owes again until the lender records anew.
    function test_payment_that_is_recorded_anew_has_days_of_its_own() public {
        LoanId loanId = _bullet(_facility, DRAWN, 300);
        PostingWord posting = _record(loanId, PAID_IN, _start);
        _days(10);
        _reverse(loanId, posting);
        PostingWord again = _record(loanId, PAID_IN, _start);
        assertEq(again.recordedDay(), _start + 10, "its own day");
        _days(10);
        _reverse(loanId, again);
        assertEq(uint256(facilities.loan(loanId).state.balance), DRAWN, "within its own days");
    }

    function test_payment_that_has_stood_for_its_days_is_final() public {
        LoanId loanId = _bullet(_facility, DRAWN, 300);
        _reverse(loanId, _record(loanId, PAID_IN, _start));
        _days(3);
        PostingWord again = _record(loanId, PAID_IN, _start);
        _days(11);
        _expectLate(loanId, again);
        assertEq(uint256(facilities.loan(loanId).state.balance), PAID_IN, "the payment stands");
        _reverseWithSignature(loanId, again);
        assertEq(uint256(facilities.loan(loanId).state.balance), DRAWN, "unless the borrower signs");
    }

    /// The bank takes back a debit of a cent, and later one for all that is owed: the borrower keeps nothing by it.
    function test_cent_that_bounced_takes_no_days_from_a_payoff_that_bounces() public {
        LoanId loanId = _bullet(_facility, DRAWN, 300);
        PostingWord cent = _record(loanId, 1, _start);
        _days(5);
        _reverse(loanId, cent);
        uint24 credited = _today();
        _days(1);
        PostingWord all = _record(loanId, uint64(_sum(facilities.loan(loanId).payoff)), credited);
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid for now");
        _days(5);
        _reverse(loanId, all);
        assertEq(uint256(facilities.loan(loanId).state.balance), DRAWN, "owed again");
    }

    function test_move_to_another_loan_renews_no_days() public {
        LoanId loanId = _bullet(_facility, DRAWN, 300);
        LoanId other = _bullet(_facility, DRAWN, 300);
        PostingWord posting = _record(loanId, PAID_IN, _start);
        _days(10);
        PostingWord moved = _move(loanId, posting, other, _start);
        assertEq(moved.recordedDay(), _start, "the day of its recording");
        _days(1);
        _expectLate(other, moved);
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

    /// The lender may as well record all of it, and again: it holds up the mark once, for four days.
    function test_recorded_payoff_holds_up_a_mark_once() public {
        FacilityId others = _ofOtherBank();
        _days(1);
        LoanId loanId = _bullet(_facility, DRAWN, 30);
        _days(34);
        PostingWord posting = _record(loanId, uint64(_sum(facilities.loan(loanId).payoff)), _today());
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid for now");
        _days(3);
        _reverse(loanId, posting);
        _expectTooEarlyToMark(loanId);
        _days(4);
        _reverse(loanId, _record(loanId, uint64(_sum(facilities.loan(loanId).payoff)), _today()));
        // The borrower has its days all the same, before the lender declares a default.
        vm.expectPartialRevert(ILoans.TooEarly.selector);
        vm.prank(bank);
        facilities.declareDefault(loanId);
        _expectMarked(loanId, others);
    }

    /// Two payments are recorded on two days, and reversed, round after round.
    function test_two_recorded_payments_hold_up_a_mark_once() public {
        FacilityId others = _ofOtherBank();
        _days(1);
        LoanId loanId = _draw(_facility, DRAWN, LoanMath.Style.EqualInstalment, 12, 0);
        _days(36);
        _recordTwoAndReverse(loanId);
        _expectTooEarlyToMark(loanId);
        _days(3);
        _expectTooEarlyToMark(loanId);
        _recordTwoAndReverse(loanId);
        _expectMarked(loanId, others);
    }

    /// A payment that arrives from another loan, and leaves again.
    function test_payment_that_passes_through_holds_up_a_mark_once() public {
        FacilityId others = _ofOtherBank();
        _days(1);
        LoanId loanId = _bullet(_facility, DRAWN, 30);
        LoanId other = _bullet(_facility, 2 * DRAWN, 100);
        _days(34);
        PostingWord posting = _record(other, uint64(_sum(facilities.loan(loanId).payoff)), _today());
        _move(loanId, _move(other, posting, loanId, _today()), other, _today());
        _expectTooEarlyToMark(loanId);
        _days(4);
        posting = _record(other, uint64(_sum(facilities.loan(loanId).payoff)), _today());
        _move(loanId, _move(other, posting, loanId, _today()), other, _today());
        _expectMarked(loanId, others);
    }

    /// The borrower pays in time for the rest of the 90 days.
    function test_borrower_has_its_days_again_after_ninety_days() public {
        LoanId loanId = _draw(_facility, DRAWN, LoanMath.Style.EqualInstalment, 12, 0);
        _days(36);
        _recordDueAndReverse(loanId);
        _expectTooEarlyToMark(loanId);
        _repayNow(loanId, uint64(_sum(facilities.loan(loanId).due)));
        _days(89);
        _recordDueAndReverse(loanId);
        _expectMarkable(loanId);
        _days(1);
        _recordDueAndReverse(loanId);
        _expectTooEarlyToMark(loanId);
    }

    /// Nothing was due when it came and went.
    function test_cent_that_comes_and_goes_before_the_due_day_uses_no_days_up() public {
        LoanId loanId = _bullet(_facility, DRAWN, 30);
        _days(5);
        _reverse(loanId, _record(loanId, 1, _today()));
        _days(24);
        PostingWord posting = _record(loanId, uint64(_sum(facilities.loan(loanId).payoff)), _today());
        _days(9);
        _reverse(loanId, posting);
        _expectTooEarlyToMark(loanId);
        _days(3);
        _expectTooEarlyToMark(loanId);
        _days(1);
        _expectMarkable(loanId);
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

    function _recordTwoAndReverse(LoanId loanId) private {
        uint64 due = uint64(_sum(facilities.loan(loanId).due));
        PostingWord first = _record(loanId, due, _today());
        _days(1);
        PostingWord second = _record(loanId, due + 1_000_00, _today());
        _reverse(loanId, first);
        _reverse(loanId, second);
        assertTrue(_sum(facilities.loan(loanId).due) >= due, "due again");
    }

    function _recordDueAndReverse(LoanId loanId) private {
        uint64 due = uint64(_sum(facilities.loan(loanId).due));
        assertTrue(due != 0, "something is due");
        _reverse(loanId, _record(loanId, due, _today()));
    }

    function _expectTooEarlyToMark(LoanId loanId) private {
        vm.expectPartialRevert(ILoans.TooEarly.selector);
        vm.prank(STRANGER);
        facilities.markOverdue(loanId);
    }

    /// Marked now, and not marked afterwards.
    function _expectMarkable(LoanId loanId) private {
        uint256 before = vm.snapshotState();
        vm.prank(STRANGER);
        facilities.markOverdue(loanId);
        assertTrue(facilities.loan(loanId).markedOverdue, "marked");
        vm.revertToState(before);
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
