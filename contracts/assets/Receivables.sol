// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ForwardedAccess} from "../access/ForwardedAccess.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {SplittableToken} from "../tokens/SplittableToken.sol";
import {ClaimId, ReceivableId} from "../types/Ids.sol";
import {IReceivables} from "./IReceivables.sol";
import {knownRecord, Record, unpaidOf} from "./ReceivableBook.sol";
import {ReceivableLife} from "./ReceivableLife.sol";
import {ReceivableRecords} from "./ReceivableRecords.sol";

/// @title A buyer's confirmed debts to sellers, and the claims on them.
/// @dev Warning: currencies must move exactly what they are told to; the operator lists them, and lists none that
/// takes a fee on transfer.
contract Receivables is ReceivableRecords {
    using SafeERC20 for IERC20;

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
        ReceivableLife.allowCurrency(_book, currency, allowed);
    }

    // ------------------------------------------------------------------ life

    /// @inheritdoc IReceivables
    function request(ReceivableTerms calldata terms) external returns (ReceivableId) {
        return ReceivableLife.request(_book, registry, _today(), _msgSender(), terms);
    }

    /// @inheritdoc IReceivables
    function confirm(ReceivableId receivableId, bytes calldata debtorSignature) external returns (ClaimId claimId) {
        (address seller, uint96 face, address debtor) =
            ReceivableLife.confirm(_book, registry, _today(), _domainSeparatorV4(), receivableId, debtorSignature);
        claimId = ClaimId.wrap(_mint(seller, ReceivableId.unwrap(receivableId), face, ClaimShares.WHOLE));
        emit ReceivableConfirmed(receivableId, debtor, claimId, debtorSignature);
    }

    /// @inheritdoc IReceivables
    function reject(ReceivableId receivableId, bytes32 reasonHash) external {
        _take(ReceivableLife.Step.Reject, receivableId, reasonHash);
    }

    /// @inheritdoc IReceivables
    function withdraw(ReceivableId receivableId) external {
        _take(ReceivableLife.Step.Withdraw, receivableId, 0);
    }

    /// @inheritdoc IReceivables
    function dispute(ReceivableId receivableId, bytes32 papersHash) external {
        _take(ReceivableLife.Step.Dispute, receivableId, papersHash);
    }

    /// @inheritdoc IReceivables
    function endDispute(ReceivableId receivableId, bytes32 papersHash) external {
        _take(ReceivableLife.Step.EndDispute, receivableId, papersHash);
    }

    /// @inheritdoc IReceivables
    function declareDefault(ReceivableId receivableId, ClaimId claimId) external {
        _requireHolder(receivableId, claimId);
        _take(ReceivableLife.Step.DeclareDefault, receivableId, 0);
    }

    /// @inheritdoc IReceivables
    function writeOff(ReceivableId receivableId, ClaimId claimId) external {
        _requireHolder(receivableId, claimId);
        _take(ReceivableLife.Step.WriteOff, receivableId, 0);
    }

    // ------------------------------------------------------------------ money

    /// @inheritdoc IReceivables
    function pay(ReceivableId receivableId, uint96 amount) external returns (uint96 taken) {
        Record storage record = _payable(receivableId);
        if (amount == 0) revert AmountOutOfRange(amount, 1, type(uint96).max);
        _accrue(receivableId, record);
        uint96 lateCharge = _lateDue(receivableId, record);
        if (lateCharge > amount) lateCharge = amount;
        uint96 principal = uint96(unpaidOf(record));
        if (principal > amount - lateCharge) principal = amount - lateCharge;
        taken = lateCharge + principal;
        if (lateCharge != 0) {
            ReceivableLife.distributeLate(_book, receivableId, lateCharge, _totalWeight(receivableId, record));
        }
        _takePrincipal(receivableId, record, principal, lateCharge, _msgSender());
        IERC20(_book.currencies[record.currencyIndex]).safeTransferFrom(_msgSender(), address(this), taken);
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
    function applyCreditNote(CreditNote calldata note, bytes calldata sellerSignature, bytes calldata debtorSignature)
        external
    {
        Record storage record = _payable(note.receivableId);
        ReceivableLife.takeCreditNote(_book, _domainSeparatorV4(), note, sellerSignature, debtorSignature);
        _accrue(note.receivableId, record);
        _credit(record, note, ClaimId.unwrap(note.claimId) == 0 ? 0 : _burnForCredit(record, note));
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc IReceivables
    function receivable(ReceivableId receivableId) external view returns (Receivable memory) {
        return ReceivableLife.receivable(_book, receivableId);
    }

    /// @inheritdoc IReceivables
    function receivableWithFingerprint(bytes32 fingerprint) external view returns (ReceivableId) {
        return _book.withFingerprint[fingerprint];
    }

    /// @inheritdoc IReceivables
    function confirmationDigest(ReceivableId receivableId) external view returns (bytes32) {
        return _hashTypedDataV4(knownRecord(_book, receivableId).termsHash);
    }

    /// @inheritdoc IReceivables
    function due(ReceivableId receivableId) external view returns (uint96 principal, uint96 lateCharge) {
        Record storage record = knownRecord(_book, receivableId);
        return (uint96(unpaidOf(record)), _lateDue(receivableId, record));
    }

    /// @inheritdoc IReceivables
    function collectable(ClaimId claimId) external view returns (uint96 principal, uint96 lateCharge) {
        uint256 tokenId = ClaimId.unwrap(claimId);
        ownerOf(tokenId);
        Lineage storage line = _lineages[tokenId];
        ReceivableId receivableId = ReceivableId.wrap(line.slot);
        return _collectable(tokenId, receivableId, _book.records[receivableId], _holdings[tokenId].value, line.weight);
    }

    /// @inheritdoc IReceivables
    function isOverdue(ReceivableId receivableId) external view returns (bool) {
        Record storage record = knownRecord(_book, receivableId);
        return unpaidOf(record) != 0 && _today() > record.dueDay;
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
        knownRecord(_book, ReceivableId.wrap(slot));
        return ReceivableLife.page("Receivable ", slot);
    }

    function tokenURI(uint256 tokenId) external view returns (string memory) {
        ownerOf(tokenId);
        return ReceivableLife.page("Claim ", tokenId);
    }

    // ------------------------------------------------------------------ parts of the above

    function _take(ReceivableLife.Step step, ReceivableId receivableId, bytes32 hash) private {
        ReceivableLife.take(_book, step, receivableId, _msgSender(), _today(), writeOffDays, hash);
    }

    function _payable(ReceivableId receivableId) private view returns (Record storage record) {
        record = knownRecord(_book, receivableId);
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
            (_holdings[tokenId].owner != _msgSender() && lienholderOf(tokenId) != _msgSender())
                || _lineages[tokenId].slot != ReceivableId.unwrap(receivableId) || _holdings[tokenId].value == 0
        ) revert NotHolder(claimId, receivableId, _msgSender());
    }

    /// @dev What was paid on the seller's claim is collected first, so that only unpaid value burns.
    function _burnForCredit(Record storage record, CreditNote calldata note) private returns (uint96 burned) {
        ClaimId claimId = note.claimId;
        uint256 tokenId = ClaimId.unwrap(claimId);
        ReceivableId receivableId = note.receivableId;
        if (ownerOf(tokenId) != record.seller || _lineages[tokenId].slot != ReceivableId.unwrap(receivableId)) {
            revert NotHolder(claimId, receivableId, record.seller);
        }
        if (_lineages[tokenId].encumbered) revert TokenEncumbered(tokenId, record.seller);
        _collect(claimId);
        if (_holdings[tokenId].value == 0) return 0;
        record.hasLateRecord = true;
        _beforeValueMoves(ReceivableId.unwrap(receivableId), tokenId, tokenId, false);
        burned = ReceivableLife.burnForCredit(
            _book, _holdings[tokenId], _lineages[tokenId], receivableId, tokenId, note.amount
        );
    }

    /// @dev What the seller's claim did not bear, the seller pays in.
    function _credit(Record storage record, CreditNote calldata note, uint96 burned) private {
        uint96 paidIn = note.amount - burned;
        address seller = record.seller;
        emit CreditNoteApplied(note.receivableId, note.fingerprint, note.amount, burned, paidIn, note.documentRoot);
        _takePrincipal(note.receivableId, record, paidIn, 0, seller);
        if (paidIn == 0) return;
        IERC20(_book.currencies[record.currencyIndex]).safeTransferFrom(seller, address(this), paidIn);
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
        uint96 unpaid = uint96(unpaidOf(record));
        if (principal + lateCharge != 0) emit PaymentReceived(receivableId, payer, principal, lateCharge, unpaid);
        if (unpaid == 0) {
            record.status = Status.Settled;
            emit ReceivableSettled(receivableId);
        }
    }

    function _collectable(
        uint256 tokenId,
        ReceivableId receivableId,
        Record storage record,
        uint96 value,
        uint128 weight
    ) private view returns (uint96 principal, uint96 lateCharge) {
        principal = ClaimShares.collectableDown(value, weight, unpaidOf(record), _totalWeight(receivableId, record));
        if (record.hasLateRecord) lateCharge = ReceivableLife.lateCollectable(_book, receivableId, tokenId, weight);
    }

    /// @dev To the holder, or to the lienholder of an encumbered claim. A claim that is paid in full is burned.
    function _collect(ClaimId claimId) private returns (uint96 principal, uint96 lateCharge) {
        uint256 tokenId = ClaimId.unwrap(claimId);
        Holding storage holding = _holdings[tokenId];
        Lineage storage line = _lineages[tokenId];
        (address owner, uint96 value) = (holding.owner, holding.value);
        if (owner == address(0)) revert TokenUnknown(tokenId);
        ReceivableId receivableId = ReceivableId.wrap(line.slot);
        Record storage record = _book.records[receivableId];
        (principal, lateCharge) = _collectable(tokenId, receivableId, record, value, line.weight);
        if (principal + lateCharge == 0) return (0, 0);
        address paidTo = line.encumbered ? lienholderOf(tokenId) : owner;
        registry.requireValid(paidTo, 0);

        holding.value = value - principal;
        record.redeemed += uint80(principal);
        if (lateCharge != 0) {
            _book.claimLates[tokenId].taken += lateCharge;
            _book.lateRecords[receivableId].taken += uint80(lateCharge);
        }
        emit TransferValue(tokenId, 0, principal);
        emit Collected(claimId, receivableId, paidTo, principal, lateCharge);
        if (record.status == Status.Settled) _burn(tokenId);

        IERC20(_book.currencies[record.currencyIndex]).safeTransfer(paidTo, principal + lateCharge);
        if (record.hasLateRecord) _payLateRemainder(receivableId, record);
        if (paidTo != owner) ReceivableLife.tellCollector(claimId, paidTo, owner, principal + lateCharge);
    }

    /// @dev With the last claim gone, the cents that no holder's share reached go to the seller.
    function _payLateRemainder(ReceivableId receivableId, Record storage record) private {
        uint96 remainder = ReceivableLife.takeLateRemainder(_book, registry, receivableId);
        if (remainder == 0) return;
        IERC20(_book.currencies[record.currencyIndex]).safeTransfer(record.seller, remainder);
    }
}
