// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {ERC165Checker} from "@openzeppelin/contracts/utils/introspection/ERC165Checker.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {IERC3525} from "../tokens/IERC3525.sol";
import {SplittableToken} from "../tokens/SplittableToken.sol";
import {ClaimId, PartyId, ReceivableId} from "../types/Ids.sol";
import {IClaimCollector} from "./IClaimCollector.sol";
import {IReceivables} from "./IReceivables.sol";
import {Book, ClaimLate, knownRecord, LateRecord, Record, unpaidOf} from "./ReceivableBook.sol";

/// @title The steps in a receivable's life that money does not depend on every day; linked to Receivables.
/// @dev Runs by delegatecall on the storage of Receivables, in whose name the events are emitted.
library ReceivableLife {
    enum Step {
        Reject,
        Withdraw,
        Dispute,
        EndDispute,
        DeclareDefault,
        WriteOff
    }

    uint16 private constant SELLER = 1;
    uint16 private constant DEBTOR = 2;
    uint256 private constant MOST_YEARS_AHEAD = 10;
    bytes32 private constant TERMS_TYPEHASH = keccak256(
        "ReceivableTerms(address seller,address debtor,address currency,uint96 faceAmount,uint32 dueDay,"
        "uint16 graceDays,uint32 lateRate,uint16 disputeDays,uint8 maxDepth,bytes32 fingerprint,"
        "bytes32 documentRoot,bytes32 legalTextHash)"
    );
    bytes32 private constant CREDIT_NOTE_TYPEHASH = keccak256(
        "CreditNote(uint256 receivableId,uint256 claimId,uint96 amount,bytes32 fingerprint,bytes32 documentRoot)"
    );

    /// @notice See Receivables.allowCurrency.
    function allowCurrency(Book storage book, address currency, bool allowed) external {
        if (book.currencyIndex[currency] == 0) {
            book.currencies.push(currency);
            uint256 count = book.currencies.length;
            if (count > type(uint8).max) revert IReceivables.TermOutOfRange("currencies", count, type(uint8).max);
            book.currencyIndex[currency] = count;
        }
        book.currencyAllowed[currency] = allowed;
        emit IReceivables.CurrencyAllowed(currency, allowed);
    }

    /// @notice Tells a lienholder that is a contract lending on claims what was collected for it.
    function tellCollector(ClaimId claimId, address lienholder, address owner, uint256 amount) external {
        if (!ERC165Checker.supportsInterface(lienholder, type(IClaimCollector).interfaceId)) return;
        IClaimCollector(lienholder).onCollected(claimId, owner, amount);
    }

    /// @notice See IReceivables.request.
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
        ReceivableId used = book.withFingerprint[terms.fingerprint];
        if (ReceivableId.unwrap(used) != 0) revert IReceivables.FingerprintUsed(terms.fingerprint, used);

        // Effect
        book.count = count;
        book.withFingerprint[terms.fingerprint] = receivableId;
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

    /// @notice See IReceivables.confirm; the caller mints the claim.
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
        registry.requireValidForRisk(debtor, DEBTOR);
        registry.requireValid(seller, SELLER);
        bytes32 digest = MessageHashUtils.toTypedDataHash(domainSeparator, record.termsHash);
        if (!SignatureChecker.isValidSignatureNow(debtor, digest, debtorSignature)) {
            revert IReceivables.DebtorSignatureInvalid(receivableId, debtor, digest);
        }
        record.status = IReceivables.Status.Confirmed;
        record.disputeDay = uint24(today + record.disputeDay);
    }

    /// @notice One step along the arrows; `hash` is of the papers or the reason, `days_` the write-off's days.
    /// @dev Warning: that the sender holds a claim, where a step needs it, is for the caller to check.
    function take(
        Book storage book,
        Step step,
        ReceivableId receivableId,
        address sender,
        uint256 today,
        uint256 days_,
        bytes32 hash
    ) external {
        Record storage record = knownRecord(book, receivableId);
        if (step == Step.Reject) {
            _byDebtor(book, receivableId, IReceivables.Status.Requested, sender);
            record.status = IReceivables.Status.Rejected;
            emit IReceivables.ReceivableRejected(receivableId, sender, hash);
        } else if (step == Step.Withdraw) {
            _in(book, receivableId, IReceivables.Status.Requested);
            if (record.seller != sender) revert IReceivables.NotSeller(receivableId, record.seller, sender);
            record.status = IReceivables.Status.Withdrawn;
            emit IReceivables.ReceivableWithdrawn(receivableId, sender);
        } else if (step == Step.Dispute) {
            _byDebtor(book, receivableId, IReceivables.Status.Confirmed, sender);
            if (today > record.disputeDay) {
                revert IReceivables.DisputeWindowClosed(receivableId, record.disputeDay, today);
            }
            record.status = IReceivables.Status.Disputed;
            emit IReceivables.ReceivableDisputed(receivableId, sender, hash);
        } else if (step == Step.EndDispute) {
            _byDebtor(book, receivableId, IReceivables.Status.Disputed, sender);
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

    /// @notice Checks a credit note and its two signatures, and uses up its fingerprint.
    function takeCreditNote(
        Book storage book,
        bytes32 domainSeparator,
        IReceivables.CreditNote calldata note,
        bytes calldata sellerSignature,
        bytes calldata debtorSignature
    ) external {
        Record storage record = book.records[note.receivableId];
        if (note.fingerprint == bytes32(0)) revert IReceivables.FingerprintMissing();
        ReceivableId used = book.withFingerprint[note.fingerprint];
        if (ReceivableId.unwrap(used) != 0) revert IReceivables.FingerprintUsed(note.fingerprint, used);
        uint256 unpaid = unpaidOf(record);
        if (note.amount == 0) revert IReceivables.AmountOutOfRange(0, 1, unpaid);
        if (note.amount > unpaid) revert IReceivables.CreditNoteExceedsUnpaid(note.receivableId, note.amount, unpaid);
        bytes32 digest =
            MessageHashUtils.toTypedDataHash(domainSeparator, keccak256(abi.encode(CREDIT_NOTE_TYPEHASH, note)));
        if (!SignatureChecker.isValidSignatureNow(record.seller, digest, sellerSignature)) {
            revert IReceivables.SellerSignatureInvalid(note.receivableId, record.seller, digest);
        }
        if (!SignatureChecker.isValidSignatureNow(record.debtor, digest, debtorSignature)) {
            revert IReceivables.DebtorSignatureInvalid(note.receivableId, record.debtor, digest);
        }
        book.withFingerprint[note.fingerprint] = note.receivableId;
    }

    /// @notice Burns unpaid value of the seller's claim for a credit note, up to its amount.
    /// @dev The caller has collected the claim and settled its late money before.
    function burnForCredit(
        Book storage book,
        SplittableToken.Holding storage holding,
        SplittableToken.Lineage storage line,
        ReceivableId receivableId,
        uint256 tokenId,
        uint96 amount
    ) external returns (uint96 burned) {
        uint96 value = holding.value;
        burned = amount < value ? amount : value;
        if (burned == 0) return 0;
        uint128 weight = ClaimShares.burnedDown(line.weight, value, burned);
        line.weight -= weight;
        book.lateRecords[receivableId].weightBurned += weight;
        holding.value = value - burned;
        book.records[receivableId].credited += uint80(burned);
        emit IERC3525.TransferValue(tokenId, 0, burned);
    }

    /// @notice See IReceivables.receivable.
    function receivable(Book storage book, ReceivableId receivableId)
        external
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

    /// @notice Keeps what has run up until today, before the unpaid principal changes.
    function accrue(Book storage book, ReceivableId receivableId, uint256 accrued, uint256 today) external {
        LateRecord storage late = book.lateRecords[receivableId];
        late.accrued = uint128(accrued);
        late.accruedDay = uint24(today);
        book.records[receivableId].hasLateRecord = true;
    }

    /// @notice Late money that a claim of this weight may collect now.
    function lateCollectable(Book storage book, ReceivableId receivableId, uint256 claimId, uint128 weight)
        external
        view
        returns (uint96)
    {
        ClaimLate storage held = book.claimLates[claimId];
        uint256 rise = book.lateRecords[receivableId].index - held.startIndex;
        return ClaimShares.lateShareDown(weight, rise) + held.owed - held.taken;
    }

    /// @notice Late money earned so far stays with the claim that earned it, before weight moves to another claim; it
    /// goes along with the whole, so that nothing is owed to a claim that is empty or about to be merged away.
    function settleLate(
        Book storage book,
        mapping(uint256 => SplittableToken.Lineage) storage lineages,
        ReceivableId receivableId,
        uint256 fromClaimId,
        uint256 toClaimId,
        bool whole
    ) external {
        uint256 index = book.lateRecords[receivableId].index;
        if (index == 0) return;
        ClaimLate storage from = _settle(book, index, fromClaimId, lineages[fromClaimId].weight);
        ClaimLate storage to = _settle(book, index, toClaimId, lineages[toClaimId].weight);
        if (!whole) return;
        to.owed += from.owed - from.taken;
        from.taken = from.owed;
    }

    /// @notice The cents of late charge that no holder's share reached, once the last claim is gone; counted as taken.
    function takeLateRemainder(Book storage book, IPartyRegistry registry, ReceivableId receivableId)
        external
        returns (uint96 remainder)
    {
        Record storage record = book.records[receivableId];
        if (record.status != IReceivables.Status.Settled || record.redeemed != record.principalPaid) return 0;
        LateRecord storage late = book.lateRecords[receivableId];
        remainder = late.paid - late.taken;
        if (remainder == 0 || !registry.isValid(record.seller)) return 0;
        late.taken = late.paid;
        emit IReceivables.LateChargeRemainderPaid(receivableId, record.seller, remainder);
    }

    /// @notice Hands a late charge just paid to the claims by their weights, and counts it.
    function distributeLate(Book storage book, ReceivableId receivableId, uint96 amount, uint128 totalWeight) external {
        LateRecord storage late = book.lateRecords[receivableId];
        late.paid += uint80(amount);
        late.index += ClaimShares.lateIndexRiseDown(amount, totalWeight);
    }

    /// @notice Metadata of a claim or a receivable as a data URI.
    function page(string calldata kind, uint256 number) external pure returns (string memory) {
        return string.concat('data:application/json,{"name":"', kind, Strings.toString(number), '"}');
    }

    function _settle(Book storage book, uint256 index, uint256 claimId, uint128 weight)
        private
        returns (ClaimLate storage held)
    {
        held = book.claimLates[claimId];
        held.owed += ClaimShares.lateShareDown(weight, index - held.startIndex);
        held.startIndex = index;
    }

    function _in(Book storage book, ReceivableId receivableId, IReceivables.Status needed)
        private
        view
        returns (Record storage record)
    {
        record = knownRecord(book, receivableId);
        if (record.status != needed) revert IReceivables.StateForbids(receivableId, record.status);
    }

    function _byDebtor(Book storage book, ReceivableId receivableId, IReceivables.Status needed, address sender)
        private
        view
    {
        Record storage record = _in(book, receivableId, needed);
        if (record.debtor != sender) revert IReceivables.NotDebtor(receivableId, record.debtor, sender);
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
        registry.requireValidForRisk(terms.seller, SELLER);
        registry.requireValid(terms.debtor, DEBTOR);
        if (PartyId.unwrap(registry.partyOf(terms.seller)) == PartyId.unwrap(registry.partyOf(terms.debtor))) {
            revert IReceivables.SamePartyBothSides(terms.seller, terms.debtor);
        }
        if (!book.currencyAllowed[terms.currency]) revert IReceivables.CurrencyNotAllowed(terms.currency);
        if (terms.faceAmount == 0 || terms.faceAmount > ClaimShares.MAX_AMOUNT) {
            revert IReceivables.AmountOutOfRange(terms.faceAmount, 1, ClaimShares.MAX_AMOUNT);
        }
        uint256 latest = today + MOST_YEARS_AHEAD * 366;
        if (terms.dueDay < today || terms.dueDay > latest) {
            revert IReceivables.DueDayOutOfRange(terms.dueDay, today, latest);
        }
        _atMost("graceDays", terms.graceDays, type(uint8).max);
        _atMost("lateRate", terms.lateRate, 1_000_000);
        _atMost("maxDepth", terms.maxDepth, 64);
        if (terms.fingerprint == bytes32(0)) revert IReceivables.FingerprintMissing();
        return book.currencyIndex[terms.currency] - 1;
    }

    function _atMost(bytes32 term, uint256 given, uint256 most) private pure {
        if (given > most) revert IReceivables.TermOutOfRange(term, given, most);
    }
}
