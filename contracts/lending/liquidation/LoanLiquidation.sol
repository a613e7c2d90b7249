// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanMath} from "../../math/LoanMath.sol";
import {LoanId} from "../../types/Ids.sol";
import {LIQUIDATED} from "../../types/PostingWord.sol";
import {FINANCIER} from "../../types/PartyRoles.sol";
import {AuctionRecord, Book, FacilityRecord, loadLoan, LoanView, LendingContext} from "../FacilityBook.sol";
import {GoodsAuction} from "./GoodsAuction.sol";
import {GoodsSale} from "./GoodsSale.sol";
import {ILoans} from "../ILoans.sol";
import {ILiquidation} from "./ILiquidation.sol";
import {ICollateral} from "../collateral/ICollateral.sol";
import {IProducts} from "../IProducts.sol";
import {MarginCall} from "../collateral/MarginCall.sol";
import {SaleRights} from "../SaleRights.sol";
import {Settlement} from "../Settlement.sol";

/// @title The liquidation of goods for a debt, and the bids in its auction; linked to Facilities.
/// @notice See {IFacilities} for the specification.
library LoanLiquidation {
    /// @notice See {ILiquidation.liquidate}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    function liquidate(Book storage book, LendingContext memory context, LoanId loanId) external {
        GoodsSale.isMoving(book, context, book.facilities[loadLoan(book, loanId).facts.facilityId].currency);
        MarginCall.Standing memory snapshot = MarginCall.standing(book, context, loanId);
        LoanView memory loan = snapshot.loan;
        if (loan.facts.status == ILoans.Status.Repaid) revert ILoans.StateForbids(loanId, loan.facts.status);
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        Settlement.requireLender(context, loan.facts.facilityId, facilityRow);
        bool runs = loan.facts.status == ILoans.Status.Running;
        bool hasGoods = MarginCall.hasGoods(book, context, loanId);
        if (loan.facts.collateral != IProducts.CollateralKind.WarehouseReceipt || !(runs || hasGoods)) {
            revert ILoans.CollateralMissing(loanId);
        }
        if (runs) {
            _requireLiquidable(book, context, loanId, snapshot, hasGoods);
            loan.facts.marginCalled = false;
            Settlement.accelerate(book, context, loanId, loan, LIQUIDATED);
            // What was in grace costs penalty from now on, and nothing is repaid early any more.
            snapshot.debt = LoanMath.sumOf(LoanMath.payoff(loan.terms, loan.state));
        }
        if (!hasGoods) return;
        address currency = facilityRow.currency;
        if (!GoodsAuction.open(book, context, loanId, currency, snapshot.goods)) {
            if (!runs) revert ILiquidation.GoodsNotAppraised(loanId);
            return;
        }
        AuctionRecord memory auction = book.auctions[loanId];
        (uint40 begins, uint40 ends) = GoodsAuction.times(book, loanId, currency);
        emit ILiquidation.LiquidationStarted(
            loanId,
            uint64(snapshot.debt),
            snapshot.worth.lendable,
            auction.round,
            auction.start,
            auction.floor,
            begins,
            ends
        );
    }

    /// @notice See {ILiquidation.bid}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param maxPrice Minor units that the caller pays at most.
    /// @return price Minor units that it paid; 0 if the currency stands.
    function bid(Book storage book, LendingContext memory context, LoanId loanId, uint64 maxPrice)
        external
        returns (uint64 price)
    {
        context.registry.requireValid(context.sender, FINANCIER);
        FacilityRecord storage facilityRow = book.facilities[loadLoan(book, loanId).facts.facilityId];
        if (!GoodsSale.isMoving(book, context, facilityRow.currency)) return 0;
        uint256 factor = GoodsAuction.factorNow(book, loanId, facilityRow.currency);
        GoodsAuction.Sale memory sale =
            GoodsAuction.saleFor(book, context, loanId, factor, MarginCall.debtOf(book, context, loanId));
        if (sale.ids.length == 0) revert ILiquidation.NoAuction(loanId);
        price = sale.price;
        if (price > maxPrice) revert ILiquidation.PriceAboveBid(loanId, price, maxPrice);
        if (!GoodsSale.isPaid(book, context, facilityRow.currency, context.sender, price)) return 0;
        // Its group has the goods at the price of an auction in which nobody else may bid: it cannot call the rest.
        if (context.registry.areRelated(context.sender, facilityRow.lender)) {
            SaleRights.endDuty(book, context, loanId);
        }
        GoodsSale.sell(book, context, loanId, sale, context.sender);
    }

    // ------------------------------------------------------------------ internal parts

    /// @dev Expired prices may cause a margin call, and a call that nobody cured may be enforced. Enforcement without
    /// the days to cure needs a valid price for every item, goods that lose more value from day to day, and no hedge
    /// that would have kept the level and ended within those days. After new terms the borrower has the days to cure
    /// from the day of the terms, whatever was called before.
    function _requireLiquidable(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        MarginCall.Standing memory snapshot,
        bool hasGoods
    ) private view {
        uint256 lastDay = book.margins[loanId].lastDay;
        if (snapshot.goods.callLevel == 0) revert ICollateral.MarginNotAgreed(loanId);
        uint256 restructured = book.reliefs[loanId].day;
        if (restructured != 0) restructured += snapshot.goods.cureDays;
        if (snapshot.day > restructured) {
            bool uncured = snapshot.loan.facts.marginCalled && snapshot.day > lastDay
                && MarginCall.isBelow(snapshot, snapshot.goods.callLevel);
            if (uncured || (hasGoods && MarginCall.isBelowAtOnce(book, context, loanId, snapshot))) return;
        } else if (lastDay < restructured) {
            lastDay = restructured;
        }
        revert ILiquidation.NotLiquidable(loanId, snapshot.debt, snapshot.worth.lendable, uint24(lastDay));
    }
}
