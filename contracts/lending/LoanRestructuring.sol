// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {LoanRelief} from "../math/LoanRelief.sol";
import {LoanId, ProductId} from "../types/Ids.sol";
import {FLOATING} from "../types/LoanTermsWord.sol";
import {BorrowerLimits} from "./BorrowerLimits.sol";
import {Book, FacilityRecord, LendingContext, LoanView, rollLoanNow, saveLoan} from "./FacilityBook.sol";
import {IFacilities} from "./IFacilities.sol";
import {ILoans} from "./ILoans.sol";
import {IPostings} from "./IPostings.sol";
import {IProducts} from "./IProducts.sol";
import {IRestructuring} from "./IRestructuring.sol";
import {ILiquidation} from "./liquidation/ILiquidation.sol";
import {LoanHistory} from "./LoanHistory.sol";
import {LoanWaivers} from "./LoanWaivers.sol";
import {MarginCall} from "./collateral/MarginCall.sol";
import {RestructuringTerms} from "./RestructuringTerms.sol";
import {Settlement} from "./Settlement.sol";

/// @title New terms of a loan, also of one in default; linked to Facilities.
/// @notice See {IRestructuring} for the specification.
library LoanRestructuring {
    bytes32 private constant RESTRUCTURING_TYPEHASH = keccak256(
        "Restructuring(uint256 loanId,uint8 style,uint8 periods,uint8 monthsPerPeriod,uint24 dueDay,"
        "uint24 interestFromDay,uint8 principalGrace,uint8 interestGrace,uint24 annualRate,uint64 forgivenCosts,"
        "uint64 forgivenPenalty,uint64 forgivenInterest,uint64 forgivenPrincipal,uint64 capitalisedInterest,"
        "uint16 restructurings,uint40 deadline,uint256 nonce)"
    );

    /// @notice See {IRestructuring.restructure}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param domain EIP-712 domain separator of Facilities.
    /// @param signed The terms.
    /// @param signatures The signatures of the party whose money is lent, and of the borrower.
    function restructure(
        Book storage book,
        LendingContext memory context,
        bytes32 domain,
        IRestructuring.Restructuring calldata signed,
        bytes[2] calldata signatures
    ) external {
        LoanId loanId = LoanId.wrap(signed.loanId);
        LoanView memory loan = Settlement.loadOpen(book, loanId);
        if (loan.facts.lossRecorded) revert IPostings.LossShared(loanId);
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        Settlement.useSigned(
            book, context, facilityRow, restructuringDigest(domain, signed), signed.deadline, signatures
        );
        Settlement.requireUnrelated(context, loan, facilityRow);
        _requireCurrent(book, loanId, signed.restructurings);
        uint256 day = rollLoanNow(book, context, loan, facilityRow.currency);
        ILoans.Status before = loan.facts.status;
        LoanRelief.Relieved memory relieved = _begin(book, context, loan, signed, day);
        // Interest that becomes principal is new risk, as a draw is.
        if (relieved.relief.capitalised != 0) context.registry.requireNewRisk();
        RestructuringTerms.note(book, context, loanId, relieved.relief.capitalised, day);
        saveLoan(book, loanId, loan);
        _tell(loan, relieved, signed, day);
        if (before != ILoans.Status.Running && book.auctions[loanId].openedAt != 0) {
            delete book.auctions[loanId];
            emit ILiquidation.AuctionEnded(loanId);
        }
        if (loan.facts.marginCalled) MarginCall.review(book, context, loanId);
        LoanRelief.Relief memory relief = relieved.relief;
        LoanWaivers.payFee(
            book, context, loan.facts.facilityId, uint256(relief.interest) + relief.penalty + relief.capitalised
        );
    }

    /// @notice See {IRestructuring.restructuringDigest}.
    /// @param domain EIP-712 domain separator of Facilities.
    /// @param restructuring The terms.
    /// @return The digest.
    function restructuringDigest(bytes32 domain, IRestructuring.Restructuring calldata restructuring)
        public
        pure
        returns (bytes32)
    {
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(RESTRUCTURING_TYPEHASH, restructuring)));
    }

    // ------------------------------------------------------------------ internal parts

    /// @dev What the sides signed rests on the loan as it was: another restructuring since then takes its place.
    function _requireCurrent(Book storage book, LoanId loanId, uint256 restructurings) private view {
        uint256 count = book.reliefs[loanId].count;
        if (restructurings != count) {
            revert IFacilities.TermOutOfRange("restructurings", restructurings, count, count);
        }
    }

    /// @dev The loan as it begins anew, with what follows for limits and counters; `loan` is saved afterwards.
    function _begin(
        Book storage book,
        LendingContext memory context,
        LoanView memory loan,
        IRestructuring.Restructuring calldata signed,
        uint256 day
    ) private returns (LoanRelief.Relieved memory relieved) {
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        IProducts.ProductTerms memory product =
            context.products.terms(ProductId.wrap(facilityRow.productId), facilityRow.version);
        relieved = _relieve(loan, signed);
        uint64 owedBefore = uint64(LoanMath.outstanding(loan.state));
        loan.terms = RestructuringTerms.termsOf(book, context, product, loan, signed, day, relieved.principal);
        loan.state = LoanRelief.begun(loan.terms, relieved, day);
        BorrowerLimits.noteStatus(book, facilityRow, loan.facts.status, ILoans.Status.Running);
        loan.facts.status = ILoans.Status.Running;
        // The sides signed a rate: it follows no reference any more.
        loan.facts.traits &= ~FLOATING;
        LoanHistory.begin(loan, day);
        _setSums(book, context, loan, product, owedBefore);
    }

    function _tell(
        LoanView memory loan,
        LoanRelief.Relieved memory relieved,
        IRestructuring.Restructuring calldata signed,
        uint256 day
    ) private {
        emit IRestructuring.LoanRestructured(
            LoanId.wrap(signed.loanId),
            uint24(day),
            loan.terms,
            relieved.relief,
            relieved.interest,
            relieved.principal,
            signed.nonce
        );
    }

    /// @dev New terms begin without penalty, so that no penalty is ever counted on penalty.
    function _relieve(LoanView memory loan, IRestructuring.Restructuring calldata signed)
        private
        pure
        returns (LoanRelief.Relieved memory relieved)
    {
        LoanId loanId = LoanId.wrap(signed.loanId);
        uint256 outstanding = LoanMath.outstanding(loan.state);
        if (outstanding == 0) revert ILoans.StateForbids(loanId, loan.facts.status);
        if (signed.forgivenPrincipal >= outstanding) {
            revert IFacilities.TermOutOfRange("forgivenPrincipal", signed.forgivenPrincipal, 0, outstanding - 1);
        }
        LoanRelief.Relief memory max = LoanRelief.Relief(
            signed.forgivenCosts,
            signed.forgivenPenalty,
            signed.forgivenInterest,
            signed.forgivenPrincipal,
            signed.capitalisedInterest
        );
        relieved = LoanRelief.relieve(loan.terms, loan.state, max);
        if (relieved.penalty != 0) revert IRestructuring.PenaltyLeft(loanId, relieved.penalty);
    }

    /// @dev Capitalised interest is new principal, so it needs the room that a draw needs.
    function _setSums(
        Book storage book,
        LendingContext memory context,
        LoanView memory loan,
        IProducts.ProductTerms memory product,
        uint64 owedBefore
    ) private {
        uint64 owed = uint64(LoanMath.outstanding(loan.state));
        if (owed > owedBefore) {
            RestructuringTerms.requireRoom(book, context, loan, product, owed - owedBefore);
            Settlement.raise(book, loan, owed - owedBefore);
        } else {
            Settlement.lower(book, loan, owedBefore - owed);
        }
        if (loan.facts.markedOverdue) Settlement.unmark(book, loan);
    }
}
