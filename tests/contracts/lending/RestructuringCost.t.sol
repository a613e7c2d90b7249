// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IRestructuring} from "../../../contracts/lending/IRestructuring.sol";
import {IServiceFees} from "../../../contracts/lending/IServiceFees.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {LoanId} from "../../../contracts/types/Ids.sol";
import {FeesFixture} from "./FeesFixture.sol";

/// New terms are no way past the cap on the total cost: 24 % a year, of which a draw at 7.2 % charges 3.34 % at once.
contract RestructuringCostTest is FeesFixture {
    uint24 private constant DRAW_FEE = 33_400;

    /// 73 days of 365 leave 48,000.00: 33,400.00 of fees and 14,600.00 of interest.
    function test_new_terms_right_after_a_draw_stay_below_the_cap() public {
        LoanId loanId = _loanOf(180);
        _refused(_newTerms(loanId, 72), _above(33_400_00 + 14_400_00, 47_342_46));
        _restructure(_newTerms(loanId, 73));
        assertEq(facilities.serviceFeesOf(loanId).running, 33_400_00, "still owed");
    }

    function test_fees_that_were_paid_at_once_count() public {
        LoanId loanId = _loanOf(180);
        _repay(loanId, 33_400_00);
        IRestructuring.Restructuring memory terms = _newTerms(loanId, 1);
        bytes32 digest = facilities.restructuringDigest(terms);
        (bytes memory lender, bytes memory borrower) = (_signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        vm.expectPartialRevert(IServiceFees.TotalCostAboveCap.selector);
        facilities.restructure(terms, lender, borrower);
    }

    /// 60 days leave 39,452.05; half of them cost 6,000.00 of interest.
    function test_days_before_interest_runs_count_as_days_of_the_loan() public {
        LoanId loanId = _loanOf(180);
        IRestructuring.Restructuring memory terms = _newTerms(loanId, 60);
        terms.interestFromDay = _today() + 30;
        _restructure(terms);
        assertEq(facilities.loan(loanId).terms.dueDay, _today() + 60, "agreed");
    }

    /// 63 days have passed: they and 9 more are 72, and 10 more are 73.
    function test_days_since_the_draw_count_with_their_interest() public {
        LoanId loanId = _loanOf(180);
        _days(63);
        _refused(_newTerms(loanId, 9), _above(33_400_00 + 14_400_00, 47_342_46));
        _restructure(_newTerms(loanId, 10));
    }

    /// New terms that change nothing are no way past the cap: the next ones would cost 33,600.00 for one day.
    function test_fees_of_the_draw_count_however_often_the_terms_change() public {
        LoanId loanId = _loanOf(180);
        _repay(loanId, 33_400_00);
        _restructure(_newTerms(loanId, 180));
        _refused(_newTerms(loanId, 1), _above(33_400_00 + 200_00, 657_53));
        _restructure(_newTerms(loanId, 179));
        _refused(_newTerms(loanId, 72), _above(33_400_00 + 14_400_00, 47_342_46));
        _restructure(_newTerms(loanId, 73));
        assertEq(facilities.loan(loanId).terms.dueDay, _today() + 73, "73 days leave 48,000.00");
    }

    /// Interest that the first terms left unpaid counts once: 30 and 33 days have passed, and 9 or 10 more follow.
    function test_days_and_interest_of_earlier_terms_count_once() public {
        LoanId loanId = _loanOf(180);
        _days(30);
        _restructure(_newTerms(loanId, 180));
        assertEq(facilities.loan(loanId).payoff.interest, 6_000_00, "left unpaid");
        _days(33);
        _refused(_newTerms(loanId, 9), _above(33_400_00 + 14_400_00, 47_342_46));
        _restructure(_newTerms(loanId, 10));
    }

    /// Nor does it matter that it was paid meanwhile, or became principal.
    function test_interest_of_earlier_terms_counts_though_it_was_paid() public {
        LoanId loanId = _loanOf(180);
        _days(30);
        _restructure(_newTerms(loanId, 180));
        _days(33);
        _repay(loanId, 33_400_00 + 12_600_00);
        _refused(_newTerms(loanId, 9), _above(33_400_00 + 14_400_00, 47_342_46));
        _restructure(_newTerms(loanId, 10));
    }

    /// Days of a moratorium are days of the loan too: 20 days before interest ran, and 43 after.
    function test_days_before_interest_ran_count_after_they_have_passed() public {
        LoanId loanId = _loanOf(180);
        IRestructuring.Restructuring memory terms = _newTerms(loanId, 180);
        terms.interestFromDay = _today() + 20;
        _restructure(terms);
        _days(63);
        // 43 days of interest are 8,600.00; with 2 more 9,000.00: 65 days leave 42,739.72.
        _restructure(_newTerms(loanId, 2));
        assertEq(facilities.loan(loanId).terms.dueDay, _today() + 2, "42,400.00 are below it");
    }

    /// Once an instalment has fallen due, what the draw charged is behind the loan, however often its terms change.
    function test_fees_that_fell_due_with_an_instalment_count_no_more() public {
        LoanId loanId = _drawWithFees(_withFees(0, DRAW_FEE, 0), DRAWN, LoanMath.Style.EqualPrincipal, 12);
        _days(LoanMath.dueDayOf(facilities.loan(loanId).terms, 1) - _today());
        _repay(loanId, uint64(_sum(facilities.loan(loanId).due)));
        _restructure(_newTerms(loanId, 20));
        _restructure(_newTerms(loanId, 10));
        assertEq(facilities.loan(loanId).terms.dueDay, _today() + 10, "agreed");
    }

    function test_what_is_overdue_gets_any_terms() public {
        LoanId loanId = _loanOf(180);
        _days(190);
        assertTrue(facilities.loan(loanId).due.penalty != 0, "overdue");
        _restructure(_newTerms(loanId, 1));
        assertEq(facilities.loan(loanId).terms.dueDay, _today() + 1, "a last day to pay");
    }

    function test_loan_without_fees_gets_short_terms() public {
        LoanId loanId = _bullet(_withFees(0, 0, 0), DRAWN, 180);
        _restructure(_newTerms(loanId, 1));
        assertEq(facilities.loan(loanId).terms.dueDay, _today() + 1, "agreed");
    }

    function _loanOf(uint16 tenor) private returns (LoanId) {
        return _drawWithFees(_withFees(0, DRAW_FEE, 0), DRAWN, LoanMath.Style.Bullet, tenor);
    }

    function _newTerms(LoanId loanId, uint24 length) private returns (IRestructuring.Restructuring memory terms) {
        terms = _bulletTerms(loanId, length);
        terms.annualRate = RATE;
    }

    function _above(uint256 cost, uint256 max) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IServiceFees.TotalCostAboveCap.selector, cost, max);
    }
}
