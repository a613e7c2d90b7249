// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {SignedTerms} from "../access/SignedTerms.sol";
import {Unclaimed} from "../cash/Unclaimed.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {IERC3525} from "../tokens/IERC3525.sol";
import {ISplittableToken} from "../tokens/ISplittableToken.sol";
import {Holding, Lineage} from "../tokens/TokenBook.sol";
import {ClaimId, PartyId, ReceivableId} from "../types/Ids.sol";
import {BUYER, SUPPLIER} from "../types/PartyRoles.sol";
import {IReceivables} from "./IReceivables.sol";
import {Book, knownRecord, LateRecord, Record, unpaidOf} from "./ReceivableBook.sol";
import {ReceivableClock} from "./ReceivableClock.sol";
import {ReceivableMoney} from "./ReceivableMoney.sol";

/// @title The steps in a receivable's life that money does not need every day; linked to Receivables.
/// @notice See {IReceivables} for the specification.
/// @dev Runs by delegatecall on the storage of Receivables, which emits the events.
library ReceivableLife {
    using SignedTerms for SignedTerms.Book;

    /// @notice A step that a debt takes.
    enum Step {
        Reject,
        Withdraw,
        Dispute,
        EndDispute,
        DeclareDefault,
        WriteOff
    }

    /// @notice What a credit note is applied with.
    /// @param registry The registry of parties.
    /// @param zoneOffset Seconds by which the ledger's day is ahead of UTC.
    /// @param domainSeparator EIP-712 domain separator of Receivables.
    struct Setting {
        IPartyRegistry registry;
        uint256 zoneOffset;
        bytes32 domainSeparator;
    }

    uint256 private constant MAX_YEARS_AHEAD = 10;
    bytes32 private constant TERMS_TYPEHASH = keccak256(
        "ReceivableTerms(address seller,address debtor,address currency,uint96 faceAmount,uint32 dueDay,"
        "uint16 graceDays,uint32 lateRate,uint16 disputeDays,uint8 maxDepth,bytes32 fingerprint,"
        "bytes32 documentRoot,bytes32 legalTextHash)"
    );
    bytes32 private constant CREDIT_NOTE_TYPEHASH = keccak256(
        "CreditNote(uint256 receivableId,uint256 claimId,uint96 amount,bytes32 fingerprint,"
        "bytes32 documentRoot,uint40 deadline)"
    );

    /// @notice See {IReceivables.request}.
    /// @param book The stored state of Receivables.
    /// @param registry The registry of parties.
    /// @param today Today's day number.
    /// @param sender The sender of the call.
    /// @param terms The terms of the debt.
    /// @return receivableId The receivable.
    function request(
        Book storage book,
        IPartyRegistry registry,
        uint256 today,
        address sender,
        IReceivables.ReceivableTerms calldata terms
    ) external returns (ReceivableId receivableId) {
        // Check
        uint256 count = book.count + 1;
        receivableId = ReceivableId.wrap(count);
        if (sender != terms.seller) revert IReceivables.NotSeller(receivableId, terms.seller, sender);
        uint256 currencyIndex = _checkTerms(book, registry, today, terms);

        // Effect
        book.count = count;
        _useFingerprint(book, registry.partyOf(terms.seller), terms.fingerprint, receivableId);
        Record storage record = book.records[receivableId];
        record.debtor = terms.debtor;
        record.face = uint80(terms.faceAmount);
        record.maxDepth = terms.maxDepth;
        record.seller = terms.seller;
        record.dueDay = uint24(terms.dueDay);
        record.graceDays = uint8(terms.graceDays);
        record.status = IReceivables.Status.Requested;
        record.currencyIndex = uint8(currencyIndex);
        record.lateRate = uint24(terms.lateRate);
        record.disputeDay = uint24(terms.disputeDays);
        record.termsHash = keccak256(abi.encode(TERMS_TYPEHASH, terms));
        emit IReceivables.ReceivableRequested(receivableId, terms.seller, terms.debtor, terms);
    }

    /// @notice See {IReceivables.confirm}. The caller mints the claim.
    /// @param book The stored state of Receivables.
    /// @param registry The registry of parties.
    /// @param today Today's day number.
    /// @param domainSeparator EIP-712 domain separator of Receivables.
    /// @param receivableId The receivable.
    /// @param debtorSignature The debtor's signature over the terms.
    /// @return seller The seller, to whom the claim is minted.
    /// @return face Minor units of the claim.
    /// @return debtor The debtor.
    function confirm(
        Book storage book,
        IPartyRegistry registry,
        uint256 today,
        bytes32 domainSeparator,
        ReceivableId receivableId,
        bytes calldata debtorSignature
    ) external returns (address seller, uint96 face, address debtor) {
        Record storage record = _in(book, receivableId, IReceivables.Status.Requested);
        uint256 dueDay = record.dueDay;
        if (today > dueDay) revert IReceivables.DueDayOutOfRange(dueDay, today, type(uint24).max);
        (debtor, seller, face) = (record.debtor, record.seller, record.face);
        registry.requireValidForRisk(debtor, BUYER);
        registry.requireValid(seller, SUPPLIER);
        bytes32 digest = MessageHashUtils.toTypedDataHash(domainSeparator, record.termsHash);
        _requireDebtorSigned(book, receivableId, debtor, digest, debtorSignature);
        record.status = IReceivables.Status.Confirmed;
        record.disputeDay = uint24(today + record.disputeDay);
    }

    /// @notice Takes one step of a debt's life: {IReceivables.reject}, {IReceivables.withdraw}, {IReceivables.dispute},
    /// {IReceivables.endDispute}, {IReceivables.declareDefault} or {IReceivables.writeOff}.
    /// @dev Warning: if a step needs the sender to hold a claim, the caller must check that.
    /// @param book The stored state of Receivables.
    /// @param registry The registry of parties.
    /// @param step Which step.
    /// @param receivableId The receivable.
    /// @param sender The sender of the call.
    /// @param zoneOffset Seconds by which the ledger's day is ahead of UTC.
    /// @param days_ Days from the due day to the write-off.
    /// @param hash Hash of the evidence or the reason; 0 for a step without one.
    function take(
        Book storage book,
        IPartyRegistry registry,
        Step step,
        ReceivableId receivableId,
        address sender,
        uint256 zoneOffset,
        uint256 days_,
        bytes32 hash
    ) external {
        Record storage record = knownRecord(book, receivableId);
        uint256 today = ReceivableClock.today(book, record, zoneOffset);
        if (step == Step.Reject) {
            _byDebtor(book, registry, receivableId, IReceivables.Status.Requested, sender);
            record.status = IReceivables.Status.Rejected;
            emit IReceivables.ReceivableRejected(receivableId, sender, hash);
        } else if (step == Step.Withdraw) {
            _in(book, receivableId, IReceivables.Status.Requested);
            if (!registry.actsFor(sender, record.seller)) {
                revert IReceivables.NotSeller(receivableId, record.seller, sender);
            }
            record.status = IReceivables.Status.Withdrawn;
            emit IReceivables.ReceivableWithdrawn(receivableId, sender);
        } else if (step == Step.Dispute) {
            _byDebtor(book, registry, receivableId, IReceivables.Status.Confirmed, sender);
            if (today > record.disputeDay) {
                revert IReceivables.DisputeWindowClosed(receivableId, record.disputeDay, today);
            }
            record.status = IReceivables.Status.Disputed;
            emit IReceivables.ReceivableDisputed(receivableId, sender, hash);
        } else if (step == Step.EndDispute) {
            _byDebtor(book, registry, receivableId, IReceivables.Status.Disputed, sender);
            record.status = IReceivables.Status.Confirmed;
            emit IReceivables.DisputeEnded(receivableId, sender, hash);
        } else if (step == Step.DeclareDefault) {
            IReceivables.Status status = record.status;
            if (status != IReceivables.Status.Confirmed && status != IReceivables.Status.Disputed) {
                revert IReceivables.StateForbids(receivableId, status);
            }
            _requireDay(receivableId, today, uint256(record.dueDay) + record.graceDays + 1);
            record.status = IReceivables.Status.Defaulted;
            emit IReceivables.ReceivableDefaulted(receivableId, sender, uint96(unpaidOf(record)));
        } else {
            _in(book, receivableId, IReceivables.Status.Defaulted);
            _requireDay(receivableId, today, uint256(record.dueDay) + days_);
            record.status = IReceivables.Status.WrittenOff;
            emit IReceivables.ReceivableWrittenOff(receivableId, sender, uint96(unpaidOf(record)));
        }
    }

    /// @notice See {IReceivables.applyCreditNote}. The caller has collected the seller's claim and settled its late
    /// money before.
    /// @param book The stored state of Receivables.
    /// @param holdings First storage slot of each token.
    /// @param lineages Second storage slot of each token.
    /// @param setting The registry, the ledger's zone and what the signatures are bound to.
    /// @param note The credit note.
    /// @param sellerSignature The seller's signature.
    /// @param debtorSignature The debtor's signature.
    function applyCreditNote(
        Book storage book,
        mapping(uint256 tokenId => Holding) storage holdings,
        mapping(uint256 tokenId => Lineage) storage lineages,
        Setting memory setting,
        IReceivables.CreditNote calldata note,
        bytes calldata sellerSignature,
        bytes calldata debtorSignature
    ) external {
        // Check
        Record storage record = book.records[note.receivableId];
        _takeCreditNote(book, setting, record, note, sellerSignature, debtorSignature);

        // Effect
        uint256 today = ReceivableClock.today(book, record, setting.zoneOffset);
        ReceivableClock.accrue(book, note.receivableId, today);
        uint96 burned;
        if (!note.claimId.isNull()) {
            Holding storage holding = holdings[ClaimId.unwrap(note.claimId)];
            Lineage storage lineage = lineages[ClaimId.unwrap(note.claimId)];
            burned = _burnForCredit(book, holding, lineage, setting.registry, record, note);
        }
        uint96 paidIn = note.amount - burned;
        address seller = record.seller;
        emit IReceivables.CreditNoteApplied(
            note.receivableId, note.fingerprint, note.amount, burned, paidIn, note.documentRoot
        );
        ReceivableMoney.countPrincipal(book, note.receivableId, paidIn, 0, seller, today);

        // Interaction: the seller pays in what its claim did not bear
        if (paidIn != 0) Unclaimed.pull(book.currencies[record.currencyIndex], seller, paidIn);
        if (record.status == IReceivables.Status.Settled && record.hasLateRecord) {
            ReceivableMoney.payRemainder(book, setting.registry, note.receivableId);
        }
    }

    /// @notice See {IReceivables.cancelSignature}.
    /// @param book The stored state of Receivables.
    /// @param signer The account whose signature it is.
    /// @param digest The EIP-712 digest that was signed.
    function cancelSignature(Book storage book, address signer, bytes32 digest) external {
        book.signedTerms.cancel(signer, digest);
    }

    /// @notice See {IReceivables.receivable}.
    /// @param book The stored state of Receivables.
    /// @param receivableId The receivable.
    /// @return answer The receivable.
    function receivable(Book storage book, ReceivableId receivableId)
        internal
        view
        returns (IReceivables.Receivable memory answer)
    {
        Record storage record = knownRecord(book, receivableId);
        answer.seller = record.seller;
        answer.debtor = record.debtor;
        answer.currency = book.currencies[record.currencyIndex];
        answer.faceAmount = record.face;
        answer.dueDay = record.dueDay;
        answer.graceDays = record.graceDays;
        answer.lateRate = record.lateRate;
        answer.disputeDay = record.disputeDay;
        answer.maxDepth = record.maxDepth;
        answer.status = record.status;
        answer.principalPaid = record.principalPaid;
        answer.credited = record.credited;
        answer.redeemed = record.redeemed;
        answer.lateChargePaid = book.lateRecords[receivableId].paid;
        answer.termsHash = record.termsHash;
    }

    /// @dev Checks a credit note and its two signatures, and uses up its fingerprint.
    function _takeCreditNote(
        Book storage book,
        Setting memory setting,
        Record storage record,
        IReceivables.CreditNote calldata note,
        bytes calldata sellerSignature,
        bytes calldata debtorSignature
    ) private {
        SignedTerms.requireInTime(note.deadline);
        _useFingerprint(book, setting.registry.partyOf(record.seller), note.fingerprint, note.receivableId);
        uint256 unpaid = unpaidOf(record);
        if (note.amount == 0) revert IReceivables.AmountOutOfRange(0, 1, unpaid);
        if (note.amount > unpaid) revert IReceivables.CreditNoteExceedsUnpaid(note.receivableId, note.amount, unpaid);
        bytes32 digest = keccak256(abi.encode(CREDIT_NOTE_TYPEHASH, note));
        digest = MessageHashUtils.toTypedDataHash(setting.domainSeparator, digest);
        if (!book.signedTerms.isSignedBy(record.seller, digest, sellerSignature)) {
            revert IReceivables.SellerSignatureInvalid(note.receivableId, record.seller, digest);
        }
        _requireDebtorSigned(book, note.receivableId, record.debtor, digest, debtorSignature);
    }

    /// @dev The seller's party uses each fingerprint once, ever.
    function _useFingerprint(Book storage book, PartyId party, bytes32 fingerprint, ReceivableId receivableId) private {
        if (fingerprint == bytes32(0)) revert IReceivables.FingerprintMissing();
        ReceivableId used = book.withFingerprint[party][fingerprint];
        if (!used.isNull()) revert IReceivables.FingerprintUsed(fingerprint, used);
        book.withFingerprint[party][fingerprint] = receivableId;
    }

    function _requireDebtorSigned(
        Book storage book,
        ReceivableId receivableId,
        address debtor,
        bytes32 digest,
        bytes calldata signature
    ) private view {
        if (!book.signedTerms.isSignedBy(debtor, digest, signature)) {
            revert IReceivables.DebtorSignatureInvalid(receivableId, debtor, digest);
        }
    }

    /// @dev Burns unpaid value of a free claim of the seller's party, up to the amount of the note. Its share of the
    /// late charge that is not paid yet falls away with it; the shares of the others are still owed to them.
    function _burnForCredit(
        Book storage book,
        Holding storage holding,
        Lineage storage lineage,
        IPartyRegistry registry,
        Record storage record,
        IReceivables.CreditNote calldata note
    ) private returns (uint96 burned) {
        uint256 tokenId = ClaimId.unwrap(note.claimId);
        if (
            registry.partyOf(holding.owner) != registry.partyOf(record.seller)
                || lineage.slot != ReceivableId.unwrap(note.receivableId)
        ) revert IReceivables.NotHolder(note.claimId, note.receivableId, record.seller);
        if (lineage.encumbered) revert ISplittableToken.TokenEncumbered(tokenId, record.seller);
        uint96 value = holding.value;
        burned = note.amount < value ? note.amount : value;
        if (burned == 0) return 0;
        uint128 weight = ClaimShares.burnedDown(lineage.weight, value, burned);
        _burnWeight(book, note.receivableId, tokenId, lineage.weight, weight);
        lineage.weight -= weight;
        holding.value = value - burned;
        record.credited += uint80(burned);
        emit IERC3525.TransferValue(tokenId, 0, burned);
    }

    function _burnWeight(Book storage book, ReceivableId receivableId, uint256 tokenId, uint128 held, uint128 burned)
        private
    {
        LateRecord storage late = book.lateRecords[receivableId];
        ReceivableMoney.settle(book, late.index, tokenId, held);
        uint128 total = ReceivableClock.totalWeight(book, receivableId);
        late.accrued = ClaimShares.accruedAfterCreditUp(late.accrued, late.paid, burned, total);
        late.weightBurned += burned;
        book.records[receivableId].hasLateRecord = true;
    }

    function _in(Book storage book, ReceivableId receivableId, IReceivables.Status needed)
        private
        view
        returns (Record storage record)
    {
        record = knownRecord(book, receivableId);
        if (record.status != needed) revert IReceivables.StateForbids(receivableId, record.status);
    }

    function _byDebtor(
        Book storage book,
        IPartyRegistry registry,
        ReceivableId receivableId,
        IReceivables.Status needed,
        address sender
    ) private view {
        Record storage record = _in(book, receivableId, needed);
        if (!registry.actsFor(sender, record.debtor)) {
            revert IReceivables.NotDebtor(receivableId, record.debtor, sender);
        }
    }

    function _requireDay(ReceivableId receivableId, uint256 today, uint256 earliest) private pure {
        if (today < earliest) revert IReceivables.TooEarly(receivableId, today, earliest);
    }

    function _checkTerms(
        Book storage book,
        IPartyRegistry registry,
        uint256 today,
        IReceivables.ReceivableTerms calldata terms
    ) private view returns (uint256 currencyIndex) {
        registry.requireValidForRisk(terms.seller, SUPPLIER);
        registry.requireValid(terms.debtor, BUYER);
        if (registry.partyOf(terms.seller) == registry.partyOf(terms.debtor)) {
            revert IReceivables.SamePartyBothSides(terms.seller, terms.debtor);
        }
        if (!book.currencyAllowed[terms.currency]) revert IReceivables.CurrencyNotAllowed(terms.currency);
        if (terms.faceAmount == 0 || terms.faceAmount > ClaimShares.MAX_AMOUNT) {
            revert IReceivables.AmountOutOfRange(terms.faceAmount, 1, ClaimShares.MAX_AMOUNT);
        }
        uint256 latest = today + MAX_YEARS_AHEAD * 366;
        if (terms.dueDay < today || terms.dueDay > latest) {
            revert IReceivables.DueDayOutOfRange(terms.dueDay, today, latest);
        }
        _requireMax("graceDays", terms.graceDays, type(uint8).max);
        _requireMax("lateRate", terms.lateRate, 1_000_000);
        _requireMax("maxDepth", terms.maxDepth, 64);
        return book.currencyIndex[terms.currency] - 1;
    }

    function _requireMax(bytes32 term, uint256 value, uint256 max) private pure {
        if (value > max) revert IReceivables.TermOutOfRange(term, value, max);
    }
}
