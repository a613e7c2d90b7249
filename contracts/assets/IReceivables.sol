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
        bytes32 fingerprint; // of the credit note; once only
        bytes32 documentRoot;
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

    function request(ReceivableTerms calldata terms) external returns (ReceivableId); // by the seller
    function confirm(ReceivableId receivableId, bytes calldata debtorSignature) external returns (ClaimId); // by anyone
    function reject(ReceivableId receivableId, bytes32 reasonHash) external; // by the debtor
    function withdraw(ReceivableId receivableId) external; // by the seller
    function dispute(ReceivableId receivableId, bytes32 papersHash) external; // by the debtor
    function endDispute(ReceivableId receivableId, bytes32 papersHash) external; // by the debtor
    /// EIP-712 CreditNote signed by seller and by debtor; sent by anyone, who can choose nothing about it.
    function applyCreditNote(CreditNote calldata note, bytes calldata sellerSignature, bytes calldata debtorSignature)
        external;
    /// Takes at most what is due; the payer must have approved this contract on the currency.
    function pay(ReceivableId receivableId, uint96 amount) external returns (uint96 taken);
    function collect(ClaimId claimId) external returns (uint96 principal, uint96 lateCharge); // by anyone, pays the holder (the lienholder when encumbered)
    function collectMany(ClaimId[] calldata claimIds) external;
    function declareDefault(ReceivableId receivableId, ClaimId claimId) external; // holder or lienholder of claimId
    function writeOff(ReceivableId receivableId, ClaimId claimId) external; // holder or lienholder of claimId, some time after default; forgives nothing

    function receivable(ReceivableId receivableId) external view returns (Receivable memory);
    function receivableWithFingerprint(bytes32 fingerprint) external view returns (ReceivableId);
    function confirmationDigest(ReceivableId receivableId) external view returns (bytes32);
    function due(ReceivableId receivableId) external view returns (uint96 principal, uint96 lateCharge);
    function collectable(ClaimId claimId) external view returns (uint96 principal, uint96 lateCharge);
    function isOverdue(ReceivableId receivableId) external view returns (bool);
}
