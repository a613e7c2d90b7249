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
