// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {IRiskReserve} from "../../../contracts/risk/IRiskReserve.sol";
import {FacilityId, LoanId} from "../../../contracts/types/Ids.sol";
import {DEFAULTED, PostingWord, REFUNDED} from "../../../contracts/types/PostingWord.sol";
import {PostingsFixture} from "./PostingsFixture.sol";

/// What a lender's word can do to the borrower, and to those who bear losses.
contract PostingsConsentTest is PostingsFixture {
    uint64 private constant DRAWN = 1_000_000_00;
    FacilityId private _facility;
    uint24 private _start;

    function setUp() public override {
        super.setUp();
        _facility = _agreedFacility(_add(_plainProduct()), 72_000, 10_000_000_00);
        _start = _today();
    }

    // ------------------------------------------------------------------ the borrower's signature

    /// Twenty days earlier the instalment is a prepayment, and the instalment itself stays unpaid.
    function test_payment_that_would_count_earlier_and_leave_an_instalment_unpaid_needs_the_signature() public {
        (LoanId loanId, PostingWord posting, uint24 dueDay) = _paidInstalment();
        _days(11);
        IPostings.Correction memory correction = _earlier(loanId, posting, dueDay - 20);
        IPostings.History memory history = _history(loanId);
        vm.expectRevert(abi.encodeWithSelector(IPostings.CorrectionLate.selector, loanId, dueDay + 11, dueDay + 10));
        vm.prank(bank);
        facilities.correctPayment(correction, history, _none(), "");
        bytes memory signature = _signed(SELLER_KEY, facilities.correctionDigest(correction));
        vm.expectEmit(address(facilities));
        emit IPostings.PaymentCorrected(
            loanId,
            loanId,
            correction.posting,
            PostingWord.unwrap(posting.withValueDay(dueDay - 20)),
            correction.reasonHash,
            true
        );
        vm.prank(bank);
        facilities.correctPayment(correction, history, _none(), signature);
        assertTrue(_sum(facilities.loan(loanId).due) != 0, "due");
    }

    function test_payment_that_would_no_longer_count_for_the_next_instalment_needs_the_signature() public {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(_plainProduct()), 72_000, 10_000_000_00);
        terms.correctionDays = 0;
        ILoans.DrawRequest memory request = _request(_agree(terms), DRAWN, LoanMath.Style.EqualInstalment, 6, 0);
        request.afterPrepayment = LoanMath.AfterPrepayment.LowerInstalment;
        vm.prank(seller);
        LoanId loanId = facilities.draw(request);
        uint24 dueDay = uint24(LoanMath.dueDayOf(facilities.loan(loanId).terms, 1));
        _days(dueDay - _start - 9);
        PostingWord posting = _record(loanId, 170_000_00, dueDay - 9);
        _days(8);
        IPostings.Correction memory correction = _earlier(loanId, posting, dueDay - 11);
        IPostings.History memory history = _history(loanId);
        vm.expectRevert(abi.encodeWithSelector(IPostings.CorrectionLate.selector, loanId, dueDay - 1, dueDay - 9));
        vm.prank(bank);
        facilities.correctPayment(correction, history, _none(), "");
    }

    function test_correction_that_leaves_the_borrower_no_worse_off_needs_no_signature() public {
        (LoanId loanId, PostingWord posting, uint24 dueDay) = _paidInstalment();
        _days(10);
        PostingWord early = _record(loanId, 50_000_00, dueDay + 10);
        _days(12);
        uint256 owed = _sum(facilities.loan(loanId).payoff);
        _move(loanId, early, loanId, dueDay + 2);
        assertTrue(_sum(facilities.loan(loanId).payoff) < owed, "it owes less");
        assertTrue(posting.valueDay() == dueDay, "the instalment is paid");
    }

    function test_correction_days_are_30_at_most() public {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(_plainProduct()), 72_000, DRAWN);
        terms.correctionDays = 31;
        vm.expectRevert(
            abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, bytes32("correctionDays"), 31, 0, 30)
        );
        this.agree(terms);
        terms.correctionDays = 30;
        this.agree(terms);
    }

    function agree(IFacilities.FacilityTerms calldata terms) external {
        _agree(terms);
    }

    // ------------------------------------------------------------------ default

    function test_borrower_gets_days_to_pay_what_a_correction_brought_back() public {
        LoanId loanId = _bullet(_facility, DRAWN, 29);
        _days(28);
        PostingWord posting = _record(loanId, DRAWN + 5_600_00, _start + 28);
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid before its due day");
        _days(10);
        _reverse(loanId, posting);
        bytes memory refusal =
            abi.encodeWithSelector(ILoans.TooEarly.selector, loanId, uint256(_start + 38), uint256(_start + 42));
        vm.startPrank(bank);
        vm.expectRevert(refusal);
        facilities.declareDefault(loanId);
        vm.expectRevert(refusal);
        facilities.markOverdue(loanId);
        _days(4);
        facilities.declareDefault(loanId);
        vm.stopPrank();
    }

    /// The instalment falls due unpaid, though the principal is hardly more.
    function test_days_to_pay_count_too_if_only_what_is_due_rose() public {
        (LoanId loanId, PostingWord posting, uint24 dueDay) = _paidInstalment();
        _days(10);
        _move(loanId, posting, loanId, dueDay - 20);
        vm.expectRevert(
            abi.encodeWithSelector(ILoans.TooEarly.selector, loanId, uint256(dueDay + 10), uint256(dueDay + 14))
        );
        vm.prank(bank);
        facilities.declareDefault(loanId);
    }

    // ------------------------------------------------------------------ losses

    /// A recorded payment frees the collateral. Its reversal must not leave the loss to others.
    function test_lender_bears_the_loss_of_principal_that_a_correction_brought_back() public {
        FacilityId facilityId = _agreedFacility(_add(_claimProduct()), 72_000, 10_000_000);
        (, uint256 claimId) = _confirmed(1_000_000);
        LoanId loanId = _draw(facilityId, 500_000, LoanMath.Style.Bullet, 29, claimId);
        _days(28);
        PostingWord posting = _record(loanId, 502_800, _start + 28);
        assertTrue(receivables.lienholderOf(claimId) == address(0), "the claim is free");
        _reverse(loanId, posting);
        _days(10);
        _expectOwnLoss(loanId, _start + 28);
    }

    /// 4,000.00 of it were interest.
    function test_lender_bears_so_much_of_the_loss_as_came_back() public {
        LoanId loanId = _bullet(_facility, DRAWN, 29);
        _days(20);
        PostingWord posting = _record(loanId, DRAWN / 2, _start + 20);
        _days(5);
        _reverse(loanId, posting);
        _days(15);
        vm.startPrank(bank);
        facilities.declareDefault(loanId);
        vm.expectEmit(address(reserve));
        emit IRiskReserve.LossLeftToLender(loanId, bank, DRAWN / 2 - 4_000_00);
        facilities.recordLoss(loanId);
        vm.stopPrank();
    }

    function test_interest_that_came_back_leaves_the_loss_to_those_who_bear_it() public {
        LoanId loanId = _bullet(_facility, DRAWN, 29);
        _days(20);
        PostingWord posting = _record(loanId, 1_000_00, _start + 20);
        _reverse(loanId, posting);
        _days(20);
        vm.startPrank(bank);
        facilities.declareDefault(loanId);
        facilities.recordLoss(loanId);
        vm.stopPrank();
        assertTrue(facilities.loan(loanId).lossRecorded, "recorded");
    }

    // ------------------------------------------------------------------ refunds

    function test_money_that_moved_on_the_ledger_is_not_refunded_outside_it() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _days(10);
        _repayNow(loanId, 1_002_000_00);
        PostingWord posting = _record(loanId, 1_000_00, _start);
        assertEq(facilities.postingsOf(loanId).overpaid, 1_002_00, "not owed");
        _expectAmount(loanId, 1_000_01, 1_000_00);
        vm.prank(bank);
        facilities.refundOverpayment(loanId, 600_00, "B");
        _note(loanId, REFUNDED, 600_00);
        _expectAmount(loanId, 400_01, 400_00);
        // What came in outside the ledger went back in part: it cannot be reversed as a whole.
        IPostings.Correction memory correction = _reversal(loanId, posting);
        IPostings.History memory history = _history(loanId);
        vm.expectPartialRevert(IPostings.RefundUncovered.selector);
        vm.prank(bank);
        facilities.correctPayment(correction, history, _none(), "");
        vm.prank(bank);
        facilities.refundOverpayment(loanId, 402_00, 0);
        assertEq(facilities.postingsOf(loanId).overpaid, 0, "all went back");
    }

    function test_money_that_moved_to_another_loan_is_refunded_there() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        LoanId other = _bullet(_facility, DRAWN, 60);
        PostingWord posting = _record(loanId, 500_00, _start);
        _move(loanId, posting, other, _start);
        _days(1);
        _repayNow(other, DRAWN);
        _record(other, 400_00, _start);
        assertEq(facilities.postingsOf(other).overpaid, 400_08, "not owed, with a day's interest");
        vm.prank(bank);
        facilities.refundOverpayment(other, 400_08, "B");
        assertEq(facilities.postingsOf(other).overpaid, 0, "all went back");
    }

    // ------------------------------------------------------------------ helpers

    function _paidInstalment() private returns (LoanId loanId, PostingWord posting, uint24 dueDay) {
        ILoans.DrawRequest memory request = _request(_facility, DRAWN, LoanMath.Style.EqualInstalment, 6, 0);
        request.afterPrepayment = LoanMath.AfterPrepayment.ShortenTerm;
        vm.prank(seller);
        loanId = facilities.draw(request);
        dueDay = uint24(LoanMath.dueDayOf(facilities.loan(loanId).terms, 1));
        _days(dueDay - _start);
        posting = _record(loanId, uint64(_sum(facilities.loan(loanId).due)), dueDay);
        assertEq(_sum(facilities.loan(loanId).due), 0, "nothing is due");
    }

    function _earlier(LoanId loanId, PostingWord posting, uint24 valueDay)
        private
        returns (IPostings.Correction memory correction)
    {
        correction = _reversal(loanId, posting);
        correction.toLoanId = LoanId.unwrap(loanId);
        correction.valueDay = valueDay;
    }

    function _expectOwnLoss(LoanId loanId, uint24 day) private {
        vm.startPrank(bank);
        facilities.declareDefault(loanId);
        _note(loanId, DEFAULTED, 0);
        vm.expectRevert(abi.encodeWithSelector(IPostings.LossNotShared.selector, loanId, uint256(day)));
        facilities.recordLoss(loanId);
        vm.stopPrank();
    }

    function _expectAmount(LoanId loanId, uint64 amount, uint64 most) private {
        vm.expectRevert(abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, bytes32("amount"), amount, 1, most));
        vm.prank(bank);
        facilities.refundOverpayment(loanId, amount, "B");
    }
}
