// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoanRates} from "../../../contracts/lending/ILoanRates.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {Calendar} from "../../../contracts/math/Calendar.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {IReferenceRates} from "../../../contracts/risk/IReferenceRates.sol";
import {FacilityId, LoanId, PartyId, ProductId} from "../../../contracts/types/Ids.sol";
import {packPosting, PostingWord, RATE_SET} from "../../../contracts/types/PostingWord.sol";
import {FloatingFixture} from "./FloatingFixture.sol";

/// Loans whose rate follows a reference: each rule, and each refusal.
contract LoanRatesTest is FloatingFixture {
    uint64 private constant DRAWN = 1_000_000_00;
    ProductId private _product;
    FacilityId private _facility;
    uint24 private _start;
    uint24 private _firstReset;

    function setUp() public override {
        super.setUp();
        _product = _addFloating();
        _facility = _agreeFloating(_product, SPREAD);
        _start = _today();
        _firstReset = uint24(Calendar.addMonths(_start, 1));
        _publish(_start, _firstReset - 1, 35_000);
    }

    // ------------------------------------------------------------------ the rate

    function test_draw_takes_the_reference_of_its_day_and_the_spread() public {
        LoanId loanId = _bullet(_facility, DRAWN, 90);
        assertEq(facilities.loan(loanId).terms.annualRate, 72_000, "3.5 % and 3.7 %");
        ILoanRates.FloatingLoan memory floating = facilities.floatingOf(loanId);
        assertEq(floating.cap, 110_000, "the facility's highest rate");
        assertEq(floating.floor, 20_000, "the product's lowest rate");
        assertEq(floating.nextResetDay, _firstReset, "next reset");
        assertTrue(!floating.isDue, "not due yet");
    }

    /// 1,000,000.00 at 7.2 % until the first reset, then at 6.0 %.
    function test_new_rate_counts_from_the_reset_day() public {
        LoanId loanId = _bullet(_facility, DRAWN, 90);
        _noteStart(loanId);
        uint256 first = _firstReset - _start;
        _days(first);
        assertTrue(facilities.floatingOf(loanId).isDue, "due");
        _publish(_firstReset, _firstReset + 40, 23_000);
        _reset(loanId);
        _days(10);
        uint256 expected = (DRAWN * first * 72_000 + 180_000_000) / 360_000_000
            + (uint256(DRAWN) * 10 * 60_000 + 180_000_000) / 360_000_000;
        ILoans.Loan memory loan = facilities.loan(loanId);
        assertEq(loan.payoff.interest, expected, "interest of both rates");
        assertEq(loan.terms.annualRate, 60_000, "rate");
        assertEq(facilities.floatingOf(loanId).resets, 1, "resets");
        _repayNow(loanId, uint64(_sum(loan.payoff)));
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
    }

    function test_late_rate_gives_the_loan_of_a_rate_in_time() public {
        LoanId late = _draw(_facility, DRAWN, LoanMath.Style.EqualInstalment, 6, 0);
        LoanId punctual = _draw(_facility, DRAWN, LoanMath.Style.EqualInstalment, 6, 0);
        _noteStart(late);
        _noteStart(punctual);
        _days(_firstReset - _start);
        _publish(_firstReset, _firstReset + 40, 55_000);
        _reset(punctual);
        _repayNow(punctual, 300_000_00);
        _repayNow(late, 300_000_00);
        _days(20);
        _repayNow(punctual, 50_000_00);
        _repayNow(late, 50_000_00);
        _reset(late);
        _requireSame(late, punctual, "late and punctual");
        assertEq(facilities.loan(late).terms.annualRate, facilities.loan(punctual).terms.annualRate, "rate");
        assertEq(facilities.postingsOf(late).head, facilities.postingsOf(punctual).head, "history");
    }

    function test_rate_stays_within_floor_and_cap() public {
        FacilityId low = _agreeFloating(_product, -10_000);
        FacilityId high = _agreeFloating(_product, 50_000);
        LoanId atFloor = _bullet(low, DRAWN, 90);
        LoanId atCap = _bullet(high, DRAWN, 90);
        int24 rate = 35_000;
        uint24 from = _firstReset;
        _days(_firstReset - _start);
        for (uint256 i; i < 3; ++i) {
            rate += 20_000;
            _publish(from, from, rate);
            from += 1;
            _days(1);
        }
        vm.prank(SECOND);
        facilities.resetRate(atCap, _none());
        assertEq(facilities.loan(atCap).terms.annualRate, 105_000, "5.5 % and 5.0 %");
        vm.prank(OPERATOR);
        rates.list(LPR, 200_000, 60);
        vm.prank(SECOND_OPERATOR);
        rates.list(LPR, 200_000, 60);
        uint24 second = facilities.floatingOf(atCap).nextResetDay;
        _publish(from, second - 1, rate);
        _days(second - _today());
        _publish(second, second, 250_000);
        facilities.resetRate(atCap, _none());
        assertEq(facilities.loan(atCap).terms.annualRate, 110_000, "the cap");
        _days(1);
        _publish(second + 1, second + 1, 60_000);
        _days(1);
        _publish(second + 2, second + 50, -10_000);
        facilities.resetRate(atFloor, _none());
        facilities.resetRate(atFloor, _none());
        uint24 third = facilities.floatingOf(atFloor).nextResetDay;
        _days(third - _today());
        facilities.resetRate(atFloor, _none());
        assertEq(facilities.loan(atFloor).terms.annualRate, 20_000, "the floor, not below zero");
    }

    function test_penalty_so_far_stays_and_goes_on_at_the_new_rate() public {
        LoanId loanId = _bullet(_facility, DRAWN, 10);
        _days(_firstReset - _start);
        uint256 penalty = facilities.loan(loanId).payoff.penalty;
        assertTrue(penalty > 0, "overdue");
        _publish(_firstReset, _firstReset + 30, 23_000);
        facilities.resetRate(loanId, _none());
        assertEq(facilities.loan(loanId).payoff.penalty, penalty, "what ran stays");
        _days(4);
        // 1,000,000.00 at 1.5 * 6.0 %, four days of 360.
        assertEq(facilities.loan(loanId).payoff.penalty, penalty + 1_000_00, "at the new rate");
    }

    function test_equal_instalments_are_worked_out_anew() public {
        LoanId loanId = _draw(_facility, DRAWN, LoanMath.Style.EqualInstalment, 3, 0);
        _noteStart(loanId);
        _days(_firstReset - _start);
        _repayNow(loanId, uint64(_sum(facilities.loan(loanId).due)));
        _publish(_firstReset, _firstReset + 50, 23_000);
        _reset(loanId);
        ILoans.Loan memory loan = facilities.loan(loanId);
        assertEq(loan.state.base, loan.state.balance, "the rest is divided anew");
        assertEq(loan.state.basePeriod, 1, "over the periods that are left");
    }

    function test_early_repayment_goes_on_shortening_the_term() public {
        ILoans.DrawRequest memory request = _request(_facility, DRAWN, LoanMath.Style.EqualInstalment, 12, 0);
        request.afterPrepayment = LoanMath.AfterPrepayment.ShortenTerm;
        vm.prank(seller);
        LoanId loanId = facilities.draw(request);
        _noteStart(loanId);
        _days(5);
        _repayNow(loanId, 500_000_00);
        _days(_firstReset - _today());
        _repayNow(loanId, uint64(_sum(facilities.loan(loanId).due)));
        _publish(_firstReset, _firstReset + 50, 35_000);
        uint256 before = facilities.loan(loanId).state.balance;
        _reset(loanId);
        LoanMath.State memory state = facilities.loan(loanId).state;
        assertEq(state.balance, before, "principal does not change");
        // 91.x % of the draw: what a loan without the early repayment owes after one instalment.
        assertTrue(state.base > DRAWN * 90 / 100 && state.base < DRAWN, "instalments as without the repayment");
    }

    // ------------------------------------------------------------------ what a late rate leaves open

    function test_late_rate_holds_back_no_repayment_and_a_repaid_loan_keeps_its_rate() public {
        LoanId loanId = _bullet(_facility, DRAWN, 90);
        _days(_firstReset - _start + 5);
        vm.expectRevert(abi.encodeWithSelector(IReferenceRates.RateMissing.selector, LPR, _firstReset));
        facilities.resetRate(loanId, _none());
        _repay(loanId, uint64(_sum(facilities.loan(loanId).payoff)));
        _publish(_firstReset, _firstReset + 30, 23_000);
        assertTrue(!facilities.floatingOf(loanId).isDue, "nothing is due on a repaid loan");
        vm.expectRevert(abi.encodeWithSelector(ILoans.StateForbids.selector, loanId, ILoans.Status.Repaid));
        facilities.resetRate(loanId, _none());
    }

    function test_borrower_gets_days_to_pay_what_a_late_rate_adds() public {
        LoanId loanId = _draw(_facility, DRAWN, LoanMath.Style.InterestOnly, 3, 0);
        _noteStart(loanId);
        uint24 due = uint24(LoanMath.dueDayOf(facilities.loan(loanId).terms, 2));
        _days(due - _start);
        _repayNow(loanId, uint64(_sum(facilities.loan(loanId).due)));
        _days(10);
        _publish(_firstReset, _firstReset + 50, 55_000);
        _reset(loanId);
        assertTrue(_sum(facilities.loan(loanId).due) > 0, "more interest was due");
        vm.expectPartialRevert(ILoans.TooEarly.selector);
        facilities.markOverdue(loanId);
    }

    function test_what_both_sides_signed_since_a_reset_day_stands() public {
        LoanId loanId = _bullet(_facility, DRAWN, 90);
        _days(_firstReset - _start + 5);
        uint24 day = _today();
        ILoans.Extension memory extension = ILoans.Extension(LoanId.unwrap(loanId), _start + 120, 0, _deadline(), 1);
        bytes32 digest = facilities.extensionDigest(extension);
        facilities.extend(extension, _signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        IPostings.History memory history;
        history.fromDay = day;
        history.start = facilities.loan(loanId).state;
        history.start.base = 0;
        history.postings = new PostingWord[](1);
        _noteStart(loanId);
        history.postings[0] = _postings[loanId][0];
        _publish(_firstReset, _firstReset + 50, 23_000);
        uint256 interest = facilities.loan(loanId).payoff.interest;
        facilities.resetRate(loanId, history);
        assertEq(facilities.loan(loanId).payoff.interest, interest, "nothing before the agreement changes");
        assertEq(facilities.loan(loanId).terms.annualRate, 60_000, "from that day on");
    }

    /// Two reset days are behind when both sides extend the loan: of the two rates the later one stands from that day.
    function test_of_two_late_rates_the_later_one_stands() public {
        LoanId loanId = _bullet(_facility, DRAWN, 90);
        uint24 second = uint24(Calendar.addMonths(_start, 2));
        _days(second - _start + 5);
        ILoans.Extension memory extension = ILoans.Extension(LoanId.unwrap(loanId), _start + 120, 0, _deadline(), 1);
        bytes32 digest = facilities.extensionDigest(extension);
        facilities.extend(extension, _signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        IPostings.History memory history;
        history.fromDay = _today();
        history.start = facilities.loan(loanId).state;
        history.postings = new PostingWord[](1);
        history.postings[0] = packPosting(RATE_SET, _today(), 72_000);
        uint256 interest = facilities.loan(loanId).payoff.interest;
        _days(10);
        _publish(_firstReset, second - 1, 23_000);
        _publish(second, second + 30, 43_000);
        facilities.resetRate(loanId, history);
        PostingWord[] memory postings = new PostingWord[](2);
        postings[0] = history.postings[0];
        postings[1] = packPosting(RATE_SET, history.fromDay, 60_000);
        history.postings = postings;
        facilities.resetRate(loanId, history);
        // 1,000,000.00 at 8.0 %, ten days of 360.
        assertEq(facilities.loan(loanId).payoff.interest, interest + 2_222_22, "at the later rate");
        assertEq(facilities.loan(loanId).terms.annualRate, 80_000, "rate");
    }

    // ------------------------------------------------------------------ refusals

    function test_reset_before_its_day_or_twice_is_refused() public {
        LoanId loanId = _bullet(_facility, DRAWN, 90);
        vm.expectRevert(abi.encodeWithSelector(ILoanRates.RateNotDue.selector, loanId, _start, _firstReset));
        facilities.resetRate(loanId, _none());
        _days(_firstReset - _start);
        _publish(_firstReset, _firstReset + 30, 23_000);
        facilities.resetRate(loanId, _none());
        vm.expectPartialRevert(ILoanRates.RateNotDue.selector);
        facilities.resetRate(loanId, _none());
    }

    function test_loan_with_a_fixed_rate_has_no_reset() public {
        LoanId loanId = _bullet(_agreedFacility(_add(_plainProduct()), 72_000, 10_000_000_00), DRAWN, 90);
        assertTrue(facilities.floatingOf(loanId).referenceCode == 0, "no reference");
        vm.expectRevert(abi.encodeWithSelector(ILoanRates.RateIsFixed.selector, loanId));
        facilities.resetRate(loanId, _none());
    }

    function test_history_of_another_loan_is_refused() public {
        LoanId loanId = _bullet(_facility, DRAWN, 90);
        _noteStart(loanId);
        _days(_firstReset - _start + 3);
        _repay(loanId, 100_00);
        _publish(_firstReset, _firstReset + 30, 23_000);
        IPostings.History memory history = _history(loanId);
        vm.expectPartialRevert(IPostings.HistoryDiffers.selector);
        facilities.resetRate(loanId, history);
    }

    function test_no_loan_is_drawn_while_the_rate_of_the_day_is_missing() public {
        _days(_firstReset - _start);
        ILoans.DrawRequest memory request = _request(_facility, DRAWN, LoanMath.Style.Bullet, 30, 0);
        vm.expectRevert(abi.encodeWithSelector(IReferenceRates.RateMissing.selector, LPR, _firstReset));
        vm.prank(seller);
        facilities.draw(request);
    }

    function test_rate_of_an_appraiser_who_is_a_party_of_the_loan_needs_a_third_one() public {
        PartyId lender = registry.partyOf(bank);
        vm.prank(REGISTRAR);
        registry.setRoles(lender, 4 | 64);
        LoanId loanId = _bullet(_facility, DRAWN, 90);
        _days(_firstReset - _start);
        vm.prank(bank);
        rates.post(_rateOf(_firstReset, _firstReset + 30, 55_000));
        vm.prank(SECOND);
        rates.confirm(_rateOf(_firstReset, _firstReset + 30, 55_000));
        vm.expectRevert(abi.encodeWithSelector(IReferenceRates.RateNotIndependent.selector, LPR, _firstReset, 1));
        facilities.resetRate(loanId, _none());
        vm.prank(THIRD);
        rates.confirm(_rateOf(_firstReset, _firstReset + 30, 55_000));
        facilities.resetRate(loanId, _none());
        assertEq(facilities.loan(loanId).terms.annualRate, 92_000, "two independent appraisers");
    }

    function test_spread_is_within_the_product_and_a_fixed_rate_has_none() public {
        IFacilities.FacilityTerms memory terms = _facilityTerms(_product, 110_000, 10_00);
        terms.spread = 50_001;
        _refused(terms, abi.encodeWithSelector(IFacilities.SpreadOutOfRange.selector, 50_001, -10_000, 50_000));
        terms.spread = -10_001;
        _refused(terms, abi.encodeWithSelector(IFacilities.SpreadOutOfRange.selector, -10_001, -10_000, 50_000));
        terms = _facilityTerms(_add(_plainProduct()), 72_000, 10_00);
        terms.spread = 1;
        _refused(terms, abi.encodeWithSelector(IFacilities.SpreadOutOfRange.selector, 1, 0, 0));
    }

    function test_floating_terms_of_a_product_are_checked() public {
        IProducts.FloatingTerms memory floating = _floating();
        floating.minSpread = 50_001;
        _refusedProduct(floating, abi.encodeWithSelector(IProducts.SpreadsOutOfRange.selector, 50_001, 50_000));
        floating = _floating();
        floating.maxSpread = 1_000_001;
        _refusedProduct(floating, abi.encodeWithSelector(IProducts.SpreadsOutOfRange.selector, -10_000, 1_000_001));
        floating = _floating();
        floating.resetMonths = 13;
        _refusedProduct(
            floating, abi.encodeWithSelector(IProducts.TermOutOfRange.selector, bytes32("resetMonths"), 13, 1, 12)
        );
        floating = _fixedRate();
        floating.maxSpread = 1;
        _refusedProduct(floating, abi.encodeWithSelector(IProducts.SpreadsOutOfRange.selector, 0, 1));
        IProducts.ProductTerms memory bill = _billProduct();
        vm.expectRevert(abi.encodeWithSelector(IProducts.TermOutOfRange.selector, bytes32("styles"), 8, 1, 23));
        vm.prank(OPERATOR);
        products.add("bill", bill, _goodsOf(bill.collateral), _floating(), _noEvidence());
    }

    function _refused(IFacilities.FacilityTerms memory terms, bytes memory error) private {
        bytes32 digest = facilities.facilityDigest(terms);
        bytes memory lenderSignature = _signed(BANK_KEY, digest);
        bytes memory borrowerSignature = _signed(SELLER_KEY, digest);
        vm.expectRevert(error);
        facilities.agree(terms, lenderSignature, borrowerSignature, "");
    }

    function _refusedProduct(IProducts.FloatingTerms memory floating, bytes memory error) private {
        IProducts.ProductTerms memory terms = _floatingProduct();
        vm.expectRevert(error);
        vm.prank(OPERATOR);
        products.add("refused", terms, _goodsOf(terms.collateral), floating, _noEvidence());
    }
}
