// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {LoanId} from "../../../contracts/types/Ids.sol";
import {PostingWord} from "../../../contracts/types/PostingWord.sol";

/// A payment as the ledger posts it now: what takes the place of a payment that the lender alone took off the loan has the
/// day of the first recording.
function recordedAs(IFacilities facilities, LoanId loanId, PostingWord posting) view returns (PostingWord) {
    IPostings.PostingsState memory state = facilities.postingsOf(loanId);
    bool inherits = state.takenOff != 0 && posting.valueDay() <= state.takenOffLastDay;
    if (!inherits || posting.recordedDay() <= state.takenOffFirstDay) return posting;
    return posting.withRecordedDay(state.takenOffFirstDay);
}
