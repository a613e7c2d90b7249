// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPurchaseOrders} from "../../orders/IPurchaseOrders.sol";
import {IReceivables} from "../../receivables/IReceivables.sol";
import {IWarehouseReceipts} from "../../warehouse/IWarehouseReceipts.sol";
import {CollateralItemWord} from "../../types/CollateralItemWord.sol";
import {
    ClaimId,
    FacilityId,
    LoanId,
    LotId,
    OrderId,
    ProductId,
    WarehouseReceiptId,
    ReceivableId
} from "../../types/Ids.sol";
import {CollateralChecks} from "./CollateralChecks.sol";
import {CollateralItems} from "./CollateralItems.sol";
import {CollateralValue} from "./CollateralValue.sol";
import {Book, FacilityRecord, loadLoan, LoanView, saveLoan, LendingContext} from "../FacilityBook.sol";
import {ILoans} from "../ILoans.sol";
import {ICollateral} from "./ICollateral.sol";
import {IProducts} from "../IProducts.sol";
import {MarginCall} from "./MarginCall.sol";
import {Settlement} from "../Settlement.sol";

/// @title Goods as collateral: substitution, and conversion from an order to goods and on to the claim. Linked to
/// Facilities.
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
        LoanView memory loan = _ofBorrower(book, context, loanId);
        if (loan.facts.collateral != IProducts.CollateralKind.WarehouseReceipt) {
            revert ILoans.CollateralMissing(loanId);
        }
        CollateralItems.add(book, context, loanId, loan.facts.facilityId, added);
        for (uint256 i; i < removed.length; ++i) {
            CollateralItems.takeOut(book, context, loanId, removed[i], address(0));
        }
        if (removed.length != 0) {
            _requireOldestGone(book, context, loanId, removed);
            CollateralValue.Worth memory worth =
                CollateralValue.ofAccepted(book, context, loanId, loan.facts.facilityId);
            // A receiver may have repaid meanwhile: this is the debt as it is now.
            uint256 debt = MarginCall.debtOf(book, context, loanId);
            if (worth.lendable < debt) revert ICollateral.CollateralTooSmall(0, worth.lendable, debt);
        }
        if (loan.facts.marginCalled) MarginCall.review(book, context, loanId);
    }

    /// @notice See {ICollateral.convertToGoods}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param delivery The delivery that the buyer signed.
    /// @param buyerSignature Signature of the buyer's party.
    /// @param warehouseReceiptId The warehouse receipt.
    function convertToGoods(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        IPurchaseOrders.Delivery calldata delivery,
        bytes calldata buyerSignature,
        WarehouseReceiptId warehouseReceiptId
    ) external {
        LoanView memory loan = Settlement.loadOpen(book, loanId);
        OrderId orderId = OrderId.wrap(delivery.orderId);
        if (book.loanOfOrder[orderId] != loanId) {
            revert ICollateral.ItemNotOfLoan(loanId, IProducts.CollateralKind.Order, delivery.orderId);
        }
        Settlement.requireConcerned(book, context, loan, context.orders.order(orderId).buyer);
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        // Goods whose sale nobody agreed on would be collateral that cannot be turned into money.
        if (context.products.goodsTerms(ProductId.wrap(facilityRow.productId), facilityRow.version).callLevel == 0) {
            revert ICollateral.MarginNotAgreed(loanId);
        }
        IWarehouseReceipts.WarehouseReceipt memory warehouseReceiptRow =
            context.warehouseReceipts.warehouseReceipt(warehouseReceiptId);
        IWarehouseReceipts.Lot memory lot = context.warehouseReceipts.lot(warehouseReceiptRow.lotId);
        // All of the lot. If some of the goods went elsewhere, they are not what the buyer signed for.
        if (
            lot.orderId != delivery.orderId || LotId.unwrap(warehouseReceiptRow.lotId) != delivery.lotId
                || warehouseReceiptRow.quantity != lot.issued
        ) {
            revert ICollateral.NotOfTheOrder(delivery.orderId, WarehouseReceiptId.unwrap(warehouseReceiptId));
        }
        context.orders.deliver(delivery, buyerSignature);
        if (loan.facts.collateral == IProducts.CollateralKind.Order) {
            book.items[loanId].push(CollateralItems.pack(IProducts.CollateralKind.Order, delivery.orderId));
            loan.facts.collateral = IProducts.CollateralKind.WarehouseReceipt;
            loan.facts.collateralId = 0;
            saveLoan(book, loanId, loan);
        }
        emit ICollateral.OrderConvertedToGoods(loanId, orderId, warehouseReceiptId);
        CollateralItems.addOne(
            book,
            context,
            loanId,
            loan.facts.facilityId,
            ICollateral.CollateralItem(
                IProducts.CollateralKind.WarehouseReceipt, WarehouseReceiptId.unwrap(warehouseReceiptId), 0
            )
        );
        if (loan.facts.marginCalled) MarginCall.review(book, context, loanId);
    }

    /// @notice See {ICollateral.convertGoodsToClaim}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param receivableId The receivable.
    /// @param claimId The claim, if the debt is confirmed; else it is not read.
    /// @param debtorSignature Signature of the debtor over the receivable's terms.
    /// @param goods The warehouse receipt, and how much of it.
    /// @return The claim that is collateral now.
    function convertGoodsToClaim(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        ReceivableId receivableId,
        ClaimId claimId,
        bytes calldata debtorSignature,
        ICollateral.CollateralItem memory goods
    ) external returns (ClaimId) {
        FacilityId facilityId = _ofBorrower(book, context, loanId).facts.facilityId;
        CollateralValue.Worth memory before = CollateralValue.ofAccepted(book, context, loanId, facilityId);
        address debtor;
        (claimId, debtor) = _confirmed(context, receivableId, claimId, debtorSignature);
        bool isOfOrder = _invoiceOrder(book, context, loanId, receivableId, WarehouseReceiptId.wrap(goods.id));
        _exchangeForClaim(book, context, loanId, facilityId, claimId, goods, debtor);
        // The lender accepted the buyer of the order on which the loan was drawn.
        if (isOfOrder) book.buyers[loanId][context.registry.partyOf(debtor)] = true;
        else CollateralChecks.requireAccepted(book, context, facilityId, debtor);
        _requireNotWorse(book, context, loanId, facilityId, before);
        MarginCall.review(book, context, loanId);
        return claimId;
    }

    // ------------------------------------------------------------------ internal parts

    function _ofBorrower(Book storage book, LendingContext memory context, LoanId loanId)
        private
        view
        returns (LoanView memory loan)
    {
        loan = loadLoan(book, loanId);
        if (loan.facts.status != ILoans.Status.Running) {
            revert ILoans.StateForbids(loanId, loan.facts.status);
        }
        FacilityId facilityId = loan.facts.facilityId;
        Settlement.requireBorrower(context, facilityId, book.facilities[facilityId]);
    }

    /// @dev Of the same goods, nothing older stays than what was removed. Stock ages, so the lender keeps the fresh
    /// goods.
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
                if (lot_.item == gone.item && lot_.storedDay < gone.storedDay) {
                    revert ICollateral.OlderGoodsFirst(removed[i].id, id);
                }
            }
        }
    }

    function _lotOf(LendingContext memory context, uint256 warehouseReceiptId)
        private
        view
        returns (IWarehouseReceipts.Lot memory lot)
    {
        LotId lotId = context.warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(warehouseReceiptId)).lotId;
        if (!lotId.isNull()) lot = context.warehouseReceipts.lot(lotId);
    }

    /// @dev Lost goods have no owner, and a court may have given the goods to another owner, under their lien.
    function _requireOwner(LendingContext memory context, uint256 warehouseReceiptId, address borrower) private view {
        address owner = context.warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(warehouseReceiptId)).owner;
        if (!Settlement.isOfParty(context, owner, borrower)) {
            revert ICollateral.CollateralNotOfBorrower(warehouseReceiptId, owner, borrower);
        }
    }

    /// @dev The seller's claim on a debt to it; confirms the debt now if it is not confirmed yet.
    function _confirmed(
        LendingContext memory context,
        ReceivableId receivableId,
        ClaimId claimId,
        bytes calldata debtorSignature
    ) private returns (ClaimId, address debtor) {
        IReceivables.Receivable memory debt = context.receivables.receivable(receivableId);
        if (debt.status == IReceivables.Status.Requested) {
            claimId = context.receivables.confirm(receivableId, debtorSignature);
        }
        IReceivables.Claim memory claimRow = context.receivables.claim(claimId);
        if (claimRow.receivableId != receivableId || !Settlement.isOfParty(context, debt.seller, context.sender)) {
            revert ICollateral.CollateralNotOfBorrower(ClaimId.unwrap(claimId), claimRow.owner, context.sender);
        }
        return (claimId, debt.debtor);
    }

    function _exchangeForClaim(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        ClaimId claimId,
        ICollateral.CollateralItem memory goods,
        address debtor
    ) private {
        _requireOwner(context, goods.id, context.sender);
        ICollateral.CollateralItem memory claim =
            ICollateral.CollateralItem(IProducts.CollateralKind.Claim, ClaimId.unwrap(claimId), 0);
        CollateralItems.addOne(book, context, loanId, facilityId, claim);
        uint96 moved = CollateralItems.takeOut(book, context, loanId, goods, debtor);
        emit ICollateral.GoodsConvertedToClaim(loanId, WarehouseReceiptId.wrap(goods.id), claimId, debtor, moved);
    }

    /// @dev If the goods' order is under the loan's lien too, the invoice is for what was delivered into their lot.
    function _invoiceOrder(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        ReceivableId receivableId,
        WarehouseReceiptId warehouseReceiptId
    ) private returns (bool ofLoan) {
        LotId lotId = context.warehouseReceipts.warehouseReceipt(warehouseReceiptId).lotId;
        OrderId orderId = OrderId.wrap(context.warehouseReceipts.lot(lotId).orderId);
        if (book.loanOfOrder[orderId] != loanId) return false;
        context.orders.invoiceDelivered(orderId, receivableId, lotId);
        if (context.orders.order(orderId).status != IPurchaseOrders.Status.Invoiced) return true;
        CollateralItems.takeOut(
            book,
            context,
            loanId,
            ICollateral.CollateralItem(IProducts.CollateralKind.Order, OrderId.unwrap(orderId), 0),
            address(0)
        );
        return true;
    }

    /// @dev Collateral that is not enough for the debt must at least be worth no less than before. Goods without a
    /// price cannot be compared.
    function _requireNotWorse(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        CollateralValue.Worth memory before
    ) private view {
        uint256 lendable = CollateralValue.ofAccepted(book, context, loanId, facilityId).lendable;
        uint256 debt = MarginCall.debtOf(book, context, loanId);
        if (lendable < debt && (!before.priced || lendable < before.lendable)) {
            revert ICollateral.CollateralWorse(loanId, lendable, before.lendable, debt);
        }
    }
}
