// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {ClaimId, FacilityId, LoanId, PartyId, ReceivableId} from "../../../contracts/types/Ids.sol";
import {LendingFixture} from "../lending/LendingFixture.sol";

/// Gas of lending, each operation a transaction of its own, on a facility that is in use.
contract LendingGas is LendingFixture {
    string private constant GROUP = "operations";
    uint96 private constant FACE = 1_000_000;
    FacilityId private _facilityInUse;

    function setUp() public override {
        super.setUp();
        _facilityInUse = _agreedFacility(_add(_claimProduct()), 72_000, 10_000_000);
        (, uint256 earlier) = _confirmed(FACE);
        _draw(_facilityInUse, 500_000, LoanMath.Style.Bullet, 60, earlier);
    }

    function test_draw_a_loan_on_one_claim() public {
        (, uint256 claimId) = _confirmed(FACE);
        _draw(_facilityInUse, 500_000, LoanMath.Style.Bullet, 60, claimId);
        _keep("draw a loan on one claim");
    }

    /// All limits over all facilities apply: of the tier, of the rule set, and of the group.
    function test_draw_and_repay_a_loan_on_a_credit_tier() public {
        IProducts.ProductTerms memory terms = _plainProduct();
        terms.minTier = 3;
        (terms.ruleSet, terms.ruleSetLimit, terms.groupLimit) = ("cn", 5_000_000, 8_000_000);
        _rate(seller, 2, 5_000_000);
        PartyId partyId = registry.partyOf(seller);
        vm.prank(REGISTRAR);
        registry.setGroup(partyId, 7);
        FacilityId facilityId = _agreedFacility(_add(terms), 72_000, 10_000_000);
        _bullet(facilityId, 500_000, 60);
        LoanId loanId = _bullet(facilityId, 500_000, 60);
        _keep("draw a loan on a credit tier");
        _days(10);
        _repay(loanId, 100_000);
        _keep("repay part of a loan on a credit tier");
    }

    function test_repay_part() public {
        (, uint256 claimId) = _confirmed(FACE);
        LoanId loanId = _draw(_facilityInUse, 500_000, LoanMath.Style.Bullet, 60, claimId);
        _days(10);
        _repay(loanId, 100_000);
        _keep("repay part");
    }

    /// Accrual costs nothing until a loan is touched, and then costs the same after any number of days.
    function test_repay_part_of_a_loan_left_alone() public {
        (, uint256 first) = _confirmed(FACE);
        (, uint256 second) = _confirmed(FACE);
        LoanId soon = _draw(_facilityInUse, 500_000, LoanMath.Style.Bullet, 60, first);
        LoanId late = _draw(_facilityInUse, 500_000, LoanMath.Style.Bullet, 60, second);
        _days(1);
        _repay(soon, 100_000);
        uint256 after1Day = vm.lastCallGas().gasTotalUsed;
        _days(58);
        _repay(late, 100_000);
        require(vm.lastCallGas().gasTotalUsed < after1Day + 1_000, "time costs gas");
        _keep("repay part of a loan left alone for 59 days");
    }

    function test_repay_part_of_an_instalment() public {
        (, uint256 claimId) = _confirmed(FACE);
        LoanId loanId = _draw(_facilityInUse, 500_000, LoanMath.Style.EqualInstalment, 6, claimId);
        _days(40);
        _repay(loanId, 10_000);
        _keep("repay part of an overdue instalment");
    }

    function test_collect_for_a_loan() public {
        (ReceivableId receivableId, uint256 claimId) = _confirmed(FACE);
        _draw(_facilityInUse, 500_000, LoanMath.Style.Bullet, 60, claimId);
        _days(10);
        _pay(receivableId, 400_000);
        receivables.collect(ClaimId.wrap(claimId));
        _keep("collect through a loan");
    }

    function _keep(string memory operation) private {
        vm.snapshotValue(GROUP, operation, vm.lastCallGas().gasTotalUsed);
    }
}
