// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IWarehouseReceipts} from "../../warehouse/IWarehouseReceipts.sol";
import {CollateralItemWord} from "../../types/CollateralItemWord.sol";
import {FacilityId, LoanId, LotId, WarehouseReceiptId} from "../../types/Ids.sol";
import {CollateralItems} from "./CollateralItems.sol";
import {CollateralValue} from "./CollateralValue.sol";
import {Book, LendingContext, LoanView} from "../FacilityBook.sol";
import {ILoans} from "../ILoans.sol";
import {ICollateral} from "./ICollateral.sol";
import {IProducts} from "../IProducts.sol";
import {LeavingGoods} from "./LeavingGoods.sol";
import {MarginCall} from "./MarginCall.sol";
import {RaisedDebts} from "../RaisedDebts.sol";
import {Settlement} from "../Settlement.sol";

/// @title Substitution of goods that are collateral. Linked to Facilities.
/// @notice See {IFacilities} for the specification.
library LoanGoods {
    /// @notice See {ICollateral.substituteCollateral}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param added The items that are added, whole.
    /// @param removed The items or parts that are removed.
    function substituteCollateral(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        ICollateral.CollateralItem[] calldata added,
        ICollateral.CollateralItem[] calldata removed
    ) external {
        LoanView memory loan = Settlement.loadOfBorrower(book, context, loanId);
        if (loan.facts.collateral != IProducts.CollateralKind.WarehouseReceipt) {
            revert ILoans.CollateralMissing(loanId);
        }
        FacilityId facilityId = loan.facts.facilityId;
        bool matters = removed.length != 0 && LeavingGoods.matters(book, context, loanId, facilityId, added);
        LeavingGoods.Worth memory before;
        if (matters) before = LeavingGoods.worthOf(book, context, loanId, facilityId);
        CollateralItems.add(book, context, loanId, facilityId, added, false);
        for (uint256 i; i < removed.length; ++i) {
            CollateralItems.takeOut(book, context, loanId, removed[i], address(0));
        }
        if (removed.length != 0) {
            _requireOldestGone(book, context, loanId, removed);
            _requireEnough(book, context, loanId, facilityId);
            RaisedDebts.noteLeft(book, context, loanId);
        }
        if (matters) LeavingGoods.follow(book, context, loanId, facilityId, before);
        if (loan.facts.marginCalled) MarginCall.review(book, context, loanId);
    }

    // ------------------------------------------------------------------ internal parts

    function _requireEnough(Book storage book, LendingContext memory context, LoanId loanId, FacilityId facilityId)
        private
        view
    {
        uint256 lendable = CollateralValue.ofAccepted(book, context, loanId, facilityId, true).lendable;
        // A receiver may have repaid meanwhile: this is the debt as it is now.
        uint256 debt = MarginCall.debtOf(book, context, loanId);
        if (lendable < debt) revert ICollateral.CollateralTooSmall(0, lendable, debt);
    }

    /// @dev Of the same goods, nothing stays that ends earlier than what was removed, or that ends on the same day and
    /// is older. Stock ages, so the lender keeps what lasts.
    function _requireOldestGone(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        ICollateral.CollateralItem[] calldata removed
    ) private view {
        for (uint256 i; i < removed.length; ++i) {
            if (removed[i].kind != IProducts.CollateralKind.WarehouseReceipt) continue;
            IWarehouseReceipts.Lot memory gone = _lotOf(context, removed[i].id);
            CollateralItemWord[] storage items = book.items[loanId];
            for (uint256 j; j < items.length; ++j) {
                (IProducts.CollateralKind kind, uint256 id) = CollateralItems.unpack(items[j]);
                if (kind != IProducts.CollateralKind.WarehouseReceipt) continue;
                IWarehouseReceipts.Lot memory lot_ = _lotOf(context, id);
                if (lot_.item == gone.item && _goesFirst(lot_, gone)) {
                    revert ICollateral.OlderGoodsFirst(removed[i].id, id);
                }
            }
        }
    }

    function _goesFirst(IWarehouseReceipts.Lot memory lot, IWarehouseReceipts.Lot memory other)
        private
        pure
        returns (bool)
    {
        if (lot.expiryDay != other.expiryDay) return lot.expiryDay < other.expiryDay;
        return lot.storedDay < other.storedDay;
    }

    function _lotOf(LendingContext memory context, uint256 warehouseReceiptId)
        private
        view
        returns (IWarehouseReceipts.Lot memory lot)
    {
        LotId lotId = context.warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(warehouseReceiptId)).lotId;
        if (!lotId.isNull()) lot = context.warehouseReceipts.lot(lotId);
    }
}
