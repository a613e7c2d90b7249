// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanMath} from "../math/LoanMath.sol";
import {IProducts} from "./IProducts.sol";
import {ClaimId, FacilityId, LoanId, ProductId} from "../types/Ids.sol";
import {ICollateral} from "./collateral/ICollateral.sol";

/// @title Loans: drawn, repaid, extended, in default, lost.
/// @notice The borrower draws and repays many times under a facility that it signed once. Amounts are minor units of the
/// product's currency, days are day numbers, rates and shares are parts per million. {IFacilities} has the terms and the
/// errors that all of lending shares.
/// @dev Facilities implements it through {IFacilities}.
interface ILoans {
    /// @notice Where a loan stands. Overdue follows from the clock.
    enum Status {
        None,
        Running,
        Defaulted,
        WrittenOff, // forgives nothing
        Repaid
    }

    /// @notice What the borrower asks for.
    /// @param facilityId The facility.
    /// @param amount Minor units.
    /// @param style How the loan is repaid.
    /// @param tenor Days for Bullet, months for schedules, 0 for BillingCycle.
    /// @param dueDayOfMonth Day of the month on which the instalments of a schedule fall due, 1 to 28; the first is in
    /// the month in which the first period ends. 0: by the day of the draw.
    /// @param afterPrepayment How principal that the borrower repays early changes a schedule; without effect on others.
    /// @param collateralId Claim or order, as the product has it; 0 for none.
    struct DrawRequest {
        uint256 facilityId;
        uint64 amount;
        LoanMath.Style style;
        uint16 tenor;
        uint8 dueDayOfMonth;
        LoanMath.AfterPrepayment afterPrepayment;
        uint256 collateralId;
    }

    /// @notice EIP-712 `SetOff`: the borrower hands over a claim in place of money, at a value that lender and borrower
    /// sign.
    /// @param loanId The loan.
    /// @param claimId The claim.
    /// @param claimValue Minor units of the claim that are handed over.
    /// @param credit Minor units of the debt that they pay.
    /// @param documentRoot Merkle root of the documents behind it.
    /// @param deadline UTC seconds, exclusive.
    /// @param nonce A number that makes equal terms differ.
    struct SetOff {
        uint256 loanId;
        uint256 claimId;
        uint96 claimValue;
        uint64 credit;
        bytes32 documentRoot;
        uint40 deadline;
        uint256 nonce;
    }

    /// @notice EIP-712 `Extension`: a later due day of a bullet loan, or more periods of a schedule.
    /// @param loanId The loan.
    /// @param dueDay The new due day, by the calendar, for Bullet; else 0.
    /// @param periods The new number of instalments, for schedules; else 0.
    /// @param deadline UTC seconds, exclusive.
    /// @param nonce A number that makes equal terms differ.
    struct Extension {
        uint256 loanId;
        uint24 dueDay;
        uint8 periods;
        uint40 deadline;
        uint256 nonce;
    }

    /// @notice A loan as it stands.
    /// @param facilityId The facility.
    /// @param status Where the loan stands.
    /// @param drawn Minor units that were drawn.
    /// @param collateral What secures it.
    /// @param collateralId The claim or order; 0 for none or for goods.
    /// @param markedOverdue Whether it counts as overdue for its product's breaker.
    /// @param lossRecorded Whether its loss was recorded.
    /// @param terms How it runs.
    /// @param state Its state as of its own day: today less the days lost.
    /// @param due What must be paid today so that nothing due stays unpaid.
    /// @param payoff What would end it today.
    /// @param lostDays Days since the draw in which the currency stood still; they do not count.
    struct Loan {
        FacilityId facilityId;
        Status status;
        uint64 drawn;
        IProducts.CollateralKind collateral;
        uint256 collateralId;
        bool markedOverdue;
        bool lossRecorded;
        LoanMath.Terms terms;
        LoanMath.State state;
        LoanMath.Parts due;
        LoanMath.Parts payoff;
        uint24 lostDays;
    }

    /// @notice The borrower's deposit paid a part of a loan in default.
    /// @param facilityId The facility.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency.
    /// @param held Minor units of the deposit that are held afterwards.
    event DepositUsed(FacilityId indexed facilityId, LoanId indexed loanId, uint64 amount, uint64 held);

    /// @notice A loan was drawn. Its other terms are those of the facility and of its product's version.
    /// @param loanId The loan.
    /// @param facilityId The facility.
    /// @param productId The product.
    /// @param amount Minor units of the currency.
    /// @param style How it is repaid.
    /// @param periods Number of instalments.
    /// @param startDay Day number of the draw.
    /// @param dueDay Due day number, for Bullet and BillingCycle; the first one of a schedule with a fixed day of the
    /// month; else 0.
    /// @param shifts Days by which each due day moves to a business day: four bits a period.
    /// @param afterPrepayment How principal that is repaid early changes a schedule.
    /// @param collateralId The claim or order; 0 for none or for goods.
    /// @param reserveShare Minor units that the lender paid into the reserve.
    event LoanDrawn(
        LoanId indexed loanId,
        FacilityId indexed facilityId,
        ProductId indexed productId,
        uint64 amount,
        LoanMath.Style style,
        uint8 periods,
        uint24 startDay,
        uint24 dueDay,
        uint256 shifts,
        LoanMath.AfterPrepayment afterPrepayment,
        uint256 collateralId,
        uint64 reserveShare
    );

    /// @notice A loan was paid, in whole or in part, with money or otherwise.
    /// @param loanId The loan.
    /// @param payer Whose money it was; the borrower for a claim or goods; this contract for money that was here:
    /// collected, from a sale, or from the deposit.
    /// @param day The loan's own day number: the calendar's, less the days on which the currency stood since the draw.
    /// @param parts Where it went.
    /// @param outstanding Principal that is owed, due or not, in minor units.
    event LoanRepaid(
        LoanId indexed loanId, address indexed payer, uint24 day, LoanMath.Parts parts, uint64 outstanding
    );

    /// @notice A loan was repaid in full.
    /// @param loanId The loan.
    /// @param day The loan's own day number: the calendar's, less the days on which the currency stood since the draw.
    event LoanEnded(LoanId indexed loanId, uint24 day);

    /// @notice What has accrued was stored.
    /// @param loanId The loan.
    /// @param day The loan's own day number: the calendar's, less the days on which the currency stood since the draw.
    /// @param due What must be paid so that nothing due stays unpaid, in minor units.
    /// @param payoff What would end the loan, in minor units.
    event LoanAccrued(LoanId indexed loanId, uint24 day, uint64 due, uint64 payoff);

    /// @notice A loan was extended.
    /// @param loanId The loan.
    /// @param dueDay Due day number, for Bullet.
    /// @param periods Number of instalments.
    /// @param shifts Days by which each due day moves to a business day: four bits a period.
    /// @param nonce The nonce of the signed terms: it says which extension this was.
    event LoanExtended(LoanId indexed loanId, uint24 dueDay, uint8 periods, uint256 shifts, uint256 nonce);

    /// @notice A bill became instalments.
    /// @param loanId The loan.
    /// @param startDay Day number from which the instalments run.
    /// @param periods Number of instalments.
    /// @param shifts Days by which each due day moves to a business day: four bits a period.
    event LoanInInstalments(LoanId indexed loanId, uint24 startDay, uint8 periods, uint256 shifts);

    /// @notice A loan counts as overdue for its product's breaker.
    /// @param loanId The loan.
    /// @param facilityId The facility.
    /// @param outstanding Principal that is owed, due or not, in minor units.
    /// @param day The loan's own day number: the calendar's, less the days on which the currency stood since the draw.
    event LoanOverdue(LoanId indexed loanId, FacilityId indexed facilityId, uint64 outstanding, uint24 day);

    /// @notice A loan is in default: all of it is due.
    /// @param loanId The loan.
    /// @param facilityId The facility.
    /// @param outstanding Principal that is owed, due or not, in minor units.
    /// @param day The loan's own day number: the calendar's, less the days on which the currency stood since the draw.
    /// @param isLiquidation Whether the collateral lost its value; else something was overdue.
    event LoanDefaulted(
        LoanId indexed loanId, FacilityId indexed facilityId, uint64 outstanding, uint24 day, bool isLiquidation
    );

    /// @notice A loss was recorded.
    /// @param loanId The loan.
    /// @param fromDeposit Minor units that the borrower's deposit paid.
    /// @param loss Principal that is outstanding, in minor units.
    /// @param absorbed Minor units of it that were absorbed at once.
    event LoanLossRecorded(LoanId indexed loanId, uint64 fromDeposit, uint64 loss, uint64 absorbed);

    /// @notice A loan was written off. It is still owed.
    /// @param loanId The loan.
    /// @param outstanding Principal that is owed, due or not, in minor units.
    /// @param day The loan's own day number: the calendar's, less the days on which the currency stood since the draw.
    event LoanWrittenOff(LoanId indexed loanId, uint64 outstanding, uint24 day);

    /// @notice A claim was handed over in place of money.
    /// @param loanId The loan.
    /// @param claimId The claim.
    /// @param claimValue Minor units of the claim.
    /// @param credit Minor units of the debt that it pays.
    /// @param documentRoot Merkle root of the documents behind it.
    event ClaimSetOff(
        LoanId indexed loanId, uint256 indexed claimId, uint96 claimValue, uint64 credit, bytes32 documentRoot
    );

    /// @notice Costs of enforcement are owed.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency.
    /// @param evidenceHash Hash of the evidence.
    event CostsCharged(LoanId indexed loanId, uint64 amount, bytes32 evidenceHash);

    /// @notice Money that was collected on a claim went through a loan.
    /// @param loanId The loan.
    /// @param claimId The claim.
    /// @param taken Minor units that the loan took.
    /// @param toOwner Minor units that went to the claim's owner.
    event CollectedForLoan(LoanId indexed loanId, ClaimId indexed claimId, uint64 taken, uint64 toOwner);

    /// @notice There is no such loan.
    /// @param loanId The loan.
    error LoanUnknown(LoanId loanId);

    /// @notice The loan does not stand where this is possible.
    /// @param loanId The loan.
    /// @param status Where the loan stands.
    error StateForbids(LoanId loanId, Status status);

    /// @notice The facility allows no draw on this day.
    /// @param facilityId The facility.
    /// @param today The day number of the block in the ledger's zone.
    /// @param firstDay First day number on which it does.
    /// @param lastDay Last day number on which it does.
    error FacilityNotInTime(FacilityId facilityId, uint256 today, uint24 firstDay, uint24 lastDay);

    /// @notice A loan of the facility is overdue.
    /// @param facilityId The facility.
    /// @param overdueLoans How many are.
    error FacilityOverdue(FacilityId facilityId, uint24 overdueLoans);

    /// @notice The borrower has not paid its deposit.
    /// @param facilityId The facility.
    /// @param held Minor units that it has paid.
    /// @param needed Minor units that it must pay.
    error DepositMissing(FacilityId facilityId, uint64 held, uint64 needed);

    /// @notice A limit would be exceeded.
    /// @param limit The name of the limit.
    /// @param requested What would be used of it, in minor units.
    /// @param max The limit, in minor units.
    error LimitExceeded(bytes32 limit, uint256 requested, uint256 max);

    /// @notice The product does not allow this way of repayment.
    /// @param style The way that was asked for.
    /// @param allowed Bit set of the ways that it allows.
    error StyleNotAllowed(LoanMath.Style style, uint8 allowed);

    /// @notice Too much is overdue under the product.
    /// @param productId The product.
    /// @param overdue Minor units that are overdue.
    /// @param outstanding Minor units that are lent.
    /// @param breaker Parts per million that may be overdue.
    error BreakerTripped(ProductId productId, uint64 overdue, uint64 outstanding, uint24 breaker);

    /// @notice A collateral item can still bring money.
    /// @param loanId The loan.
    /// @param collateralId The claim or order; 0 for none or for goods.
    error CollateralNotExhausted(LoanId loanId, uint256 collateralId);

    /// @notice The money that is to be lent does not arrive: not held, not approved, or the currency refuses.
    /// @param account Whose money it is.
    /// @param currency The currency's token contract.
    /// @param amount Minor units of the currency.
    error CannotFund(address account, address currency, uint256 amount);

    /// @notice Nothing can be paid on the loan.
    /// @param loanId The loan.
    error NothingOwed(LoanId loanId);

    /// @notice Nothing is unpaid beyond its grace.
    /// @param loanId The loan.
    error NotOverdue(LoanId loanId);

    /// @notice What is handed over would pay more than is owed.
    /// @param loanId The loan.
    /// @param credit Minor units of the debt that it pays.
    /// @param owed What would end the loan today, in minor units.
    error SetOffExceedsDebt(LoanId loanId, uint64 credit, uint256 owed);

    /// @notice The day on which this is possible has not come.
    /// @param loanId The loan.
    /// @param today The loan's own day number.
    /// @param earliest First day number on which it is possible.
    error TooEarly(LoanId loanId, uint256 today, uint256 earliest);

    /// @notice Only Receivables may do this.
    /// @param caller The sender of the call.
    error NotReceivables(address caller);

    /// @notice Payments that came in outside the ledger are recorded on the loan, and its new history would put them
    /// beyond correction. The borrower renounces them: they are owed again, and the lender records anew what came. If the
    /// loan went back to its seller from a holder that recorded some of them, the borrower cannot: the lender reverses them
    /// first, and pays the holder its share.
    /// @param loanId The loan.
    /// @param recorded What was recorded less what was reversed, in minor units.
    error PaymentsRecorded(LoanId loanId, uint256 recorded);

    /// @notice The loan or the product has no collateral of the kind that this needs.
    /// @param loanId The loan.
    error CollateralMissing(LoanId loanId);

    /// @notice Draws a loan. In this transaction the money goes from the lender's account (or the entruster's) to the
    /// sender's, and the collateral comes under a lien.
    /// @dev A valid account of the borrower's party calls it. The borrower has approved this contract as operator of
    /// the collateral, the lender on the currency. What the reserve takes, the lender pays on top of what it lends.
    /// Reverts with {IFacilities.FacilityUnknown} if there is no such facility.
    /// Reverts with {IFacilities.NotBorrower} if the caller is of another party.
    /// Reverts with {IFacilities.FacilityIsClosed} if the facility is closed.
    /// Reverts with {FacilityNotInTime} if it allows no draw today.
    /// Reverts with {FacilityOverdue} if a loan of the facility is overdue.
    /// Reverts with {DepositMissing} if the deposit is not paid.
    /// Reverts with {ProductClosed} if the product is closed.
    /// Reverts with {IFacilities.TermOutOfRange} if the amount is 0, or the tenor or the collateral's number is out of range.
    /// Reverts with {LimitExceeded} if a limit of facility, programme, credit tier, rule set, group or debtor would be
    /// exceeded. Those of tier, rule set and group count what the borrower owes over all facilities.
    /// Reverts with {IDrawControl.LimitInOtherCurrency} if the borrower uses its attested limit in another currency.
    /// Reverts with {IDrawControl.BorrowerInDefault} if a loan of the borrower is in default, in whichever facility.
    /// Reverts with {IDrawControl.FacilitySuspended} if the lender's side has suspended draws.
    /// Reverts with {IDrawControl.CommitmentEnded} if an event of the terms has ended the lender's commitment.
    /// Reverts with {IDrawControl.DrawNotAnnounced} if the draw needs an announcement and has none.
    /// Reverts with {IDrawControl.DrawWaits} if the hours after its announcement are not over.
    /// Reverts with {BreakerTripped} if too much is overdue under the product.
    /// Reverts with {NewRiskStopped} while new risk is stopped.
    /// Reverts with {PartyNotValid} if a party is not valid.
    /// Reverts with {RoleMissing} if the lender lacks its role.
    /// Reverts with {CollateralMissing} if the product lends on goods: call {drawOnGoods}.
    /// Reverts with {IFacilities.CurrencyStands} if the currency does not move.
    /// Reverts with {StyleNotAllowed} if the product does not allow this way of repayment.
    /// Reverts with {ICollateral.CollateralInUse} if the collateral secures another loan.
    /// Reverts with {ICollateral.CollateralNotOfBorrower} if it is not of the borrower's party.
    /// Reverts with {ICollateral.CollateralNotGood} if its state does not allow it.
    /// Reverts with {ICollateral.CollateralInOtherCurrency} if it is in another currency.
    /// Reverts with {IFacilities.SamePartyBothSides} if its debtor is the borrower, or under the same control.
    /// Reverts with {ICollateral.CollateralTooSmall} if the amount is more than may be lent on it.
    /// Reverts with {ICollateral.DebtorNotAccepted} if the lender has accepted debtors, and not this one.
    /// Reverts with {CannotFund} if the money does not arrive.
    /// Reverts with {IFacilities.TransferTookFee} if the currency takes a fee.
    /// Reverts with {AccountUnknown} if the debtor's account is of no party and the product limits the share of one
    /// debtor.
    /// Reverts also with the errors of {ICreditRegistry.requireTier}, {IPriceFeed.convert}, {IProducts.shifts},
    /// {ISplittableToken.encumber}, {IPurchaseOrders.encumber} and {IRiskReserve.feed}.
    /// Source: Civil Code of China, article 670: no interest and no share is deducted from the money beforehand.
    /// @param request What the borrower asks for.
    /// @return The new loan.
    function draw(DrawRequest calldata request) external returns (LoanId);

    /// @notice Repays from the caller's own money. It takes at most what is owed today. While the currency stands still
    /// (paused by its issuer) it takes nothing, and records the stop: see {IFacilities.checkCurrency}.
    /// @dev Anyone may call it. The payer has approved this contract on the currency. No pause stops it.
    /// Reverts with {IFacilities.TermOutOfRange} if the amount is 0.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {StateForbids} if it is repaid.
    /// Reverts with {NothingOwed} if nothing can be paid on it.
    /// Reverts with {IFacilities.TransferTookFee} if the currency takes a fee.
    /// Reverts with the currency's own error if it moves and refuses this payment.
    /// @param loanId The loan.
    /// @param amount Minor units that the payer gives at most.
    /// @return parts Where the money went, in minor units; all zero if the currency stands.
    function repay(LoanId loanId, uint64 amount) external returns (LoanMath.Parts memory parts);

    /// @notice Repays several loans in the order of the list (the purchases of a bill). It skips a loan that cannot be
    /// paid (already repaid, unknown, or in another currency that does not arrive), so that nobody can stop a bill's
    /// payment.
    /// @dev Anyone may call it. The payer has approved this contract on the currency.
    /// Reverts with {IFacilities.TermOutOfRange} if the amount is 0.
    /// Reverts with {NothingOwed} if nothing can be paid on any of the loans.
    /// Reverts with {IFacilities.GasTooLow} if a loan cannot be paid for want of gas.
    /// If no loan can be paid and no currency stands, reverts with the error of the last loan that was tried.
    /// @param loanIds The loans.
    /// @param amount Minor units that the payer gives at most in total.
    /// @return taken Minor units that were taken.
    function repayMany(LoanId[] calldata loanIds, uint64 amount) external returns (uint64 taken);

    /// @notice Stores what has accrued by today. It is never needed and does not change what is owed.
    /// @dev Anyone may call it.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {StateForbids} if it is repaid.
    /// @param loanId The loan.
    function accrue(LoanId loanId) external;

    /// @notice Extends a loan. The due day is a day of today's calendar: it includes the days lost so far, and days
    /// lost later move it.
    /// @dev Anyone may send it, with the EIP-712 signatures of both parties. Nothing of the loan may be overdue or in
    /// grace.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {StateForbids} if it does not run, or something is overdue or in grace.
    /// Reverts with {IFacilities.TermsUsed} if the terms were used before.
    /// Reverts with {IFacilities.SignatureExpired} from the deadline on.
    /// Reverts with {IFacilities.SignatureCancelled} if a signer took its signature back.
    /// Reverts with {IFacilities.SignatureInvalid} if a signature is not of its party.
    /// Reverts with {PartyNotValid} if a signer is not valid.
    /// Reverts with {IFacilities.SamePartyBothSides} if participants have a share and its lender is related to the borrower.
    /// Reverts with {IFacilities.TermOutOfRange} if the new due day or number of instalments is not later, not allowed by the
    /// product, or not for this loan. The product's longest tenor counts from the draw, after a restructuring from its
    /// day.
    /// @param extension The terms.
    /// @param lenderSignature Signature of the party whose money is lent: the entruster's for an entrusted loan, else
    /// the lender's.
    /// @param borrowerSignature Signature of the borrower's party.
    function extend(Extension calldata extension, bytes calldata lenderSignature, bytes calldata borrowerSignature)
        external;

    /// @notice Turns a bill into instalments. Its purchases become schedules of equal instalments from its due day.
    /// Payments outside the ledger that are recorded on them are owed again, as far as the borrower says so: else the
    /// lender could keep any bill out of instalments by recording a cent, or the borrower take a payment back that the
    /// lender can correct no more.
    /// @dev A valid account of the borrower's party calls it, before the bill's due day has passed. What is renounced
    /// counts as a correction for participants, for a seller's duty and for a loss.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {StateForbids} if one does not run, is no bill, or is past its due day.
    /// Reverts with {IFacilities.NotBorrower} if the caller is of another party.
    /// Reverts with {PaymentsRecorded} if more is recorded on one than is left of `renounced`, or by a holder from whom the
    /// loan went back to its seller.
    /// Reverts with {IFacilities.TermOutOfRange} if the product does not allow this number of months.
    /// @param loanIds The purchases of the bill.
    /// @param months Number of instalments, one a month.
    /// @param renounced The most of recorded payments that the borrower owes again on all of them, in minor units.
    function payInInstalments(LoanId[] calldata loanIds, uint8 months, uint64 renounced) external;

    /// @notice Hands over a claim in place of money. It goes to the party whose money is lent, free of its lien if
    /// handed over whole. The entruster pays the administering bank its fee in money. A claim from the loan's
    /// collateral counts for at least the money that waits on it and what is lent on the rest, or for all that is owed.
    /// Once its debtor is in default, only the money counts, unless the debtor is of the group of the one whose money is lent.
    /// While participants have a share, it counts for all of it that is unpaid, money that waits included, or for all
    /// that is owed, also in default.
    /// @dev Anyone may send it, with the EIP-712 signatures of both parties. The claim is collateral of the loan, or a
    /// free claim of the borrower's party, which has approved this contract. A part that a court split off the
    /// collateral of another loan belongs to that loan.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {StateForbids} if it is repaid, or its loss was recorded.
    /// Reverts with {IFacilities.TermsUsed} if the terms were used before.
    /// Reverts with {IFacilities.SignatureExpired} from the deadline on.
    /// Reverts with {IFacilities.SignatureCancelled} if a signer took its signature back.
    /// Reverts with {IFacilities.SignatureInvalid} if a signature is not of its party.
    /// Reverts with {PartyNotValid} if a signer or the receiver is not valid.
    /// Reverts with {IFacilities.SamePartyBothSides} if participants have a share and its lender is related to the borrower.
    /// Reverts with {ICollateral.CollateralNotOfBorrower} if the claim is not of the borrower's party.
    /// Reverts with {ICollateral.CollateralInUse} if it secures another loan.
    /// Reverts with {ICollateral.LienServesLoan} if it is a part of what secures another loan.
    /// Reverts with {ICollateral.CreditBelowFloor} if a claim from the collateral counts for too little.
    /// Reverts with {SetOffExceedsDebt} if it pays more than is owed.
    /// Reverts with {NothingOwed} if it pays nothing.
    /// Reverts with {IFacilities.TransferTookFee} if the currency takes a fee from what the entruster pays the bank.
    /// Reverts also with the errors of {ISplittableToken.assign}.
    /// @param setOff_ The terms.
    /// @param lenderSignature Signature of the party whose money is lent: the entruster's for an entrusted loan, else
    /// the lender's.
    /// @param borrowerSignature Signature of the borrower's party.
    function setOff(SetOff calldata setOff_, bytes calldata lenderSignature, bytes calldata borrowerSignature) external;

    /// @notice Charges costs of enforcement that the borrower signed for. They are paid before principal, so the lender
    /// bears a later loss of the loan itself; costs that a court orders ({IRestructuring.forcedCosts}) leave it shared.
    /// @dev A valid account of the lender's or the entruster's party calls it. The borrower signed `Costs(uint256
    /// loanId,uint64 amount,bytes32 evidenceHash,uint40 deadline,uint256 nonce)` (EIP-712).
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {ILoanParticipations.CostsOfSharedLoan} if participants have a share of it.
    /// Reverts with {StateForbids} if it is repaid, or its loss was recorded.
    /// Reverts with {IFacilities.NotLender} if the caller is of another party.
    /// Reverts with {IFacilities.TermsUsed} if the terms were used before.
    /// Reverts with {IFacilities.SignatureExpired} from the deadline on.
    /// Reverts with {IFacilities.SignatureCancelled} if the signer took the signature back.
    /// Reverts with {IFacilities.SignatureInvalid} if the signature is not of the borrower's party.
    /// Reverts with {PartyNotValid} if the signer is not valid.
    /// Reverts with {IFacilities.TermOutOfRange} if the amount is 0, or above the facility's limit.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency.
    /// @param evidenceHash Hash of the evidence.
    /// @param deadline UTC seconds, exclusive.
    /// @param nonce A number that makes equal terms differ.
    /// @param borrowerSignature Signature of the borrower's party.
    function chargeCosts(
        LoanId loanId,
        uint64 amount,
        bytes32 evidenceHash,
        uint40 deadline,
        uint256 nonce,
        bytes calldata borrowerSignature
    ) external;

    /// @notice Draws as {draw} does, under a product whose collateral is goods. To the lender the items are worth at
    /// least the amount, at prices that are not in doubt.
    /// @dev Who may call, and the other errors, are as for {draw}. The items are the borrower's own, free and whole,
    /// and at least one is a warehouse receipt.
    /// Reverts with {IFacilities.TermOutOfRange} if `request.collateralId` is not 0, or an item's number is out of range.
    /// Reverts with {CollateralMissing} if the product does not lend on goods, or no item is a warehouse receipt.
    /// Reverts with {ICollateral.TooManyItems} if there are more than 16.
    /// Reverts with {ICollateral.ItemRefused} if an item cannot be collateral.
    /// Reverts with {ICollateral.ClaimDueTooLate} if a claim is due more than 90 days after the loan.
    /// Reverts with {ICollateral.CollateralTooSmall} if the items are worth less than the amount.
    /// Reverts also with the errors of {IPriceFeed.price}.
    /// Source: decision 18.
    /// @param request What the borrower asks for.
    /// @param items The collateral items.
    /// @return The new loan.
    function drawOnGoods(DrawRequest calldata request, ICollateral.CollateralItem[] calldata items)
        external
        returns (LoanId);

    /// @notice Marks a loan as overdue once something is unpaid beyond its grace. It counts as overdue for its
    /// product's breaker until it is repaid up to date.
    /// @dev Anyone may call it.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {StateForbids} if it is repaid, or marked already.
    /// Reverts with {NotOverdue} if nothing is unpaid beyond its grace.
    /// Reverts with {TooEarly} while the borrower may still pay what a correction or a late rate made due: within the days
    /// of grace from it, and 3 at least; once in 90 days of the loan, and if it was not overdue before.
    /// @param loanId The loan.
    function markOverdue(LoanId loanId) external;

    /// @notice Declares a default once something is unpaid beyond its grace: all falls due.
    /// @dev A valid account of the lender's (the administering bank's) or the entruster's party calls it.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {NotOverdue} if nothing is unpaid beyond its grace.
    /// Reverts with {TooEarly} while the borrower may still pay what a correction or a late rate brought back: within the
    /// days of grace from it, and 3 at least.
    /// Reverts with {IFacilities.NotLender} if the caller is of another party.
    /// Reverts with {StateForbids} if it does not run.
    /// @param loanId The loan.
    function declareDefault(LoanId loanId) external;

    /// @notice Records the loss of a defaulted loan whose collateral is gone, or whose debtor has defaulted too. It
    /// takes the borrower's deposit, and then reserve, sharers and insurer for the principal still outstanding
    /// ({IRiskReserve}).
    /// @dev A valid account of the lender's or the entruster's party calls it, at least 30 days after the draw.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {IFacilities.NotLender} if the caller is of another party.
    /// Reverts with {StateForbids} if it is not in default, or its loss was recorded.
    /// Reverts with {CollateralNotExhausted} if a collateral item can still bring money.
    /// Reverts with {TooEarly} if the draw is less than 30 days ago and there was no deposit to take.
    /// Of the loss the lender bears itself what corrections brought back, restructurings capitalised, and what left for
    /// the promises of debtors that were accepted after the draw ({ICollateral.GoodsLeftForPromise}).
    /// Reverts with {IPostings.LossNotShared} if that is all of the loss, or costs were charged that the borrower signed
    /// for, and there was no deposit to take.
    /// What a party that is related to the one whose money is lent, to the one who lent it first or to a participant owes
    /// under the lien and did not pay, the lender bears itself. If one of them is related to the borrower, nobody else bears
    /// anything.
    /// Reverts also with the errors of {IRiskReserve.recordLoss}.
    /// Source: decisions 21 and 62.
    /// @param loanId The loan.
    /// @return absorbed Minor units that were absorbed at once.
    function recordLoss(LoanId loanId) external returns (uint64 absorbed);

    /// @notice Writes a loan off. It forgives nothing.
    /// @dev A valid account of the lender's or the entruster's party calls it, `writeOffDays` after the last due day at
    /// the earliest.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {IFacilities.NotLender} if the caller is of another party.
    /// Reverts with {StateForbids} if it is not in default.
    /// Reverts with {TooEarly} before that day.
    /// Source: decision 7.
    /// @param loanId The loan.
    function writeOff(LoanId loanId) external;

    /// @notice Declares the default of the debtors of the claims under lien, as their lienholder may.
    /// @dev A valid account of the lender's or the entruster's party calls it.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {StateForbids} if it is repaid.
    /// Reverts with {IFacilities.NotLender} if the caller is of another party.
    /// Reverts with {CollateralMissing} if no claim is collateral whose debtor's default can be declared.
    /// Reverts with {IFacilities.GasTooLow} if a default cannot be declared for want of gas.
    /// For a loan on one claim, reverts also with the errors of {IReceivables.declareDefault}.
    /// @param loanId The loan.
    function declareDebtDefault(LoanId loanId) external;

    /// @notice A loan as it stands today.
    /// @dev Reverts with {LoanUnknown} if there is no such loan.
    /// @param loanId The loan.
    /// @return The loan.
    function loan(LoanId loanId) external view returns (Loan memory);

    /// @notice The EIP-712 digest that both parties sign for a set-off.
    /// @param setOff_ The terms.
    /// @return The digest.
    function setOffDigest(SetOff calldata setOff_) external view returns (bytes32);

    /// @notice The EIP-712 digest that both parties sign for an extension.
    /// @param extension The terms.
    /// @return The digest.
    function extensionDigest(Extension calldata extension) external view returns (bytes32);

    /// @notice The EIP-712 digest that the borrower signs for costs.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency.
    /// @param evidenceHash Hash of the evidence.
    /// @param deadline UTC seconds, exclusive.
    /// @param nonce A number that makes equal terms differ.
    /// @return The digest.
    function costsDigest(LoanId loanId, uint64 amount, bytes32 evidenceHash, uint40 deadline, uint256 nonce)
        external
        view
        returns (bytes32);
}
