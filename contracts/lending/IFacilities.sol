// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IClaimCollector} from "../receivables/IClaimCollector.sol";
import {IWarehouseReceiptLienholder} from "../warehouse/IWarehouseReceiptLienholder.sol";
import {CurrencyClock} from "../cash/CurrencyClock.sol";
import {FacilityId, ProductId} from "../types/Ids.sol";
import {IDrawControl} from "./IDrawControl.sol";
import {ILoanRates} from "./ILoanRates.sol";
import {IDrawEvidence} from "./IDrawEvidence.sol";
import {ILoans} from "./ILoans.sol";
import {ILoanParticipations} from "./ILoanParticipations.sol";
import {ILoanSales} from "./ILoanSales.sol";
import {IPostings} from "./IPostings.sol";
import {IServiceFees} from "./IServiceFees.sol";
import {ITradeRecord} from "./ITradeRecord.sol";
import {ICollateral} from "./collateral/ICollateral.sol";
import {IHedges} from "./collateral/IHedges.sol";
import {ILiquidation} from "./liquidation/ILiquidation.sol";
import {IRestructuring} from "./IRestructuring.sol";

/// @title Facilities that both parties signed, and the loans drawn on them.
/// @notice The parties sign once; the borrower draws and repays many times. Amounts are minor units of the product's
/// currency, days are day numbers, rates and shares are parts per million. A pause, a closed product or a tripped
/// breaker stops draws. It never stops a repayment, a collection or a release.
/// @dev Source: decisions 13, 15, 23, 37, 40, 41, 42, 44, 45, 48 and 49.
interface IFacilities is
    ILoans,
    ILoanSales,
    ILoanParticipations,
    IPostings,
    ICollateral,
    IHedges,
    ILiquidation,
    IDrawControl,
    IRestructuring,
    ILoanRates,
    IServiceFees,
    IDrawEvidence,
    ITradeRecord,
    IClaimCollector,
    IWarehouseReceiptLienholder
{
    /// @notice EIP-712 `FacilityTerms` over exactly these fields, in the domain "Cession Facilities", version 1.
    /// @param productId The product.
    /// @param version Version of the product, as in force when the facility is agreed.
    /// @param lender The bank, the platform, or the bank that administers.
    /// @param borrower The borrower.
    /// @param entruster Whose money an entrusted loan is (its principal); zero for others.
    /// @param annualRate Parts per million a year; under a product with a floating rate the highest rate of its loans.
    /// @param administrationFee Share of interest and penalty that the administering bank keeps, in parts per million.
    /// @param limit Minor units, in the product's limit currency if it has one: what may be outstanding, or drawn in
    /// all if the product is not revolving.
    /// @param deposit Minor units that the borrower pays in before it draws.
    /// @param firstDay First day number on which the borrower may draw.
    /// @param lastDay Last day number on which the borrower may draw.
    /// @param coolingOffAmount Minor units of the currency that may be drawn within `coolingOffHours` without an
    /// announcement. Draws add up until that many hours pass without one.
    /// @param coolingOffHours Hours from the announcement of a larger draw to the draw, at most 720; 0: no draw is
    /// announced.
    /// @param endEvents What ends the lender's commitment before `lastDay`. Bit 1: a loan of the borrower, in whichever
    /// facility, is marked as overdue. Bit 2: one falls into default. Both end it until the party whose money is lent
    /// renews it ({IDrawControl.resumeDraws}). Bit 4: the borrower's credit
    /// tier is worse than at the agreement, or stale, while it is so.
    /// @param correctionDays Days after a recording in which the lender alone may correct a payment outside the ledger
    /// to the borrower's disadvantage; at most 30.
    /// @param spread What is added to the product's reference, in parts per million a year; 0 for a fixed rate.
    /// @param flatFee Service fee of each draw, in minor units: see {IServiceFees}.
    /// @param drawFee Share of each draw that is owed as a service fee, in parts per million.
    /// @param periodicFee Share of the running principal that each instalment is charged, in parts per million.
    /// @param legalTextHash Hash of the legal text.
    /// @param deadline UTC seconds, exclusive.
    /// @param nonce A number that makes equal terms differ.
    struct FacilityTerms {
        uint256 productId;
        uint32 version;
        address lender;
        address borrower;
        address entruster;
        uint24 annualRate;
        uint24 administrationFee;
        uint64 limit;
        uint64 deposit;
        uint24 firstDay;
        uint24 lastDay;
        uint64 coolingOffAmount;
        uint16 coolingOffHours;
        uint8 endEvents;
        uint8 correctionDays;
        int24 spread;
        uint64 flatFee;
        uint24 drawFee;
        uint24 periodicFee;
        bytes32 legalTextHash;
        uint40 deadline;
        uint256 nonce;
    }

    /// @notice A facility as it stands. Amounts are minor units of its currency.
    /// @param termsHash EIP-712 digest of the terms that were signed.
    /// @param productId The product.
    /// @param version Version of the product.
    /// @param lender The lender.
    /// @param borrower The borrower.
    /// @param entruster Whose money an entrusted loan is; zero for others.
    /// @param currency Token contract of its currency.
    /// @param annualRate Parts per million a year; with a floating rate the highest rate of its loans.
    /// @param administrationFee Share of interest and penalty that the administering bank keeps, in parts per million.
    /// @param limit What may be outstanding, or drawn in all if the product is not revolving; in the product's limit
    /// currency if it has one.
    /// @param deposit What the borrower pays in before it draws.
    /// @param firstDay First day number on which the borrower may draw.
    /// @param lastDay Last day number on which the borrower may draw.
    /// @param outstanding Principal.
    /// @param drawn Drawn since the facility was agreed.
    /// @param depositHeld The deposit that is held.
    /// @param overdueLoans Loans that were drawn on it and are marked as overdue, also those that were sold.
    /// @param openLoans Loans that are not repaid.
    /// @param closed Whether no draw is possible any more.
    /// @param coolingOffAmount What may be drawn within `coolingOffHours` without an announcement.
    /// @param coolingOffHours Hours from an announcement to the draw; 0: no draw is announced.
    /// @param endEvents What ends the lender's commitment: see {FacilityTerms}.
    /// @param suspendedBy Who has suspended its draws: 0 nobody, 1 the lender, 2 the entruster, 3 both.
    /// @param isFloating Whether the rate of its loans follows a reference.
    /// @param spread What is added to the reference, in parts per million a year.
    struct Facility {
        bytes32 termsHash;
        uint256 productId;
        uint32 version;
        address lender;
        address borrower;
        address entruster;
        address currency;
        uint24 annualRate;
        uint24 administrationFee;
        uint64 limit;
        uint64 deposit;
        uint24 firstDay;
        uint24 lastDay;
        uint64 outstanding;
        uint64 drawn;
        uint64 depositHeld;
        uint24 overdueLoans;
        uint32 openLoans;
        bool closed;
        uint64 coolingOffAmount;
        uint16 coolingOffHours;
        uint8 endEvents;
        uint8 suspendedBy;
        bool isFloating;
        int24 spread;
    }

    /// @notice A facility was agreed.
    /// @param facilityId The facility.
    /// @param lender The lender.
    /// @param borrower The borrower.
    /// @param terms The terms.
    event FacilityAgreed(
        FacilityId indexed facilityId, address indexed lender, address indexed borrower, FacilityTerms terms
    );

    /// @notice No draw is possible any more.
    /// @param facilityId The facility.
    /// @param depositReturned Minor units that went back to the borrower's party.
    event FacilityClosed(FacilityId indexed facilityId, uint64 depositReturned);

    /// @notice The borrower's deposit was paid, in whole or in part.
    /// @param facilityId The facility.
    /// @param payer Whose money it was.
    /// @param amount Minor units of the currency.
    /// @param held Minor units of the deposit that are held afterwards.
    event DepositPaid(FacilityId indexed facilityId, address indexed payer, uint64 amount, uint64 held);

    /// @notice A court took it out of a party's unclaimed money.
    /// @param from An account of the party.
    /// @param currency The currency's token contract.
    /// @param to The account that receives.
    /// @param amount Minor units of the currency.
    /// @param orderHash Hash of the court's order.
    event ForcedWithdrawal(
        address indexed from, address indexed currency, address indexed to, uint256 amount, bytes32 orderHash
    );

    /// @notice A court took it out of the deposit of a facility that is not in use.
    /// @param facilityId The facility.
    /// @param to The account that receives.
    /// @param amount Minor units of the currency.
    /// @param held Minor units of the deposit that are held afterwards.
    /// @param orderHash Hash of the court's order.
    event DepositTaken(
        FacilityId indexed facilityId, address indexed to, uint64 amount, uint64 held, bytes32 indexed orderHash
    );

    // The events of Unclaimed, CurrencyClock and SignedTerms, for readers of this contract's interface only.
    /// @notice Money could not be sent and waits for its owner's party.
    /// @param party The account that was to receive.
    /// @param currency The currency's token contract.
    /// @param amount Minor units of the currency.
    event LeftUnclaimed(address indexed party, address indexed currency, uint256 amount);

    /// @notice A party's unclaimed money was paid out.
    /// @param party The account that received, or whose money a court took.
    /// @param currency The currency's token contract.
    /// @param amount Minor units of the currency.
    event UnclaimedWithdrawn(address indexed party, address indexed currency, uint256 amount);

    /// @notice The currency does not move.
    /// @param currency The currency's token contract.
    /// @param stoppedAt When the currency stopped (UTC seconds).
    event CurrencyStopped(address indexed currency, uint40 stoppedAt);

    /// @notice The currency moves again.
    /// @param currency The currency's token contract.
    /// @param stoppedAt When the currency stopped (UTC seconds).
    /// @param daysLost Days lost in this stop.
    event CurrencyMoves(address indexed currency, uint40 stoppedAt, uint24 daysLost);

    /// @notice A signer took a signature back.
    /// @param signer The account whose signature it is.
    /// @param digest The EIP-712 digest that was signed.
    event SignatureWithdrawn(address indexed signer, bytes32 indexed digest);

    /// @notice The lender accepted a debtor for a facility, or no longer.
    /// @param facilityId The facility.
    /// @param debtor An account of the debtor.
    /// @param accepted True if its debts may become collateral.
    event DebtorAccepted(FacilityId indexed facilityId, address indexed debtor, bool accepted);

    /// @notice There is no such facility.
    /// @param facilityId The facility.
    error FacilityUnknown(FacilityId facilityId);

    /// @notice The signature is not of the party that must sign.
    /// @param signer The account that holds the position.
    /// @param digest The EIP-712 digest that was signed.
    error SignatureInvalid(address signer, bytes32 digest);

    /// @notice These terms were used. Sign others, with another nonce.
    /// @param termsHash EIP-712 digest of the terms that were signed.
    error TermsUsed(bytes32 termsHash);

    /// @notice Another version of the product is in force.
    /// @param productId The product.
    /// @param value The version that was given.
    /// @param inForce The version in force.
    error VersionNotInForce(ProductId productId, uint32 value, uint32 inForce);

    /// @notice A term is out of range.
    /// @param term The name of the term.
    /// @param value The value that was given.
    /// @param min The smallest value allowed.
    /// @param max The largest value allowed.
    error TermOutOfRange(bytes32 term, uint256 value, uint256 min, uint256 max);

    /// @notice The spread is out of the product's range; a product with a fixed rate has none.
    /// @param spread Parts per million a year.
    /// @param min The smallest spread allowed.
    /// @param max The largest spread allowed.
    error SpreadOutOfRange(int24 spread, int24 min, int24 max);

    /// @notice The product has another legal text.
    /// @param provided Hash of the text that was given.
    /// @param ofProduct Hash of the product's text.
    error LegalTextDiffers(bytes32 provided, bytes32 ofProduct);

    /// @notice The two sides are one party, or for a debtor or an undertaker under one control.
    /// @param lender One side: the lender, the entruster, the debtor or the undertaker.
    /// @param borrower The borrower.
    error SamePartyBothSides(address lender, address borrower);

    /// @notice The caller is not of the borrower's party.
    /// @param facilityId The facility.
    /// @param borrower The borrower.
    /// @param caller The sender of the call.
    error NotBorrower(FacilityId facilityId, address borrower, address caller);

    /// @notice The caller is neither of the lender's party nor of the entruster's.
    /// @param facilityId The facility.
    /// @param lender The lender.
    /// @param caller The sender of the call.
    error NotLender(FacilityId facilityId, address lender, address caller);

    /// @notice The facility is closed.
    /// @param facilityId The facility.
    error FacilityIsClosed(FacilityId facilityId);

    /// @notice A loan of the facility is not repaid.
    /// @param facilityId The facility.
    /// @param outstanding Principal that is owed, due or not, in minor units.
    error FacilityInUse(FacilityId facilityId, uint64 outstanding);

    /// @notice The currency does not move now.
    /// @param currency The currency's token contract.
    error CurrencyStands(address currency);

    /// @notice The currency takes a fee, so that less arrived.
    /// @param currency The currency's token contract.
    /// @param expected Minor units that were sent.
    /// @param received Minor units that arrived.
    error TransferTookFee(address currency, uint256 expected, uint256 received);

    /// @notice The party has no unclaimed money in this currency.
    /// @param party The account that was to receive.
    /// @param currency The currency's token contract.
    error NothingUnclaimed(address party, address currency);

    /// @notice A call that may fail had too little gas. Send the transaction with more gas.
    /// @param left Gas that was left for the call.
    /// @param needed Gas that is enough for it.
    error GasTooLow(uint256 left, uint256 needed);

    /// @notice Receiver and caller are of two parties.
    /// @param account The account that was to receive.
    /// @param caller The sender of the call.
    error NotOfParty(address account, address caller);

    /// @notice The deadline of the signature has passed.
    /// @param deadline UTC seconds, exclusive.
    /// @param timestamp The time of the block (UTC seconds).
    error SignatureExpired(uint40 deadline, uint256 timestamp);

    /// @notice The signer took this signature back.
    /// @param signer The account whose signature it is.
    /// @param digest The EIP-712 digest that was signed.
    error SignatureCancelled(address signer, bytes32 digest);

    /// @notice Only the court may do this.
    /// @param caller The sender of the call.
    error NotCourt(address caller);

    /// @notice Agrees a facility.
    /// @dev Anyone may send it, with the EIP-712 signatures of lender and borrower, and of the entruster if there is
    /// one. All of them are valid. The lender has role 4 (bank), or 16 (platform) if the product lends the platform's
    /// money.
    /// Reverts with {TermsUsed} if the terms were agreed before.
    /// Reverts with {SignatureExpired} from the deadline on.
    /// Reverts with {VersionNotInForce} if another version of the product is in force.
    /// Reverts with {ProductClosed} if the product is closed.
    /// Reverts with {SamePartyBothSides} if the borrower is the lender's party or the entruster's.
    /// Reverts with {NewRiskStopped} while new risk is stopped.
    /// Reverts with {PartyNotValid} if a party is not valid.
    /// Reverts with {RoleMissing} if the lender lacks its role.
    /// Reverts with {SpreadOutOfRange} if the spread is out of the product's range.
    /// Reverts with {TermOutOfRange} if a term is not within the product's bounds.
    /// Reverts with {LegalTextDiffers} if the product has another legal text.
    /// Reverts with {CurrencyStands} if the currency does not move now.
    /// Reverts with {SignatureCancelled} if a signer took its signature back.
    /// Reverts with {SignatureInvalid} if a signature is not of its party.
    /// Reverts with {ICreditRegistry.TierMissing} if the tier is to end the commitment, and the borrower has none.
    /// Reverts with {ILoans.LimitExceeded} if the borrower's facilities under the product would exceed the product's limit.
    /// @param terms The terms.
    /// @param lenderSignature Signature of the lender's party.
    /// @param borrowerSignature Signature of the borrower's party.
    /// @param entrusterSignature Signature of the entruster's party; empty if there is none.
    /// @return The new facility.
    function agree(
        FacilityTerms calldata terms,
        bytes calldata lenderSignature,
        bytes calldata borrowerSignature,
        bytes calldata entrusterSignature
    ) external returns (FacilityId);

    /// @notice Pays the deposit from the caller's own money, up to what the terms require.
    /// @dev Anyone may call it. The payer has approved this contract on the currency.
    /// Reverts with {FacilityUnknown} if there is no such facility.
    /// Reverts with {FacilityIsClosed} if it is closed.
    /// Reverts with {TermOutOfRange} if the amount is 0, or more than is missing.
    /// Reverts with {TransferTookFee} if the currency takes a fee.
    /// Reverts with the currency's own error if it refuses the payment.
    /// @param facilityId The facility.
    /// @param amount Minor units of the currency.
    function payDeposit(FacilityId facilityId, uint64 amount) external;

    /// @notice Closes a facility. No draw is possible any more. The deposit goes back to the borrower's party: to the
    /// account that closes if it is the party's own, otherwise to the borrower's account.
    /// @dev A valid account of the borrower's, the lender's or the entruster's party calls it.
    /// Reverts with {FacilityUnknown} if there is no such facility.
    /// Reverts with {NotLender} if the caller is of none of these parties.
    /// Reverts with {FacilityIsClosed} if it is closed.
    /// Reverts with {FacilityInUse} if a loan is not repaid.
    /// @param facilityId The facility.
    function close(FacilityId facilityId) external;

    /// @notice Sets whether debts of this debtor's party may become collateral of the facility's loans. While the
    /// lender has accepted any debtor, draws take claims and orders on accepted debtors only. Collateral is never
    /// converted into a claim on another debtor, except on the buyer of an order that is collateral already. For loans
    /// that were drawn before, goods that leave for its debts leave as much of a loss to the lender: see
    /// {ICollateral.GoodsLeftForPromise}.
    /// While participants have a share of a loan whose lender is related to its borrower, no collateral leaves it for the
    /// debt of one that was not accepted, as the debtor of a claim of the loan, when its first share was sold.
    /// @dev A valid account of the lender's or the entruster's party calls it.
    /// Reverts with {FacilityUnknown} if there is no such facility.
    /// Reverts with {NotLender} if the caller is of another party.
    /// Reverts with {AccountUnknown} if the debtor's account is of no party.
    /// @param facilityId The facility.
    /// @param debtor An account of the debtor.
    /// @param accepted True if they may.
    function acceptDebtor(FacilityId facilityId, address debtor, bool accepted) external;

    /// @notice Takes the sender's own signature back (facility terms, a set-off, an extension, costs, goods in kind, a
    /// buy-back undertaking). What was done with it stands.
    /// @dev The signer calls it, also before it has handed the signature to anyone.
    /// Reverts with {SignatureCancelled} if it was taken back before.
    /// @param digest The EIP-712 digest that was signed.
    function cancelSignature(bytes32 digest) external;

    /// @notice Sends all unclaimed money of the sender's party in a currency to one of the party's valid accounts. If
    /// that account is not valid any more, the money goes to the sender.
    /// @dev A valid account of the same party calls it.
    /// Reverts with {NotOfParty} if caller and receiver are of two parties.
    /// Reverts with {PartyNotValid} if the caller is not valid.
    /// Reverts with {NothingUnclaimed} if there is none.
    /// Reverts with the currency's own error if it refuses the transfer.
    /// Source: decision 23.
    /// @param to The account that receives.
    /// @param currency The currency's token contract.
    /// @return amount Minor units that were sent.
    function withdrawUnclaimed(address to, address currency) external returns (uint256 amount);

    /// @notice Moves a part of a party's unclaimed money to another party, by order of a court.
    /// @dev Only the court of the registry calls it.
    /// Reverts with {NotCourt} if the caller is not the court.
    /// Reverts with {TermOutOfRange} if the amount is 0, or more than there is.
    /// Reverts with {PartyNotValid} if the receiver is not valid.
    /// Reverts with {ReceiverIsLedger} if the receiver is a contract of the ledger.
    /// @param from An account of the party whose money it is.
    /// @param currency The currency's token contract.
    /// @param to The account that receives.
    /// @param amount Minor units of the currency.
    /// @param orderHash Hash of the court's order.
    function forcedWithdraw(address from, address currency, address to, uint256 amount, bytes32 orderHash) external;

    /// @notice Takes money out of the deposit of a facility without open loans, by order of a court.
    /// @dev Only the court of the registry calls it. Money that cannot be sent stays unclaimed for the receiver.
    /// Reverts with {NotCourt} if the caller is not the court.
    /// Reverts with {FacilityInUse} if a loan is not repaid.
    /// Reverts with {TermOutOfRange} if the amount is 0, or more than is held.
    /// Reverts with {PartyNotValid} if the receiver is not valid.
    /// Reverts with {ReceiverIsLedger} if the receiver is a contract of the ledger.
    /// @param facilityId The facility.
    /// @param to The account that receives.
    /// @param amount Minor units of the currency.
    /// @param orderHash Hash of the court's order.
    function forcedWithdrawDeposit(FacilityId facilityId, address to, uint64 amount, bytes32 orderHash) external;

    /// @notice Asks the currency whether it moves, and starts or ends its stop. Days in which the currency stood still
    /// make nobody late: the day of every loan is today less the days lost since its draw.
    /// @dev Anyone may call it.
    /// Source: decision 23.
    /// @param currency The currency's token contract.
    /// @return running Whether it moves now.
    function checkCurrency(address currency) external returns (bool running);

    /// @notice A facility as it stands.
    /// @dev Reverts with {FacilityUnknown} if there is no such facility.
    /// @param facilityId The facility.
    /// @return The facility.
    function facility(FacilityId facilityId) external view returns (Facility memory);

    /// @notice What is lent under a product, to all borrowers.
    /// @param productId The product.
    /// @return outstanding Principal, in minor units.
    /// @return overdue Principal of loans that are marked as overdue, in minor units.
    function programme(ProductId productId) external view returns (uint64 outstanding, uint64 overdue);

    /// @notice Whether the lender has accepted the debtor's party for the facility.
    /// @param facilityId The facility.
    /// @param debtor An account of the debtor.
    /// @return True if it has.
    function acceptsDebtor(FacilityId facilityId, address debtor) external view returns (bool);

    /// @notice When a currency stood.
    /// @param currency The currency's token contract.
    /// @return Its stop, and the time lost in stops that have ended.
    function currencyClock(address currency) external view returns (CurrencyClock.Clock memory);

    /// @notice The unclaimed money of a party.
    /// @param party An account of the party.
    /// @param currency The currency's token contract.
    /// @return Minor units.
    function unclaimedOf(address party, address currency) external view returns (uint256);

    /// @notice The EIP-712 digest that the parties sign for a facility.
    /// @param terms The terms.
    /// @return The digest.
    function facilityDigest(FacilityTerms calldata terms) external view returns (bytes32);
}
