// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ReceivableId, ClaimId} from "../types/Ids.sol";

/// @title A buyer's confirmed debts to sellers, and the claims on them.
interface IReceivables {
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

    /// What the debtor signs (EIP-712, domain "Cession Receivables", version "1"; the struct itself is the primary type).
    struct ReceivableTerms {
        address seller;
        address debtor;
        address currency; // settlement token
        uint96 faceAmount; // minor units
        uint32 dueDay; // day number in the ledger's time zone; the debt is due by the end of that day
        uint16 graceDays;
        uint32 lateRate; // parts per million a year, simple, 360 days
        uint16 disputeDays; // days from confirmation in which the debtor may dispute
        uint8 maxDepth; // most generations of splitting
        bytes32 fingerprint;
        bytes32 documentRoot;
        bytes32 legalTextHash;
    }

    struct Receivable {
        address seller;
        address debtor;
        address currency;
        uint96 faceAmount;
        uint32 dueDay;
        uint16 graceDays;
        uint32 lateRate;
        uint32 disputeDay; // until confirmed: how many days; then: the last day to dispute
        uint8 maxDepth;
        Status status; // as stored; overdue is derived
        uint96 principalPaid;
        uint96 credited; // burned by credit notes
        uint96 redeemed; // principal collected by holders
        uint96 lateChargePaid;
        bytes32 termsHash;
    }

    struct CreditNote {
        ReceivableId receivableId;
        ClaimId claimId; // the seller's free claim that bears it first (0: none, the seller pays all in)
        uint96 amount;
        bytes32 fingerprint; // of the credit note; once only among its seller's
        bytes32 documentRoot;
        uint40 deadline; // UTC seconds, exclusive
    }

    struct Standing {
        address owner;
        uint96 value;
        address debtor;
        address currency;
        uint24 dueDay;
        Status status;
        bool hasPayments; // on the principal: part of the value may wait to be collected
    }

    event ReceivableRequested(
        ReceivableId indexed receivableId, address indexed seller, address indexed debtor, ReceivableTerms terms
    );
    event ReceivableConfirmed(
        ReceivableId indexed receivableId, address indexed debtor, ClaimId indexed claimId, bytes signature
    );
    event ReceivableRejected(ReceivableId indexed receivableId, address indexed debtor, bytes32 reasonHash);
    event ReceivableWithdrawn(ReceivableId indexed receivableId, address indexed seller);
    event ReceivableDisputed(ReceivableId indexed receivableId, address indexed debtor, bytes32 papersHash);
    event DisputeEnded(ReceivableId indexed receivableId, address indexed debtor, bytes32 papersHash);
    event CreditNoteApplied(
        ReceivableId indexed receivableId,
        bytes32 indexed fingerprint,
        uint96 amount,
        uint96 burned,
        uint96 paidIn,
        bytes32 documentRoot
    );
    event PaymentReceived(
        ReceivableId indexed receivableId, address indexed payer, uint96 principal, uint96 lateCharge, uint96 unpaid
    );
    event ReceivableSettled(ReceivableId indexed receivableId);
    event ReceivableDefaulted(ReceivableId indexed receivableId, address indexed declaredBy, uint96 unpaid);
    event ReceivableWrittenOff(ReceivableId indexed receivableId, address indexed declaredBy, uint96 unpaid);
    event Collected(
        ClaimId indexed claimId,
        ReceivableId indexed receivableId,
        address indexed paidTo,
        uint96 principal,
        uint96 lateCharge
    );
    event LateChargeRemainderPaid(ReceivableId indexed receivableId, address indexed seller, uint96 amount);

    event CurrencyAllowed(address indexed currency, bool allowed);
    // Of the libraries SignedPapers, Unclaimed and CurrencyClock, as this contract emits them.
    event SignatureWithdrawn(address indexed signer, bytes32 indexed digest);
    event Kept(address indexed party, address indexed currency, uint256 amount);
    event KeptReleased(address indexed party, address indexed currency, uint256 amount);
    event CurrencyStopped(address indexed currency, uint40 stoppedAt);
    event CurrencyMoves(address indexed currency, uint40 stoppedAt, uint24 daysLost);
    event ForcedWithdrawal(
        address indexed from, address indexed currency, address indexed to, uint256 amount, bytes32 orderHash
    );

    error ReceivableUnknown(ReceivableId receivableId);
    error StateForbids(ReceivableId receivableId, Status status);
    error NotSeller(ReceivableId receivableId, address seller, address caller);
    error NotDebtor(ReceivableId receivableId, address debtor, address caller);
    error NotHolder(ClaimId claimId, ReceivableId receivableId, address caller);
    error FingerprintUsed(bytes32 fingerprint, ReceivableId receivableId);
    error FingerprintMissing();
    error CurrencyNotAllowed(address currency);
    error AmountOutOfRange(uint256 amount, uint256 least, uint256 most);
    error DueDayOutOfRange(uint256 dueDay, uint256 earliest, uint256 latest);
    error TermOutOfRange(bytes32 term, uint256 given, uint256 most);
    error SamePartyBothSides(address seller, address debtor);
    error DebtorSignatureInvalid(ReceivableId receivableId, address debtor, bytes32 digest);
    error SellerSignatureInvalid(ReceivableId receivableId, address seller, bytes32 digest);
    error DisputeWindowClosed(ReceivableId receivableId, uint256 lastDay, uint256 today);
    error CreditNoteExceedsUnpaid(ReceivableId receivableId, uint256 amount, uint256 unpaid);
    error NothingDue(ReceivableId receivableId);
    error NothingToCollect(ClaimId claimId);
    error TooEarly(ReceivableId receivableId, uint256 today, uint256 earliest);
    error PaymentWithinPayment(ReceivableId receivableId);
    error GasTooLow(uint256 left, uint256 needed);
    error CurrencyWithoutDecimals(address currency);
    error CurrencyDecimalsOutOfRange(address currency, uint256 decimals, uint256 most);
    error CurrencyStands(address currency);
    error CurrencyUnsteady(address currency);

    // ------------------------------------------------------------------ life

    /// @notice Files a debt. By the seller, whose party uses up the fingerprint for ever: another's request blocks nothing.
    /// @dev Seller and debtor are never one party. Parties under one control may trade with each other, and everybody sees that they
    /// do: whoever lends on such a debt decides.
    /// *Reverts* with NotSeller, SamePartyBothSides, CurrencyNotAllowed, AmountOutOfRange, DueDayOutOfRange, TermOutOfRange,
    /// FingerprintMissing, FingerprintUsed, and the registry's PartyNotValid and RoleMissing.
    function request(ReceivableTerms calldata terms) external returns (ReceivableId);

    /// @notice Confirms a debt with the debtor's signature over its terms; mints the claim to the seller. By anyone.
    /// @dev The due day is the last on which the signature counts; until it is used, the debtor can cancel it.
    function confirm(ReceivableId receivableId, bytes calldata debtorSignature) external returns (ClaimId);

    /// @notice By any valid account of the debtor's party.
    function reject(ReceivableId receivableId, bytes32 reasonHash) external;
    /// @notice By any valid account of the seller's party.
    function withdraw(ReceivableId receivableId) external;
    /// @notice By any valid account of the debtor's party.
    function dispute(ReceivableId receivableId, bytes32 papersHash) external;
    /// @notice By any valid account of the debtor's party.
    function endDispute(ReceivableId receivableId, bytes32 papersHash) external;
    /// @notice By the holder or the lienholder of a claim, after the days of grace.
    function declareDefault(ReceivableId receivableId, ClaimId claimId) external;
    /// @notice By the holder or the lienholder of a claim, some time after default; forgives nothing.
    function writeOff(ReceivableId receivableId, ClaimId claimId) external;

    /// @notice Reduces what the debtor owes, with the signatures of seller and debtor (EIP-712 CreditNote). Sent by anyone, who can choose
    /// nothing about it. The seller's free claim bears it first; what is missing the seller pays in.
    /// @dev Late charge that other holders have earned stays owed; the share of the burned claim falls away. The debt is settled when
    /// neither principal nor late charge is owed.
    /// *Reverts* with SignatureExpired, SignatureCancelled, SellerSignatureInvalid, DebtorSignatureInvalid, FingerprintMissing,
    /// FingerprintUsed, AmountOutOfRange, CreditNoteExceedsUnpaid, NotHolder, TokenEncumbered, NothingDue, TransferTookFee.
    function applyCreditNote(CreditNote calldata note, bytes calldata sellerSignature, bytes calldata debtorSignature)
        external;

    /// @notice The caller's signature over this digest (a confirmation, a credit note) is refused ever after. What was done with it stays.
    function cancelSignature(bytes32 digest) external;

    // ------------------------------------------------------------------ money

    /// @notice Which currencies new receivables may be in. Role: operator. Old ones stay payable.
    /// *Reverts* with CurrencyWithoutDecimals, CurrencyDecimalsOutOfRange (more than 8: amounts would have no room), CurrencyStands
    /// (it does not move now).
    function allowCurrency(address currency, bool allowed) external;

    /// @notice Takes at most what is due, late charge first; the payer must have approved this contract on the currency.
    /// @return taken zero, and nothing else changes, when the currency stands: the stop is noted then, and its days make nobody late.
    /// *Reverts* with NothingDue, StateForbids, AmountOutOfRange, TransferTookFee, and the currency's own error when it moves.
    function pay(ReceivableId receivableId, uint96 amount) external returns (uint96 taken);

    /// @notice Asks the currency whether it moves, and notes a stop or its end. By anyone.
    function checkCurrency(address currency) external returns (bool running);

    /// @notice Pays the holder of a claim, or its lienholder, what it may have now. By anyone. What cannot be sent is kept for the party
    /// of the one who is paid; a contract of the ledger is told when the money is there. A claim of a settled debt ends.
    /// *Reverts* with TokenUnknown, NothingToCollect.
    function collect(ClaimId claimId) external returns (uint96 principal, uint96 lateCharge);

    /// @notice The same for many, passing over those that cannot be collected.
    function collectMany(ClaimId[] calldata claimIds) external;

    /// @notice Sends what is kept for the party of `to`; by any valid account of the same party.
    function releaseKept(address to, address currency) external returns (uint256 amount);

    /// @notice By order of a court (CourtOrders only): out of what is kept for a party.
    function forcedWithdraw(address from, address currency, address to, uint256 amount, bytes32 orderHash) external;

    // ------------------------------------------------------------------ views

    function receivable(ReceivableId receivableId) external view returns (Receivable memory);
    /// @notice What a lender asks of a claim that is to secure a loan: in one call, at less gas than `claim` and `receivable` take. For a
    /// claim that is not there the owner is zero.
    function standing(ClaimId claimId) external view returns (Standing memory);
    /// @notice The receivable that the seller's party used this fingerprint for, be it of an invoice or of a credit note; 0 for none.
    function receivableWithFingerprint(address seller, bytes32 fingerprint) external view returns (ReceivableId);
    function confirmationDigest(ReceivableId receivableId) external view returns (bytes32);
    function due(ReceivableId receivableId) external view returns (uint96 principal, uint96 lateCharge);
    function collectable(ClaimId claimId) external view returns (uint96 principal, uint96 lateCharge);
    /// @notice Whether something is owed after the due day, days in which the currency stood left out.
    function isOverdue(ReceivableId receivableId) external view returns (bool);
    /// @notice Money that could not be paid out and waits for this account's party.
    function keptOf(address party, address currency) external view returns (uint256);
}
