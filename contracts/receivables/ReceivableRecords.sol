// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {TriedTransfer} from "../cash/TriedTransfer.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {IERC3525} from "../tokens/IERC3525.sol";
import {ISplittableToken} from "../tokens/ISplittableToken.sol";
import {Holding, Lineage} from "../tokens/TokenBook.sol";
import {TokenStore} from "../tokens/TokenStore.sol";
import {ClaimId, ReceivableId} from "../types/Ids.sol";
import {IReceivables} from "./IReceivables.sol";
import {Book, knownRecord, Record, unpaidOf} from "./ReceivableBook.sol";
import {ReceivableMoney} from "./ReceivableMoney.sol";

/// @title The stored state of each receivable, and what the token asks of it: the base of Receivables and of its
/// module.
/// @notice See {IReceivables} for the specification.
abstract contract ReceivableRecords is TokenStore, EIP712 {
    /// @notice Seconds by which the ledger's day is ahead of UTC.
    uint256 public immutable zoneOffset;
    /// @notice Days after the due day from which a defaulted receivable may be written off.
    uint256 public immutable writeOffDays;

    Book internal _book;

    constructor(uint256 zoneOffset_, uint256 writeOffDays_) EIP712("Cession Receivables", "1") {
        zoneOffset = zoneOffset_;
        writeOffDays = writeOffDays_;
    }

    function _today() internal view returns (uint256) {
        return (block.timestamp + zoneOffset) / 1 days;
    }

    // ------------------------------------------------------------------ hooks of the token

    /// @dev Late money earned so far stays with the claim that earned it, and moves with the whole of it.
    function _beforeValueMoves(uint256 slot, uint256 fromTokenId, uint256 toTokenId, bool whole)
        internal
        virtual
        override
    {
        ReceivableId receivableId = ReceivableId.wrap(slot);
        if (!_book.records[receivableId].hasLateRecord) return;
        ReceivableMoney.settleLate(_book, _lineages, receivableId, fromTokenId, toTokenId, whole);
    }

    function _deepest(uint256 slot) internal view virtual override returns (uint8) {
        return _book.records[ReceivableId.wrap(slot)].maxDepth;
    }

    function _requireEncumberable(uint256 slot) internal view virtual override {
        IReceivables.Status status = _book.records[ReceivableId.wrap(slot)].status;
        if (status != IReceivables.Status.Confirmed) revert IReceivables.StateForbids(ReceivableId.wrap(slot), status);
    }

    // ------------------------------------------------------------------ what both do

    function _payable(ReceivableId receivableId) internal view returns (Record storage record) {
        record = knownRecord(_book, receivableId);
        IReceivables.Status status = record.status;
        if (status == IReceivables.Status.Settled) revert IReceivables.NothingDue(receivableId);
        if (
            status != IReceivables.Status.Confirmed && status != IReceivables.Status.Disputed
                && status != IReceivables.Status.Defaulted && status != IReceivables.Status.WrittenOff
        ) revert IReceivables.StateForbids(receivableId, status);
    }

    /// @dev Pays the holder, or the lienholder of an encumbered claim. A claim of a settled debt is burned.
    function _collect(ClaimId claimId) internal returns (uint96 principal, uint96 lateCharge, bool ended) {
        // Check
        uint256 tokenId = ClaimId.unwrap(claimId);
        Holding storage holding = _holdings[tokenId];
        (address owner, uint96 value) = (holding.owner, holding.value);
        if (owner == address(0)) revert ISplittableToken.TokenUnknown(tokenId);
        Lineage memory lineage = _lineageOf(tokenId);
        ReceivableId receivableId = ReceivableId.wrap(lineage.slot);
        Record storage record = _book.records[receivableId];
        ended = record.status == IReceivables.Status.Settled;

        // Effect
        if (record.hasLateRecord) {
            (principal, lateCharge) = ReceivableMoney.takeLate(_book, receivableId, tokenId, value, lineage.weight);
        } else {
            principal = ClaimShares.collectableDown(value, lineage.weight, unpaidOf(record), ClaimShares.WHOLE);
        }
        uint256 amount = principal + lateCharge;
        if (amount == 0 && !ended) return (0, 0, false);
        holding.value = value - principal;
        record.redeemed += uint80(principal);
        address paidTo = lineage.encumbered ? _lienholders[tokenId] : owner;
        emit IERC3525.TransferValue(tokenId, 0, principal);
        emit IReceivables.Collected(claimId, receivableId, paidTo, principal, lateCharge);
        if (ended) _burn(tokenId);

        // Interaction
        _payOut(claimId, record, paidTo, owner, amount);
        if (ended && record.hasLateRecord) ReceivableMoney.endClaim(_book, registry, receivableId, lineage.weight);
    }

    function _payOut(ClaimId claimId, Record storage record, address paidTo, address owner, uint256 amount) private {
        address currency = _book.currencies[record.currencyIndex];
        if (paidTo != owner) {
            ReceivableMoney.payLienholder(_book, registry, currency, claimId, paidTo, owner, amount);
        } else if (!registry.isValid(owner) || !TriedTransfer.send(currency, owner, amount)) {
            ReceivableMoney.keep(_book, registry, currency, owner, amount);
        }
    }
}
