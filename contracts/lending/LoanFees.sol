// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanMath} from "../math/LoanMath.sol";
import {LoanRelief} from "../math/LoanRelief.sol";
import {ServiceFees} from "../math/ServiceFees.sol";
import {TotalCost} from "../math/TotalCost.sol";
import {FacilityId, LoanId, ProductId} from "../types/Ids.sol";
import {HAS_FEES} from "../types/LoanTermsWord.sol";
import {WAIVED_FEE} from "../types/PostingWord.sol";
import {packServiceFees, ServiceFeesWord} from "../types/ServiceFeesWord.sol";
import {
    Book,
    FacilityRecord,
    LendingContext,
    loadLoan,
    LoanView,
    rollLoan,
    rollLoanNow,
    saveLoan
} from "./FacilityBook.sol";
import {IFacilities} from "./IFacilities.sol";
import {ILoans} from "./ILoans.sol";
import {IProducts} from "./IProducts.sol";
import {IServiceFees} from "./IServiceFees.sol";
import {LoanHistory} from "./LoanHistory.sol";
import {Settlement} from "./Settlement.sol";

/// @title Service fees: agreed with a facility, charged at a draw below the cap on its total cost, waived. Linked to
/// Facilities.
/// @notice See {IServiceFees} for the specification.
library LoanFees {
    /// @notice Stores the fees that the parties signed, if the product's version allows them.
    /// @dev Reverts with {IFacilities.TermOutOfRange} if a fee is above the product's.
    /// @param facilityRow The facility.
    /// @param floating What the product's version says.
    /// @param terms The terms.
    function agree(
        FacilityRecord storage facilityRow,
        IProducts.FloatingTerms memory floating,
        IFacilities.FacilityTerms calldata terms
    ) external {
        _within("flatFee", terms.flatFee, floating.maxFlatFee);
        _within("drawFee", terms.drawFee, floating.maxDrawFee);
        _within("periodicFee", terms.periodicFee, floating.maxPeriodicFee);
        if (terms.flatFee == 0 && terms.drawFee == 0 && terms.periodicFee == 0) return;
        facilityRow.extras |= HAS_FEES;
        facilityRow.flatFee = terms.flatFee;
        facilityRow.drawFee = terms.drawFee;
        facilityRow.periodicFee = terms.periodicFee;
    }

    /// @notice The fees of a loan that is being drawn.
    /// @dev A floating rate counts as the highest that it may become.
    /// Reverts with {IServiceFees.TotalCostAboveCap} if the loan would cost more than its product allows.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param facilityId Its facility.
    /// @param terms How it runs.
    /// @param principal What is drawn, in minor units.
    /// @return fees What is owed, and what each instalment is charged.
    function start(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        LoanMath.Terms memory terms,
        uint64 principal
    ) external returns (ServiceFeesWord fees) {
        FacilityRecord storage facilityRow = book.facilities[facilityId];
        uint64 charged = facilityRow.flatFee + ServiceFees.shareHalfUp(principal, facilityRow.drawFee);
        uint24 periodicFee = facilityRow.periodicFee;
        fees = packServiceFees(0, 0, charged, periodicFee);
        uint256 cap =
            context.products.floatingTerms(ProductId.wrap(facilityRow.productId), facilityRow.version).maxTotalCost;
        if (cap != 0) {
            terms.annualRate = facilityRow.annualRate;
            (uint256 cost, uint256 max) = TotalCost.ofLoan(terms, principal, fees, cap, 0);
            if (cost > max) revert IServiceFees.TotalCostAboveCap(cost, max);
        }
        emit IServiceFees.ServiceFeesCharged(loanId, charged, periodicFee);
    }

    /// @notice See {IServiceFees.waiveServiceFees}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param amount Minor units to give up, at most.
    function waive(Book storage book, LendingContext memory context, LoanId loanId, uint64 amount) external {
        LoanView memory loan = Settlement.loadOpen(book, loanId);
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        Settlement.requireFunder(context, loan.facts.facilityId, facilityRow);
        Settlement.requireUnrelated(context, loan, facilityRow);
        uint256 day = rollLoanNow(book, context, loan, facilityRow.currency);
        uint64 waived = LoanRelief.waiveFees(loan.state, amount);
        if (waived == 0) revert ILoans.NothingOwed(loanId);
        LoanHistory.add(loan, WAIVED_FEE, day, waived);
        Settlement.noteEnd(book, loan);
        saveLoan(book, loanId, loan);
        emit IServiceFees.ServiceFeesWaived(loanId, uint24(day), waived);
        Settlement.follow(book, context, loanId, loan, day);
    }

    /// @notice See {IServiceFees.serviceFeesOf}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @return What it owes.
    function feesOf(Book storage book, LendingContext memory context, LoanId loanId)
        external
        view
        returns (IServiceFees.OwedFees memory)
    {
        LoanView memory loan = loadLoan(book, loanId);
        rollLoan(book, context, loan);
        ServiceFeesWord fees = loan.state.fees;
        return IServiceFees.OwedFees(fees.past(), fees.inGrace(), fees.running(), fees.periodicFee());
    }

    /// @notice See {IServiceFees.facilityFeesOf}.
    /// @param book The stored state of Facilities.
    /// @param facilityId The facility.
    /// @return Its fees.
    function facilityFeesOf(Book storage book, FacilityId facilityId)
        external
        view
        returns (IServiceFees.FacilityFees memory)
    {
        FacilityRecord storage facilityRow = book.facilities[facilityId];
        return IServiceFees.FacilityFees(facilityRow.flatFee, facilityRow.drawFee, facilityRow.periodicFee);
    }

    function _within(bytes32 term, uint256 value, uint256 max) private pure {
        if (value > max) revert IFacilities.TermOutOfRange(term, value, 0, max);
    }
}
