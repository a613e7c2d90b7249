// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Facilities} from "../../../contracts/lending/Facilities.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {FacilityId, LoanId} from "../../../contracts/types/Ids.sol";
import {
    COSTS,
    DEFAULTED,
    packRecorded,
    PAID,
    PostingWord,
    RECORDED,
    REFUNDED
} from "../../../contracts/types/PostingWord.sol";
import {PostingsBook} from "./PostingsBook.sol";

/// Pays, records late, reverses, moves, refunds, defaults and charges costs, in any order, whoever holds the loan. Each
/// call does only what is allowed: a revert is a failure.
abstract contract PostingsHandler is PostingsBook {
    struct Sides {
        FacilityId facilityId;
        address borrower;
        uint256 borrowerKey;
        uint256[2] lenderKeys;
        address court;
    }

    uint256 internal constant MAX_LOANS = 4;
    uint64 internal constant AMOUNT = 1_000_000;
    /// The longest that a borrower has to pay after a correction, in days.
    uint256 private constant DAYS_AFTER_CORRECTION = 5;

    Sides internal _sides;
    LoanId[] public loans;
    uint256 internal _nonces;

    constructor(Facilities facilities, Sides memory sides) PostingsBook(facilities) {
        _sides = sides;
        string[8] memory names = [
            "a repayment",
            "a late recording",
            "a recording of today",
            "a reversal",
            "a move to another loan",
            "a refund",
            "a default",
            "costs of the court"
        ];
        for (uint256 i; i < names.length; ++i) {
            _mustReach(names[i]);
        }
    }

    function count() external view returns (uint256) {
        return loans.length;
    }

    // ------------------------------------------------------------------ actions

    function draw(uint256 style, uint256 tenor) external {
        _draw(style, tenor);
    }

    function repay(uint256 which, uint256 amount) external {
        (LoanId loanId, bool isFound) = _anyOpen(which);
        if (!isFound) return _draw(which, amount);
        vm.prank(_sides.borrower);
        LoanMath.Parts memory parts = _facilities.repay(loanId, uint64(1 + amount % AMOUNT));
        _note(loanId, PAID, LoanMath.sumOf(parts));
        _reach("a repayment");
    }

    function record(uint256 which, uint256 amount, uint256 back) external {
        (LoanId loanId, bool isFound) = _anyOpen(which);
        if (!isFound) return _draw(which, amount);
        uint24 first = _firstDay(loanId);
        uint24 valueDay = uint24(_today() - back % (_today() - first + 1));
        _record(loanId, uint64(1 + amount % (AMOUNT / 4)), valueDay);
        _reachIf(lostDay[loanId] != 0, "a recovery that is recorded");
        _reach(valueDay == _today() ? "a recording of today" : "a late recording");
    }

    function reverse(uint256 which, uint256 place) external {
        (LoanId loanId, PostingWord posting, bool isFound) = _recorded(which, place);
        if (!isFound) return;
        // Some days after its recording, in which the lender alone corrects.
        if (posting.recordedDay() == _today()) vm.warp(block.timestamp + place % 10 * 1 days);
        _correct(loanId, posting, LoanId.wrap(0), 0);
        _reachIf(lostDay[loanId] != 0, "a recovery that is reversed");
        _reach("a reversal");
    }

    function move(uint256 which, uint256 place, uint256 to) external {
        (LoanId loanId, PostingWord posting, bool isFound) = _recorded(which, place);
        if (!isFound) return;
        (LoanId toLoanId, bool isOpen) = _anyOpen(to);
        if (!isOpen || toLoanId == loanId || _lenderOf(toLoanId) != _lenderOf(loanId)) return;
        uint24 first = _firstDay(toLoanId);
        uint24 valueDay = posting.valueDay() < first ? first : posting.valueDay();
        PostingWord moved = posting.withValueDay(valueDay);
        _correct(loanId, posting, toLoanId, valueDay);
        _insert(toLoanId, moved);
        _reachIf(lostDay[loanId] != 0, "a recovery that leaves the loan");
        _reach("a move to another loan");
    }

    /// Money goes back only as far as no correction before it would be refused for want of it.
    function refund(uint256 which) external {
        for (uint256 i; i < loans.length; ++i) {
            LoanId loanId = loans[(which % loans.length + i) % loans.length];
            if (_facilities.postingsOf(loanId).overpaid != 0) return _refund(loanId);
        }
        (LoanId openId, bool isFound) = _anyOpen(which);
        if (!isFound || which % 3 != 0) return;
        // More than is owed comes in.
        _record(openId, uint64(LoanMath.sumOf(_facilities.loan(openId).payoff)) + 500, uint24(_today()));
        if (which % 2 == 0) _refund(openId);
    }

    function fail(uint256 which) external {
        (LoanId loanId, bool isFound) = _anyOpen(which);
        if (isFound) _fail(loanId);
    }

    function charge(uint256 which, uint256 amount) external {
        (LoanId loanId, bool isFound) = _anyOpen(which);
        if (!isFound) return;
        // Costs are within the limit of the facility that the loan is in.
        uint256 limit = _facilities.facility(_facilities.loan(loanId).facilityId).limit;
        if (limit == 0) return;
        uint64 costs = uint64(1 + amount % (limit < 5_000 ? limit : 5_000));
        vm.prank(_sides.court);
        _facilities.forcedCosts(loanId, costs, "order");
        _note(loanId, COSTS, costs);
        _reach("costs of the court");
    }

    function advanceDays(uint256 length) external {
        vm.warp(block.timestamp + (length % 40) * 1 days);
    }

    function accrue(uint256 which) external {
        (LoanId loanId, bool isFound) = _anyOpen(which);
        if (isFound) _facilities.accrue(loanId);
    }

    // ------------------------------------------------------------------ parts of the above

    function _record(LoanId loanId, uint64 amount, uint24 valueDay) private {
        bytes32 bankReference = bytes32(++_nonces);
        IPostings.History memory history = historyOf(loanId);
        PostingWord posting = packRecorded(valueDay, uint24(_today()), amount, bankReference);
        address lender = _lenderOf(loanId);
        vm.prank(lender);
        _facilities.recordPayment(IPostings.Payment(LoanId.unwrap(loanId), amount, valueDay, bankReference), history);
        _insert(loanId, posting);
    }

    function _refund(LoanId loanId) private {
        uint64 overpaid = _facilities.postingsOf(loanId).overpaid;
        address lender = _lenderOf(loanId);
        vm.prank(lender);
        _facilities.refundOverpayment(loanId, overpaid, 0);
        _note(loanId, REFUNDED, overpaid);
        _reach("a refund");
    }

    /// What a draw needs before it.
    function _prepareDraw() internal virtual {}

    function _draw(uint256 style, uint256 tenor) private {
        if (!_mayDraw(_sides.facilityId)) return;
        LoanMath.Style chosen = [
            LoanMath.Style.Bullet,
            LoanMath.Style.EqualPrincipal,
            LoanMath.Style.EqualInstalment,
            LoanMath.Style.InterestOnly
        ][style % 4];
        _drawOn(
            _sides.facilityId,
            chosen,
            chosen == LoanMath.Style.Bullet ? uint16(1 + tenor % 60) : [3, 6, 12][tenor % 3],
            LoanMath.AfterPrepayment(tenor % 3),
            0
        );
    }

    function _mayDraw(FacilityId facilityId) internal view returns (bool) {
        if (loans.length >= MAX_LOANS || _othersFailed(LoanId.wrap(0))) return false;
        IFacilities.Facility memory facility = _facilities.facility(facilityId);
        return facility.overdueLoans == 0 && _today() <= facility.lastDay;
    }

    function _drawOn(
        FacilityId facilityId,
        LoanMath.Style style,
        uint16 tenor,
        LoanMath.AfterPrepayment afterPrepayment,
        uint256 collateralId
    ) internal {
        _prepareDraw();
        ILoans.DrawRequest memory request =
            ILoans.DrawRequest(FacilityId.unwrap(facilityId), AMOUNT, style, tenor, 0, afterPrepayment, collateralId);
        vm.prank(_sides.borrower);
        LoanId loanId = _facilities.draw(request);
        loans.push(loanId);
        _begin(loanId);
    }

    /// Waits until something is overdue, and the days after a correction are over.
    function _fail(LoanId loanId) internal {
        ILoans.Loan memory loan = _facilities.loan(loanId);
        if (loan.status != ILoans.Status.Running) return;
        uint256 end = LoanMath.dueDayOf(loan.terms, loan.terms.periods) + loan.terms.graceDays + 1;
        if (_today() < end) vm.warp(end * 1 days);
        vm.warp(block.timestamp + DAYS_AFTER_CORRECTION * 1 days);
        loan = _facilities.loan(loanId);
        if (loan.state.pastPrincipal == 0 && loan.state.pastInterest == 0) return;
        address lender = _lenderOf(loanId);
        vm.prank(lender);
        _facilities.declareDefault(loanId);
        _note(loanId, DEFAULTED, 0);
        _reach("a default");
    }

    function _correct(LoanId loanId, PostingWord posting, LoanId toLoanId, uint24 valueDay) private {
        IPostings.Correction memory correction;
        correction.loanId = LoanId.unwrap(loanId);
        correction.posting = PostingWord.unwrap(posting);
        correction.toLoanId = LoanId.unwrap(toLoanId);
        correction.valueDay = valueDay;
        correction.deadline = uint40(block.timestamp + 1 days);
        correction.nonce = ++_nonces;
        bytes memory signature = _sign(_sides.borrowerKey, _facilities.correctionDigest(correction));
        IPostings.History memory history = historyOf(loanId);
        IPostings.History memory toHistory = historyOf(toLoanId);
        address lender = _lenderOf(loanId);
        vm.prank(lender);
        _facilities.correctPayment(correction, history, toHistory, signature);
        _remove(loanId, posting);
    }

    /// A recorded payment of a loan from which nothing was refunded.
    function _recorded(uint256 which, uint256 place) private view returns (LoanId, PostingWord, bool) {
        for (uint256 i; i < loans.length; ++i) {
            LoanId loanId = loans[(which % loans.length + i) % loans.length];
            PostingWord[] storage postings = _histories[loanId].postings;
            if (_isRefunded(loanId)) continue;
            for (uint256 j; j < postings.length; ++j) {
                PostingWord posting = postings[(place % postings.length + j) % postings.length];
                if (posting.kind() != RECORDED || posting.recordedDay() < lostDay[loanId]) continue;
                return (loanId, posting, true);
            }
        }
        return (LoanId.wrap(0), PostingWord.wrap(0), false);
    }

    function _anyOpen(uint256 which) internal view returns (LoanId, bool) {
        for (uint256 i; i < loans.length; ++i) {
            LoanId loanId = loans[(which % loans.length + i) % loans.length];
            if (_facilities.loan(loanId).status != ILoans.Status.Repaid) return (loanId, true);
        }
        return (LoanId.wrap(0), false);
    }

    function _othersFailed(LoanId loanId) internal view returns (bool) {
        for (uint256 i; i < loans.length; ++i) {
            if (loans[i] == loanId) continue;
            if (_facilities.loan(loans[i]).status == ILoans.Status.Defaulted) return true;
        }
        return false;
    }

    function _lenderOf(LoanId loanId) internal view returns (address) {
        return _facilities.facility(_facilities.loan(loanId).facilityId).lender;
    }

    function _lenderKeyOf(LoanId loanId) internal view returns (uint256) {
        uint256 first = _sides.lenderKeys[0];
        return vm.addr(first) == _lenderOf(loanId) ? first : _sides.lenderKeys[1];
    }
}
