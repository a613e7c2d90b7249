// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPurchaseOrders} from "../assets/IPurchaseOrders.sol";
import {IReceivables} from "../assets/IReceivables.sol";
import {IWarehouseReceipts} from "../assets/IWarehouseReceipts.sol";
import {ClaimId, LoanId, LotId, OrderId, ReceiptId, ReceivableId} from "../types/Ids.sol";
import {Book, Surroundings} from "./FacilityBook.sol";
import {IFacilities} from "./IFacilities.sol";
import {IProducts} from "./IProducts.sol";

/// @title What may become cover of a loan: free, the borrower's own, good, in the loan's currency. Internal.
library CoverChecks {
    /// @return debtor of the claim
    /// @return value what a claim is still worth: its value less what waits to be collected
    function claim(Book storage book, Surroundings memory around, address borrower, address currency, uint256 claimId)
        internal
        view
        returns (address debtor, uint256 value)
    {
        _requireFree(claimId, book.loanOfClaim[ClaimId.wrap(claimId)]);
        ReceivableId receivableId;
        address owner;
        (owner, receivableId, value,,,,) = around.receivables.claim(ClaimId.wrap(claimId));
        if (owner != borrower) revert IFacilities.CoverNotOfBorrower(claimId, owner, borrower);
        IReceivables.Receivable memory debt = around.receivables.receivable(receivableId);
        if (debt.status != IReceivables.Status.Confirmed || around.today > debt.dueDay) {
            revert IFacilities.CoverNotGood(claimId, uint8(debt.status));
        }
        if (debt.currency != currency) revert IFacilities.CoverInOtherCurrency(claimId, debt.currency, currency);
        debtor = debt.debtor;
        // One who bought the claim on itself would pledge its own promise.
        if (debtor == borrower) revert IFacilities.SamePartyBothSides(debtor, borrower);
        if (debt.principalPaid != 0) {
            (uint96 waiting,) = around.receivables.collectable(ClaimId.wrap(claimId));
            value -= waiting;
        }
    }

    /// @return buyer of the order
    /// @return value what is neither invoiced nor delivered yet
    function order(Book storage book, Surroundings memory around, address borrower, address currency, uint256 orderId)
        internal
        view
        returns (address buyer, uint256 value)
    {
        _requireFree(orderId, book.loanOfOrder[OrderId.wrap(orderId)]);
        IPurchaseOrders.Order memory found = around.orders.order(OrderId.wrap(orderId));
        if (found.seller != borrower) revert IFacilities.CoverNotOfBorrower(orderId, found.seller, borrower);
        if (found.status != IPurchaseOrders.Status.Confirmed) {
            revert IFacilities.CoverNotGood(orderId, uint8(found.status));
        }
        if (found.currency != currency) revert IFacilities.CoverInOtherCurrency(orderId, found.currency, currency);
        return (found.buyer, uint256(found.amount) - found.invoiced - found.delivered);
    }

    /// @dev Goods' condition, expiry and warehouse are asked by the receipts themselves when the lien comes on. A receipt that is not
    /// negotiable could not be sold without its warehouse.
    function receipt(Book storage book, Surroundings memory around, address borrower, uint256 receiptId) internal view {
        _requireFree(receiptId, book.loanOfReceipt[ReceiptId.wrap(receiptId)]);
        (address owner, LotId lotId, uint96 quantity,,,) = around.receipts.receipt(ReceiptId.wrap(receiptId));
        if (owner != borrower) revert IFacilities.CoverNotOfBorrower(receiptId, owner, borrower);
        IWarehouseReceipts.Lot memory lot = around.receipts.lot(lotId);
        if (quantity == 0 || !lot.negotiable) revert IFacilities.PieceRefused(IProducts.Cover.Receipt, receiptId);
    }

    function _requireFree(uint256 coverId, LoanId taken) private pure {
        if (LoanId.unwrap(taken) != 0) revert IFacilities.CoverInUse(coverId, taken);
    }
}
