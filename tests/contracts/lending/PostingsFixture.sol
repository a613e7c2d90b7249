// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {LoanId} from "../../../contracts/types/Ids.sol";
import {packPosting, packRecorded, PostingWord} from "../../../contracts/types/PostingWord.sol";
import {LendingFixture} from "./LendingFixture.sol";

/// Loans on which the bank records and corrects payments. The fixture keeps each loan's postings, as the gateway does.
abstract contract PostingsFixture is LendingFixture {
    mapping(LoanId => PostingWord[]) internal _postings;
    /// The state from which the history runs, if both sides changed the loan's terms.
    mapping(LoanId => bytes) private _starts;
    uint256 private _nonces;

    function _history(LoanId loanId) internal view returns (IPostings.History memory history) {
        history.postings = _postings[loanId];
        if (_starts[loanId].length == 0) return history;
        history.start = abi.decode(_starts[loanId], (LoanMath.State));
        history.fromDay = history.start.asOfDay;
    }

    /// Both sides changed the loan's terms today.
    function _startAnew(LoanId loanId) internal {
        delete _postings[loanId];
        _starts[loanId] = abi.encode(facilities.loan(loanId).state);
    }

    function _none() internal pure returns (IPostings.History memory history) {}

    /// The bank records a payment that came in outside the ledger.
    function _record(LoanId loanId, uint64 amount, uint24 valueDay) internal returns (PostingWord posting) {
        bytes32 bankReference = keccak256(abi.encode(++_nonces));
        IPostings.History memory history = _history(loanId);
        posting = packRecorded(valueDay, _today(), amount, bankReference);
        vm.prank(bank);
        facilities.recordPayment(_payment(loanId, amount, valueDay, bankReference), history);
        _insert(loanId, posting);
    }

    function _payment(LoanId loanId, uint64 amount, uint24 valueDay, bytes32 bankReference)
        internal
        pure
        returns (IPostings.Payment memory)
    {
        return IPostings.Payment(LoanId.unwrap(loanId), amount, valueDay, bankReference);
    }

    function _reversal(LoanId loanId, PostingWord posting) internal returns (IPostings.Correction memory correction) {
        correction.loanId = LoanId.unwrap(loanId);
        correction.posting = PostingWord.unwrap(posting);
        correction.reasonHash = keccak256("returned");
        correction.deadline = _deadline();
        correction.nonce = ++_nonces;
    }

    function _reverse(LoanId loanId, PostingWord posting) internal {
        IPostings.Correction memory correction = _reversal(loanId, posting);
        IPostings.History memory history = _history(loanId);
        vm.prank(bank);
        facilities.correctPayment(correction, history, _none(), "");
        _remove(loanId, posting);
    }

    function _reverseWithSignature(LoanId loanId, PostingWord posting) internal {
        IPostings.Correction memory correction = _reversal(loanId, posting);
        IPostings.History memory history = _history(loanId);
        bytes memory signature = _signed(SELLER_KEY, facilities.correctionDigest(correction));
        vm.prank(bank);
        facilities.correctPayment(correction, history, _none(), signature);
        _remove(loanId, posting);
    }

    function _move(LoanId loanId, PostingWord posting, LoanId toLoanId, uint24 valueDay)
        internal
        returns (PostingWord moved)
    {
        IPostings.Correction memory correction = _reversal(loanId, posting);
        correction.toLoanId = LoanId.unwrap(toLoanId);
        correction.valueDay = valueDay;
        IPostings.History memory history = _history(loanId);
        IPostings.History memory toHistory = _history(toLoanId);
        moved = posting.withValueDay(valueDay);
        vm.prank(bank);
        facilities.correctPayment(correction, history, toHistory, "");
        _remove(loanId, posting);
        _insert(toLoanId, moved);
    }

    /// A repayment on the ledger.
    function _repayNow(LoanId loanId, uint64 amount) internal {
        LoanMath.Parts memory parts = _repay(loanId, amount);
        _note(loanId, 1, _sum(parts));
    }

    function _note(LoanId loanId, uint8 kind, uint256 amount) internal {
        _postings[loanId].push(packPosting(kind, _today(), amount));
    }

    /// Sorted by value day; a new posting comes after all others of its day.
    function _insert(LoanId loanId, PostingWord posting) internal {
        PostingWord[] storage postings = _postings[loanId];
        postings.push(posting);
        for (uint256 i = postings.length - 1; i > 0 && postings[i - 1].valueDay() > posting.valueDay(); --i) {
            postings[i] = postings[i - 1];
            postings[i - 1] = posting;
        }
    }

    function _remove(LoanId loanId, PostingWord posting) internal {
        PostingWord[] storage postings = _postings[loanId];
        bool isGone;
        for (uint256 i; i < postings.length; ++i) {
            if (isGone) postings[i - 1] = postings[i];
            else isGone = postings[i].sameAs(posting);
        }
        postings.pop();
    }

    function _requireSame(LoanId one, LoanId other, string memory what) internal view {
        ILoans.Loan memory first = facilities.loan(one);
        ILoans.Loan memory second = facilities.loan(other);
        assertEq(_hash(abi.encode(first.state)), _hash(abi.encode(second.state)), what);
        assertEq(_hash(abi.encode(first.payoff)), _hash(abi.encode(second.payoff)), what);
        assertTrue(first.status == second.status, what);
        assertTrue(first.markedOverdue == second.markedOverdue, what);
        assertEq(facilities.postingsOf(one).overpaid, facilities.postingsOf(other).overpaid, what);
    }

    function _hash(bytes memory data) private pure returns (uint256) {
        return uint256(keccak256(data));
    }
}
