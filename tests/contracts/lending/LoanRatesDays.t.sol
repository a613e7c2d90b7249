// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {Calendar} from "../../../contracts/math/Calendar.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {FacilityId, LoanId, ProductId} from "../../../contracts/types/Ids.sol";
import {FloatingFixture} from "./FloatingFixture.sol";

/// The borrower gets days to pay what a late rate makes due, and none that it would not need.
contract LoanRatesDaysTest is FloatingFixture {
    uint64 private constant DRAWN = 1_000_000_00;
    uint24 private _start;
    uint24 private _firstReset;

    function setUp() public override {
        super.setUp();
        _start = _today();
        _firstReset = uint24(Calendar.addMonths(_start, 1));
    }

    /// Nothing happened since the reset day. The second instalment fell due ten days ago, and it was nothing.
    function test_late_rate_on_an_untouched_loan_leaves_days_to_pay() public {
        _publish(_start, _firstReset - 1, 10_000);
        LoanId loanId = _draw(_agreeFloating(_addFromZero(), -10_000), DRAWN, LoanMath.Style.InterestOnly, 3, 0);
        assertEq(facilities.loan(loanId).terms.annualRate, 0, "no interest at first");
        _days(Calendar.addMonths(_start, 2) - _start + 10);
        assertEq(_sum(facilities.loan(loanId).due), 0, "nothing is due");
        _publish(_firstReset, _firstReset + 50, 30_000);
        facilities.resetRate(loanId, _none());
        assertEq(facilities.loan(loanId).due.interest, 1_666_67, "a month at 2 %");
        bytes memory refusal =
            abi.encodeWithSelector(ILoans.TooEarly.selector, loanId, uint256(_today()), uint256(_today() + 4));
        vm.expectRevert(refusal);
        vm.prank(bank);
        facilities.declareDefault(loanId);
        vm.expectRevert(refusal);
        vm.prank(STRANGER);
        facilities.markOverdue(loanId);
        _days(4);
        vm.prank(bank);
        facilities.declareDefault(loanId);
    }

    function test_rate_in_time_on_an_untouched_loan_postpones_nothing() public {
        LoanId loanId = _unpaid(0);
        vm.prank(bank);
        facilities.declareDefault(loanId);
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Defaulted, "in default");
    }

    /// Anyone may call a reset: it is no way to put a default off.
    function test_late_rate_gives_an_overdue_loan_no_new_days() public {
        LoanId loanId = _unpaid(10);
        assertTrue(facilities.loan(loanId).terms.annualRate == 92_000, "the loan costs more");
        vm.prank(bank);
        facilities.declareDefault(loanId);
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Defaulted, "in default");
    }

    // ------------------------------------------------------------------ helpers

    /// The first instalment is unpaid and ten days past its due day; its rate of that day came so many days late.
    function _unpaid(uint256 lateDays) private returns (LoanId loanId) {
        _publish(_start, _firstReset - 1, 35_000);
        loanId = _draw(_agreeFloating(_addFloating(), SPREAD), DRAWN, LoanMath.Style.InterestOnly, 3, 0);
        _noteStart(loanId);
        _days(_firstReset - _start + 10 - (10 - lateDays));
        // Of a late rate the loan has to be run anew.
        if (lateDays != 0) _repayNow(loanId, 1);
        _publish(_firstReset, _firstReset + 50, 55_000);
        _reset(loanId);
        _days(10 - lateDays);
        assertTrue(_sum(facilities.loan(loanId).due) != 0, "overdue");
    }

    function _addFromZero() private returns (ProductId) {
        IProducts.ProductTerms memory terms = _floatingProduct();
        terms.minRate = 0;
        vm.prank(OPERATOR);
        return products.add("zero", terms, _goodsOf(IProducts.CollateralKind.None), _floating(), _noEvidence());
    }
}
