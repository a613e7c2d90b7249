// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {IRestructuring} from "../../../contracts/lending/IRestructuring.sol";
import {IServiceFees} from "../../../contracts/lending/IServiceFees.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {FacilityId, LoanId} from "../../../contracts/types/Ids.sol";
import {PostingWord, WAIVED_FEE} from "../../../contracts/types/PostingWord.sol";
import {FeesFixture} from "./FeesFixture.sol";

/// Service fees: charged without a deduction, due with instalments, waived, corrected, and below the cap.
contract ServiceFeesTest is FeesFixture {
    uint64 private constant AMOUNT = 1_000_000_00;
    // 500.00 and 1 % of 1,000,000.00.
    uint64 private constant CHARGED = 10_500_00;

    // ------------------------------------------------------------------ charged, due, paid

    function test_borrower_gets_the_whole_draw_and_owes_the_fees_with_the_first_instalment() public {
        uint256 before = cash.balanceOf(seller);
        LoanId loanId = _drawWithFees(_withFees(FLAT, SHARE, 0), AMOUNT, LoanMath.Style.Bullet, 180);
        assertEq(cash.balanceOf(seller) - before, AMOUNT, "nothing is deducted");
        assertEq(facilities.serviceFeesOf(loanId).running, CHARGED, "owed from the day of the draw");
        assertEq(facilities.loan(loanId).due.fee, 0, "not due");
        assertEq(facilities.loan(loanId).payoff.fee, CHARGED, "but owed");
        _days(180);
        assertEq(facilities.loan(loanId).due.fee, CHARGED, "due with the instalment");
        assertEq(facilities.serviceFeesOf(loanId).inGrace, CHARGED, "in grace");
        LoanMath.Parts memory parts = _repay(loanId, 2_000_000_00);
        assertEq(parts.fee, CHARGED, "paid");
        assertEq(parts.interest, 36_000_00, "interest: none on fees");
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
    }

    /// Three months in equal parts of principal: 0.25 % of 900,000.00, 600,000.00 and 300,000.00.
    function test_each_instalment_is_charged_a_share_of_the_principal_that_ran() public {
        LoanId loanId = _drawWithFees(_withFees(0, 0, PERIODIC), 900_000_00, LoanMath.Style.EqualPrincipal, 3);
        uint64[3] memory expected = [uint64(2_250_00), 1_500_00, 750_00];
        for (uint256 i; i < 3; ++i) {
            vm.warp(LoanMath.dueDayOf(facilities.loan(loanId).terms, i + 1) * DAY);
            ILoans.Loan memory loan = facilities.loan(loanId);
            assertEq(loan.due.fee, expected[i], "of the instalment");
            _repay(loanId, uint64(_sum(loan.due)));
        }
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
    }

    function test_early_repayment_ends_fees_that_were_not_charged_yet() public {
        LoanId loanId = _drawWithFees(_withFees(FLAT, SHARE, PERIODIC), AMOUNT, LoanMath.Style.EqualPrincipal, 3);
        _days(10);
        LoanMath.Parts memory parts = _repay(loanId, 2_000_000_00);
        assertEq(parts.fee, CHARGED, "the fees of the draw, no periodic one");
        assertEq(parts.interest, 2_000_00, "ten days");
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
    }

    function test_loan_that_is_repaid_on_the_day_of_its_draw_owes_the_fees_of_the_draw() public {
        LoanId loanId = _drawWithFees(_withFees(FLAT, SHARE, PERIODIC), AMOUNT, LoanMath.Style.Bullet, 180);
        LoanMath.Parts memory parts = _repay(loanId, 2_000_000_00);
        assertTrue(parts.fee == CHARGED && parts.interest == 0 && parts.principal == AMOUNT, "fees and principal");
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
    }

    function test_fee_that_is_unpaid_beyond_its_grace_is_overdue_and_bears_no_penalty() public {
        LoanId loanId = _drawWithFees(_withFees(FLAT, SHARE, 0), AMOUNT, LoanMath.Style.EqualPrincipal, 3);
        vm.warp(LoanMath.dueDayOf(facilities.loan(loanId).terms, 1) * DAY);
        ILoans.Loan memory loan = facilities.loan(loanId);
        _repay(loanId, loan.due.fee - 1);
        _days(4);
        loan = facilities.loan(loanId);
        assertEq(loan.due.fee, 1, "the last cent of the fees is past");
        assertEq(facilities.serviceFeesOf(loanId).past, 1, "overdue");
        facilities.markOverdue(loanId);
        uint64 penalty = loan.due.penalty;
        assertEq(penalty, 400_00, "four days of 333,333.33 of principal alone at 10.8 %");
        vm.prank(bank);
        facilities.declareDefault(loanId);
    }

    function test_fee_alone_makes_a_loan_overdue() public {
        LoanId loanId = _drawWithFees(_withFees(0, 0, PERIODIC), AMOUNT, LoanMath.Style.InterestOnly, 3);
        vm.warp(LoanMath.dueDayOf(facilities.loan(loanId).terms, 1) * DAY);
        uint64 interest = facilities.loan(loanId).due.interest;
        vm.prank(bank);
        facilities.waive(loanId, 0, interest);
        _days(4);
        assertEq(facilities.loan(loanId).due.interest, 0, "no interest is due");
        facilities.markOverdue(loanId);
        assertEq(facilities.loan(loanId).due.penalty, 0, "no penalty on fees");
        LoanMath.Parts memory parts = _repay(loanId, 2_500_00);
        assertEq(parts.fee, 2_500_00, "the fee");
        assertTrue(!facilities.loan(loanId).markedOverdue, "not overdue any more");
    }

    function test_default_makes_the_fees_of_the_draw_due_and_no_more() public {
        LoanId loanId = _drawWithFees(_withFees(FLAT, SHARE, PERIODIC), AMOUNT, LoanMath.Style.EqualPrincipal, 3);
        vm.warp(LoanMath.dueDayOf(facilities.loan(loanId).terms, 1) * DAY);
        _days(4);
        vm.prank(bank);
        facilities.declareDefault(loanId);
        assertEq(facilities.loan(loanId).due.fee, CHARGED + 2_500_00, "the draw's, and one instalment's");
        _days(60);
        assertEq(facilities.loan(loanId).due.fee, CHARGED + 2_500_00, "no more");
    }

    function test_share_is_rounded_half_up_at_one_minor_unit() public {
        FacilityId facilityId = _withFees(0, 100_000, 0);
        assertEq(facilities.serviceFeesOf(_bullet(facilityId, 4, 360)).running, 0, "0.4");
        assertEq(facilities.serviceFeesOf(_bullet(facilityId, 14, 360)).running, 1, "1.4");
    }

    // ------------------------------------------------------------------ corrections, waivers, new terms

    function test_history_with_fees_gives_the_same_loan_in_any_order() public {
        FacilityId facilityId = _withFees(FLAT, SHARE, PERIODIC);
        LoanId inTime = _drawWithFees(facilityId, AMOUNT, LoanMath.Style.EqualPrincipal, 3);
        LoanId late = _drawWithFees(facilityId, AMOUNT, LoanMath.Style.EqualPrincipal, 3);
        _days(20);
        uint24 valueDay = _today();
        _record(inTime, 300_000_00, valueDay);
        _days(20);
        _record(inTime, 50_000_00, _today());
        _record(late, 50_000_00, _today());
        _record(late, 300_000_00, valueDay);
        _requireSame(inTime, late, "any order");
        _days(90);
        _requireSame(inTime, late, "later too");
    }

    function test_reversal_brings_the_fees_back() public {
        LoanId loanId = _drawWithFees(_withFees(FLAT, 0, 0), AMOUNT, LoanMath.Style.Bullet, 180);
        _days(5);
        uint64 payoff = uint64(_sum(facilities.loan(loanId).payoff));
        PostingWord posting = _record(loanId, payoff, _today());
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
        assertEq(facilities.serviceFeesOf(loanId).running, 0, "paid");
        _reverse(loanId, posting);
        assertEq(facilities.serviceFeesOf(loanId).running, FLAT, "owed again");
        assertEq(_sum(facilities.loan(loanId).payoff), payoff, "the same debt");
    }

    function test_lender_waives_fees_and_a_correction_posts_the_waiver_again() public {
        FacilityId facilityId = _withFees(FLAT, SHARE, 0);
        LoanId loanId = _drawWithFees(facilityId, AMOUNT, LoanMath.Style.Bullet, 180);
        vm.prank(bank);
        facilities.waiveServiceFees(loanId, 500_00);
        _note(loanId, WAIVED_FEE, 500_00);
        assertEq(facilities.serviceFeesOf(loanId).running, 10_000_00, "less is owed");
        _days(10);
        uint24 valueDay = _today() - 5;
        _record(loanId, 1_000_00, _today());
        _record(loanId, 1_000_00, valueDay);
        assertEq(_sum(facilities.loan(loanId).payoff), 1_000_000_00 + 10_000_00 + 2_000_00 - 2_000_00, "to the cent");
        vm.prank(bank);
        facilities.waiveServiceFees(loanId, type(uint64).max);
        assertEq(facilities.serviceFeesOf(loanId).running, 0, "the rest");
        vm.prank(bank);
        vm.expectRevert(abi.encodeWithSelector(ILoans.NothingOwed.selector, loanId));
        facilities.waiveServiceFees(loanId, 1);
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.NotLender.selector, facilityId, bank, seller));
        facilities.waiveServiceFees(loanId, 1);
    }

    /// What is left falls due with the first new instalment; new terms charge no more.
    function test_new_terms_keep_the_fees_that_are_owed_and_raise_none() public {
        LoanId loanId = _drawWithFees(_withFees(FLAT, SHARE, PERIODIC), AMOUNT, LoanMath.Style.EqualPrincipal, 3);
        _days(10);
        IRestructuring.Restructuring memory terms = _terms(loanId);
        _restructure(terms);
        IServiceFees.OwedFees memory fees = facilities.serviceFeesOf(loanId);
        assertTrue(fees.running == CHARGED && fees.periodicFee == 0, "kept, and no more of them");
        vm.warp(LoanMath.dueDayOf(facilities.loan(loanId).terms, 1) * DAY);
        assertEq(facilities.loan(loanId).due.fee, CHARGED, "due with the first instalment");
    }

    // ------------------------------------------------------------------ the cap

    /// 72,000 a million and 500.00 for a day would cost 18 % of 1,000.00 a day.
    function test_short_loan_with_a_flat_fee_does_not_slip_through() public {
        FacilityId facilityId = _withFees(FLAT, 0, 0);
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IServiceFees.TotalCostAboveCap.selector, 500_20, 65));
        facilities.draw(_request(facilityId, 1_000_00, LoanMath.Style.Bullet, 1, 0));
    }

    /// The cap of 24 % on 1,000,000.00 for 73 days of 365 leaves 48,000.00; 14,600.00 of it are interest.
    function test_fees_up_to_the_last_cent_below_the_cap_are_drawn() public {
        FacilityId within = _withFees(0, 33_400, 0);
        assertEq(facilities.serviceFeesOf(_bullet(within, AMOUNT, 73)).running, 33_400_00, "the whole room");
        FacilityId above = _withFees(1, 33_400, 0);
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IServiceFees.TotalCostAboveCap.selector, 48_000_01, 48_000_00));
        facilities.draw(_request(above, AMOUNT, LoanMath.Style.Bullet, 73, 0));
    }

    function test_many_small_draws_with_a_flat_fee_are_each_below_the_cap() public {
        FacilityId facilityId = _withFees(1_00, 0, 0);
        for (uint256 i; i < 5; ++i) {
            _bullet(facilityId, 100_00, 180);
        }
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IServiceFees.TotalCostAboveCap.selector, 1_36, 1_18));
        facilities.draw(_request(facilityId, 10_00, LoanMath.Style.Bullet, 180, 0));
    }

    function test_periodic_fees_count_for_the_cap_with_what_is_outstanding() public {
        FacilityId facilityId = _withFees(0, 0, 20_000);
        vm.prank(seller);
        vm.expectPartialRevert(IServiceFees.TotalCostAboveCap.selector);
        facilities.draw(_request(facilityId, AMOUNT, LoanMath.Style.EqualInstalment, 12, 0));
    }

    // ------------------------------------------------------------------ bounds

    function test_fee_above_the_products_is_refused() public {
        IFacilities.FacilityTerms memory terms = _feeTerms(2_000_01, 0, 0);
        _expectOutOfRange("flatFee", 2_000_01, 2_000_00, terms);
        terms = _feeTerms(0, 100_001, 0);
        _expectOutOfRange("drawFee", 100_001, 100_000, terms);
        terms = _feeTerms(0, 0, 50_001);
        _expectOutOfRange("periodicFee", 50_001, 50_000, terms);
    }

    function _expectOutOfRange(bytes32 term, uint256 value, uint256 max, IFacilities.FacilityTerms memory terms)
        private
    {
        bytes32 digest = facilities.facilityDigest(terms);
        bytes memory lenders = _signed(_keyOf(terms.lender), digest);
        bytes memory borrowers = _signed(_keyOf(terms.borrower), digest);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.TermOutOfRange.selector, term, value, 0, max));
        facilities.agree(terms, lenders, borrowers, "");
    }

    function test_bills_and_entrusted_loans_have_no_fees() public {
        IProducts.FloatingTerms memory bounds = _bounds();
        IProducts.ProductTerms memory bill = _billProduct();
        IProducts.ProductTerms memory entrusted = _plainProduct();
        entrusted.funding = IProducts.Funding.Entrusted;
        IProducts.ProductTerms[2] memory refused = [bill, entrusted];
        for (uint256 i; i < 2; ++i) {
            vm.prank(OPERATOR);
            vm.expectRevert(
                abi.encodeWithSelector(
                    IProducts.TermOutOfRange.selector, bytes32("maxFlatFee"), bounds.maxFlatFee, 0, 0
                )
            );
            products.add("refused", refused[i], _goodsOf(refused[i].collateral), bounds, _noEvidence());
        }
    }

    function test_largest_shares_of_the_largest_loan_stay_within_their_words() public {
        IProducts.ProductTerms memory product = _plainProduct();
        product.borrowerLimit = 2 ** 60 - 1;
        product.programmeLimit = 2 ** 60 - 1;
        product.months = uint64(1) << 60;
        product.maxRate = 0;
        IProducts.FloatingTerms memory bounds;
        bounds.maxFlatFee = 2 ** 60 - 1;
        bounds.maxDrawFee = 200_000;
        bounds.maxPeriodicFee = 200_000;
        _feeProduct = _addWithFees("largest", product, bounds);
        IFacilities.FacilityTerms memory terms = _feeTerms(2 ** 60 - 1, 200_000, 200_000);
        terms.annualRate = 0;
        terms.limit = 2 ** 60 - 1;
        FacilityId facilityId = _agree(terms);
        vm.prank(CASH_ISSUER);
        cash.mint(bank, 2 ** 60 - 1);
        LoanId loanId = _draw(facilityId, 2 ** 60 - 1, LoanMath.Style.InterestOnly, 60, 0);
        _days(3_000);
        uint256 share = uint256(2 ** 60 - 1) / 5;
        assertEq(facilities.loan(loanId).due.fee, 2 ** 60 - 1 + 61 * share, "the sum");
        bounds.maxPeriodicFee = 200_001;
        vm.prank(OPERATOR);
        vm.expectRevert(
            abi.encodeWithSelector(IProducts.TermOutOfRange.selector, bytes32("maxPeriodicFee"), 200_001, 0, 200_000)
        );
        products.add("larger", product, _goodsOf(product.collateral), bounds, _noEvidence());
    }
}
