// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPurchaseOrders} from "../../orders/IPurchaseOrders.sol";
import {IReceivables} from "../../receivables/IReceivables.sol";
import {IWarehouseReceipts} from "../../warehouse/IWarehouseReceipts.sol";
import {LoanMath} from "../../math/LoanMath.sol";
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
import {CollateralDebtors} from "./CollateralDebtors.sol";
import {CollateralItems} from "./CollateralItems.sol";
import {CollateralValue} from "./CollateralValue.sol";
import {Book, FacilityRecord, loadLoan, LoanView, saveLoan, LendingContext} from "../FacilityBook.sol";
import {ILoans} from "../ILoans.sol";
import {ICollateral} from "./ICollateral.sol";
import {IProducts} from "../IProducts.sol";
import {LeavingGoods} from "./LeavingGoods.sol";
import {MarginCall} from "./MarginCall.sol";
import {RaisedDebts} from "../RaisedDebts.sol";
import {SaleRights} from "../SaleRights.sol";
import {Settlement} from "../Settlement.sol";

/// @title Conversion of collateral: from an order to goods, from goods to a claim, or from an order straight to a
/// claim. Linked to Facilities.
/// @notice See {IFacilities} for the specification.
library Conversion {
    /// @notice What an order counted for before it became something else.
    /// @param lendable Minor units.
    /// @param isLendersWord Whether the lender may take less for it.
    struct Before {
        uint256 lendable;
        bool isLendersWord;
    }

    /// @notice See {ICollateral.convertToClaim}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param receivableId The receivable.
    /// @param claimId The claim, if the debt is confirmed; else it is not read.
    /// @param debtorSignature Signature of the debtor over the receivable's terms.
    /// @return The claim that is collateral now.
    function convertToClaim(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        ReceivableId receivableId,
        ClaimId claimId,
        bytes calldata debtorSignature
    ) external returns (ClaimId) {
        LoanView memory loan = Settlement.loadOpen(book, loanId);
        if (loan.facts.collateral != IProducts.CollateralKind.Order) revert ILoans.CollateralMissing(loanId);
        OrderId orderId = OrderId.wrap(loan.facts.collateralId);
        IReceivables.Receivable memory debt = context.receivables.receivable(receivableId);
        _requireMayConvert(book, context, loan, debt);
        Before memory before = _ofOrder(book, context, loan);
        claimId = _confirm(context, receivableId, debt.status, claimId, debtorSignature);
        _checkClaim(book, context, loan, receivableId, claimId);
        context.orders.invoice(orderId, receivableId);
        CollateralChecks.requireDueInTime(book, context, loan, claimId);
        _weighClaim(book, context, loanId, before, claimId);

        book.loanOfOrder[orderId] = LoanId.wrap(0);
        book.loanOfClaim[claimId] = loanId;
        loan.facts.collateral = IProducts.CollateralKind.Claim;
        loan.facts.collateralId = uint64(ClaimId.unwrap(claimId));
        saveLoan(book, loanId, loan);
        RaisedDebts.noteLeft(book, context, loanId);
        emit ICollateral.OrderConvertedToClaim(loanId, orderId, claimId);
        context.orders.release(orderId);
        context.receivables.encumber(ClaimId.unwrap(claimId), address(this));
        return claimId;
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
        _requireOfTheOrder(book, context, loanId, loan, delivery, warehouseReceiptId);
        if (loan.facts.collateral == IProducts.CollateralKind.Order) {
            book.items[loanId].push(CollateralItems.pack(IProducts.CollateralKind.Order, delivery.orderId));
            loan.facts.collateral = IProducts.CollateralKind.WarehouseReceipt;
            loan.facts.collateralId = 0;
            saveLoan(book, loanId, loan);
        }
        Before memory before = _ofItems(book, context, loanId, loan);
        context.orders.deliver(delivery, buyerSignature);
        emit ICollateral.OrderConvertedToGoods(loanId, OrderId.wrap(delivery.orderId), warehouseReceiptId);
        CollateralItems.addOne(
            book,
            context,
            loanId,
            loan.facts.facilityId,
            ICollateral.CollateralItem(
                IProducts.CollateralKind.WarehouseReceipt, WarehouseReceiptId.unwrap(warehouseReceiptId), 0
            )
        );
        _weigh(
            book, context, loanId, before, _worth(book, context, loanId, loan.facts.facilityId, before.isLendersWord)
        );
        RaisedDebts.noteLeft(book, context, loanId);
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
        FacilityId facilityId = Settlement.loadOfBorrower(book, context, loanId).facts.facilityId;
        CollateralValue.Worth memory before = CollateralValue.ofAccepted(book, context, loanId, facilityId, false);
        LeavingGoods.Worth memory known = LeavingGoods.worthOf(book, context, loanId, facilityId);
        address debtor;
        (claimId, debtor) = _confirmedOfSeller(context, receivableId, claimId, debtorSignature);
        bool isOfOrder = _invoiceOrder(book, context, loanId, receivableId, WarehouseReceiptId.wrap(goods.id));
        _exchangeForClaim(book, context, loanId, facilityId, claimId, goods, debtor);
        // The lender accepted the buyer of the order on which the loan was drawn.
        if (isOfOrder) book.buyers[loanId][context.registry.partyOf(debtor)] = CollateralDebtors.KNOWN;
        else CollateralChecks.requireAccepted(book, context, facilityId, debtor);
        _requireNotWorse(book, context, loanId, facilityId, before);
        LeavingGoods.follow(book, context, loanId, facilityId, known);
        RaisedDebts.noteLeft(book, context, loanId);
        MarginCall.review(book, context, loanId);
        return claimId;
    }

    // ------------------------------------------------------------------ internal parts

    /// @dev The order is the loan's, its product sells goods, and the warehouse receipt is what was delivered.
    function _requireOfTheOrder(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        LoanView memory loan,
        IPurchaseOrders.Delivery calldata delivery,
        WarehouseReceiptId warehouseReceiptId
    ) private view {
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
    }

    /// @dev Nobody but the lender gives up an order for a debt that the buyer did not pay in time.
    function _requireMayConvert(
        Book storage book,
        LendingContext memory context,
        LoanView memory loan,
        IReceivables.Receivable memory debt
    ) private view {
        Settlement.requireConcerned(book, context, loan, debt.debtor);
        if (context.today <= debt.dueDay) return;
        FacilityId facilityId = loan.facts.facilityId;
        Settlement.requireLender(context, facilityId, book.facilities[facilityId]);
    }

    /// @dev Whether the lender's side sends the call: its word is enough for collateral that is worth less. Of a shared
    /// loan its word is not, while it is related to the borrower.
    function _isWordOfLender(LendingContext memory context, LoanView memory loan, FacilityRecord storage facilityRow)
        private
        view
        returns (bool)
    {
        if (!Settlement.isLender(context, facilityRow)) return false;
        return !Settlement.isShared(loan) || !context.registry.areRelated(facilityRow.lender, facilityRow.borrower);
    }

    function _checkClaim(
        Book storage book,
        LendingContext memory context,
        LoanView memory loan,
        ReceivableId receivableId,
        ClaimId claimId
    ) private view {
        uint256 id = ClaimId.unwrap(claimId);
        LoanId taken = book.loanOfClaim[claimId];
        if (!taken.isNull()) revert ICollateral.CollateralInUse(id, taken);
        IReceivables.Claim memory claimRow = context.receivables.claim(claimId);
        address borrower = book.facilities[loan.facts.facilityId].borrower;
        if (!Settlement.isOfParty(context, claimRow.owner, borrower) || claimRow.receivableId != receivableId) {
            revert ICollateral.CollateralNotOfBorrower(id, claimRow.owner, borrower);
        }
        (uint96 waiting,) = context.receivables.collectable(claimId);
        uint256 needed = LoanMath.outstanding(loan.state);
        if (claimRow.value - waiting < needed) {
            revert ICollateral.CollateralTooSmall(id, claimRow.value - waiting, needed);
        }
    }

    /// @dev Lost goods have no owner, and a court may have given the goods to another owner, under their lien.
    function _requireOwner(LendingContext memory context, uint256 warehouseReceiptId, address borrower) private view {
        address owner = context.warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(warehouseReceiptId)).owner;
        if (!Settlement.isOfParty(context, owner, borrower)) {
            revert ICollateral.CollateralNotOfBorrower(warehouseReceiptId, owner, borrower);
        }
    }

    /// @dev Confirms the debt now if it is not confirmed yet; returns the claim on it.
    function _confirm(
        LendingContext memory context,
        ReceivableId receivableId,
        IReceivables.Status status,
        ClaimId claimId,
        bytes calldata debtorSignature
    ) private returns (ClaimId) {
        if (status != IReceivables.Status.Requested) return claimId;
        return context.receivables.confirm(receivableId, debtorSignature);
    }

    /// @dev The seller's claim on a debt to it, and the debtor.
    function _confirmedOfSeller(
        LendingContext memory context,
        ReceivableId receivableId,
        ClaimId claimId,
        bytes calldata debtorSignature
    ) private returns (ClaimId, address debtor) {
        IReceivables.Receivable memory debt = context.receivables.receivable(receivableId);
        claimId = _confirm(context, receivableId, debt.status, claimId, debtorSignature);
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

    /// @dev An order that is the loan's only collateral.
    function _ofOrder(Book storage book, LendingContext memory context, LoanView memory loan)
        private
        view
        returns (Before memory)
    {
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        uint256 lendable = CollateralValue.lentOnOrder(context, facilityRow, OrderId.wrap(loan.facts.collateralId));
        return Before(lendable, _isWordOfLender(context, loan, facilityRow));
    }

    /// @dev An order and the goods that came from it.
    function _ofItems(Book storage book, LendingContext memory context, LoanId loanId, LoanView memory loan)
        private
        view
        returns (Before memory before)
    {
        FacilityId facilityId = loan.facts.facilityId;
        before.isLendersWord = _isWordOfLender(context, loan, book.facilities[facilityId]);
        before.lendable = _worth(book, context, loanId, facilityId, before.isLendersWord);
    }

    /// @dev Goods that end before they could be sold count for nothing. The lender may take goods without a price, which
    /// count for nothing then.
    function _worth(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        bool isLendersWord
    ) private view returns (uint256) {
        if (isLendersWord) {
            return CollateralValue.ofLoan(book, context, loanId, facilityId, false).lendable;
        }
        return CollateralValue.ofAccepted(book, context, loanId, facilityId, true).lendable;
    }

    /// @dev A claim that takes the place of its order, with the money that waits on it.
    function _weighClaim(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        Before memory before,
        ClaimId claimId
    ) private {
        FacilityRecord storage facilityRow = book.facilities[loadLoan(book, loanId).facts.facilityId];
        uint256 lendable = CollateralValue.lentOn(context, facilityRow, ClaimId.unwrap(claimId), type(uint256).max);
        _weigh(book, context, loanId, before, lendable);
    }

    /// @dev What seller and buyer make of an order is worth no less than it, or enough for the debt. The lender may take
    /// less, but then one who sold it the loan need not take it back.
    function _weigh(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        Before memory before,
        uint256 lendable
    ) private {
        if (lendable >= before.lendable) return;
        uint256 debt = MarginCall.debtOf(book, context, loanId);
        if (lendable >= debt) return;
        if (!before.isLendersWord) revert ICollateral.CollateralWorse(loanId, lendable, before.lendable, debt);
        SaleRights.endDuty(book, context, loanId);
    }

    /// @dev Collateral that is not enough for the debt must at least be worth no less than before. Goods without a
    /// price cannot be compared; goods that end soon can, as they were and are.
    function _requireNotWorse(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        CollateralValue.Worth memory before
    ) private view {
        uint256 debt = MarginCall.debtOf(book, context, loanId);
        if (CollateralValue.ofAccepted(book, context, loanId, facilityId, true).lendable >= debt) return;
        uint256 lendable = CollateralValue.ofAccepted(book, context, loanId, facilityId, false).lendable;
        if (!before.priced || lendable < before.lendable) {
            revert ICollateral.CollateralWorse(loanId, lendable, before.lendable, debt);
        }
    }
}
