// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPurchaseOrders} from "../assets/IPurchaseOrders.sol";
import {IReceivables} from "../assets/IReceivables.sol";
import {IWarehouseReceipts} from "../assets/IWarehouseReceipts.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {
    ClaimId,
    FacilityId,
    LoanId,
    LotId,
    OrderId,
    PartyId,
    ProductId,
    ReceiptId,
    ReceivableId
} from "../types/Ids.sol";
import {Book, FacilityRecord, Surroundings} from "./FacilityBook.sol";
import {CoverPieces} from "./CoverPieces.sol";
import {IProducts} from "./IProducts.sol";

/// @title What the cover of a loan on goods is worth; linked to the other libraries of Facilities.
library CoverValue {
    /// @notice A price is in millionths of a minor unit.
    uint256 private constant SCALE = 1_000_000;

    /// @notice Minor units of the loan's currency, rounded down.
    struct Worth {
        uint256 lendable; // goods after their haircut, claims and orders at their advance
        uint256 market; // goods before it, at the last price where none counts
        bool priced; // every receipt counts: sound enough, in date, with a price
    }

    /// @notice With `strict`, for new risk, a price that is missing, too old or in doubt is refused; else it counts as none.
    function ofLoan(Book storage book, Surroundings memory around, LoanId loanId, FacilityId facilityId, bool strict)
        external
        view
        returns (Worth memory worth)
    {
        return _of(book, around, loanId, facilityId, strict, false);
    }

    /// @notice For collateral that leaves, strictly: of claims count only those on debtors that the lender has accepted for the line,
    /// or that are the buyers of orders on which the loan was drawn, so that goods do not leave for a promise that the lender
    /// never took.
    function ofAccepted(Book storage book, Surroundings memory around, LoanId loanId, FacilityId facilityId)
        external
        view
        returns (Worth memory worth)
    {
        return _of(book, around, loanId, facilityId, true, true);
    }

    /// @notice What is lent on `value` of a claim, less what waits to be collected; nothing once its debtor is in default.
    function lentOn(Surroundings memory around, ProductId productId, uint32 version, uint256 claimId, uint256 value)
        external
        view
        returns (uint256)
    {
        (, ReceivableId receivableId, uint256 held,,,,) = around.receivables.claim(ClaimId.wrap(claimId));
        IReceivables.Status status = around.receivables.receivable(receivableId).status;
        if (status == IReceivables.Status.Defaulted || status == IReceivables.Status.WrittenOff) return 0;
        (uint96 waiting,) = around.receivables.collectable(ClaimId.wrap(claimId));
        if (value > held - waiting) value = held - waiting;
        return value * around.products.terms(productId, version).advanceRate / RepaymentMath.WHOLE;
    }

    function _of(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        FacilityId facilityId,
        bool strict,
        bool acceptedOnly
    ) private view returns (Worth memory worth) {
        worth.priced = true;
        _addAllGoods(worth, book, around, loanId, facilityId, strict);
        FacilityRecord storage line = book.facilities[facilityId];
        uint256 advanceRate = around.products.terms(ProductId.wrap(line.productId), line.version).advanceRate;
        worth.lendable += _papers(book, around, loanId, facilityId, acceptedOnly) * advanceRate / RepaymentMath.WHOLE;
    }

    function _addAllGoods(
        Worth memory worth,
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        FacilityId facilityId,
        bool strict
    ) private view {
        bytes3 currency = around.prices.currencyOf(book.facilities[facilityId].currency);
        uint256[] storage pieces = book.pieces[loanId];
        for (uint256 i; i < pieces.length; ++i) {
            (IProducts.Cover kind, uint256 id) = CoverPieces.unpack(pieces[i]);
            if (kind == IProducts.Cover.Receipt) _addGoods(worth, around, id, currency, strict);
        }
    }

    function _papers(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        FacilityId facilityId,
        bool acceptedOnly
    ) private view returns (uint256 papers) {
        uint256[] storage pieces = book.pieces[loanId];
        for (uint256 i; i < pieces.length; ++i) {
            (IProducts.Cover kind, uint256 id) = CoverPieces.unpack(pieces[i]);
            if (kind == IProducts.Cover.Claim) {
                (uint256 value, address debtor) = _ofClaim(around, ClaimId.wrap(id));
                if (acceptedOnly && !_isAccepted(book, around, loanId, facilityId, debtor)) continue;
                papers += value;
            } else if (kind == IProducts.Cover.Order) {
                papers += _ofOrder(around, OrderId.wrap(id));
            }
        }
    }

    function _addGoods(Worth memory worth, Surroundings memory around, uint256 id, bytes3 currency, bool strict)
        private
        view
    {
        (, LotId lotId, uint96 quantity,,,) = around.receipts.receipt(ReceiptId.wrap(id));
        if (quantity == 0) return; // lost, and burned
        IWarehouseReceipts.Lot memory lot = around.receipts.lot(lotId);
        uint256 value;
        uint256 haircut;
        bool isGood = around.today <= lot.expiryDay && lot.condition != IWarehouseReceipts.Condition.Unfit;
        if (isGood) {
            (value, haircut) =
                strict ? around.prices.price(lot.item, currency) : around.prices.appraised(lot.item, currency);
        }
        if (value == 0) worth.priced = false;
        // Lends nothing, but says where a sale starts: else goods would go for the debt, however small it is.
        if (isGood && value == 0) {
            (value, haircut) = (around.prices.quote(lot.item, currency).value, RepaymentMath.WHOLE);
        }
        uint256 market = uint256(quantity) * value;
        worth.market += market / SCALE;
        worth.lendable += market * (RepaymentMath.WHOLE - haircut) / (SCALE * RepaymentMath.WHOLE);
    }

    function _isAccepted(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        FacilityId facilityId,
        address debtor
    ) private view returns (bool) {
        PartyId party = around.registry.partyOf(debtor);
        return book.accepted[facilityId][party] || book.buyers[loanId][party];
    }

    /// @dev A claim that was paid and burned, or whose debt is not good any more, counts as nothing.
    function _ofClaim(Surroundings memory around, ClaimId claimId)
        private
        view
        returns (uint256 value, address debtor)
    {
        address owner;
        ReceivableId receivableId;
        (owner, receivableId, value,,,,) = around.receivables.claim(claimId);
        if (owner == address(0)) return (0, debtor);
        IReceivables.Receivable memory debt = around.receivables.receivable(receivableId);
        if (debt.status != IReceivables.Status.Confirmed || around.today > debt.dueDay) return (0, debtor);
        (uint96 waiting,) = around.receivables.collectable(claimId);
        return (value - waiting, debt.debtor);
    }

    function _ofOrder(Surroundings memory around, OrderId orderId) private view returns (uint256) {
        IPurchaseOrders.Order memory order = around.orders.order(orderId);
        if (order.status != IPurchaseOrders.Status.Confirmed || around.today > order.expiryDay) return 0;
        return uint256(order.amount) - order.invoiced - order.delivered;
    }
}
