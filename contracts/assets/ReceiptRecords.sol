// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PartyId, LotId, ReceiptId} from "../types/Ids.sol";
import {TokenStore} from "../tokens/TokenStore.sol";
import {IWarehouseReceipts} from "./IWarehouseReceipts.sol";
import {LotLife} from "./LotLife.sol";

/// @title What is kept of each lot, and what the token asks of it: the base of WarehouseReceipts and of its module.
abstract contract ReceiptRecords is TokenStore {
    /// @notice Seconds that the ledger's day is ahead of UTC.
    uint256 public immutable zoneOffset;

    LotLife.Lots internal _lots;
    mapping(ReceiptId => address to) internal _acknowledged;

    constructor(uint256 zoneOffset_) {
        zoneOffset = zoneOffset_;
    }

    // ------------------------------------------------------------------ hooks of the token

    /// @dev A split is checked in `_split`, where the receiver is known; this is value that joins a receipt which stands.
    function _beforeValueMoves(uint256 slot, uint256 fromTokenId, uint256 toTokenId, bool) internal virtual override {
        address to = _holdings[toTokenId].owner;
        if (to == address(0) || to == _holdings[fromTokenId].owner) return;
        if (!_lots.records[LotId.wrap(slot)].negotiable) {
            revert IWarehouseReceipts.NotNegotiable(ReceiptId.wrap(fromTokenId), to);
        }
    }

    function _transferWhole(uint256 tokenId, address from, address to, bool forced) internal virtual override {
        if (!forced) {
            _usePassage(tokenId, from, to);
        } else {
            // The new holder asked for no goods, and nobody acknowledged where it may pass them on to.
            if (_lienholders[tokenId] == address(this)) _endRelease(ReceiptId.wrap(tokenId));
            delete _acknowledged[ReceiptId.wrap(tokenId)];
        }
        super._transferWhole(tokenId, from, to, forced);
    }

    function _split(uint256 tokenId, address from, address to, uint96 value, bool forced)
        internal
        virtual
        override
        returns (uint256)
    {
        if (!forced) _usePassage(tokenId, from, to);
        return super._split(tokenId, from, to, value, forced);
    }

    function _deepest(uint256 slot) internal view virtual override returns (uint8) {
        return _lots.records[LotId.wrap(slot)].maxDepth;
    }

    function _requirePledgeable(uint256 slot) internal view virtual override {
        LotLife.requirePledgeable(_lots, registry, _today(), LotId.wrap(slot));
    }

    // ------------------------------------------------------------------ what both do

    function _today() internal view returns (uint256) {
        return (block.timestamp + zoneOffset) / 1 days;
    }

    function _lotOf(uint256 tokenId) internal view returns (LotId lotId, LotLife.Record storage record) {
        _ownerOf(tokenId);
        lotId = LotId.wrap(_lineages[tokenId].slot);
        record = _lots.records[lotId];
    }

    /// @dev A receipt that is not negotiable passes to another party once for each acknowledgement.
    function _usePassage(uint256 tokenId, address from, address to) private {
        if (from == to || _lots.records[LotId.wrap(_lineages[tokenId].slot)].negotiable) return;
        if (PartyId.unwrap(registry.partyOf(from)) == PartyId.unwrap(registry.partyOf(to))) return;
        ReceiptId receiptId = ReceiptId.wrap(tokenId);
        if (_acknowledged[receiptId] != to) revert IWarehouseReceipts.NotNegotiable(receiptId, to);
        delete _acknowledged[receiptId];
    }

    function _endRelease(ReceiptId receiptId) internal {
        uint256 tokenId = ReceiptId.unwrap(receiptId);
        _endLien(tokenId);
        delete _acknowledged[receiptId];
        emit IWarehouseReceipts.ReleaseWithdrawn(receiptId);
    }
}
