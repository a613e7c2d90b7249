// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LotId, WarehouseReceiptId} from "../types/Ids.sol";

/// @title Warehouse receipts for stored goods: slot = lot, value = quantity in thousandths of the lot's unit.
/// @notice A lot is issued once, with one warehouse receipt for all of it, so that the same goods never stand behind
/// two. The UNCITRAL/UNIDROIT Model Law on Warehouse Receipts (2024), articles 9 to 11, says what a warehouse receipt
/// must state. Its fields are under `documentRoot`; those that decide over money are here in the clear.
interface IWarehouseReceipts {
    /// How the goods were found at the last inspection.
    enum Condition {
        Sound,
        Reduced, // still worth something; no new lien
        Unfit // counts as nothing
    }

    struct LotTerms {
        address depositor; // to whom the warehouse receipt is issued; not related to the warehouse
        bytes32 sku; // hash of the goods' code
        bytes16 grade; // quality, as the trade writes it, left-aligned
        bytes3 unit; // code of UN/ECE recommendation 20, left-aligned ("KGM", "H87")
        uint96 quantity; // thousandths of the unit, at most 2^60 - 1
        uint32 storedDay; // day number; today or before
        uint32 expiryDay; // last day on which the goods are good
        uint8 maxDepth; // maximum generations of splitting
        bool negotiable; // else it changes hands only with the warehouse's acknowledgement
        uint256 orderId; // purchase order under which the goods were delivered; 0: none
        bytes32 fingerprint; // keyed hash of warehouse and lot number; a warehouse uses each once, ever
        bytes32 documentRoot;
        bytes32 legalTextHash;
    }

    struct Lot {
        address warehouse;
        bytes32 item; // what PriceFeed prices: hash of sku, grade and unit
        bytes3 unit;
        uint32 storedDay;
        uint32 expiryDay;
        uint8 maxDepth;
        bool negotiable;
        Condition condition;
        uint96 issued;
        uint96 released;
        uint96 impaired;
        uint96 counted; // at the last stock count
        bool short; // less was counted than is outstanding
        uint64 orderId;
        bytes32 termsHash;
    }

    /// Of a warehouse, for new liens.
    struct Standing {
        uint32 shortLots; // lots of which less was counted than is outstanding
        bool stopped; // by the operator
    }

    event WarehouseReceiptIssued(
        WarehouseReceiptId indexed warehouseReceiptId,
        LotId indexed lotId,
        address indexed warehouse,
        bytes32 item,
        LotTerms terms
    );
    event LotInspected(LotId indexed lotId, Condition condition, bytes32 documentRoot);
    event WarehouseReceiptImpaired(
        WarehouseReceiptId indexed warehouseReceiptId,
        LotId indexed lotId,
        uint96 quantity,
        uint96 left,
        bytes32 documentRoot
    );
    event ReleaseRequested(
        WarehouseReceiptId indexed warehouseReceiptId,
        WarehouseReceiptId indexed fromWarehouseReceiptId,
        address indexed holder,
        uint96 quantity,
        bytes32 documentRoot
    );
    event ReleaseWithdrawn(WarehouseReceiptId indexed warehouseReceiptId);
    event GoodsReleased(
        WarehouseReceiptId indexed warehouseReceiptId,
        LotId indexed lotId,
        address indexed holder,
        uint96 quantity,
        bytes32 documentRoot
    );
    event TransferAcknowledged(WarehouseReceiptId indexed warehouseReceiptId, address indexed to);
    event StockCounted(LotId indexed lotId, uint96 counted, uint96 outstanding, uint32 asOfDay, bytes32 documentRoot);
    event NewLiensStopped(address indexed warehouse, bool stopped, bytes32 evidenceHash);

    error LotUnknown(LotId lotId);
    error NotWarehouse(LotId lotId, address warehouse, address caller);
    error NotHolder(WarehouseReceiptId warehouseReceiptId, address holder, address caller);
    error FingerprintUsed(bytes32 fingerprint, LotId lotId);
    error FingerprintMissing();
    error FieldMissing(bytes32 field);
    error SamePartyBothSides(address warehouse, address depositor);
    error QuantityOutOfRange(uint256 value, uint256 min, uint256 max);
    error DayOutOfRange(bytes32 field, uint256 value, uint256 min, uint256 max);
    error ReleasePending(WarehouseReceiptId warehouseReceiptId);
    error NoReleasePending(WarehouseReceiptId warehouseReceiptId);
    error NotNegotiable(WarehouseReceiptId warehouseReceiptId, address to);
    error LotExpired(LotId lotId, uint32 expiryDay, uint256 today);
    error LotNotSound(LotId lotId, Condition condition);
    error StockDiffers(address warehouse, uint32 shortLots);
    error NewLiensAreStopped(address warehouse);
    error LengthsDiffer(uint256 lots, uint256 quantities);

    /// Issues a new lot and one warehouse receipt for all of it, to the depositor. A warehouse (role 8) calls it for
    /// goods that it holds.
    function issue(LotTerms calldata terms) external returns (LotId, WarehouseReceiptId);
    /// Records how the warehouse found the goods, with its report; better than before is possible too. The lot's
    /// warehouse calls it.
    function inspect(LotId lotId, Condition condition, bytes32 documentRoot) external;
    /// Records that this much of a warehouse receipt's goods is lost or worthless. The lot's warehouse calls it. The
    /// loss of all of the goods burns the warehouse receipt. A lienholder that is a contract is called.
    function impair(WarehouseReceiptId warehouseReceiptId, uint96 quantity, bytes32 documentRoot) external;

    /// Requests goods. The holder of a free warehouse receipt calls it. Less than all is split off first. Until the
    /// goods are handed over or the request is withdrawn, the warehouse receipt in question does not move.
    function requestRelease(WarehouseReceiptId warehouseReceiptId, uint96 quantity, bytes32 documentRoot)
        external
        returns (WarehouseReceiptId);
    /// Withdraws a request. A valid account of the holder's party calls it, or the holder, valid or not.
    function withdrawRelease(WarehouseReceiptId warehouseReceiptId) external;
    /// Hands the goods over to the holder and burns the warehouse receipt. The lot's warehouse calls it. If the
    /// holder's account was removed meanwhile, another account of its party reclaims the warehouse receipt
    /// (ISplittableToken) and requests anew.
    function handOver(WarehouseReceiptId warehouseReceiptId, bytes32 documentRoot) external;

    /// Lets a warehouse receipt that is not negotiable move to `to`, once. The lot's warehouse calls it.
    function acknowledge(WarehouseReceiptId warehouseReceiptId, address to) external;

    /// Records what the warehouse counted of its lots. The warehouse calls it. While less was counted of any lot than
    /// is outstanding, nothing at this warehouse can be newly encumbered.
    function count(LotId[] calldata lotIds, uint96[] calldata quantities, uint32 asOfDay, bytes32 documentRoot) external;
    /// Stops or allows new liens on a warehouse's goods; nothing else is stopped. Role: operator.
    function stopNewLiens(address warehouse, bool stopped, bytes32 evidenceHash) external;

    function lot(LotId lotId) external view returns (Lot memory);
    /// `lienholder` is this contract itself while a release is pending.
    function warehouseReceipt(WarehouseReceiptId warehouseReceiptId)
        external
        view
        returns (address owner, LotId lotId, uint96 quantity, uint256 parent, uint8 depth, address lienholder);
    /// The lot that the warehouse's party filed under this fingerprint; 0: none.
    function lotWithFingerprint(address warehouse, bytes32 fingerprint) external view returns (LotId);
    function standing(address warehouse) external view returns (Standing memory);
    /// The item under which PriceFeed prices these goods.
    function itemOf(bytes32 sku, bytes16 grade, bytes3 unit) external pure returns (bytes32);
}
