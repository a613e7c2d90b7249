// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ReceivableId, ClaimId} from "../types/Ids.sol";

/// @title A buyer's confirmed debts to sellers, and the claims on them.
/// @notice The seller files a debt, and the debtor confirms it by signature. The claim on it is a token: it is split,
/// sold and collected. Amounts are minor units of the debt's currency, at most 2^60 - 1.
/// @dev Source: decisions 1 and 11.
interface IReceivables {
    /// @notice Where a debt stands. Overdue is not a status: it follows from the clock.
    enum Status {
        None,
        Requested,
        Confirmed,
        Disputed,
        Defaulted,
        Settled,
        WrittenOff,
        Rejected,
        Withdrawn
    }

    /// @notice What the debtor signs (EIP-712, domain "Cession Receivables", version "1"; the struct itself is the
    /// primary type).
    /// @param seller The seller.
    /// @param debtor The debtor.
    /// @param currency Token contract of the currency in which it is paid.
    /// @param faceAmount Minor units.
    /// @param dueDay Day number in the ledger's zone; the debt is due by the end of that day.
    /// @param graceDays Days after the due day in which it cannot be declared in default, at most 255.
    /// @param lateRate Late charge: parts per million a year, simple, 360 days; at most 1,000,000.
    /// @param disputeDays Days from confirmation in which the debtor may dispute.
    /// @param maxDepth Maximum generations of splitting, at most 64.
    /// @param fingerprint Keyed hash of seller, debtor and invoice number. A seller uses each once, ever.
    /// @param documentRoot Merkle root of the documents behind the debt.
    /// @param legalTextHash Hash of the legal text that the parties agreed.
    struct ReceivableTerms {
        address seller;
        address debtor;
        address currency;
        uint96 faceAmount;
        uint32 dueDay;
        uint16 graceDays;
        uint32 lateRate;
        uint16 disputeDays;
        uint8 maxDepth;
        bytes32 fingerprint;
        bytes32 documentRoot;
        bytes32 legalTextHash;
    }

    /// @notice A debt as it stands.
    /// @param seller The seller.
    /// @param debtor The debtor.
    /// @param currency The currency's token contract.
    /// @param faceAmount Minor units that the debtor confirmed.
    /// @param dueDay Day number by whose end it is due.
    /// @param graceDays Days after the due day in which it cannot be declared in default.
    /// @param lateRate Parts per million a year, simple, 360 days.
    /// @param disputeDay Until confirmed: days in which the debtor may dispute. Then: the last day number.
    /// @param maxDepth Maximum generations of splitting.
    /// @param status As stored; overdue is derived.
    /// @param principalPaid Principal that the debtor paid, in minor units.
    /// @param credited Minor units that credit notes burned.
    /// @param redeemed Principal that holders collected, in minor units.
    /// @param lateChargePaid Late charge that the debtor paid, in minor units.
    /// @param termsHash EIP-712 struct hash of the terms.
    struct Receivable {
        address seller;
        address debtor;
        address currency;
        uint96 faceAmount;
        uint32 dueDay;
        uint16 graceDays;
        uint32 lateRate;
        uint32 disputeDay;
        uint8 maxDepth;
        Status status;
        uint96 principalPaid;
        uint96 credited;
        uint96 redeemed;
        uint96 lateChargePaid;
        bytes32 termsHash;
    }

    /// @notice What the debtor owes less, signed by seller and debtor (EIP-712).
    /// @param receivableId The receivable, counted from 1.
    /// @param claimId The seller's free claim that bears it first; 0: none, the seller pays all of it in.
    /// @param amount Minor units by which the debt is reduced.
    /// @param fingerprint Keyed hash of the credit note. Its seller uses each once, ever.
    /// @param documentRoot Merkle root of the credit note's documents.
    /// @param deadline UTC seconds, exclusive.
    struct CreditNote {
        ReceivableId receivableId;
        ClaimId claimId;
        uint96 amount;
        bytes32 fingerprint;
        bytes32 documentRoot;
        uint40 deadline;
    }

    /// @notice A claim as it stands.
    /// @param owner The owner; zero if there is none.
    /// @param receivableId The receivable.
    /// @param value Minor units.
    /// @param weight Its share of the receivable's weight (ClaimShares).
    /// @param parent The claim that it was split off; 0 for a root.
    /// @param depth Splits between it and its root.
    /// @param encumbered Whether it is under a lien.
    struct Claim {
        address owner;
        ReceivableId receivableId;
        uint96 value;
        uint128 weight;
        uint256 parent;
        uint8 depth;
        bool encumbered;
    }

    /// @notice What a lender checks of a claim.
    /// @param owner The owner of the claim; zero if there is no such claim.
    /// @param value Minor units of the claim.
    /// @param debtor The debtor.
    /// @param currency The currency's token contract.
    /// @param dueDay Day number by whose end the debt is due.
    /// @param status Where the debt stands.
    /// @param hasPayments Whether principal was paid: part of the value may wait to be collected.
    struct Standing {
        address owner;
        uint96 value;
        address debtor;
        address currency;
        uint24 dueDay;
        Status status;
        bool hasPayments;
    }

    /// @notice A seller filed a debt.
    /// @param receivableId The receivable, counted from 1.
    /// @param seller The seller.
    /// @param debtor The debtor.
    /// @param terms The terms of the debt.
    event ReceivableRequested(
        ReceivableId indexed receivableId, address indexed seller, address indexed debtor, ReceivableTerms terms
    );

    /// @notice The debtor confirmed a debt. The seller has the claim on it.
    /// @param receivableId The receivable, counted from 1.
    /// @param debtor The debtor.
    /// @param claimId The claim on all of it.
    /// @param signature The debtor's signature over the terms.
    event ReceivableConfirmed(
        ReceivableId indexed receivableId, address indexed debtor, ClaimId indexed claimId, bytes signature
    );

    /// @notice The debtor rejected a debt.
    /// @param receivableId The receivable, counted from 1.
    /// @param debtor The account that rejected it.
    /// @param reasonHash Hash of the reason.
    event ReceivableRejected(ReceivableId indexed receivableId, address indexed debtor, bytes32 reasonHash);

    /// @notice The seller withdrew a debt before its confirmation.
    /// @param receivableId The receivable, counted from 1.
    /// @param seller The account that withdrew it.
    event ReceivableWithdrawn(ReceivableId indexed receivableId, address indexed seller);

    /// @notice The debtor disputes a debt.
    /// @param receivableId The receivable, counted from 1.
    /// @param debtor The account that said so.
    /// @param evidenceHash Hash of the evidence.
    event ReceivableDisputed(ReceivableId indexed receivableId, address indexed debtor, bytes32 evidenceHash);

    /// @notice The debtor ended its dispute.
    /// @param receivableId The receivable, counted from 1.
    /// @param debtor The account that said so.
    /// @param evidenceHash Hash of the evidence.
    event DisputeEnded(ReceivableId indexed receivableId, address indexed debtor, bytes32 evidenceHash);

    /// @notice A credit note reduced a debt.
    /// @param receivableId The receivable, counted from 1.
    /// @param fingerprint Keyed hash of the credit note.
    /// @param amount Minor units by which it reduced the debt.
    /// @param burned Minor units that the seller's claim bore.
    /// @param paidIn Minor units that the seller paid in.
    /// @param documentRoot Merkle root of the documents behind it.
    event CreditNoteApplied(
        ReceivableId indexed receivableId,
        bytes32 indexed fingerprint,
        uint96 amount,
        uint96 burned,
        uint96 paidIn,
        bytes32 documentRoot
    );

    /// @notice The debtor, or someone for it, paid.
    /// @param receivableId The receivable, counted from 1.
    /// @param payer Whose money it was.
    /// @param principal Principal, in minor units.
    /// @param lateCharge Late charge, in minor units.
    /// @param unpaid Principal that the debtor still owes, in minor units.
    event PaymentReceived(
        ReceivableId indexed receivableId, address indexed payer, uint96 principal, uint96 lateCharge, uint96 unpaid
    );

    /// @notice Nothing is owed any more.
    /// @param receivableId The receivable, counted from 1.
    event ReceivableSettled(ReceivableId indexed receivableId);

    /// @notice A debt is in default.
    /// @param receivableId The receivable, counted from 1.
    /// @param declaredBy The holder or lienholder that said so.
    /// @param unpaid Principal that the debtor still owes, in minor units.
    event ReceivableDefaulted(ReceivableId indexed receivableId, address indexed declaredBy, uint96 unpaid);

    /// @notice A debt was written off. It is still owed.
    /// @param receivableId The receivable, counted from 1.
    /// @param declaredBy The holder or lienholder that said so.
    /// @param unpaid Principal that the debtor still owes, in minor units.
    event ReceivableWrittenOff(ReceivableId indexed receivableId, address indexed declaredBy, uint96 unpaid);

    /// @notice A claim was paid what it may have.
    /// @param claimId The claim.
    /// @param receivableId The receivable, counted from 1.
    /// @param paidTo The lienholder, or the owner of a free claim.
    /// @param principal Principal, in minor units.
    /// @param lateCharge Late charge, in minor units.
    event Collected(
        ClaimId indexed claimId,
        ReceivableId indexed receivableId,
        address indexed paidTo,
        uint96 principal,
        uint96 lateCharge
    );

    /// @notice Cents of the late charge that reached no claim's share went to the seller's party.
    /// @param receivableId The receivable, counted from 1.
    /// @param seller The seller.
    /// @param amount Minor units of the currency.
    event LateChargeRemainderPaid(ReceivableId indexed receivableId, address indexed seller, uint96 amount);

    /// @notice New receivables may be in a currency, or no longer.
    /// @param currency The currency's token contract.
    /// @param allowed True if they may.
    event CurrencyAllowed(address indexed currency, bool allowed);
    // Events of the libraries SignedTerms, Unclaimed and CurrencyClock, as this contract emits them.
    /// @notice A signer took a signature back.
    /// @param signer The account whose signature it is.
    /// @param digest The EIP-712 digest that was signed.
    event SignatureWithdrawn(address indexed signer, bytes32 indexed digest);

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

    /// @notice A court moved a party's unclaimed money.
    /// @param from An account of the party.
    /// @param currency The currency's token contract.
    /// @param to The account that receives.
    /// @param amount Minor units of the currency.
    /// @param orderHash Hash of the court's order.
    event ForcedWithdrawal(
        address indexed from, address indexed currency, address indexed to, uint256 amount, bytes32 orderHash
    );

    /// @notice There is no such receivable.
    /// @param receivableId The receivable, counted from 1.
    error ReceivableUnknown(ReceivableId receivableId);

    /// @notice The debt does not stand where this is possible.
    /// @param receivableId The receivable, counted from 1.
    /// @param status Where it stands.
    error StateForbids(ReceivableId receivableId, Status status);

    /// @notice The caller is not of the seller's party.
    /// @param receivableId The receivable, counted from 1.
    /// @param seller The seller.
    /// @param caller The sender of the call.
    error NotSeller(ReceivableId receivableId, address seller, address caller);

    /// @notice The caller is not of the debtor's party.
    /// @param receivableId The receivable, counted from 1.
    /// @param debtor The debtor.
    /// @param caller The sender of the call.
    error NotDebtor(ReceivableId receivableId, address debtor, address caller);

    /// @notice The claim is not on this debt, or not of this account.
    /// @param claimId The claim.
    /// @param receivableId The receivable, counted from 1.
    /// @param caller The account that must hold the claim.
    error NotHolder(ClaimId claimId, ReceivableId receivableId, address caller);

    /// @notice The seller's party has used this fingerprint.
    /// @param fingerprint The keyed hash.
    /// @param receivableId The receivable for which it did.
    error FingerprintUsed(bytes32 fingerprint, ReceivableId receivableId);

    /// @notice The fingerprint is missing.
    error FingerprintMissing();

    /// @notice The currency is not allowed for new receivables, or never was.
    /// @param currency The currency's token contract.
    error CurrencyNotAllowed(address currency);

    /// @notice The amount is out of range.
    /// @param amount Minor units that were given.
    /// @param min The smallest value allowed.
    /// @param max The largest value allowed.
    error AmountOutOfRange(uint256 amount, uint256 min, uint256 max);

    /// @notice The due day is out of range, or over.
    /// @param dueDay The due day (day number).
    /// @param earliest First day number that is allowed.
    /// @param latest Last day number that is allowed.
    error DueDayOutOfRange(uint256 dueDay, uint256 earliest, uint256 latest);

    /// @notice A term is too large.
    /// @param term The name of the term.
    /// @param value The value that was given.
    /// @param max The largest value allowed.
    error TermOutOfRange(bytes32 term, uint256 value, uint256 max);

    /// @notice Seller and debtor are one party.
    /// @param seller The seller.
    /// @param debtor The debtor.
    error SamePartyBothSides(address seller, address debtor);

    /// @notice The signature is not the debtor's.
    /// @param receivableId The receivable, counted from 1.
    /// @param debtor The debtor.
    /// @param digest The EIP-712 digest that was signed.
    error DebtorSignatureInvalid(ReceivableId receivableId, address debtor, bytes32 digest);

    /// @notice The signature is not the seller's.
    /// @param receivableId The receivable, counted from 1.
    /// @param seller The seller.
    /// @param digest The EIP-712 digest that was signed.
    error SellerSignatureInvalid(ReceivableId receivableId, address seller, bytes32 digest);

    /// @notice The days in which the debtor may dispute are over.
    /// @param receivableId The receivable, counted from 1.
    /// @param lastDay The last day number on which it could.
    /// @param today The day number of the block in the ledger's zone.
    error DisputeWindowClosed(ReceivableId receivableId, uint256 lastDay, uint256 today);

    /// @notice The credit note is larger than what is still owed.
    /// @param receivableId The receivable, counted from 1.
    /// @param amount Minor units of the credit note.
    /// @param unpaid Principal that the debtor still owes, in minor units.
    error CreditNoteExceedsUnpaid(ReceivableId receivableId, uint256 amount, uint256 unpaid);

    /// @notice The debt is settled.
    /// @param receivableId The receivable, counted from 1.
    error NothingDue(ReceivableId receivableId);

    /// @notice The claim may have nothing now.
    /// @param claimId The claim.
    error NothingToCollect(ClaimId claimId);

    /// @notice The day on which this is possible has not come.
    /// @param receivableId The receivable, counted from 1.
    /// @param today The day number that counts for the debt: without the days on which its currency stood.
    /// @param earliest First day number on which it is possible.
    error TooEarly(ReceivableId receivableId, uint256 today, uint256 earliest);

    /// @notice The currency called back and changed the debt while it was being paid.
    /// @param receivableId The receivable, counted from 1.
    error PaymentWithinPayment(ReceivableId receivableId);

    /// @notice The currency does not say how many digits its amounts have.
    /// @param currency The currency's token contract.
    error CurrencyWithoutDecimals(address currency);

    /// @notice The currency has too many digits: amounts would have no room.
    /// @param currency The currency's token contract.
    /// @param decimals Digits behind the point.
    /// @param max The largest value allowed.
    error CurrencyDecimalsOutOfRange(address currency, uint256 decimals, uint256 max);

    /// @notice The currency does not move now.
    /// @param currency The currency's token contract.
    error CurrencyStands(address currency);

    /// @notice The currency refused a payment and then allowed it.
    /// @param currency The currency's token contract.
    error CurrencyUnsteady(address currency);

    // ------------------------------------------------------------------ life

    /// @notice Files a debt. The seller's party uses up the fingerprint for ever. The request of another party blocks
    /// nothing.
    /// @dev The seller calls it. Its party is valid with role 1, the debtor's with role 2. They are never one party.
    /// Parties under one control may trade with each other, and everybody can see that they do: the lender on such a
    /// debt decides.
    /// Reverts with {NotSeller} if the caller is not `terms.seller`.
    /// Reverts with {NewRiskStopped} while new risk is stopped.
    /// Reverts with {PartyNotValid} if one of the parties is not valid.
    /// Reverts with {RoleMissing} if one of the parties lacks its role.
    /// Reverts with {SamePartyBothSides} if they are one party.
    /// Reverts with {CurrencyNotAllowed} if the currency is not allowed.
    /// Reverts with {AmountOutOfRange} if the amount is 0 or above 2^60 - 1.
    /// Reverts with {DueDayOutOfRange} if the due day is before today, or more than 3,660 days ahead.
    /// Reverts with {TermOutOfRange} if `graceDays`, `lateRate` or `maxDepth` is too large.
    /// Reverts with {FingerprintMissing} if the fingerprint is 0.
    /// Reverts with {FingerprintUsed} if the seller's party has used it.
    /// @param terms The terms of the debt.
    /// @return The new receivable.
    function request(ReceivableTerms calldata terms) external returns (ReceivableId);

    /// @notice Confirms a debt with the debtor's signature over its terms, and mints the claim to the seller.
    /// @dev Anyone may send it. The due day is the last day on which the signature counts. The debtor can take the
    /// signature back until it is used.
    /// Reverts with {ReceivableUnknown} if there is no such receivable.
    /// Reverts with {StateForbids} if it was confirmed, rejected or withdrawn.
    /// Reverts with {DueDayOutOfRange} if the due day is over.
    /// Reverts with {NewRiskStopped} while new risk is stopped.
    /// Reverts with {PartyNotValid} if one of the parties is not valid.
    /// Reverts with {RoleMissing} if one of the parties lacks its role.
    /// Reverts with {SignatureCancelled} if the debtor took the signature back.
    /// Reverts with {DebtorSignatureInvalid} if the signature is not the debtor's.
    /// @param receivableId The receivable, counted from 1.
    /// @param debtorSignature Signature over {confirmationDigest} (ECDSA or ERC-1271).
    /// @return The claim on all of the debt.
    function confirm(ReceivableId receivableId, bytes calldata debtorSignature) external returns (ClaimId);

    /// @notice Rejects a requested debt.
    /// @dev A valid account of the debtor's party calls it, or the debtor, valid or not.
    /// Reverts with {ReceivableUnknown} if there is no such receivable.
    /// Reverts with {StateForbids} if it is not requested.
    /// Reverts with {NotDebtor} if the caller is of another party.
    /// @param receivableId The receivable, counted from 1.
    /// @param reasonHash Hash of the reason.
    function reject(ReceivableId receivableId, bytes32 reasonHash) external;

    /// @notice Withdraws a requested debt.
    /// @dev A valid account of the seller's party calls it, or the seller, valid or not.
    /// Reverts with {ReceivableUnknown} if there is no such receivable.
    /// Reverts with {StateForbids} if it is not requested.
    /// Reverts with {NotSeller} if the caller is of another party.
    /// @param receivableId The receivable, counted from 1.
    function withdraw(ReceivableId receivableId) external;

    /// @notice Disputes a debt.
    /// @dev A valid account of the debtor's party calls it, or the debtor, valid or not.
    /// Reverts with {ReceivableUnknown} if there is no such receivable.
    /// Reverts with {StateForbids} if it is not confirmed.
    /// Reverts with {NotDebtor} if the caller is of another party.
    /// Reverts with {DisputeWindowClosed} after the last day to dispute.
    /// @param receivableId The receivable, counted from 1.
    /// @param evidenceHash Hash of the evidence.
    function dispute(ReceivableId receivableId, bytes32 evidenceHash) external;

    /// @notice Ends a dispute.
    /// @dev A valid account of the debtor's party calls it, or the debtor, valid or not.
    /// Reverts with {ReceivableUnknown} if there is no such receivable.
    /// Reverts with {StateForbids} if it is not disputed.
    /// Reverts with {NotDebtor} if the caller is of another party.
    /// @param receivableId The receivable, counted from 1.
    /// @param evidenceHash Hash of the evidence.
    function endDispute(ReceivableId receivableId, bytes32 evidenceHash) external;

    /// @notice Declares a default after the days of grace.
    /// @dev The owner or the lienholder of a claim on the debt calls it.
    /// Reverts with {NotHolder} if the caller is neither, or the claim is on another debt.
    /// Reverts with {ReceivableUnknown} if there is no such receivable.
    /// Reverts with {StateForbids} if it is neither confirmed nor disputed.
    /// Reverts with {TooEarly} within the days of grace.
    /// @param receivableId The receivable, counted from 1.
    /// @param claimId The caller's claim on the debt.
    function declareDefault(ReceivableId receivableId, ClaimId claimId) external;

    /// @notice Writes a debt off some time after its default. It forgives nothing.
    /// @dev The owner or the lienholder of a claim on the debt calls it, `writeOffDays` after the due day at the
    /// earliest.
    /// Reverts with {NotHolder} if the caller is neither, or the claim is on another debt.
    /// Reverts with {ReceivableUnknown} if there is no such receivable.
    /// Reverts with {StateForbids} if it is not in default.
    /// Reverts with {TooEarly} before that day.
    /// Source: decision 7.
    /// @param receivableId The receivable, counted from 1.
    /// @param claimId The caller's claim on the debt.
    function writeOff(ReceivableId receivableId, ClaimId claimId) external;

    /// @notice Reduces what the debtor owes. The seller's free claim bears it first. The seller pays in what is
    /// missing.
    /// @dev Anyone may send it with both signatures; the sender can choose nothing about it. The seller has approved
    /// this contract on the currency. What is due on the seller's claim is collected first. Late charge that other
    /// holders have earned is still owed; the share of the burned claim falls away. The debt is settled when neither
    /// principal nor late charge is owed.
    /// Reverts with {ReceivableUnknown} if there is no such receivable.
    /// Reverts with {NothingDue} if it is settled.
    /// Reverts with {StateForbids} if nothing is owed on it.
    /// Reverts with {TokenUnknown} if there is no such claim.
    /// Reverts with {SignatureExpired} from the deadline on.
    /// Reverts with {FingerprintMissing} if the fingerprint is 0.
    /// Reverts with {FingerprintUsed} if the seller's party has used it.
    /// Reverts with {AmountOutOfRange} if the amount is 0.
    /// Reverts with {CreditNoteExceedsUnpaid} if it is more than is still owed.
    /// Reverts with {SignatureCancelled} if a signer took its signature back.
    /// Reverts with {SellerSignatureInvalid} if the seller's signature is not the seller's.
    /// Reverts with {DebtorSignatureInvalid} if the debtor's signature is not the debtor's.
    /// Reverts with {NotHolder} if the claim is not of the seller's party, or on another debt.
    /// Reverts with {TokenEncumbered} if the claim is under a lien.
    /// Reverts with {TransferTookFee} if the currency takes a fee.
    /// Reverts with the currency's own error if it refuses what the seller pays in.
    /// @param note The credit note.
    /// @param sellerSignature Signature of the seller's account (ECDSA or ERC-1271).
    /// @param debtorSignature Signature of the debtor's account (ECDSA or ERC-1271).
    function applyCreditNote(CreditNote calldata note, bytes calldata sellerSignature, bytes calldata debtorSignature)
        external;

    /// @notice Takes the caller's own signature (a confirmation, a credit note) back. What was done with it stands.
    /// @dev Reverts with {SignatureCancelled} if it was taken back before.
    /// @param digest The EIP-712 digest that was signed.
    function cancelSignature(bytes32 digest) external;

    // ------------------------------------------------------------------ money

    /// @notice Sets whether new receivables may be in a currency. Receivables that exist stay payable.
    /// @dev Role: operator.
    /// Reverts with {AccessManagedUnauthorized} if the caller does not hold the role.
    /// Reverts with {CurrencyWithoutDecimals} if it is to be allowed and does not say its digits.
    /// Reverts with {CurrencyDecimalsOutOfRange} if it is to be allowed and has more than 8 digits.
    /// Reverts with {CurrencyStands} if it is to be allowed and does not move now.
    /// Reverts with {TermOutOfRange} if 255 currencies are known.
    /// @param currency The currency's token contract.
    /// @param allowed True if they may.
    function allowCurrency(address currency, bool allowed) external;

    /// @notice Takes at most what is due, late charge first. If the currency stands, the stop is recorded, its days
    /// make nobody late, and nothing else changes.
    /// @dev Anyone may pay. The payer has approved this contract on the currency.
    /// Reverts with {ReceivableUnknown} if there is no such receivable.
    /// Reverts with {NothingDue} if it is settled.
    /// Reverts with {StateForbids} if nothing is owed on it.
    /// Reverts with {AmountOutOfRange} if the amount is 0.
    /// Reverts with {TransferTookFee} if the currency takes a fee.
    /// Reverts with {PaymentWithinPayment} if the currency calls back and changes the debt.
    /// Reverts with {CurrencyUnsteady} if the currency refuses the payment and then allows it.
    /// Reverts with the currency's own error if it moves and refuses this payment.
    /// @param receivableId The receivable, counted from 1.
    /// @param amount Minor units that the payer gives at most.
    /// @return taken Minor units that were taken; 0 if the currency stands.
    function pay(ReceivableId receivableId, uint96 amount) external returns (uint96 taken);

    /// @notice Asks the currency whether it moves, and records a stop or its end.
    /// @dev Anyone may call it.
    /// Reverts with {CurrencyNotAllowed} if the currency was never allowed.
    /// Source: decision 23.
    /// @param currency The currency's token contract.
    /// @return running Whether it moves now.
    function checkCurrency(address currency) external returns (bool running);

    /// @notice Pays the owner of a claim, or its lienholder, what it may have now. A claim of a settled debt ends.
    /// @dev Anyone may call it. Money that cannot be sent stays unclaimed for the receiver's party. A lienholder that
    /// is an {IClaimCollector} is called when the money is there.
    /// Reverts with {TokenUnknown} if there is no such claim.
    /// Reverts with {NothingToCollect} if it may have nothing now.
    /// Reverts with {GasTooLow} if the call of a lienholder outside of the ledger cannot get 1,000,000 gas.
    /// Reverts with the lienholder's own error if it is a contract of the ledger.
    /// Source: decision 1; decision 8 for the cents that no share reaches.
    /// @param claimId The claim.
    /// @return principal Principal that was paid, in minor units.
    /// @return lateCharge Late charge that was paid, in minor units.
    function collect(ClaimId claimId) external returns (uint96 principal, uint96 lateCharge);

    /// @notice Collects many claims. It skips those that cannot be collected.
    /// @dev Anyone may call it.
    /// Reverts with {GasTooLow} if a claim cannot be collected for want of gas.
    /// @param claimIds The claims.
    function collectMany(ClaimId[] calldata claimIds) external;

    /// @notice Sends the unclaimed money of a party to one of its accounts.
    /// @dev A valid account of the same party calls it.
    /// Reverts with {NotOfParty} if caller and receiver are of two parties.
    /// Reverts with {PartyNotValid} if one of them is not valid.
    /// Reverts with {NothingUnclaimed} if there is none.
    /// Reverts with the currency's own error if it refuses the transfer.
    /// Source: decision 23.
    /// @param to The account of the party that receives.
    /// @param currency The currency's token contract.
    /// @return amount Minor units that were sent.
    function withdrawUnclaimed(address to, address currency) external returns (uint256 amount);

    /// @notice Moves a part of a party's unclaimed money to another party, by order of a court.
    /// @dev Only the court of the registry calls it. Money that cannot be sent stays unclaimed for the receiver's
    /// party.
    /// Reverts with {NotCourt} if the caller is not the court.
    /// Reverts with {AmountOutOfRange} if the amount is 0, or more than there is.
    /// Reverts with {PartyNotValid} if the receiver is not valid.
    /// Reverts with {ReceiverIsLedger} if the receiver is a contract of the ledger.
    /// Source: decision 20.
    /// @param from An account of the party whose money it is.
    /// @param currency The currency's token contract.
    /// @param to The account that receives.
    /// @param amount Minor units of the currency.
    /// @param orderHash Hash of the court's order.
    function forcedWithdraw(address from, address currency, address to, uint256 amount, bytes32 orderHash) external;

    // ------------------------------------------------------------------ views

    /// @notice A debt as it stands.
    /// @dev Reverts with {ReceivableUnknown} if there is no such receivable.
    /// @param receivableId The receivable, counted from 1.
    /// @return The receivable.
    function receivable(ReceivableId receivableId) external view returns (Receivable memory);

    /// @notice A claim as it stands. For a burned claim the owner is zero and the lineage stays.
    /// @param claimId The claim.
    /// @return The claim.
    function claim(ClaimId claimId) external view returns (Claim memory);

    /// @notice What a lender checks of a claim that is to secure a loan. One call, at less gas than `claim` and
    /// `receivable` take.
    /// @param claimId The claim.
    /// @return The claim; its owner is zero if there is no such claim.
    function standing(ClaimId claimId) external view returns (Standing memory);

    /// @notice The receivable for which a seller's party used a fingerprint, for an invoice or for a credit note.
    /// @param seller An account of the party.
    /// @param fingerprint The keyed hash.
    /// @return The receivable; 0 for none.
    function receivableWithFingerprint(address seller, bytes32 fingerprint) external view returns (ReceivableId);

    /// @notice The EIP-712 digest that the debtor signs to confirm.
    /// @dev Reverts with {ReceivableUnknown} if there is no such receivable.
    /// @param receivableId The receivable, counted from 1.
    /// @return The digest.
    function confirmationDigest(ReceivableId receivableId) external view returns (bytes32);

    /// @notice What is owed now.
    /// @dev Reverts with {ReceivableUnknown} if there is no such receivable.
    /// @param receivableId The receivable, counted from 1.
    /// @return principal Principal that is not paid, due or not, in minor units.
    /// @return lateCharge Late charge that is owed today, in minor units.
    function due(ReceivableId receivableId) external view returns (uint96 principal, uint96 lateCharge);

    /// @notice What a claim may have now.
    /// @dev Reverts with {TokenUnknown} if there is no such claim.
    /// @param claimId The claim.
    /// @return principal Principal, in minor units.
    /// @return lateCharge Late charge, in minor units.
    function collectable(ClaimId claimId) external view returns (uint96 principal, uint96 lateCharge);

    /// @notice Whether something is owed after the due day. Days in which the currency stood do not count.
    /// @dev Reverts with {ReceivableUnknown} if there is no such receivable.
    /// @param receivableId The receivable, counted from 1.
    /// @return True if it is.
    function isOverdue(ReceivableId receivableId) external view returns (bool);

    /// @notice The unclaimed money of a party.
    /// @param party An account of the party.
    /// @param currency The currency's token contract.
    /// @return Minor units.
    function unclaimedOf(address party, address currency) external view returns (uint256);
}
