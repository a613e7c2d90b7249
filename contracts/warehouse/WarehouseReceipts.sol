// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ForwardedAccess} from "../access/ForwardedAccess.sol";
import {WantOfGas} from "../access/WantOfGas.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {SplittableToken} from "../tokens/SplittableToken.sol";
import {Holding, Lineage} from "../tokens/TokenBook.sol";
import {TokenStore} from "../tokens/TokenStore.sol";
import {LotId, WarehouseReceiptId} from "../types/Ids.sol";
import {IWarehouseReceiptLienholder} from "./IWarehouseReceiptLienholder.sol";
import {IWarehouseReceipts} from "./IWarehouseReceipts.sol";
import {LotLife} from "./LotLife.sol";
import {WarehouseReceiptRecords} from "./WarehouseReceiptRecords.sol";

/// @title Warehouse receipts for stored goods.
/// @notice See {IWarehouseReceipts} for the specification of lots, {ISplittableToken} for that of warehouse receipts.
/// @dev A warehouse receipt's weight is its quantity, so that every division is exact. Requested goods are under the
/// lien of this contract itself: the base then lets nobody move the warehouse receipt, and nothing here ever calls it
/// as the lienholder.
/// @dev Warning: whether the goods are there is the warehouse's word alone; counts and inspections are as good as their
/// documents.
contract WarehouseReceipts is IWarehouseReceipts, SplittableToken, WarehouseReceiptRecords {
    /// @dev The maximum gas that a lienholder may use in the warehouse's transaction when it is called. It is enough
    /// for the maximum collateral that Facilities takes, on a schedule of years that nobody touched.
    uint256 private constant LIENHOLDER_GAS = 3_000_000;

    constructor(
        address authority,
        address forwarder,
        IPartyRegistry registry_,
        uint256 zoneOffsetSeconds,
        address module_
    )
        ForwardedAccess(authority, forwarder)
        TokenStore(registry_)
        SplittableToken(module_)
        WarehouseReceiptRecords(zoneOffsetSeconds)
    {}

    // ------------------------------------------------------------------ goods

    /// @inheritdoc IWarehouseReceipts
    function issue(LotTerms calldata terms) external returns (LotId lotId, WarehouseReceiptId warehouseReceiptId) {
        address warehouse = _msgSender();
        bytes32 item;
        (lotId, item) = LotLife.issue(_lots, registry, _today(), warehouse, terms);
        uint96 quantity = terms.quantity;
        warehouseReceiptId = WarehouseReceiptId.wrap(_mint(terms.depositor, LotId.unwrap(lotId), quantity, quantity));
        emit WarehouseReceiptIssued(warehouseReceiptId, lotId, warehouse, item, terms);
    }

    /// @inheritdoc IWarehouseReceipts
    function inspect(LotId lotId, Condition condition, bytes32 documentRoot) external {
        _toModule();
    }

    /// @inheritdoc IWarehouseReceipts
    function impair(WarehouseReceiptId warehouseReceiptId, uint96 quantity, bytes32 documentRoot) external {
        // Check
        uint256 tokenId = WarehouseReceiptId.unwrap(warehouseReceiptId);
        (LotId lotId, LotLife.Record storage record) = _lotOf(tokenId);
        LotLife.requireWarehouse(registry, lotId, record, _msgSender());
        uint96 held = _holdings[tokenId].value;
        LotLife.requireQuantity(quantity, 1, held);

        // Effect
        address lienholder = _lienholders[tokenId];
        LotLife.takeOut(_lots, record, quantity, false);
        emit TransferValue(tokenId, 0, quantity);
        emit WarehouseReceiptImpaired(warehouseReceiptId, lotId, quantity, held - quantity, documentRoot);
        if (quantity == held) {
            _end(tokenId);
        } else {
            _holdings[tokenId].value = held - quantity;
            _lineages[tokenId].weight = held - quantity;
        }

        // Interaction
        if (lienholder.code.length != 0 && lienholder != address(this)) _tell(lienholder, warehouseReceiptId);
    }

    // ------------------------------------------------------------------ release

    /// @inheritdoc IWarehouseReceipts
    function requestRelease(WarehouseReceiptId warehouseReceiptId, uint96 quantity, bytes32 documentRoot)
        external
        returns (WarehouseReceiptId requested)
    {
        uint256 tokenId = WarehouseReceiptId.unwrap(warehouseReceiptId);
        address holder = _requireHolder(warehouseReceiptId);
        if (_lineages[tokenId].encumbered) {
            address lienholder = _lienholders[tokenId];
            if (lienholder == address(this)) revert ReleasePending(warehouseReceiptId);
            revert TokenEncumbered(tokenId, lienholder);
        }
        uint96 held = _holdings[tokenId].value;
        LotLife.requireQuantity(quantity, 1, held);
        if (quantity == held) registry.requireValid(holder, 0);
        else tokenId = _split(tokenId, holder, holder, quantity, false);

        _setLien(tokenId, address(this));
        requested = WarehouseReceiptId.wrap(tokenId);
        emit ReleaseRequested(requested, warehouseReceiptId, holder, quantity, documentRoot);
    }

    /// @inheritdoc IWarehouseReceipts
    function withdrawRelease(WarehouseReceiptId warehouseReceiptId) external {
        address holder = ownerOf(WarehouseReceiptId.unwrap(warehouseReceiptId));
        // A party that lost the account that requested still has its other accounts.
        if (holder != _msgSender() && !registry.actsFor(_msgSender(), holder)) {
            revert NotHolder(warehouseReceiptId, holder, _msgSender());
        }
        _requireReleasePending(warehouseReceiptId);
        _endRelease(warehouseReceiptId);
    }

    /// @inheritdoc IWarehouseReceipts
    function handOver(WarehouseReceiptId warehouseReceiptId, uint96 quantity, address holder, bytes32 documentRoot)
        external
    {
        uint256 tokenId = WarehouseReceiptId.unwrap(warehouseReceiptId);
        (LotId lotId, LotLife.Record storage record) = _lotOf(tokenId);
        LotLife.requireWarehouse(registry, lotId, record, _msgSender());
        _requireReleasePending(warehouseReceiptId);
        Holding storage holding = _holdings[tokenId];
        if (holding.value != quantity || holding.owner != holder) {
            revert WarehouseReceiptChanged(warehouseReceiptId, holding.owner, holding.value);
        }
        registry.requireValid(holder, 0);

        LotLife.takeOut(_lots, record, quantity, true);
        emit TransferValue(tokenId, 0, quantity);
        emit GoodsReleased(warehouseReceiptId, lotId, holder, quantity, documentRoot);
        _end(tokenId);
    }

    // ------------------------------------------------------------------ the warehouse's word

    /// @inheritdoc IWarehouseReceipts
    function acknowledge(WarehouseReceiptId warehouseReceiptId, address to) external {
        _toModule();
    }

    /// @inheritdoc IWarehouseReceipts
    function count(LotId[] calldata lotIds, uint96[] calldata quantities, uint32 asOfDay, bytes32 documentRoot)
        external
    {
        _toModule();
    }

    /// @inheritdoc IWarehouseReceipts
    function stopNewLiens(address warehouse, bool stopped, bytes32 evidenceHash) external {
        _toModule();
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc IWarehouseReceipts
    function lot(LotId lotId) external view returns (Lot memory answer) {
        _askModule();
    }

    /// @inheritdoc IWarehouseReceipts
    function warehouseReceipt(WarehouseReceiptId warehouseReceiptId) external view returns (WarehouseReceipt memory) {
        uint256 tokenId = WarehouseReceiptId.unwrap(warehouseReceiptId);
        Lineage storage lineage = _lineages[tokenId];
        return WarehouseReceipt({
            owner: _holdings[tokenId].owner,
            lotId: LotId.wrap(lineage.slot),
            quantity: _holdings[tokenId].value,
            parent: lineage.parent,
            depth: lineage.depth,
            lienholder: _lienholders[tokenId]
        });
    }

    /// @inheritdoc IWarehouseReceipts
    function lotWithFingerprint(address warehouse, bytes32 fingerprint) external view returns (LotId) {
        return _lots.withFingerprint[registry.partyOf(warehouse)][fingerprint];
    }

    /// @inheritdoc IWarehouseReceipts
    function standing(address warehouse) external view returns (Standing memory answer) {
        _askModule();
    }

    /// @inheritdoc IWarehouseReceipts
    function itemOf(bytes32 sku, bytes16 grade, bytes3 unit) public pure returns (bytes32) {
        return keccak256(abi.encode(sku, grade, unit));
    }

    /// @notice Digits behind the point in a value: thousandths of the lot's unit.
    /// @return Always 3.
    function valueDecimals() external pure override returns (uint8) {
        return 3;
    }

    /// @notice The name of the token (ERC-721).
    /// @return Always "Cession Receipts".
    function name() external pure returns (string memory) {
        return "Cession Warehouse Receipts";
    }

    /// @notice The symbol of the token (ERC-721).
    /// @return Always "RECEIPT".
    function symbol() external pure returns (string memory) {
        return "CWR";
    }

    /// @notice A page of JSON about the contract (ERC-3525, ERC-7572).
    /// @return uri The page as a data URI.
    function contractURI() external view returns (string memory uri) {
        _askModule();
    }

    /// @notice A page of JSON about a lot (ERC-3525).
    /// @dev Reverts with {LotUnknown} if there is no such lot.
    /// @param slot The lot.
    /// @return uri The page as a data URI.
    function slotURI(uint256 slot) external view returns (string memory uri) {
        _askModule();
    }

    /// @notice A page of JSON about a warehouse receipt (ERC-721).
    /// @dev Reverts with {TokenUnknown} if there is no such warehouse receipt.
    /// @param tokenId The warehouse receipt.
    /// @return uri The page as a data URI.
    function tokenURI(uint256 tokenId) external view returns (string memory uri) {
        _askModule();
    }

    // ------------------------------------------------------------------ internal parts

    function _requireHolder(WarehouseReceiptId warehouseReceiptId) private view returns (address holder) {
        holder = ownerOf(WarehouseReceiptId.unwrap(warehouseReceiptId));
        if (holder != _msgSender()) revert NotHolder(warehouseReceiptId, holder, _msgSender());
    }

    function _requireReleasePending(WarehouseReceiptId warehouseReceiptId) private view {
        if (_lienholders[WarehouseReceiptId.unwrap(warehouseReceiptId)] != address(this)) {
            revert NoReleasePending(warehouseReceiptId);
        }
    }

    function _end(uint256 tokenId) private {
        delete _acknowledged[WarehouseReceiptId.wrap(tokenId)];
        _burn(tokenId);
    }

    /// @dev What happened to the goods is recorded, whatever the lienholder does. But the sender cannot make the call
    /// fail by giving too little gas.
    function _tell(address lienholder, WarehouseReceiptId warehouseReceiptId) private {
        if (!WantOfGas.supportsInterface(lienholder, type(IWarehouseReceiptLienholder).interfaceId)) return;
        uint256 gasBefore = gasleft();
        try IWarehouseReceiptLienholder(lienholder).onImpaired{gas: LIENHOLDER_GAS}(warehouseReceiptId) {}
        catch {
            WantOfGas.requireNone(gasBefore);
        }
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
