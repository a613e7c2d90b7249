// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IRestructuring} from "../../../contracts/lending/IRestructuring.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {LoanId} from "../../../contracts/types/Ids.sol";
import {DEFAULTED, PostingWord, WAIVED_INTEREST, WAIVED_PENALTY} from "../../../contracts/types/PostingWord.sol";
import {RestructuringFixture} from "./RestructuringFixture.sol";

/// Payments, late recordings, reversals, defaults, waivers and new terms in any order: the sums always follow the loan,
/// and rolling by steps gives what rolling at once gives.
contract RestructuringOrderTest is RestructuringFixture {
    uint256 private constant STEPS = 24;
    LoanId private _first;
    uint256 private _seed;
    PostingWord[] private _recorded;
    uint24 private _since;

    function testFuzz_sums_follow_the_loan_in_any_order(uint256 seed) public {
        _seed = seed;
        _first = _draw(_facility, DRAWN, LoanMath.Style(_chance(3)), _chance(2) == 0 ? 3 : 6, 0);
        _since = _today();
        for (uint256 i; i < STEPS; ++i) {
            if (facilities.loan(_first).status == ILoans.Status.Repaid) break;
            _step(_chance(8));
            _requireSums();
            _days(_chance(25));
        }
        _requireSums();
    }

    /// Each new term is within its bounds, so none of them may be refused.
    function testFuzz_new_terms_leave_what_was_signed(
        uint256 seed,
        uint64 forgiven,
        uint64 interest,
        uint64 capitalised,
        uint64 principal
    ) public {
        _seed = seed;
        LoanId loanId = _draw(_facility, DRAWN, LoanMath.Style(_chance(3)), _chance(2) == 0 ? 3 : 6, 0);
        _days(1 + _chance(200));
        LoanMath.Parts memory owed = facilities.loan(loanId).payoff;
        IRestructuring.Restructuring memory terms = _anyTerms(loanId);
        terms.forgivenPenalty = uint64(bound(forgiven, owed.penalty, type(uint64).max));
        terms.forgivenInterest = interest;
        terms.capitalisedInterest = capitalised;
        terms.forgivenPrincipal = uint64(bound(principal, 0, owed.principal - 1));
        uint256 left = owed.interest;
        uint256 gone = interest < left ? interest : left;
        uint256 more = capitalised < left - gone ? capitalised : left - gone;
        _restructure(terms);
        ILoans.Loan memory loan = facilities.loan(loanId);
        assertEq(LoanMath.outstanding(loan.state), owed.principal - terms.forgivenPrincipal + more, "principal");
        assertEq(uint256(loan.due.interest), left - gone - more, "interest that stays due");
        assertEq(uint256(loan.payoff.penalty), 0, "no penalty");
        assertTrue(loan.status == ILoans.Status.Running && !loan.markedOverdue, "runs");
        vm.warp(LoanMath.dueDayOf(loan.terms, loan.terms.periods) * DAY);
        uint256 atOnce = _owed(loanId);
        assertEq(uint256(facilities.loan(loanId).state.balance), 0, "all has fallen due");
        vm.warp(uint256(loan.state.asOfDay) * DAY);
        while (_today() < LoanMath.dueDayOf(loan.terms, loan.terms.periods)) {
            uint256 last = LoanMath.dueDayOf(loan.terms, loan.terms.periods);
            uint256 days_ = 1 + _chance(40);
            _days(_today() + days_ > last ? last - _today() : days_);
            facilities.accrue(loanId);
        }
        assertEq(_owed(loanId), atOnce, "by steps and at once");
    }

    // ------------------------------------------------------------------ helpers

    function _step(uint256 what) private {
        ILoans.Loan memory loan = facilities.loan(_first);
        if (what == 0) _repayNow(_first, uint64(1 + _chance(DRAWN / 6)));
        else if (what == 1) _recordLate();
        else if (what == 2) _reverseOne();
        else if (what == 3 && loan.status == ILoans.Status.Running && _isOverdue(loan)) _default();
        else if (what == 4) _waive();
        else if (what == 5 && LoanMath.outstanding(loan.state) > 1) _anew();
        else if (what == 6) facilities.accrue(_first);
        else if (what == 7 && _isOverdue(loan) && !loan.markedOverdue && _mayMark()) facilities.markOverdue(_first);
    }

    function _isOverdue(ILoans.Loan memory loan) private pure returns (bool) {
        return loan.state.pastPrincipal != 0 || loan.state.pastInterest != 0;
    }

    /// A correction gives the borrower days; the handler waits for them.
    function _mayMark() private returns (bool) {
        _days(5);
        return _isOverdue(facilities.loan(_first));
    }

    function _default() private {
        if (!_mayMark()) return;
        vm.prank(bank);
        facilities.declareDefault(_first);
        _note(_first, DEFAULTED, 0);
    }

    function _recordLate() private {
        uint24 valueDay = _since + uint24(_chance(_today() - _since + 1));
        _recorded.push(_record(_first, uint64(1 + _chance(DRAWN / 10)), valueDay));
    }

    function _reverseOne() private {
        if (_recorded.length == 0) return;
        PostingWord posting = _recorded[_recorded.length - 1];
        _recorded.pop();
        _reverseWithSignature(_first, posting);
    }

    function _waive() private {
        LoanMath.Parts memory before = facilities.loan(_first).payoff;
        if (before.penalty + before.interest == 0) return;
        vm.prank(bank);
        facilities.waive(_first, uint64(_chance(1_000_00)), uint64(1 + _chance(1_000_00)));
        LoanMath.Parts memory later = facilities.loan(_first).payoff;
        if (before.penalty != later.penalty) _note(_first, WAIVED_PENALTY, before.penalty - later.penalty);
        if (before.interest != later.interest) _note(_first, WAIVED_INTEREST, before.interest - later.interest);
    }

    function _anew() private {
        IRestructuring.Restructuring memory terms = _anyTerms(_first);
        terms.forgivenInterest = uint64(_chance(2_000_00));
        terms.capitalisedInterest = uint64(_chance(2_000_00));
        terms.forgivenPrincipal = uint64(_chance(LoanMath.outstanding(facilities.loan(_first).state)));
        _restructure(terms);
        delete _recorded;
        _since = _today();
    }

    function _anyTerms(LoanId loanId) private returns (IRestructuring.Restructuring memory terms) {
        terms = _terms(loanId);
        terms.style = [
            LoanMath.Style.Bullet,
            LoanMath.Style.EqualPrincipal,
            LoanMath.Style.EqualInstalment,
            LoanMath.Style.InterestOnly
        ][_chance(4)];
        terms.annualRate = uint24(_chance(240_001));
        terms.dueDay = _today() + 1 + uint24(_chance(60));
        if (_chance(2) == 0) terms.interestFromDay = _today() + uint24(_chance(terms.dueDay - _today()));
        if (terms.style == LoanMath.Style.Bullet) {
            terms.periods = 1;
            return terms;
        }
        terms.monthsPerPeriod = uint8(1 + _chance(2));
        terms.periods = uint8(1 + _chance(terms.monthsPerPeriod == 1 ? 9 : 5));
        terms.interestGrace = uint8(_chance(terms.periods));
        if (terms.style != LoanMath.Style.InterestOnly) terms.principalGrace = uint8(_chance(terms.periods));
    }

    function _requireSums() private view {
        ILoans.Loan memory loan = facilities.loan(_first);
        uint256 outstanding = LoanMath.outstanding(loan.state);
        assertEq(facilities.facility(_facility).outstanding, outstanding, "the facility's sum");
        (uint64 lent, uint64 overdue) = facilities.programme(_product);
        assertEq(lent, outstanding, "the product's sum");
        assertEq(overdue, loan.markedOverdue ? outstanding : 0, "the breaker's sum");
        assertEq(uint256(facilities.facility(_facility).overdueLoans), loan.markedOverdue ? 1 : 0, "overdue loans");
        bool isFailed = loan.status == ILoans.Status.Defaulted || loan.status == ILoans.Status.WrittenOff;
        uint256 defaulted = facilities.borrowerDebt(registry.partyOf(seller), address(cash), 0).defaultedLoans;
        assertEq(defaulted, isFailed ? 1 : 0, "loans in default");
        bool isOpen = loan.status != ILoans.Status.Repaid;
        assertEq(uint256(facilities.facility(_facility).openLoans), isOpen ? 1 : 0, "open loans");
        assertTrue((_sum(loan.payoff) != 0) == isOpen, "open just while something is owed");
    }

    function _chance(uint256 below) private returns (uint256) {
        _seed = uint256(keccak256(abi.encode(_seed)));
        return _seed % below;
    }
}
