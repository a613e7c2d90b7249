// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Unclaimed} from "../cash/Unclaimed.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {LoanId} from "../types/Ids.sol";
import {REFUNDED} from "../types/PostingWord.sol";
import {Book, FacilityRecord, LendingContext, loadLoan, LoanView, rollLoanNow, saveLoan} from "./FacilityBook.sol";
import {IFacilities} from "./IFacilities.sol";
import {IPostings} from "./IPostings.sol";
import {LoanHistory} from "./LoanHistory.sol";
import {Settlement} from "./Settlement.sol";

/// @title Money that waits for its owner, because it could not be sent or was not owed; linked to the modules of
/// Facilities.
/// @notice See {IFacilities} and {IPostings} for the specification.
library LoanUnclaimed {
    /// @notice See {IFacilities.withdrawUnclaimed}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param to The account that receives.
    /// @param currency The currency's token contract.
    /// @return Minor units that were sent.
    function withdrawUnclaimed(Book storage book, LendingContext memory context, address to, address currency)
        external
        returns (uint256)
    {
        // A party that asks for the money of an account that it lost gets it at the account that asks.
        address receiver =
            context.registry.isValid(to) || !Settlement.isOfParty(context, to, context.sender) ? to : context.sender;
        return Unclaimed.withdraw(book.unclaimed, context.registry, currency, receiver, context.sender);
    }

    /// @notice See {IFacilities.forcedWithdraw}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param from An account of the party whose money it is.
    /// @param currency The currency's token contract.
    /// @param to The account that receives.
    /// @param amount Minor units of the currency.
    /// @param orderHash Hash of the court's order.
    function forcedWithdraw(
        Book storage book,
        LendingContext memory context,
        address from,
        address currency,
        address to,
        uint256 amount,
        bytes32 orderHash
    ) external {
        Settlement.requireCourt(context);
        uint256 held = Unclaimed.amountOf(book.unclaimed, context.registry, from, currency);
        if (amount == 0 || amount > held) revert IFacilities.TermOutOfRange("amount", amount, 1, held);
        emit IFacilities.ForcedWithdrawal(from, currency, to, amount, orderHash);
        Unclaimed.take(book.unclaimed, context.registry, currency, from, to, amount);
    }

    /// @notice See {IPostings.refundOverpayment}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency.
    /// @param bankReference Reference of the payment outside the ledger; 0: it is paid now.
    function refundOverpayment(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        uint64 amount,
        bytes32 bankReference
    ) external {
        LoanView memory loan = loadLoan(book, loanId);
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        Settlement.requireFunder(context, loan.facts.facilityId, facilityRow);
        uint64 overpaid = book.overpaid[loanId];
        if (amount == 0 || amount > overpaid) revert IFacilities.TermOutOfRange("amount", amount, 1, overpaid);
        if (bankReference != 0) {
            // The lender's word can take out only what its word brought in. Money that moved here goes back here.
            uint256 recorded = book.recorded[loanId];
            if (amount > recorded) revert IFacilities.TermOutOfRange("amount", amount, 1, recorded);
            book.recorded[loanId] = recorded - amount;
        }
        book.overpaid[loanId] = overpaid - amount;
        uint256 day = rollLoanNow(book, context, loan, facilityRow.currency);
        LoanHistory.add(loan, REFUNDED, day, amount);
        saveLoan(book, loanId, loan);
        emit IPostings.OverpaymentRefunded(loanId, uint24(day), amount, overpaid - amount, bankReference);
        if (bankReference != 0) return;
        Settlement.move(
            book, context, facilityRow.currency, Settlement.funderOf(facilityRow), facilityRow.borrower, amount
        );
    }

    /// @notice See {IFacilities.unclaimedOf}.
    /// @param book The stored state of Facilities.
    /// @param registry The registry of parties.
    /// @param party An account of the party.
    /// @param currency The currency's token contract.
    /// @return Minor units.
    function unclaimedOf(Book storage book, IPartyRegistry registry, address party, address currency)
        external
        view
        returns (uint256)
    {
        return Unclaimed.amountOf(book.unclaimed, registry, party, currency);
    }
}
