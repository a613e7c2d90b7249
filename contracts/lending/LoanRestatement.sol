// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ClaimShares} from "../math/ClaimShares.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {LoanId, PartyId} from "../types/Ids.sol";
import {Book, FacilityRecord, LendingContext, loadLoan, LoanView, rollLoanNow, saveLoan} from "./FacilityBook.sol";
import {BorrowerLimits} from "./BorrowerLimits.sol";
import {IFacilities} from "./IFacilities.sol";
import {ILoans} from "./ILoans.sol";
import {IPostings} from "./IPostings.sol";
import {IProducts} from "./IProducts.sol";
import {ILiquidation} from "./liquidation/ILiquidation.sol";
import {LoanHistory} from "./LoanHistory.sol";
import {MarginCall} from "./collateral/MarginCall.sol";
import {Settlement} from "./Settlement.sol";

/// @title A loan that is run anew from its corrected history, and all that follows from it; linked to LoanCorrections.
/// @notice See {IPostings} for the specification.
library LoanRestatement {
    /// @notice A loan that is run anew.
    /// @param loanId The loan.
    /// @param before The loan as it stands on its own day.
    /// @param loan The loan as stored; later as its corrected history leaves it.
    /// @param day The loan's own day number.
    /// @param outcome What its corrected history gives.
    /// @param fee What the administering bank gets for it, in minor units.
    /// @param isWorse Whether the borrower is worse off than before.
    struct Restating {
        LoanId loanId;
        LoanView before;
        LoanView loan;
        uint256 day;
        LoanHistory.Outcome outcome;
        uint256 fee;
        bool isWorse;
    }

    /// @notice Runs a loan anew, and changes nothing yet. The caller checks who may.
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
    ) external returns (Restating memory restating) {
        restating = _load(book, context, loanId);
        _run(book, restating, history, change);
    }

    /// @notice Sets the loan to what its corrected history gives, with all that follows from it.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param restating The loan that was run anew.
    function restate(Book storage book, LendingContext memory context, Restating memory restating) external {
        LoanId loanId = restating.loanId;
        LoanView memory loan = restating.loan;
        LoanHistory.Outcome memory outcome = restating.outcome;
        if (outcome.overpaid > ClaimShares.MAX_AMOUNT) {
            revert IFacilities.TermOutOfRange("overpaid", outcome.overpaid, 0, ClaimShares.MAX_AMOUNT);
        }
        loan.state = outcome.state;
        loan.facts.postings = outcome.head;
        book.overpaid[loanId] = uint64(outcome.overpaid);
        bool isUnsecured = _setStatus(book, loan, outcome.isDefaulted);
        _setSums(book, restating);
        saveLoan(book, loanId, loan);
        _tell(loanId, loan, isUnsecured, restating.day, outcome.overpaid);
        _follow(book, context, restating);
        if (restating.fee == 0) return;
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        Settlement.move(book, context, facilityRow.currency, facilityRow.entruster, facilityRow.lender, restating.fee);
    }

    // ------------------------------------------------------------------ internal parts

    function _load(Book storage book, LendingContext memory context, LoanId loanId)
        private
        returns (Restating memory restating)
    {
        restating.loanId = loanId;
        restating.loan = loadLoan(book, loanId);
        restating.before = loadLoan(book, loanId);
        FacilityRecord storage facilityRow = book.facilities[restating.loan.facts.facilityId];
        restating.day = rollLoanNow(book, context, restating.before, facilityRow.currency);
    }

    function _tell(LoanId loanId, LoanView memory loan, bool isUnsecured, uint256 day, uint256 overpaid) private {
        uint256 payoff = LoanMath.sumOf(LoanMath.payoff(loan.terms, loan.state));
        uint64 outstanding = uint64(LoanMath.outstanding(loan.state));
        emit IPostings.LoanRestated(
            loanId, loan.facts.status, isUnsecured, uint24(day), outstanding, uint64(payoff), uint64(overpaid)
        );
    }

    /// @dev Runs the loan anew, to its own day. A payment whose value day is not before the loan's last change needs no
    /// history. The fee is the administering bank's, on more interest and penalty than before; what is less, the two
    /// settle outside the ledger.
    function _run(
        Book storage book,
        Restating memory restating,
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
            outcome = LoanHistory.replay(restating.loanId, loan, history, change, restating.day);
            if (facilityRow.entruster != address(0)) {
                LoanHistory.Change memory none;
                earnedBefore = LoanHistory.replay(restating.loanId, loan, history, none, restating.day).earned;
            }
        }
        if (outcome.earned > earnedBefore) {
            restating.fee = (outcome.earned - earnedBefore) * facilityRow.administrationFee / RepaymentMath.WHOLE;
        }
        restating.outcome = outcome;
        restating.isWorse = _isWorse(book, restating);
    }

    function _isLast(Restating memory restating, uint256 valueDay) private pure returns (bool) {
        return valueDay == restating.day || (valueDay >= restating.loan.state.asOfDay && valueDay < restating.day);
    }

    function _isInDefault(LoanView memory loan) private pure returns (bool) {
        return loan.facts.status == ILoans.Status.Defaulted || loan.facts.status == ILoans.Status.WrittenOff;
    }

    /// @dev Whether the borrower is worse off: it owes more in all, or more of it now, or is newly overdue or in
    /// default. A payment that counts earlier may be a prepayment, and leave the instalment unpaid.
    function _isWorse(Book storage book, Restating memory restating) private view returns (bool) {
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
        return (state.pastPrincipal != 0 || state.pastInterest != 0) && !Settlement.isOverdue(before);
    }

    /// @dev Returns whether a loan that was repaid, and whose collateral was released, is owed again.
    function _setStatus(Book storage book, LoanView memory loan, bool isDefaulted) private returns (bool isUnsecured) {
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        ILoans.Status before = loan.facts.status;
        ILoans.Status status = ILoans.Status.Running;
        if (LoanMath.isPaid(loan.terms, loan.state)) status = ILoans.Status.Repaid;
        else if (isDefaulted) status = before == ILoans.Status.WrittenOff ? before : ILoans.Status.Defaulted;
        loan.facts.status = status;
        BorrowerLimits.noteStatus(book, facilityRow, before, status);
        if (before == status || (before != ILoans.Status.Repaid && status != ILoans.Status.Repaid)) return false;
        if (status == ILoans.Status.Repaid) {
            facilityRow.openLoans -= 1;
            return false;
        }
        facilityRow.openLoans += 1;
        isUnsecured = loan.facts.collateral != IProducts.CollateralKind.None;
        loan.facts.collateral = IProducts.CollateralKind.None;
        loan.facts.collateralId = 0;
        loan.facts.debtor = PartyId.wrap(0);
        loan.facts.marginCalled = false;
    }

    function _setSums(Book storage book, Restating memory restating) private {
        LoanView memory loan = restating.loan;
        uint256 owedBefore = LoanMath.outstanding(restating.before.state);
        uint256 owed = LoanMath.outstanding(loan.state);
        if (owed < owedBefore) Settlement.lower(book, loan, uint64(owedBefore - owed));
        else Settlement.raise(book, loan, uint64(owed - owedBefore));
        if (loan.facts.markedOverdue) {
            if (!Settlement.isOverdue(loan)) Settlement.unmark(book, loan);
        } else if (_isInDefault(loan)) {
            Settlement.mark(book, restating.loanId, loan, restating.day);
        }
    }

    function _follow(Book storage book, LendingContext memory context, Restating memory restating) private {
        LoanId loanId = restating.loanId;
        LoanView memory loan = restating.loan;
        ILoans.Status status = loan.facts.status;
        if (status != ILoans.Status.Running && status != ILoans.Status.Repaid) return;
        bool isNew = status != restating.before.facts.status;
        if (isNew && book.auctions[loanId].openedAt != 0) {
            delete book.auctions[loanId];
            emit ILiquidation.AuctionEnded(loanId);
        }
        if (status == ILoans.Status.Running) {
            if (loan.facts.marginCalled) MarginCall.review(book, context, loanId);
        } else if (isNew) {
            emit ILoans.LoanEnded(loanId, uint24(restating.day));
            Settlement.releaseCollateral(book, context, loanId, loan);
        }
    }
}
