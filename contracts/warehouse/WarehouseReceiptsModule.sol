// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

// No tags here: the interfaces specify these functions.
/* solhint-disable use-natspec */

import {ForwardedAccess} from "../access/ForwardedAccess.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {TokenModule} from "../tokens/TokenModule.sol";
import {TokenStore} from "../tokens/TokenStore.sol";
import {LotId, PartyId, WarehouseReceiptId} from "../types/Ids.sol";
import {IWarehouseReceipts} from "./IWarehouseReceipts.sol";
import {LotLife} from "./LotLife.sol";
import {WarehouseReceiptPages} from "./WarehouseReceiptPages.sol";
import {WarehouseReceiptRecords} from "./WarehouseReceiptRecords.sol";

/// @title The functions of WarehouseReceipts that are not called every day: the code to which WarehouseReceipts hands
/// such calls.
/// @notice See {IWarehouseReceipts}, {ISplittableToken} and {SplittableToken} for the specification of each function.
/// @dev Runs by delegatecall on the storage of WarehouseReceipts. IWarehouseReceipts says what each function is for.
contract WarehouseReceiptsModule is TokenModule, WarehouseReceiptRecords {
    constructor(address authority, address forwarder, IPartyRegistry registry_, uint256 zoneOffsetSeconds)
        ForwardedAccess(authority, forwarder)
        TokenStore(registry_)
        WarehouseReceiptRecords(zoneOffsetSeconds)
    {}

    function inspect(LotId lotId, IWarehouseReceipts.Condition condition, bytes32 documentRoot) external {
        LotLife.Record storage record = LotLife.known(_lots, lotId);
        LotLife.requireWarehouse(registry, lotId, record, _msgSender());
        record.condition = condition;
        emit IWarehouseReceipts.LotInspected(lotId, condition, documentRoot);
    }

    function acknowledge(WarehouseReceiptId warehouseReceiptId, address to) external {
        (LotId lotId, LotLife.Record storage record) = _lotOf(WarehouseReceiptId.unwrap(warehouseReceiptId));
        LotLife.requireWarehouse(registry, lotId, record, _msgSender());
        _acknowledged[warehouseReceiptId] = to;
        emit IWarehouseReceipts.TransferAcknowledged(warehouseReceiptId, to);
    }

    function count(LotId[] calldata lotIds, uint96[] calldata quantities, uint32 asOfDay, bytes32 documentRoot)
        external
    {
        LotLife.count(_lots, registry, _today(), _msgSender(), lotIds, quantities, asOfDay, documentRoot);
    }

    function stopNewLiens(address warehouse, bool stopped, bytes32 evidenceHash) external restricted {
        PartyId party = registry.partyOf(warehouse);
        if (party.isNull()) revert IPartyRegistry.AccountUnknown(warehouse);
        _lots.standings[party].stopped = stopped;
        emit IWarehouseReceipts.NewLiensStopped(warehouse, stopped, evidenceHash);
    }

    function lot(LotId lotId) external view returns (IWarehouseReceipts.Lot memory) {
        return LotLife.lot(_lots, lotId);
    }

    function standing(address warehouse) external view returns (IWarehouseReceipts.Standing memory) {
        return _lots.standings[registry.partyOf(warehouse)];
    }

    function contractURI() external pure returns (string memory) {
        return WarehouseReceiptPages.contractPage();
    }

    function slotURI(uint256 slot) external view returns (string memory) {
        return WarehouseReceiptPages.lotPage(_lots, LotId.wrap(slot), _today());
    }

    function tokenURI(uint256 tokenId) external view returns (string memory) {
        _ownerOf(tokenId);
        return WarehouseReceiptPages.warehouseReceiptPage(
            _lots, _holdings[tokenId], _lineages[tokenId], _lienholders[tokenId], tokenId, _today()
        );
    }

    // ------------------------------------------------------------------ hooks, where two bases meet

    function _beforeValueMoves(uint256 slot, uint256 fromTokenId, uint256 toTokenId, bool whole)
        internal
        override(TokenStore, WarehouseReceiptRecords)
    {
        super._beforeValueMoves(slot, fromTokenId, toTokenId, whole);
    }

    function _deepest(uint256 slot) internal view override(TokenStore, WarehouseReceiptRecords) returns (uint8) {
        return super._deepest(slot);
    }

    function _requireEncumberable(uint256 slot) internal view override(TokenStore, WarehouseReceiptRecords) {
        super._requireEncumberable(slot);
    }

    function _transferWhole(uint256 tokenId, address from, address to, bool forced)
        internal
        override(TokenStore, WarehouseReceiptRecords)
    {
        super._transferWhole(tokenId, from, to, forced);
    }

    function _split(uint256 tokenId, address from, address to, uint96 value, bool forced)
        internal
        override(TokenStore, WarehouseReceiptRecords)
        returns (uint256)
    {
        return super._split(tokenId, from, to, value, forced);
    }
}
