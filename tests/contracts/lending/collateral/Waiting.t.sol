// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ILoans} from "../../../../contracts/lending/ILoans.sol";
import {ICollateral} from "../../../../contracts/lending/collateral/ICollateral.sol";
import {IProducts} from "../../../../contracts/lending/IProducts.sol";
import {ILiquidation} from "../../../../contracts/lending/liquidation/ILiquidation.sol";
import {LoanMath} from "../../../../contracts/math/LoanMath.sol";
import {ClaimId, LoanId, ReceivableId} from "../../../../contracts/types/Ids.sol";
import {GoodsFixture} from "../GoodsFixture.sol";

/// Money that a debtor has paid and nobody has collected: it counts in full where the claim is handed over, and against
/// the debt in a margin call.
contract WaitingTest is GoodsFixture {
    // ------------------------------------------------------------------ hand-overs

    function test_set_off_counts_money_that_waits_on_the_claim() public {
        uint256 atFirst = cash.balanceOf(bank);
        (LoanId loanId, ReceivableId receivableId, uint256 claimId) = _loanOnClaim();
        _days(10);
        _pay(receivableId, 900_00);
        assertEq(_payoff(loanId), 801_60, "what is owed");
        _refusesSetOff(loanId, claimId, 1_000_00, 80_00, 801_60);
        _refusesSetOff(loanId, claimId, 1_000_00, 801_59, 801_60);
        receivables.collect(ClaimId.wrap(claimId));
        assertTrue(_statusOfLoan(loanId) == ILoans.Status.Repaid, "repaid");
        assertEq(cash.balanceOf(bank), atFirst + 1_60, "the lender has its money and its interest");
    }

    function test_a_claim_on_which_money_waits_pays_all_that_is_owed() public {
        uint256 atFirst = cash.balanceOf(bank);
        (LoanId loanId, ReceivableId receivableId, uint256 claimId) = _loanOnClaim();
        _days(10);
        _pay(receivableId, 900_00);
        _setOff(loanId, claimId, 1_000_00, 801_60);
        assertTrue(_statusOfLoan(loanId) == ILoans.Status.Repaid, "repaid");
        receivables.collect(ClaimId.wrap(claimId));
        assertEq(
            cash.balanceOf(bank) + 800_00, atFirst + 900_00, "the borrower agreed to give 98.40 more, and the claim"
        );
    }

    function test_a_part_of_a_claim_takes_its_share_of_the_waiting_money_along() public {
        (LoanId loanId, ReceivableId receivableId, uint256 claimId) = _loanOnClaim();
        _pay(receivableId, 900_00);
        // 450.00 of the money, and 80 % of the other 50.00.
        _refusesSetOff(loanId, claimId, 500_00, 489_99, 490_00);
        _setOff(loanId, claimId, 500_00, 490_00);
        assertEq(_payoff(loanId), 310_00, "what is left of 800.00");
        receivables.collect(ClaimId.wrap(claimId));
        assertTrue(_statusOfLoan(loanId) == ILoans.Status.Repaid, "the other half of the money pays it");
    }

    function test_waiting_money_counts_after_the_default_of_the_debtor() public {
        (LoanId loanId, ReceivableId receivableId, uint256 claimId) = _loanOnClaim();
        _pay(receivableId, 300_00);
        _late();
        vm.prank(bank);
        facilities.declareDebtDefault(loanId);
        _refusesSetOff(loanId, claimId, 1_000_00, 299_99, 300_00);
        _setOff(loanId, claimId, 1_000_00, 300_00);
        assertTrue(_statusOfLoan(loanId) != ILoans.Status.Repaid, "the rest is owed");
        uint256 before = cash.balanceOf(bank);
        receivables.collect(ClaimId.wrap(claimId));
        assertEq(cash.balanceOf(bank), before + 300_00, "what it counted for");
    }

    // ------------------------------------------------------------------ margin calls

    function test_money_that_waits_on_a_claim_is_not_called_for() public {
        (LoanId loanId, ReceivableId receivableId, uint256 claimId) = _loanOnGoodsAndClaim();
        _days(20);
        // 13,000.00 secure 12,048.00, and the debtor pays 10,000.00 early.
        _pay(receivableId, 10_000_00);
        ICollateral.CollateralState memory state = facilities.collateralOf(loanId);
        assertEq(state.lendable, 6_000_00, "the goods");
        assertEq(state.waiting, 10_000_00, "the money");
        vm.expectRevert(abi.encodeWithSelector(ICollateral.MarginUnchanged.selector, loanId, 12_048_00, 6_000_00));
        facilities.checkMargin(loanId);
        vm.expectRevert(
            abi.encodeWithSelector(ILiquidation.NotLiquidable.selector, loanId, 12_048_00, 6_000_00, uint24(0))
        );
        vm.prank(bank);
        facilities.liquidate(loanId);
        receivables.collect(ClaimId.wrap(claimId));
        assertEq(_payoff(loanId), 2_048_00, "what is left");
        assertTrue(_statusOfLoan(loanId) == ILoans.Status.Running, "secured by goods worth 10,000.00");
    }

    function test_a_call_ends_when_the_debtor_pays() public {
        (LoanId loanId, ReceivableId receivableId,) = _loanOnGoodsAndClaim();
        _priced(500_000);
        facilities.checkMargin(loanId);
        assertTrue(facilities.collateralOf(loanId).calledDay != 0, "10,000.00 secure 12,000.00");
        _pay(receivableId, 9_000_00);
        facilities.checkMargin(loanId);
        assertEq(facilities.collateralOf(loanId).calledDay, 0, "3,700.00 secure 3,000.00");
    }

    function test_goods_that_do_not_secure_the_rest_are_sold() public {
        (LoanId loanId, ReceivableId receivableId,) = _loanOnGoodsAndClaim();
        _days(20);
        _pay(receivableId, 10_000_00);
        // 85 % of 2,048.00 is 1,740.80.
        _priced(290_134);
        vm.prank(bank);
        vm.expectPartialRevert(ILiquidation.NotLiquidable.selector);
        facilities.liquidate(loanId);
        _priced(290_133);
        vm.prank(bank);
        facilities.liquidate(loanId);
        assertTrue(_statusOfLoan(loanId) == ILoans.Status.Defaulted, "in default");
    }

    // ------------------------------------------------------------------ helpers

    function _loanOnClaim() private returns (LoanId loanId, ReceivableId receivableId, uint256 claimId) {
        (receivableId, claimId) = _confirmed(1_000_00);
        loanId = _draw(
            _agreedFacility(_add(_claimProduct()), 72_000, 10_000_000_00), 800_00, LoanMath.Style.Bullet, 30, claimId
        );
    }

    /// 12,000.00 on goods worth 10,000.00 and on a claim of 10,000.00.
    function _loanOnGoodsAndClaim() private returns (LoanId loanId, ReceivableId receivableId, uint256 claimId) {
        (receivableId, claimId) = _confirmed(10_000_00);
        ICollateral.CollateralItem[] memory items = new ICollateral.CollateralItem[](2);
        items[0] = _items(_warehouseReceipt(1_000_000))[0];
        items[1] = ICollateral.CollateralItem(IProducts.CollateralKind.Claim, claimId, 0);
        loanId = _drawOn(12_000_00, items);
    }

    function _refusesSetOff(LoanId loanId, uint256 claimId, uint96 value, uint64 credit, uint256 min) private {
        (ILoans.SetOff memory terms, bytes memory first, bytes memory second) =
            _signedSetOff(loanId, claimId, value, credit);
        vm.expectRevert(abi.encodeWithSelector(ICollateral.CreditBelowFloor.selector, loanId, credit, min));
        facilities.setOff(terms, first, second);
    }

    function _setOff(LoanId loanId, uint256 claimId, uint96 value, uint64 credit) private {
        (ILoans.SetOff memory terms, bytes memory first, bytes memory second) =
            _signedSetOff(loanId, claimId, value, credit);
        facilities.setOff(terms, first, second);
    }

    function _signedSetOff(LoanId loanId, uint256 claimId, uint96 value, uint64 credit)
        private
        view
        returns (ILoans.SetOff memory terms, bytes memory first, bytes memory second)
    {
        terms = ILoans.SetOff(LoanId.unwrap(loanId), claimId, value, credit, DOCUMENTS, _deadline(), 1);
        bytes32 digest = facilities.setOffDigest(terms);
        (first, second) = (_signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
    }
}
