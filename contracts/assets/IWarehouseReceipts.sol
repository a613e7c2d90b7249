// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LotId, ReceiptId} from "../types/Ids.sol";

/// @title Receipts for stored goods: slot = lot, value = quantity in thousandths of the lot's unit.
/// @notice A lot is issued once, with one receipt for all of it, so that the same goods can never stand behind two. What a
/// receipt must state is the UNCITRAL/UNIDROIT Model Law on Warehouse Receipts (2024), articles 9 to 11; its fields are under
/// `documentRoot`, the ones that decide over money stand here in the clear.
interface IWarehouseReceipts {
    /// How the goods were found at the last inspection.
    enum Condition {
        Sound,
        Reduced, // still worth something; no new pledge
        Unfit // counts as nothing
    }

    struct LotTerms {
        address depositor; // to whom the receipt is issued; not related to the warehouse
        bytes32 sku; // hash of the goods' code
        bytes16 grade; // quality, as the trade writes it, left-aligned
        bytes3 unit; // code of UN/ECE recommendation 20, left-aligned ("KGM", "H87")
        uint96 quantity; // thousandths of the unit, at most 2^60 - 1
        uint32 storedDay; // day number; today or before
        uint32 expiryDay; // last day on which the goods are good
        uint8 maxDepth; // most generations of splitting
        bool negotiable; // else it changes hands only with the warehouse's acknowledgement
        uint256 orderId; // purchase order that the goods were delivered under; 0: none
        bytes32 fingerprint; // keyed hash of warehouse and lot number; used once by a warehouse, ever
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
        uint96 counted; // at the last count of stock
        bool short; // counted less than is outstanding
        uint64 orderId;
        bytes32 termsHash;
    }

    /// Of a warehouse, for new pledges.
    struct Standing {
        uint32 shortLots; // of which less was counted than is outstanding
        bool stopped; // by the operator
    }

    event ReceiptIssued(
        ReceiptId indexed receiptId, LotId indexed lotId, address indexed warehouse, bytes32 item, LotTerms terms
    );
    event LotInspected(LotId indexed lotId, Condition condition, bytes32 papersRoot);
    event ReceiptImpaired(
        ReceiptId indexed receiptId, LotId indexed lotId, uint96 quantity, uint96 left, bytes32 papersRoot
    );
    event ReleaseRequested(
        ReceiptId indexed receiptId,
        ReceiptId indexed fromReceiptId,
        address indexed holder,
        uint96 quantity,
        bytes32 papersRoot
    );
    event ReleaseWithdrawn(ReceiptId indexed receiptId);
    event GoodsReleased(
        ReceiptId indexed receiptId, LotId indexed lotId, address indexed holder, uint96 quantity, bytes32 papersRoot
    );
    event TransferAcknowledged(ReceiptId indexed receiptId, address indexed to);
    event StockCounted(LotId indexed lotId, uint96 counted, uint96 outstanding, uint32 asOfDay, bytes32 papersRoot);
    event PledgesStopped(address indexed warehouse, bool stopped, bytes32 papersHash);

    error LotUnknown(LotId lotId);
    error NotWarehouse(LotId lotId, address warehouse, address caller);
    error NotHolder(ReceiptId receiptId, address holder, address caller);
    error FingerprintUsed(bytes32 fingerprint, LotId lotId);
    error FingerprintMissing();
    error FieldMissing(bytes32 field);
    error SamePartyBothSides(address warehouse, address depositor);
    error QuantityOutOfRange(uint256 given, uint256 least, uint256 most);
    error DayOutOfRange(bytes32 field, uint256 given, uint256 least, uint256 most);
    error ReleasePending(ReceiptId receiptId);
    error NoReleasePending(ReceiptId receiptId);
    error NotNegotiable(ReceiptId receiptId, address to);
    error LotExpired(LotId lotId, uint32 expiryDay, uint256 today);
    error LotNotSound(LotId lotId, Condition condition);
    error StockDiffers(address warehouse, uint32 shortLots);
    error PledgesAreStopped(address warehouse);
    error LengthsDiffer(uint256 lots, uint256 quantities);

    /// By a warehouse (role 8), for goods that it holds: a new lot and one receipt for all of it, to the depositor.
    function issue(LotTerms calldata terms) external returns (LotId, ReceiptId);
    /// By the lot's warehouse: how it found the goods, with its report. Better again is possible too.
    function inspect(LotId lotId, Condition condition, bytes32 papersRoot) external;
    /// By the lot's warehouse: so much of a receipt's goods is lost or worthless. All of it burns the receipt. A lienholder that is
    /// a contract is told.
    function impair(ReceiptId receiptId, uint96 quantity, bytes32 papersRoot) external;

    /// By the holder of a free receipt: asks for goods; less than all splits them off first. Until handed over or withdrawn the
    /// receipt that was asked for does not move.
    function requestRelease(ReceiptId receiptId, uint96 quantity, bytes32 papersRoot) external returns (ReceiptId);
    /// By a valid account of the holder's party, or by the holder, valid or not.
    function withdrawRelease(ReceiptId receiptId) external;
    /// By the lot's warehouse: the goods were handed over to the holder; the receipt is burned. Where the holder's account was removed
    /// meanwhile, another account of its party reclaims the receipt (ISplittableToken) and asks anew.
    function handOver(ReceiptId receiptId, bytes32 papersRoot) external;

    /// By the lot's warehouse, for a receipt that is not negotiable: it may pass to `to`, once.
    function acknowledge(ReceiptId receiptId, address to) external;

    /// By the warehouse: what it counted of its lots. While less was counted of any lot than is outstanding, nothing at this
    /// warehouse can be pledged anew.
    function count(LotId[] calldata lotIds, uint96[] calldata quantities, uint32 asOfDay, bytes32 papersRoot) external;
    /// Stops or allows new pledges of a warehouse's goods; nothing else is stopped. Role: operator.
    function stopPledges(address warehouse, bool stopped, bytes32 papersHash) external;

    function lot(LotId lotId) external view returns (Lot memory);
    /// `lienholder` is this contract itself while a release is pending.
    function receipt(ReceiptId receiptId)
        external
        view
        returns (address owner, LotId lotId, uint96 quantity, uint256 parent, uint8 depth, address lienholder);
    /// The lot of a warehouse's party with this fingerprint; 0: none.
    function lotWithFingerprint(address warehouse, bytes32 fingerprint) external view returns (LotId);
    function standing(address warehouse) external view returns (Standing memory);
    /// What PriceFeed calls these goods.
    function itemOf(bytes32 sku, bytes16 grade, bytes3 unit) external pure returns (bytes32);
}
