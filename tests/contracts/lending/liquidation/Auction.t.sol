// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPurchaseOrders} from "../../../../contracts/orders/IPurchaseOrders.sol";
import {IWarehouseReceipts} from "../../../../contracts/warehouse/IWarehouseReceipts.sol";
import {ILoans} from "../../../../contracts/lending/ILoans.sol";
import {IPostings} from "../../../../contracts/lending/IPostings.sol";
import {ILiquidation} from "../../../../contracts/lending/liquidation/ILiquidation.sol";
import {ICollateral} from "../../../../contracts/lending/collateral/ICollateral.sol";
import {IProducts} from "../../../../contracts/lending/IProducts.sol";
import {LoanMath} from "../../../../contracts/math/LoanMath.sol";
import {IPriceFeed} from "../../../../contracts/risk/IPriceFeed.sol";
import {FacilityId, LoanId, LotId, OrderId, WarehouseReceiptId} from "../../../../contracts/types/Ids.sol";
import {GoodsFixture} from "../GoodsFixture.sol";

/// The price of an auction, the goods that a bid buys, and the number of rounds.
contract AuctionTest is GoodsFixture {
    uint256 private constant SCALE = 1e12;
    LoanId private _loan;
    uint256 private _id;

    function setUp() public override {
        super.setUp();
        (_loan, _id) = _loanOnGoods(6_000_00);
    }

    // ------------------------------------------------------------------ the price asked

    function test_the_factor_falls_from_start_to_floor_and_stays_there() public {
        _inAuction();
        ICollateral.CollateralState memory collateral = facilities.collateralOf(_loan);
        assertEq(collateral.factor, 1_200_000, "start");
        vm.warp(collateral.auctionStart + 36 hours);
        assertEq(facilities.collateralOf(_loan).factor, 800_000, "half way");
        vm.warp(collateral.auctionEnd - 1);
        assertTrue(facilities.collateralOf(_loan).factor > 400_000, "above the floor in the last second");
        vm.warp(collateral.auctionEnd);
        assertEq(facilities.collateralOf(_loan).factor, 400_000, "floor");
        vm.warp(collateral.auctionEnd + 10 days);
        assertEq(facilities.collateralOf(_loan).factor, 400_000, "and no less");
        // 9.00 a kilogram for 1,000 kg.
        assertEq(facilities.collateralOf(_loan).floorPrice, 3_600_00, "all goods at the floor");
    }

    // ------------------------------------------------------------------ what a bid buys

    function test_a_bid_buys_just_the_goods_that_pay_the_debt() public {
        _inAuction();
        _half();
        uint64 owed = _payoff(_loan);
        uint96 needed = _needed(owed, 900_000, 800_000);
        uint64 price = _priceOf(needed, 900_000, 800_000);
        (ICollateral.CollateralItem[] memory sold, uint64 quotedPrice, uint24 factor) = facilities.saleOf(_loan);
        assertEq(sold.length, 1, "one warehouse receipt");
        assertEq(sold[0].value, needed, "so much of it");
        assertEq(quotedPrice, price, "for so much");
        assertEq(factor, 800_000, "at this factor");
        assertEq(facilities.collateralOf(_loan).price, price, "as the collateral says");
        (uint256 owner, uint256 lender) = (cash.balanceOf(seller), cash.balanceOf(bank));
        vm.prank(otherBank);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.PriceAboveBid.selector, _loan, price, price - 1));
        facilities.bid(_loan, price - 1);
        vm.expectEmit(address(facilities));
        emit ILiquidation.WarehouseReceiptSold(_loan, _id, _id + 1, needed, price);
        vm.expectEmit(address(facilities));
        emit ILiquidation.GoodsSold(_loan, otherBank, price, owed, price - owed);
        vm.prank(otherBank);
        assertEq(facilities.bid(_loan, price), price, "price of now");
        assertEq(cash.balanceOf(bank) - lender, owed, "lender");
        assertEq(cash.balanceOf(seller) - owner, price - owed, "surplus");
        assertTrue(price - owed <= 1, "at most the price of a gram");
        assertEq(cash.balanceOf(address(facilities)), 0, "nothing stays");
        assertEq(warehouseReceipts.ownerOf(_id + 1), otherBank, "the buyer's goods");
        assertEq(warehouseReceipts.balanceOf(_id + 1), needed, "what it paid for");
        assertEq(warehouseReceipts.lienholderOf(_id + 1), address(0), "free");
        assertEq(warehouseReceipts.ownerOf(_id), seller, "the rest is the owner's");
        assertEq(warehouseReceipts.balanceOf(_id), 1_000_000 - needed, "all the rest");
        assertEq(warehouseReceipts.lienholderOf(_id), address(0), "and free");
        assertTrue(_statusOfLoan(_loan) == ILoans.Status.Repaid, "repaid");
        assertEq(facilities.collateralOf(_loan).auctionStart, 0, "no auction");
        vm.prank(otherBank);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.NoAuction.selector, _loan));
        facilities.bid(_loan, 9_000_00);
    }

    function test_a_debt_of_100_sells_goods_for_100() public {
        _repay(_loan, 5_900_00);
        _defaulted();
        vm.prank(otherBank);
        uint64 price = facilities.bid(_loan, type(uint64).max);
        assertTrue(price < 110_00, "what is owed, and no more");
        assertTrue(warehouseReceipts.balanceOf(_id) > 990_000, "of 1,000 kg less than ten were sold");
        assertEq(warehouseReceipts.ownerOf(_id), seller, "the owner's");
    }

    function testFuzz_a_bid_pays_the_debt_and_sells_no_part_too_many(uint256 elapsed, uint256 paid, uint256 price)
        public
    {
        _repay(_loan, uint64(bound(paid, 1, 5_999_99)));
        uint64 unit = uint64(bound(price, 1_000, 5_000_000));
        _days(200);
        _priced(unit);
        vm.startPrank(bank);
        facilities.declareDefault(_loan);
        facilities.liquidate(_loan);
        vm.stopPrank();
        vm.warp(block.timestamp + bound(elapsed, 0, 4 days));
        uint256 factor = facilities.collateralOf(_loan).factor;
        uint64 owed = _payoff(_loan);
        uint256 owner = cash.balanceOf(seller);
        vm.prank(otherBank);
        uint64 got = facilities.bid(_loan, type(uint64).max);
        uint256 left = warehouseReceipts.ownerOf(_id) == seller ? warehouseReceipts.balanceOf(_id) : 0;
        uint256 sold = 1_000_000 - left;
        assertTrue(uint256(got) * SCALE >= sold * unit * factor, "no goods below what is asked");
        assertTrue(uint256(got - 1) * SCALE < sold * unit * factor, "and no cent more than rounding");
        if (left == 0) {
            assertEq(_payoff(_loan), got < owed ? owed - got : 0, "all goods: the rest is owed");
            return;
        }
        assertTrue(got >= owed, "the debt is paid");
        assertTrue((sold - 1) * unit * factor < uint256(owed) * SCALE, "a part less would not have paid it");
        assertEq(cash.balanceOf(seller) - owner, got - owed, "surplus");
    }

    function test_the_oldest_goods_are_sold_first_whatever_the_order_of_the_items() public {
        ICollateral.CollateralItem[] memory items = new ICollateral.CollateralItem[](3);
        uint256[3] memory ids;
        for (uint256 i; i < 3; ++i) {
            IWarehouseReceipts.LotTerms memory terms = _lotTerms(500_000);
            // The second is the oldest; the others are of one day.
            terms.storedDay = i == 1 ? _today() - 9 : _today() - 2;
            (, ids[i]) = _issue(terms);
        }
        (items[0], items[1], items[2]) = (_items(ids[2])[0], _items(ids[0])[0], _items(ids[1])[0]);
        _loan = _drawOn(8_000_00, items);
        _defaulted();
        _half();
        (ICollateral.CollateralItem[] memory sold,,) = facilities.saleOf(_loan);
        assertEq(sold.length, 3, "8 a kilogram: all but a part of the last");
        assertEq(sold[0].id, ids[1], "the oldest");
        assertEq(sold[1].id, ids[0], "of one day the lower number");
        assertEq(sold[2].id, ids[2], "then the other");
        vm.prank(otherBank);
        facilities.bid(_loan, type(uint64).max);
        assertEq(warehouseReceipts.ownerOf(ids[1]), otherBank, "whole");
        assertEq(warehouseReceipts.ownerOf(ids[0]), otherBank, "whole");
        assertEq(warehouseReceipts.ownerOf(ids[2]), seller, "the rest of the last");
        assertEq(warehouseReceipts.lienholderOf(ids[2]), address(0), "free");
    }

    function test_goods_that_were_not_needed_are_free_with_the_last_cent() public {
        uint256 other = _warehouseReceipt(1_000_000);
        ICollateral.CollateralItem[] memory items = new ICollateral.CollateralItem[](2);
        (items[0], items[1]) = (_items(_warehouseReceipt(1_000_000))[0], _items(other)[0]);
        _loan = _drawOn(1_000_00, items);
        _defaulted();
        (ICollateral.CollateralItem[] memory sold,,) = facilities.saleOf(_loan);
        assertEq(sold.length, 1, "one is enough");
        vm.prank(otherBank);
        facilities.bid(_loan, type(uint64).max);
        assertEq(warehouseReceipts.lienholderOf(items[0].id), address(0), "free");
        assertEq(warehouseReceipts.lienholderOf(items[1].id), address(0), "free");
        assertEq(warehouseReceipts.ownerOf(items[1].id) == seller ? 1 : 0, 1, "the owner's");
    }

    function test_a_warehouse_receipt_that_cannot_be_split_is_sold_whole_and_the_surplus_is_the_owners() public {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(1_000_000);
        terms.maxDepth = 0;
        (, _id) = _issue(terms);
        _loan = _drawOn(3_000_00, _items(_id));
        _defaulted();
        _half();
        uint64 owed = _payoff(_loan);
        uint256 owner = cash.balanceOf(seller);
        vm.prank(otherBank);
        assertEq(facilities.bid(_loan, type(uint64).max), 8_000_00, "all of it at 8.00");
        assertEq(cash.balanceOf(seller) - owner, 8_000_00 - owed, "surplus");
        assertEq(warehouseReceipts.ownerOf(_id), otherBank, "whole");
    }

    function test_a_sale_of_all_that_pays_less_leaves_the_rest_owed_and_ends_the_auction() public {
        _inAuction();
        vm.warp(facilities.collateralOf(_loan).auctionEnd);
        vm.prank(bank);
        vm.expectPartialRevert(ILoans.CollateralNotExhausted.selector);
        facilities.recordLoss(_loan);
        uint64 owed = _payoff(_loan);
        vm.expectEmit(address(facilities));
        emit ILiquidation.AuctionEnded(_loan);
        vm.prank(otherBank);
        assertEq(facilities.bid(_loan, 3_600_00), 3_600_00, "the floor");
        assertEq(_payoff(_loan), owed - 3_600_00, "still owed");
        assertEq(warehouseReceipts.ownerOf(_id), otherBank, "goods");
        assertEq(
            LoanId.unwrap(facilities.loanOfWarehouseReceipt(WarehouseReceiptId.wrap(_id))), 0, "and they back no loan"
        );
        assertEq(facilities.collateralOf(_loan).auctionStart, 0, "no auction");
        assertEq(facilities.collateralOf(_loan).round, 0, "no round");
        _days(30);
        vm.prank(bank);
        facilities.recordLoss(_loan);
        assertTrue(facilities.loan(_loan).lossRecorded, "recorded");
        vm.prank(bank);
        vm.expectPartialRevert(ILoans.StateForbids.selector);
        facilities.recordLoss(_loan);
    }

    function test_borrower_may_repay_until_a_bid_is_accepted() public {
        _inAuction();
        _repay(_loan, _payoff(_loan));
        assertEq(warehouseReceipts.lienholderOf(_id), address(0), "free");
        vm.prank(otherBank);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.NoAuction.selector, _loan));
        facilities.bid(_loan, 20_000_00);
    }

    function test_a_part_repayment_sells_less() public {
        _inAuction();
        _half();
        (ICollateral.CollateralItem[] memory before,,) = facilities.saleOf(_loan);
        _repay(_loan, 3_000_00);
        (ICollateral.CollateralItem[] memory then_, uint64 price,) = facilities.saleOf(_loan);
        assertTrue(then_[0].value < before[0].value, "less goods");
        assertTrue(price - _payoff(_loan) <= 1, "for what is owed");
    }

    // ------------------------------------------------------------------ rounds

    function test_rounds_never_go_below_the_first_floor_and_end_after_four() public {
        _inAuction();
        for (uint256 round = 1; round < 4; ++round) {
            ICollateral.CollateralState memory collateral = facilities.collateralOf(_loan);
            assertEq(collateral.round, round, "round");
            vm.warp(collateral.auctionEnd - 1);
            vm.prank(bank);
            vm.expectRevert(abi.encodeWithSelector(ILiquidation.AuctionRuns.selector, _loan, collateral.auctionEnd));
            facilities.liquidate(_loan);
            vm.warp(collateral.auctionEnd);
            // The price fell meanwhile, which changes nothing.
            _priced(uint64(800_000 - round * 200_000));
            vm.prank(bank);
            facilities.liquidate(_loan);
            collateral = facilities.collateralOf(_loan);
            assertEq(collateral.floorPrice, 3_600_00, "the same floor");
            assertEq(collateral.auctionStart, block.timestamp + 1 days, "a day's notice");
            assertEq(collateral.auctionEnd, block.timestamp + 4 days, "and three days");
            assertEq(collateral.factor, 400_000, "until then what nobody paid");
            vm.warp(collateral.auctionStart);
            assertEq(facilities.collateralOf(_loan).factor, 1_200_000, "then from the start");
            assertEq(facilities.collateralOf(_loan).floorPrice, 3_600_00, "to the same floor");
        }
        vm.warp(facilities.collateralOf(_loan).auctionEnd + 100 days);
        vm.prank(bank);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.RestartsUsedUp.selector, _loan, 3));
        facilities.liquidate(_loan);
        // The lender may still have them at the floor.
        vm.prank(bank);
        assertEq(facilities.bid(_loan, type(uint64).max), 3_600_00, "never for less");
    }

    function test_new_series_of_rounds_needs_a_new_appraisal() public {
        _inAuction();
        _rounds(3);
        vm.prank(bank);
        vm.expectPartialRevert(ILiquidation.RestartsUsedUp.selector);
        facilities.liquidate(_loan);
        _priced(300_000);
        vm.prank(bank);
        facilities.liquidate(_loan);
        ICollateral.CollateralState memory collateral = facilities.collateralOf(_loan);
        assertEq(collateral.round, 1, "a new series");
        assertEq(collateral.floorPrice, 1_200_00, "at the new appraisal");
        assertEq(collateral.price, 0, "nothing for sale yet");
        (ICollateral.CollateralItem[] memory sold,,) = facilities.saleOf(_loan);
        assertEq(sold.length, 0, "nothing");
        vm.prank(bank);
        vm.expectRevert(
            abi.encodeWithSelector(ILiquidation.AuctionNotBegun.selector, _loan, uint40(block.timestamp + 1 days))
        );
        facilities.bid(_loan, type(uint64).max);
        vm.warp(collateral.auctionStart);
        assertEq(facilities.collateralOf(_loan).factor, 1_200_000, "all begins anew");
        _rounds(3);
        vm.prank(bank);
        vm.expectPartialRevert(ILiquidation.RestartsUsedUp.selector);
        facilities.liquidate(_loan);
    }

    function test_new_series_of_rounds_reverts_when_the_appraisal_is_too_old() public {
        _inAuction();
        _priced(300_000);
        _rounds(3);
        _days(30);
        vm.prank(bank);
        vm.expectPartialRevert(ILiquidation.RestartsUsedUp.selector);
        facilities.liquidate(_loan);
    }

    function test_a_higher_appraisal_raises_the_floor_of_the_next_round() public {
        _inAuction();
        vm.warp(facilities.collateralOf(_loan).auctionEnd);
        _priced(1_500_000);
        assertEq(facilities.collateralOf(_loan).floorPrice, 3_600_00, "not of this one");
        vm.expectEmit(address(facilities));
        emit ILiquidation.GoodsAppraised(_loan, item, 1_500_000, uint40(block.timestamp));
        vm.prank(bank);
        facilities.liquidate(_loan);
        assertEq(facilities.collateralOf(_loan).floorPrice, 6_000_00, "40 % of 15,000.00");
    }

    function test_last_good_price_holds_the_floor_when_no_price_counts() public {
        _days(30);
        facilities.checkMargin(_loan);
        _days(6);
        assertTrue(!facilities.collateralOf(_loan).priced, "no price counts");
        vm.prank(bank);
        facilities.liquidate(_loan);
        assertEq(facilities.collateralOf(_loan).floorPrice, 4_000_00, "40 % of 10,000.00");
        vm.warp(facilities.collateralOf(_loan).auctionEnd);
        vm.prank(bank);
        assertEq(facilities.bid(_loan, type(uint64).max), 4_000_00, "the debt says nothing of what is asked");
    }

    function test_unfit_and_expired_goods_are_not_sold_below_the_floor_either() public {
        LotId lotId = warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(_id)).lotId;
        vm.prank(WAREHOUSE);
        warehouseReceipts.inspect(lotId, IWarehouseReceipts.Condition.Unfit, DOCUMENTS);
        _days(181);
        _defaulted();
        vm.warp(facilities.collateralOf(_loan).auctionEnd);
        assertEq(facilities.collateralOf(_loan).price, 4_000_00, "one warehouse's word makes no goods cheap");
    }

    // ------------------------------------------------------------------ the lender

    function test_reserve_pays_only_the_loss_that_remains_at_the_floor() public {
        vm.prank(OPERATOR);
        reserve.setCap(product, address(cash), 1_000_000_00);
        _inAuction();
        _rounds(3);
        vm.startPrank(bank);
        vm.expectPartialRevert(ILoans.CollateralNotExhausted.selector);
        facilities.recordLoss(_loan);
        uint256 before = cash.balanceOf(bank);
        uint64 owed = _payoff(_loan);
        assertEq(facilities.bid(_loan, type(uint64).max), 3_600_00, "the floor");
        vm.stopPrank();
        assertEq(cash.balanceOf(bank), before, "it pays itself");
        assertEq(warehouseReceipts.ownerOf(_id), bank, "goods");
        assertEq(_payoff(_loan), owed - 3_600_00, "and as much is paid");
    }

    function test_a_payment_outside_the_ledger_that_repays_the_loan_ends_the_auction() public {
        _inAuction();
        IPostings.History memory none;
        IPostings.Payment memory payment =
            IPostings.Payment(LoanId.unwrap(_loan), _payoff(_loan), _today(), keccak256("bank"));
        vm.expectEmit(address(facilities));
        emit ILiquidation.AuctionEnded(_loan);
        vm.prank(bank);
        facilities.recordPayment(payment, none);
        assertTrue(facilities.loan(_loan).status == ILoans.Status.Repaid, "repaid");
        assertTrue(warehouseReceipts.lienholderOf(_id) == address(0), "the goods are free");
    }

    // ------------------------------------------------------------------ goods that come, go, perish

    function test_damage_changes_nothing_for_the_goods_that_are_left() public {
        _inAuction();
        vm.prank(WAREHOUSE);
        warehouseReceipts.impair(WarehouseReceiptId.wrap(_id), 900_000, DOCUMENTS);
        vm.warp(facilities.collateralOf(_loan).auctionEnd);
        assertEq(facilities.collateralOf(_loan).price, 360_00, "a tenth of the goods");
        vm.prank(WAREHOUSE);
        vm.expectEmit(address(facilities));
        emit ILiquidation.AuctionEnded(_loan);
        warehouseReceipts.impair(WarehouseReceiptId.wrap(_id), 100_000, DOCUMENTS);
        vm.prank(otherBank);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.NoAuction.selector, _loan));
        facilities.bid(_loan, 20_000_00);
        _days(30);
        vm.startPrank(bank);
        vm.expectRevert(abi.encodeWithSelector(ILoans.CollateralMissing.selector, _loan));
        facilities.liquidate(_loan);
        facilities.recordLoss(_loan);
        vm.stopPrank();
    }

    // ------------------------------------------------------------------ parts of the above

    function _inAuction() private {
        _priced(900_000);
        facilities.checkMargin(_loan);
        _days(6);
        vm.prank(bank);
        facilities.liquidate(_loan);
    }

    /// At a price of 10.00, once the loan is overdue.
    function _defaulted() private {
        _days(200);
        _priced(TEN);
        vm.startPrank(bank);
        facilities.declareDefault(_loan);
        facilities.liquidate(_loan);
        vm.stopPrank();
    }

    function _half() private {
        vm.warp(facilities.collateralOf(_loan).auctionStart + 36 hours);
    }

    /// Passes this many rounds without a bid, to the end of the last.
    function _rounds(uint256 count) private {
        for (uint256 i; i < count; ++i) {
            vm.warp(facilities.collateralOf(_loan).auctionEnd);
            vm.prank(bank);
            facilities.liquidate(_loan);
        }
        vm.warp(facilities.collateralOf(_loan).auctionEnd);
    }

    function _needed(uint256 owed, uint256 unit, uint256 factor) private pure returns (uint96) {
        return uint96((owed * SCALE + unit * factor - 1) / (unit * factor));
    }

    function _priceOf(uint256 quantity, uint256 unit, uint256 factor) private pure returns (uint64) {
        return uint64((quantity * unit * factor + SCALE - 1) / SCALE);
    }
}
