// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {CurrencyClock} from "../cash/CurrencyClock.sol";
import {Unclaimed} from "../cash/Unclaimed.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {ClaimId, LoanId, ReceivableId} from "../types/Ids.sol";
import {Book, loadLoan, LoanView, LendingContext} from "./FacilityBook.sol";
import {CollateralItems} from "./collateral/CollateralItems.sol";
import {IFacilities} from "./IFacilities.sol";
import {ILoans} from "./ILoans.sol";
import {IProducts} from "./IProducts.sol";
import {Settlement} from "./Settlement.sol";

/// @title Money that comes in on loans; linked to Facilities.
/// @notice See {IFacilities} for the specification.
library LoanMoney {
    /// @notice See {ILoans.repay}. The effects of a payment that fails are undone by the caller.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency.
    /// @return Where the money went, in minor units.
    function repay(Book storage book, LendingContext memory context, LoanId loanId, uint64 amount)
        external
        returns (LoanMath.Parts memory)
    {
        if (amount == 0) revert IFacilities.TermOutOfRange("amount", 0, 1, type(uint64).max);
        LoanView memory loan = Settlement.loadOpen(book, loanId);
        return Settlement.settle(book, context, loanId, loan, amount, context.sender);
    }

    /// @notice Called after a payment that failed: records that the loan's currency stands still, or reverts with the
    /// reason.
    /// @dev The effects of the payment are undone. If nothing can be paid on the loan, missing money proves nothing.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param reason The error with which the payment failed, ABI-encoded.
    function noteStop(Book storage book, LendingContext memory context, LoanId loanId, bytes memory reason) external {
        if (!isStopped(book, context, loanId, reason)) {
            assembly ("memory-safe") {
                revert(add(reason, 32), mload(reason))
            }
        }
    }

    /// @notice Whether a payment failed because the loan's currency stands still. A currency that moved, and took a
    /// fee, does not stand.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param reason The error with which the payment failed, ABI-encoded.
    /// @return True if it stands.
    function isStopped(Book storage book, LendingContext memory context, LoanId loanId, bytes memory reason)
        public
        returns (bool)
    {
        address currency = book.facilities[loadLoan(book, loanId).facts.facilityId].currency;
        if (bytes4(reason) == Unclaimed.TransferTookFee.selector || !Settlement.isOpen(book, loanId)) return false;
        return !CurrencyClock.check(book.clocks[currency], currency, context.receivables.zoneOffset());
    }

    /// @notice See {IFacilities.checkCurrency}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param currency The currency's token contract.
    /// @return Whether it moves now.
    function checkCurrency(Book storage book, LendingContext memory context, address currency) external returns (bool) {
        return CurrencyClock.check(book.clocks[currency], currency, context.receivables.zoneOffset());
    }

    /// @notice See {IClaimCollector.onCollected}. The money goes through the loan's waterfall, and the rest to the
    /// claim's owner.
    /// @dev Reverts with {NotReceivables} if the caller is not Receivables.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param claimId The claim.
    /// @param owner The owner of the claim.
    /// @param amount Minor units that are here already.
    function onCollected(
        Book storage book,
        LendingContext memory context,
        ClaimId claimId,
        address owner,
        uint256 amount
    ) external {
        if (context.sender != address(context.receivables)) {
            revert ILoans.NotReceivables(context.sender);
        }
        LoanId loanId = book.loanOfClaim[claimId];
        if (loanId.isNull()) {
            // A part that a court split off is still collateral.
            loanId = CollateralItems.servedBy(book, context, IProducts.CollateralKind.Claim, ClaimId.unwrap(claimId));
        }
        if (loanId.isNull()) {
            // The owner put this lien on for no loan: the money is the owner's, and never gets stuck.
            ReceivableId receivableId = context.receivables.claim(claimId).receivableId;
            address paid = context.receivables.receivable(receivableId).currency;
            Settlement.move(book, context, paid, address(this), owner, amount);
            return;
        }
        uint256 taken = settleHere(book, context, loanId, amount, owner);
        emit ILoans.CollectedForLoan(loanId, claimId, uint64(taken), uint64(amount - taken));
    }

    /// @notice Runs money that is here already through a loan; what the loan does not take goes to `owner`.
    /// @dev The only copy, which the other libraries call.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency.
    /// @param owner The account that gets the rest.
    /// @return taken Minor units that the loan took.
    function settleHere(Book storage book, LendingContext memory context, LoanId loanId, uint256 amount, address owner)
        public
        returns (uint256 taken)
    {
        LoanView memory loan = Settlement.loadOpen(book, loanId);
        taken = LoanMath.sumOf(Settlement.settle(book, context, loanId, loan, amount, address(this)));
        address currency = book.facilities[loan.facts.facilityId].currency;
        Settlement.move(book, context, currency, address(this), owner, amount - taken);
    }

    /// @notice Counts `credit` for something other than money that was handed over already (set-off, goods in kind).
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param credit Minor units of the debt that it pays.
    function settleCredit(Book storage book, LendingContext memory context, LoanId loanId, uint64 credit) external {
        Settlement.takeCredit(book, context, loanId, credit);
    }
}
