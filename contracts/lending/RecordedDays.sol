// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanId} from "../types/Ids.sol";
import {PostingWord} from "../types/PostingWord.sol";
import {Book, LendingContext, TakenOffRecord} from "./FacilityBook.sol";
import {LoanRestatement} from "./LoanRestatement.sol";

/// @title From which day the lender's days to correct a recorded payment count.
/// @notice The lender alone may correct what it recorded within the days that the facility names. By taking a payment off
/// the loan and recording it anew it would get these days again, so what takes its place keeps the day of the first
/// recording. Money that came in later has days of its own.
/// @dev Internal to LoanRerun. Source: decision 37.
library RecordedDays {
    /// @notice Gives a payment that is recorded now the day of the recording whose place it takes: up to the sum that the
    /// lender alone took off the loan, for money that counts from no later day than that on which it did so.
    /// @param book The stored state of Facilities.
    /// @param loanId The loan.
    /// @param posting The payment.
    /// @return The payment as it is posted.
    function inherit(Book storage book, LoanId loanId, PostingWord posting) internal returns (PostingWord) {
        TakenOffRecord storage taken = book.takenOff[loanId];
        (uint64 left, uint24 firstDay, uint64 amount) = (taken.amount, taken.firstDay, posting.amount());
        if (left == 0 || posting.valueDay() > taken.lastDay) return posting;
        taken.amount = left > amount ? left - amount : 0;
        return posting.recordedDay() > firstDay ? posting.withRecordedDay(firstDay) : posting;
    }

    /// @notice Keeps that the lender alone took a payment off a loan. What the borrower signed, both know.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param restating The loan that was run anew.
    /// @param removed The payment.
    function noteTakenOff(
        Book storage book,
        LendingContext memory context,
        LoanRestatement.Restating memory restating,
        PostingWord removed
    ) internal {
        uint24 recordedDay = removed.recordedDay();
        uint256 correctionDays = book.correctionDays[restating.loan.facts.facilityId];
        if (context.today > recordedDay + correctionDays) return;
        TakenOffRecord storage taken = book.takenOff[restating.loanId];
        uint256 amount = uint256(taken.amount) + removed.amount();
        if (taken.amount == 0 || recordedDay < taken.firstDay) taken.firstDay = recordedDay;
        taken.amount = amount > type(uint64).max ? type(uint64).max : uint64(amount);
        taken.lastDay = uint24(restating.day);
    }
}
