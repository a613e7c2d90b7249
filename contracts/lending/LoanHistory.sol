// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanMath} from "../math/LoanMath.sol";
import {LoanRelief} from "../math/LoanRelief.sol";
import {LoanId} from "../types/Ids.sol";
import {FLOATING} from "../types/LoanTermsWord.sol";
import {
    COSTS,
    DEFAULTED,
    FEE,
    LIQUIDATED,
    packPosting,
    PostingWord,
    RATE_SET,
    RECORDED,
    REFUNDED,
    WAIVED_FEE,
    WAIVED_INTEREST,
    WAIVED_PENALTY
} from "../types/PostingWord.sol";
import {packServiceFees} from "../types/ServiceFeesWord.sol";
import {LoanView} from "./FacilityBook.sol";
import {ILoans} from "./ILoans.sol";
import {IPostings} from "./IPostings.sol";

/// @title What was posted on a loan: a chain of hashes, and the loan run anew from its history.
/// @notice A loan keeps 160 bits: the hash of the previous hash and the last posting. Who corrects brings the postings
/// along; they count only if their chain ends at what the loan keeps.
/// @dev Linked to LoanCorrections; what only adds to the chain is internal. Source: decision 37.
library LoanHistory {
    /// @notice What a correction changes.
    /// @param added The posting that is inserted by its value day, after all others of that day; a rate before them all,
    /// but after the rates of that day; 0: none.
    /// @param removed The posting that is left out; 0: none.
    struct Change {
        PostingWord added;
        PostingWord removed;
    }

    /// @notice A loan that was run anew.
    /// @param state Its state.
    /// @param head Head of the chain of the new history.
    /// @param overpaid Money that is not owed, in minor units.
    /// @param earned Interest and penalty that were paid or waived, in minor units.
    /// @param isDefaulted Whether all of it fell due.
    struct Outcome {
        LoanMath.State state;
        uint160 head;
        uint256 overpaid;
        uint256 earned;
        bool isDefaulted;
    }

    /// @notice A history that was run in part, with a change.
    /// @param outcome The loan as of the last posting that was run.
    /// @param head Head of the chain of the history as it was given.
    /// @param count How many postings were run.
    /// @param firstDay The loan's own day number on which the history begins.
    /// @param annualRate The rate as of the last posting, in parts per million a year.
    /// @param isAdded Whether the posting that is inserted is in it, or there is none.
    /// @param isRemoved Whether the posting that is left out was met, or there is none.
    struct Run {
        Outcome outcome;
        uint160 head;
        uint32 count;
        uint24 firstDay;
        uint24 annualRate;
        bool isAdded;
        bool isRemoved;
    }

    /// @notice `History.fromDay` of a history that goes on where {IPostings.runHistory} stopped.
    uint24 internal constant CONTINUED = type(uint24).max;

    /// @notice The head of a chain with one more posting.
    /// @param head The head so far.
    /// @param posting The posting.
    /// @return next The new head.
    function link(uint160 head, PostingWord posting) internal pure returns (uint160 next) {
        assembly ("memory-safe") {
            mstore(0, head)
            mstore(32, posting)
            next := and(keccak256(0, 64), 0xffffffffffffffffffffffffffffffffffffffff)
        }
    }

    /// @notice Adds a posting of the ledger's own to a loan in memory.
    /// @param loan The loan.
    /// @param kind What happened.
    /// @param day The loan's own day number: never before that of an earlier posting.
    /// @param amount Minor units.
    function add(LoanView memory loan, uint8 kind, uint256 day, uint256 amount) internal pure {
        loan.facts.postings = link(loan.facts.postings, packPosting(kind, day, amount));
    }

    /// @notice The head of a chain that begins with a state: both sides changed the loan's terms.
    /// @param fromDay The loan's own day number of the change.
    /// @param state The state after it.
    /// @return The head.
    function headOf(uint256 fromDay, LoanMath.State memory state) internal pure returns (uint160) {
        return uint160(uint256(keccak256(abi.encode(fromDay, state))));
    }

    /// @notice Begins a new history of a loan in memory: both sides changed its terms. That of a floating rate begins
    /// with the rate.
    /// @param loan The loan.
    /// @param day The loan's own day number of the change.
    function begin(LoanView memory loan, uint256 day) internal pure {
        loan.facts.postings = headOf(day, loan.state);
        if (loan.facts.traits & FLOATING != 0) add(loan, RATE_SET, day, loan.terms.annualRate);
    }

    /// @notice Runs a part of a loan's history, with one posting more, one less, or both.
    /// @dev Reverts as {replay}, except for what only the end of the history tells.
    /// @param loanId The loan.
    /// @param loan The loan as stored.
    /// @param history What was posted, in order; of a history that goes on, what follows what was run.
    /// @param change What changes.
    /// @param ran What was run before, if the history goes on; else it is not read.
    /// @param today The loan's own day number.
    /// @return What was run.
    function run(
        LoanId loanId,
        LoanView memory loan,
        IPostings.History calldata history,
        Change memory change,
        Run memory ran,
        uint256 today
    ) external pure returns (Run memory) {
        return _run(loanId, loan, history, change, ran, today);
    }

    /// @notice Runs a loan anew, with one posting more, one less, or both.
    /// @dev Reverts with {IPostings.HistoryDiffers} if the history is not the loan's.
    /// Reverts with {IPostings.PostingUnknown} if the posting that is left out is not in it.
    /// Reverts with {IPostings.ValueDayOutOfRange} if the new value day is before the history's first day.
    /// Reverts with {ILoans.NothingOwed} if nothing was owed on the new posting's value day.
    /// Reverts with {IPostings.RefundUncovered} if money that was refunded would be owed.
    /// @param loanId The loan.
    /// @param loan The loan as stored.
    /// @param history What was posted, in order; of a history that goes on, what follows what was run.
    /// @param change What changes.
    /// @param ran What was run before, if the history goes on; else it is not read.
    /// @param today The loan's own day number.
    /// @return outcome The loan as of today.
    function replay(
        LoanId loanId,
        LoanView memory loan,
        IPostings.History calldata history,
        Change memory change,
        Run memory ran,
        uint256 today
    ) external pure returns (Outcome memory outcome) {
        ran = _run(loanId, loan, history, change, ran, today);
        outcome = ran.outcome;
        if (ran.head != loan.facts.postings) revert IPostings.HistoryDiffers(loanId, ran.head, loan.facts.postings);
        if (!ran.isRemoved) revert IPostings.PostingUnknown(loanId, PostingWord.unwrap(change.removed));
        if (!ran.isAdded) _insert(loanId, loan.terms, outcome, change.added);
        LoanMath.roll(loan.terms, outcome.state, today);
    }

    /// @notice Posts money that was recorded, at the end of what was posted before.
    /// @dev Reverts with {ILoans.NothingOwed} if nothing was owed on its value day.
    /// @param loanId The loan.
    /// @param terms How it runs.
    /// @param before The loan before it.
    /// @param posting The posting.
    /// @param today The loan's own day number.
    /// @return The loan as of today.
    function append(
        LoanId loanId,
        LoanMath.Terms memory terms,
        Outcome memory before,
        PostingWord posting,
        uint256 today
    ) external pure returns (Outcome memory) {
        _insert(loanId, terms, before, posting);
        LoanMath.roll(terms, before.state, today);
        return before;
    }

    /// @dev Whether a posting that is inserted comes before one of the history. Of the rates of one day the one that was
    /// set last stands.
    function _isBefore(PostingWord added, PostingWord posting) private pure returns (bool) {
        if (posting.valueDay() != added.valueDay()) return posting.valueDay() > added.valueDay();
        return added.kind() == RATE_SET && posting.kind() != RATE_SET;
    }

    /// @dev Posts money that was recorded, or a rate; changes `outcome` in place.
    function _insert(LoanId loanId, LoanMath.Terms memory terms, Outcome memory outcome, PostingWord posting)
        private
        pure
    {
        uint256 before = outcome.overpaid;
        _post(loanId, terms, outcome, posting);
        if (posting.kind() == RECORDED && outcome.overpaid == before + posting.amount()) {
            revert ILoans.NothingOwed(loanId);
        }
    }

    function _run(
        LoanId loanId,
        LoanView memory loan,
        IPostings.History calldata history,
        Change memory change,
        Run memory ran,
        uint256 today
    ) private pure returns (Run memory) {
        if (history.fromDay == CONTINUED) loan.terms.annualRate = ran.annualRate;
        else ran = _begun(loan, history, change);
        uint256 valueDay = change.added.valueDay();
        if (!change.added.isNone() && (valueDay < ran.firstDay || valueDay > today)) {
            revert IPostings.ValueDayOutOfRange(loanId, valueDay, ran.firstDay, today);
        }
        for (uint256 i; i < history.postings.length; ++i) {
            _step(loanId, loan.terms, change, ran, history.postings[i]);
        }
        ran.annualRate = loan.terms.annualRate;
        return ran;
    }

    /// @dev One posting of the history, with what changes there; changes `terms` and `ran` in place.
    function _step(
        LoanId loanId,
        LoanMath.Terms memory terms,
        Change memory change,
        Run memory ran,
        PostingWord posting
    ) private pure {
        ran.head = link(ran.head, posting);
        if (ran.count++ == 0 && posting.kind() == RATE_SET) {
            // The rate with which the history begins.
            terms.annualRate = uint24(posting.amount());
            ran.outcome.head = ran.head;
            return;
        }
        if (!ran.isRemoved && posting.sameAs(change.removed)) {
            ran.isRemoved = true;
            return;
        }
        if (!ran.isAdded && _isBefore(change.added, posting)) {
            ran.isAdded = true;
            _insert(loanId, terms, ran.outcome, change.added);
        }
        _post(loanId, terms, ran.outcome, posting);
    }

    function _begun(LoanView memory loan, IPostings.History calldata history, Change memory change)
        private
        pure
        returns (Run memory ran)
    {
        ran.isAdded = change.added.isNone();
        ran.isRemoved = change.removed.isNone();
        Outcome memory outcome = ran.outcome;
        if (history.fromDay == 0) {
            ran.firstDay = loan.facts.drawnDay;
            outcome.state = LoanMath.opened(loan.terms, loan.facts.drawn);
            // The share of each instalment never changes in one history; what a draw costs is a posting.
            outcome.state.fees = packServiceFees(0, 0, 0, loan.state.fees.periodicFee());
            return ran;
        }
        ran.firstDay = history.fromDay;
        outcome.state = history.start;
        outcome.head = headOf(history.fromDay, outcome.state);
        ran.head = outcome.head;
    }

    /// @dev What is not owed waits, and pays what is charged later.
    function _post(LoanId loanId, LoanMath.Terms memory terms, Outcome memory outcome, PostingWord posting)
        private
        pure
    {
        LoanMath.State memory state = outcome.state;
        uint256 day = posting.valueDay();
        uint8 kind = posting.kind();
        outcome.head = link(outcome.head, posting);
        LoanMath.roll(terms, state, day);
        if (kind == RATE_SET) {
            LoanMath.resetRate(terms, state, uint24(posting.amount()));
            return;
        }
        if (kind == REFUNDED) {
            if (posting.amount() > outcome.overpaid) {
                revert IPostings.RefundUncovered(loanId, posting.amount(), outcome.overpaid);
            }
            outcome.overpaid -= posting.amount();
            return;
        }
        if (kind == DEFAULTED || kind == LIQUIDATED) {
            // A default that rests on what was unpaid falls away if nothing was.
            if (kind == DEFAULTED && !LoanMath.hasPast(state)) return;
            LoanMath.accelerate(terms, state, day);
            outcome.isDefaulted = true;
        } else if (kind == COSTS) {
            state.costs += posting.amount();
        } else if (kind == FEE) {
            state.fees = state.fees.charge(posting.amount());
        } else if (kind == WAIVED_FEE) {
            LoanRelief.waiveFees(state, posting.amount());
        } else if (kind == WAIVED_PENALTY) {
            // If less was owed than was waived, the rest falls away.
            outcome.earned += LoanRelief.waivePenalty(terms, state, posting.amount());
        } else if (kind == WAIVED_INTEREST) {
            outcome.earned += LoanRelief.waiveInterest(terms, state, posting.amount());
        } else {
            outcome.overpaid += posting.amount();
        }
        if (outcome.overpaid == 0) return;
        LoanMath.Parts memory parts;
        (parts, outcome.overpaid) = LoanMath.allocate(terms, state, outcome.overpaid);
        outcome.earned += uint256(parts.interest) + parts.penalty;
    }
}
