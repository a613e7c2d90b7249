// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ClaimId, LoanId, PartyId} from "../types/Ids.sol";
import {Book, LendingContext, LoanSaleRecord} from "./FacilityBook.sol";
import {ILoanSales} from "./ILoanSales.sol";

/// @title What happens to a sold loan changes the right and the duty of its seller to buy it back.
/// @notice Internal to the libraries of Facilities. Source: decision 45.
library SaleRights {
    /// @dev The bits of `SaleTerms.buyBack`.
    uint8 internal constant SELLER_MAY = 1;
    uint8 internal constant SELLER_MUST = 2;

    /// @notice Ends the seller's duty: holder and borrower changed between them what the seller would have to take. The
    /// duty stands if the seller's party sends the change itself.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    function endDuty(Book storage book, LendingContext memory context, LoanId loanId) internal {
        LoanSaleRecord storage sale = book.sales[loanId];
        uint8 buyBack = sale.buyBack;
        if (buyBack & SELLER_MUST == 0) return;
        if (PartyId.unwrap(context.registry.partyOf(context.sender)) == sale.sellerParty) return;
        buyBack &= ~SELLER_MUST;
        sale.buyBack = buyBack;
        emit ILoanSales.BuyBackChanged(loanId, buyBack, sale.buyBackLastDay);
    }

    /// @notice Whether the seller must buy the loan back if the holder calls.
    /// @param book The stored state of Facilities.
    /// @param loanId The loan.
    /// @return Whether it must.
    function hasDuty(Book storage book, LoanId loanId) internal view returns (bool) {
        return book.sales[loanId].buyBack & SELLER_MUST != 0;
    }

    /// @notice The party of a claim's debtor.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param claimId The claim.
    /// @return The party.
    function debtorOf(LendingContext memory context, uint256 claimId) internal view returns (PartyId) {
        return context.registry
            .partyOf(
                context.receivables.receivable(context.receivables.claim(ClaimId.wrap(claimId)).receivableId).debtor
            );
    }

    /// @notice Notes the day on which a loan ended, while its seller has a right: it may be owed again.
    /// @dev A refund never needs it: what was refunded was not owed, so no later correction makes the loan owed again.
    /// @param book The stored state of Facilities.
    /// @param loanId The loan.
    /// @param today Day number by the calendar. The first day that was noted stands until the loan is owed again.
    /// @param day The loan's own day number.
    /// @param endedDay That of its end.
    function noteEnd(Book storage book, LoanId loanId, uint256 today, uint256 day, uint256 endedDay) internal {
        LoanSaleRecord storage sale = book.sales[loanId];
        if (sale.buyBack == 0 || sale.endedDay != 0) return;
        sale.endedDay = uint24(today - Math.saturatingSub(day, endedDay));
    }

    /// @notice A loan that had ended is owed again: its seller gets the days back on which there was no loan to buy.
    /// @param book The stored state of Facilities.
    /// @param loanId The loan.
    /// @param today Day number by the calendar.
    function resume(Book storage book, LoanId loanId, uint256 today) internal {
        LoanSaleRecord storage sale = book.sales[loanId];
        (uint8 buyBack, uint256 endedDay, uint256 lastDay) = (sale.buyBack, sale.endedDay, sale.buyBackLastDay);
        if (endedDay == 0) return;
        sale.endedDay = 0;
        uint256 from = Math.max(endedDay, sale.buyBackFirstDay);
        if (buyBack == 0 || from > lastDay || today <= from) return;
        lastDay = Math.min(lastDay + today - from, type(uint24).max);
        sale.buyBackLastDay = uint24(lastDay);
        emit ILoanSales.BuyBackChanged(loanId, buyBack, uint24(lastDay));
    }
}
