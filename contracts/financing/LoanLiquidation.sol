// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanMath} from "../math/LoanMath.sol";
import {LoanId} from "../types/Ids.sol";
import {AuctionRecord, Book, FacilityRecord, loadLoan, LoanView, MarginRecord, Surroundings} from "./FacilityBook.sol";
import {GoodsAuction} from "./GoodsAuction.sol";
import {GoodsSale} from "./GoodsSale.sol";
import {IFacilities} from "./IFacilities.sol";
import {IProducts} from "./IProducts.sol";
import {MarginCall} from "./MarginCall.sol";
import {Settlement} from "./Settlement.sol";

/// @title The liquidation of goods for a debt, and bids in its auction; linked to Facilities.
library LoanLiquidation {
    uint16 private constant FUNDER = 4;

    /// @notice See IFacilities.liquidate.
    function liquidate(Book storage book, Surroundings memory around, LoanId loanId) external {
        GoodsSale.isMoving(book, around, book.facilities[loadLoan(book, loanId).facts.facilityId].currency);
        MarginCall.Standing memory now_ = MarginCall.standing(book, around, loanId);
        LoanView memory loan = now_.loan;
        if (loan.facts.status == IFacilities.Status.Repaid) revert IFacilities.StateForbids(loanId, loan.facts.status);
        FacilityRecord storage line = book.facilities[loan.facts.facilityId];
        Settlement.requireLender(around, loan.facts.facilityId, line);
        bool runs = loan.facts.status == IFacilities.Status.Running;
        bool hasGoods = MarginCall.hasGoods(book, around, loanId);
        if (loan.facts.cover != IProducts.Cover.Receipt || !(runs || hasGoods)) {
            revert IFacilities.CoverMissing(loanId);
        }
        if (runs) {
            _requireLiquidable(loanId, now_, book.margins[loanId], hasGoods);
            loan.facts.marginCalled = false;
            Settlement.accelerate(book, around, loanId, loan);
            // What is in grace costs penalty now, and nothing is repaid early any more.
            now_.debt = LoanMath.sumOf(LoanMath.payoff(loan.terms, loan.state));
        }
        if (!hasGoods) return;
        address currency = line.currency;
        if (!GoodsAuction.open(book, around, loanId, currency, now_.goods)) {
            if (!runs) revert IFacilities.GoodsNotAppraised(loanId);
            return;
        }
        AuctionRecord memory auction = book.auctions[loanId];
        (uint40 begins, uint40 ends) = GoodsAuction.times(book, loanId, currency);
        emit IFacilities.LiquidationStarted(
            loanId, uint64(now_.debt), now_.worth.lendable, auction.round, auction.start, auction.floor, begins, ends
        );
    }

    /// @notice See IFacilities.bid.
    function bid(Book storage book, Surroundings memory around, LoanId loanId, uint64 most)
        external
        returns (uint64 price)
    {
        around.registry.requireValid(around.sender, FUNDER);
        FacilityRecord storage line = book.facilities[loadLoan(book, loanId).facts.facilityId];
        if (!GoodsSale.isMoving(book, around, line.currency)) return 0;
        uint256 factor = GoodsAuction.factorNow(book, loanId, line.currency);
        GoodsAuction.Sale memory sale =
            GoodsAuction.saleFor(book, around, loanId, factor, MarginCall.debtOf(book, around, loanId));
        if (sale.ids.length == 0) revert IFacilities.NoAuction(loanId);
        price = sale.price;
        if (price > most) revert IFacilities.PriceAboveBid(loanId, price, most);
        if (!GoodsSale.isPaid(book, around, line.currency, around.sender, price)) return 0;
        GoodsSale.sell(book, around, loanId, sale, around.sender);
    }

    // ------------------------------------------------------------------ parts of the above

    /// @dev Prices that ran out may call a margin, and a call that nobody cured may be enforced; but to do without the days to
    /// cure every price must count, and there must be goods that lose more of it from day to day.
    function _requireLiquidable(
        LoanId loanId,
        MarginCall.Standing memory now_,
        MarginRecord memory margin,
        bool hasGoods
    ) private pure {
        if (now_.goods.callLevel == 0) revert IFacilities.MarginNotAgreed(loanId);
        bool uncured =
            now_.loan.facts.marginCalled && now_.day > margin.lastDay && MarginCall.isBelow(now_, now_.goods.callLevel);
        bool atOnce = hasGoods && now_.worth.priced && MarginCall.isBelow(now_, now_.goods.liquidationLevel);
        if (uncured || atOnce) return;
        revert IFacilities.NotLiquidable(loanId, now_.debt, now_.worth.lendable, margin.lastDay);
    }
}
