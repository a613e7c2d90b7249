// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {ForwardedAccess} from "../access/ForwardedAccess.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {SplittableToken} from "../tokens/SplittableToken.sol";
import {ClaimId, PartyId, ReceivableId} from "../types/Ids.sol";
import {IReceivables} from "./IReceivables.sol";
import {ReceivableRecords} from "./ReceivableRecords.sol";

/// @title A buyer's confirmed debts to sellers, and the claims on them.
/// @dev Warning: currencies must move exactly what they are told to; the operator lists them, and lists none that
/// takes a fee on transfer.
contract Receivables is ReceivableRecords {
    using SafeERC20 for IERC20;

    uint16 private constant SELLER = 1;
    uint16 private constant DEBTOR = 2;
    uint256 private constant MOST_YEARS_AHEAD = 10;
    bytes32 private constant TERMS_TYPEHASH = keccak256(
        "ReceivableTerms(address seller,address debtor,address currency,uint96 faceAmount,uint32 dueDay,"
        "uint16 graceDays,uint32 lateRate,uint16 disputeDays,uint8 maxDepth,bytes32 fingerprint,"
        "bytes32 documentRoot,bytes32 legalTextHash)"
    );
    bytes32 private constant CREDIT_NOTE_TYPEHASH = keccak256(
        "CreditNote(uint256 receivableId,uint96 amount,bytes32 fingerprint,bytes32 documentRoot)"
    );

    constructor(
        address authority,
        address forwarder,
        IPartyRegistry registry_,
        uint256 zoneOffsetSeconds,
        uint256 writeOffDays_
    )
        ForwardedAccess(authority, forwarder)
        SplittableToken(registry_)
        ReceivableRecords(zoneOffsetSeconds, writeOffDays_)
    {}

    /// @notice Which currencies new receivables may be in. Role: operator. Old ones stay payable.
    function allowCurrency(address currency, bool allowed) external restricted {
        if (_currencyIndex[currency] == 0) {
            _currencies.push(currency);
            if (_currencies.length > type(uint8).max) revert TermOutOfRange("currencies", _currencies.length, 255);
            _currencyIndex[currency] = _currencies.length;
        }
        _currencyAllowed[currency] = allowed;
        emit CurrencyAllowed(currency, allowed);
    }

    // ------------------------------------------------------------------ life

    /// @inheritdoc IReceivables
    function request(ReceivableTerms calldata terms) external returns (ReceivableId receivableId) {
        // Check
        receivableId = ReceivableId.wrap(_receivableCount + 1);
        if (_msgSender() != terms.seller) revert NotSeller(receivableId, terms.seller, _msgSender());
        _checkTerms(terms);
        ReceivableId used = _withFingerprint[terms.fingerprint];
        if (ReceivableId.unwrap(used) != 0) revert FingerprintUsed(terms.fingerprint, used);

        // Effect
        _receivableCount += 1;
        _withFingerprint[terms.fingerprint] = receivableId;
        Record storage record = _records[receivableId];
        record.debtor = terms.debtor;
        record.face = uint80(terms.faceAmount);
        record.maxDepth = terms.maxDepth;
        record.seller = terms.seller;
        record.dueDay = uint24(terms.dueDay);
        record.graceDays = uint8(terms.graceDays);
        record.status = Status.Requested;
        record.currencyIndex = uint8(_currencyIndex[terms.currency] - 1);
        record.lateRate = uint24(terms.lateRate);
        record.disputeDay = uint24(terms.disputeDays);
        record.termsHash = keccak256(abi.encode(TERMS_TYPEHASH, terms));
        emit ReceivableRequested(receivableId, terms.seller, terms.debtor, terms);
    }

    /// @inheritdoc IReceivables
    function confirm(ReceivableId receivableId, bytes calldata debtorSignature) external returns (ClaimId claimId) {
        Record storage record = _in(receivableId, Status.Requested);
        uint256 today = _today();
        if (today > record.dueDay) revert DueDayOutOfRange(record.dueDay, today, type(uint24).max);
        (address debtor, address seller) = (record.debtor, record.seller);
        registry.requireValid(debtor, DEBTOR);
        registry.requireValid(seller, SELLER);
        bytes32 digest = _hashTypedDataV4(record.termsHash);
        if (!SignatureChecker.isValidSignatureNow(debtor, digest, debtorSignature)) {
            revert DebtorSignatureInvalid(receivableId, debtor, digest);
        }

        record.status = Status.Confirmed;
        record.disputeDay = uint24(today + record.disputeDay);
        claimId = ClaimId.wrap(_mint(seller, ReceivableId.unwrap(receivableId), record.face, ClaimShares.WHOLE));
        emit ReceivableConfirmed(receivableId, debtor, claimId, debtorSignature);
    }

    /// @inheritdoc IReceivables
    function reject(ReceivableId receivableId, bytes32 reasonHash) external {
        Record storage record = _byDebtor(receivableId, Status.Requested);
        record.status = Status.Rejected;
        emit ReceivableRejected(receivableId, record.debtor, reasonHash);
    }

    /// @inheritdoc IReceivables
    function withdraw(ReceivableId receivableId) external {
        Record storage record = _in(receivableId, Status.Requested);
        if (record.seller != _msgSender()) revert NotSeller(receivableId, record.seller, _msgSender());
        record.status = Status.Withdrawn;
        emit ReceivableWithdrawn(receivableId, record.seller);
    }

    /// @inheritdoc IReceivables
    function dispute(ReceivableId receivableId, bytes32 papersHash) external {
        Record storage record = _byDebtor(receivableId, Status.Confirmed);
        if (_today() > record.disputeDay) {
            revert DisputeWindowClosed(receivableId, record.disputeDay, _today());
        }
        record.status = Status.Disputed;
        emit ReceivableDisputed(receivableId, record.debtor, papersHash);
    }

    /// @inheritdoc IReceivables
    function endDispute(ReceivableId receivableId, bytes32 papersHash) external {
        Record storage record = _byDebtor(receivableId, Status.Disputed);
        record.status = Status.Confirmed;
        emit DisputeEnded(receivableId, record.debtor, papersHash);
    }

    /// @inheritdoc IReceivables
    function declareDefault(ReceivableId receivableId, ClaimId claimId) external {
        Record storage record = _known(receivableId);
        Status status = record.status;
        if (status != Status.Confirmed && status != Status.Disputed) revert StateForbids(receivableId, status);
        _requireHolder(receivableId, claimId);
        uint256 earliest = uint256(record.dueDay) + record.graceDays + 1;
        if (_today() < earliest) revert TooEarly(receivableId, _today(), earliest);
        record.status = Status.Defaulted;
        emit ReceivableDefaulted(receivableId, _msgSender(), uint96(_unpaid(record)));
    }

    /// @inheritdoc IReceivables
    function writeOff(ReceivableId receivableId, ClaimId claimId) external {
        Record storage record = _in(receivableId, Status.Defaulted);
        _requireHolder(receivableId, claimId);
        uint256 earliest = uint256(record.dueDay) + writeOffDays;
        if (_today() < earliest) revert TooEarly(receivableId, _today(), earliest);
        record.status = Status.WrittenOff;
        emit ReceivableWrittenOff(receivableId, _msgSender(), uint96(_unpaid(record)));
    }

    // ------------------------------------------------------------------ money

    /// @inheritdoc IReceivables
    function pay(ReceivableId receivableId, uint96 amount) external returns (uint96 taken) {
        Record storage record = _payable(receivableId);
        if (amount == 0) revert AmountOutOfRange(amount, 1, type(uint96).max);
        _accrue(receivableId, record);
        uint96 lateCharge = _lateDue(receivableId, record);
        if (lateCharge > amount) lateCharge = amount;
        uint96 principal = uint96(_unpaid(record));
        if (principal > amount - lateCharge) principal = amount - lateCharge;
        taken = lateCharge + principal;
        if (lateCharge != 0) _distributeLate(receivableId, record, lateCharge);
        _takePrincipal(receivableId, record, principal, lateCharge, _msgSender());
        IERC20(_currencies[record.currencyIndex]).safeTransferFrom(_msgSender(), address(this), taken);
    }

    /// @inheritdoc IReceivables
    function collect(ClaimId claimId) external returns (uint96 principal, uint96 lateCharge) {
        (principal, lateCharge) = _collect(claimId);
        if (principal + lateCharge == 0) revert NothingToCollect(claimId);
    }

    /// @inheritdoc IReceivables
    function collectMany(ClaimId[] calldata claimIds) external {
        for (uint256 i; i < claimIds.length; ++i) {
            _collect(claimIds[i]);
        }
    }

    /// @inheritdoc IReceivables
    function applyCreditNote(
        CreditNote calldata note,
        ClaimId claimId,
        bytes calldata sellerSignature,
        bytes calldata debtorSignature
    ) external {
        Record storage record = _payable(note.receivableId);
        _checkCreditNote(record, note, sellerSignature, debtorSignature);
        _withFingerprint[note.fingerprint] = note.receivableId;
        _accrue(note.receivableId, record);
        _credit(record, note, ClaimId.unwrap(claimId) == 0 ? 0 : _burnForCredit(record, note, claimId));
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc IReceivables
    function receivable(ReceivableId receivableId) external view returns (Receivable memory answer) {
        Record storage record = _known(receivableId);
        answer.seller = record.seller;
        answer.debtor = record.debtor;
        answer.currency = _currencies[record.currencyIndex];
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
        answer.lateChargePaid = _lateRecords[receivableId].paid;
        answer.termsHash = record.termsHash;
    }

    /// @inheritdoc IReceivables
    function receivableWithFingerprint(bytes32 fingerprint) external view returns (ReceivableId) {
        return _withFingerprint[fingerprint];
    }

    /// @inheritdoc IReceivables
    function confirmationDigest(ReceivableId receivableId) external view returns (bytes32) {
        return _hashTypedDataV4(_known(receivableId).termsHash);
    }

    /// @inheritdoc IReceivables
    function due(ReceivableId receivableId) external view returns (uint96 principal, uint96 lateCharge) {
        Record storage record = _known(receivableId);
        return (uint96(_unpaid(record)), _lateDue(receivableId, record));
    }

    /// @inheritdoc IReceivables
    function collectable(ClaimId claimId) external view returns (uint96 principal, uint96 lateCharge) {
        uint256 tokenId = ClaimId.unwrap(claimId);
        ownerOf(tokenId);
        return _collectable(tokenId, ReceivableId.wrap(_lineages[tokenId].slot));
    }

    /// @inheritdoc IReceivables
    function isOverdue(ReceivableId receivableId) external view returns (bool) {
        Record storage record = _known(receivableId);
        return _unpaid(record) != 0 && _today() > record.dueDay;
    }

    /// @notice All that is kept of one claim; for a burned one the owner is zero and the lineage stays.
    function claim(ClaimId claimId)
        external
        view
        returns (
            address owner,
            ReceivableId receivableId,
            uint96 value,
            uint128 weight,
            uint256 parent,
            uint8 depth,
            bool encumbered
        )
    {
        uint256 tokenId = ClaimId.unwrap(claimId);
        Lineage storage line = _lineages[tokenId];
        return (
            _holdings[tokenId].owner,
            ReceivableId.wrap(line.slot),
            _holdings[tokenId].value,
            line.weight,
            line.parent,
            line.depth,
            line.encumbered
        );
    }

    function name() external pure returns (string memory) {
        return "Cession Claims";
    }

    function symbol() external pure returns (string memory) {
        return "CLAIM";
    }

    function contractURI() external pure returns (string memory) {
        return 'data:application/json,{"name":"Cession Claims"}';
    }

    function slotURI(uint256 slot) external view returns (string memory) {
        _known(ReceivableId.wrap(slot));
        return string.concat('data:application/json,{"name":"Receivable ', Strings.toString(slot), '"}');
    }

    function tokenURI(uint256 tokenId) external view returns (string memory) {
        ownerOf(tokenId);
        return string.concat('data:application/json,{"name":"Claim ', Strings.toString(tokenId), '"}');
    }

    // ------------------------------------------------------------------ parts of the above

    function _in(ReceivableId receivableId, Status needed) private view returns (Record storage record) {
        record = _known(receivableId);
        if (record.status != needed) revert StateForbids(receivableId, record.status);
    }

    function _byDebtor(ReceivableId receivableId, Status needed) private view returns (Record storage record) {
        record = _in(receivableId, needed);
        if (record.debtor != _msgSender()) revert NotDebtor(receivableId, record.debtor, _msgSender());
    }

    function _payable(ReceivableId receivableId) private view returns (Record storage record) {
        record = _known(receivableId);
        Status status = record.status;
        if (status == Status.Settled) revert NothingDue(receivableId);
        if (
            status != Status.Confirmed && status != Status.Disputed && status != Status.Defaulted
                && status != Status.WrittenOff
        ) revert StateForbids(receivableId, status);
    }

    function _requireHolder(ReceivableId receivableId, ClaimId claimId) private view {
        uint256 tokenId = ClaimId.unwrap(claimId);
        if (
            _holdings[tokenId].owner != _msgSender() || _lineages[tokenId].slot != ReceivableId.unwrap(receivableId)
                || _holdings[tokenId].value == 0
        ) revert NotHolder(claimId, receivableId, _msgSender());
    }

    function _checkTerms(ReceivableTerms calldata terms) private view {
        registry.requireValid(terms.seller, SELLER);
        registry.requireValid(terms.debtor, DEBTOR);
        if (PartyId.unwrap(registry.partyOf(terms.seller)) == PartyId.unwrap(registry.partyOf(terms.debtor))) {
            revert SamePartyBothSides(terms.seller, terms.debtor);
        }
        if (!_currencyAllowed[terms.currency]) revert CurrencyNotAllowed(terms.currency);
        if (terms.faceAmount == 0 || terms.faceAmount > ClaimShares.MAX_AMOUNT) {
            revert AmountOutOfRange(terms.faceAmount, 1, ClaimShares.MAX_AMOUNT);
        }
        uint256 today = _today();
        uint256 latest = today + MOST_YEARS_AHEAD * 366;
        if (terms.dueDay < today || terms.dueDay > latest) revert DueDayOutOfRange(terms.dueDay, today, latest);
        if (terms.graceDays > type(uint8).max) revert TermOutOfRange("graceDays", terms.graceDays, type(uint8).max);
        if (terms.lateRate > 1_000_000) revert TermOutOfRange("lateRate", terms.lateRate, 1_000_000);
        if (terms.maxDepth > 64) revert TermOutOfRange("maxDepth", terms.maxDepth, 64);
        if (terms.fingerprint == bytes32(0)) revert FingerprintMissing();
    }

    function _checkCreditNote(
        Record storage record,
        CreditNote calldata note,
        bytes calldata sellerSignature,
        bytes calldata debtorSignature
    ) private view {
        ReceivableId receivableId = note.receivableId;
        if (note.fingerprint == bytes32(0)) revert FingerprintMissing();
        ReceivableId used = _withFingerprint[note.fingerprint];
        if (ReceivableId.unwrap(used) != 0) revert FingerprintUsed(note.fingerprint, used);
        uint256 unpaid = _unpaid(record);
        if (note.amount == 0) revert AmountOutOfRange(0, 1, unpaid);
        if (note.amount > unpaid) revert CreditNoteExceedsUnpaid(receivableId, note.amount, unpaid);
        bytes32 digest = _hashTypedDataV4(
            keccak256(
                abi.encode(CREDIT_NOTE_TYPEHASH, receivableId, note.amount, note.fingerprint, note.documentRoot)
            )
        );
        if (!SignatureChecker.isValidSignatureNow(record.seller, digest, sellerSignature)) {
            revert SellerSignatureInvalid(receivableId, record.seller, digest);
        }
        if (!SignatureChecker.isValidSignatureNow(record.debtor, digest, debtorSignature)) {
            revert DebtorSignatureInvalid(receivableId, record.debtor, digest);
        }
    }

    /// @dev What was paid on the seller's claim is collected first, so that only unpaid value burns.
    function _burnForCredit(Record storage record, CreditNote calldata note, ClaimId claimId)
        private
        returns (uint96 burned)
    {
        uint256 tokenId = ClaimId.unwrap(claimId);
        ReceivableId receivableId = note.receivableId;
        if (ownerOf(tokenId) != record.seller || _lineages[tokenId].slot != ReceivableId.unwrap(receivableId)) {
            revert NotHolder(claimId, receivableId, record.seller);
        }
        if (_lineages[tokenId].encumbered) revert TokenEncumbered(tokenId, record.seller);
        _collect(claimId);
        uint96 value = _holdings[tokenId].value;
        burned = note.amount < value ? note.amount : value;
        if (burned == 0) return 0;
        record.hasLateRecord = true;
        _beforeValueMoves(ReceivableId.unwrap(receivableId), tokenId, tokenId);
        uint128 weight = ClaimShares.burnedDown(_lineages[tokenId].weight, value, burned);
        _lineages[tokenId].weight -= weight;
        _lateRecords[receivableId].weightBurned += weight;
        _holdings[tokenId].value = value - burned;
        record.credited += uint80(burned);
        emit TransferValue(tokenId, 0, burned);
    }

    /// @dev What the seller's claim did not bear, the seller pays in.
    function _credit(Record storage record, CreditNote calldata note, uint96 burned) private {
        uint96 paidIn = note.amount - burned;
        address seller = record.seller;
        emit CreditNoteApplied(note.receivableId, note.fingerprint, note.amount, burned, paidIn, note.documentRoot);
        _takePrincipal(note.receivableId, record, paidIn, 0, seller);
        if (paidIn == 0) return;
        IERC20(_currencies[record.currencyIndex]).safeTransferFrom(seller, address(this), paidIn);
    }

    /// @dev Counts principal as paid (or credited just before), and settles the debt with its last cent.
    function _takePrincipal(
        ReceivableId receivableId,
        Record storage record,
        uint96 principal,
        uint96 lateCharge,
        address payer
    ) private {
        record.principalPaid += uint80(principal);
        uint96 unpaid = uint96(_unpaid(record));
        if (principal + lateCharge != 0) emit PaymentReceived(receivableId, payer, principal, lateCharge, unpaid);
        if (unpaid == 0) {
            record.status = Status.Settled;
            emit ReceivableSettled(receivableId);
        }
    }

    function _distributeLate(ReceivableId receivableId, Record storage record, uint96 amount) private {
        LateRecord storage late = _lateRecords[receivableId];
        late.paid += uint80(amount);
        late.index += ClaimShares.lateIndexRiseDown(amount, _totalWeight(receivableId, record));
    }

    function _collectable(uint256 tokenId, ReceivableId receivableId)
        private
        view
        returns (uint96 principal, uint96 lateCharge)
    {
        Record storage record = _records[receivableId];
        uint128 weight = _lineages[tokenId].weight;
        uint128 total = _totalWeight(receivableId, record);
        principal = ClaimShares.collectableDown(_holdings[tokenId].value, weight, _unpaid(record), total);
        lateCharge = _lateCollectable(receivableId, record, tokenId, weight);
    }

    /// @dev To the holder, or to the lienholder of an encumbered claim. A claim that is paid in full is burned.
    function _collect(ClaimId claimId) private returns (uint96 principal, uint96 lateCharge) {
        uint256 tokenId = ClaimId.unwrap(claimId);
        address paidTo = ownerOf(tokenId);
        ReceivableId receivableId = ReceivableId.wrap(_lineages[tokenId].slot);
        Record storage record = _records[receivableId];
        (principal, lateCharge) = _collectable(tokenId, receivableId);
        if (principal + lateCharge == 0) return (0, 0);
        if (_lineages[tokenId].encumbered) paidTo = lienholderOf(tokenId);
        registry.requireValid(paidTo, 0);

        _holdings[tokenId].value -= principal;
        record.redeemed += uint80(principal);
        if (lateCharge != 0) {
            _claimLates[tokenId].taken += lateCharge;
            _lateRecords[receivableId].taken += uint80(lateCharge);
        }
        emit TransferValue(tokenId, 0, principal);
        emit Collected(claimId, receivableId, paidTo, principal, lateCharge);
        if (record.status == Status.Settled) _burn(tokenId);

        IERC20 currency = IERC20(_currencies[record.currencyIndex]);
        currency.safeTransfer(paidTo, principal + lateCharge);
        if (lateCharge != 0 || record.hasLateRecord) _payLateRemainder(receivableId, record, currency);
    }

    /// @dev With the last claim gone, the cents that no holder's share reached go to the seller.
    function _payLateRemainder(ReceivableId receivableId, Record storage record, IERC20 currency) private {
        if (record.status != Status.Settled || record.redeemed != record.principalPaid) return;
        LateRecord storage late = _lateRecords[receivableId];
        uint80 remainder = late.paid - late.taken;
        if (remainder == 0) return;
        late.taken = late.paid;
        emit LateChargeRemainderPaid(receivableId, record.seller, remainder);
        currency.safeTransfer(record.seller, remainder);
    }
}
