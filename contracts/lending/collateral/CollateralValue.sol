// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPurchaseOrders} from "../../orders/IPurchaseOrders.sol";
import {IReceivables} from "../../receivables/IReceivables.sol";
import {IWarehouseReceipts} from "../../warehouse/IWarehouseReceipts.sol";
import {RepaymentMath} from "../../math/RepaymentMath.sol";
import {CollateralItemWord} from "../../types/CollateralItemWord.sol";
import {ClaimId, FacilityId, LoanId, OrderId, PartyId, ProductId, WarehouseReceiptId} from "../../types/Ids.sol";
import {Book, FacilityRecord, LendingContext} from "../FacilityBook.sol";
import {CollateralItems} from "./CollateralItems.sol";
import {IProducts} from "../IProducts.sol";

/// @title What the collateral of a loan on goods is worth; linked to the other libraries of Facilities.
/// @notice Reads prices and documents, and changes nothing.
library CollateralValue {
    /// @notice A price is in millionths of a minor unit.
    uint256 private constant SCALE = 1_000_000;

    /// @notice What collateral is worth, in minor units of the loan's currency, rounded down.
    /// @param lendable Goods after their haircut, claims and orders at their advance rate.
    /// @param market Goods before the haircut, at the last price where no price is valid.
    /// @param priced Whether every warehouse receipt counts: sound enough, in date, with a price.
    struct Worth {
        uint256 lendable;
        uint256 market;
        bool priced;
    }

    /// @notice What the collateral of a loan is worth.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param facilityId The facility.
    /// @param strict For new risk: reverts with the errors of {IPriceFeed.price} if a price is missing, too old or in
    /// doubt. If false, such a price counts as none.
    /// @return worth Its worth.
    function ofLoan(Book storage book, LendingContext memory context, LoanId loanId, FacilityId facilityId, bool strict)
        external
        view
        returns (Worth memory worth)
    {
        return _of(book, context, loanId, facilityId, strict, false);
    }

    /// @notice The strict value, for collateral that leaves. A claim counts only if the lender has accepted its debtor
    /// for the facility, or if the debtor is the buyer of an order on which the loan was drawn. So goods never leave in
    /// exchange for a promise that the lender did not accept.
    /// @dev Reverts with the errors of {IPriceFeed.price} if a price is missing, too old or in doubt.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param facilityId The facility.
    /// @return worth Its worth.
    function ofAccepted(Book storage book, LendingContext memory context, LoanId loanId, FacilityId facilityId)
        external
        view
        returns (Worth memory worth)
    {
        return _of(book, context, loanId, facilityId, true, true);
    }

    /// @notice What is lent on `value` of a claim, less what waits to be collected; zero once its debtor is in default.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param productId The product.
    /// @param version Version of the product.
    /// @param claimId The claim.
    /// @param value Minor units of the claim.
    /// @return Minor units.
    function lentOn(LendingContext memory context, ProductId productId, uint32 version, uint256 claimId, uint256 value)
        external
        view
        returns (uint256)
    {
        IReceivables.Claim memory claimRow = context.receivables.claim(ClaimId.wrap(claimId));
        IReceivables.Status status = context.receivables.receivable(claimRow.receivableId).status;
        if (status == IReceivables.Status.Defaulted || status == IReceivables.Status.WrittenOff) return 0;
        (uint96 waiting,) = context.receivables.collectable(ClaimId.wrap(claimId));
        if (value > claimRow.value - waiting) value = claimRow.value - waiting;
        return value * context.products.terms(productId, version).advanceRate / RepaymentMath.WHOLE;
    }

    function _of(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        bool strict,
        bool acceptedOnly
    ) private view returns (Worth memory worth) {
        worth.priced = true;
        _addAllGoods(worth, book, context, loanId, facilityId, strict);
        FacilityRecord storage facilityRow = book.facilities[facilityId];
        uint256 advanceRate =
            context.products.terms(ProductId.wrap(facilityRow.productId), facilityRow.version).advanceRate;
        worth.lendable += _documents(book, context, loanId, facilityId, acceptedOnly) * advanceRate
        / RepaymentMath.WHOLE;
    }

    function _addAllGoods(
        Worth memory worth,
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        bool strict
    ) private view {
        bytes3 currency = context.prices.currencyOf(book.facilities[facilityId].currency);
        CollateralItemWord[] storage items = book.items[loanId];
        for (uint256 i; i < items.length; ++i) {
            (IProducts.CollateralKind kind, uint256 id) = CollateralItems.unpack(items[i]);
            if (kind == IProducts.CollateralKind.WarehouseReceipt) _addGoods(worth, context, id, currency, strict);
        }
    }

    function _documents(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        bool acceptedOnly
    ) private view returns (uint256 documents) {
        CollateralItemWord[] storage items = book.items[loanId];
        for (uint256 i; i < items.length; ++i) {
            (IProducts.CollateralKind kind, uint256 id) = CollateralItems.unpack(items[i]);
            if (kind == IProducts.CollateralKind.Claim) {
                (uint256 value, address debtor) = _ofClaim(context, ClaimId.wrap(id));
                if (acceptedOnly && !_isAccepted(book, context, loanId, facilityId, debtor)) continue;
                documents += value;
            } else if (kind == IProducts.CollateralKind.Order) {
                documents += _ofOrder(context, OrderId.wrap(id));
            }
        }
    }

    function _addGoods(Worth memory worth, LendingContext memory context, uint256 id, bytes3 currency, bool strict)
        private
        view
    {
        IWarehouseReceipts.WarehouseReceipt memory warehouseReceiptRow =
            context.warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(id));
        if (warehouseReceiptRow.quantity == 0) return; // lost, and burned
        IWarehouseReceipts.Lot memory lot = context.warehouseReceipts.lot(warehouseReceiptRow.lotId);
        uint256 value;
        uint256 haircut;
        bool isGood = context.today <= lot.expiryDay && lot.condition != IWarehouseReceipts.Condition.Unfit;
        if (isGood) {
            (value, haircut) =
                strict ? context.prices.price(lot.item, currency) : context.prices.appraised(lot.item, currency);
        }
        if (value == 0) worth.priced = false;
        // The item secures nothing, but its price says where a sale starts. Otherwise goods would go for the debt,
        // however small it is.
        if (isGood && value == 0) {
            (value, haircut) = (context.prices.quote(lot.item, currency).value, RepaymentMath.WHOLE);
        }
        uint256 market = uint256(warehouseReceiptRow.quantity) * value;
        worth.market += market / SCALE;
        worth.lendable += market * (RepaymentMath.WHOLE - haircut) / (SCALE * RepaymentMath.WHOLE);
    }

    function _isAccepted(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        address debtor
    ) private view returns (bool) {
        PartyId party = context.registry.partyOf(debtor);
        return book.accepted[facilityId][party] || book.buyers[loanId][party];
    }

    /// @dev A claim that was paid and burned, or whose debt is not good any more, counts as zero.
    function _ofClaim(LendingContext memory context, ClaimId claimId)
        private
        view
        returns (uint256 value, address debtor)
    {
        IReceivables.Claim memory claimRow = context.receivables.claim(claimId);
        if (claimRow.owner == address(0)) return (0, debtor);
        IReceivables.Receivable memory debt = context.receivables.receivable(claimRow.receivableId);
        if (debt.status != IReceivables.Status.Confirmed || context.today > debt.dueDay) return (0, debtor);
        (uint96 waiting,) = context.receivables.collectable(claimId);
        return (claimRow.value - waiting, debt.debtor);
    }

    function _ofOrder(LendingContext memory context, OrderId orderId) private view returns (uint256) {
        IPurchaseOrders.Order memory order = context.orders.order(orderId);
        if (order.status != IPurchaseOrders.Status.Confirmed || context.today > order.expiryDay) return 0;
        return uint256(order.amount) - order.invoiced - order.delivered;
    }
}
