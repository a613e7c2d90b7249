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
    LoanSaleRecord,
    LoanView,
    ParticipationRecord,
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
import {RaisedDebts} from "./RaisedDebts.sol";

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
        // Nobody has bought the loan or a share of it yet.
        address[] memory parties = _sidesOf(facilityRow, 0);
        (referenceRate, annualRate) = _rateOn(context, parties, floating, context.today);
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
            _append(book, restating, resetDay, annualRate);
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

    /// @notice Refuses a buyer of a loan without whom, and without its seller if that may or must buy it back, too few
    /// independent appraisers would stand behind the rate that the loan has: it could never be reset.
    /// @dev Reverts with the errors of {IReferenceRates.rateFor}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param buyer The new lender.
    /// @param seller The seller; zero if it gets neither right nor duty.
    function requireIndependent(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        address buyer,
        address seller
    ) external view {
        LoanView memory loan = loadLoan(book, loanId);
        if (loan.facts.traits & FLOATING == 0) return;
        address[] memory parties = new address[](3);
        (parties[0], parties[1], parties[2]) = (buyer, seller, book.facilities[loan.facts.facilityId].borrower);
        _requireIndependent(book, context, loanId, loan, parties);
    }

    /// @notice Refuses a participant likewise.
    /// @dev Reverts with the errors of {IReferenceRates.rateFor}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param participant Who buys a share.
    function requireIndependentWith(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        address participant
    ) external view {
        LoanView memory loan = loadLoan(book, loanId);
        if (loan.facts.traits & FLOATING == 0) return;
        address[] memory parties = _partiesOf(book, context, loanId, loan.facts.facilityId, participant);
        _requireIndependent(book, context, loanId, loan, parties);
    }

    // ------------------------------------------------------------------ internal parts

    function _requireIndependent(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        LoanView memory loan,
        address[] memory parties
    ) private view {
        FloatingRate storage floating = book.floating[loanId];
        uint256 setDay = Calendar.addMonths(loan.facts.drawnDay, uint256(floating.resets) * floating.resetMonths);
        context.products.rates().rateFor(floating.referenceCode, setDay, parties);
    }

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
        address[] memory parties = _partiesOf(book, context, loanId, facts.facilityId, address(0));
        (referenceRate, annualRate) = _rateOn(context, parties, floating, resetDay);
        floating.resets += 1;
        uint24 nextResetDay = uint24(_nextDay(floating, facts.drawnDay));
        emit ILoanRates.RateReset(loanId, uint24(resetDay), uint24(valueDay), referenceRate, annualRate, nextResetDay);
    }

    /// @dev Nothing changed since the reset day. What fell due since then may be more by the rate.
    function _append(Book storage book, LoanRestatement.Restating memory restating, uint256 resetDay, uint24 annualRate)
        private
    {
        LoanView memory loan = restating.loan;
        LoanMath.roll(loan.terms, loan.state, resetDay);
        LoanMath.resetRate(loan.terms, loan.state, annualRate);
        LoanHistory.add(loan, RATE_SET, resetDay, annualRate);
        saveLoan(book, restating.loanId, loan);
        LoanMath.roll(loan.terms, loan.state, restating.day);
        RaisedDebts.followRate(book, restating.loanId, restating.before, loan.terms, loan.state);
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

    /// @dev What the administering bank of an entrusted loan gets for the past, the two settle outside the ledger.
    function _restate(Book storage book, LendingContext memory context, LoanRestatement.Restating memory restating)
        private
    {
        LoanView memory before = restating.before;
        RaisedDebts.followRate(book, restating.loanId, before, restating.loan.terms, restating.outcome.state);
        LoanProceeds.follow(book, restating.loanId, before, restating.outcome.state, restating.outcome.overpaid, 0);
        LoanRestatement.restate(book, context, restating);
    }

    /// @dev The loan's own days count as days of the calendar here, so that no stop of a currency changes which rate is
    /// meant.
    function _rateOn(
        LendingContext memory context,
        address[] memory parties,
        FloatingRate storage floating,
        uint256 day
    ) private view returns (int24 referenceRate, uint24 annualRate) {
        IReferenceRates rates = context.products.rates();
        referenceRate = rates.rateFor(floating.referenceCode, day, parties);
        int256 rate = int256(referenceRate) + floating.spread;
        int256 floor = int256(uint256(floating.floor));
        int256 cap = int256(uint256(floating.cap));
        if (rate < floor) rate = floor;
        if (rate > cap) rate = cap;
        annualRate = uint24(uint256(rate));
    }

    /// @dev Who gains or loses by the rate: the sides, participants, one that is `joining` them, and a seller while it may or
    /// must buy the loan back.
    function _partiesOf(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        address joining
    ) private view returns (address[] memory parties) {
        ParticipationRecord[] storage rows = book.shared[loanId].participations;
        uint256 count = rows.length;
        parties = _sidesOf(book.facilities[facilityId], count + 2);
        for (uint256 i; i < count; ++i) {
            parties[i] = rows[i].participant;
        }
        parties[count] = joining;
        LoanSaleRecord storage sale = book.sales[loanId];
        if (sale.buyBack != 0 && context.today <= sale.buyBackLastDay) parties[count + 1] = sale.seller;
    }

    /// @dev Lender, borrower and, of an entrusted loan, entruster, after `before` others.
    function _sidesOf(FacilityRecord storage facilityRow, uint256 before)
        private
        view
        returns (address[] memory parties)
    {
        address entruster = facilityRow.entruster;
        parties = new address[](before + (entruster == address(0) ? 2 : 3));
        parties[before] = facilityRow.lender;
        parties[before + 1] = facilityRow.borrower;
        if (entruster != address(0)) parties[before + 2] = entruster;
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
