// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {LoanMath} from "../math/LoanMath.sol";
import {LoanRelief} from "../math/LoanRelief.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {FacilityId, LoanId} from "../types/Ids.sol";
import {PARTICIPATED} from "../types/LoanTermsWord.sol";
import {COSTS, WAIVED_INTEREST, WAIVED_PENALTY} from "../types/PostingWord.sol";
import {
    Book,
    FacilityRecord,
    LendingContext,
    loadLoan,
    LoanView,
    ReliefRecord,
    rollLoan,
    rollLoanNow,
    saveLoan
} from "./FacilityBook.sol";
import {IFacilities} from "./IFacilities.sol";
import {ILoanParticipations} from "./ILoanParticipations.sol";
import {ILoans} from "./ILoans.sol";
import {IRestructuring} from "./IRestructuring.sol";
import {LoanHistory} from "./LoanHistory.sol";
import {RaisedDebts} from "./RaisedDebts.sol";
import {Settlement} from "./Settlement.sol";

/// @title Waivers, partial write-offs, and costs that the borrower signed for or a court ordered; linked to Facilities.
/// @notice See {IRestructuring} and {ILoans} for the specification.
library LoanWaivers {
    bytes32 private constant COSTS_TYPEHASH =
        keccak256("Costs(uint256 loanId,uint64 amount,bytes32 evidenceHash,uint40 deadline,uint256 nonce)");

    /// @notice See {IRestructuring.waive}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param penalty Penalty to give up, in minor units, at most.
    /// @param interest Interest to give up, in minor units, at most.
    function waive(Book storage book, LendingContext memory context, LoanId loanId, uint64 penalty, uint64 interest)
        external
    {
        LoanView memory loan = Settlement.loadOpen(book, loanId);
        FacilityRecord storage facilityRow = book.facilities[loan.facts.facilityId];
        Settlement.requireFunder(context, loan.facts.facilityId, facilityRow);
        Settlement.requireUnrelated(context, loan, facilityRow);
        uint256 day = rollLoanNow(book, context, loan, facilityRow.currency);
        penalty = LoanRelief.waivePenalty(loan.terms, loan.state, penalty);
        interest = LoanRelief.waiveInterest(loan.terms, loan.state, interest);
        if (penalty | interest == 0) revert ILoans.NothingOwed(loanId);
        if (penalty != 0) LoanHistory.add(loan, WAIVED_PENALTY, day, penalty);
        if (interest != 0) LoanHistory.add(loan, WAIVED_INTEREST, day, interest);
        Settlement.noteEnd(book, loan);
        saveLoan(book, loanId, loan);
        emit IRestructuring.LoanWaived(loanId, uint24(day), penalty, interest);
        Settlement.follow(book, context, loanId, loan, day);
        payFee(book, context, loan.facts.facilityId, uint256(penalty) + interest);
    }

    /// @notice See {IRestructuring.writeOffInPart}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency.
    function writeOffInPart(Book storage book, LendingContext memory context, LoanId loanId, uint64 amount) external {
        LoanView memory loan = loadLoan(book, loanId);
        FacilityId facilityId = loan.facts.facilityId;
        Settlement.requireLender(context, facilityId, book.facilities[facilityId]);
        if (loan.facts.status != ILoans.Status.Defaulted) revert ILoans.StateForbids(loanId, loan.facts.status);
        uint256 outstanding = LoanMath.outstanding(loan.state);
        ReliefRecord storage relief = book.reliefs[loanId];
        uint256 before = relief.writtenOff < outstanding ? relief.writtenOff : outstanding;
        if (amount == 0 || amount > outstanding - before) {
            revert IFacilities.TermOutOfRange("amount", amount, 1, outstanding - before);
        }
        uint256 day = rollLoan(book, context, loan);
        relief.writtenOff = uint64(before + amount);
        emit IRestructuring.LoanWrittenOffInPart(loanId, uint24(day), amount, uint64(before + amount));
    }

    /// @notice See {ILoans.chargeCosts}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param digest EIP-712 digest of the costs.
    /// @param deadline UTC seconds, exclusive.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency.
    /// @param evidenceHash Hash of the evidence.
    /// @param borrowerSignature Signature of the borrower's party.
    function chargeCosts(
        Book storage book,
        LendingContext memory context,
        bytes32 digest,
        uint40 deadline,
        LoanId loanId,
        uint64 amount,
        bytes32 evidenceHash,
        bytes calldata borrowerSignature
    ) external {
        LoanView memory loan = Settlement.loadOpen(book, loanId);
        // Costs are paid before what participants have a share of, and lender and borrower could sign any.
        if (loan.facts.traits & PARTICIPATED != 0) revert ILoanParticipations.CostsOfSharedLoan(loanId);
        if (loan.facts.lossRecorded) revert ILoans.StateForbids(loanId, loan.facts.status);
        FacilityId facilityId = loan.facts.facilityId;
        FacilityRecord storage facilityRow = book.facilities[facilityId];
        Settlement.requireLender(context, facilityId, facilityRow);
        Settlement.useTerms(book, digest, deadline);
        Settlement.requireSigned(book, context, facilityRow.borrower, digest, borrowerSignature);
        if (amount == 0 || amount > facilityRow.limit) {
            revert IFacilities.TermOutOfRange("amount", amount, 1, facilityRow.limit);
        }
        LoanHistory.add(loan, COSTS, rollLoan(book, context, loan), amount);
        loan.state.costs += amount;
        // Costs are paid before principal. What the two sides agree on between them, nobody else makes good.
        RaisedDebts.noteCosts(book, loanId);
        saveLoan(book, loanId, loan);
        emit ILoans.CostsCharged(loanId, amount, evidenceHash);
    }

    /// @notice See {IRestructuring.forcedCosts}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency.
    /// @param orderHash Hash of the court's order.
    function forcedCosts(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        uint64 amount,
        bytes32 orderHash
    ) external {
        Settlement.requireCourt(context);
        LoanView memory loan = Settlement.loadOpen(book, loanId);
        uint64 limit = book.facilities[Settlement.originOf(book, loan.facts.facilityId)].limit;
        if (amount == 0 || amount > limit) revert IFacilities.TermOutOfRange("amount", amount, 1, limit);
        LoanHistory.add(loan, COSTS, rollLoan(book, context, loan), amount);
        loan.state.costs += amount;
        saveLoan(book, loanId, loan);
        emit ILoans.CostsCharged(loanId, amount, orderHash);
        emit IRestructuring.CostsOrdered(loanId, amount, orderHash);
    }

    /// @notice Pays the administering bank's fee on interest and penalty that ended otherwise than by payment; nothing
    /// where nothing is entrusted.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param facilityId The facility.
    /// @param earned The interest and the penalty, in minor units.
    function payFee(Book storage book, LendingContext memory context, FacilityId facilityId, uint256 earned) public {
        FacilityRecord storage facilityRow = book.facilities[facilityId];
        address entruster = facilityRow.entruster;
        if (entruster == address(0)) return;
        uint256 fee = earned * facilityRow.administrationFee / RepaymentMath.WHOLE;
        if (fee == 0) return;
        Settlement.move(book, context, facilityRow.currency, entruster, facilityRow.lender, fee);
    }

    /// @notice See {ILoans.costsDigest}.
    /// @param domain EIP-712 domain separator of Facilities.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency.
    /// @param evidenceHash Hash of the evidence.
    /// @param deadline UTC seconds, exclusive.
    /// @param nonce A number that makes equal terms differ.
    /// @return The digest.
    function costsDigest(
        bytes32 domain,
        LoanId loanId,
        uint64 amount,
        bytes32 evidenceHash,
        uint40 deadline,
        uint256 nonce
    ) public pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(
            domain, keccak256(abi.encode(COSTS_TYPEHASH, loanId, amount, evidenceHash, deadline, nonce))
        );
    }

    /// @notice See {IRestructuring.reliefOf}.
    /// @param book The stored state of Facilities.
    /// @param loanId The loan.
    /// @return What it keeps.
    function reliefOf(Book storage book, LoanId loanId) external view returns (IRestructuring.ReliefState memory) {
        uint256 outstanding = LoanMath.outstanding(loadLoan(book, loanId).state);
        ReliefRecord memory relief = book.reliefs[loanId];
        uint64 writtenOff = relief.writtenOff < outstanding ? relief.writtenOff : uint64(outstanding);
        return IRestructuring.ReliefState(relief.day, relief.count, writtenOff);
    }
}
