// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {LoanId} from "../types/Ids.sol";
import {RECORDED} from "../types/PostingWord.sol";
import {Book, BoughtBackRecord, LendingContext, LoanSaleRecord, TakenRecord} from "./FacilityBook.sol";
import {LoanHistory} from "./LoanHistory.sol";
import {LoanRestatement} from "./LoanRestatement.sol";

/// @title What a payment that leaves a loan changes of the price for which the loan was bought back.
/// @notice The price of buying back is a share of what was owed. A payment that the holder had recorded made it lower. If
/// that payment is reversed, the holder has neither the money nor the debt, so the one who has the debt pays the share.
/// @dev Internal to LoanRerun. Source: decision 45.
library SalePrices {
    /// @notice Keeps who recorded a payment on a loan that may go back; if the payment leaves a loan that went back, sets
    /// what its holder gets.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param restating The loan that was run anew.
    /// @param change What changes.
    function follow(
        Book storage book,
        LendingContext memory context,
        LoanRestatement.Restating memory restating,
        LoanHistory.Change memory change
    ) internal {
        LoanId loanId = restating.loanId;
        address lender = book.facilities[restating.loan.facts.facilityId].lender;
        if (change.removed.isNone()) {
            LoanSaleRecord storage sale = book.sales[loanId];
            if (change.added.kind() == RECORDED && sale.buyBack != 0) {
                book.takenBy[loanId][change.added] = TakenRecord(lender, sale.number);
                book.boughtBack[loanId][sale.number].recorded += change.added.amount();
            }
            return;
        }
        TakenRecord memory taken = book.takenBy[loanId][change.removed];
        if (taken.holder == address(0)) return;
        if (!change.added.isNone()) {
            // It counts from another day: the holder has the money as before.
            book.takenBy[loanId][change.added] = taken;
            return;
        }
        BoughtBackRecord storage priceRow = book.boughtBack[loanId][taken.sale];
        // Payments that two holders recorded alike count as those of the second.
        priceRow.recorded = uint64(Math.saturatingSub(priceRow.recorded, change.removed.amount()));
        if (context.registry.partyOf(taken.holder) == context.registry.partyOf(lender)) return;
        restating.holder = taken.holder;
        restating.priceRise = _raise(priceRow, change.removed.amount());
    }

    /// @notice Whether payments on a loan are those of a holder from whom it went back: if they leave the loan, whoever has
    /// the debt pays that holder its share.
    /// @param book The stored state of Facilities.
    /// @param loanId The loan.
    /// @return True if there are such payments.
    function hasShares(Book storage book, LoanId loanId) internal view returns (bool) {
        for (uint256 number = book.sales[loanId].number; number != 0; --number) {
            BoughtBackRecord storage priceRow = book.boughtBack[loanId][number];
            if (priceRow.recorded != 0 && priceRow.left != 0) return true;
        }
        return false;
    }

    /// @dev Nothing if the loan did not go back after the sale by which the holder had it.
    function _raise(BoughtBackRecord storage priceRow, uint64 amount) private returns (uint64 rise) {
        (uint256 share, uint64 left) = (priceRow.share, priceRow.left);
        rise = uint64(Math.min(RepaymentMath.divideHalfUp(amount * share, RepaymentMath.WHOLE), left));
        if (rise != 0) priceRow.left = left - rise;
    }
}
