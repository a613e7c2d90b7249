// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LotId, WarehouseReceiptId} from "../types/Ids.sol";
import {TokenStore} from "../tokens/TokenStore.sol";
import {IWarehouseReceipts} from "./IWarehouseReceipts.sol";
import {LotLife} from "./LotLife.sol";

/// @title The stored state of each lot, and what the token asks of it: the base of WarehouseReceipts and of its module.
/// @notice See {IWarehouseReceipts} for the specification.
abstract contract WarehouseReceiptRecords is TokenStore {
    /// @notice Seconds by which the ledger's day is ahead of UTC.
    uint256 public immutable zoneOffset;

    LotLife.Lots internal _lots;
    mapping(WarehouseReceiptId => address to) internal _acknowledged;

    constructor(uint256 zoneOffset_) {
        zoneOffset = zoneOffset_;
    }

    // ------------------------------------------------------------------ hooks of the token

    /// @dev `_split`, which knows the receiver, checks a split. This hook sees value that joins an existing warehouse
    /// receipt.
    function _beforeValueMoves(uint256 slot, uint256 fromTokenId, uint256 toTokenId, bool) internal virtual override {
        address to = _holdings[toTokenId].owner;
        if (to == address(0) || to == _holdings[fromTokenId].owner) return;
        if (!_lots.records[LotId.wrap(slot)].negotiable) {
            revert IWarehouseReceipts.NotNegotiable(WarehouseReceiptId.wrap(fromTokenId), to);
        }
    }

    function _transferWhole(uint256 tokenId, address from, address to, bool forced) internal virtual override {
        if (!forced) {
            _useTransferApproval(tokenId, from, to);
        } else {
            // The new holder requested no goods, and nobody acknowledged to whom it may transfer them.
            if (_lienholders[tokenId] == address(this)) _endRelease(WarehouseReceiptId.wrap(tokenId));
            delete _acknowledged[WarehouseReceiptId.wrap(tokenId)];
        }
        super._transferWhole(tokenId, from, to, forced);
    }

    function _split(uint256 tokenId, address from, address to, uint96 value, bool forced)
        internal
        virtual
        override
        returns (uint256)
    {
        if (!forced) _useTransferApproval(tokenId, from, to);
        return super._split(tokenId, from, to, value, forced);
    }

    function _deepest(uint256 slot) internal view virtual override returns (uint8) {
        return _lots.records[LotId.wrap(slot)].maxDepth;
    }

    function _requireEncumberable(uint256 slot) internal view virtual override {
        LotLife.requireEncumberable(_lots, registry, _today(), LotId.wrap(slot));
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

    /// @dev A warehouse receipt that is not negotiable moves to another party once for each acknowledgement.
    function _useTransferApproval(uint256 tokenId, address from, address to) private {
        if (from == to || _lots.records[LotId.wrap(_lineages[tokenId].slot)].negotiable) return;
        if (registry.partyOf(from) == registry.partyOf(to)) return;
        WarehouseReceiptId warehouseReceiptId = WarehouseReceiptId.wrap(tokenId);
        if (_acknowledged[warehouseReceiptId] != to) revert IWarehouseReceipts.NotNegotiable(warehouseReceiptId, to);
        delete _acknowledged[warehouseReceiptId];
    }

    function _endRelease(WarehouseReceiptId warehouseReceiptId) internal {
        uint256 tokenId = WarehouseReceiptId.unwrap(warehouseReceiptId);
        _endLien(tokenId);
        delete _acknowledged[warehouseReceiptId];
        emit IWarehouseReceipts.ReleaseWithdrawn(warehouseReceiptId);
    }
}
