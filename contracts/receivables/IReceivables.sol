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

    /// What the debtor signs (EIP-712, domain "Cession Receivables", version "1"; the struct itself is the primary
    /// type).
    struct ReceivableTerms {
        address seller;
        address debtor;
        address currency; // settlement token
        uint96 faceAmount; // minor units
        uint32 dueDay; // day number in the ledger's zone; the debt is due by the end of that day
        uint16 graceDays;
        uint32 lateRate; // parts per million a year, simple, 360 days
        uint16 disputeDays; // days from confirmation in which the debtor may dispute
        uint8 maxDepth; // maximum generations of splitting
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
        uint32 disputeDay; // until confirmed: number of days; then: the last day to dispute
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
        ClaimId claimId; // the seller's free claim that bears it first (0: none, the seller pays all of it in)
        uint96 amount;
        bytes32 fingerprint; // of the credit note; each once only for its seller
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
    event ReceivableDisputed(ReceivableId indexed receivableId, address indexed debtor, bytes32 evidenceHash);
    event DisputeEnded(ReceivableId indexed receivableId, address indexed debtor, bytes32 evidenceHash);
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
    // Events of the libraries SignedTerms, Unclaimed and CurrencyClock, as this contract emits them.
    event SignatureWithdrawn(address indexed signer, bytes32 indexed digest);
    event LeftUnclaimed(address indexed party, address indexed currency, uint256 amount);
    event UnclaimedWithdrawn(address indexed party, address indexed currency, uint256 amount);
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
    error AmountOutOfRange(uint256 amount, uint256 min, uint256 max);
    error DueDayOutOfRange(uint256 dueDay, uint256 earliest, uint256 latest);
    error TermOutOfRange(bytes32 term, uint256 value, uint256 max);
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
    error CurrencyDecimalsOutOfRange(address currency, uint256 decimals, uint256 max);
    error CurrencyStands(address currency);
    error CurrencyUnsteady(address currency);

    // ------------------------------------------------------------------ life

    /// @notice Files a debt. The seller calls it, and its party uses up the fingerprint for ever. The request of
    /// another party blocks nothing.
    /// @dev Seller and debtor are never one party. Parties under one control may trade with each other, and everybody
    /// can see that they do: the lender on such a debt decides.
    /// *Reverts* with NotSeller, SamePartyBothSides, CurrencyNotAllowed, AmountOutOfRange, DueDayOutOfRange,
    /// TermOutOfRange, FingerprintMissing, FingerprintUsed, and the registry's PartyNotValid and RoleMissing.
    function request(ReceivableTerms calldata terms) external returns (ReceivableId);

    /// @notice Confirms a debt with the debtor's signature over its terms; mints the claim to the seller. By anyone.
    /// @dev The due day is the last day on which the signature counts. The debtor can cancel the signature until it is
    /// used.
    function confirm(ReceivableId receivableId, bytes calldata debtorSignature) external returns (ClaimId);

    /// @notice Rejects a requested debt. Any valid account of the debtor's party calls it.
    function reject(ReceivableId receivableId, bytes32 reasonHash) external;
    /// @notice Withdraws a requested debt. Any valid account of the seller's party calls it.
    function withdraw(ReceivableId receivableId) external;
    /// @notice Disputes a debt. Any valid account of the debtor's party calls it.
    function dispute(ReceivableId receivableId, bytes32 evidenceHash) external;
    /// @notice Ends a dispute. Any valid account of the debtor's party calls it.
    function endDispute(ReceivableId receivableId, bytes32 evidenceHash) external;
    /// @notice Declares a default after the days of grace. The holder or the lienholder of a claim calls it.
    function declareDefault(ReceivableId receivableId, ClaimId claimId) external;
    /// @notice Writes a debt off some time after its default; forgives nothing. The holder or the lienholder of a claim
    /// calls it.
    function writeOff(ReceivableId receivableId, ClaimId claimId) external;

    /// @notice Reduces what the debtor owes, with the signatures of seller and debtor (EIP-712 CreditNote). Anyone may
    /// send it; the sender can choose nothing about it. The seller's free claim bears it first. The seller pays in what
    /// is missing.
    /// @dev Late charge that other holders have earned is still owed; the share of the burned claim falls away. The
    /// debt is settled when neither principal nor late charge is owed.
    /// *Reverts* with SignatureExpired, SignatureCancelled, SellerSignatureInvalid, DebtorSignatureInvalid,
    /// FingerprintMissing, FingerprintUsed, AmountOutOfRange, CreditNoteExceedsUnpaid, NotHolder, TokenEncumbered,
    /// NothingDue, TransferTookFee.
    function applyCreditNote(CreditNote calldata note, bytes calldata sellerSignature, bytes calldata debtorSignature)
        external;

    /// @notice The caller's signature over this digest (a confirmation, a credit note) is refused from now on. What was
    /// done with it stands.
    function cancelSignature(bytes32 digest) external;

    // ------------------------------------------------------------------ money

    /// @notice Sets which currencies new receivables may be in. Role: operator. Receivables that exist stay payable.
    /// *Reverts* with CurrencyWithoutDecimals, CurrencyDecimalsOutOfRange (more than 8: amounts would have no room),
    /// CurrencyStands (it does not move now).
    function allowCurrency(address currency, bool allowed) external;

    /// @notice Takes at most what is due, late charge first. The payer must have approved this contract on the
    /// currency.
    /// @return taken zero if the currency stands: then the stop is recorded, its days make nobody late, and nothing
    /// else changes.
    /// *Reverts* with NothingDue, StateForbids, AmountOutOfRange, TransferTookFee, and the currency's own error when it
    /// moves.
    function pay(ReceivableId receivableId, uint96 amount) external returns (uint96 taken);

    /// @notice Asks the currency whether it moves, and records a stop or its end. Anyone may call it.
    function checkCurrency(address currency) external returns (bool running);

    /// @notice Pays the holder of a claim, or its lienholder, what it may have now. Anyone may call it. Money that
    /// cannot be sent stays unclaimed for the receiver's party. A contract of the ledger is called when the money is
    /// there. A claim of a settled debt ends.
    /// *Reverts* with TokenUnknown, NothingToCollect.
    function collect(ClaimId claimId) external returns (uint96 principal, uint96 lateCharge);

    /// @notice Collects many claims; skips those that cannot be collected.
    function collectMany(ClaimId[] calldata claimIds) external;

    /// @notice Sends the unclaimed money of the party of `to` to `to`. Any valid account of the same party calls it.
    function withdrawUnclaimed(address to, address currency) external returns (uint256 amount);

    /// @notice Takes money out of a party's unclaimed money, by order of a court (CourtOrders only).
    function forcedWithdraw(address from, address currency, address to, uint256 amount, bytes32 orderHash) external;

    // ------------------------------------------------------------------ views

    function receivable(ReceivableId receivableId) external view returns (Receivable memory);
    /// @notice What a lender checks of a claim that is to secure a loan. One call, at less gas than `claim` and
    /// `receivable` take. For a claim that does not exist the owner is zero.
    function standing(ClaimId claimId) external view returns (Standing memory);
    /// @notice The receivable for which the seller's party used this fingerprint, for an invoice or for a credit note;
    /// 0 for none.
    function receivableWithFingerprint(address seller, bytes32 fingerprint) external view returns (ReceivableId);
    function confirmationDigest(ReceivableId receivableId) external view returns (bytes32);
    function due(ReceivableId receivableId) external view returns (uint96 principal, uint96 lateCharge);
    function collectable(ClaimId claimId) external view returns (uint96 principal, uint96 lateCharge);
    /// @notice Whether something is owed after the due day. Days in which the currency stood do not count.
    function isOverdue(ReceivableId receivableId) external view returns (bool);
    /// @notice Unclaimed money of this account's party.
    function unclaimedOf(address party, address currency) external view returns (uint256);
}
