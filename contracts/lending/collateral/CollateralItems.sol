// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../receivables/IReceivables.sol";
import {IWarehouseReceipts} from "../../warehouse/IWarehouseReceipts.sol";
import {ISplittableToken} from "../../tokens/ISplittableToken.sol";
import {CollateralItemWord, packCollateralItem} from "../../types/CollateralItemWord.sol";
import {ClaimId, FacilityId, LoanId, OrderId, ProductId, WarehouseReceiptId} from "../../types/Ids.sol";
import {Book, FacilityRecord, LendingContext, loadLoan} from "../FacilityBook.sol";
import {CollateralChecks} from "./CollateralChecks.sol";
import {IFacilities} from "../IFacilities.sol";
import {ICollateral} from "./ICollateral.sol";
import {IProducts} from "../IProducts.sol";

/// @title The collateral items of a loan on goods: added, removed, handed to a buyer. Linked to the other libraries of
/// Facilities.
/// @notice See {IFacilities} for the errors.
/// @dev An item is recorded before its lien is put on, and removed from the record before its token moves.
library CollateralItems {
    /// @notice The maximum number of collateral items of a loan. It bounds every loop over them.
    uint256 private constant MAX = 16;
    /// @notice The maximum depth to which lineage is followed. It bounds the loop.
    uint256 private constant MAX_DEPTH = 255;

    /// @notice Warehouse receipts and claims become collateral. Each is free, whole, the borrower's own, and on a
    /// debtor that the lender accepts; the debt of a claim is due soon after the loan ends.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param facilityId The facility.
    /// @param items The collateral items.
    /// @param isDraw Whether the loan is drawn on them: the debtors of claims among them are known from then on.
    function add(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        ICollateral.CollateralItem[] calldata items,
        bool isDraw
    ) external {
        for (uint256 i; i < items.length; ++i) {
            address debtor = addOne(book, context, loanId, facilityId, items[i]);
            if (debtor == address(0)) continue;
            CollateralChecks.requireDebtor(book, context, facilityId, debtor);
            if (isDraw) book.drawnOn[loanId][context.registry.partyOf(debtor)] = true;
        }
    }

    /// @notice A warehouse receipt or claim becomes collateral, as in {add}. The caller checks whether the lender
    /// accepts the debtor of a claim.
    /// @dev Reverts with {ItemRefused} if it cannot be collateral.
    /// Reverts with {ClaimDueTooLate} if the debt of a claim is due too late.
    /// Reverts with {TermOutOfRange} if its number is out of range.
    /// Reverts with {TooManyItems} if the loan would have more than 16.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param facilityId The facility.
    /// @param item The collateral item.
    /// @return debtor The debtor of a claim; zero for goods.
    function addOne(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        ICollateral.CollateralItem memory item
    ) public returns (address debtor) {
        FacilityRecord storage facilityRow = book.facilities[facilityId];
        if (item.value != 0) revert ICollateral.ItemRefused(item.kind, item.id);
        if (item.id == 0 || item.id > type(uint64).max) {
            revert IFacilities.TermOutOfRange("id", item.id, 1, type(uint64).max);
        }
        CollateralItemWord[] storage items = book.items[loanId];
        if (items.length == MAX) revert ICollateral.TooManyItems(loanId, MAX + 1, MAX);
        items.push(pack(item.kind, item.id));
        emit ICollateral.CollateralAdded(loanId, item.kind, item.id);
        if (item.kind == IProducts.CollateralKind.WarehouseReceipt) {
            CollateralChecks.warehouseReceipt(book, context, facilityRow.borrower, item.id);
            book.loanOfWarehouseReceipt[WarehouseReceiptId.wrap(item.id)] = loanId;
        } else if (item.kind == IProducts.CollateralKind.Claim) {
            // An item on which the product advances nothing secures nothing.
            if (context.products.terms(ProductId.wrap(facilityRow.productId), facilityRow.version).advanceRate == 0) {
                revert ICollateral.ItemRefused(item.kind, item.id);
            }
            (debtor,) = CollateralChecks.claim(book, context, facilityRow.borrower, facilityRow.currency, item.id);
            CollateralChecks.requireDueInTime(book, context, loadLoan(book, loanId), ClaimId.wrap(item.id));
            book.loanOfClaim[ClaimId.wrap(item.id)] = loanId;
        } else {
            revert ICollateral.ItemRefused(item.kind, item.id);
        }
        _token(context, item.kind).encumber(item.id, address(this));
    }

    /// @notice A part that was split off a collateral item and still carries its lien becomes a collateral item too.
    /// @dev Reverts with {TooManyItems} if the loan would have more than 16.
    /// @param book The stored state of Facilities.
    /// @param loanId The loan.
    /// @param kind What kind of item it is.
    /// @param id The part.
    function follow(Book storage book, LoanId loanId, IProducts.CollateralKind kind, uint256 id) external {
        CollateralItemWord[] storage items = book.items[loanId];
        if (items.length == MAX) revert ICollateral.TooManyItems(loanId, MAX + 1, MAX);
        items.push(pack(kind, id));
        if (kind == IProducts.CollateralKind.WarehouseReceipt) {
            book.loanOfWarehouseReceipt[WarehouseReceiptId.wrap(id)] = loanId;
        } else {
            book.loanOfClaim[ClaimId.wrap(id)] = loanId;
        }
        emit ICollateral.CollateralAdded(loanId, kind, id);
    }

    /// @notice A collateral item, or a part of one, leaves the lien: to its owner, or to `to`.
    /// @dev Reverts with {ItemNotOfLoan} if it is not collateral of the loan.
    /// Reverts with {TermOutOfRange} if more of it is to leave than there is.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param item The collateral item.
    /// @param to The account that receives it; zero: its owner keeps it.
    /// @return moved How much of the item left the lien.
    function takeOut(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        ICollateral.CollateralItem memory item,
        address to
    ) external returns (uint96 moved) {
        uint256 place = _placeOf(book, loanId, item);
        if (item.kind == IProducts.CollateralKind.Order) {
            _crossOut(book, loanId, place, item);
            context.orders.release(OrderId.wrap(item.id));
            return 0;
        }
        address owner;
        uint96 held;
        if (item.kind == IProducts.CollateralKind.WarehouseReceipt) {
            IWarehouseReceipts.WarehouseReceipt memory warehouseReceiptRow =
                context.warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(item.id));
            (owner, held) = (warehouseReceiptRow.owner, warehouseReceiptRow.quantity);
        } else {
            IReceivables.Claim memory claimRow = context.receivables.claim(ClaimId.wrap(item.id));
            (owner, held) = (claimRow.owner, claimRow.value);
        }
        moved = item.value == 0 ? held : item.value;
        if (moved > held) revert IFacilities.TermOutOfRange("value", moved, 1, held);
        if (moved == held) {
            _crossOut(book, loanId, place, item);
            if (held != 0) _free(book, context, item.kind, item.id, owner, to, moved);
        } else {
            emit ICollateral.CollateralReduced(loanId, item.kind, item.id, moved);
            // The part that moves takes no lien along.
            _token(context, item.kind).assign(item.id, to == address(0) ? owner : to, moved, 0);
        }
    }

    /// @notice Removes the first `count` of these warehouse receipts from the record; `deliver` then hands them to a
    /// buyer.
    /// @dev Reverts with {ItemNotOfLoan} if one is not collateral of the loan.
    /// @param book The stored state of Facilities.
    /// @param loanId The loan.
    /// @param warehouseReceiptIds The warehouse receipts that are sold.
    /// @param count How many of them.
    function crossOutGoods(Book storage book, LoanId loanId, uint256[] calldata warehouseReceiptIds, uint256 count)
        external
    {
        for (uint256 i; i < count; ++i) {
            ICollateral.CollateralItem memory item =
                ICollateral.CollateralItem(IProducts.CollateralKind.WarehouseReceipt, warehouseReceiptIds[i], 0);
            _crossOut(book, loanId, _placeOf(book, loanId, item), item);
        }
    }

    /// @notice Hands removed goods to their buyer. With `staysIn` the last warehouse receipt is still recorded and
    /// stays under its lien.
    /// @dev A buyer that is called back for the first warehouse receipt may have the owner release the lien on the next
    /// one. What is not as it was is not sold.
    /// Reverts with {CollateralInUse} if one of them secures a loan by now.
    /// Reverts with {NoIdleLien} if one of them is no longer under the lien.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param warehouseReceiptIds The warehouse receipts that are sold.
    /// @param quantities Thousandths of the unit of each that are sold.
    /// @param staysIn Whether only a part of the last one is sold.
    /// @param buyer The account that buys.
    /// @return soldIds The warehouse receipts that the buyer owns now.
    function deliver(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        uint256[] calldata warehouseReceiptIds,
        uint96[] calldata quantities,
        bool staysIn,
        address buyer
    ) external returns (uint256[] memory soldIds) {
        soldIds = new uint256[](warehouseReceiptIds.length);
        for (uint256 i; i < warehouseReceiptIds.length; ++i) {
            bool stays = staysIn && i + 1 == warehouseReceiptIds.length;
            LoanId backed = loanOf(book, IProducts.CollateralKind.WarehouseReceipt, warehouseReceiptIds[i]);
            if (backed != (stays ? loanId : LoanId.wrap(0))) {
                revert ICollateral.CollateralInUse(warehouseReceiptIds[i], backed);
            }
            soldIds[i] = _handOver(book, context, warehouseReceiptIds[i], quantities[i], buyer);
        }
    }

    /// @notice Releases the lien of what was handed over, unless its receiver has put on a new lien meanwhile for a
    /// loan of its own.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param kind What kind of item it is.
    /// @param id The item: a warehouse receipt, claim or order.
    function endLien(Book storage book, LendingContext memory context, IProducts.CollateralKind kind, uint256 id)
        public
    {
        if (!loanOf(book, kind, id).isNull()) return;
        ISplittableToken token = _token(context, kind);
        if (token.lienholderOf(id) == address(this)) token.release(id);
    }

    /// @notice Requires that the token is not under a lien of this contract that serves a loan: its own loan, or the
    /// loan of the token it was split off.
    /// @dev Reverts with {LienServesLoan} if it is.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param kind What kind of item it is.
    /// @param id The item: a warehouse receipt, claim or order.
    function requireServesNone(
        Book storage book,
        LendingContext memory context,
        IProducts.CollateralKind kind,
        uint256 id
    ) external view {
        if (_token(context, kind).lienholderOf(id) != address(this)) return;
        LoanId served = servedBy(book, context, kind, id);
        if (!served.isNull()) revert ICollateral.LienServesLoan(kind, id, served);
    }

    /// @notice The loan that a warehouse receipt or claim under lien serves: its own loan, or the loan of the token it
    /// was split off.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param kind What kind of item it is.
    /// @param id The item: a warehouse receipt, claim or order.
    /// @return loanId The loan; 0 for none.
    function servedBy(Book storage book, LendingContext memory context, IProducts.CollateralKind kind, uint256 id)
        public
        view
        returns (LoanId loanId)
    {
        ISplittableToken token = _token(context, kind);
        loanId = loanOf(book, kind, id);
        for (uint256 i; i < MAX_DEPTH && loanId.isNull(); ++i) {
            id = token.parentOf(id);
            if (id == 0) return loanId;
            loanId = loanOf(book, kind, id);
        }
    }

    function loanOf(Book storage book, IProducts.CollateralKind kind, uint256 id) internal view returns (LoanId) {
        if (kind == IProducts.CollateralKind.WarehouseReceipt) {
            return book.loanOfWarehouseReceipt[WarehouseReceiptId.wrap(id)];
        }
        if (kind == IProducts.CollateralKind.Claim) return book.loanOfClaim[ClaimId.wrap(id)];
        return book.loanOfOrder[OrderId.wrap(id)];
    }

    /// @notice The debt is paid, so all liens are released.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    function releaseAll(Book storage book, LendingContext memory context, LoanId loanId) external {
        delete book.margins[loanId];
        delete book.auctions[loanId];
        CollateralItemWord[] storage items = book.items[loanId];
        for (uint256 place = items.length; place > 0; --place) {
            (IProducts.CollateralKind kind, uint256 id) = unpack(items[place - 1]);
            _crossOut(book, loanId, place - 1, ICollateral.CollateralItem(kind, id, 0));
            if (kind == IProducts.CollateralKind.Order) context.orders.release(OrderId.wrap(id));
            // A token that was paid in full or lost is burned, and its lien with it.
            else if (_token(context, kind).lienholderOf(id) == address(this)) _token(context, kind).release(id);
        }
    }

    function pack(IProducts.CollateralKind kind, uint256 id) internal pure returns (CollateralItemWord) {
        return packCollateralItem(uint8(kind), id);
    }

    function unpack(CollateralItemWord word) internal pure returns (IProducts.CollateralKind kind, uint256 id) {
        return (IProducts.CollateralKind(word.kind()), word.id());
    }

    // ------------------------------------------------------------------ internal parts

    function _handOver(Book storage book, LendingContext memory context, uint256 id, uint96 quantity, address buyer)
        private
        returns (uint256 soldWarehouseReceiptId)
    {
        ISplittableToken token = _token(context, IProducts.CollateralKind.WarehouseReceipt);
        if (token.lienholderOf(id) != address(this)) {
            revert ICollateral.NoIdleLien(IProducts.CollateralKind.WarehouseReceipt, id);
        }
        IWarehouseReceipts.WarehouseReceipt memory warehouseReceiptRow =
            context.warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(id));
        if (quantity == warehouseReceiptRow.quantity) {
            _free(
                book,
                context,
                IProducts.CollateralKind.WarehouseReceipt,
                id,
                warehouseReceiptRow.owner,
                buyer,
                warehouseReceiptRow.quantity
            );
            return id;
        }
        // The part that moves takes no lien along. The part that stays as collateral is still under lien.
        soldWarehouseReceiptId = token.assign(id, buyer, quantity, 0);
        endLien(book, context, IProducts.CollateralKind.WarehouseReceipt, id);
    }

    function _placeOf(Book storage book, LoanId loanId, ICollateral.CollateralItem memory item)
        private
        view
        returns (uint256 place)
    {
        CollateralItemWord[] storage items = book.items[loanId];
        CollateralItemWord word = pack(item.kind, item.id);
        while (place < items.length && items[place] != word) ++place;
        if (place == items.length) revert ICollateral.ItemNotOfLoan(loanId, item.kind, item.id);
    }

    function _crossOut(Book storage book, LoanId loanId, uint256 place, ICollateral.CollateralItem memory item)
        private
    {
        CollateralItemWord[] storage items = book.items[loanId];
        items[place] = items[items.length - 1];
        items.pop();
        LoanId none = LoanId.wrap(0);
        if (item.kind == IProducts.CollateralKind.WarehouseReceipt) {
            book.loanOfWarehouseReceipt[WarehouseReceiptId.wrap(item.id)] = none;
        } else if (item.kind == IProducts.CollateralKind.Claim) {
            book.loanOfClaim[ClaimId.wrap(item.id)] = none;
        } else {
            book.loanOfOrder[OrderId.wrap(item.id)] = none;
        }
        emit ICollateral.CollateralReleased(loanId, item.kind, item.id);
    }

    /// @dev This contract, as lienholder, moves the token while the lien is on; then the lien is released.
    function _free(
        Book storage book,
        LendingContext memory context,
        IProducts.CollateralKind kind,
        uint256 id,
        address owner,
        address to,
        uint96 value
    ) private {
        ISplittableToken token = _token(context, kind);
        if (to != address(0) && to != owner) token.assign(id, to, value, 0);
        endLien(book, context, kind, id);
    }

    function _token(LendingContext memory context, IProducts.CollateralKind kind)
        private
        pure
        returns (ISplittableToken)
    {
        return ISplittableToken(
            kind == IProducts.CollateralKind.WarehouseReceipt
                ? address(context.warehouseReceipts)
                : address(context.receivables)
        );
    }
}
