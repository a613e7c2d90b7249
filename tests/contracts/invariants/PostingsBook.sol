// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Facilities} from "../../../contracts/lending/Facilities.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {IServiceFees} from "../../../contracts/lending/IServiceFees.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {LoanRelief} from "../../../contracts/math/LoanRelief.sol";
import {FacilityId, LoanId} from "../../../contracts/types/Ids.sol";
import {
    COSTS,
    DEFAULTED,
    FEE,
    packPosting,
    PostingWord,
    RATE_SET,
    REFUNDED,
    WAIVED_FEE,
    WAIVED_INTEREST,
    WAIVED_PENALTY
} from "../../../contracts/types/PostingWord.sol";
import {packServiceFees} from "../../../contracts/types/ServiceFeesWord.sol";
import {Reached} from "../support/Reached.sol";

/// Keeps each loan's postings sorted by value day, as the gateway does, and runs the loan anew from them by the
/// arithmetic alone.
abstract contract PostingsBook is Reached {
    /// What is known of a loan: the state from which its postings run, and they themselves.
    struct History {
        uint24 fromDay;
        LoanMath.State start;
        PostingWord[] postings;
    }

    Facilities internal immutable _facilities;
    mapping(LoanId => History) internal _histories;
    /// The facility on which it was drawn.
    mapping(LoanId => FacilityId) public originOf;
    /// The day after its loss was recorded; 0: it was not. What is recorded from then on is a recovery.
    mapping(LoanId => uint24) public lostDay;

    constructor(Facilities facilities) {
        _facilities = facilities;
    }

    function historyOf(LoanId loanId) public view returns (IPostings.History memory history) {
        History storage known = _histories[loanId];
        if (known.fromDay != 0) (history.fromDay, history.start) = (known.fromDay, known.start);
        history.postings = known.postings;
    }

    /// The loan run anew from its sorted postings.
    function replayed(LoanId loanId) external view returns (LoanMath.State memory state, uint256 overpaid) {
        History storage known = _histories[loanId];
        LoanMath.Terms memory terms = _facilities.loan(loanId).terms;
        state = known.start;
        for (uint256 i; i < known.postings.length; ++i) {
            PostingWord posting = known.postings[i];
            // The rate with which the history of a floating loan begins.
            if (i == 0 && posting.kind() == RATE_SET) terms.annualRate = uint24(posting.amount());
            else overpaid = _post(terms, state, posting, overpaid);
        }
        LoanMath.roll(terms, state, _today());
        // A loan of one period divides nothing, and does not store these.
        if (terms.periods == 1) (state.base, state.ahead, state.basePeriod) = (0, 0, 0);
    }

    function _post(LoanMath.Terms memory terms, LoanMath.State memory state, PostingWord posting, uint256 overpaid)
        private
        pure
        returns (uint256)
    {
        LoanMath.roll(terms, state, posting.valueDay());
        uint8 kind = posting.kind();
        if (kind == REFUNDED) return overpaid - posting.amount();
        if (kind == RATE_SET) {
            LoanMath.resetRate(terms, state, uint24(posting.amount()));
            return overpaid;
        }
        if (kind == DEFAULTED) {
            if (state.pastPrincipal == 0 && state.pastInterest == 0) return overpaid;
            LoanMath.accelerate(terms, state, posting.valueDay());
        } else if (kind == COSTS) {
            state.costs += posting.amount();
        } else if (kind == FEE) {
            state.fees = state.fees.charge(posting.amount());
        } else if (kind == WAIVED_FEE) {
            LoanRelief.waiveFees(state, posting.amount());
        } else if (kind == WAIVED_PENALTY) {
            LoanRelief.waivePenalty(terms, state, posting.amount());
        } else if (kind == WAIVED_INTEREST) {
            LoanRelief.waiveInterest(terms, state, posting.amount());
        } else {
            overpaid += posting.amount();
        }
        (, overpaid) = LoanMath.allocate(terms, state, overpaid);
        return overpaid;
    }

    // ------------------------------------------------------------------ what the handlers write

    /// A loan was drawn today.
    function _begin(LoanId loanId) internal {
        originOf[loanId] = _facilities.loan(loanId).facilityId;
        _histories[loanId].start = _facilities.loan(loanId).state;
        if (_facilities.floatingOf(loanId).referenceCode != 0) {
            _note(loanId, RATE_SET, _facilities.loan(loanId).terms.annualRate);
        }
        IServiceFees.OwedFees memory fees = _facilities.serviceFeesOf(loanId);
        if (fees.running == 0) return;
        // What the draw costs is a posting; the share of each instalment stays in the state.
        _histories[loanId].start.fees = packServiceFees(0, 0, 0, fees.periodicFee);
        _note(loanId, FEE, fees.running);
    }

    /// Both sides changed the loan's terms today.
    function _beginAnew(LoanId loanId) internal {
        LoanMath.State memory state = _facilities.loan(loanId).state;
        delete _histories[loanId].postings;
        _histories[loanId].start = state;
        _histories[loanId].fromDay = state.asOfDay;
    }

    function _note(LoanId loanId, uint8 kind, uint256 amount) internal {
        _histories[loanId].postings.push(packPosting(kind, _today(), amount));
    }

    /// After all others of its day; a rate before them all, but after the rates of that day.
    function _insert(LoanId loanId, PostingWord posting) internal {
        PostingWord[] storage postings = _histories[loanId].postings;
        postings.push(posting);
        for (uint256 i = postings.length - 1; i > 0 && _isBefore(posting, postings[i - 1]); --i) {
            postings[i] = postings[i - 1];
            postings[i - 1] = posting;
        }
    }

    function _remove(LoanId loanId, PostingWord posting) internal {
        PostingWord[] storage postings = _histories[loanId].postings;
        bool isGone;
        for (uint256 i; i < postings.length; ++i) {
            if (isGone) postings[i - 1] = postings[i];
            else isGone = postings[i].sameAs(posting);
        }
        postings.pop();
    }

    function _isBefore(PostingWord added, PostingWord posting) private pure returns (bool) {
        if (posting.valueDay() != added.valueDay()) return posting.valueDay() > added.valueDay();
        return added.kind() == RATE_SET && posting.kind() != RATE_SET;
    }

    function _firstDay(LoanId loanId) internal view returns (uint24) {
        uint24 day = lostDay[loanId];
        return day == 0 ? _histories[loanId].start.asOfDay : day;
    }

    function _isRefunded(LoanId loanId) internal view returns (bool) {
        PostingWord[] storage postings = _histories[loanId].postings;
        for (uint256 i; i < postings.length; ++i) {
            if (postings[i].kind() == REFUNDED) return true;
        }
        return false;
    }

    function _sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _today() internal view returns (uint256) {
        return block.timestamp / 1 days;
    }
}
