// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../../contracts/lending/ILoans.sol";
import {IProducts} from "../../../../contracts/lending/IProducts.sol";
import {ICollateral} from "../../../../contracts/lending/collateral/ICollateral.sol";
import {ILiquidation} from "../../../../contracts/lending/liquidation/ILiquidation.sol";
import {LoanMath} from "../../../../contracts/math/LoanMath.sol";
import {FacilityId, LoanId, PartyId, ProductId, WarehouseReceiptId} from "../../../../contracts/types/Ids.sol";
import {GoodsFixture} from "../GoodsFixture.sol";
import {SharerFixture} from "../SharerFixture.sol";

/// An entruster's loan on goods, and beside them a debt of the administering bank's group, or of the entruster's own.
contract EntrustedDebtsTest is GoodsFixture, SharerFixture {
    FacilityId private _entrusted;

    function setUp() public override(GoodsFixture, SharerFixture) {
        super.setUp();
        IProducts.ProductTerms memory terms = _goodsProduct();
        terms.funding = IProducts.Funding.Entrusted;
        ProductId onGoods = _add(terms);
        IFacilities.FacilityTerms memory agreed = _facilityTerms(onGoods, 72_000, 10_000_000_00);
        agreed.entruster = entruster;
        _entrusted = _agree(agreed);
        _agreeSharing(onGoods);
    }

    // ------------------------------------------------------------------ losses

    function test_entruster_gets_half_of_its_loss() public {
        assertEq(_absorbed(0), 3_000_00, "from the sharer");
    }

    function test_a_debt_of_the_banks_group_leaves_the_entruster_nothing_to_bear() public {
        _relate(bank);
        assertEq(_absorbed(1_000_00), 3_000_00, "as if there were no such debt");
    }

    function test_entruster_bears_as_much_as_its_own_group_did_not_pay() public {
        _relate(entruster);
        assertEq(_absorbed(1_000_00), 2_500_00, "half of the other 5,000.00");
    }

    // ------------------------------------------------------------------ margin

    /// The bank's affiliate does not pay, and the goods fall by two thirds.
    function test_entruster_liquidates_when_the_banks_group_does_not_pay() public {
        LoanId loanId = _unpaid(bank);
        vm.prank(entruster);
        facilities.liquidate(loanId);
        assertTrue(_statusOfLoan(loanId) == ILoans.Status.Defaulted, "1,800.00 secure 6,000.00");
    }

    function test_margin_is_called_when_the_banks_group_does_not_pay() public {
        LoanId loanId = _unpaid(bank);
        facilities.checkMargin(loanId);
        assertTrue(facilities.collateralOf(loanId).lastDay != 0, "called");
    }

    function test_a_debt_of_the_entrusters_own_group_counts_until_it_is_paid() public {
        LoanId loanId = _unpaid(entruster);
        vm.expectPartialRevert(ICollateral.MarginUnchanged.selector);
        facilities.checkMargin(loanId);
        vm.expectPartialRevert(ILiquidation.NotLiquidable.selector);
        vm.prank(entruster);
        facilities.liquidate(loanId);
    }

    // ------------------------------------------------------------------ helpers

    function _relate(address account) private {
        address[2] memory accounts = [account, debtor];
        for (uint256 i; i < 2; ++i) {
            PartyId partyId = registry.partyOf(accounts[i]);
            vm.prank(REGISTRAR);
            registry.setGroup(partyId, 7);
        }
    }

    /// 6,000.00 on goods; then the borrower adds a claim on the debtor.
    function _drawn(uint96 face) private returns (LoanId loanId, uint256 id) {
        id = _warehouseReceipt(1_000_000);
        ILoans.DrawRequest memory request = _request(_entrusted, 6_000_00, LoanMath.Style.Bullet, 180, 0);
        vm.prank(seller);
        loanId = facilities.drawOnGoods(request, _items(id));
        if (face == 0) return (loanId, id);
        (, uint256 claimId) = _confirmed(face);
        ICollateral.CollateralItem[] memory claims = new ICollateral.CollateralItem[](1);
        claims[0] = ICollateral.CollateralItem(IProducts.CollateralKind.Claim, claimId, 0);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, claims, _none());
    }

    /// All goods are lost, and nobody pays.
    function _absorbed(uint96 face) private returns (uint64 absorbed) {
        (LoanId loanId, uint256 id) = _drawn(face);
        _late();
        if (face != 0) {
            vm.prank(entruster);
            facilities.declareDebtDefault(loanId);
        }
        vm.prank(WAREHOUSE);
        warehouseReceipts.impair(WarehouseReceiptId.wrap(id), 1_000_000, DOCUMENTS);
        _days(200);
        vm.startPrank(entruster);
        facilities.declareDefault(loanId);
        absorbed = facilities.recordLoss(loanId);
        vm.stopPrank();
    }

    /// A party of the account's group does not pay 10,000.00, and the goods secure 1,800.00.
    function _unpaid(address account) private returns (LoanId loanId) {
        _relate(account);
        (loanId,) = _drawn(10_000_00);
        _late();
        vm.prank(entruster);
        facilities.declareDebtDefault(loanId);
        _priced(300_000);
    }
}
