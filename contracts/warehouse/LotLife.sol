// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {LotId, PartyId} from "../types/Ids.sol";
import {WAREHOUSE} from "../types/PartyRoles.sol";
import {IWarehouseReceipts} from "./IWarehouseReceipts.sol";

/// @title Lots of stored goods: their checks, their stock, and whether they may back a new lien. Linked to
/// WarehouseReceipts.
/// @notice See {IWarehouseReceipts} for the specification.
library LotLife {
    /// @notice The stored state of a lot. Whether it is short follows from this. Quantities are thousandths of its
    /// unit.
    /// @param warehouse The account that issued it.
    /// @param expiryDay Last day number on which the goods are good.
    /// @param maxDepth Maximum generations of splitting.
    /// @param negotiable Whether its warehouse receipts change hands without the warehouse's acknowledgement.
    /// @param condition How the goods were found at the last inspection.
    /// @param issued Quantity when it was issued.
    /// @param released Quantity that was handed over.
    /// @param impaired Quantity that was lost or found worthless.
    /// @param counted Quantity at the last stock count, less what has left since.
    /// @param party The party that issued it.
    /// @param orderId Purchase order under which the goods were delivered; 0: none.
    /// @param storedDay Day number on which the goods were stored.
    /// @param unit Code of UN/ECE recommendation 20, left-aligned.
    /// @param item What PriceFeed prices: hash of sku, grade and unit.
    /// @param termsHash Keccak256 of the ABI encoding of its terms.
    struct Record {
        address warehouse;
        uint32 expiryDay;
        uint8 maxDepth;
        bool negotiable;
        IWarehouseReceipts.Condition condition;
        uint64 issued;
        uint64 released;
        uint64 impaired;
        uint64 counted;
        uint64 party;
        uint64 orderId;
        uint32 storedDay;
        bytes3 unit;
        bytes32 item;
        bytes32 termsHash;
    }

    /// @notice The lots and their warehouses.
    /// @param count Number of lots.
    /// @param records The lots.
    /// @param withFingerprint By party too, so that no other warehouse uses up a lot's number before it.
    /// @param standings By party: another account of the same warehouse has the same standing.
    struct Lots {
        uint256 count;
        mapping(LotId => Record) records;
        // By party too, so that no other warehouse uses up a lot's number before it.
        mapping(PartyId => mapping(bytes32 fingerprint => LotId)) withFingerprint;
        // By party: another account of the same warehouse has the same standing.
        mapping(PartyId => IWarehouseReceipts.Standing) standings;
    }

    /// @notice The maximum quantity of a lot, in thousandths of its unit; the same as for amounts of money, so that no
    /// reader needs more.
    uint256 private constant MAX_QUANTITY = 2 ** 60 - 1;
    uint256 private constant MAX_DAYS_AHEAD = 3653;

    /// @notice See {IWarehouseReceipts.issue}. The caller mints the warehouse receipt.
    /// @param lots The stored state of the lots.
    /// @param registry The registry of parties.
    /// @param today Today's day number.
    /// @param warehouse The warehouse's account.
    /// @param terms The terms of the lot.
    /// @return lotId The new lot.
    /// @return item What PriceFeed prices: hash of sku, grade and unit.
    function issue(
        Lots storage lots,
        IPartyRegistry registry,
        uint256 today,
        address warehouse,
        IWarehouseReceipts.LotTerms calldata terms
    ) external returns (LotId lotId, bytes32 item) {
        // Check
        PartyId party = _checkParties(registry, warehouse, terms.depositor);
        _checkTerms(today, terms);
        LotId used = lots.withFingerprint[party][terms.fingerprint];
        if (!used.isNull()) revert IWarehouseReceipts.FingerprintUsed(terms.fingerprint, used);

        // Effect
        lotId = LotId.wrap(++lots.count);
        lots.withFingerprint[party][terms.fingerprint] = lotId;
        item = keccak256(abi.encode(terms.sku, terms.grade, terms.unit));
        uint64 quantity = uint64(terms.quantity);
        lots.records[lotId] = Record({
            warehouse: warehouse,
            expiryDay: terms.expiryDay,
            maxDepth: terms.maxDepth,
            negotiable: terms.negotiable,
            condition: IWarehouseReceipts.Condition.Sound,
            issued: quantity,
            released: 0,
            impaired: 0,
            counted: quantity,
            party: uint64(PartyId.unwrap(party)),
            orderId: uint64(terms.orderId),
            storedDay: terms.storedDay,
            unit: terms.unit,
            item: item,
            termsHash: keccak256(abi.encode(terms))
        });
    }

    /// @notice See {IWarehouseReceipts.count}.
    /// @param lots The stored state of the lots.
    /// @param registry The registry of parties.
    /// @param today Today's day number.
    /// @param warehouse The warehouse's account.
    /// @param lotIds The lots.
    /// @param quantities What was counted of each, in thousandths of its unit.
    /// @param asOfDay Day number of the count.
    /// @param documentRoot Merkle root of the stock list.
    function count(
        Lots storage lots,
        IPartyRegistry registry,
        uint256 today,
        address warehouse,
        LotId[] calldata lotIds,
        uint96[] calldata quantities,
        uint32 asOfDay,
        bytes32 documentRoot
    ) external {
        if (lotIds.length != quantities.length) {
            revert IWarehouseReceipts.LengthsDiffer(lotIds.length, quantities.length);
        }
        registry.requireValid(warehouse, WAREHOUSE);
        PartyId party = registry.partyOf(warehouse);
        for (uint256 i; i < lotIds.length; ++i) {
            Record storage record = known(lots, lotIds[i]);
            if (record.party != PartyId.unwrap(party)) {
                revert IWarehouseReceipts.NotWarehouse(lotIds[i], record.warehouse, warehouse);
            }
            requireQuantity(quantities[i], 0, MAX_QUANTITY);
            _requireDay("asOfDay", asOfDay, record.storedDay, today);
            bool wasShort = isShort(record);
            record.counted = uint64(quantities[i]);
            _keepStanding(lots, record, wasShort);
            emit IWarehouseReceipts.StockCounted(lotIds[i], quantities[i], outstanding(record), asOfDay, documentRoot);
        }
    }

    /// @notice Takes impaired or released goods out of a lot's stock. Goods that left are no longer among those
    /// counted. A short lot stays short until it is counted anew, because nobody knows whether the goods that left are
    /// those that were missing. It ends with its last goods.
    /// @param lots The stored state of the lots.
    /// @param record The lot in storage.
    /// @param quantity Thousandths of the lot's unit.
    /// @param handedOver True if they were handed over, false if they were impaired.
    function takeOut(Lots storage lots, Record storage record, uint96 quantity, bool handedOver) external {
        uint64 left = uint64(quantity);
        bool wasShort = isShort(record);
        if (handedOver) record.released += left;
        else record.impaired += left;
        uint64 counted = record.counted;
        record.counted = counted > left ? counted - left : 0;
        _keepStanding(lots, record, wasShort);
    }

    /// @notice Requires that shares of the lot may be newly encumbered today.
    /// @dev Reverts with {LotExpired} if the last good day is over.
    /// Reverts with {LotNotSound} if the goods are not sound.
    /// Reverts with {NewLiensAreStopped} if the operator stopped new liens at this warehouse.
    /// Reverts with {StockDiffers} if a lot of this warehouse is short.
    /// Reverts with {PartyNotValid} if the warehouse's party is not valid.
    /// Reverts with {RoleMissing} if it has no role 8.
    /// @param lots The stored state of the lots.
    /// @param registry The registry of parties.
    /// @param today Today's day number.
    /// @param lotId The lot.
    function requireEncumberable(Lots storage lots, IPartyRegistry registry, uint256 today, LotId lotId) external view {
        Record storage record = lots.records[lotId];
        if (today > record.expiryDay) revert IWarehouseReceipts.LotExpired(lotId, record.expiryDay, today);
        if (record.condition != IWarehouseReceipts.Condition.Sound) {
            revert IWarehouseReceipts.LotNotSound(lotId, record.condition);
        }
        address warehouse = record.warehouse;
        PartyId partyId = PartyId.wrap(record.party);
        IWarehouseReceipts.Standing storage standing = lots.standings[partyId];
        if (standing.stopped) revert IWarehouseReceipts.NewLiensAreStopped(warehouse);
        if (standing.shortLots != 0) revert IWarehouseReceipts.StockDiffers(warehouse, standing.shortLots);
        IPartyRegistry.Party memory party = registry.party(partyId);
        bool frozen = party.frozen || block.timestamp < party.heldUntil;
        if (frozen || block.timestamp >= party.validUntil) {
            revert IPartyRegistry.PartyNotValid(warehouse, partyId, party.validUntil, frozen);
        }
        if (party.roles & WAREHOUSE == 0) revert IPartyRegistry.RoleMissing(warehouse, WAREHOUSE, party.roles);
    }

    /// @notice See {IWarehouseReceipts.lot}.
    /// @param lots The stored state of the lots.
    /// @param lotId The lot.
    /// @return The lot.
    function lot(Lots storage lots, LotId lotId) external view returns (IWarehouseReceipts.Lot memory) {
        Record storage record = known(lots, lotId);
        return IWarehouseReceipts.Lot({
            warehouse: record.warehouse,
            item: record.item,
            unit: record.unit,
            storedDay: record.storedDay,
            expiryDay: record.expiryDay,
            maxDepth: record.maxDepth,
            negotiable: record.negotiable,
            condition: record.condition,
            issued: record.issued,
            released: record.released,
            impaired: record.impaired,
            counted: record.counted,
            short: isShort(record),
            orderId: record.orderId,
            termsHash: record.termsHash
        });
    }

    /// @notice Requires that the caller is a valid account with role 8 of the party that issued the lot. Any of its
    /// accounts will do, so that a key can be changed while goods are in store.
    /// @dev Reverts with {NotWarehouse} if the caller is of another party.
    /// Reverts with {PartyNotValid} if the caller is not valid.
    /// Reverts with {RoleMissing} if it has no role 8.
    /// @param registry The registry of parties.
    /// @param lotId The lot.
    /// @param record The lot in storage.
    /// @param caller The sender of the call.
    function requireWarehouse(IPartyRegistry registry, LotId lotId, Record storage record, address caller)
        external
        view
    {
        if (PartyId.unwrap(registry.partyOf(caller)) != record.party) {
            revert IWarehouseReceipts.NotWarehouse(lotId, record.warehouse, caller);
        }
        registry.requireValid(caller, WAREHOUSE);
    }

    function known(Lots storage lots, LotId lotId) internal view returns (Record storage record) {
        record = lots.records[lotId];
        if (record.warehouse == address(0)) revert IWarehouseReceipts.LotUnknown(lotId);
    }

    function outstanding(Record storage record) internal view returns (uint64) {
        return record.issued - record.released - record.impaired;
    }

    function isShort(Record storage record) internal view returns (bool) {
        return record.counted < outstanding(record);
    }

    function requireQuantity(uint256 value, uint256 min, uint256 max) internal pure {
        if (value < min || value > max) revert IWarehouseReceipts.QuantityOutOfRange(value, min, max);
    }

    function _requireDay(bytes32 field, uint256 value, uint256 min, uint256 max) private pure {
        if (value < min || value > max) revert IWarehouseReceipts.DayOutOfRange(field, value, min, max);
    }

    function _checkParties(IPartyRegistry registry, address warehouse, address depositor)
        private
        view
        returns (PartyId party)
    {
        registry.requireValidForRisk(warehouse, WAREHOUSE);
        registry.requireReceiver(depositor);
        party = registry.partyOf(warehouse);
        if (registry.areRelated(warehouse, depositor)) {
            revert IWarehouseReceipts.SamePartyBothSides(warehouse, depositor);
        }
    }

    function _checkTerms(uint256 today, IWarehouseReceipts.LotTerms calldata terms) private pure {
        if (terms.fingerprint == 0) revert IWarehouseReceipts.FingerprintMissing();
        if (terms.sku == 0) revert IWarehouseReceipts.FieldMissing("sku");
        if (terms.unit == 0) revert IWarehouseReceipts.FieldMissing("unit");
        if (terms.documentRoot == 0) revert IWarehouseReceipts.FieldMissing("documentRoot");
        if (terms.legalTextHash == 0) revert IWarehouseReceipts.FieldMissing("legalTextHash");
        requireQuantity(terms.quantity, 1, MAX_QUANTITY);
        requireQuantity(terms.orderId, 0, type(uint64).max);
        _requireDay("storedDay", terms.storedDay, 1, today);
        _requireDay("expiryDay", terms.expiryDay, today, today + MAX_DAYS_AHEAD);
    }

    function _keepStanding(Lots storage lots, Record storage record, bool wasShort) private {
        bool short = isShort(record);
        if (short == wasShort) return;
        IWarehouseReceipts.Standing storage standing = lots.standings[PartyId.wrap(record.party)];
        if (short) ++standing.shortLots;
        else --standing.shortLots;
    }
}
