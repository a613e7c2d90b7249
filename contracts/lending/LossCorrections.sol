// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanMath} from "../math/LoanMath.sol";
import {LoanId} from "../types/Ids.sol";
import {PostingWord} from "../types/PostingWord.sol";
import {Book, FacilityRecord, LendingContext} from "./FacilityBook.sol";
import {IPostings} from "./IPostings.sol";
import {LoanHistory} from "./LoanHistory.sol";
import {LoanRestatement} from "./LoanRestatement.sol";
import {Settlement} from "./Settlement.sol";

/// @title What a correction does to those who bore a loan's loss.
/// @notice What a loan owes less than before, those who bore its loss get, from the lender. What it owes more, because
/// a recovery was reversed, nobody gives back: the lender gets it first of later recoveries.
/// @dev Internal to LoanCorrections. The principal that is owed and what was recovered always sum to the loss.
/// Source: decision 50.
library LossCorrections {
    /// @notice Refuses a correction by which others would bear more than the loss that was recorded. A payment that was
    /// recorded since then is a recovery, and stays one if its value day moves.
    /// @dev Reverts with {IPostings.LossUnfounded} if the default on which the loss rests would fall away.
    /// Reverts with {IPostings.LossShared} if more principal would be owed, and no recovery is reversed.
    /// @param book The stored state of Facilities.
    /// @param restating The loan that was run anew.
    /// @param change What changes.
    function admit(Book storage book, LoanRestatement.Restating memory restating, LoanHistory.Change memory change)
        internal
    {
        LoanId loanId = restating.loanId;
        LoanMath.State memory state = restating.outcome.state;
        if (!restating.outcome.isDefaulted && !LoanMath.isPaid(restating.loan.terms, state)) {
            revert IPostings.LossUnfounded(loanId, change.added.valueDay());
        }
        mapping(PostingWord => uint256) storage recoveries = book.recoveries[loanId];
        bool isNew = change.removed.isNone();
        bool isRecovery = !isNew && recoveries[change.removed] != 0;
        if (!isRecovery && _rise(restating) > 0) revert IPostings.LossShared(loanId);
        if (isRecovery) recoveries[change.removed] -= 1;
        if ((isNew || isRecovery) && !change.added.isNone()) recoveries[change.added] += 1;
    }

    /// @notice Gives those who bore the loss what the corrected loan owes less, or takes back what it owes more.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param restating The loan that was run anew.
    /// @return outlay What others keep of a recovery that was reversed, in minor units.
    function share(Book storage book, LendingContext memory context, LoanRestatement.Restating memory restating)
        internal
        returns (uint64 outlay)
    {
        int256 rise = _rise(restating);
        if (rise > 0) {
            outlay = context.reserve.reverseRecovery(restating.loanId, uint64(uint256(rise)));
        } else if (rise < 0) {
            FacilityRecord storage facilityRow = book.facilities[restating.loan.facts.facilityId];
            address funder = Settlement.funderOf(facilityRow);
            Settlement.recover(context, restating.loanId, facilityRow.currency, funder, uint64(uint256(-rise)));
        }
    }

    /// @notice What the lender pays to those who bore the loss.
    /// @param restating The loan that was run anew.
    /// @return Minor units.
    function recovered(LoanRestatement.Restating memory restating) internal pure returns (uint256) {
        int256 rise = _rise(restating);
        return rise < 0 ? uint256(-rise) : 0;
    }

    /// @dev By how much the principal that is owed rises, in minor units.
    function _rise(LoanRestatement.Restating memory restating) private pure returns (int256) {
        uint256 owed = LoanMath.outstanding(restating.outcome.state);
        return int256(owed) - int256(LoanMath.outstanding(restating.before.state));
    }
}
