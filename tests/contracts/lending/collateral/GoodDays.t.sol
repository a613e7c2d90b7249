// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../../contracts/receivables/IReceivables.sol";
import {IWarehouseReceipts} from "../../../../contracts/warehouse/IWarehouseReceipts.sol";
import {ILoans} from "../../../../contracts/lending/ILoans.sol";
import {ICollateral} from "../../../../contracts/lending/collateral/ICollateral.sol";
import {ILiquidation} from "../../../../contracts/lending/liquidation/ILiquidation.sol";
import {LoanMath} from "../../../../contracts/math/LoanMath.sol";
import {ClaimId, LoanId, ReceivableId, WarehouseReceiptId} from "../../../../contracts/types/Ids.sol";
import {GoodsFixture} from "../GoodsFixture.sol";

/// Goods count as long as a margin call and an auction can still end before the goods do. The product leaves 5 days to
/// cure and 3 for the auction; with the day of the call and the day after the last one to cure these are 10.
contract GoodDaysTest is GoodsFixture {
    uint24 private constant LEAD = 10;

    // ------------------------------------------------------------------ draws

    function test_draw_reverts_on_goods_that_end_before_they_could_be_sold() public {
        _refusesDraw(0);
        _refusesDraw(LEAD - 1);
        uint256 id = _ending(LEAD);
        LoanId loanId = _drawOn(6_000_00, _items(id));
        assertEq(facilities.collateralOf(loanId).lendable, 6_000_00, "goods that last");
    }

    function test_goods_that_end_soon_stand_beside_goods_that_last() public {
        ICollateral.CollateralItem[] memory items = new ICollateral.CollateralItem[](2);
        items[0] = _items(_warehouseReceipt(1_000_000))[0];
        items[1] = _items(_ending(0))[0];
        LoanId loanId = _drawOn(6_000_00, items);
        ICollateral.CollateralState memory state = facilities.collateralOf(loanId);
        assertEq(state.lendable, 6_000_00, "the goods that last");
        assertEq(state.market, 20_000_00, "all goods");
        assertTrue(!state.priced, "not all of them count");
    }

    // ------------------------------------------------------------------ margin calls

    function test_margin_call_leaves_time_to_cure_and_to_sell_before_the_goods_end() public {
        uint24 last = _today() + 30;
        LoanId loanId = _drawOn(5_900_00, _items(_ending(30)));
        _toDay(last - LEAD);
        vm.expectPartialRevert(ICollateral.MarginUnchanged.selector);
        facilities.checkMargin(loanId);
        _toDay(last - LEAD + 1);
        vm.expectPartialRevert(ILiquidation.NotLiquidable.selector);
        vm.prank(bank);
        facilities.liquidate(loanId);
        facilities.checkMargin(loanId);
        _toDay(facilities.collateralOf(loanId).lastDay);
        vm.expectPartialRevert(ILiquidation.NotLiquidable.selector);
        vm.prank(bank);
        facilities.liquidate(loanId);
        _days(1);
        vm.prank(bank);
        facilities.liquidate(loanId);
        assertEq(facilities.collateralOf(loanId).auctionEnd / DAY, last, "on the last good day");
    }

    function test_borrower_cures_with_fresh_goods_and_takes_the_old_ones() public {
        uint256 old = _ending(30);
        LoanId loanId = _drawOn(5_900_00, _items(old));
        _days(21);
        facilities.checkMargin(loanId);
        uint256 fresh = _warehouseReceipt(1_000_000);
        vm.startPrank(seller);
        facilities.substituteCollateral(loanId, _items(fresh), _items(old));
        warehouseReceipts.requestRelease(WarehouseReceiptId.wrap(old), 1_000_000, DOCUMENTS);
        vm.stopPrank();
        assertEq(facilities.collateralOf(loanId).calledDay, 0, "cured");
    }

    function test_goods_that_end_soon_may_be_liquidated_at_once_if_their_price_fell() public {
        LoanId loanId = _drawOn(6_000_00, _items(_ending(30)));
        _days(21);
        _priced(500_000);
        vm.prank(bank);
        facilities.liquidate(loanId);
        assertTrue(_statusOfLoan(loanId) == ILoans.Status.Defaulted, "3,000.00 for 6,000.00");
    }

    // ------------------------------------------------------------------ goods that leave

    function test_fresh_goods_stay_while_goods_of_the_kind_end_earlier() public {
        (LoanId loanId, uint256 fresh) = _loanOnGoods(5_900_00);
        _days(20);
        uint256 id = _ending(0);
        vm.expectRevert(abi.encodeWithSelector(ICollateral.OlderGoodsFirst.selector, fresh, id));
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _items(id), _items(fresh));
        // A few good days more change nothing.
        id = _ending(40);
        vm.expectRevert(abi.encodeWithSelector(ICollateral.OlderGoodsFirst.selector, fresh, id));
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _items(id), _items(fresh));
        _days(1);
        assertEq(facilities.collateralOf(loanId).lendable, 6_000_00, "the fresh goods");
        assertEq(warehouseReceipts.lienholderOf(fresh), address(facilities), "under their lien");
    }

    function test_goods_stored_later_leave_first_if_they_end_earlier() public {
        (LoanId loanId, uint256 lasting) = _loanOnGoods(5_900_00);
        _days(20);
        uint256 id = _ending(100);
        vm.startPrank(seller);
        facilities.substituteCollateral(loanId, _items(id), _none());
        facilities.substituteCollateral(loanId, _none(), _items(id));
        vm.stopPrank();
        assertEq(facilities.collateralOf(loanId).items[0].id, lasting, "what lasts stays");
    }

    function test_goods_are_not_exchanged_for_a_claim_while_the_rest_ends_soon() public {
        (LoanId loanId, uint256 fresh) = _loanOnGoods(5_900_00);
        _accept();
        uint256 id = _ending(LEAD - 1);
        vm.prank(seller);
        facilities.substituteCollateral(loanId, _items(id), _none());
        ReceivableId receivableId = _requested(1_000_00);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        vm.expectRevert(
            abi.encodeWithSelector(ICollateral.CollateralWorse.selector, loanId, 6_700_00, 12_000_00, 5_900_00)
        );
        vm.prank(seller);
        facilities.convertGoodsToClaim(
            loanId, receivableId, ClaimId.wrap(0), signature, WarehouseReceiptId.wrap(fresh), 0
        );
    }

    function test_goods_that_end_soon_are_sold_for_a_claim_worth_no_less() public {
        _accept();
        uint256 id = _ending(30);
        LoanId loanId = _drawOn(6_000_00, _items(id));
        _days(21);
        facilities.checkMargin(loanId);
        // 6,020.00 for 6,000.00; 6,025.20 are owed.
        ReceivableId receivableId = _requested(8_600_00);
        bytes memory signature = _signed(DEBTOR_KEY, receivables.confirmationDigest(receivableId));
        vm.prank(seller);
        facilities.convertGoodsToClaim(loanId, receivableId, ClaimId.wrap(0), signature, WarehouseReceiptId.wrap(id), 0);
        assertEq(facilities.collateralOf(loanId).calledDay, 0, "the claim cures the call");
        assertEq(warehouseReceipts.ownerOf(id), debtor, "the buyer has the goods");
    }

    // ------------------------------------------------------------------ helpers

    function _refusesDraw(uint24 lasting) private {
        ICollateral.CollateralItem[] memory items = _items(_ending(lasting));
        ILoans.DrawRequest memory request = _request(facilityId, 6_000_00, LoanMath.Style.Bullet, 180, 0);
        vm.expectRevert(abi.encodeWithSelector(ICollateral.CollateralTooSmall.selector, 0, 0, 6_000_00));
        vm.prank(seller);
        facilities.drawOnGoods(request, items);
    }

    /// 1,000 kg that are good for so many days after today.
    function _ending(uint24 lasting) private returns (uint256 id) {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(1_000_000);
        terms.expiryDay = _today() + lasting;
        (, id) = _issue(terms);
    }

    function _accept() private {
        vm.prank(bank);
        facilities.acceptDebtor(facilityId, debtor, true);
    }

    function _requested(uint96 face) private returns (ReceivableId) {
        IReceivables.ReceivableTerms memory terms = _terms(face);
        vm.prank(seller);
        return receivables.request(terms);
    }
}
