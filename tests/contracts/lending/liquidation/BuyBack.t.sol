// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacilities} from "../../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../../contracts/lending/ILoans.sol";
import {ILiquidation} from "../../../../contracts/lending/liquidation/ILiquidation.sol";
import {ICollateral} from "../../../../contracts/lending/collateral/ICollateral.sol";
import {IWarehouseReceipts} from "../../../../contracts/warehouse/IWarehouseReceipts.sol";
import {ISplittableToken} from "../../../../contracts/tokens/ISplittableToken.sol";
import {FacilityId, LoanId, PartyId, WarehouseReceiptId} from "../../../../contracts/types/Ids.sol";
import {GoodsFixture} from "../GoodsFixture.sol";
import {HostileParty} from "../collateral/GoodsHostile.t.sol";

/// An undertaking to buy goods back is a standing bid in their auction.
contract BuyBackTest is GoodsFixture {
    LoanId private _loan;
    uint256 private _id;

    function setUp() public override {
        super.setUp();
        (_loan, _id) = _loanOnGoods(6_000_00);
    }

    function test_an_undertaker_waits_until_the_auction_asks_no_more_than_it_pays() public {
        _undertaken(800_000, 20_000_00);
        _liquidated(800_000);
        assertTrue(facilities.collateralOf(_loan).auctionStart != 0, "an auction opens all the same");
        ICollateral.CollateralState memory collateral = facilities.collateralOf(_loan);
        // 8.00 a kilogram: 80 % of all pays 6,400.00.
        vm.warp(collateral.auctionStart + 35 hours);
        vm.expectPartialRevert(ILiquidation.BuyBackTooLow.selector);
        facilities.callBuyBack(_loan);
        vm.warp(collateral.auctionStart + 36 hours);
        assertEq(facilities.collateralOf(_loan).factor, 800_000, "as much as it pays");
        uint64 owed = _payoff(_loan);
        (uint256 before, uint256 owner) = (cash.balanceOf(undertaker), cash.balanceOf(seller));
        vm.prank(STRANGER);
        uint64 price = facilities.callBuyBack(_loan);
        assertEq(before - cash.balanceOf(undertaker), price, "pays");
        assertTrue(price >= owed && price - owed <= 1, "what is needed");
        assertEq(cash.balanceOf(seller) - owner, price - owed, "surplus");
        assertEq(warehouseReceipts.ownerOf(_id + 1), undertaker, "goods");
        assertEq(
            warehouseReceipts.balanceOf(_id + 1), (uint256(owed) * 1e12 + 64e10 - 1) / 64e10, "as many as pay the debt"
        );
        assertEq(warehouseReceipts.ownerOf(_id), seller, "the rest");
        assertEq(warehouseReceipts.lienholderOf(_id), address(0), "free");
        uint64 left = facilities.buyBackOf(facilityId).left;
        assertEq(left, 20_000_00 - price, "what it still undertakes");
        assertTrue(_statusOfLoan(_loan) == ILoans.Status.Repaid, "repaid");
    }

    function test_anyone_outbids_an_undertaker_while_the_auction_asks_more() public {
        _undertaken(800_000, 20_000_00);
        _liquidated(800_000);
        vm.prank(otherBank);
        facilities.bid(_loan, type(uint64).max);
        assertTrue(_statusOfLoan(_loan) == ILoans.Status.Repaid, "sold");
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.NoAuction.selector, _loan));
        facilities.callBuyBack(_loan);
        uint64 left = facilities.buyBackOf(facilityId).left;
        assertEq(left, 20_000_00, "unused");
    }

    function test_an_undertaker_pays_the_debt_for_all_goods_where_its_share_of_them_pays_less() public {
        _undertaken(0, 20_000_00);
        _liquidated(800_000);
        // 6,000.00 is 75 % of 8,000.00: asked after 40.5 hours.
        vm.warp(facilities.collateralOf(_loan).auctionStart + 40 hours);
        vm.expectPartialRevert(ILiquidation.BuyBackTooLow.selector);
        facilities.callBuyBack(_loan);
        vm.warp(facilities.collateralOf(_loan).auctionStart + 41 hours);
        uint64 owed = _payoff(_loan);
        assertEq(facilities.callBuyBack(_loan), owed, "the debt");
        assertTrue(
            warehouseReceipts.ownerOf(_id) == undertaker || warehouseReceipts.ownerOf(_id + 1) == undertaker, "goods"
        );
        assertTrue(_statusOfLoan(_loan) == ILoans.Status.Repaid, "repaid");
    }

    function test_an_undertaker_never_buys_below_the_floor() public {
        (_loan, _id) = _small();
        _undertaken(399_000, 20_000_00);
        _overdue();
        vm.warp(facilities.collateralOf(_loan).auctionEnd + 10 days);
        vm.expectPartialRevert(ILiquidation.BuyBackTooLow.selector);
        facilities.callBuyBack(_loan);
        // Its share stays below the floor, and a friend signs no better one in its place.
        vm.prank(otherBank);
        facilities.bid(_loan, type(uint64).max);
        assertTrue(_statusOfLoan(_loan) == ILoans.Status.Repaid, "sold at the floor");
    }

    function test_undertaking_exactly_at_the_floor_is_used_at_the_end() public {
        (_loan, _id) = _small();
        _undertaken(400_000, 20_000_00);
        _overdue();
        vm.warp(facilities.collateralOf(_loan).auctionEnd - 1 hours);
        vm.expectPartialRevert(ILiquidation.BuyBackTooLow.selector);
        facilities.callBuyBack(_loan);
        vm.warp(facilities.collateralOf(_loan).auctionEnd);
        uint64 owed = _payoff(_loan);
        uint64 price = facilities.callBuyBack(_loan);
        assertTrue(price >= owed && price - owed <= 1, "what is needed");
    }

    function test_an_undertaker_pays_no_more_than_is_left_and_the_rest_stays_for_sale() public {
        _undertaken(800_000, 3_200_00);
        _liquidated(800_000);
        vm.warp(facilities.collateralOf(_loan).auctionStart + 36 hours);
        uint64 owed = _payoff(_loan);
        assertEq(facilities.callBuyBack(_loan), 3_200_00, "all that is left of it");
        assertEq(_payoff(_loan), owed - 3_200_00, "still owed");
        assertEq(warehouseReceipts.balanceOf(_id), 500_000, "half of the goods");
        assertEq(warehouseReceipts.lienholderOf(_id), address(facilities), "under lien");
        assertEq(
            LoanId.unwrap(facilities.loanOfWarehouseReceipt(WarehouseReceiptId.wrap(_id))),
            LoanId.unwrap(_loan),
            "an item"
        );
        assertEq(warehouseReceipts.lienholderOf(_id + 1), address(0), "what was bought is free");
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.NoBuyBack.selector, facilityId));
        facilities.callBuyBack(_loan);
        vm.prank(otherBank);
        facilities.bid(_loan, type(uint64).max);
        assertTrue(_statusOfLoan(_loan) == ILoans.Status.Repaid, "the auction went on");
    }

    function test_undertaking_is_used_up_when_it_is_exactly_enough() public {
        (_loan, _id) = _unsplittable();
        _undertaken(1_000_000, 10_000_00);
        _overdue();
        _toFactor();
        assertEq(facilities.callBuyBack(_loan), 10_000_00, "all of it");
        uint64 left = facilities.buyBackOf(facilityId).left;
        assertEq(left, 0, "nothing is left");
    }

    function test_call_buy_back_reverts_when_the_undertakings_rest_is_below_the_price_of_the_goods() public {
        (_loan, _id) = _unsplittable();
        _undertaken(1_000_000, 9_999_99);
        _overdue();
        _toFactor();
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.BuyBackTooLow.selector, _loan, 9_999_99, 10_000_00));
        facilities.callBuyBack(_loan);
    }

    function test_an_undertaker_that_cannot_pay_stops_nothing() public {
        _undertaken(900_000, 20_000_00);
        vm.prank(undertaker);
        cash.approve(address(facilities), 0);
        _liquidated(800_000);
        vm.warp(facilities.collateralOf(_loan).auctionEnd);
        vm.expectEmit(address(facilities));
        // A gram costs 0.72 fen: what it pays is rounded up to the fen.
        emit ILiquidation.BuyBackFailed(_loan, undertaker, _payoff(_loan) + 1);
        facilities.callBuyBack(_loan);
        assertTrue(_statusOfLoan(_loan) == ILoans.Status.Defaulted, "nothing was bought");
        vm.prank(otherBank);
        facilities.bid(_loan, type(uint64).max);
    }

    function test_undertaker_buys_nothing_when_not_valid_or_under_one_control_with_a_side() public {
        _undertaken(900_000, 20_000_00);
        _liquidated(800_000);
        vm.warp(facilities.collateralOf(_loan).auctionEnd);
        (PartyId ofUndertaker, PartyId ofBank) = (registry.partyOf(undertaker), registry.partyOf(bank));
        vm.startPrank(REGISTRAR);
        registry.setGroup(ofUndertaker, 7);
        registry.setGroup(ofBank, 7);
        vm.stopPrank();
        assertEq(facilities.callBuyBack(_loan), 0, "related now");
        vm.startPrank(REGISTRAR);
        registry.setGroup(ofBank, 0);
        vm.stopPrank();
        _endValidity(undertaker);
        assertEq(facilities.callBuyBack(_loan), 0, "not valid any more");
        vm.prank(REGISTRAR);
        registry.setValidity(ofUndertaker, type(uint64).max);
        assertTrue(facilities.callBuyBack(_loan) != 0, "valid again, and no longer related");
    }

    function test_an_undertaker_under_one_control_with_a_side_is_refused() public {
        PartyId ofUndertaker = registry.partyOf(undertaker);
        address[2] memory sides = [bank, seller];
        vm.prank(REGISTRAR);
        registry.setGroup(ofUndertaker, 7);
        for (uint256 i; i < 2; ++i) {
            PartyId side = registry.partyOf(sides[i]);
            vm.prank(REGISTRAR);
            registry.setGroup(side, 7);
            ILiquidation.BuyBack memory provided = _buyBack(900_000, 20_000_00, i);
            bytes memory signature = _signed(UNDERTAKER_KEY, facilities.buyBackDigest(provided));
            vm.prank(bank);
            vm.expectPartialRevert(IFacilities.SamePartyBothSides.selector);
            facilities.agreeBuyBack(provided, signature);
            vm.prank(REGISTRAR);
            registry.setGroup(side, 0);
        }
    }

    function test_an_undertaker_that_refuses_the_goods_stops_nothing() public {
        HostileParty refusing = new HostileParty();
        _party(address(refusing), 1);
        vm.prank(address(refusing));
        cash.approve(address(facilities), type(uint256).max);
        refusing.callBack(address(facilities), abi.encodeCall(facilities.checkMargin, (LoanId.wrap(99))));
        ILiquidation.BuyBack memory provided = _buyBack(900_000, 20_000_00, 1);
        provided.undertaker = address(refusing);
        vm.prank(bank);
        facilities.agreeBuyBack(provided, "");
        _liquidated(800_000);
        vm.warp(facilities.collateralOf(_loan).auctionEnd);
        uint256 before = cash.balanceOf(address(refusing));
        vm.expectRevert();
        facilities.callBuyBack(_loan);
        assertEq(cash.balanceOf(address(refusing)), before, "it keeps its money");
        vm.prank(otherBank);
        facilities.bid(_loan, type(uint64).max);
        assertEq(warehouseReceipts.ownerOf(_id), otherBank, "sold to another");
    }

    function test_buy_back_is_told_of_after_the_undertaker_has_the_goods() public {
        _undertaken(900_000, 20_000_00);
        _liquidated(800_000);
        vm.warp(facilities.collateralOf(_loan).auctionEnd);
        // A gram costs 0.72 fen: what it pays is rounded up to the fen.
        uint64 price = _payoff(_loan) + 1;
        vm.expectEmit(address(facilities));
        emit ILiquidation.GoodsSold(_loan, undertaker, price, price - 1, 1);
        vm.expectEmit(address(facilities));
        emit ILiquidation.BoughtBack(_loan, undertaker, price, 20_000_00 - price);
        facilities.callBuyBack(_loan);
    }

    function test_undertaking_applies_to_auctions_opened_by_its_last_day() public {
        // Its last day is 200 days on.
        _undertaken(900_000, 20_000_00);
        _days(200);
        _priced(TEN);
        vm.startPrank(bank);
        facilities.declareDefault(_loan);
        facilities.liquidate(_loan);
        vm.stopPrank();
        _days(3);
        assertTrue(facilities.callBuyBack(_loan) != 0, "opened on the last day");
        (_loan, _id) = _loanOnGoods(6_000_00);
        _liquidated(800_000);
        _days(3);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.NoBuyBack.selector, facilityId));
        facilities.callBuyBack(_loan);
    }

    function test_call_buy_back_reverts_without_an_undertaking() public {
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.NoAuction.selector, _loan));
        facilities.callBuyBack(_loan);
        _liquidated(800_000);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.NoBuyBack.selector, facilityId));
        facilities.callBuyBack(_loan);
    }

    // ------------------------------------------------------------------ parts of the above

    /// At once, below the liquidation level.
    function _liquidated(uint64 price) private {
        _priced(price);
        vm.prank(bank);
        facilities.liquidate(_loan);
    }

    function _overdue() private {
        _days(190);
        _priced(TEN);
        vm.startPrank(bank);
        facilities.declareDefault(_loan);
        facilities.liquidate(_loan);
        vm.stopPrank();
    }

    function _small() private returns (LoanId, uint256) {
        _repay(_loan, _payoff(_loan));
        return _loanOnGoods(1_000_00);
    }

    function _unsplittable() private returns (LoanId, uint256 id) {
        _repay(_loan, _payoff(_loan));
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(1_000_000);
        terms.maxDepth = 0;
        (, id) = _issue(terms);
        return (_drawOn(6_000_00, _items(id)), id);
    }

    /// The auction asks the whole of the value: a fourth of the way from 120 % to 40 %.
    function _toFactor() private {
        vm.warp(facilities.collateralOf(_loan).auctionStart + 18 hours);
        assertEq(facilities.collateralOf(_loan).factor, 1_000_000, "the value");
    }

    function _buyBack(uint24 share, uint64 max, uint256 nonce) private view returns (ILiquidation.BuyBack memory) {
        return ILiquidation.BuyBack(
            FacilityId.unwrap(facilityId), undertaker, share, max, _today() + 200, keccak256("text"), _deadline(), nonce
        );
    }

    function _undertaken(uint24 share, uint64 max) private {
        ILiquidation.BuyBack memory provided = _buyBack(share, max, 1);
        bytes memory signature = _signed(UNDERTAKER_KEY, facilities.buyBackDigest(provided));
        vm.prank(bank);
        facilities.agreeBuyBack(provided, signature);
    }
}
