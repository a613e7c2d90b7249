// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {LoanId} from "../types/Ids.sol";
import {PostingWord} from "../types/PostingWord.sol";
import {Book, LendingContext, LoanView, RaisedDebt} from "./FacilityBook.sol";
import {ICollateral} from "./collateral/ICollateral.sol";
import {ILoans} from "./ILoans.sol";
import {LoanHistory} from "./LoanHistory.sol";
import {LoanRestatement} from "./LoanRestatement.sol";
import {Settlement} from "./Settlement.sol";

/// @title What follows when a correction, a late rate or new terms raise a loan's debt: the borrower gets days to pay it,
/// and of a loss the lender bears what its own word brought back.
/// @notice Internal to the libraries of Facilities. Sources: decisions 37, 41 and 42.
library RaisedDebts {
    /// @dev Days of a loan in which the borrower's days count against a mark at most once: else the lender could keep the
    /// loan from being marked for ever, by recording and reversing.
    uint256 private constant HELD_UP_ONCE_IN = 90;

    /// @notice Follows a correction, or a payment that is recorded.
    /// @dev A loan that is overdue is not overdue anew: it can be marked as before. Before a default, which only the lender
    /// declares, the borrower gets its days all the same.
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
        if (change.removed.isNone()) _replace(raised, context, restating);
        uint256 rise = _riseOf(raised, restating, change.removed);
        if (rise == 0 && !restating.isWorse) return;
        raised.day = uint24(restating.day);
        if (!Settlement.isOverdue(before)) _holdUp(raised, before.terms, restating.outcome.state, restating.day);
        if (rise != 0) _bringBack(raised, rise, change.removed);
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
        _holdUp(raised, terms, state, state.asOfDay);
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
        book.raised[loanId].hasCosts = true;
    }

    /// @notice Keeps that goods left the collateral, or that an order or goods became something else.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    function noteLeft(Book storage book, LendingContext memory context, LoanId loanId) internal {
        book.raised[loanId].leftDay = uint24(context.today);
    }

    /// @notice Follows goods that left for the promise of a debtor that was accepted after the draw: the lender bears as
    /// much of a loss.
    /// @param book The stored state of Facilities.
    /// @param loanId The loan.
    /// @param fall By how much less the debt is secured without such promises, in minor units.
    function leave(Book storage book, LoanId loanId, uint256 fall) internal {
        RaisedDebt storage raised = book.raised[loanId];
        raised.left = uint64(Math.min(uint256(raised.left) + fall, type(uint64).max));
        emit ICollateral.GoodsLeftForPromise(loanId, uint64(Math.min(fall, type(uint64).max)));
    }

    /// @notice What of a loan's loss the lender bears by what happened to the loan.
    /// @param raised What was kept of the loan.
    /// @return Minor units.
    function ownOf(RaisedDebt memory raised) internal pure returns (uint256) {
        return uint256(raised.own) + raised.left;
    }

    /// @notice Whether nobody but the lender bears a loan's loss.
    /// @param raised What was kept of the loan.
    /// @param loss The loss, in minor units.
    /// @return True if nobody does.
    function isOwn(RaisedDebt memory raised, uint64 loss) internal pure returns (bool) {
        return raised.hasCosts || ownOf(raised) >= loss;
    }

    function _raise(RaisedDebt storage raised, uint256 rise) private {
        raised.own = uint64(Math.min(uint256(raised.own) + rise, type(uint64).max));
    }

    /// @dev Something is due that was not overdue: the loan is marked once the borrower has had its days. Before anything
    /// is due, no days are used up.
    function _holdUp(RaisedDebt storage raised, LoanMath.Terms memory terms, LoanMath.State memory state, uint256 day)
        private
    {
        uint256 newDay = raised.newDay;
        if (newDay != 0 && day < newDay + HELD_UP_ONCE_IN) return;
        if (LoanMath.sumOf(LoanMath.amountDue(terms, state)) != 0) raised.newDay = uint24(day);
    }

    /// @dev Money that is recorded takes the place of what was reversed before. Once the loan is in default, it may be what
    /// the collateral brought: it takes nothing's place, but if it is reversed, what was reversed before covers it.
    function _replace(
        RaisedDebt storage raised,
        LendingContext memory context,
        LoanRestatement.Restating memory restating
    ) private {
        bool isRunning = restating.before.facts.status == ILoans.Status.Running;
        if (isRunning) raised.runningDay = uint24(context.today);
        (uint64 own, uint64 covered) = (raised.own, raised.covered);
        if (own == 0) return;
        uint256 owed = LoanMath.outstanding(restating.outcome.state);
        uint256 fall = Math.saturatingSub(LoanMath.outstanding(restating.before.state), owed);
        if (!isRunning) {
            raised.covered = covered + uint64(Math.min(own - covered, fall));
            return;
        }
        own -= uint64(Math.min(own, fall));
        raised.own = own;
        if (covered > own) raised.covered = own;
    }

    /// @dev What was recorded in default and comes back again counts once: the lender bears as much as its word brought
    /// back at most at a time. A payment that may have been recorded before the default counts in full.
    function _bringBack(RaisedDebt storage raised, uint256 rise, PostingWord removed) private {
        if (removed.recordedDay() > raised.runningDay) {
            uint64 covered = raised.covered;
            uint64 used = uint64(Math.min(covered, rise));
            raised.covered = covered - used;
            rise -= used;
        }
        _raise(raised, rise);
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
