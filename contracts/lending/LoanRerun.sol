// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {LoanId} from "../types/Ids.sol";
import {Book, FacilityRecord, LendingContext, loadLoan, loanDay, LoanView, rollLoanNow} from "./FacilityBook.sol";
import {ILoans} from "./ILoans.sol";
import {IPostings} from "./IPostings.sol";
import {LoanHistory} from "./LoanHistory.sol";
import {LoanProceeds} from "./LoanProceeds.sol";
import {LoanRestatement} from "./LoanRestatement.sol";
import {RaisedDebts} from "./RaisedDebts.sol";
import {SalePrices} from "./SalePrices.sol";
import {Settlement} from "./Settlement.sol";

/// @title What a correction of a loan's history would change; linked to LoanCorrections.
/// @notice See {IPostings} for the specification. {LoanRestatement} then sets the loan.
library LoanRerun {
    /// @notice Runs a loan anew, and keeps what follows from the change; the loan itself is not changed yet. The caller
    /// checks who may.
    /// @dev {LoanHistory.replay} has the errors of the history.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param history What was posted on the loan.
    /// @param change What changes.
    /// @return restating The loan before and after.
    function prepare(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        IPostings.History calldata history,
        LoanHistory.Change memory change
    ) external returns (LoanRestatement.Restating memory restating) {
        restating = _load(book, context, loanId);
        _run(book, context, restating, history, change);
        SalePrices.follow(book, context, restating, change);
        RaisedDebts.follow(book, context, restating, change);
    }

    /// @notice Takes what was recorded outside the ledger off a bill that is not due yet, because its borrower renounces it.
    /// @dev A bill bears no interest before its due day, so what was paid went to costs and to principal alone. The caller
    /// saves the loan.
    /// Reverts with {ILoans.PaymentsRecorded} if a holder recorded some of it, from whom the loan went back to its seller.
    /// @param book The stored state of Facilities.
    /// @param loanId The loan.
    /// @return balance Principal that is owed, in minor units.
    /// @return costs Costs that are owed, in minor units.
    function renounce(Book storage book, LoanId loanId) external returns (uint64 balance, uint64 costs) {
        LoanView memory loan = loadLoan(book, loanId);
        uint64 amount = uint64(book.recorded[loanId]);
        // They made the price lower. The borrower alone would give the debt to the lender, and nothing to the holder.
        if (SalePrices.hasShares(book, loanId)) revert ILoans.PaymentsRecorded(loanId, amount);
        uint64 principal = uint64(Math.min(amount, loan.facts.drawn - loan.state.balance));
        (balance, costs) = (loan.state.balance + principal, loan.state.costs + amount - principal);
        book.recorded[loanId] = 0;
        Settlement.raise(book, loan, principal);
        RaisedDebts.renounce(book, loanId, principal);
        LoanMath.State memory state;
        state.costs = costs;
        LoanProceeds.follow(book, loanId, loan, state, book.overpaid[loanId], -int256(uint256(amount)));
        emit IPostings.PaymentsRenounced(loanId, amount, principal);
    }

    /// @notice See {IPostings.runHistory}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param history What was posted on the loan, or its next part.
    /// @param change What changes.
    function run(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        IPostings.History calldata history,
        LoanHistory.Change memory change
    ) external {
        LoanView memory loan = loadLoan(book, loanId);
        LoanHistory.Run memory ran = ranBefore(book, context, loanId, loan.terms, history, change);
        ran = LoanHistory.run(loanId, loan, history, change, ran, loanDay(book, context, loan));
        book.runs[loanId][_keyOf(context, loan.terms, change)] = abi.encode(ran);
    }

    /// @notice See {IPostings.postingsOf}.
    /// @param book The stored state of Facilities.
    /// @param loanId The loan.
    /// @return What it keeps.
    function postingsOf(Book storage book, LoanId loanId) external view returns (IPostings.PostingsState memory) {
        LoanView memory loan = loadLoan(book, loanId);
        return
            IPostings.PostingsState(
                loan.facts.postings, book.overpaid[loanId], book.correctionDays[loan.facts.facilityId]
            );
    }

    /// @notice What the caller ran of a history that goes on; nothing of one that begins.
    /// @dev Reverts with {IPostings.HistoryNotRun} if the caller ran nothing for this change.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param terms How it runs, as stored.
    /// @param history What was posted on the loan, or its next part.
    /// @param change What changes.
    /// @return ran What was run.
    function ranBefore(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        LoanMath.Terms memory terms,
        IPostings.History calldata history,
        LoanHistory.Change memory change
    ) internal view returns (LoanHistory.Run memory ran) {
        if (history.fromDay != LoanHistory.CONTINUED) return ran;
        bytes memory stored = book.runs[loanId][_keyOf(context, terms, change)];
        if (stored.length == 0) revert IPostings.HistoryNotRun(loanId, context.sender);
        return abi.decode(stored, (LoanHistory.Run));
    }

    // ------------------------------------------------------------------ internal parts

    /// @dev Nobody goes on with what another ran, so nobody can put another's work back to its beginning. What was run
    /// on other terms counts no more.
    function _keyOf(LendingContext memory context, LoanMath.Terms memory terms, LoanHistory.Change memory change)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(context.sender, terms, change));
    }

    function _load(Book storage book, LendingContext memory context, LoanId loanId)
        private
        returns (LoanRestatement.Restating memory restating)
    {
        restating.loanId = loanId;
        restating.loan = loadLoan(book, loanId);
        restating.before = loadLoan(book, loanId);
        FacilityRecord storage facilityRow = book.facilities[restating.loan.facts.facilityId];
        restating.day = rollLoanNow(book, context, restating.before, facilityRow.currency);
    }

    /// @dev Runs the loan anew, to its own day. A payment whose value day is not before the loan's last change needs no
    /// history. The fee is the administering bank's, on more interest and penalty than before; what is less, the two
    /// settle outside the ledger.
    function _run(
        Book storage book,
        LendingContext memory context,
        LoanRestatement.Restating memory restating,
        IPostings.History calldata history,
        LoanHistory.Change memory change
    ) private view {
        LoanView memory loan = restating.loan;
        LoanHistory.Outcome memory outcome;
        uint256 earnedBefore;
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        if (change.removed.isNone() && _isLast(restating, change.added.valueDay())) {
            outcome.state = loan.state;
            outcome.head = loan.facts.postings;
            outcome.overpaid = book.overpaid[restating.loanId];
            outcome.isDefaulted = _isInDefault(loan);
            outcome = LoanHistory.append(restating.loanId, loan.terms, outcome, change.added, restating.day);
        } else {
            outcome = _replay(book, context, restating, history, change);
            if (facilityRow.entruster != address(0)) {
                LoanHistory.Change memory none;
                earnedBefore = _replay(book, context, restating, history, none).earned;
            }
        }
        if (outcome.earned > earnedBefore) {
            restating.fee = (outcome.earned - earnedBefore) * facilityRow.administrationFee / RepaymentMath.WHOLE;
        }
        restating.outcome = outcome;
        restating.isWorse = _isWorse(book, restating);
    }

    function _replay(
        Book storage book,
        LendingContext memory context,
        LoanRestatement.Restating memory restating,
        IPostings.History calldata history,
        LoanHistory.Change memory change
    ) private view returns (LoanHistory.Outcome memory) {
        LoanId loanId = restating.loanId;
        LoanView memory loan = restating.loan;
        LoanHistory.Run memory ran = ranBefore(book, context, loanId, loan.terms, history, change);
        return LoanHistory.replay(loanId, loan, history, change, ran, restating.day);
    }

    function _isLast(LoanRestatement.Restating memory restating, uint256 valueDay) private pure returns (bool) {
        return valueDay == restating.day || (valueDay >= restating.loan.state.asOfDay && valueDay < restating.day);
    }

    function _isInDefault(LoanView memory loan) private pure returns (bool) {
        return loan.facts.status == ILoans.Status.Defaulted || loan.facts.status == ILoans.Status.WrittenOff;
    }

    /// @dev Whether the borrower is worse off: it owes more in all, or more of it now, or is newly overdue or in
    /// default. A payment that counts earlier may be a prepayment, and leave the instalment unpaid.
    function _isWorse(Book storage book, LoanRestatement.Restating memory restating) private view returns (bool) {
        LoanView memory before = restating.before;
        LoanHistory.Outcome memory outcome = restating.outcome;
        LoanMath.State memory state = outcome.state;
        uint256 owed = LoanMath.sumOf(LoanMath.payoff(before.terms, state)) + book.overpaid[restating.loanId];
        uint256 owedBefore = LoanMath.sumOf(LoanMath.payoff(before.terms, before.state)) + outcome.overpaid;
        if (owed > owedBefore) return true;
        // Money that counted for the next instalment no longer does.
        if (state.ahead < before.state.ahead) return true;
        uint256 due = LoanMath.sumOf(LoanMath.amountDue(before.terms, state));
        if (due > LoanMath.sumOf(LoanMath.amountDue(before.terms, before.state))) return true;
        if (outcome.isDefaulted && !_isInDefault(before)) return !LoanMath.isPaid(before.terms, state);
        return LoanMath.hasPast(state) && !Settlement.isOverdue(before);
    }
}
