// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IWarehouseReceipts} from "../assets/IWarehouseReceipts.sol";
import {CurrencyClock} from "../cash/CurrencyClock.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {IPriceFeed} from "../risk/IPriceFeed.sol";
import {LoanId, LotId, ReceiptId} from "../types/Ids.sol";
import {CoverPieces} from "./CoverPieces.sol";
import {CoverValue} from "./CoverValue.sol";
import {AuctionRecord, Book, loadLoan, loanDay, LoanView, Surroundings} from "./FacilityBook.sol";
import {IFacilities} from "./IFacilities.sol";
import {IProducts} from "./IProducts.sol";
import {MarginCall} from "./MarginCall.sol";

/// @title What is asked for the goods of a loan, and which of them a bid buys; linked to the other libraries of Facilities.
/// @dev What is asked is a share of the goods' value, in parts per million, which falls with time (a Dutch auction). The value is
/// that of the last good appraisal when the auction was opened: nobody lowers it afterwards but by a new appraisal after the last
/// round. Prices are per part of the goods, so that goods that come, go or perish meanwhile change nothing for the others.
library GoodsAuction {
    /// @notice A price is in millionths of a minor unit, a factor in parts per million.
    uint256 private constant WHOLE = 1_000_000 * RepaymentMath.WHOLE;
    uint8 private constant MOST_ROUNDS = 4;
    uint8 private constant NOTICE_DAYS = 1;

    /// @notice What a buyer gets: whole receipts, and at most one part, which is the last of them.
    struct Sale {
        uint256[] ids;
        uint96[] quantities;
        uint64[] prices;
        uint64 price; // of all
        bool splits; // the last one
        address lastOwner;
    }

    /// @dev A receipt that is for sale.
    struct Goods {
        uint256 id;
        uint256 quantity;
        uint256 base;
        uint256 storedDay;
        bool divides;
        address owner;
    }

    /// @notice Opens an auction, its next round, or a new series of rounds.
    /// @return opened false: none of the goods ever had a price
    function open(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        address currency,
        IProducts.GoodsTerms memory goods
    ) external returns (bool opened) {
        AuctionRecord memory auction = book.auctions[loanId];
        bool restarts = auction.openedAt != 0;
        if (restarts) {
            uint256 end = _endOf(book, currency, auction);
            if (block.timestamp < end) revert IFacilities.AuctionRuns(loanId, uint40(end));
        }
        bool anew = auction.round == MOST_ROUNDS;
        if (!_appraise(book, around, loanId, currency, anew ? auction.openedAt : 0)) {
            if (anew) revert IFacilities.RestartsUsedUp(loanId, MOST_ROUNDS - 1);
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

    /// @notice What is asked now: between rounds the floor, for which nobody bought; nothing before the first one of a series.
    function factorNow(Book storage book, LoanId loanId, address currency) public view returns (uint24) {
        AuctionRecord memory auction = book.auctions[loanId];
        if (auction.openedAt == 0) revert IFacilities.NoAuction(loanId);
        uint256 begins = _beginOf(book, currency, auction);
        if (block.timestamp < begins) {
            if (auction.round == 1) revert IFacilities.AuctionNotBegun(loanId, uint40(begins));
            return auction.floor;
        }
        uint256 passed = block.timestamp - begins;
        uint256 length = uint256(auction.lengthDays) * 1 days;
        if (passed >= length) return auction.floor;
        return uint24(auction.start - uint256(auction.start - auction.floor) * passed / length);
    }

    /// @notice When the round begins, and when it ends if the currency stands no more.
    function times(Book storage book, LoanId loanId, address currency)
        public
        view
        returns (uint40 begins, uint40 ends)
    {
        AuctionRecord memory auction = book.auctions[loanId];
        if (auction.openedAt == 0) return (0, 0);
        return (uint40(_beginOf(book, currency, auction)), uint40(_endOf(book, currency, auction)));
    }

    /// @notice The goods, oldest first, that pay `needed` at `factor`, each price rounded up; all of them if they pay less.
    function saleFor(Book storage book, Surroundings memory around, LoanId loanId, uint256 factor, uint256 needed)
        public
        view
        returns (Sale memory sale)
    {
        Goods[] memory all = _goodsOf(book, around, loanId);
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

    /// @notice What goods of a sale are worth at `factor`, rounded down.
    function valueOf(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        uint256[] memory ids,
        uint96[] memory quantities,
        uint256 factor
    ) external view returns (uint256 value) {
        for (uint256 i; i < ids.length; ++i) {
            value += quantities[i] * _baseOf(book, around, loanId, ids[i]) * factor;
        }
        value /= WHOLE;
    }

    /// @notice What all goods that are for sale are worth at the whole of their value, times `WHOLE`.
    function wholeValue(Book storage book, Surroundings memory around, LoanId loanId)
        public
        view
        returns (uint256 value)
    {
        Goods[] memory all = _goodsOf(book, around, loanId);
        for (uint256 i; i < all.length; ++i) {
            value += all[i].quantity * all[i].base;
        }
        value *= RepaymentMath.WHOLE;
    }

    /// @notice Least that goods of a loan's cover count for, whoever gets them: their share of the last good appraisal.
    function floorOf(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        address currency,
        uint256 receiptId,
        uint256 quantity,
        uint256 floor
    ) external view returns (uint256) {
        uint256 base = _baseOf(book, around, loanId, receiptId);
        if (base == 0) {
            base = around.prices.quote(_lotOf(around, receiptId).item, around.prices.currencyOf(currency)).value;
        }
        return quantity * base * floor / WHOLE;
    }

    // ------------------------------------------------------------------ views

    /// @notice See IFacilities.coverOf.
    function coverOf(Book storage book, Surroundings memory around, LoanId loanId)
        external
        view
        returns (IFacilities.CoverState memory found)
    {
        LoanView memory loan = loadLoan(book, loanId);
        CoverValue.Worth memory worth = CoverValue.ofLoan(book, around, loanId, loan.facts.facilityId, false);
        uint256[] storage pieces = book.pieces[loanId];
        found.pieces = new IFacilities.Piece[](pieces.length);
        for (uint256 i; i < pieces.length; ++i) {
            (found.pieces[i].kind, found.pieces[i].id) = CoverPieces.unpack(pieces[i]);
        }
        found.lendable = worth.lendable;
        found.market = worth.market;
        found.priced = worth.priced;
        if (loan.facts.marginCalled) {
            found.calledDay = book.margins[loanId].calledDay;
            // By the calendar: later by the days on which the currency stood.
            found.lastDay = uint24(around.today + book.margins[loanId].lastDay - loanDay(book, around, loan));
        }
        AuctionRecord memory auction = book.auctions[loanId];
        if (auction.openedAt == 0) return found;
        (found.auctionStart, found.auctionEnd) = times(book, loanId, book.facilities[loan.facts.facilityId].currency);
        found.floorFactor = auction.floor;
        found.round = auction.round;
        found.floorPrice =
            uint64(Math.ceilDiv(wholeValue(book, around, loanId) / RepaymentMath.WHOLE * auction.floor, WHOLE));
        Sale memory sale;
        (sale, found.factor) = _saleNow(book, around, loanId);
        found.price = sale.price;
    }

    /// @notice See IFacilities.saleOf.
    function saleOf(Book storage book, Surroundings memory around, LoanId loanId)
        external
        view
        returns (IFacilities.Piece[] memory sold, uint64 price, uint24 factor)
    {
        if (book.auctions[loanId].openedAt == 0) return (sold, 0, 0);
        Sale memory sale;
        (sale, factor) = _saleNow(book, around, loanId);
        sold = new IFacilities.Piece[](sale.ids.length);
        for (uint256 i; i < sold.length; ++i) {
            sold[i] = IFacilities.Piece(IProducts.Cover.Receipt, sale.ids[i], sale.quantities[i]);
        }
        price = sale.price;
    }

    // ------------------------------------------------------------------ parts of the above

    /// @dev What a bid would buy; nothing before the first round of a series begins.
    function _saleNow(Book storage book, Surroundings memory around, LoanId loanId)
        private
        view
        returns (Sale memory sale, uint24 factor)
    {
        address currency = book.facilities[loadLoan(book, loanId).facts.facilityId].currency;
        (uint40 begins,) = times(book, loanId, currency);
        if (block.timestamp < begins && book.auctions[loanId].round == 1) return (sale, 0);
        factor = factorNow(book, loanId, currency);
        sale = saleFor(book, around, loanId, factor, MarginCall.debtOf(book, around, loanId));
    }

    /// @dev Writes down what each item is reckoned with.
    /// @return found whether there is a price of anything; of a new series, one that was made since `since`
    function _appraise(Book storage book, Surroundings memory around, LoanId loanId, address currency, uint256 since)
        private
        returns (bool found)
    {
        bytes3 code = around.prices.currencyOf(currency);
        uint256[] storage pieces = book.pieces[loanId];
        for (uint256 i; i < pieces.length; ++i) {
            (IProducts.Cover kind, uint256 id) = CoverPieces.unpack(pieces[i]);
            if (kind != IProducts.Cover.Receipt) continue;
            bytes32 item = _lotOf(around, id).item;
            if (item != 0 && _appraiseItem(book, around, loanId, item, code, since)) found = true;
        }
    }

    /// @dev The last good price, however old, of an item that has none yet. Afterwards only a higher one that counts; or, when a
    /// new series opens, one that was made since the last one opened.
    function _appraiseItem(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        bytes32 item,
        bytes3 code,
        uint256 since
    ) private returns (bool found) {
        uint64 base = book.bases[loanId][item];
        IPriceFeed.Quote memory quoted = around.prices.quote(item, code);
        uint64 next = quoted.value;
        bool isNew = base == 0 && next != 0;
        if (base != 0) {
            (next,) = around.prices.appraised(item, code);
            isNew = since != 0 && next != 0 && quoted.asOf > since;
            if (!isNew && next < base) next = base;
        }
        if (next != base) {
            book.bases[loanId][item] = next;
            emit IFacilities.GoodsAppraised(loanId, item, next, quoted.asOf);
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

    /// @dev Oldest first, of one day by number; goods without a price are not for sale.
    function _goodsOf(Book storage book, Surroundings memory around, LoanId loanId)
        private
        view
        returns (Goods[] memory all)
    {
        uint256[] storage pieces = book.pieces[loanId];
        all = new Goods[](pieces.length);
        uint256 count;
        for (uint256 i; i < pieces.length; ++i) {
            (IProducts.Cover kind, uint256 id) = CoverPieces.unpack(pieces[i]);
            if (kind != IProducts.Cover.Receipt) continue;
            Goods memory goods = _goodsIn(book, around, loanId, id);
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

    function _goodsIn(Book storage book, Surroundings memory around, LoanId loanId, uint256 id)
        private
        view
        returns (Goods memory goods)
    {
        (address owner, LotId lotId, uint96 quantity,, uint8 depth,) = around.receipts.receipt(ReceiptId.wrap(id));
        if (quantity == 0) return goods;
        IWarehouseReceipts.Lot memory lot = around.receipts.lot(lotId);
        goods.id = id;
        goods.owner = owner;
        goods.quantity = quantity;
        goods.base = book.bases[loanId][lot.item];
        goods.storedDay = lot.storedDay;
        goods.divides = depth < lot.maxDepth;
    }

    function _isOlder(Goods memory one, Goods memory other) private pure returns (bool) {
        return one.storedDay < other.storedDay || (one.storedDay == other.storedDay && one.id < other.id);
    }

    function _baseOf(Book storage book, Surroundings memory around, LoanId loanId, uint256 receiptId)
        private
        view
        returns (uint256)
    {
        return book.bases[loanId][_lotOf(around, receiptId).item];
    }

    /// @dev Of a receipt that is burned, nothing.
    function _lotOf(Surroundings memory around, uint256 receiptId)
        private
        view
        returns (IWarehouseReceipts.Lot memory lot)
    {
        (, LotId lotId, uint96 quantity,,,) = around.receipts.receipt(ReceiptId.wrap(receiptId));
        if (quantity != 0) lot = around.receipts.lot(lotId);
    }
}
