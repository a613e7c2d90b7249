// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LotId, WarehouseReceiptId} from "../types/Ids.sol";

/// @title Warehouse receipts for stored goods: slot = lot, value = quantity in thousandths of the lot's unit.
/// @notice A lot is issued once, with one warehouse receipt for all of it, so that the same goods never stand behind
/// two. The UNCITRAL/UNIDROIT Model Law on Warehouse Receipts (2024), articles 9 to 11, says what a warehouse receipt
/// must state. Its fields are under `documentRoot`; those that decide over money are here in the clear.
interface IWarehouseReceipts {
    /// @notice How the goods were found at the last inspection.
    enum Condition {
        Sound,
        Reduced, // still worth something; no new lien
        Unfit // counts as nothing
    }

    /// @notice What a warehouse states of goods that it stores.
    /// @param depositor To whom the warehouse receipt is issued. Not related to the warehouse.
    /// @param sku Hash of the goods' code.
    /// @param grade Quality, as the trade writes it, left-aligned.
    /// @param unit Code of UN/ECE recommendation 20, left-aligned ("KGM", "H87").
    /// @param quantity Thousandths of the unit, at most 2^60 - 1.
    /// @param storedDay Day number on which the goods were stored; today or before.
    /// @param expiryDay Last day number on which the goods are good.
    /// @param maxDepth Maximum generations of splitting.
    /// @param negotiable Whether it changes hands without the warehouse's acknowledgement.
    /// @param orderId Purchase order under which the goods were delivered; 0: none.
    /// @param fingerprint Keyed hash of warehouse and lot number. A warehouse uses each once, ever.
    /// @param documentRoot Merkle root of the documents, with the other fields of the warehouse receipt.
    /// @param legalTextHash Hash of the legal text of the warehouse receipt.
    struct LotTerms {
        address depositor;
        bytes32 sku;
        bytes16 grade;
        bytes3 unit;
        uint96 quantity;
        uint32 storedDay;
        uint32 expiryDay;
        uint8 maxDepth;
        bool negotiable;
        uint256 orderId;
        bytes32 fingerprint;
        bytes32 documentRoot;
        bytes32 legalTextHash;
    }

    /// @notice A lot as it stands. Quantities are thousandths of its unit.
    /// @param warehouse The account that issued it.
    /// @param item What PriceFeed prices: hash of sku, grade and unit.
    /// @param unit Code of UN/ECE recommendation 20, left-aligned.
    /// @param storedDay Day number on which the goods were stored.
    /// @param expiryDay Last day number on which the goods are good.
    /// @param maxDepth Maximum generations of splitting.
    /// @param negotiable Whether its warehouse receipts change hands without the warehouse's acknowledgement.
    /// @param condition How the goods were found at the last inspection.
    /// @param issued Quantity when it was issued.
    /// @param released Quantity that was handed over.
    /// @param impaired Quantity that was lost or found worthless.
    /// @param counted Quantity at the last stock count, less what has left since.
    /// @param short Whether less was counted than is outstanding.
    /// @param orderId Purchase order under which the goods were delivered; 0: none.
    /// @param termsHash Keccak256 of the ABI encoding of its terms.
    struct Lot {
        address warehouse;
        bytes32 item;
        bytes3 unit;
        uint32 storedDay;
        uint32 expiryDay;
        uint8 maxDepth;
        bool negotiable;
        Condition condition;
        uint96 issued;
        uint96 released;
        uint96 impaired;
        uint96 counted;
        bool short;
        uint64 orderId;
        bytes32 termsHash;
    }

    /// @notice A warehouse receipt as it stands.
    /// @param owner The owner; zero if there is none.
    /// @param lotId The lot.
    /// @param quantity Thousandths of the lot's unit.
    /// @param parent The warehouse receipt that it was split off; 0 for a root.
    /// @param depth Splits between it and its root.
    /// @param lienholder Whose lien it is under; this contract itself while a release is pending; zero if there is
    /// none.
    struct WarehouseReceipt {
        address owner;
        LotId lotId;
        uint96 quantity;
        uint256 parent;
        uint8 depth;
        address lienholder;
    }

    /// @notice How a warehouse stands for new liens.
    /// @param shortLots Lots of which less was counted than is outstanding.
    /// @param stopped Whether the operator stopped them.
    struct Standing {
        uint32 shortLots;
        bool stopped;
    }

    /// @notice A warehouse issued a lot, and one warehouse receipt for all of it.
    /// @param warehouseReceiptId The warehouse receipt.
    /// @param lotId The lot, counted from 1.
    /// @param warehouse The account that issued it.
    /// @param item What PriceFeed prices: hash of sku, grade and unit.
    /// @param terms The terms of the lot.
    event WarehouseReceiptIssued(
        WarehouseReceiptId indexed warehouseReceiptId,
        LotId indexed lotId,
        address indexed warehouse,
        bytes32 item,
        LotTerms terms
    );

    /// @notice A warehouse inspected a lot.
    /// @param lotId The lot, counted from 1.
    /// @param condition How the warehouse found the goods.
    /// @param documentRoot Merkle root of the report.
    event LotInspected(LotId indexed lotId, Condition condition, bytes32 documentRoot);

    /// @notice Goods behind a warehouse receipt were lost, or found worthless.
    /// @param warehouseReceiptId The warehouse receipt.
    /// @param lotId The lot, counted from 1.
    /// @param quantity Thousandths of the lot's unit.
    /// @param left Thousandths of the unit that are left.
    /// @param documentRoot Merkle root of the report.
    event WarehouseReceiptImpaired(
        WarehouseReceiptId indexed warehouseReceiptId,
        LotId indexed lotId,
        uint96 quantity,
        uint96 left,
        bytes32 documentRoot
    );

    /// @notice A holder requested goods. The warehouse receipt does not move until they are handed over or the request
    /// is withdrawn.
    /// @param warehouseReceiptId The warehouse receipt for the requested goods.
    /// @param fromWarehouseReceiptId The warehouse receipt that it was split off, or the same one.
    /// @param holder The owner of the warehouse receipt.
    /// @param quantity Thousandths of the lot's unit.
    /// @param documentRoot Merkle root of the request.
    event ReleaseRequested(
        WarehouseReceiptId indexed warehouseReceiptId,
        WarehouseReceiptId indexed fromWarehouseReceiptId,
        address indexed holder,
        uint96 quantity,
        bytes32 documentRoot
    );

    /// @notice A request for goods was withdrawn, or ended with a forced transfer.
    /// @param warehouseReceiptId The warehouse receipt.
    event ReleaseWithdrawn(WarehouseReceiptId indexed warehouseReceiptId);

    /// @notice A warehouse handed goods over. The warehouse receipt is burned.
    /// @param warehouseReceiptId The warehouse receipt.
    /// @param lotId The lot, counted from 1.
    /// @param holder The owner of the warehouse receipt.
    /// @param quantity Thousandths of the lot's unit.
    /// @param documentRoot Merkle root of the delivery note.
    event GoodsReleased(
        WarehouseReceiptId indexed warehouseReceiptId,
        LotId indexed lotId,
        address indexed holder,
        uint96 quantity,
        bytes32 documentRoot
    );

    /// @notice A warehouse lets a warehouse receipt that is not negotiable move, once.
    /// @param warehouseReceiptId The warehouse receipt.
    /// @param to To whom it may move.
    event TransferAcknowledged(WarehouseReceiptId indexed warehouseReceiptId, address indexed to);

    /// @notice A warehouse counted a lot.
    /// @param lotId The lot, counted from 1.
    /// @param counted Quantity that was counted, in thousandths of the unit.
    /// @param outstanding Quantity of the lot's warehouse receipts, in thousandths of the unit.
    /// @param asOfDay Day number of the count.
    /// @param documentRoot Merkle root of the stock list.
    event StockCounted(LotId indexed lotId, uint96 counted, uint96 outstanding, uint32 asOfDay, bytes32 documentRoot);

    /// @notice The operator stopped new liens on a warehouse's goods, or allowed them.
    /// @param warehouse An account of the warehouse.
    /// @param stopped Whether new liens are stopped.
    /// @param evidenceHash Hash of the evidence.
    event NewLiensStopped(address indexed warehouse, bool stopped, bytes32 evidenceHash);

    /// @notice There is no such lot.
    /// @param lotId The lot, counted from 1.
    error LotUnknown(LotId lotId);

    /// @notice The caller is not of the party that issued the lot.
    /// @param lotId The lot, counted from 1.
    /// @param warehouse The account that issued it.
    /// @param caller The sender of the call.
    error NotWarehouse(LotId lotId, address warehouse, address caller);

    /// @notice The caller may not act for the owner of the warehouse receipt.
    /// @param warehouseReceiptId The warehouse receipt.
    /// @param holder The owner of the warehouse receipt.
    /// @param caller The sender of the call.
    error NotHolder(WarehouseReceiptId warehouseReceiptId, address holder, address caller);

    /// @notice The warehouse's party has issued this lot.
    /// @param fingerprint The keyed hash.
    /// @param lotId That lot.
    error FingerprintUsed(bytes32 fingerprint, LotId lotId);

    /// @notice The lot has no fingerprint.
    error FingerprintMissing();

    /// @notice A field that is needed is empty.
    /// @param field The name of the field.
    error FieldMissing(bytes32 field);

    /// @notice Warehouse and depositor are one party, or under one control.
    /// @param warehouse An account of the warehouse.
    /// @param depositor The depositor.
    error SamePartyBothSides(address warehouse, address depositor);

    /// @notice A quantity, or the number of an order, is out of range.
    /// @param value The value that was given.
    /// @param min The smallest value allowed.
    /// @param max The largest value allowed.
    error QuantityOutOfRange(uint256 value, uint256 min, uint256 max);

    /// @notice A day is out of range.
    /// @param field The name of the field.
    /// @param value The day number that was given.
    /// @param min First day number that is allowed.
    /// @param max Last day number that is allowed.
    error DayOutOfRange(bytes32 field, uint256 value, uint256 min, uint256 max);

    /// @notice The goods are requested already.
    /// @param warehouseReceiptId The warehouse receipt.
    error ReleasePending(WarehouseReceiptId warehouseReceiptId);

    /// @notice The goods are not requested.
    /// @param warehouseReceiptId The warehouse receipt.
    error NoReleasePending(WarehouseReceiptId warehouseReceiptId);

    /// @notice The warehouse receipt has another holder or quantity than the warehouse named.
    /// @param warehouseReceiptId The warehouse receipt.
    /// @param holder The owner of the warehouse receipt.
    /// @param quantity Thousandths of the lot's unit that it is for.
    error WarehouseReceiptChanged(WarehouseReceiptId warehouseReceiptId, address holder, uint96 quantity);

    /// @notice The warehouse receipt moves only with the warehouse's acknowledgement.
    /// @param warehouseReceiptId The warehouse receipt.
    /// @param to To whom it was to move.
    error NotNegotiable(WarehouseReceiptId warehouseReceiptId, address to);

    /// @notice The goods are past their last good day.
    /// @param lotId The lot, counted from 1.
    /// @param expiryDay Last day number on which the goods are good.
    /// @param today The day number of the block in the ledger's zone.
    error LotExpired(LotId lotId, uint32 expiryDay, uint256 today);

    /// @notice The goods are not sound, so no new lien is possible.
    /// @param lotId The lot, counted from 1.
    /// @param condition How the warehouse found the goods.
    error LotNotSound(LotId lotId, Condition condition);

    /// @notice Less was counted of the warehouse's lots than is outstanding, so no new lien is possible.
    /// @param warehouse An account of the warehouse.
    /// @param shortLots Lots of which less was counted than is outstanding.
    error StockDiffers(address warehouse, uint32 shortLots);

    /// @notice The operator stopped new liens on this warehouse's goods.
    /// @param warehouse An account of the warehouse.
    error NewLiensAreStopped(address warehouse);

    /// @notice The lists have two lengths.
    /// @param lots Length of the list of lots.
    /// @param quantities Length of the list of quantities.
    error LengthsDiffer(uint256 lots, uint256 quantities);

    /// @notice Issues a new lot and one warehouse receipt for all of it, to the depositor.
    /// @dev A valid account with role 8 calls it, for goods that it holds. The depositor is valid and not related to
    /// it.
    /// Reverts with {NewRiskStopped} while new risk is stopped.
    /// Reverts with {PartyNotValid} if warehouse or depositor is not valid.
    /// Reverts with {RoleMissing} if the caller has no role 8.
    /// Reverts with {ReceiverIsLedger} if the depositor is a contract of the ledger.
    /// Reverts with {SamePartyBothSides} if the two are one party, or under one control.
    /// Reverts with {FingerprintMissing} if the fingerprint is 0.
    /// Reverts with {FieldMissing} if `sku`, `unit`, `documentRoot` or `legalTextHash` is empty.
    /// Reverts with {QuantityOutOfRange} if the quantity is 0 or above 2^60 - 1, or the order's number is above 2^64 -
    /// 1.
    /// Reverts with {DayOutOfRange} if the goods were stored after today, have expired, or expire more than 3,653 days
    /// ahead.
    /// Reverts with {FingerprintUsed} if the warehouse's party has issued this lot.
    /// Source: decision 16; UNCITRAL/UNIDROIT Model Law on Warehouse Receipts, articles 9 to 11.
    /// @dev Warning: whether the goods are there is the warehouse's word alone.
    /// @param terms The terms of the lot.
    /// @return The new lot.
    /// @return The warehouse receipt for all of it.
    function issue(LotTerms calldata terms) external returns (LotId, WarehouseReceiptId);

    /// @notice Records how the warehouse found the goods, with its report. Better than before is possible too.
    /// @dev A valid account of the party that issued the lot calls it.
    /// Reverts with {LotUnknown} if there is no such lot.
    /// Reverts with {NotWarehouse} if the caller is of another party.
    /// Reverts with {PartyNotValid} if the caller is not valid.
    /// Reverts with {RoleMissing} if the caller has no role 8.
    /// @param lotId The lot, counted from 1.
    /// @param condition How the warehouse found the goods.
    /// @param documentRoot Merkle root of the report.
    function inspect(LotId lotId, Condition condition, bytes32 documentRoot) external;

    /// @notice Records that a quantity of a warehouse receipt's goods is lost or worthless. The loss of all of them
    /// burns the warehouse receipt.
    /// @dev A valid account of the party that issued the lot calls it. A lienholder that is an
    /// {IWarehouseReceiptLienholder} is called afterwards.
    /// Reverts with {TokenUnknown} if there is no such warehouse receipt.
    /// Reverts with {NotWarehouse} if the caller is of another party.
    /// Reverts with {PartyNotValid} if the caller is not valid.
    /// Reverts with {RoleMissing} if the caller has no role 8.
    /// Reverts with {QuantityOutOfRange} if the quantity is 0, or more than it has.
    /// Reverts with {GasTooLow} if the lienholder's call could not get its gas.
    /// @param warehouseReceiptId The warehouse receipt.
    /// @param quantity Thousandths of the lot's unit.
    /// @param documentRoot Merkle root of the report.
    function impair(WarehouseReceiptId warehouseReceiptId, uint96 quantity, bytes32 documentRoot) external;

    /// @notice Requests goods. Less than all is split off first. Until the goods are handed over or the request is
    /// withdrawn, the warehouse receipt for them does not move.
    /// @dev The owner of a free warehouse receipt calls it.
    /// Reverts with {TokenUnknown} if there is no such warehouse receipt.
    /// Reverts with {NotHolder} if the caller is not its owner.
    /// Reverts with {ReleasePending} if its goods are requested.
    /// Reverts with {TokenEncumbered} if it is under a lien.
    /// Reverts with {QuantityOutOfRange} if the quantity is 0, or more than it has.
    /// Reverts with {SplitTooDeep} if the part would be a generation too deep.
    /// Reverts with {PartyNotValid} if the caller is not valid.
    /// @param warehouseReceiptId The warehouse receipt.
    /// @param quantity Thousandths of the lot's unit.
    /// @param documentRoot Merkle root of the request.
    /// @return The warehouse receipt for the requested goods.
    function requestRelease(WarehouseReceiptId warehouseReceiptId, uint96 quantity, bytes32 documentRoot)
        external
        returns (WarehouseReceiptId);

    /// @notice Withdraws a request for goods.
    /// @dev A valid account of the owner's party calls it, or the owner, valid or not.
    /// Reverts with {TokenUnknown} if there is no such warehouse receipt.
    /// Reverts with {NotHolder} if the caller is of another party.
    /// Reverts with {NoReleasePending} if its goods are not requested.
    /// @param warehouseReceiptId The warehouse receipt.
    function withdrawRelease(WarehouseReceiptId warehouseReceiptId) external;

    /// @notice Hands the goods over to the owner and burns the warehouse receipt.
    /// @dev A valid account of the party that issued the lot calls it. It names what it handed over and to whom: between
    /// its signature and the transaction, the owner can withdraw its request, split the warehouse receipt or transfer
    /// it, and request again. If the owner's account was removed meanwhile, another account of its party reclaims the
    /// warehouse receipt ({ISplittableToken.reclaim}) and requests anew.
    /// Reverts with {TokenUnknown} if there is no such warehouse receipt.
    /// Reverts with {NotWarehouse} if the caller is of another party.
    /// Reverts with {PartyNotValid} if the caller or the owner is not valid.
    /// Reverts with {RoleMissing} if the caller has no role 8.
    /// Reverts with {NoReleasePending} if its goods are not requested.
    /// Reverts with {WarehouseReceiptChanged} if it has another quantity or owner.
    /// @param warehouseReceiptId The warehouse receipt.
    /// @param quantity Thousandths of the lot's unit: all that it is for.
    /// @param holder The owner of the warehouse receipt.
    /// @param documentRoot Merkle root of the delivery note.
    function handOver(WarehouseReceiptId warehouseReceiptId, uint96 quantity, address holder, bytes32 documentRoot)
        external;

    /// @notice Lets a warehouse receipt that is not negotiable move to an account, once.
    /// @dev A valid account of the party that issued the lot calls it. A later acknowledgement replaces an earlier one.
    /// Reverts with {TokenUnknown} if there is no such warehouse receipt.
    /// Reverts with {NotWarehouse} if the caller is of another party.
    /// Reverts with {PartyNotValid} if the caller is not valid.
    /// Reverts with {RoleMissing} if the caller has no role 8.
    /// @param warehouseReceiptId The warehouse receipt.
    /// @param to To whom it may move; zero: to nobody.
    function acknowledge(WarehouseReceiptId warehouseReceiptId, address to) external;

    /// @notice Records what the warehouse counted of its lots. While less was counted of any lot than is outstanding,
    /// nothing at this warehouse can be newly encumbered.
    /// @dev A valid account with role 8 of the party that issued the lots calls it.
    /// Reverts with {LengthsDiffer} if the lists have two lengths.
    /// Reverts with {PartyNotValid} if the caller is not valid.
    /// Reverts with {RoleMissing} if the caller has no role 8.
    /// Reverts with {LotUnknown} if there is no such lot.
    /// Reverts with {NotWarehouse} if another party issued a lot.
    /// Reverts with {QuantityOutOfRange} if a quantity is above 2^60 - 1.
    /// Reverts with {DayOutOfRange} if the day is before a lot was stored, or after today.
    /// @param lotIds The lots.
    /// @param quantities What was counted of each, in thousandths of its unit.
    /// @param asOfDay Day number of the count.
    /// @param documentRoot Merkle root of the stock list.
    function count(LotId[] calldata lotIds, uint96[] calldata quantities, uint32 asOfDay, bytes32 documentRoot) external;

    /// @notice Stops or allows new liens on a warehouse's goods. Nothing else is stopped.
    /// @dev Role: operator.
    /// Reverts with {AccessManagedUnauthorized} if the caller does not hold the role.
    /// Reverts with {AccountUnknown} if the account is of no party.
    /// @param warehouse An account of the warehouse.
    /// @param stopped True to stop them.
    /// @param evidenceHash Hash of the evidence.
    function stopNewLiens(address warehouse, bool stopped, bytes32 evidenceHash) external;

    /// @notice A lot as it stands.
    /// @dev Reverts with {LotUnknown} if there is no such lot.
    /// @param lotId The lot, counted from 1.
    /// @return The lot.
    function lot(LotId lotId) external view returns (Lot memory);

    /// @notice A warehouse receipt as it stands. After burning its lot and its lineage stay.
    /// @param warehouseReceiptId The warehouse receipt.
    /// @return The warehouse receipt.
    function warehouseReceipt(WarehouseReceiptId warehouseReceiptId) external view returns (WarehouseReceipt memory);

    /// @notice The lot that a warehouse's party issued under a fingerprint.
    /// @param warehouse An account of the warehouse.
    /// @param fingerprint The keyed hash.
    /// @return The lot; 0 for none.
    function lotWithFingerprint(address warehouse, bytes32 fingerprint) external view returns (LotId);

    /// @notice How a warehouse stands for new liens.
    /// @param warehouse An account of the warehouse.
    /// @return Its standing.
    function standing(address warehouse) external view returns (Standing memory);

    /// @notice The item under which PriceFeed prices goods.
    /// @param sku Hash of the goods' code.
    /// @param grade Quality, as the trade writes it, left-aligned.
    /// @param unit Code of UN/ECE recommendation 20, left-aligned.
    /// @return Hash of the three.
    function itemOf(bytes32 sku, bytes16 grade, bytes3 unit) external pure returns (bytes32);
}
