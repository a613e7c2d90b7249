// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPurchaseOrders} from "../assets/IPurchaseOrders.sol";
import {IReceivables} from "../assets/IReceivables.sol";
import {IWarehouseReceipts} from "../assets/IWarehouseReceipts.sol";
import {ClaimId, FacilityId, LoanId, LotId, OrderId, ReceiptId} from "../types/Ids.sol";
import {Book, Surroundings} from "./FacilityBook.sol";
import {IFacilities} from "./IFacilities.sol";
import {IProducts} from "./IProducts.sol";
import {Settlement} from "./Settlement.sol";

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
        IReceivables.Standing memory debt = around.receivables.standing(ClaimId.wrap(claimId));
        (debtor, value) = (debt.debtor, debt.value);
        _requireOwn(around, claimId, debt.owner, borrower);
        if (debt.status != IReceivables.Status.Confirmed || around.today > debt.dueDay) {
            revert IFacilities.CoverNotGood(claimId, uint8(debt.status));
        }
        if (debt.currency != currency) revert IFacilities.CoverInOtherCurrency(claimId, debt.currency, currency);
        _requireForeign(around, debtor, borrower);
        if (debt.hasPayments) {
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
        _requireOwn(around, orderId, found.seller, borrower);
        // The lien of an order asks after its seller's party alone: an account that the party removed draws nothing.
        if (found.seller == borrower && around.sender == borrower) around.registry.requireValid(borrower, 0);
        if (found.status != IPurchaseOrders.Status.Confirmed) {
            revert IFacilities.CoverNotGood(orderId, uint8(found.status));
        }
        if (found.currency != currency) revert IFacilities.CoverInOtherCurrency(orderId, found.currency, currency);
        _requireForeign(around, found.buyer, borrower);
        return (found.buyer, uint256(found.amount) - found.invoiced - found.delivered);
    }

    /// @dev Goods' condition, expiry and warehouse are asked by the receipts themselves when the lien comes on. A receipt that is not
    /// negotiable could not be sold without its warehouse.
    function receipt(Book storage book, Surroundings memory around, address borrower, uint256 receiptId) internal view {
        _requireFree(receiptId, book.loanOfReceipt[ReceiptId.wrap(receiptId)]);
        (address owner, LotId lotId, uint96 quantity,,,) = around.receipts.receipt(ReceiptId.wrap(receiptId));
        _requireOwn(around, receiptId, owner, borrower);
        IWarehouseReceipts.Lot memory lot = around.receipts.lot(lotId);
        if (quantity == 0 || !lot.negotiable) revert IFacilities.PieceRefused(IProducts.Cover.Receipt, receiptId);
    }

    /// @notice For a draw: on debts of those that the lender accepts, where it has named any.
    function requireDebtor(Book storage book, Surroundings memory around, FacilityId facilityId, address debtor)
        internal
        view
    {
        if (book.facilities[facilityId].acceptedDebtors != 0) requireAccepted(book, around, facilityId, debtor);
    }

    /// @notice For collateral that is converted into a claim: its debtor is one that the lender has accepted for the line.
    /// @dev What the lender accepted when it lent must not leave for the promise of somebody whom it did not.
    function requireAccepted(Book storage book, Surroundings memory around, FacilityId facilityId, address debtor)
        internal
        view
    {
        if (!book.accepted[facilityId][around.registry.partyOf(debtor)]) {
            revert IFacilities.DebtorNotAccepted(facilityId, debtor);
        }
    }

    /// @dev Whichever account of the borrower's party holds it; of its owner the lien asks whether it is valid.
    function _requireOwn(Surroundings memory around, uint256 id, address owner, address borrower) private view {
        if (!Settlement.isOfParty(around, owner, borrower)) {
            revert IFacilities.CoverNotOfBorrower(id, owner, borrower);
        }
        if (owner != borrower && around.sender == borrower) around.registry.requireValid(borrower, 0);
    }

    /// @dev Nobody pledges its own promise, nor that of a party under the same control.
    function _requireForeign(Surroundings memory around, address debtor, address borrower) private view {
        // The borrower first: a party of no group is the common case, and it is asked no more then.
        if (around.registry.areRelated(borrower, debtor)) revert IFacilities.SamePartyBothSides(debtor, borrower);
    }

    function _requireFree(uint256 coverId, LoanId taken) private pure {
        if (LoanId.unwrap(taken) != 0) revert IFacilities.CoverInUse(coverId, taken);
    }
}
