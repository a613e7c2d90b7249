// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPartyRegistry} from "../../../../contracts/registry/IPartyRegistry.sol";
import {IWarehouseReceipts} from "../../../../contracts/warehouse/IWarehouseReceipts.sol";
import {IFacilities} from "../../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../../contracts/lending/ILoans.sol";
import {ILiquidation} from "../../../../contracts/lending/liquidation/ILiquidation.sol";
import {ICollateral} from "../../../../contracts/lending/collateral/ICollateral.sol";
import {IProducts} from "../../../../contracts/lending/IProducts.sol";
import {IPriceFeed} from "../../../../contracts/risk/IPriceFeed.sol";
import {FacilityId, LoanId, LotId, WarehouseReceiptId} from "../../../../contracts/types/Ids.sol";
import {GoodsFixture} from "../GoodsFixture.sol";

/// Margin calls, cures, buy-back, auction, and the loss that is left.
contract MarginTest is GoodsFixture {
    LoanId private _loan;
    uint256 private _id;

    function setUp() public override {
        super.setUp();
        (_loan, _id) = _loanOnGoods(6_000_00);
    }

    // ------------------------------------------------------------------ calls

    function test_margin_call_is_made_below_the_call_level_and_not_at_it() public {
        // 95 % of 6,000.00 is 5,700.00: 9.50 a kilogram less 40 %.
        _priced(950_000);
        vm.expectRevert(abi.encodeWithSelector(ICollateral.MarginUnchanged.selector, _loan, 6_000_00, 5_700_00));
        facilities.checkMargin(_loan);
        _priced(949_999);
        vm.expectEmit(address(facilities));
        emit ICollateral.MarginCalled(_loan, 6_000_00, 5_699_99, _today() + 5);
        vm.prank(STRANGER);
        facilities.checkMargin(_loan);
        assertEq(facilities.collateralOf(_loan).lastDay, _today() + 5, "last day");
        vm.expectPartialRevert(ICollateral.MarginUnchanged.selector);
        facilities.checkMargin(_loan);
    }

    function test_repayment_ends_a_margin_call_by_itself() public {
        _called(900_000);
        _repay(_loan, 100_00);
        assertTrue(facilities.collateralOf(_loan).calledDay != 0, "not enough");
        _repay(_loan, 300_00);
        assertEq(facilities.collateralOf(_loan).calledDay, 0, "cured");
        _days(6);
        vm.prank(bank);
        vm.expectPartialRevert(ILiquidation.NotLiquidable.selector);
        facilities.liquidate(_loan);
    }

    function test_added_goods_end_a_margin_call_by_themselves() public {
        _called(900_000);
        uint256 more = _warehouseReceipt(100_000);
        vm.prank(seller);
        facilities.substituteCollateral(_loan, _items(more), _none());
        assertEq(facilities.collateralOf(_loan).calledDay, 0, "cured");
    }

    function test_anyone_ends_a_margin_call_when_the_price_has_recovered() public {
        _called(900_000);
        _priced(TEN);
        facilities.checkMargin(_loan);
        assertEq(facilities.collateralOf(_loan).calledDay, 0, "ended");
        _days(6);
        _priced(900_000);
        vm.prank(bank);
        vm.expectPartialRevert(ILiquidation.NotLiquidable.selector);
        facilities.liquidate(_loan);
    }

    function test_impairment_makes_a_margin_call_in_its_transaction() public {
        vm.prank(WAREHOUSE);
        warehouseReceipts.impair(WarehouseReceiptId.wrap(_id), 100_000, DOCUMENTS);
        assertEq(facilities.collateralOf(_loan).calledDay, _today(), "called");
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(ICollateral.NotWarehouseReceipts.selector, STRANGER));
        facilities.onImpaired(WarehouseReceiptId.wrap(_id));
    }

    function test_old_price_allows_a_margin_call_and_no_immediate_liquidation() public {
        _days(30);
        assertTrue(!facilities.collateralOf(_loan).priced, "no price counts");
        vm.prank(bank);
        vm.expectPartialRevert(ILiquidation.NotLiquidable.selector);
        facilities.liquidate(_loan);
        facilities.checkMargin(_loan);
        vm.prank(bank);
        vm.expectPartialRevert(ILiquidation.NotLiquidable.selector);
        facilities.liquidate(_loan);
        _days(6);
        vm.prank(bank);
        facilities.liquidate(_loan);
    }

    function test_one_appraiser_cannot_cause_a_margin_call() public {
        vm.warp(block.timestamp + 1);
        vm.prank(FIRST_APPRAISER);
        prices.post(_price(1, HAIRCUT));
        vm.expectPartialRevert(ICollateral.MarginUnchanged.selector);
        facilities.checkMargin(_loan);
    }

    function test_unfit_or_expired_goods_count_as_nothing() public {
        LotId lotId = warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(_id)).lotId;
        vm.prank(WAREHOUSE);
        warehouseReceipts.inspect(lotId, IWarehouseReceipts.Condition.Unfit, DOCUMENTS);
        ICollateral.CollateralState memory collateral = facilities.collateralOf(_loan);
        assertEq(collateral.lendable, 0, "lendable");
        assertTrue(!collateral.priced, "not counted");
        facilities.checkMargin(_loan);
    }

    function test_loans_without_goods_have_no_margin() public {
        FacilityId plain = _agreedFacility(_add(_plainProduct()), 72_000, 1_000_00);
        LoanId other = _bullet(plain, 100_00, 30);
        vm.expectRevert(abi.encodeWithSelector(ICollateral.MarginNotAgreed.selector, other));
        facilities.checkMargin(other);
        vm.prank(bank);
        vm.expectRevert(abi.encodeWithSelector(ILoans.CollateralMissing.selector, other));
        facilities.liquidate(other);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.NoAuction.selector, other));
        vm.prank(bank);
        facilities.bid(other, 1);
    }

    function test_borrower_can_cure_on_the_last_day() public {
        _called(900_000);
        _days(5);
        assertEq(facilities.collateralOf(_loan).lastDay, _today(), "the last day");
        vm.prank(bank);
        vm.expectPartialRevert(ILiquidation.NotLiquidable.selector);
        facilities.liquidate(_loan);
        _days(1);
        vm.prank(bank);
        facilities.liquidate(_loan);
    }

    function test_an_uncured_call_is_not_enforced_once_the_collateral_came_back() public {
        _called(900_000);
        _days(6);
        _priced(TEN);
        assertTrue(facilities.collateralOf(_loan).calledDay != 0, "nobody looked: the call stands");
        vm.prank(bank);
        vm.expectPartialRevert(ILiquidation.NotLiquidable.selector);
        facilities.liquidate(_loan);
    }

    function test_margin_call_ends_when_the_whole_loan_falls_due() public {
        _called(900_000);
        _days(6);
        vm.prank(bank);
        facilities.liquidate(_loan);
        assertEq(facilities.collateralOf(_loan).calledDay, 0, "no call");
        assertEq(facilities.collateralOf(_loan).lastDay, 0, "no days to cure");
    }

    // ------------------------------------------------------------------ liquidation

    function test_only_the_lender_liquidates_and_only_funders_bid() public {
        _called(900_000);
        _days(6);
        address[4] memory others = [seller, otherBank, STRANGER, OPERATOR];
        for (uint256 i; i < 4; ++i) {
            vm.prank(others[i]);
            vm.expectPartialRevert(IFacilities.NotLender.selector);
            facilities.liquidate(_loan);
        }
        vm.prank(bank);
        facilities.liquidate(_loan);
        vm.prank(seller);
        vm.expectPartialRevert(IPartyRegistry.RoleMissing.selector);
        facilities.bid(_loan, 20_000_00);
        vm.prank(STRANGER);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        facilities.bid(_loan, 20_000_00);
    }

    function test_below_the_liquidation_level_there_are_no_days_to_cure() public {
        // 85 % of 6,000.00 is 5,100.00: 8.50 a kilogram less 40 %.
        _priced(850_000);
        vm.prank(bank);
        vm.expectPartialRevert(ILiquidation.NotLiquidable.selector);
        facilities.liquidate(_loan);
        _priced(849_999);
        vm.prank(bank);
        facilities.liquidate(_loan);
        assertTrue(_statusOfLoan(_loan) == ILoans.Status.Defaulted, "all falls due");
    }

    function test_default_allows_liquidation_whatever_the_goods_are_worth() public {
        _days(200);
        vm.startPrank(bank);
        facilities.declareDefault(_loan);
        facilities.liquidate(_loan);
        vm.stopPrank();
        assertTrue(facilities.collateralOf(_loan).auctionStart != 0, "auction");
    }

    // ------------------------------------------------------------------ buy-back

    function test_buy_back_undertaking_is_signed_by_the_undertaker_and_used_once() public {
        ILiquidation.BuyBack memory provided = _buyBack(900_000, 20_000_00, 7);
        bytes32 digest = facilities.buyBackDigest(provided);
        bytes memory signature = _signed(UNDERTAKER_KEY, digest);
        bytes memory wrong = _signed(SELLER_KEY, digest);
        vm.prank(seller);
        vm.expectPartialRevert(IFacilities.NotLender.selector);
        facilities.agreeBuyBack(provided, signature);
        vm.startPrank(bank);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.SignatureInvalid.selector, undertaker, digest));
        facilities.agreeBuyBack(provided, wrong);
        facilities.agreeBuyBack(provided, signature);
        vm.expectRevert(abi.encodeWithSelector(IFacilities.TermsUsed.selector, digest));
        facilities.agreeBuyBack(provided, signature);
        provided.undertaker = seller;
        vm.expectPartialRevert(IFacilities.SamePartyBothSides.selector);
        facilities.agreeBuyBack(provided, wrong);
        vm.stopPrank();
    }

    // ------------------------------------------------------------------ parts of the above

    function _called(uint64 price) private {
        _priced(price);
        facilities.checkMargin(_loan);
    }

    function _buyBack(uint24 share, uint64 max, uint256 nonce) private view returns (ILiquidation.BuyBack memory) {
        return ILiquidation.BuyBack(
            FacilityId.unwrap(facilityId), undertaker, share, max, _today() + 200, keccak256("text"), _deadline(), nonce
        );
    }
}
