// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanId} from "../types/Ids.sol";

/// @title Participations: a lender sells a share of what it gets on a loan, and stays the lender.
/// @notice Lender and participant sign the terms; the price moves in the same transaction. From then on the participant
/// is due its share of all that the lender gets on the loan, except costs: principal, interest, penalty, service fees,
/// the fee for early repayment, and what reserve, sharers and insurer pay for a loss. The borrower owes what it owed, to the same
/// lender, which goes on deciding about the loan.
/// @dev The *proceeds* of a loan are what its lender got since the first participation, less what corrections took back.
/// A participant is due its share of what was added to them since it joined, rounded down, less what it was paid. So no
/// order of payments, recordings and reversals changes a cent. Money that comes in through the ledger pays the
/// participants first. What the lender got otherwise, it owes them: it pays by {payParticipants}, or the next money
/// that comes in for the loan does.
/// Facilities implements it through {IFacilities}. Source: decision 49.
interface ILoanParticipations {
    /// @notice EIP-712 `ParticipationTerms` over exactly these fields, in the domain "Cession Facilities", version 1.
    /// @param loanId The loan.
    /// @param lender The lender's account, as its facility names it.
    /// @param participant The account that buys the share.
    /// @param principal Principal that is outstanding, in minor units. Guards the participant: after a repayment the
    /// terms no longer hold.
    /// @param postings Head of the chain of hashes of what was posted on the loan: {IPostings.PostingsState}.
    /// @param standing Hash of the loan's terms, status, collateral and hedges: {ILoanSales.saleStanding}.
    /// @param sharedBefore Parts per million that participants have already.
    /// @param share Parts per million that the participant buys; all shares together leave the lender 50,000 at least.
    /// @param price What the participant pays, in minor units.
    /// @param legalTextHash Hash of the participation's legal text.
    /// @param deadline UTC seconds, exclusive.
    /// @param nonce A number that makes equal terms differ.
    struct ParticipationTerms {
        uint256 loanId;
        address lender;
        address participant;
        uint64 principal;
        uint160 postings;
        bytes32 standing;
        uint24 sharedBefore;
        uint24 share;
        uint64 price;
        bytes32 legalTextHash;
        uint40 deadline;
        uint256 nonce;
    }

    /// @notice A participation. Amounts are minor units of the loan's currency.
    /// @param participant The account that bought the share.
    /// @param share Parts per million.
    /// @param joinedAt The loan's proceeds when it bought the share.
    /// @param paid What it was paid.
    /// @param due What it is due, rounded down; 0 while corrections took back more than came in since.
    struct Participation {
        address participant;
        uint24 share;
        int256 joinedAt;
        uint64 paid;
        uint64 due;
    }

    /// @notice What participants have of a loan. Amounts are minor units of the loan's currency.
    /// @param proceeds What the lender got since the first participation, less what corrections took back. Below zero if
    /// money was taken back that came in before.
    /// @param shared Parts per million that participants have together.
    /// @param due What they are due together: the lender owes it.
    /// @param participations The participations, in the order in which they were sold.
    struct SharedLoan {
        int256 proceeds;
        uint24 shared;
        uint64 due;
        Participation[] participations;
    }

    /// @notice A share of what a loan's lender gets was sold.
    /// @param loanId The loan.
    /// @param lender The lender.
    /// @param participant The account that bought the share.
    /// @param place The participation's number on this loan, from 0.
    /// @param joinedAt The loan's proceeds at this time, in minor units.
    /// @param terms The terms.
    event ParticipationSold(
        LoanId indexed loanId,
        address indexed lender,
        address indexed participant,
        uint256 place,
        int256 joinedAt,
        ParticipationTerms terms
    );

    /// @notice The proceeds of a loan changed: money, a claim or goods came in, or a correction changed what counts.
    /// @param loanId The loan.
    /// @param change Minor units; below zero: taken back.
    /// @param proceeds The proceeds since the first participation, with this change, in minor units.
    event ProceedsCounted(LoanId indexed loanId, int256 change, int256 proceeds);

    /// @notice A participant was paid its share. Money that could not be sent waits for its party.
    /// @param loanId The loan.
    /// @param participant The account that bought the share.
    /// @param place The participation's number on this loan.
    /// @param amount Minor units of the currency.
    /// @param paid What it was paid so far, with this amount.
    event ParticipantPaid(
        LoanId indexed loanId, address indexed participant, uint256 place, uint64 amount, uint64 paid
    );

    /// @notice No share of the loan can be sold as it stands.
    /// @param loanId The loan.
    /// @param reason entrusted: another party's money is lent; loss: its loss was recorded; auction: its goods are being
    /// sold; buy-back: its seller may still buy it back; full: it has 8 participations.
    error LoanNotShareable(LoanId loanId, bytes32 reason);

    /// @notice Lender and borrower agree on no costs of a loan in which participants have a share: they would be paid
    /// before it. A court can order them.
    /// @param loanId The loan.
    error CostsOfSharedLoan(LoanId loanId);

    /// @notice The caller is neither of the lender's party nor of the participant's.
    /// @param loanId The loan.
    /// @param caller The sender of the call.
    error NotOfParticipation(LoanId loanId, address caller);

    /// @notice Only the reserve may say that money for a loss came in.
    /// @param caller The sender of the call.
    error NotReserve(address caller);

    /// @notice Sells a share of what the lender gets on a loan. The participant pays the price now.
    /// @dev Lender or participant sends it, with the EIP-712 signatures of both. The participant has approved this
    /// contract on the currency. The loan may be in default, but not repaid.
    /// Reverts with {StateForbids} if the loan is repaid, {LoanUnknown} if there is none.
    /// Reverts with {NotOfParticipation} if the caller is neither of the lender's party nor of the participant's.
    /// Reverts with {TermsUsed}, {SignatureExpired}, {SignatureCancelled} or {SignatureInvalid} if the terms do not
    /// count.
    /// Reverts with {NotLender} if `lender` is not the loan's lender.
    /// Reverts with {LoanChanged} if something was posted on the loan since the terms were signed, or its terms, status,
    /// collateral or hedges changed.
    /// Reverts with {LoanNotShareable} as it says.
    /// Reverts with {SamePartyBothSides} if two of lender, participant and borrower are related.
    /// Reverts with {IReferenceRates.RateNotIndependent} if the loan's rate floats and, without the participant, fewer
    /// than two independent appraisers stood behind the rate that it has.
    /// Reverts with {NewRiskStopped} while new risk is stopped.
    /// Reverts with {PartyNotValid} or {RoleMissing} if a side is not valid, or the participant has not role 4
    /// (financier).
    /// Reverts with {TermOutOfRange} if the share, the price or the legal text is out of range, or `sharedBefore` is not
    /// what participants have.
    /// Reverts with {TransferTookFee}, or the currency's own error, if the price does not arrive.
    /// @param terms The terms.
    /// @param lenderSignature The lender's signature.
    /// @param participantSignature The participant's signature.
    /// @return place The participation's number on this loan, from 0.
    function sellParticipation(
        ParticipationTerms calldata terms,
        bytes calldata lenderSignature,
        bytes calldata participantSignature
    ) external returns (uint256 place);

    /// @notice The lender pays participants what it owes them, each in proportion to what it is due.
    /// @dev Any account of the lender's party, which pays; it has approved this contract on the currency. Also possible
    /// once the loan is repaid.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {NotLender} if the caller is not of the lender's party.
    /// Reverts with {TermOutOfRange} if the amount is zero or above what is due.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency.
    function payParticipants(LoanId loanId, uint64 amount) external;

    /// @notice What participants have of a loan.
    /// @dev Reverts with {LoanUnknown} if there is no such loan.
    /// @param loanId The loan.
    /// @return What they have; all zero if no share was ever sold.
    function participationsOf(LoanId loanId) external view returns (SharedLoan memory);

    /// @notice What lender and participant sign.
    /// @param terms The terms.
    /// @return The EIP-712 digest.
    function participationDigest(ParticipationTerms calldata terms) external view returns (bytes32);
}
