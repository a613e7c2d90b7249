// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IWarehouseReceipts} from "../../warehouse/IWarehouseReceipts.sol";
import {CurrencyClock} from "../../cash/CurrencyClock.sol";
import {RepaymentMath} from "../../math/RepaymentMath.sol";
import {IPriceFeed} from "../../risk/IPriceFeed.sol";
import {CollateralItemWord} from "../../types/CollateralItemWord.sol";
import {LoanId, WarehouseReceiptId} from "../../types/Ids.sol";
import {CollateralItems} from "../collateral/CollateralItems.sol";
import {CollateralValue} from "../collateral/CollateralValue.sol";
import {AuctionRecord, BaseRecord, Book, loadLoan, loanDay, LoanView, LendingContext} from "../FacilityBook.sol";
import {IFacilities} from "../IFacilities.sol";
import {ILiquidation} from "./ILiquidation.sol";
import {ICollateral} from "../collateral/ICollateral.sol";
import {IProducts} from "../IProducts.sol";
import {MarginCall} from "../collateral/MarginCall.sol";

/// @title What an auction asks for the goods of a loan, and which of them a bid buys. Linked to the other libraries of
/// Facilities.
/// @notice See {ILiquidation.liquidate} for the rules.
/// @dev The price asked is a share of the goods' value, in parts per million, that falls with time (a Dutch auction).
/// The value is that of the last good appraisal when the auction was opened. Nobody lowers it afterwards, except by a
/// new appraisal after the last round. Prices are per part of the goods, so goods that come, go or perish meanwhile
/// change nothing for the others.
library GoodsAuction {
    /// @notice A price is in millionths of a minor unit, a factor in parts per million.
    uint256 private constant WHOLE = 1_000_000 * RepaymentMath.WHOLE;
    uint8 private constant MAX_ROUNDS = 4;
    uint8 private constant NOTICE_DAYS = 1;

    /// @notice What a buyer gets: whole warehouse receipts, and at most one part, which is the last of them.
    /// @param ids The warehouse receipts, oldest first.
    /// @param quantities Thousandths of the unit of each.
    /// @param prices Minor units for each.
    /// @param price Minor units for all together.
    /// @param splits Whether the buyer gets only a part of the last one.
    /// @param lastOwner Owner of the last one.
    struct Sale {
        uint256[] ids;
        uint96[] quantities;
        uint64[] prices;
        uint64 price;
        bool splits;
        address lastOwner;
    }

    /// @notice A warehouse receipt that is for sale.
    /// @param id The warehouse receipt.
    /// @param quantity Thousandths of the unit.
    /// @param base Millionths of a minor unit for a thousandth of the unit, at the last good appraisal.
    /// @param storedDay Day number on which the goods were stored.
    /// @param divides Whether it may be split.
    /// @param owner The owner.
    struct Goods {
        uint256 id;
        uint256 quantity;
        uint256 base;
        uint256 storedDay;
        bool divides;
        address owner;
    }

    /// @notice Opens an auction, its next round, or a new series of rounds.
    /// @dev Reverts with {AuctionRuns} if a round is not over.
    /// Reverts with {RestartsUsedUp} if all rounds were held and no new appraisal came.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param currency The loan's currency.
    /// @param goods The product's terms for goods.
    /// @return opened False: no price was ever posted for any of the goods.
    function open(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        address currency,
        IProducts.GoodsTerms memory goods
    ) external returns (bool opened) {
        AuctionRecord memory auction = book.auctions[loanId];
        bool restarts = auction.openedAt != 0;
        if (restarts) {
            uint256 end = _endOf(book, currency, auction);
            if (block.timestamp < end) revert ILiquidation.AuctionRuns(loanId, uint40(end));
        }
        bool anew = auction.round == MAX_ROUNDS;
        if (!restarts) auction.firstAt = uint40(block.timestamp);
        if (!_appraise(book, context, loanId, currency, anew ? auction.openedAt : 0, auction.firstAt)) {
            if (anew) revert ILiquidation.RestartsUsedUp(loanId, MAX_ROUNDS - 1);
            return false;
        }
        if (!restarts || anew) {
            auction.openedAt = uint40(block.timestamp);
            auction.round = 0;
        }
        ++auction.round;
        auction.calledAt = uint40(block.timestamp);
        auction.lostBefore = uint40(CurrencyClock.lostSeconds(book.clocks[currency]));
        auction.start = goods.auctionStart;
        auction.floor = goods.auctionFloor;
        auction.lengthDays = goods.auctionDays;
        auction.noticeDays = restarts ? NOTICE_DAYS : 0;
        book.auctions[loanId] = auction;
        return true;
    }

    /// @notice The factor asked now. Between rounds it is the floor, for which nobody bought. Before the first round of
    /// a series there is none.
    /// @dev Reverts with {NoAuction} if there is none.
    /// Reverts with {AuctionNotBegun} if the first round has not begun.
    /// @param book The stored state of Facilities.
    /// @param loanId The loan.
    /// @param currency The loan's currency.
    /// @return Parts per million of the goods' value.
    function factorNow(Book storage book, LoanId loanId, address currency) public view returns (uint24) {
        AuctionRecord memory auction = book.auctions[loanId];
        if (auction.openedAt == 0) revert ILiquidation.NoAuction(loanId);
        uint256 begins = _beginOf(book, currency, auction);
        if (block.timestamp < begins) {
            if (auction.round == 1) revert ILiquidation.AuctionNotBegun(loanId, uint40(begins));
            return auction.floor;
        }
        uint256 elapsed = block.timestamp - begins;
        uint256 length = uint256(auction.lengthDays) * 1 days;
        if (elapsed >= length) return auction.floor;
        return uint24(auction.start - uint256(auction.start - auction.floor) * elapsed / length);
    }

    /// @notice When the round begins, and when it ends if the currency does not stand still again.
    /// @param book The stored state of Facilities.
    /// @param loanId The loan.
    /// @param currency The loan's currency.
    /// @return begins UTC seconds; 0: no auction.
    /// @return ends UTC seconds; 0: no auction.
    function times(Book storage book, LoanId loanId, address currency)
        public
        view
        returns (uint40 begins, uint40 ends)
    {
        AuctionRecord memory auction = book.auctions[loanId];
        if (auction.openedAt == 0) return (0, 0);
        return (uint40(_beginOf(book, currency, auction)), uint40(_endOf(book, currency, auction)));
    }

    /// @notice The goods, oldest first, whose price at `factor` pays `needed`. Each price is rounded up. Returns all
    /// goods if they pay less.
    /// @dev Reverts with {TermOutOfRange} if the price is above 2^64 - 1.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param factor Parts per million of the goods' value.
    /// @param needed Minor units that are to be paid.
    /// @return sale What is bought, and its price.
    function saleFor(Book storage book, LendingContext memory context, LoanId loanId, uint256 factor, uint256 needed)
        public
        view
        returns (Sale memory sale)
    {
        Goods[] memory all = _goodsOf(book, context, loanId);
        sale.ids = new uint256[](all.length);
        sale.quantities = new uint96[](all.length);
        sale.prices = new uint64[](all.length);
        uint256 count;
        uint256 total;
        for (; count < all.length && total < needed; ++count) {
            Goods memory goods = all[count];
            uint256 unit = goods.base * factor;
            uint256 quantity = goods.quantity;
            if (goods.divides) quantity = Math.min(quantity, Math.ceilDiv((needed - total) * WHOLE, unit));
            uint256 price = Math.ceilDiv(quantity * unit, WHOLE);
            total += price;
            sale.ids[count] = goods.id;
            sale.quantities[count] = uint96(quantity);
            sale.splits = quantity != goods.quantity;
            sale.lastOwner = goods.owner;
            if (total > type(uint64).max) {
                revert IFacilities.TermOutOfRange("price", total, 1, type(uint64).max);
            }
            sale.prices[count] = uint64(price);
        }
        sale.price = uint64(total);
        (uint256[] memory ids, uint96[] memory quantities, uint64[] memory prices) =
            (sale.ids, sale.quantities, sale.prices);
        assembly ("memory-safe") {
            mstore(ids, count)
            mstore(quantities, count)
            mstore(prices, count)
        }
    }

    /// @notice What the goods of a sale are worth at `factor`, rounded down.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param ids The warehouse receipts.
    /// @param quantities Thousandths of the unit of each.
    /// @param factor Parts per million of the goods' value.
    /// @return value Minor units.
    function valueOf(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        uint256[] memory ids,
        uint96[] memory quantities,
        uint256 factor
    ) external view returns (uint256 value) {
        for (uint256 i; i < ids.length; ++i) {
            value += quantities[i] * _baseOf(book, context, loanId, ids[i]) * factor;
        }
        value /= WHOLE;
    }

    /// @notice What all goods for sale are worth at their full value, times `WHOLE`.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @return value Minor units times `WHOLE`.
    function wholeValue(Book storage book, LendingContext memory context, LoanId loanId)
        public
        view
        returns (uint256 value)
    {
        Goods[] memory all = _goodsOf(book, context, loanId);
        for (uint256 i; i < all.length; ++i) {
            value += all[i].quantity * all[i].base;
        }
        value *= RepaymentMath.WHOLE;
    }

    /// @notice The minimum that goods taken from a loan's collateral count for, whoever gets them: the floor share of
    /// the last good appraisal, or of the auction's price if that is higher.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param currency The loan's currency.
    /// @param warehouseReceiptId The warehouse receipt.
    /// @param quantity Thousandths of the lot's unit.
    /// @param floor Parts per million of the goods' value.
    /// @return Minor units.
    function floorOf(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        address currency,
        uint256 warehouseReceiptId,
        uint256 quantity,
        uint256 floor
    ) external view returns (uint256) {
        bytes32 item = _lotOf(context, warehouseReceiptId).item;
        uint256 appraised = context.prices.quote(item, context.prices.currencyOf(currency)).value;
        return quantity * Math.max(_baseOfItem(book, loanId, item), appraised) * floor / WHOLE;
    }

    // ------------------------------------------------------------------ views

    /// @notice See {ICollateral.collateralOf}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @return state The collateral.
    function collateralOf(Book storage book, LendingContext memory context, LoanId loanId)
        external
        view
        returns (ICollateral.CollateralState memory state)
    {
        LoanView memory loan = loadLoan(book, loanId);
        CollateralValue.Worth memory worth = CollateralValue.ofLoan(book, context, loanId, loan.facts.facilityId, false);
        CollateralItemWord[] storage items = book.items[loanId];
        state.items = new ICollateral.CollateralItem[](items.length);
        for (uint256 i; i < items.length; ++i) {
            (state.items[i].kind, state.items[i].id) = CollateralItems.unpack(items[i]);
        }
        state.lendable = worth.lendable;
        state.market = worth.market;
        state.priced = worth.priced;
        state.waiting = worth.waiting;
        if (loan.facts.marginCalled) {
            state.calledDay = book.margins[loanId].calledDay;
            // By the calendar. The day is later by the days on which the currency stood.
            state.lastDay = uint24(context.today + book.margins[loanId].lastDay - loanDay(book, context, loan));
        }
        AuctionRecord memory auction = book.auctions[loanId];
        if (auction.openedAt == 0) return state;
        (state.auctionStart, state.auctionEnd) = times(book, loanId, book.facilities[loan.facts.facilityId].currency);
        state.floorFactor = auction.floor;
        state.round = auction.round;
        state.floorPrice =
            uint64(Math.ceilDiv(wholeValue(book, context, loanId) / RepaymentMath.WHOLE * auction.floor, WHOLE));
        Sale memory sale;
        (sale, state.factor) = _saleNow(book, context, loanId);
        state.price = sale.price;
    }

    /// @notice See {ILiquidation.saleOf}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @return sold The goods.
    /// @return price Minor units of the currency.
    /// @return factor Parts per million of the goods' value that are asked now.
    function saleOf(Book storage book, LendingContext memory context, LoanId loanId)
        external
        view
        returns (ICollateral.CollateralItem[] memory sold, uint64 price, uint24 factor)
    {
        if (book.auctions[loanId].openedAt == 0) return (sold, 0, 0);
        Sale memory sale;
        (sale, factor) = _saleNow(book, context, loanId);
        sold = new ICollateral.CollateralItem[](sale.ids.length);
        for (uint256 i; i < sold.length; ++i) {
            sold[i] =
                ICollateral.CollateralItem(IProducts.CollateralKind.WarehouseReceipt, sale.ids[i], sale.quantities[i]);
        }
        price = sale.price;
    }

    // ------------------------------------------------------------------ internal parts

    /// @dev What a bid would buy; nothing before the first round of a series begins.
    function _saleNow(Book storage book, LendingContext memory context, LoanId loanId)
        private
        view
        returns (Sale memory sale, uint24 factor)
    {
        address currency = book.facilities[loadLoan(book, loanId).facts.facilityId].currency;
        (uint40 begins,) = times(book, loanId, currency);
        if (block.timestamp < begins && book.auctions[loanId].round == 1) return (sale, 0);
        factor = factorNow(book, loanId, currency);
        sale = saleFor(book, context, loanId, factor, MarginCall.debtOf(book, context, loanId));
    }

    /// @dev Stores the price that each item counts with. Returns whether any item has a price; for a new series, a
    /// price made since `since`.
    function _appraise(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        address currency,
        uint256 since,
        uint40 firstAt
    ) private returns (bool isFound) {
        bytes3 code = context.prices.currencyOf(currency);
        CollateralItemWord[] storage items = book.items[loanId];
        for (uint256 i; i < items.length; ++i) {
            (IProducts.CollateralKind kind, uint256 id) = CollateralItems.unpack(items[i]);
            if (kind != IProducts.CollateralKind.WarehouseReceipt) continue;
            bytes32 item = _lotOf(context, id).item;
            if (item == 0) continue;
            BaseRecord memory base = book.bases[loanId][item];
            if (base.firstAt != firstAt) base = BaseRecord(0, firstAt);
            if (_appraiseItem(book, context, loanId, item, code, since, base)) isFound = true;
        }
    }

    /// @dev Takes the last good price, however old, of an item that has none yet in this auction. Afterwards it takes
    /// only a higher price that is valid; or, when a new series opens, a price made since the last series opened.
    function _appraiseItem(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        bytes32 item,
        bytes3 code,
        uint256 since,
        BaseRecord memory held
    ) private returns (bool isFound) {
        uint64 base = held.price;
        IPriceFeed.Quote memory quoted = context.prices.quote(item, code);
        uint64 next = quoted.value;
        bool isNew = base == 0 && next != 0;
        if (base != 0) {
            (next,) = context.prices.appraised(item, code);
            isNew = since != 0 && next != 0 && quoted.asOf > since;
            if (!isNew && next < base) next = base;
        }
        if (next != base) {
            book.bases[loanId][item] = BaseRecord(next, held.firstAt);
            emit ILiquidation.GoodsAppraised(loanId, item, next, quoted.asOf);
        }
        return isNew || (since == 0 && base != 0);
    }

    function _beginOf(Book storage book, address currency, AuctionRecord memory auction)
        private
        view
        returns (uint256)
    {
        uint256 lost = CurrencyClock.lostSeconds(book.clocks[currency]) - auction.lostBefore;
        return uint256(auction.calledAt) + uint256(auction.noticeDays) * 1 days + lost;
    }

    function _endOf(Book storage book, address currency, AuctionRecord memory auction) private view returns (uint256) {
        return _beginOf(book, currency, auction) + uint256(auction.lengthDays) * 1 days;
    }

    /// @dev Oldest first; of one day by number. Goods without a price are not for sale.
    function _goodsOf(Book storage book, LendingContext memory context, LoanId loanId)
        private
        view
        returns (Goods[] memory all)
    {
        CollateralItemWord[] storage items = book.items[loanId];
        all = new Goods[](items.length);
        uint256 count;
        for (uint256 i; i < items.length; ++i) {
            (IProducts.CollateralKind kind, uint256 id) = CollateralItems.unpack(items[i]);
            if (kind != IProducts.CollateralKind.WarehouseReceipt) continue;
            Goods memory goods = _goodsIn(book, context, loanId, id);
            if (goods.quantity * goods.base == 0) continue;
            uint256 place = count++;
            for (; place > 0 && _isOlder(goods, all[place - 1]); --place) {
                all[place] = all[place - 1];
            }
            all[place] = goods;
        }
        assembly ("memory-safe") {
            mstore(all, count)
        }
    }

    function _goodsIn(Book storage book, LendingContext memory context, LoanId loanId, uint256 id)
        private
        view
        returns (Goods memory goods)
    {
        IWarehouseReceipts.WarehouseReceipt memory warehouseReceiptRow =
            context.warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(id));
        if (warehouseReceiptRow.quantity == 0) return goods;
        IWarehouseReceipts.Lot memory lot = context.warehouseReceipts.lot(warehouseReceiptRow.lotId);
        goods.id = id;
        goods.owner = warehouseReceiptRow.owner;
        goods.quantity = warehouseReceiptRow.quantity;
        goods.base = _baseOfItem(book, loanId, lot.item);
        goods.storedDay = lot.storedDay;
        goods.divides = warehouseReceiptRow.depth < lot.maxDepth;
    }

    function _isOlder(Goods memory item, Goods memory other) private pure returns (bool) {
        return item.storedDay < other.storedDay || (item.storedDay == other.storedDay && item.id < other.id);
    }

    function _baseOf(Book storage book, LendingContext memory context, LoanId loanId, uint256 warehouseReceiptId)
        private
        view
        returns (uint256)
    {
        return _baseOfItem(book, loanId, _lotOf(context, warehouseReceiptId).item);
    }

    /// @dev Zero without an auction, and for an item that has no price in it.
    function _baseOfItem(Book storage book, LoanId loanId, bytes32 item) private view returns (uint64) {
        BaseRecord memory base = book.bases[loanId][item];
        return base.firstAt == book.auctions[loanId].firstAt ? base.price : 0;
    }

    /// @dev Zero for a warehouse receipt that is burned.
    function _lotOf(LendingContext memory context, uint256 warehouseReceiptId)
        private
        view
        returns (IWarehouseReceipts.Lot memory lot)
    {
        IWarehouseReceipts.WarehouseReceipt memory warehouseReceiptRow =
            context.warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(warehouseReceiptId));
        if (warehouseReceiptRow.quantity != 0) lot = context.warehouseReceipts.lot(warehouseReceiptRow.lotId);
    }
}
