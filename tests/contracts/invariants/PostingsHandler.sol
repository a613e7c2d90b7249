// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Facilities} from "../../../contracts/lending/Facilities.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {IRestructuring} from "../../../contracts/lending/IRestructuring.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {LoanRelief} from "../../../contracts/math/LoanRelief.sol";
import {FacilityId, LoanId} from "../../../contracts/types/Ids.sol";
import {
    COSTS,
    DEFAULTED,
    packPosting,
    packRecorded,
    PAID,
    PostingWord,
    RECORDED,
    REFUNDED,
    WAIVED_INTEREST,
    WAIVED_PENALTY
} from "../../../contracts/types/PostingWord.sol";
import {Reached} from "../support/Reached.sol";

/// Pays, records late, reverses, moves, refunds, defaults, charges costs, waives, and gives new terms, in any order. It
/// keeps each loan's postings sorted by value day, as the gateway does. Each call does only what is allowed: a revert is
/// a failure.
contract PostingsHandler is Reached {
    struct Setting {
        Facilities facilities;
        FacilityId facilityId;
        address borrower;
        uint256 borrowerKey;
        address lender;
        uint256 lenderKey;
        address court;
    }

    /// What is known of a loan: the state from which its postings run, and they themselves.
    struct History {
        uint24 fromDay;
        LoanMath.State start;
        PostingWord[] postings;
    }

    uint256 private constant MAX_LOANS = 4;
    uint64 private constant AMOUNT = 1_000_000;
    /// The longest that a borrower has to pay after a correction, in days.
    uint256 private constant DAYS_AFTER_CORRECTION = 5;

    Setting private _set;
    LoanId[] public loans;
    mapping(LoanId => History) private _histories;
    mapping(LoanId => uint256) public capitalised;
    /// The day after its loss was recorded; 0: it was not.
    mapping(LoanId => uint24) public lostDay;
    uint256 private _nonces;

    constructor(Setting memory set) {
        _set = set;
        string[17] memory names = [
            "a repayment",
            "a late recording",
            "a recording of today",
            "a reversal",
            "a move to another loan",
            "a refund",
            "a default",
            "costs of the court",
            "a waiver of penalty",
            "a waiver of interest",
            "new terms of a running loan",
            "new terms of a loan in default",
            "a partial write-off",
            "a loss",
            "a recovery that is recorded",
            "a recovery that is reversed",
            "a recovery that leaves the loan"
        ];
        for (uint256 i; i < names.length; ++i) {
            _mustReach(names[i]);
        }
    }

    // ------------------------------------------------------------------ what the invariants read

    function count() external view returns (uint256) {
        return loans.length;
    }

    function historyOf(LoanId loanId) public view returns (IPostings.History memory history) {
        History storage known = _histories[loanId];
        if (known.fromDay != 0) (history.fromDay, history.start) = (known.fromDay, known.start);
        history.postings = known.postings;
    }

    /// The loan run anew from its sorted postings, by the arithmetic alone.
    function replayed(LoanId loanId) external view returns (LoanMath.State memory state, uint256 overpaid) {
        History storage known = _histories[loanId];
        LoanMath.Terms memory terms = _set.facilities.loan(loanId).terms;
        state = known.start;
        for (uint256 i; i < known.postings.length; ++i) {
            overpaid = _post(terms, state, known.postings[i], overpaid);
        }
        LoanMath.roll(terms, state, _today());
        // A loan of one period divides nothing, and does not store these.
        if (terms.periods == 1) (state.base, state.ahead, state.basePeriod) = (0, 0, 0);
    }

    // ------------------------------------------------------------------ actions

    function draw(uint256 style, uint256 tenor) external {
        _draw(style, tenor);
    }

    function repay(uint256 which, uint256 amount) external {
        (LoanId loanId, bool isFound) = _open(which);
        if (!isFound) return _draw(which, amount);
        vm.prank(_set.borrower);
        LoanMath.Parts memory parts = _set.facilities.repay(loanId, uint64(1 + amount % AMOUNT));
        _note(loanId, PAID, LoanMath.sumOf(parts));
        _reach("a repayment");
    }

    function record(uint256 which, uint256 amount, uint256 back) external {
        (LoanId loanId, bool isFound) = _open(which);
        if (!isFound) return _draw(which, amount);
        uint24 first = _firstDay(loanId);
        uint24 valueDay = uint24(_today() - back % (_today() - first + 1));
        bytes32 bankReference = bytes32(++_nonces);
        uint64 paid = uint64(1 + amount % (AMOUNT / 4));
        IPostings.History memory history = historyOf(loanId);
        vm.prank(_set.lender);
        _set.facilities.recordPayment(IPostings.Payment(LoanId.unwrap(loanId), paid, valueDay, bankReference), history);
        _insert(loanId, packRecorded(valueDay, uint24(_today()), paid, bankReference));
        _reachIf(lostDay[loanId] != 0, "a recovery that is recorded");
        _reach(valueDay == _today() ? "a recording of today" : "a late recording");
    }

    function reverse(uint256 which, uint256 place) external {
        (LoanId loanId, PostingWord posting, bool isFound) = _recorded(which, place);
        if (!isFound) return;
        _correct(loanId, posting, LoanId.wrap(0), 0);
        _reachIf(lostDay[loanId] != 0, "a recovery that is reversed");
        _reach("a reversal");
    }

    function move(uint256 which, uint256 place, uint256 to) external {
        (LoanId loanId, PostingWord posting, bool isFound) = _recorded(which, place);
        if (!isFound) return;
        (LoanId toLoanId, bool isOpen) = _open(to);
        if (!isOpen || toLoanId == loanId) return;
        uint24 first = _firstDay(toLoanId);
        uint24 valueDay = posting.valueDay() < first ? first : posting.valueDay();
        _correct(loanId, posting, toLoanId, valueDay);
        _reachIf(lostDay[loanId] != 0, "a recovery that leaves the loan");
        _insert(toLoanId, posting.withValueDay(valueDay));
        _reach("a move to another loan");
    }

    /// Money goes back only as far as no correction before it would be refused for want of it.
    function refund(uint256 which) external {
        for (uint256 i; i < loans.length; ++i) {
            LoanId loanId = loans[(which % loans.length + i) % loans.length];
            uint64 overpaid = _set.facilities.postingsOf(loanId).overpaid;
            if (overpaid == 0) continue;
            vm.prank(_set.lender);
            _set.facilities.refundOverpayment(loanId, overpaid, 0);
            _note(loanId, REFUNDED, overpaid);
            return _reach("a refund");
        }
    }

    function fail(uint256 which) external {
        (LoanId loanId, bool isFound) = _open(which);
        if (isFound) _fail(loanId);
    }

    /// Sharers bear a part of it. What is recorded from the next day on is a recovery.
    function lose(uint256 which) external {
        (LoanId loanId, bool isFound) = _open(which);
        if (!isFound) return _draw(which, which);
        _fail(loanId);
        ILoans.Loan memory loan = _set.facilities.loan(loanId);
        if (loan.status != ILoans.Status.Defaulted || loan.lossRecorded) return;
        if (LoanMath.outstanding(loan.state) == 0) return;
        vm.warp(block.timestamp + 30 days);
        vm.prank(_set.lender);
        // A loan of which a correction raised the principal: the lender bears its loss alone.
        try _set.facilities.recordLoss(loanId) {
            vm.warp(block.timestamp + 1 days);
            lostDay[loanId] = uint24(_today());
            _reach("a loss");
        } catch (bytes memory reason) {
            require(bytes4(reason) == IPostings.LossNotShared.selector, "recordLoss");
        }
    }

    function charge(uint256 which, uint256 amount) external {
        (LoanId loanId, bool isFound) = _open(which);
        if (!isFound) return;
        uint64 costs = uint64(1 + amount % 5_000);
        vm.prank(_set.court);
        _set.facilities.forcedCosts(loanId, costs, "order");
        _note(loanId, COSTS, costs);
        _reach("costs of the court");
    }

    function waive(uint256 which, uint256 penalty, uint256 interest) external {
        (LoanId loanId, bool isFound) = _open(which);
        if (!isFound) return;
        LoanMath.Parts memory before = _set.facilities.loan(loanId).payoff;
        if (before.penalty == 0 && before.interest == 0) return;
        vm.prank(_set.lender);
        _set.facilities.waive(loanId, uint64(1 + penalty % 20_000), uint64(1 + interest % 20_000));
        LoanMath.Parts memory then = _set.facilities.loan(loanId).payoff;
        if (then.penalty != before.penalty) {
            _note(loanId, WAIVED_PENALTY, before.penalty - then.penalty);
            _reach("a waiver of penalty");
        }
        if (then.interest != before.interest) {
            _note(loanId, WAIVED_INTEREST, before.interest - then.interest);
            _reach("a waiver of interest");
        }
    }

    function restructure(uint256 which, uint256 choice, uint64 interest, uint64 capital, bool afterDefault) external {
        (LoanId loanId, bool isFound) = _open(which);
        if (!isFound) return;
        if (lostDay[loanId] != 0) return;
        if (afterDefault) _fail(loanId);
        ILoans.Loan memory loan = _set.facilities.loan(loanId);
        if (LoanMath.outstanding(loan.state) == 0) return;
        IRestructuring.Restructuring memory terms = _terms(loanId, choice);
        terms.forgivenInterest = interest % 10_000;
        // Interest becomes principal only while no other loan is in default.
        if (!_othersFailed(loanId)) terms.capitalisedInterest = capital % 10_000;
        terms.forgivenPrincipal = uint64(choice % LoanMath.outstanding(loan.state));
        bytes32 digest = _set.facilities.restructuringDigest(terms);
        _set.facilities.restructure(terms, _sign(_set.lenderKey, digest), _sign(_set.borrowerKey, digest));
        ILoans.Loan memory then = _set.facilities.loan(loanId);
        capitalised[loanId] += terms.capitalisedInterest;
        delete _histories[loanId].postings;
        _histories[loanId].start = then.state;
        _histories[loanId].fromDay = then.state.asOfDay;
        _reach(loan.status == ILoans.Status.Running ? "new terms of a running loan" : "new terms of a loan in default");
    }

    function writeOffInPart(uint256 which, uint256 amount) external {
        (LoanId loanId, bool isFound) = _open(which);
        if (!isFound) return;
        _fail(loanId);
        ILoans.Loan memory loan = _set.facilities.loan(loanId);
        uint256 room = LoanMath.outstanding(loan.state);
        room -= _set.facilities.reliefOf(loanId).writtenOff;
        if (room == 0 || loan.status != ILoans.Status.Defaulted) return;
        vm.prank(_set.lender);
        _set.facilities.writeOffInPart(loanId, uint64(1 + amount % room));
        _reach("a partial write-off");
    }

    function advanceDays(uint256 length) external {
        vm.warp(block.timestamp + (length % 40) * 1 days);
    }

    function accrue(uint256 which) external {
        (LoanId loanId, bool isFound) = _open(which);
        if (isFound) _set.facilities.accrue(loanId);
    }

    // ------------------------------------------------------------------ parts of the above

    function _draw(uint256 style, uint256 tenor) private {
        if (loans.length >= MAX_LOANS || _othersFailed(LoanId.wrap(0))) return;
        IFacilities.Facility memory facility = _set.facilities.facility(_set.facilityId);
        if (facility.overdueLoans != 0 || _today() > facility.lastDay) return;
        LoanMath.Style chosen = [
            LoanMath.Style.Bullet,
            LoanMath.Style.EqualPrincipal,
            LoanMath.Style.EqualInstalment,
            LoanMath.Style.InterestOnly
        ][style % 4];
        uint16 length = chosen == LoanMath.Style.Bullet ? uint16(1 + tenor % 60) : [3, 6, 12][tenor % 3];
        vm.prank(_set.borrower);
        LoanId loanId = _set.facilities
            .draw(
                ILoans.DrawRequest(
                    FacilityId.unwrap(_set.facilityId),
                    AMOUNT,
                    chosen,
                    length,
                    0,
                    LoanMath.AfterPrepayment(tenor % 3),
                    0
                )
            );
        loans.push(loanId);
        _histories[loanId].start = _set.facilities.loan(loanId).state;
    }

    /// Waits until something is overdue, and the days after a correction are over.
    function _fail(LoanId loanId) private {
        ILoans.Loan memory loan = _set.facilities.loan(loanId);
        if (loan.status != ILoans.Status.Running) return;
        uint256 end = LoanMath.dueDayOf(loan.terms, loan.terms.periods) + loan.terms.graceDays + 1;
        if (_today() < end) vm.warp(end * 1 days);
        vm.warp(block.timestamp + DAYS_AFTER_CORRECTION * 1 days);
        loan = _set.facilities.loan(loanId);
        if (loan.state.pastPrincipal == 0 && loan.state.pastInterest == 0) return;
        vm.prank(_set.lender);
        _set.facilities.declareDefault(loanId);
        _note(loanId, DEFAULTED, 0);
        _reach("a default");
    }

    function _terms(LoanId loanId, uint256 choice) private returns (IRestructuring.Restructuring memory terms) {
        terms.loanId = LoanId.unwrap(loanId);
        terms.style = [
            LoanMath.Style.Bullet,
            LoanMath.Style.EqualPrincipal,
            LoanMath.Style.EqualInstalment,
            LoanMath.Style.InterestOnly
        ][choice % 4];
        bool isBullet = terms.style == LoanMath.Style.Bullet;
        terms.periods = isBullet ? 1 : uint8(1 + (choice >> 8) % 9);
        terms.monthsPerPeriod = 1;
        terms.dueDay = uint24(_today() + 1 + (choice >> 16) % 50);
        terms.interestFromDay = uint24(_today() + (choice >> 24) % (terms.dueDay - _today()));
        terms.interestGrace = isBullet ? 0 : uint8((choice >> 32) % terms.periods);
        terms.annualRate = uint24((choice >> 40) % 240_001);
        terms.forgivenCosts = uint64((choice >> 64) % 5_000);
        terms.forgivenPenalty = type(uint64).max;
        terms.restructurings = _set.facilities.reliefOf(loanId).count;
        terms.deadline = uint40(block.timestamp + 1 days);
        terms.nonce = ++_nonces;
    }

    function _correct(LoanId loanId, PostingWord posting, LoanId toLoanId, uint24 valueDay) private {
        IPostings.Correction memory correction;
        correction.loanId = LoanId.unwrap(loanId);
        correction.posting = PostingWord.unwrap(posting);
        correction.toLoanId = LoanId.unwrap(toLoanId);
        correction.valueDay = valueDay;
        correction.deadline = uint40(block.timestamp + 1 days);
        correction.nonce = ++_nonces;
        bytes memory signature = _sign(_set.borrowerKey, _set.facilities.correctionDigest(correction));
        IPostings.History memory history = historyOf(loanId);
        IPostings.History memory toHistory = historyOf(toLoanId);
        vm.prank(_set.lender);
        _set.facilities.correctPayment(correction, history, toHistory, signature);
        _remove(loanId, posting);
    }

    /// A recorded payment of a loan from which nothing was refunded.
    function _recorded(uint256 which, uint256 place) private view returns (LoanId, PostingWord, bool) {
        for (uint256 i; i < loans.length; ++i) {
            LoanId loanId = loans[(which % loans.length + i) % loans.length];
            PostingWord[] storage postings = _histories[loanId].postings;
            if (_isRefunded(postings)) continue;
            for (uint256 j; j < postings.length; ++j) {
                PostingWord posting = postings[(place % postings.length + j) % postings.length];
                if (posting.kind() != RECORDED || posting.recordedDay() < lostDay[loanId]) continue;
                return (loanId, posting, true);
            }
        }
        return (LoanId.wrap(0), PostingWord.wrap(0), false);
    }

    function _isRefunded(PostingWord[] storage postings) private view returns (bool) {
        for (uint256 i; i < postings.length; ++i) {
            if (postings[i].kind() == REFUNDED) return true;
        }
        return false;
    }

    function _open(uint256 which) private view returns (LoanId, bool) {
        for (uint256 i; i < loans.length; ++i) {
            LoanId loanId = loans[(which % loans.length + i) % loans.length];
            if (_set.facilities.loan(loanId).status != ILoans.Status.Repaid) return (loanId, true);
        }
        return (LoanId.wrap(0), false);
    }

    function _othersFailed(LoanId loanId) private view returns (bool) {
        for (uint256 i; i < loans.length; ++i) {
            if (loans[i] == loanId) continue;
            if (_set.facilities.loan(loans[i]).status == ILoans.Status.Defaulted) return true;
        }
        return false;
    }

    function _firstDay(LoanId loanId) private view returns (uint24) {
        uint24 day = lostDay[loanId];
        return day == 0 ? _histories[loanId].start.asOfDay : day;
    }

    function _note(LoanId loanId, uint8 kind, uint256 amount) private {
        _histories[loanId].postings.push(packPosting(kind, _today(), amount));
    }

    function _insert(LoanId loanId, PostingWord posting) private {
        PostingWord[] storage postings = _histories[loanId].postings;
        postings.push(posting);
        for (uint256 i = postings.length - 1; i > 0 && postings[i - 1].valueDay() > posting.valueDay(); --i) {
            postings[i] = postings[i - 1];
            postings[i - 1] = posting;
        }
    }

    function _remove(LoanId loanId, PostingWord posting) private {
        PostingWord[] storage postings = _histories[loanId].postings;
        bool isGone;
        for (uint256 i; i < postings.length; ++i) {
            if (isGone) postings[i - 1] = postings[i];
            else isGone = postings[i].sameAs(posting);
        }
        postings.pop();
    }

    function _post(LoanMath.Terms memory terms, LoanMath.State memory state, PostingWord posting, uint256 overpaid)
        private
        pure
        returns (uint256)
    {
        LoanMath.roll(terms, state, posting.valueDay());
        uint8 kind = posting.kind();
        if (kind == REFUNDED) return overpaid - posting.amount();
        if (kind == DEFAULTED) {
            if (state.pastPrincipal == 0 && state.pastInterest == 0) return overpaid;
            LoanMath.accelerate(terms, state, posting.valueDay());
        } else if (kind == COSTS) {
            state.costs += posting.amount();
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

    function _sign(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _today() private view returns (uint256) {
        return block.timestamp / 1 days;
    }
}
