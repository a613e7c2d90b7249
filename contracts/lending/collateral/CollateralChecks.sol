// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IPurchaseOrders} from "../../orders/IPurchaseOrders.sol";
import {IReceivables} from "../../receivables/IReceivables.sol";
import {IWarehouseReceipts} from "../../warehouse/IWarehouseReceipts.sol";
import {LoanMath} from "../../math/LoanMath.sol";
import {ClaimId, FacilityId, LoanId, OrderId, WarehouseReceiptId} from "../../types/Ids.sol";
import {COUNTED_FOR_ORIGIN} from "../BorrowerBook.sol";
import {Book, FacilityRecord, LendingContext, loanDay, LoanView} from "../FacilityBook.sol";
import {IFacilities} from "../IFacilities.sol";
import {ICollateral} from "./ICollateral.sol";
import {IProducts} from "../IProducts.sol";
import {Settlement} from "../Settlement.sol";

/// @title Checks what may become collateral of a loan: free, the borrower's own, good, in the loan's currency.
/// Internal.
/// @notice See {IFacilities} for the errors.
library CollateralChecks {
    /// @dev Days from a loan's last due day, or from today if that is past, within which a claim that is added or takes
    /// the place of other collateral must be due: goods that are sold to the loan's last day on usual terms. Source:
    /// decision 62.
    uint256 private constant MAX_DAYS_AFTER_LOAN = 90;

    /// @notice Requires that a claim may be collateral.
    /// @dev Reverts with {CollateralInUse} if it secures a loan.
    /// Reverts with {CollateralNotOfBorrower} if it is not of the borrower's party.
    /// Reverts with {CollateralNotGood} if its debt is not confirmed, or past its due day.
    /// Reverts with {CollateralInOtherCurrency} if it is in another currency.
    /// Reverts with {SamePartyBothSides} if its debtor is the borrower, or under the same control.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param borrower The borrower.
    /// @param currency The facility's currency.
    /// @param claimId The claim.
    /// @return debtor The debtor of the claim.
    /// @return value Minor units of the claim that do not wait to be collected.
    function claim(
        Book storage book,
        LendingContext memory context,
        address borrower,
        address currency,
        uint256 claimId
    ) internal view returns (address debtor, uint256 value) {
        _requireFree(claimId, book.loanOfClaim[ClaimId.wrap(claimId)]);
        IReceivables.Standing memory debt = context.receivables.standing(ClaimId.wrap(claimId));
        (debtor, value) = (debt.debtor, debt.value);
        _requireOwn(context, claimId, debt.owner, borrower);
        if (debt.status != IReceivables.Status.Confirmed || context.today > debt.dueDay) {
            revert ICollateral.CollateralNotGood(claimId, uint8(debt.status));
        }
        if (debt.currency != currency) revert ICollateral.CollateralInOtherCurrency(claimId, debt.currency, currency);
        _requireForeign(context, debtor, borrower);
        if (debt.hasPayments) {
            (uint96 waiting,) = context.receivables.collectable(ClaimId.wrap(claimId));
            value -= waiting;
        }
    }

    /// @notice Requires that the debt of a claim is due soon after the loan ends. While it may still be paid, no loss is
    /// recorded; and those who bear losses bear what is recorded in their time.
    /// @dev Reverts with {ClaimDueTooLate} if it is due later.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loan The loan.
    /// @param claimId The claim.
    function requireDueInTime(Book storage book, LendingContext memory context, LoanView memory loan, ClaimId claimId)
        internal
        view
    {
        // The claim is due on a day of the calendar. The loan's own day number is lower by the days that were lost.
        uint256 lostDays = context.today - loanDay(book, context, loan);
        uint256 lastDay = LoanMath.dueDayOf(loan.terms, loan.terms.periods) + lostDays;
        uint256 max = Math.max(context.today, lastDay) + MAX_DAYS_AFTER_LOAN;
        uint256 dueDay = context.receivables.standing(claimId).dueDay;
        if (dueDay > max) revert ICollateral.ClaimDueTooLate(claimId, dueDay, max);
    }

    /// @notice Requires that an order may be collateral.
    /// @dev Reverts with {CollateralInUse} if it secures a loan.
    /// Reverts with {CollateralNotOfBorrower} if it is not of the borrower's party.
    /// Reverts with {CollateralNotGood} if it is not confirmed.
    /// Reverts with {CollateralInOtherCurrency} if it is in another currency.
    /// Reverts with {SamePartyBothSides} if its buyer is the borrower, or under the same control.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param borrower The borrower.
    /// @param currency The facility's currency.
    /// @param orderId The order.
    /// @return buyer Of the order.
    /// @return value The part that is neither invoiced nor delivered yet.
    function order(
        Book storage book,
        LendingContext memory context,
        address borrower,
        address currency,
        uint256 orderId
    ) internal view returns (address buyer, uint256 value) {
        _requireFree(orderId, book.loanOfOrder[OrderId.wrap(orderId)]);
        IPurchaseOrders.Order memory orderRow = context.orders.order(OrderId.wrap(orderId));
        _requireOwn(context, orderId, orderRow.seller, borrower);
        // The lien on an order checks the seller's party only. An account that the party removed must not draw.
        if (orderRow.seller == borrower && context.sender == borrower) context.registry.requireValid(borrower, 0);
        if (orderRow.status != IPurchaseOrders.Status.Confirmed) {
            revert ICollateral.CollateralNotGood(orderId, uint8(orderRow.status));
        }
        if (orderRow.currency != currency) {
            revert ICollateral.CollateralInOtherCurrency(orderId, orderRow.currency, currency);
        }
        _requireForeign(context, orderRow.buyer, borrower);
        return (orderRow.buyer, uint256(orderRow.amount) - orderRow.invoiced - orderRow.delivered);
    }

    /// @dev The warehouse receipts check the goods' condition, expiry and warehouse themselves when the lien is put on.
    /// A warehouse receipt that is not negotiable is refused: it cannot be sold without its warehouse.
    function warehouseReceipt(
        Book storage book,
        LendingContext memory context,
        address borrower,
        uint256 warehouseReceiptId
    ) internal view {
        _requireFree(warehouseReceiptId, book.loanOfWarehouseReceipt[WarehouseReceiptId.wrap(warehouseReceiptId)]);
        IWarehouseReceipts.WarehouseReceipt memory warehouseReceiptRow =
            context.warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(warehouseReceiptId));
        _requireOwn(context, warehouseReceiptId, warehouseReceiptRow.owner, borrower);
        IWarehouseReceipts.Lot memory lot = context.warehouseReceipts.lot(warehouseReceiptRow.lotId);
        if (warehouseReceiptRow.quantity == 0 || !lot.negotiable) {
            revert ICollateral.ItemRefused(IProducts.CollateralKind.WarehouseReceipt, warehouseReceiptId);
        }
    }

    /// @notice For a draw. Where the lender has accepted any debtor, the debt must be of an accepted debtor.
    /// @dev Reverts with {DebtorNotAccepted} if it is not.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param facilityId The facility.
    /// @param debtor An account of the debtor.
    function requireDebtor(Book storage book, LendingContext memory context, FacilityId facilityId, address debtor)
        internal
        view
    {
        FacilityRecord storage facilityRow = book.facilities[facilityId];
        // The debtors whom the one who lent the money accepted are not the choice of the one who bought the loan.
        if (facilityRow.acceptedDebtors == 0 && facilityRow.counted & COUNTED_FOR_ORIGIN == 0) return;
        requireAccepted(book, context, facilityId, debtor);
    }

    /// @notice For collateral that is converted into a claim: the lender has accepted its debtor for the facility.
    /// @dev The collateral that the lender accepted must not turn into the promise of a debtor whom it did not accept.
    /// Reverts with {DebtorNotAccepted} if it has not.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param facilityId The facility.
    /// @param debtor An account of the debtor.
    function requireAccepted(Book storage book, LendingContext memory context, FacilityId facilityId, address debtor)
        internal
        view
    {
        if (!book.accepted[facilityId][context.registry.partyOf(debtor)]) {
            revert ICollateral.DebtorNotAccepted(facilityId, debtor);
        }
    }

    /// @dev Any account of the borrower's party may hold it. The lien checks whether the owner is valid.
    function _requireOwn(LendingContext memory context, uint256 id, address owner, address borrower) private view {
        if (!Settlement.isOfParty(context, owner, borrower)) {
            revert ICollateral.CollateralNotOfBorrower(id, owner, borrower);
        }
        if (owner != borrower && context.sender == borrower) context.registry.requireValid(borrower, 0);
    }

    /// @dev No party gives its own promise as collateral, nor the promise of a party under the same control.
    function _requireForeign(LendingContext memory context, address debtor, address borrower) private view {
        // The borrower is compared first. Most parties have no group, and then no further call is needed.
        if (context.registry.areRelated(borrower, debtor)) revert IFacilities.SamePartyBothSides(debtor, borrower);
    }

    function _requireFree(uint256 collateralId, LoanId taken) private pure {
        if (!taken.isNull()) revert ICollateral.CollateralInUse(collateralId, taken);
    }
}
