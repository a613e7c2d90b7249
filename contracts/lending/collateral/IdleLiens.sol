// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPurchaseOrders} from "../../orders/IPurchaseOrders.sol";
import {ISplittableToken} from "../../tokens/ISplittableToken.sol";
import {ClaimId, LoanId, OrderId, WarehouseReceiptId} from "../../types/Ids.sol";
import {CollateralItems} from "./CollateralItems.sol";
import {Book, loadLoan, LendingContext} from "../FacilityBook.sol";
import {ICollateral} from "./ICollateral.sol";
import {IProducts} from "../IProducts.sol";

/// @title Liens of Facilities that no loan records: an owner put the lien on for no loan, or a court split off a part
/// that is still under it. Linked to Facilities.
/// @notice See {IFacilities} for the specification.
library IdleLiens {
    /// @notice See {ICollateral.releaseIdleLien}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param kind What kind of item it is.
    /// @param id The item: a warehouse receipt, claim or order.
    function release(Book storage book, LendingContext memory context, IProducts.CollateralKind kind, uint256 id)
        external
    {
        if (kind == IProducts.CollateralKind.Order) {
            IPurchaseOrders.Order memory order = context.orders.order(OrderId.wrap(id));
            _requireIdle(book, context, kind, id, order.lienholder, order.seller);
            context.orders.release(OrderId.wrap(id));
            return;
        }
        ISplittableToken token = _token(context, kind);
        _requireIdle(book, context, kind, id, token.lienholderOf(id), _ownerOf(context, kind, id));
        LoanId served = CollateralItems.servedBy(book, context, kind, id);
        if (!served.isNull()) revert ICollateral.LienServesLoan(kind, id, served);
        token.release(id);
    }

    /// @notice See {ICollateral.followPart}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param kind What kind of item it is.
    /// @param id The item: a warehouse receipt, claim or order.
    function followPart(Book storage book, LendingContext memory context, IProducts.CollateralKind kind, uint256 id)
        external
    {
        ISplittableToken token = _token(context, kind);
        if (token.lienholderOf(id) != address(this) || !CollateralItems.loanOf(book, kind, id).isNull()) {
            revert ICollateral.NoIdleLien(kind, id);
        }
        LoanId loanId = CollateralItems.servedBy(book, context, kind, id);
        if (loanId.isNull() || loadLoan(book, loanId).facts.collateral != IProducts.CollateralKind.WarehouseReceipt) {
            revert ICollateral.NoIdleLien(kind, id);
        }
        CollateralItems.follow(book, loanId, kind, id);
    }

    function _requireIdle(
        Book storage book,
        LendingContext memory context,
        IProducts.CollateralKind kind,
        uint256 id,
        address lienholder,
        address owner
    ) private view {
        if (lienholder != address(this)) revert ICollateral.NoIdleLien(kind, id);
        LoanId served = CollateralItems.loanOf(book, kind, id);
        if (!served.isNull()) revert ICollateral.LienServesLoan(kind, id, served);
        context.registry.requireValid(context.sender, 0);
        if (context.registry.partyOf(owner) != context.registry.partyOf(context.sender)) {
            revert ICollateral.CollateralNotOfBorrower(id, owner, context.sender);
        }
    }

    function _ownerOf(LendingContext memory context, IProducts.CollateralKind kind, uint256 id)
        private
        view
        returns (address owner)
    {
        if (kind == IProducts.CollateralKind.WarehouseReceipt) {
            owner = context.warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(id)).owner;
        } else {
            owner = context.receivables.claim(ClaimId.wrap(id)).owner;
        }
    }

    function _token(LendingContext memory context, IProducts.CollateralKind kind)
        private
        pure
        returns (ISplittableToken)
    {
        if (kind == IProducts.CollateralKind.WarehouseReceipt) {
            return ISplittableToken(address(context.warehouseReceipts));
        }
        if (kind == IProducts.CollateralKind.Claim) return ISplittableToken(address(context.receivables));
        revert ICollateral.NoIdleLien(kind, 0);
    }
}
