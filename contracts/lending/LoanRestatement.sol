// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ClaimShares} from "../math/ClaimShares.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {LoanId, PartyId} from "../types/Ids.sol";
import {Book, FacilityRecord, LendingContext, LoanView, saveLoan} from "./FacilityBook.sol";
import {BorrowerLimits} from "./BorrowerLimits.sol";
import {IFacilities} from "./IFacilities.sol";
import {ILoans} from "./ILoans.sol";
import {ILoanSales} from "./ILoanSales.sol";
import {IPostings} from "./IPostings.sol";
import {IProducts} from "./IProducts.sol";
import {ILiquidation} from "./liquidation/ILiquidation.sol";
import {LoanHistory} from "./LoanHistory.sol";
import {MarginCall} from "./collateral/MarginCall.sol";
import {SaleRights} from "./SaleRights.sol";
import {Settlement} from "./Settlement.sol";

/// @title A loan that is run anew from its corrected history, and all that follows from it; linked to LoanCorrections
/// and LoanRates.
/// @notice See {IPostings} for the specification.
library LoanRestatement {
    /// @notice A loan that is run anew.
    /// @param loanId The loan.
    /// @param before The loan as it stands on its own day.
    /// @param loan The loan as stored; later as its corrected history leaves it.
    /// @param day The loan's own day number.
    /// @param outcome What its corrected history gives.
    /// @param fee What the administering bank gets for it, in minor units.
    /// @param isWorse Whether the borrower is worse off than before.
    /// @param holder Who held the loan, recorded the payment that leaves it, and gave the loan back for less.
    /// @param priceRise What the lender pays it for that, in minor units.
    struct Restating {
        LoanId loanId;
        LoanView before;
        LoanView loan;
        uint256 day;
        LoanHistory.Outcome outcome;
        uint256 fee;
        bool isWorse;
        address holder;
        uint64 priceRise;
    }

    /// @notice Sets the loan to what its corrected history gives, with all that follows from it.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param restating The loan that was run anew.
    function restate(Book storage book, LendingContext memory context, Restating memory restating) external {
        LoanId loanId = restating.loanId;
        LoanView memory loan = restating.loan;
        LoanHistory.Outcome memory outcome = restating.outcome;
        if (outcome.overpaid > ClaimShares.MAX_AMOUNT) {
            revert IFacilities.TermOutOfRange("overpaid", outcome.overpaid, 0, ClaimShares.MAX_AMOUNT);
        }
        uint256 asOfDay = loan.state.asOfDay;
        loan.state = outcome.state;
        loan.facts.postings = outcome.head;
        book.overpaid[loanId] = uint64(outcome.overpaid);
        bool isUnsecured = _setStatus(book, loan, outcome.isDefaulted);
        _setSums(book, restating);
        saveLoan(book, loanId, loan);
        _tell(loanId, loan, isUnsecured, restating.day, outcome.overpaid);
        _noteEnd(book, context, restating, asOfDay);
        _follow(book, context, restating);
        if (restating.fee == 0 && restating.priceRise == 0) return;
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        (address currency, address lender) = (facilityRow.currency, facilityRow.lender);
        Settlement.move(book, context, currency, facilityRow.entruster, lender, restating.fee);
        if (restating.priceRise == 0) return;
        emit ILoanSales.BuyBackPriceRaised(loanId, lender, restating.holder, restating.priceRise);
        Settlement.move(book, context, currency, lender, restating.holder, restating.priceRise);
    }

    // ------------------------------------------------------------------ internal parts

    function _tell(LoanId loanId, LoanView memory loan, bool isUnsecured, uint256 day, uint256 overpaid) private {
        uint256 payoff = LoanMath.sumOf(LoanMath.payoff(loan.terms, loan.state));
        uint64 outstanding = uint64(LoanMath.outstanding(loan.state));
        emit IPostings.LoanRestated(
            loanId, loan.facts.status, isUnsecured, uint24(day), outstanding, uint64(payoff), uint64(overpaid)
        );
    }

    function _isInDefault(LoanView memory loan) private pure returns (bool) {
        return loan.facts.status == ILoans.Status.Defaulted || loan.facts.status == ILoans.Status.WrittenOff;
    }

    /// @dev Returns whether a loan that was repaid, and whose collateral was released, is owed again.
    function _setStatus(Book storage book, LoanView memory loan, bool isDefaulted) private returns (bool isUnsecured) {
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        ILoans.Status before = loan.facts.status;
        ILoans.Status status = ILoans.Status.Running;
        if (LoanMath.isPaid(loan.terms, loan.state)) status = ILoans.Status.Repaid;
        else if (isDefaulted) status = before == ILoans.Status.WrittenOff ? before : ILoans.Status.Defaulted;
        loan.facts.status = status;
        BorrowerLimits.noteStatus(book, facilityRow, before, status);
        if (before == status || (before != ILoans.Status.Repaid && status != ILoans.Status.Repaid)) return false;
        if (status == ILoans.Status.Repaid) {
            facilityRow.openLoans -= 1;
            return false;
        }
        facilityRow.openLoans += 1;
        isUnsecured = loan.facts.collateral != IProducts.CollateralKind.None;
        loan.facts.collateral = IProducts.CollateralKind.None;
        loan.facts.collateralId = 0;
        loan.facts.debtor = PartyId.wrap(0);
        loan.facts.marginCalled = false;
    }

    function _setSums(Book storage book, Restating memory restating) private {
        LoanView memory loan = restating.loan;
        uint256 owedBefore = LoanMath.outstanding(restating.before.state);
        uint256 owed = LoanMath.outstanding(loan.state);
        if (owed < owedBefore) Settlement.lower(book, loan, uint64(owedBefore - owed));
        else Settlement.raise(book, loan, uint64(owed - owedBefore));
        if (loan.facts.markedOverdue) {
            if (!Settlement.isOverdue(loan)) Settlement.unmark(book, loan);
        } else if (_isInDefault(loan)) {
            Settlement.mark(book, restating.loanId, loan, restating.day);
        }
    }

    /// @dev A loan that counted as repaid could not be bought back. One that no correction ended did on the day of its
    /// last change.
    function _noteEnd(Book storage book, LendingContext memory context, Restating memory restating, uint256 asOfDay)
        private
    {
        bool wasEnded = restating.before.facts.status == ILoans.Status.Repaid;
        bool isEnded = restating.loan.facts.status == ILoans.Status.Repaid;
        if (!wasEnded && !isEnded) return;
        uint256 endedDay = wasEnded ? asOfDay : restating.day;
        SaleRights.noteEnd(book, restating.loanId, context.today, restating.day, endedDay);
        if (!isEnded) SaleRights.resume(book, restating.loanId, context.today);
    }

    function _follow(Book storage book, LendingContext memory context, Restating memory restating) private {
        LoanId loanId = restating.loanId;
        LoanView memory loan = restating.loan;
        ILoans.Status status = loan.facts.status;
        if (status != ILoans.Status.Running && status != ILoans.Status.Repaid) return;
        bool isNew = status != restating.before.facts.status;
        if (isNew && book.auctions[loanId].openedAt != 0) {
            delete book.auctions[loanId];
            emit ILiquidation.AuctionEnded(loanId);
        }
        if (status == ILoans.Status.Running) {
            if (loan.facts.marginCalled) MarginCall.review(book, context, loanId);
        } else if (isNew) {
            emit ILoans.LoanEnded(loanId, uint24(restating.day));
            Settlement.releaseCollateral(book, context, loanId, loan);
        }
    }
}
