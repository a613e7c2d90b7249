// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC165Checker} from "@openzeppelin/contracts/utils/introspection/ERC165Checker.sol";
import {ForwardedAccess} from "../access/ForwardedAccess.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {SplittableToken} from "../tokens/SplittableToken.sol";
import {Lineage} from "../tokens/TokenBook.sol";
import {TokenStore} from "../tokens/TokenStore.sol";
import {LotId, ReceiptId} from "../types/Ids.sol";
import {IReceiptLienholder} from "./IReceiptLienholder.sol";
import {IWarehouseReceipts} from "./IWarehouseReceipts.sol";
import {LotLife} from "./LotLife.sol";
import {ReceiptRecords} from "./ReceiptRecords.sol";

/// @title Receipts for stored goods.
/// @dev A receipt's weight is its quantity, so that every division is exact. Goods asked for are under the lien of this
/// contract itself: the base then lets nobody move the receipt, and nothing here ever calls it as the lienholder.
/// Warning: whether the goods are there is the warehouse's word alone; counts and inspections are as good as their papers.
contract WarehouseReceipts is IWarehouseReceipts, SplittableToken, ReceiptRecords {
    /// @dev What a lienholder may use up of the warehouse's gas when it is told: enough for the most cover that Facilities takes, on a
    /// schedule of years that nobody touched.
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
        ReceiptRecords(zoneOffsetSeconds)
    {}

    // ------------------------------------------------------------------ goods

    /// @inheritdoc IWarehouseReceipts
    function issue(LotTerms calldata terms) external returns (LotId lotId, ReceiptId receiptId) {
        address warehouse = _msgSender();
        bytes32 item;
        (lotId, item) = LotLife.issue(_lots, registry, _today(), warehouse, terms);
        uint96 quantity = terms.quantity;
        receiptId = ReceiptId.wrap(_mint(terms.depositor, LotId.unwrap(lotId), quantity, quantity));
        emit ReceiptIssued(receiptId, lotId, warehouse, item, terms);
    }

    /// @inheritdoc IWarehouseReceipts
    function inspect(LotId lotId, Condition condition, bytes32 papersRoot) external {
        _toModule();
    }

    /// @inheritdoc IWarehouseReceipts
    function impair(ReceiptId receiptId, uint96 quantity, bytes32 papersRoot) external {
        // Check
        uint256 tokenId = ReceiptId.unwrap(receiptId);
        (LotId lotId, LotLife.Record storage record) = _lotOf(tokenId);
        LotLife.requireWarehouse(registry, lotId, record, _msgSender());
        uint96 held = _holdings[tokenId].value;
        LotLife.requireQuantity(quantity, 1, held);

        // Effect
        address lienholder = _lienholders[tokenId];
        LotLife.takeOut(_lots, record, quantity, false);
        emit TransferValue(tokenId, 0, quantity);
        emit ReceiptImpaired(receiptId, lotId, quantity, held - quantity, papersRoot);
        if (quantity == held) {
            _end(tokenId);
        } else {
            _holdings[tokenId].value = held - quantity;
            _lineages[tokenId].weight = held - quantity;
        }

        // Interaction
        if (lienholder.code.length != 0 && lienholder != address(this)) _tell(lienholder, receiptId);
    }

    // ------------------------------------------------------------------ release

    /// @inheritdoc IWarehouseReceipts
    function requestRelease(ReceiptId receiptId, uint96 quantity, bytes32 papersRoot)
        external
        returns (ReceiptId asked)
    {
        uint256 tokenId = ReceiptId.unwrap(receiptId);
        address holder = _requireHolder(receiptId);
        if (_lineages[tokenId].encumbered) {
            address lienholder = _lienholders[tokenId];
            if (lienholder == address(this)) revert ReleasePending(receiptId);
            revert TokenEncumbered(tokenId, lienholder);
        }
        uint96 held = _holdings[tokenId].value;
        LotLife.requireQuantity(quantity, 1, held);
        if (quantity == held) registry.requireValid(holder, 0);
        else tokenId = _split(tokenId, holder, holder, quantity, false);

        _setLien(tokenId, address(this));
        asked = ReceiptId.wrap(tokenId);
        emit ReleaseRequested(asked, receiptId, holder, quantity, papersRoot);
    }

    /// @inheritdoc IWarehouseReceipts
    function withdrawRelease(ReceiptId receiptId) external {
        address holder = ownerOf(ReceiptId.unwrap(receiptId));
        // Whoever lost the account that asked still has the party's others.
        if (holder != _msgSender() && !registry.actsFor(_msgSender(), holder)) {
            revert NotHolder(receiptId, holder, _msgSender());
        }
        _requireReleasePending(receiptId);
        _endRelease(receiptId);
    }

    /// @inheritdoc IWarehouseReceipts
    function handOver(ReceiptId receiptId, bytes32 papersRoot) external {
        uint256 tokenId = ReceiptId.unwrap(receiptId);
        (LotId lotId, LotLife.Record storage record) = _lotOf(tokenId);
        LotLife.requireWarehouse(registry, lotId, record, _msgSender());
        _requireReleasePending(receiptId);
        address holder = _holdings[tokenId].owner;
        registry.requireValid(holder, 0);

        uint96 quantity = _holdings[tokenId].value;
        LotLife.takeOut(_lots, record, quantity, true);
        emit TransferValue(tokenId, 0, quantity);
        emit GoodsReleased(receiptId, lotId, holder, quantity, papersRoot);
        _end(tokenId);
    }

    // ------------------------------------------------------------------ the warehouse's word

    /// @inheritdoc IWarehouseReceipts
    function acknowledge(ReceiptId receiptId, address to) external {
        _toModule();
    }

    /// @inheritdoc IWarehouseReceipts
    function count(LotId[] calldata lotIds, uint96[] calldata quantities, uint32 asOfDay, bytes32 papersRoot) external {
        _toModule();
    }

    /// @inheritdoc IWarehouseReceipts
    function stopPledges(address warehouse, bool stopped, bytes32 papersHash) external {
        _toModule();
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc IWarehouseReceipts
    function lot(LotId lotId) external view returns (Lot memory answer) {
        _askModule();
    }

    /// @inheritdoc IWarehouseReceipts
    function receipt(ReceiptId receiptId)
        external
        view
        returns (address owner, LotId lotId, uint96 quantity, uint256 parent, uint8 depth, address lienholder)
    {
        uint256 tokenId = ReceiptId.unwrap(receiptId);
        Lineage storage line = _lineages[tokenId];
        return (
            _holdings[tokenId].owner,
            LotId.wrap(line.slot),
            _holdings[tokenId].value,
            line.parent,
            line.depth,
            _lienholders[tokenId]
        );
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
    function valueDecimals() external pure override returns (uint8) {
        return 3;
    }

    function name() external pure returns (string memory) {
        return "Cession Receipts";
    }

    function symbol() external pure returns (string memory) {
        return "RECEIPT";
    }

    function contractURI() external view returns (string memory uri) {
        _askModule();
    }

    function slotURI(uint256 slot) external view returns (string memory uri) {
        _askModule();
    }

    function tokenURI(uint256 tokenId) external view returns (string memory uri) {
        _askModule();
    }

    // ------------------------------------------------------------------ parts of the above

    function _requireHolder(ReceiptId receiptId) private view returns (address holder) {
        holder = ownerOf(ReceiptId.unwrap(receiptId));
        if (holder != _msgSender()) revert NotHolder(receiptId, holder, _msgSender());
    }

    function _requireReleasePending(ReceiptId receiptId) private view {
        if (_lienholders[ReceiptId.unwrap(receiptId)] != address(this)) revert NoReleasePending(receiptId);
    }

    function _end(uint256 tokenId) private {
        delete _acknowledged[ReceiptId.wrap(tokenId)];
        _burn(tokenId);
    }

    /// @dev What happened to the goods stands on record, whatever the lienholder makes of it; but who sends it may not make
    /// the call fail by giving too little gas (after EIP-150 less than a 63rd is then left, as in ERC2771Forwarder).
    function _tell(address lienholder, ReceiptId receiptId) private {
        if (ERC165Checker.supportsInterface(lienholder, type(IReceiptLienholder).interfaceId)) {
            try IReceiptLienholder(lienholder).onImpaired{gas: LIENHOLDER_GAS}(receiptId) {
                return;
            } catch {}
        }
        if (gasleft() < LIENHOLDER_GAS / 63) {
            assembly ("memory-safe") {
                invalid()
            }
        }
    }

    // ------------------------------------------------------------------ hooks, where two bases meet

    function _beforeValueMoves(uint256 slot, uint256 fromTokenId, uint256 toTokenId, bool whole)
        internal
        override(TokenStore, ReceiptRecords)
    {
        super._beforeValueMoves(slot, fromTokenId, toTokenId, whole);
    }

    function _deepest(uint256 slot) internal view override(TokenStore, ReceiptRecords) returns (uint8) {
        return super._deepest(slot);
    }

    function _requirePledgeable(uint256 slot) internal view override(TokenStore, ReceiptRecords) {
        super._requirePledgeable(slot);
    }

    function _transferWhole(uint256 tokenId, address from, address to, bool forced)
        internal
        override(TokenStore, ReceiptRecords)
    {
        super._transferWhole(tokenId, from, to, forced);
    }

    function _split(uint256 tokenId, address from, address to, uint96 value, bool forced)
        internal
        override(TokenStore, ReceiptRecords)
        returns (uint256)
    {
        return super._split(tokenId, from, to, value, forced);
    }
}
