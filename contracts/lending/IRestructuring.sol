// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanMath} from "../math/LoanMath.sol";
import {LoanRelief} from "../math/LoanRelief.sol";
import {LoanId} from "../types/Ids.sol";

/// @title What becomes of a loan that its borrower cannot pay as agreed: new terms, waivers, partial write-offs, costs by
/// a court's order.
/// @notice A restructuring gives a loan new terms and cures a default. A waiver gives up penalty or interest. A partial
/// write-off is an entry in the lender's own books. Nobody but the lender bears what it gives up: neither reserve nor
/// sharer nor insurer.
/// @dev Facilities implements it through {IFacilities}. Days that parties sign are days of the calendar.
/// Source: decision 41. Of the unpaid amounts only interest may become principal, because the parties may agree on
/// interest for it like on any other principal, but penalty on penalty is not allowed (our rule; compare Supreme
/// People's Court, Fashi 2020 no. 17, article 27, on what may be settled into a later principal).
interface IRestructuring {
    /// @notice EIP-712 `Restructuring`: new terms of a loan. What the product's version says of days of grace, penalty,
    /// early fee and day count stays. The amounts are maxima, because interest and penalty go on growing after the
    /// sides have signed.
    /// @param loanId The loan.
    /// @param style How it is repaid: a style of the product; equal instalments where the product lets a bill be paid in
    /// instalments.
    /// @param periods Number of instalments; 1 for Bullet.
    /// @param monthsPerPeriod Months from one due day to the next, 1 to 12; 1 for Bullet.
    /// @param dueDay Due day number, by the calendar: the only one of Bullet, the first one of a schedule.
    /// @param interestFromDay Day number, by the calendar, from which interest runs; 0: from the day of the call.
    /// @param principalGrace Instalments from the first on that repay no principal; fewer than periods.
    /// @param interestGrace Instalments from the first on that pay no interest; fewer than periods.
    /// @param annualRate Parts per million a year. It stays: a floating rate ends.
    /// @param forgivenCosts Costs that are forgiven, at most.
    /// @param forgivenPenalty Penalty that is forgiven, at most.
    /// @param forgivenInterest Interest that is forgiven, at most.
    /// @param forgivenPrincipal Principal that is forgiven: less than what is outstanding.
    /// @param capitalisedInterest Interest that becomes principal, at most.
    /// @param restructurings How often the loan was restructured before: terms that were signed before the last
    /// restructuring count no more.
    /// @param deadline UTC seconds, exclusive.
    /// @param nonce A number that makes equal terms differ.
    struct Restructuring {
        uint256 loanId;
        LoanMath.Style style;
        uint8 periods;
        uint8 monthsPerPeriod;
        uint24 dueDay;
        uint24 interestFromDay;
        uint8 principalGrace;
        uint8 interestGrace;
        uint24 annualRate;
        uint64 forgivenCosts;
        uint64 forgivenPenalty;
        uint64 forgivenInterest;
        uint64 forgivenPrincipal;
        uint64 capitalisedInterest;
        uint16 restructurings;
        uint40 deadline;
        uint256 nonce;
    }

    /// @notice What a loan keeps of restructurings and partial write-offs.
    /// @param day The loan's own day number of its last restructuring; 0: none.
    /// @param count How often it was restructured.
    /// @param writtenOff Principal that is written off in part and still owed, in minor units.
    struct ReliefState {
        uint24 day;
        uint16 count;
        uint64 writtenOff;
    }

    /// @notice A loan begins anew, by terms that both sides signed. It runs, also if it was in default.
    /// @param loanId The loan.
    /// @param day The loan's own day number.
    /// @param terms How it runs from now on; days are the loan's own.
    /// @param relief What was forgiven and capitalised, in minor units.
    /// @param interestLeft Interest that stays due, in minor units; it bears no penalty before the first due day.
    /// @param outstanding Principal that is owed, in minor units.
    /// @param nonce The nonce of the terms.
    event LoanRestructured(
        LoanId indexed loanId,
        uint24 day,
        LoanMath.Terms terms,
        LoanRelief.Relief relief,
        uint64 interestLeft,
        uint64 outstanding,
        uint256 nonce
    );

    /// @notice The lender gave up penalty or interest.
    /// @param loanId The loan.
    /// @param day The loan's own day number.
    /// @param penalty Penalty that is no longer owed, in minor units.
    /// @param interest Interest that is no longer owed, in minor units.
    event LoanWaived(LoanId indexed loanId, uint24 day, uint64 penalty, uint64 interest);

    /// @notice The lender wrote off a part of the principal in its own books. It is still owed.
    /// @param loanId The loan.
    /// @param day The loan's own day number.
    /// @param amount Minor units of the currency.
    /// @param writtenOff All that is written off of it in part, in minor units.
    event LoanWrittenOffInPart(LoanId indexed loanId, uint24 day, uint64 amount, uint64 writtenOff);

    /// @notice A court ordered the borrower to bear costs. {ILoans.CostsCharged} has the amount.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency.
    /// @param orderHash Hash of the court's order.
    event CostsOrdered(LoanId indexed loanId, uint64 amount, bytes32 orderHash);

    /// @notice Penalty is owed that is neither paid nor forgiven. New terms begin without penalty.
    /// @param loanId The loan.
    /// @param penalty Minor units that are left.
    error PenaltyLeft(LoanId loanId, uint64 penalty);

    /// @notice Gives a loan new terms, and cures its default. Costs and interest that are neither forgiven nor
    /// capitalised stay due; the interest bears no penalty before the first new due day. Penalty must be paid or
    /// forgiven. The collateral stays; its auction ends. Corrections reach back to this day and no further. The
    /// entruster pays the administering bank its fee on forgiven interest, forgiven penalty and capitalised interest.
    /// @dev Anyone may send it, with the EIP-712 signatures of both parties. Capitalised interest is new principal: what
    /// exceeds the forgiven principal needs room under the limits of facility (of a sold loan: the one on which it was
    /// drawn), programme, borrower, group and debtor, and the lender bears a later loss of the loan itself.
    /// Reverts with {ILoans.LoanUnknown} if there is no such loan.
    /// Reverts with {ILoans.StateForbids} if it is repaid.
    /// Reverts with {IPostings.LossShared} if its loss was recorded: others bore it.
    /// Reverts with {IFacilities.TermsUsed} if the terms were used before.
    /// Reverts with {IFacilities.SignatureExpired} from the deadline on.
    /// Reverts with {IFacilities.SignatureCancelled} if a signer took its signature back.
    /// Reverts with {IFacilities.SignatureInvalid} if a signature is not of its party.
    /// Reverts with {PartyNotValid} if a signer is not valid.
    /// Reverts with {IFacilities.SamePartyBothSides} if participants have a share and its lender is related to the borrower.
    /// Reverts with {PenaltyLeft} if penalty is owed beyond what is forgiven.
    /// Reverts with {ILoans.StyleNotAllowed} if the product does not allow this way of repayment.
    /// Reverts with {IFacilities.TermOutOfRange} if a term is not within its bounds: the rate at most the product's, of
    /// an entrusted loan at least the product's too, the last due day at most the product's longest tenor from today;
    /// and if the loan was restructured since the terms were signed.
    /// Reverts with {IServiceFees.TotalCostAboveCap} if the loan runs, nothing of it is overdue, it has service fees, and
    /// it would cost more than the product's cap on the total cost. Before the first instalment all that its draw charged
    /// counts, paid or waived or not, with the interest and the days since the draw; later the fees that are owed.
    /// Reverts with {ILoans.LimitExceeded} if capitalised interest exceeds a limit.
    /// Reverts with {NewRiskStopped} if interest is capitalised while new risk is stopped.
    /// Reverts with {IDrawControl.BorrowerInDefault} if interest is capitalised while another loan of the borrower is in
    /// default.
    /// Reverts with {IFacilities.TransferTookFee} if the currency takes a fee from what the entruster pays the bank.
    /// Reverts also with the errors of {ICreditRegistry.requireTier}, {IPriceFeed.convert} and {IProducts.shifts}.
    /// @param restructuring The terms.
    /// @param lenderSignature Signature of the party whose money is lent: the entruster's for an entrusted loan, else
    /// the lender's.
    /// @param borrowerSignature Signature of the borrower's party.
    function restructure(
        Restructuring calldata restructuring,
        bytes calldata lenderSignature,
        bytes calldata borrowerSignature
    ) external;

    /// @notice Gives up penalty and interest that are owed today, at most what is owed. A later correction posts the
    /// waiver again on its day: if less was owed by then, the rest of the waiver falls away.
    /// @dev A valid account of the party whose money is lent calls it, at any time: it is in the borrower's favour. The
    /// entruster pays the administering bank its fee on what it waives, as if it had been paid, so that no waiver takes
    /// the fee away.
    /// Reverts with {ILoans.LoanUnknown} if there is no such loan.
    /// Reverts with {ILoans.StateForbids} if it is repaid.
    /// Reverts with {IFacilities.NotLender} if the caller is of another party.
    /// Reverts with {IFacilities.SamePartyBothSides} if participants have a share and its lender is related to the borrower.
    /// Reverts with {ILoans.NothingOwed} if nothing of it is owed.
    /// Reverts with {IFacilities.TransferTookFee} if the currency takes a fee from what the entruster pays the bank.
    /// @param loanId The loan.
    /// @param penalty Penalty to give up, in minor units, at most.
    /// @param interest Interest to give up, in minor units, at most: overdue first, then in grace, then so far.
    function waive(LoanId loanId, uint64 penalty, uint64 interest) external;

    /// @notice Records that the lender wrote off a part of the principal of a loan in default. The borrower still owes
    /// it, and no limit changes.
    /// @dev A valid account of the lender's or the entruster's party calls it.
    /// Reverts with {ILoans.LoanUnknown} if there is no such loan.
    /// Reverts with {IFacilities.NotLender} if the caller is of another party.
    /// Reverts with {ILoans.StateForbids} if the loan is not in default, or is written off as a whole.
    /// Reverts with {IFacilities.TermOutOfRange} if the amount is 0, or more than what is owed and not written off.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency.
    function writeOffInPart(LoanId loanId, uint64 amount) external;

    /// @notice Charges costs of enforcement by a court's order, without the borrower's signature.
    /// @dev Only {CourtOrders} calls it, so two regulators decide.
    /// Reverts with {IFacilities.NotCourt} if the caller is another.
    /// Reverts with {ILoans.LoanUnknown} if there is no such loan.
    /// Reverts with {ILoans.StateForbids} if it is repaid.
    /// Reverts with {IFacilities.TermOutOfRange} if the amount is 0, or above the facility's limit.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency.
    /// @param orderHash Hash of the court's order.
    function forcedCosts(LoanId loanId, uint64 amount, bytes32 orderHash) external;

    /// @notice What a loan keeps of restructurings and partial write-offs.
    /// @dev Reverts with {ILoans.LoanUnknown} if there is no such loan.
    /// @param loanId The loan.
    /// @return relief What it keeps.
    function reliefOf(LoanId loanId) external view returns (ReliefState memory relief);

    /// @notice The EIP-712 digest that both parties sign for a restructuring.
    /// @param restructuring The terms.
    /// @return digest The digest.
    function restructuringDigest(Restructuring calldata restructuring) external view returns (bytes32 digest);
}
