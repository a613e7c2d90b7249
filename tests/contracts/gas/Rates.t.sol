// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {FacilityId, LoanId} from "../../../contracts/types/Ids.sol";
import {FloatingFixture} from "../lending/FloatingFixture.sol";

/// Gas of floating rates, each operation a transaction of its own.
contract RatesGas is FloatingFixture {
    string private constant GROUP = "operations";
    uint64 private constant DRAWN = 100_000_00;
    FacilityId private _facility;
    uint24 private _first;

    function setUp() public override {
        super.setUp();
        _facility = _agreeFloating(_addFloating(), SPREAD);
        _first = _today();
        _publish(_first, _first + 19, 35_000);
        _bullet(_facility, DRAWN, 90);
    }

    function test_post_and_confirm_a_reference_rate() public {
        _days(20);
        vm.prank(FIRST);
        rates.post(_rateOf(_first + 20, _first + 39, 34_000));
        _keep("post a reference rate");
        vm.prank(SECOND);
        rates.confirm(_rateOf(_first + 20, _first + 39, 34_000));
        _keep("confirm a reference rate");
    }

    function test_draw_and_reset_a_loan_with_a_floating_rate() public {
        LoanId loanId = _bullet(_facility, DRAWN, 90);
        _keep("draw a loan with a floating rate");
        _days(40);
        _publish(_first + 20, _first + 39, 34_000);
        IPostings.History memory none;
        facilities.resetRate(loanId, none);
        _keep("set the rate of a loan");
        _days(1);
        _repay(loanId, 1_000_00);
        _keep("repay part of a loan with a floating rate");
    }

    function test_reset_before_a_later_payment() public {
        LoanId loanId = _bullet(_facility, DRAWN, 90);
        _noteStart(loanId);
        _days(40);
        _repayNow(loanId, 1_000_00);
        _publish(_first + 20, _first + 39, 34_000);
        IPostings.History memory history = _history(loanId);
        facilities.resetRate(loanId, history);
        _keep("set the rate of a loan before a later payment");
    }

    function _keep(string memory operation) private {
        vm.snapshotValue(GROUP, operation, vm.lastCallGas().gasTotalUsed);
    }
}
