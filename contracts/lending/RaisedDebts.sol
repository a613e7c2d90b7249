// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {LoanId} from "../types/Ids.sol";
import {PostingWord} from "../types/PostingWord.sol";
import {Book, LendingContext, LoanView, RaisedDebt} from "./FacilityBook.sol";
import {ILoans} from "./ILoans.sol";
import {LoanHistory} from "./LoanHistory.sol";
import {LoanRestatement} from "./LoanRestatement.sol";
import {Settlement} from "./Settlement.sol";

/// @title What follows when a correction, a late rate or new terms raise a loan's debt: the borrower gets days to pay it,
/// and of a loss the lender bears what its own word brought back.
/// @notice Internal to the libraries of Facilities. Sources: decisions 37, 41 and 42.
library RaisedDebts {
    /// @notice Follows a correction, or a payment that is recorded.
    /// @dev A loan that was overdue when the payment was recorded is overdue again, not anew: else the lender could keep
    /// it from being marked for ever, by recording and reversing. The borrower gets its days before a default all the same,
    /// which only the lender declares.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param restating The loan that was run anew.
    /// @param change What changes.
    function follow(
        Book storage book,
        LendingContext memory context,
        LoanRestatement.Restating memory restating,
        LoanHistory.Change memory change
    ) internal {
        RaisedDebt storage raised = book.raised[restating.loanId];
        LoanView memory before = restating.before;
        bool wasOverdue = Settlement.isOverdue(before);
        if (change.removed.isNone()) {
            if (wasOverdue) raised.lateDay = uint24(context.today);
            _forget(raised, restating);
        }
        uint256 rise = _riseOf(raised, restating, change.removed);
        if (rise == 0 && !restating.isWorse) return;
        raised.day = uint24(restating.day);
        if (!wasOverdue && change.removed.recordedDay() > raised.lateDay) raised.newDay = uint24(restating.day);
        if (rise != 0) _raise(raised, rise);
    }

    /// @notice Follows a rate that came late: if the borrower owes more by it, or more of it now, it gets days to pay. It
    /// gets none if the loan was overdue before, because anyone may call a reset.
    /// @param book The stored state of Facilities.
    /// @param loanId The loan.
    /// @param before The loan at the rate before it, on its own day.
    /// @param terms How it runs with the rate.
    /// @param state Its state with the rate, on the same day.
    function followRate(
        Book storage book,
        LoanId loanId,
        LoanView memory before,
        LoanMath.Terms memory terms,
        LoanMath.State memory state
    ) internal {
        if (Settlement.isOverdue(before)) return;
        if (
            LoanMath.sumOf(LoanMath.amountDue(terms, state))
                    <= LoanMath.sumOf(LoanMath.amountDue(before.terms, before.state))
                && LoanMath.sumOf(LoanMath.payoff(terms, state))
                    <= LoanMath.sumOf(LoanMath.payoff(before.terms, before.state))
        ) return;
        RaisedDebt storage raised = book.raised[loanId];
        raised.day = state.asOfDay;
        raised.newDay = state.asOfDay;
    }

    /// @notice Follows interest that became principal: nobody else bears a loss of it.
    /// @param book The stored state of Facilities.
    /// @param loanId The loan.
    /// @param capitalised Minor units.
    /// @param day The loan's own day number.
    function capitalise(Book storage book, LoanId loanId, uint64 capitalised, uint256 day) internal {
        RaisedDebt storage raised = book.raised[loanId];
        raised.day = uint24(day);
        _raise(raised, capitalised);
    }

    /// @notice Follows recorded payments that the borrower renounced: they were the lender's word.
    /// @param book The stored state of Facilities.
    /// @param loanId The loan.
    /// @param principal Minor units that are owed again.
    function renounce(Book storage book, LoanId loanId, uint64 principal) internal {
        if (principal != 0) _raise(book.raised[loanId], principal);
    }

    /// @notice Follows costs that both sides signed: they are paid before principal, so the lender bears the loan's loss.
    /// @param book The stored state of Facilities.
    /// @param loanId The loan.
    function noteCosts(Book storage book, LoanId loanId) internal {
        RaisedDebt storage raised = book.raised[loanId];
        raised.isPrincipal = true;
        raised.hasCosts = true;
    }

    /// @notice Keeps that goods left the collateral, or that an order or goods became something else.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    function noteLeft(Book storage book, LendingContext memory context, LoanId loanId) internal {
        book.raised[loanId].leftDay = uint24(context.today);
    }

    /// @notice Whether nobody but the lender bears a loan's loss.
    /// @param raised What was kept of the loan.
    /// @param loss The loss, in minor units.
    /// @return True if nobody does.
    function isOwn(RaisedDebt memory raised, uint64 loss) internal pure returns (bool) {
        return raised.hasCosts || raised.own >= loss;
    }

    function _raise(RaisedDebt storage raised, uint256 rise) private {
        raised.isPrincipal = true;
        raised.own = uint64(Math.min(uint256(raised.own) + rise, type(uint64).max));
    }

    /// @dev Money that is recorded takes the place of what was reversed before. Once the loan is in default, it may be what
    /// the collateral brought.
    function _forget(RaisedDebt storage raised, LoanRestatement.Restating memory restating) private {
        uint64 own = raised.own;
        if (own == 0 || restating.before.facts.status != ILoans.Status.Running) return;
        uint256 owed = LoanMath.outstanding(restating.outcome.state);
        uint256 fall = Math.saturatingSub(LoanMath.outstanding(restating.before.state), owed);
        if (fall != 0) raised.own = own - uint64(Math.min(own, fall));
    }

    /// @dev By how much the principal that is owed rises. If goods left since the payment was recorded, it may have let
    /// them go, whatever it paid: all that is owed counts.
    function _riseOf(RaisedDebt storage raised, LoanRestatement.Restating memory restating, PostingWord removed)
        private
        view
        returns (uint256 rise)
    {
        LoanMath.State memory state = restating.outcome.state;
        LoanView memory before = restating.before;
        rise = Math.saturatingSub(LoanMath.outstanding(state), LoanMath.outstanding(before.state));
        if (removed.isNone() || raised.leftDay < removed.recordedDay()) return rise;
        uint256 owed = LoanMath.sumOf(LoanMath.payoff(before.terms, state));
        return Math.max(rise, Math.saturatingSub(owed, LoanMath.sumOf(LoanMath.payoff(before.terms, before.state))));
    }
}
