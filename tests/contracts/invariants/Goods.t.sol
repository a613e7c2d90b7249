// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IWarehouseReceipts} from "../../../contracts/warehouse/IWarehouseReceipts.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {ILiquidation} from "../../../contracts/lending/liquidation/ILiquidation.sol";
import {ICollateral} from "../../../contracts/lending/collateral/ICollateral.sol";
import {IProducts} from "../../../contracts/lending/IProducts.sol";
import {HedgeMath} from "../../../contracts/math/HedgeMath.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {FacilityId, LoanId, ProductId, WarehouseReceiptId} from "../../../contracts/types/Ids.sol";
import {GoodsFixture} from "../lending/GoodsFixture.sol";
import {GoodsHandler} from "./GoodsHandler.sol";
import {GoodsReliefHandler} from "./GoodsReliefHandler.sol";

/// Invariants 4, 7 and 9 for loans on goods, under random histories while the price walks.
contract GoodsInvariants is GoodsFixture {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    GoodsReliefHandler private _handler;
    uint256 private _bankAtFirst;

    function setUp() public override {
        super.setUp();
        facilityId = _agreedFacility(_hedged(), 72_000, 10_000_000_00);
        _bankAtFirst = cash.balanceOf(bank);
        ILiquidation.BuyBack memory provided = ILiquidation.BuyBack(
            FacilityId.unwrap(facilityId),
            undertaker,
            700_000,
            1_000_000_00,
            _today() + 3_000,
            keccak256("text"),
            _deadline(),
            1
        );
        bytes memory signature = _signed(UNDERTAKER_KEY, facilities.buyBackDigest(provided));
        vm.prank(bank);
        facilities.agreeBuyBack(provided, signature);
        _handler = new GoodsReliefHandler(
            GoodsHandler.Setting({
                facilities: facilities,
                warehouseReceipts: warehouseReceipts,
                prices: prices,
                cash: cash,
                borrower: seller,
                lender: bank,
                buyer: otherBank,
                undertaker: undertaker,
                warehouse: WAREHOUSE,
                appraisers: [FIRST_APPRAISER, SECOND_APPRAISER],
                sku: SKU,
                facilityId: facilityId
            }),
            SELLER_KEY,
            BANK_KEY
        );
    }

    /// Half of what a hedge adds counts in a margin call.
    function _hedged() private returns (ProductId) {
        IProducts.ProductTerms memory terms = _goodsProduct();
        IProducts.GoodsTerms memory goods = _goodsOf(terms.collateral);
        goods.hedgeShare = 500_000;
        vm.prank(OPERATOR);
        return products.add("hedged", terms, goods, _fixedRate(), _noEvidence());
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[] memory allowed = new bytes4[](21);
        allowed[0] = GoodsHandler.draw.selector;
        allowed[1] = GoodsHandler.change.selector;
        allowed[2] = GoodsHandler.walk.selector;
        allowed[3] = GoodsHandler.advanceDays.selector;
        allowed[4] = GoodsHandler.impair.selector;
        allowed[5] = GoodsHandler.check.selector;
        allowed[6] = GoodsHandler.liquidate.selector;
        allowed[7] = GoodsHandler.bid.selector;
        allowed[8] = GoodsHandler.sellAtTheFloor.selector;
        allowed[9] = GoodsHandler.callBuyBack.selector;
        allowed[10] = GoodsHandler.repay.selector;
        allowed[11] = GoodsHandler.fail.selector;
        allowed[12] = GoodsHandler.putUp.selector;
        allowed[13] = GoodsReliefHandler.restructure.selector;
        allowed[14] = GoodsReliefHandler.waive.selector;
        allowed[15] = GoodsReliefHandler.writeOffInPart.selector;
        allowed[16] = GoodsReliefHandler.recordPayment.selector;
        allowed[17] = GoodsReliefHandler.hedge.selector;
        allowed[18] = GoodsReliefHandler.closeHedge.selector;
        allowed[19] = GoodsReliefHandler.fallBehindHedge.selector;
        allowed[20] = GoodsHandler.cure.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(_handler), allowed);
    }

    /// One set of runs checks all invariants after each call.
    function invariant_all() public view {
        invariant_04_a_warehouse_receipt_backs_one_open_loan_and_is_under_its_lien();
        invariant_07_outstanding_is_the_sum_of_the_loans_and_within_the_limit();
        invariant_09_every_cent_is_accounted_for();
        invariant_calls_and_auctions_belong_to_their_states();
        invariant_hedges_count_for_no_more_than_the_goods();
    }

    function invariant_04_a_warehouse_receipt_backs_one_open_loan_and_is_under_its_lien() private view {
        uint256 backing;
        for (uint256 i; i < _handler.warehouseReceiptCount(); ++i) {
            uint256 id = _handler.warehouseReceiptIds(i);
            LoanId loanId = facilities.loanOfWarehouseReceipt(WarehouseReceiptId.wrap(id));
            IWarehouseReceipts.WarehouseReceipt memory warehouseReceiptRow =
                warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(id));
            if (loanId.isNull()) {
                assertTrue(warehouseReceiptRow.lienholder != address(facilities), "no lien without a loan");
                continue;
            }
            ++backing;
            assertTrue(facilities.loan(loanId).status != ILoans.Status.Repaid, "of an open loan");
            if (warehouseReceiptRow.owner != address(0)) {
                assertEq(warehouseReceiptRow.lienholder, address(facilities), "under lien");
            }
        }
        uint256 items;
        for (uint256 i; i < _handler.loanCount(); ++i) {
            ICollateral.CollateralItem[] memory held = facilities.collateralOf(_handler.loans(i)).items;
            items += held.length;
            for (uint256 j; j < held.length; ++j) {
                LoanId backed = facilities.loanOfWarehouseReceipt(WarehouseReceiptId.wrap(held[j].id));
                assertEq(LoanId.unwrap(backed), LoanId.unwrap(_handler.loans(i)), "each item knows its loan");
            }
        }
        assertEq(items, backing, "no item twice");
    }

    function invariant_07_outstanding_is_the_sum_of_the_loans_and_within_the_limit() private view {
        uint256 outstanding;
        for (uint256 i; i < _handler.loanCount(); ++i) {
            ILoans.Loan memory loan = facilities.loan(_handler.loans(i));
            uint256 owed = LoanMath.outstanding(loan.state);
            assertTrue(owed <= loan.drawn, "no more than was drawn");
            assertTrue((_sum(loan.payoff) == 0) == (loan.status == ILoans.Status.Repaid), "repaid");
            outstanding += owed;
        }
        IFacilities.Facility memory facility = facilities.facility(facilityId);
        assertEq(facility.outstanding, outstanding, "facility");
        assertTrue(outstanding <= facility.limit, "limit");
    }

    function invariant_09_every_cent_is_accounted_for() private view {
        assertEq(cash.balanceOf(bank) + _handler.drawn(), _bankAtFirst + _handler.paid(), "lender");
        assertEq(cash.balanceOf(address(facilities)), 0, "nothing stays");
        string memory broken = _handler.broken();
        assertTrue(bytes(broken).length == 0, broken);
    }

    /// A call stands just for loans that run, and an auction just for loans that do not.
    function invariant_calls_and_auctions_belong_to_their_states() private view {
        for (uint256 i; i < _handler.loanCount(); ++i) {
            LoanId loanId = _handler.loans(i);
            ICollateral.CollateralState memory collateral = facilities.collateralOf(loanId);
            ILoans.Status status = facilities.loan(loanId).status;
            if (status == ILoans.Status.Repaid) {
                assertTrue(collateral.calledDay == 0 && collateral.auctionStart == 0, "nothing once it is repaid");
            }
            if (collateral.auctionStart != 0) {
                assertTrue(status == ILoans.Status.Defaulted, "auction after default");
            }
        }
    }

    /// However goods come, go and are damaged.
    function invariant_hedges_count_for_no_more_than_the_goods() private view {
        for (uint256 i; i < _handler.loanCount(); ++i) {
            LoanId loanId = _handler.loans(i);
            HedgeMath.Hedge[] memory hedges = facilities.hedgesOf(loanId);
            uint256 counted;
            for (uint256 j; j < hedges.length; ++j) {
                counted += hedges[j].counted;
                assertTrue(hedges[j].counted <= hedges[j].quantity, "no more than it is for");
                assertTrue(hedges[j].counted != 0 || hedges[j].lendable == 0, "nothing without goods");
            }
            ICollateral.CollateralItem[] memory items = facilities.collateralOf(loanId).items;
            uint256 held;
            for (uint256 j; j < items.length; ++j) {
                held += warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(items[j].id)).quantity;
            }
            assertTrue(counted <= held, "no more than the goods");
        }
    }

    function afterInvariant() public {
        _handler.recordReached("Goods");
    }
}
