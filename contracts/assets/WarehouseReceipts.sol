// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC165Checker} from "@openzeppelin/contracts/utils/introspection/ERC165Checker.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {ForwardedAccess} from "../access/ForwardedAccess.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {SplittableToken} from "../tokens/SplittableToken.sol";
import {LotId, PartyId, ReceiptId} from "../types/Ids.sol";
import {IReceiptLienholder} from "./IReceiptLienholder.sol";
import {IWarehouseReceipts} from "./IWarehouseReceipts.sol";
import {LotLife} from "./LotLife.sol";

/// @title Receipts for stored goods.
/// @dev A receipt's weight is its quantity, so that every division is exact. Goods asked for are under the lien of this
/// contract itself: the base then lets nobody move the receipt, and nothing here ever calls it as the lienholder.
/// Warning: whether the goods are there is the warehouse's word alone; counts and inspections are as good as their papers.
contract WarehouseReceipts is IWarehouseReceipts, SplittableToken {
    using Strings for uint256;

    /// @dev What a lienholder may use up of the warehouse's gas when it is told: enough for the most cover that Facilities takes, on a
    /// schedule of years that nobody touched.
    uint256 private constant LIENHOLDER_GAS = 3_000_000;

    /// @notice Seconds that the ledger's day is ahead of UTC.
    uint256 public immutable zoneOffset;

    LotLife.Lots private _lots;
    mapping(ReceiptId => address to) private _acknowledged;

    constructor(address authority, address forwarder, IPartyRegistry registry_, uint256 zoneOffsetSeconds)
        ForwardedAccess(authority, forwarder)
        SplittableToken(registry_)
    {
        zoneOffset = zoneOffsetSeconds;
    }

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
        LotLife.Record storage record = LotLife.known(_lots, lotId);
        LotLife.requireWarehouse(registry, lotId, record, _msgSender());
        record.condition = condition;
        emit LotInspected(lotId, condition, papersRoot);
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

        _lineages[tokenId].encumbered = true;
        _lienholders[tokenId] = address(this);
        asked = ReceiptId.wrap(tokenId);
        emit Encumbered(tokenId, address(this));
        emit ReleaseRequested(asked, receiptId, holder, quantity, papersRoot);
    }

    /// @inheritdoc IWarehouseReceipts
    function withdrawRelease(ReceiptId receiptId) external {
        _requireHolder(receiptId);
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
        (LotId lotId, LotLife.Record storage record) = _lotOf(ReceiptId.unwrap(receiptId));
        LotLife.requireWarehouse(registry, lotId, record, _msgSender());
        _acknowledged[receiptId] = to;
        emit TransferAcknowledged(receiptId, to);
    }

    /// @inheritdoc IWarehouseReceipts
    function count(LotId[] calldata lotIds, uint96[] calldata quantities, uint32 asOfDay, bytes32 papersRoot) external {
        LotLife.count(_lots, registry, _today(), _msgSender(), lotIds, quantities, asOfDay, papersRoot);
    }

    /// @inheritdoc IWarehouseReceipts
    function stopPledges(address warehouse, bool stopped, bytes32 papersHash) external restricted {
        PartyId party = registry.partyOf(warehouse);
        if (PartyId.unwrap(party) == 0) revert IPartyRegistry.AccountUnknown(warehouse);
        _lots.standings[party].stopped = stopped;
        emit PledgesStopped(warehouse, stopped, papersHash);
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc IWarehouseReceipts
    function lot(LotId lotId) external view returns (Lot memory) {
        return LotLife.lot(_lots, lotId);
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
    function lotWithFingerprint(bytes32 fingerprint) external view returns (LotId) {
        return _lots.withFingerprint[fingerprint];
    }

    /// @inheritdoc IWarehouseReceipts
    function standing(address warehouse) external view returns (Standing memory) {
        return _lots.standings[registry.partyOf(warehouse)];
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

    function contractURI() external pure returns (string memory) {
        return 'data:application/json,{"name":"Cession Receipts"}';
    }

    function slotURI(uint256 slot) external view returns (string memory) {
        LotLife.known(_lots, LotId.wrap(slot));
        return string.concat('data:application/json,{"name":"Lot ', slot.toString(), '"}');
    }

    function tokenURI(uint256 tokenId) external view returns (string memory) {
        ownerOf(tokenId);
        return string.concat('data:application/json,{"name":"Receipt ', tokenId.toString(), '"}');
    }

    // ------------------------------------------------------------------ hooks of the token

    /// @dev A split is checked in `_split`, where the receiver is known; this is value that joins a receipt which stands.
    function _beforeValueMoves(uint256 slot, uint256 fromTokenId, uint256 toTokenId, bool) internal view override {
        address to = _holdings[toTokenId].owner;
        if (to == address(0) || to == _holdings[fromTokenId].owner) return;
        if (!_lots.records[LotId.wrap(slot)].negotiable) revert NotNegotiable(ReceiptId.wrap(fromTokenId), to);
    }

    function _transferWhole(uint256 tokenId, address from, address to, bool forced) internal override {
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
        override
        returns (uint256)
    {
        if (!forced) _usePassage(tokenId, from, to);
        return super._split(tokenId, from, to, value, forced);
    }

    function _deepest(uint256 slot) internal view override returns (uint8) {
        return _lots.records[LotId.wrap(slot)].maxDepth;
    }

    function _requirePledgeable(uint256 slot) internal view override {
        LotLife.requirePledgeable(_lots, registry, _today(), LotId.wrap(slot));
    }

    // ------------------------------------------------------------------ parts of the above

    function _today() private view returns (uint256) {
        return (block.timestamp + zoneOffset) / 1 days;
    }

    function _lotOf(uint256 tokenId) private view returns (LotId lotId, LotLife.Record storage record) {
        ownerOf(tokenId);
        lotId = LotId.wrap(_lineages[tokenId].slot);
        record = _lots.records[lotId];
    }

    function _requireHolder(ReceiptId receiptId) private view returns (address holder) {
        holder = ownerOf(ReceiptId.unwrap(receiptId));
        if (holder != _msgSender()) revert NotHolder(receiptId, holder, _msgSender());
    }

    function _requireReleasePending(ReceiptId receiptId) private view {
        if (_lienholders[ReceiptId.unwrap(receiptId)] != address(this)) revert NoReleasePending(receiptId);
    }

    /// @dev A receipt that is not negotiable passes to another party once for each acknowledgement.
    function _usePassage(uint256 tokenId, address from, address to) private {
        if (from == to || _lots.records[LotId.wrap(_lineages[tokenId].slot)].negotiable) return;
        if (PartyId.unwrap(registry.partyOf(from)) == PartyId.unwrap(registry.partyOf(to))) return;
        ReceiptId receiptId = ReceiptId.wrap(tokenId);
        if (_acknowledged[receiptId] != to) revert NotNegotiable(receiptId, to);
        delete _acknowledged[receiptId];
    }

    function _endRelease(ReceiptId receiptId) private {
        uint256 tokenId = ReceiptId.unwrap(receiptId);
        _lineages[tokenId].encumbered = false;
        delete _lienholders[tokenId];
        delete _acknowledged[receiptId];
        emit Released(tokenId, address(this));
        emit ReleaseWithdrawn(receiptId);
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
}
