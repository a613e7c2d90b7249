// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Calendar} from "../math/Calendar.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {IReferenceRates} from "../risk/IReferenceRates.sol";
import {FacilityId, LoanId, ProductId} from "../types/Ids.sol";
import {FLOATING} from "../types/LoanTermsWord.sol";
import {packPosting, RATE_SET} from "../types/PostingWord.sol";
import {
    Book,
    FacilityRecord,
    FloatingRate,
    LendingContext,
    loadLoan,
    loanDay,
    LoanFacts,
    LoanView,
    rollLoanNow,
    saveLoan
} from "./FacilityBook.sol";
import {ILoanRates} from "./ILoanRates.sol";
import {ILoans} from "./ILoans.sol";
import {IPostings} from "./IPostings.sol";
import {IProducts} from "./IProducts.sol";
import {LoanHistory} from "./LoanHistory.sol";
import {LoanProceeds} from "./LoanProceeds.sol";
import {LoanRerun} from "./LoanRerun.sol";
import {LoanRestatement} from "./LoanRestatement.sol";

/// @title Floating rates of loans: set at the draw, and anew on each reset day. Linked to Facilities.
/// @notice See {ILoanRates} for the specification.
library LoanRates {
    /// @notice Sets the rate of a loan that is being drawn, and stores how it goes on.
    /// @dev Reverts with the errors of {IReferenceRates.rateFor}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param facilityId Its facility.
    /// @param floor Lowest rate of its product, in parts per million a year.
    /// @return annualRate The loan's rate, in parts per million a year.
    function start(Book storage book, LendingContext memory context, LoanId loanId, FacilityId facilityId, uint24 floor)
        external
        returns (uint24 annualRate)
    {
        FacilityRecord storage facilityRow = book.facilities[facilityId];
        FloatingRate storage floating = book.floating[loanId];
        _store(context, facilityRow, floating, floor);
        int24 referenceRate;
        (referenceRate, annualRate) = _rateOn(context, facilityRow, floating, context.today);
        ILoanRates.FloatingLoan memory floatingLoan = _viewOf(floating, context.today, context.today);
        emit ILoanRates.RateFloats(loanId, floating.referenceCode, referenceRate, annualRate, floatingLoan);
    }

    /// @notice See {ILoanRates.resetRate}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param history What was posted on the loan.
    function resetRate(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        IPostings.History calldata history
    ) external {
        LoanRestatement.Restating memory restating = _load(book, context, loanId);
        LoanView memory loan = restating.loan;
        uint256 resetDay = _nextDay(book.floating[loanId], loan.facts.drawnDay);
        if (restating.day < resetDay) revert ILoanRates.RateNotDue(loanId, restating.day, resetDay);
        bool isLast = loan.state.asOfDay < resetDay;
        uint256 valueDay = isLast ? resetDay : _valueDay(history, resetDay);
        uint24 annualRate = _next(book, context, loanId, loan.facts, resetDay, valueDay);
        if (isLast) {
            _append(book, loanId, loan, resetDay, annualRate);
            return;
        }
        _run(book, context, restating, history, resetDay, valueDay, annualRate);
        _restate(book, context, restating);
    }

    /// @notice See {ILoanRates.floatingOf}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @return floatingLoan How its rate follows its reference.
    function floatingOf(Book storage book, LendingContext memory context, LoanId loanId)
        external
        view
        returns (ILoanRates.FloatingLoan memory floatingLoan)
    {
        LoanView memory loan = loadLoan(book, loanId);
        if (loan.facts.traits & FLOATING == 0) return floatingLoan;
        floatingLoan = _viewOf(book.floating[loanId], loan.facts.drawnDay, loanDay(book, context, loan));
        if (loan.facts.status == ILoans.Status.Repaid || loan.facts.lossRecorded) floatingLoan.isDue = false;
    }

    /// @notice Refuses a new lender without whom too few independent appraisers would stand behind the rate that a loan
    /// has: the loan could never be reset.
    /// @dev Reverts with the errors of {IReferenceRates.rateFor}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param lender The new lender.
    function requireIndependent(Book storage book, LendingContext memory context, LoanId loanId, address lender)
        external
        view
    {
        LoanView memory loan = loadLoan(book, loanId);
        if (loan.facts.traits & FLOATING == 0) return;
        FloatingRate storage floating = book.floating[loanId];
        uint256 setDay = Calendar.addMonths(loan.facts.drawnDay, uint256(floating.resets) * floating.resetMonths);
        address[3] memory parties = [lender, address(0), book.facilities[loan.facts.facilityId].borrower];
        context.products.rates().rateFor(floating.referenceCode, setDay, parties);
    }

    // ------------------------------------------------------------------ internal parts

    function _store(
        LendingContext memory context,
        FacilityRecord storage facilityRow,
        FloatingRate storage floating,
        uint24 floor
    ) private {
        IProducts.FloatingTerms memory terms = context.products
            .floatingTerms(ProductId.wrap(facilityRow.productId), facilityRow.version);
        floating.referenceCode = terms.referenceCode;
        floating.spread = facilityRow.spread;
        floating.floor = floor;
        floating.cap = facilityRow.annualRate;
        floating.resetMonths = terms.resetMonths;
    }

    function _load(Book storage book, LendingContext memory context, LoanId loanId)
        private
        returns (LoanRestatement.Restating memory restating)
    {
        LoanView memory loan = loadLoan(book, loanId);
        if (loan.facts.traits & FLOATING == 0) revert ILoanRates.RateIsFixed(loanId);
        if (loan.facts.status == ILoans.Status.Repaid || loan.facts.lossRecorded) {
            revert ILoans.StateForbids(loanId, loan.facts.status);
        }
        restating.loanId = loanId;
        restating.loan = loan;
        restating.before = loadLoan(book, loanId);
        restating.day = rollLoanNow(book, context, restating.before, book.facilities[loan.facts.facilityId].currency);
    }

    /// @dev What both sides signed since the reset day stands: the rate counts from the day of their agreement. {_run}
    /// checks the day that a history names which goes on.
    function _valueDay(IPostings.History calldata history, uint256 resetDay) private pure returns (uint256) {
        uint256 fromDay = history.fromDay == LoanHistory.CONTINUED ? history.start.asOfDay : history.fromDay;
        return fromDay > resetDay ? fromDay : resetDay;
    }

    /// @dev The rate of the reset day; the next one follows.
    function _next(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        LoanFacts memory facts,
        uint256 resetDay,
        uint256 valueDay
    ) private returns (uint24 annualRate) {
        FloatingRate storage floating = book.floating[loanId];
        int24 referenceRate;
        (referenceRate, annualRate) = _rateOn(context, book.facilities[facts.facilityId], floating, resetDay);
        floating.resets += 1;
        uint24 nextResetDay = uint24(_nextDay(floating, facts.drawnDay));
        emit ILoanRates.RateReset(loanId, uint24(resetDay), uint24(valueDay), referenceRate, annualRate, nextResetDay);
    }

    /// @dev Nothing changed since the reset day.
    function _append(Book storage book, LoanId loanId, LoanView memory loan, uint256 resetDay, uint24 annualRate)
        private
    {
        LoanMath.roll(loan.terms, loan.state, resetDay);
        LoanMath.resetRate(loan.terms, loan.state, annualRate);
        LoanHistory.add(loan, RATE_SET, resetDay, annualRate);
        saveLoan(book, loanId, loan);
    }

    function _run(
        Book storage book,
        LendingContext memory context,
        LoanRestatement.Restating memory restating,
        IPostings.History calldata history,
        uint256 resetDay,
        uint256 valueDay,
        uint24 annualRate
    ) private view {
        LoanHistory.Change memory change;
        change.added = packPosting(RATE_SET, valueDay, annualRate);
        LoanView memory loan = restating.loan;
        LoanHistory.Run memory ran = LoanRerun.ranBefore(book, context, restating.loanId, loan.terms, history, change);
        if (history.fromDay == LoanHistory.CONTINUED && valueDay > resetDay && valueDay != ran.firstDay) {
            revert IPostings.ValueDayOutOfRange(restating.loanId, valueDay, ran.firstDay, resetDay);
        }
        restating.outcome = LoanHistory.replay(restating.loanId, loan, history, change, ran, restating.day);
        loan.terms.annualRate = annualRate;
    }

    /// @dev Where more is owed now, the borrower gets days to pay it, as after a correction. What the administering bank
    /// of an entrusted loan gets for the past, the two settle outside the ledger.
    function _restate(Book storage book, LendingContext memory context, LoanRestatement.Restating memory restating)
        private
    {
        LoanMath.Terms memory terms = restating.loan.terms;
        LoanView memory before = restating.before;
        uint256 due = LoanMath.sumOf(LoanMath.amountDue(terms, restating.outcome.state));
        uint256 payoff = LoanMath.sumOf(LoanMath.payoff(terms, restating.outcome.state));
        if (
            due > LoanMath.sumOf(LoanMath.amountDue(before.terms, before.state))
                || payoff > LoanMath.sumOf(LoanMath.payoff(before.terms, before.state))
        ) book.raised[restating.loanId].day = uint24(restating.day);
        LoanProceeds.follow(book, restating.loanId, before, restating.outcome.state, restating.outcome.overpaid, 0);
        LoanRestatement.restate(book, context, restating);
    }

    /// @dev The loan's own days count as days of the calendar here, so that no stop of a currency changes which rate is
    /// meant.
    function _rateOn(
        LendingContext memory context,
        FacilityRecord storage facilityRow,
        FloatingRate storage floating,
        uint256 day
    ) private view returns (int24 referenceRate, uint24 annualRate) {
        IReferenceRates rates = context.products.rates();
        address[3] memory parties = [facilityRow.lender, facilityRow.entruster, facilityRow.borrower];
        referenceRate = rates.rateFor(floating.referenceCode, day, parties);
        int256 rate = int256(referenceRate) + floating.spread;
        int256 floor = int256(uint256(floating.floor));
        int256 cap = int256(uint256(floating.cap));
        if (rate < floor) rate = floor;
        if (rate > cap) rate = cap;
        annualRate = uint24(uint256(rate));
    }

    function _viewOf(FloatingRate storage floating, uint256 drawnDay, uint256 today)
        private
        view
        returns (ILoanRates.FloatingLoan memory floatingLoan)
    {
        floatingLoan.referenceCode = floating.referenceCode;
        floatingLoan.spread = floating.spread;
        floatingLoan.floor = floating.floor;
        floatingLoan.cap = floating.cap;
        floatingLoan.resetMonths = floating.resetMonths;
        floatingLoan.resets = floating.resets;
        floatingLoan.nextResetDay = uint24(_nextDay(floating, drawnDay));
        floatingLoan.isDue = today >= floatingLoan.nextResetDay;
    }

    function _nextDay(FloatingRate storage floating, uint256 drawnDay) private view returns (uint256) {
        return Calendar.addMonths(drawnDay, (uint256(floating.resets) + 1) * floating.resetMonths);
    }
}
