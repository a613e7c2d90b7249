// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPurchaseOrders} from "../assets/IPurchaseOrders.sol";
import {IReceivables} from "../assets/IReceivables.sol";
import {IWarehouseReceipts} from "../assets/IWarehouseReceipts.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {ClaimId, FacilityId, LoanId, LotId, OrderId, ProductId, ReceiptId, ReceivableId} from "../types/Ids.sol";
import {CoverChecks} from "./CoverChecks.sol";
import {CoverPieces} from "./CoverPieces.sol";
import {CoverValue} from "./CoverValue.sol";
import {Book, FacilityRecord, loadLoan, LoanView, rollLoan, saveLoan, Surroundings} from "./FacilityBook.sol";
import {IFacilities} from "./IFacilities.sol";
import {IProducts} from "./IProducts.sol";
import {MarginCall} from "./MarginCall.sol";
import {Settlement} from "./Settlement.sol";

/// @title Goods as cover: swaps, the way from an order to goods and on to the claim; linked to Facilities.
library LoanGoods {
    /// @notice See IFacilities.changeCover.
    function changeCover(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        IFacilities.Piece[] calldata added,
        IFacilities.Piece[] calldata removed
    ) external {
        LoanView memory loan = _ofBorrower(book, around, loanId);
        if (loan.facts.cover != IProducts.Cover.Receipt) revert IFacilities.CoverMissing(loanId);
        CoverPieces.add(book, around, loanId, loan.facts.facilityId, added);
        for (uint256 i; i < removed.length; ++i) {
            CoverPieces.takeOut(book, around, loanId, removed[i], address(0));
        }
        if (removed.length != 0) {
            _requireOldestGone(book, around, loanId, removed);
            CoverValue.Worth memory worth = CoverValue.ofAccepted(book, around, loanId, loan.facts.facilityId);
            // A receiver may have repaid meanwhile: the debt as it is now.
            uint256 debt = MarginCall.debtOf(book, around, loanId);
            if (worth.lendable < debt) revert IFacilities.CoverTooSmall(0, worth.lendable, debt);
        }
        if (loan.facts.marginCalled) MarginCall.review(book, around, loanId);
    }

    /// @notice See IFacilities.passToGoods.
    function passToGoods(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        IPurchaseOrders.Delivery calldata delivery,
        bytes calldata buyerSignature,
        ReceiptId receiptId
    ) external {
        LoanView memory loan = Settlement.loadOpen(book, loanId);
        OrderId orderId = OrderId.wrap(delivery.orderId);
        if (LoanId.unwrap(book.loanOfOrder[orderId]) != LoanId.unwrap(loanId)) {
            revert IFacilities.PieceNotOfLoan(loanId, IProducts.Cover.Order, delivery.orderId);
        }
        Settlement.requireConcerned(book, around, loan, around.orders.order(orderId).buyer);
        FacilityRecord storage line = book.facilities[loan.facts.facilityId];
        // Goods whose sale nobody agreed on would be cover that cannot be turned into money.
        if (around.products.goodsTerms(ProductId.wrap(line.productId), line.version).callLevel == 0) {
            revert IFacilities.MarginNotAgreed(loanId);
        }
        (, LotId lotId, uint96 quantity,,,) = around.receipts.receipt(receiptId);
        IWarehouseReceipts.Lot memory lot = around.receipts.lot(lotId);
        // All of the lot: goods that went elsewhere already are not what the buyer signed for.
        if (lot.orderId != delivery.orderId || LotId.unwrap(lotId) != delivery.lotId || quantity != lot.issued) {
            revert IFacilities.NotOfTheOrder(delivery.orderId, ReceiptId.unwrap(receiptId));
        }
        around.orders.deliver(delivery, buyerSignature);
        if (loan.facts.cover == IProducts.Cover.Order) {
            book.pieces[loanId].push(CoverPieces.pack(IProducts.Cover.Order, delivery.orderId));
            loan.facts.cover = IProducts.Cover.Receipt;
            loan.facts.coverId = 0;
            saveLoan(book, loanId, loan);
        }
        emit IFacilities.CoverPassedToGoods(loanId, orderId, receiptId);
        CoverPieces.addOne(
            book,
            around,
            loanId,
            loan.facts.facilityId,
            IFacilities.Piece(IProducts.Cover.Receipt, ReceiptId.unwrap(receiptId), 0)
        );
        if (loan.facts.marginCalled) MarginCall.review(book, around, loanId);
    }

    /// @notice See IFacilities.passGoodsToReceivable.
    function passGoodsToReceivable(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        ReceivableId receivableId,
        ClaimId claimId,
        bytes calldata debtorSignature,
        IFacilities.Piece memory goods
    ) external returns (ClaimId) {
        FacilityId facilityId = _ofBorrower(book, around, loanId).facts.facilityId;
        CoverValue.Worth memory before = CoverValue.ofAccepted(book, around, loanId, facilityId);
        address debtor;
        (claimId, debtor) = _confirmed(around, receivableId, claimId, debtorSignature);
        bool isOfOrder = _invoiceOrder(book, around, loanId, receivableId, ReceiptId.wrap(goods.id));
        _swapForClaim(book, around, loanId, facilityId, claimId, goods, debtor);
        // The buyer of an order that the loan was drawn on is one that the lender took.
        if (isOfOrder) book.buyers[loanId][around.registry.partyOf(debtor)] = true;
        else CoverChecks.requireAccepted(book, around, facilityId, debtor);
        _requireNotWorse(book, around, loanId, facilityId, before);
        MarginCall.review(book, around, loanId);
        return claimId;
    }

    // ------------------------------------------------------------------ parts of the above

    function _ofBorrower(Book storage book, Surroundings memory around, LoanId loanId)
        private
        view
        returns (LoanView memory loan)
    {
        loan = loadLoan(book, loanId);
        if (loan.facts.status != IFacilities.Status.Running) {
            revert IFacilities.StateForbids(loanId, loan.facts.status);
        }
        FacilityId facilityId = loan.facts.facilityId;
        Settlement.requireBorrower(around, facilityId, book.facilities[facilityId]);
    }

    /// @dev Of the same goods, none older stays than what went out: stock ages, and the lender keeps the fresh.
    function _requireOldestGone(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        IFacilities.Piece[] calldata removed
    ) private view {
        for (uint256 i; i < removed.length; ++i) {
            if (removed[i].kind != IProducts.Cover.Receipt) continue;
            IWarehouseReceipts.Lot memory gone = _lotOf(around, removed[i].id);
            uint256[] storage pieces = book.pieces[loanId];
            for (uint256 j; j < pieces.length; ++j) {
                (IProducts.Cover kind, uint256 id) = CoverPieces.unpack(pieces[j]);
                if (kind != IProducts.Cover.Receipt) continue;
                IWarehouseReceipts.Lot memory kept = _lotOf(around, id);
                if (kept.item == gone.item && kept.storedDay < gone.storedDay) {
                    revert IFacilities.OlderGoodsFirst(removed[i].id, id);
                }
            }
        }
    }

    function _lotOf(Surroundings memory around, uint256 receiptId)
        private
        view
        returns (IWarehouseReceipts.Lot memory lot)
    {
        (, LotId lotId,,,,) = around.receipts.receipt(ReceiptId.wrap(receiptId));
        if (LotId.unwrap(lotId) != 0) lot = around.receipts.lot(lotId);
    }

    /// @dev Goods that are lost have no owner, and a court may have given them to another, under their lien.
    function _requireOwner(Surroundings memory around, uint256 receiptId, address borrower) private view {
        (address owner,,,,,) = around.receipts.receipt(ReceiptId.wrap(receiptId));
        if (!Settlement.isOfParty(around, owner, borrower)) {
            revert IFacilities.CoverNotOfBorrower(receiptId, owner, borrower);
        }
    }

    /// @dev The seller's claim on a debt to it, confirmed now if it was not yet.
    function _confirmed(
        Surroundings memory around,
        ReceivableId receivableId,
        ClaimId claimId,
        bytes calldata debtorSignature
    ) private returns (ClaimId, address debtor) {
        IReceivables.Receivable memory debt = around.receivables.receivable(receivableId);
        if (debt.status == IReceivables.Status.Requested) {
            claimId = around.receivables.confirm(receivableId, debtorSignature);
        }
        (address owner, ReceivableId of_,,,,,) = around.receivables.claim(claimId);
        if (
            ReceivableId.unwrap(of_) != ReceivableId.unwrap(receivableId)
                || !Settlement.isOfParty(around, debt.seller, around.sender)
        ) {
            revert IFacilities.CoverNotOfBorrower(ClaimId.unwrap(claimId), owner, around.sender);
        }
        return (claimId, debt.debtor);
    }

    function _swapForClaim(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        FacilityId facilityId,
        ClaimId claimId,
        IFacilities.Piece memory goods,
        address debtor
    ) private {
        _requireOwner(around, goods.id, around.sender);
        IFacilities.Piece memory claim = IFacilities.Piece(IProducts.Cover.Claim, ClaimId.unwrap(claimId), 0);
        CoverPieces.addOne(book, around, loanId, facilityId, claim);
        uint96 moved = CoverPieces.takeOut(book, around, loanId, goods, debtor);
        emit IFacilities.GoodsPassedToClaim(loanId, ReceiptId.wrap(goods.id), claimId, debtor, moved);
    }

    /// @dev Where the goods' order is under the loan's lien too, the invoice is for what was delivered into their lot.
    function _invoiceOrder(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        ReceivableId receivableId,
        ReceiptId receiptId
    ) private returns (bool ofLoan) {
        (, LotId lotId,,,,) = around.receipts.receipt(receiptId);
        OrderId orderId = OrderId.wrap(around.receipts.lot(lotId).orderId);
        if (LoanId.unwrap(book.loanOfOrder[orderId]) != LoanId.unwrap(loanId)) return false;
        around.orders.invoiceDelivered(orderId, receivableId, lotId);
        if (around.orders.order(orderId).status != IPurchaseOrders.Status.Invoiced) return true;
        CoverPieces.takeOut(
            book, around, loanId, IFacilities.Piece(IProducts.Cover.Order, OrderId.unwrap(orderId), 0), address(0)
        );
        return true;
    }

    /// @dev What does not cover the debt may at least not be less than before; goods without a price cannot be compared.
    function _requireNotWorse(
        Book storage book,
        Surroundings memory around,
        LoanId loanId,
        FacilityId facilityId,
        CoverValue.Worth memory before
    ) private view {
        uint256 lendable = CoverValue.ofAccepted(book, around, loanId, facilityId).lendable;
        uint256 debt = MarginCall.debtOf(book, around, loanId);
        if (lendable < debt && (!before.priced || lendable < before.lendable)) {
            revert IFacilities.CoverWorse(loanId, lendable, before.lendable, debt);
        }
    }
}
