// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {FacilityId, LoanId, ProductId} from "../../../contracts/types/Ids.sol";
import {COSTS, DEFAULTED, PostingWord, REFUNDED} from "../../../contracts/types/PostingWord.sol";
import {PostingsFixture} from "./PostingsFixture.sol";

/// Value days and corrections: each rule, and each refusal.
contract PostingsTest is PostingsFixture {
    uint64 private constant DRAWN = 1_000_000_00;
    FacilityId private _facility;
    uint24 private _start;

    function setUp() public override {
        super.setUp();
        _facility = _agreedFacility(_add(_plainProduct()), 72_000, 10_000_000_00);
        _start = _today();
    }

    // ------------------------------------------------------------------ value days

    /// 1,000,000.00 at 7.2 % for 29 days: 5,800.00 of interest. Ten days more would cost penalty on all of it.
    function test_payment_of_the_29th_that_is_recorded_on_the_39th_counts_from_the_29th() public {
        LoanId loanId = _bullet(_facility, DRAWN, 29);
        _days(39);
        assertEq(_sum(facilities.loan(loanId).payoff), 1_005_800_00 + 3_000_00, "owed without the payment");
        uint256 before = cash.balanceOf(bank);
        _record(loanId, 1_005_800_00, _start + 29);
        ILoans.Loan memory loan = facilities.loan(loanId);
        assertTrue(loan.status == ILoans.Status.Repaid, "repaid");
        assertEq(_sum(loan.payoff), 0, "nothing is owed");
        assertEq(uint256(facilities.facility(_facility).openLoans), 0, "no open loan");
        assertEq(facilities.facility(_facility).outstanding, 0, "nothing outstanding");
        assertEq(cash.balanceOf(bank), before, "no money moved");
    }

    function test_recorded_payment_equals_a_repayment_on_its_value_day() public {
        LoanId late = _draw(_facility, DRAWN, LoanMath.Style.EqualInstalment, 6, 0);
        LoanId punctual = _draw(_facility, DRAWN, LoanMath.Style.EqualInstalment, 6, 0);
        _days(20);
        _repayNow(punctual, 50_000_00);
        _days(30);
        _repayNow(late, 100_000_00);
        _repayNow(punctual, 100_000_00);
        _days(5);
        _record(late, 50_000_00, _start + 20);
        _requireSame(late, punctual, "late and punctual");
    }

    function test_payment_since_the_last_change_needs_no_history() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _days(10);
        _repayNow(loanId, 100_000_00);
        _days(10);
        vm.prank(bank);
        facilities.recordPayment(_payment(loanId, 100_000_00, _start + 15, "A"), _none());
        _days(40);
        // 2,000.00 of interest until day 10, 902.00 until day 15, then 45 days of 802,902.00.
        assertEq(_sum(facilities.loan(loanId).payoff), 802_902_00 + uint256(7_226_12), "owed");
    }

    function test_value_day_must_lie_between_the_draw_and_today() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _days(10);
        _expectDay(loanId, _start - 1, _start);
        _expectDay(loanId, _start + 11, _start);
    }

    function test_value_day_must_not_be_before_the_last_change_of_terms() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _days(20);
        ILoans.Extension memory extension = ILoans.Extension(LoanId.unwrap(loanId), _start + 90, 0, _deadline(), 1);
        bytes32 digest = facilities.extensionDigest(extension);
        facilities.extend(extension, _signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        IPostings.History memory history;
        history.fromDay = _today();
        history.start = facilities.loan(loanId).state;
        _days(10);
        vm.expectRevert(
            abi.encodeWithSelector(IPostings.ValueDayOutOfRange.selector, loanId, _start + 19, _start + 20, _start + 30)
        );
        vm.prank(bank);
        facilities.recordPayment(_payment(loanId, 1, _start + 19, "A"), history);
        vm.prank(bank);
        facilities.recordPayment(_payment(loanId, 100_000_00, _start + 25, "A"), history);
        assertEq(facilities.loan(loanId).state.asOfDay, _start + 30, "as of today");
    }

    function test_nothing_can_be_recorded_where_nothing_was_owed() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _days(10);
        _repayNow(loanId, type(uint64).max);
        _days(1);
        vm.expectRevert(abi.encodeWithSelector(ILoans.NothingOwed.selector, loanId));
        vm.prank(bank);
        facilities.recordPayment(_payment(loanId, 1, _start + 11, "A"), _none());
    }

    function test_history_must_be_the_loans() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _days(10);
        _repayNow(loanId, 100_00);
        _days(10);
        PostingWord[] memory none = new PostingWord[](0);
        IPostings.History memory forged = IPostings.History(0, facilities.loan(loanId).state, none);
        uint160 head = facilities.postingsOf(loanId).head;
        vm.expectRevert(abi.encodeWithSelector(IPostings.HistoryDiffers.selector, loanId, uint160(0), head));
        vm.prank(bank);
        facilities.recordPayment(_payment(loanId, 100_00, _start + 5, "A"), forged);
        forged.fromDay = _start;
        forged.start.balance = 1;
        vm.expectRevert();
        vm.prank(bank);
        facilities.recordPayment(_payment(loanId, 100_00, _start + 5, "A"), forged);
    }

    function test_only_the_lender_records_and_corrects() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        PostingWord posting = _record(loanId, 100_00, _start);
        IPostings.Correction memory correction = _reversal(loanId, posting);
        address[3] memory others = [seller, otherBank, debtor];
        for (uint256 i; i < others.length; ++i) {
            bytes memory refusal = abi.encodeWithSelector(IFacilities.NotLender.selector, _facility, bank, others[i]);
            vm.startPrank(others[i]);
            vm.expectRevert(refusal);
            facilities.recordPayment(_payment(loanId, 1, _start, "A"), _none());
            vm.expectRevert(refusal);
            facilities.correctPayment(correction, _none(), _none(), "");
            vm.expectRevert(refusal);
            facilities.refundOverpayment(loanId, 1, 0);
            vm.stopPrank();
        }
    }

    function test_amount_must_be_positive_and_below_2_to_the_60() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        uint64[2] memory amounts = [0, uint64(2 ** 60)];
        for (uint256 i; i < amounts.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IFacilities.TermOutOfRange.selector, bytes32("amount"), amounts[i], 1, 2 ** 60 - 1
                )
            );
            vm.prank(bank);
            facilities.recordPayment(_payment(loanId, amounts[i], _start, "A"), _none());
        }
    }

    // ------------------------------------------------------------------ default

    function test_default_falls_away_if_nothing_was_overdue_on_its_day() public {
        LoanId loanId = _draw(_facility, DRAWN, LoanMath.Style.EqualInstalment, 6, 0);
        _days(40);
        uint64 due = uint64(_sum(facilities.loan(loanId).due));
        _default(loanId);
        _days(5);
        _record(loanId, due, _start + 31);
        ILoans.Loan memory loan = facilities.loan(loanId);
        assertTrue(loan.status == ILoans.Status.Running, "it runs again");
        assertTrue(!loan.markedOverdue, "it no longer counts as overdue");
        assertEq(uint256(facilities.facility(_facility).overdueLoans), 0, "none overdue");
        (uint64 outstanding, uint64 overdue) = facilities.programme(_productId());
        assertEq(overdue, 0, "nothing overdue under the product");
        assertEq(outstanding, loan.state.balance, "outstanding under the product");
    }

    function test_default_stands_if_something_was_overdue_and_comes_back_with_a_reversal() public {
        LoanId loanId = _draw(_facility, DRAWN, LoanMath.Style.EqualInstalment, 6, 0);
        _days(40);
        uint64 due = uint64(_sum(facilities.loan(loanId).due));
        _default(loanId);
        _record(loanId, due / 2, _start + 31);
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Defaulted, "half of it is not enough");
        PostingWord rest = _record(loanId, due, _start + 31);
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Running, "it runs again");
        _reverse(loanId, rest);
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Defaulted, "in default again");
        assertTrue(facilities.loan(loanId).markedOverdue, "it counts as overdue again");
    }

    // ------------------------------------------------------------------ reversals

    function test_reversed_payment_leaves_the_loan_as_if_it_never_came() public {
        LoanId loanId = _draw(_facility, DRAWN, LoanMath.Style.EqualPrincipal, 6, 0);
        LoanId untouched = _draw(_facility, DRAWN, LoanMath.Style.EqualPrincipal, 6, 0);
        _days(31);
        PostingWord posting = _record(loanId, 200_000_00, _start + 31);
        _days(9);
        _reverse(loanId, posting);
        _requireSame(loanId, untouched, "reversed and untouched");
        assertEq(facilities.postingsOf(loanId).head, 0, "no postings");
        assertEq(facilities.facility(_facility).outstanding, 2 * DRAWN, "outstanding");
    }

    function test_payment_is_reversed_only_once() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        PostingWord posting = _record(loanId, 100_00, _start);
        _reverse(loanId, posting);
        IPostings.Correction memory again = _reversal(loanId, posting);
        vm.expectRevert(abi.encodeWithSelector(IPostings.PostingUnknown.selector, loanId, PostingWord.unwrap(posting)));
        vm.prank(bank);
        facilities.correctPayment(again, _none(), _none(), "");
    }

    function test_what_moved_on_the_ledger_is_never_undone() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _repayNow(loanId, 100_00);
        PostingWord posting = _postings[loanId][0];
        IPostings.Correction memory correction = _reversal(loanId, posting);
        IPostings.History memory history = _history(loanId);
        vm.expectRevert(abi.encodeWithSelector(IPostings.PostingFixed.selector, loanId, PostingWord.unwrap(posting)));
        vm.prank(bank);
        facilities.correctPayment(correction, history, _none(), "");
    }

    function test_loan_that_is_owed_again_says_that_it_is_unsecured() public {
        FacilityId facilityId = _agreedFacility(_add(_claimProduct()), 72_000, 10_000_000);
        (, uint256 claimId) = _confirmed(1_000_000);
        LoanId loanId = _draw(facilityId, 500_000, LoanMath.Style.Bullet, 60, claimId);
        PostingWord posting = _record(loanId, 500_000, _start);
        assertTrue(receivables.lienholderOf(claimId) == address(0), "the claim is free");
        _days(3);
        IPostings.Correction memory correction = _reversal(loanId, posting);
        IPostings.History memory history = _history(loanId);
        vm.expectEmit(address(facilities));
        emit IPostings.LoanRestated(loanId, ILoans.Status.Running, true, _start + 3, 500_000, 500_300, 0);
        vm.prank(bank);
        facilities.correctPayment(correction, history, _none(), "");
        ILoans.Loan memory loan = facilities.loan(loanId);
        assertTrue(loan.collateral == IProducts.CollateralKind.None, "no collateral");
        assertEq(loan.collateralId, 0, "no claim");
        assertTrue(receivables.lienholderOf(claimId) == address(0), "the claim stays free");
        assertEq(uint256(facilities.facility(facilityId).openLoans), 1, "open again");
        _repay(loanId, type(uint64).max);
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "and can be repaid");
    }

    function test_borrower_signs_what_is_to_its_disadvantage_after_the_correction_days() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        PostingWord posting = _record(loanId, 100_00, _start);
        // The same once more.
        vm.prank(bank);
        facilities.recordPayment(_payment(loanId, 100_00, _start, keccak256(abi.encode(1))), _none());
        _insert(loanId, posting);
        _days(11);
        IPostings.Correction memory correction = _reversal(loanId, posting);
        IPostings.History memory history = _history(loanId);
        vm.expectRevert(abi.encodeWithSelector(IPostings.CorrectionLate.selector, loanId, _start + 11, _start + 10));
        vm.prank(bank);
        facilities.correctPayment(correction, history, _none(), "");
        bytes32 digest = facilities.correctionDigest(correction);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SignatureInvalid.selector, seller, digest));
        vm.prank(bank);
        facilities.correctPayment(correction, history, _none(), _signed(BANK_KEY, digest));
        vm.prank(bank);
        facilities.correctPayment(correction, history, _none(), _signed(SELLER_KEY, digest));
        _remove(loanId, posting);
        history = _history(loanId);
        assertEq(facilities.loan(loanId).state.balance, DRAWN - 100_00, "reversed once");
        vm.expectRevert(abi.encodeWithSelector(IFacilities.TermsUsed.selector, digest));
        vm.prank(bank);
        facilities.correctPayment(correction, history, _none(), _signed(SELLER_KEY, digest));
    }

    function test_lender_alone_may_count_a_payment_earlier_at_any_time_and_later_only_in_time() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _days(5);
        PostingWord posting = _record(loanId, 10_000_00, _start + 5);
        _days(30);
        posting = _move(loanId, posting, loanId, _start + 2);
        assertEq(_postings[loanId][0].valueDay(), _start + 2, "earlier");
        IPostings.Correction memory correction = _reversal(loanId, posting);
        correction.toLoanId = LoanId.unwrap(loanId);
        correction.valueDay = _start + 3;
        IPostings.History memory history = _history(loanId);
        vm.expectRevert(abi.encodeWithSelector(IPostings.CorrectionLate.selector, loanId, _start + 35, _start + 15));
        vm.prank(bank);
        facilities.correctPayment(correction, history, _none(), "");
    }

    function test_reversal_has_no_value_day() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        PostingWord posting = _record(loanId, 100_00, _start);
        IPostings.Correction memory correction = _reversal(loanId, posting);
        correction.valueDay = 1;
        IPostings.History memory history = _history(loanId);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, bytes32("valueDay"), 1, 0, 0));
        vm.prank(bank);
        facilities.correctPayment(correction, history, _none(), "");
    }

    // ------------------------------------------------------------------ the wrong loan

    function test_money_on_the_wrong_loan_moves_to_the_right_one() public {
        LoanId wrong = _bullet(_facility, DRAWN, 60);
        LoanId right = _bullet(_facility, DRAWN, 60);
        LoanId untouched = _bullet(_facility, DRAWN, 60);
        _days(10);
        PostingWord posting = _record(wrong, 300_000_00, _start + 10);
        _days(5);
        _move(wrong, posting, right, _start + 10);
        _requireSame(wrong, untouched, "the wrong loan is as if nothing came");
        assertEq(facilities.loan(right).state.balance, DRAWN - 298_000_00, "the right loan is paid");
        assertEq(facilities.facility(_facility).outstanding, 3 * DRAWN - 298_000_00, "outstanding");
    }

    function test_money_does_not_move_to_a_loan_of_another_lender_or_currency() public {
        LoanId wrong = _bullet(_facility, DRAWN, 60);
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(_plainProduct()), 72_000, DRAWN);
        terms.lender = otherBank;
        FacilityId others = _agree(terms);
        LoanId foreign = _bullet(others, 100_00, 60);
        PostingWord posting = _record(wrong, 100_00, _start);
        IPostings.Correction memory correction = _reversal(wrong, posting);
        correction.toLoanId = LoanId.unwrap(foreign);
        correction.valueDay = _start;
        IPostings.History memory history = _history(wrong);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.NotLender.selector, others, otherBank, bank));
        vm.prank(bank);
        facilities.correctPayment(correction, history, _none(), "");
    }

    // ------------------------------------------------------------------ money that is not owed

    function test_money_on_the_ledger_that_is_not_owed_is_paid_back() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        _days(10);
        _repayNow(loanId, 1_002_000_00);
        _days(2);
        _record(loanId, 1_000_000_00, _start);
        assertEq(facilities.postingsOf(loanId).overpaid, 1_002_000_00, "not owed");
        uint256 before = cash.balanceOf(seller);
        vm.prank(bank);
        facilities.refundOverpayment(loanId, 1_000_000_00, 0);
        _note(loanId, REFUNDED, 1_000_000_00);
        vm.prank(bank);
        facilities.refundOverpayment(loanId, 1_000_00, "B");
        _note(loanId, REFUNDED, 1_000_00);
        assertEq(cash.balanceOf(seller), before + 1_000_000_00, "on the ledger");
        assertEq(facilities.postingsOf(loanId).overpaid, 1_000_00, "still not owed");
        vm.expectRevert(
            abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, bytes32("amount"), 1_000_01, 1, 1_000_00)
        );
        vm.prank(bank);
        facilities.refundOverpayment(loanId, 1_000_01, 0);
    }

    function test_what_is_not_owed_stays_below_2_to_the_60() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        LoanId other = _bullet(_facility, DRAWN, 60);
        uint64 most = uint64(2 ** 60 - 1);
        _days(2);
        _record(loanId, most, _start + 2);
        uint256 overpaid = facilities.postingsOf(loanId).overpaid;
        IPostings.History memory history = _history(loanId);
        bytes memory refusal = abi.encodeWithSelector(
            IFacilities.TermOutOfRange.selector, bytes32("overpaid"), overpaid + most + 400_00, 0, most
        );
        vm.expectRevert(refusal);
        vm.prank(bank);
        facilities.recordPayment(_payment(loanId, most, _start, "A"), history);
        // Neither does money that moves here from another loan.
        PostingWord posting = _record(other, most, _start + 2);
        IPostings.Correction memory correction = _reversal(other, posting);
        correction.toLoanId = LoanId.unwrap(loanId);
        correction.valueDay = _start;
        IPostings.History memory from = _history(other);
        vm.expectRevert(refusal);
        vm.prank(bank);
        facilities.correctPayment(correction, from, history, "");
    }

    function test_reversal_is_refused_while_refunded_money_would_be_owed() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        PostingWord posting = _record(loanId, DRAWN + 5_00, _start);
        assertEq(facilities.postingsOf(loanId).overpaid, 5_00, "what came in too much waits");
        vm.prank(bank);
        facilities.refundOverpayment(loanId, 5_00, 0);
        _note(loanId, REFUNDED, 5_00);
        IPostings.Correction memory correction = _reversal(loanId, posting);
        IPostings.History memory history = _history(loanId);
        vm.expectRevert(abi.encodeWithSelector(IPostings.RefundUncovered.selector, loanId, uint64(5_00), uint256(0)));
        vm.prank(bank);
        facilities.correctPayment(correction, history, _none(), "");
    }

    // ------------------------------------------------------------------ costs

    function test_costs_are_part_of_the_history() public {
        LoanId loanId = _bullet(_facility, DRAWN, 60);
        LoanId punctual = _bullet(_facility, DRAWN, 60);
        _days(10);
        _repayNow(punctual, 300_00);
        _costs(punctual, 50_00);
        _costs(loanId, 50_00);
        _note(loanId, COSTS, 50_00);
        _days(10);
        _repayNow(punctual, 100_00);
        _repayNow(loanId, 100_00);
        _record(loanId, 300_00, _start + 9);
        assertEq(facilities.loan(loanId).state.costs, 0, "costs are paid first");
        assertEq(
            uint256(facilities.loan(loanId).state.interestPaid),
            uint256(facilities.loan(punctual).state.interestPaid),
            "interest"
        );
    }

    function test_administering_bank_gets_its_fee_on_a_late_recording() public {
        IProducts.ProductTerms memory product = _plainProduct();
        product.funding = IProducts.Funding.Entrusted;
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(product), 72_000, DRAWN);
        terms.entruster = entruster;
        terms.administrationFee = 100_000;
        LoanId loanId = _bullet(_agree(terms), DRAWN, 60);
        _days(20);
        facilities.accrue(loanId);
        uint256 before = cash.balanceOf(bank);
        vm.prank(entruster);
        facilities.recordPayment(_payment(loanId, 2_000_00, _start + 10, "A"), _none());
        assertEq(cash.balanceOf(bank), before + 200_00, "a tenth of ten days' interest");
    }

    // ------------------------------------------------------------------ helpers

    function _productId() private view returns (ProductId) {
        return ProductId.wrap(facilities.facility(_facility).productId);
    }

    function _default(LoanId loanId) private {
        vm.prank(bank);
        facilities.declareDefault(loanId);
        _note(loanId, DEFAULTED, 0);
    }

    function _costs(LoanId loanId, uint64 amount) private {
        uint256 nonce = LoanId.unwrap(loanId);
        bytes32 digest = facilities.costsDigest(loanId, amount, "court", _deadline(), nonce);
        bytes memory signature = _signed(SELLER_KEY, digest);
        vm.prank(bank);
        facilities.chargeCosts(loanId, amount, "court", _deadline(), nonce, signature);
    }

    function _expectDay(LoanId loanId, uint24 valueDay, uint24 firstDay) private {
        vm.expectRevert(
            abi.encodeWithSelector(IPostings.ValueDayOutOfRange.selector, loanId, valueDay, firstDay, _today())
        );
        vm.prank(bank);
        facilities.recordPayment(_payment(loanId, 1, valueDay, "A"), _none());
    }
}
