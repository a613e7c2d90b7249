// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IWarehouseReceipts} from "../../../contracts/warehouse/IWarehouseReceipts.sol";
import {LotId, WarehouseReceiptId} from "../../../contracts/types/Ids.sol";
import {WarehouseReceiptsFixture} from "../warehouse/WarehouseReceiptsFixture.sol";
import {Reached} from "../support/Reached.sol";

/// What both handlers of warehouse receipts read, and how they choose among them.
abstract contract WarehouseReceiptsViews is WarehouseReceiptsFixture, Reached {
    struct WarehouseReceipt {
        uint256 id;
        address owner;
        uint256 lot;
        uint96 quantity;
        uint8 depth;
        address lienholder;
    }

    function lotCount() public view virtual returns (uint256);
    function warehouseReceiptCount() public view virtual returns (uint256);

    /// The receiver that the warehouse last acknowledged for a warehouse receipt that is not negotiable.
    function acknowledgedFor(uint256 id) public view virtual returns (address);

    function _warehouseReceiptAt(uint256 id) internal view returns (WarehouseReceipt memory warehouseReceipt) {
        IWarehouseReceipts.WarehouseReceipt memory warehouseReceiptRow =
            warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(id));
        warehouseReceipt.owner = warehouseReceiptRow.owner;
        warehouseReceipt.quantity = warehouseReceiptRow.quantity;
        warehouseReceipt.depth = warehouseReceiptRow.depth;
        warehouseReceipt.lienholder = warehouseReceiptRow.lienholder;
        warehouseReceipt.id = id;
        warehouseReceipt.lot = LotId.unwrap(warehouseReceiptRow.lotId);
    }

    function _lotAt(uint256 id) internal view returns (IWarehouseReceipts.Lot memory) {
        return warehouseReceipts.lot(LotId.wrap(id));
    }

    /// The first warehouse receipt, from a random one on, that `fits`; its id is zero if there is none.
    function _pick(uint256 seed, function(WarehouseReceipt memory) view returns (bool) fits)
        internal
        view
        returns (WarehouseReceipt memory warehouseReceipt)
    {
        uint256 count = warehouseReceiptCount();
        for (uint256 i; i < count; ++i) {
            warehouseReceipt = _warehouseReceiptAt(1 + (seed % count + i) % count);
            if (warehouseReceipt.quantity != 0 && fits(warehouseReceipt)) return warehouseReceipt;
        }
        delete warehouseReceipt;
    }

    // ------------------------------------------------------------------ what a warehouse receipt is

    function _isAny(WarehouseReceipt memory) internal pure returns (bool) {
        return true;
    }

    function _isFree(WarehouseReceipt memory warehouseReceipt) internal view returns (bool) {
        return warehouseReceipt.lienholder == address(0) && registry.isValid(warehouseReceipt.owner);
    }

    function _isBound(WarehouseReceipt memory warehouseReceipt) internal pure returns (bool) {
        return warehouseReceipt.lienholder != address(0);
    }

    function _isRequested(WarehouseReceipt memory warehouseReceipt) internal view returns (bool) {
        return warehouseReceipt.lienholder == address(warehouseReceipts);
    }

    function _isEncumbered(WarehouseReceipt memory warehouseReceipt) internal view returns (bool) {
        return warehouseReceipt.lienholder == bank && registry.isValid(warehouseReceipt.owner);
    }

    function _isEncumberable(WarehouseReceipt memory warehouseReceipt) internal view returns (bool) {
        return _isFree(warehouseReceipt) && _mayBack(warehouseReceipt.lot);
    }

    /// Goods that may not back anything.
    function _isNotEncumberable(WarehouseReceipt memory warehouseReceipt) internal view returns (bool) {
        return _isFree(warehouseReceipt) && !_mayBack(warehouseReceipt.lot);
    }

    function _isDivisible(WarehouseReceipt memory warehouseReceipt) internal view returns (bool) {
        return _isFree(warehouseReceipt) && warehouseReceipt.quantity > 1 && _mayDivide(warehouseReceipt);
    }

    function _mayDivide(WarehouseReceipt memory warehouseReceipt) internal view returns (bool) {
        return warehouseReceipt.depth < _lotAt(warehouseReceipt.lot).maxDepth;
    }

    function _isNamed(WarehouseReceipt memory warehouseReceipt) internal view returns (bool) {
        return _isFree(warehouseReceipt) && !_lotAt(warehouseReceipt.lot).negotiable;
    }

    function _mayTransfer(WarehouseReceipt memory warehouseReceipt, address to) internal view returns (bool) {
        return warehouseReceipt.owner == to || _lotAt(warehouseReceipt.lot).negotiable
            || acknowledgedFor(warehouseReceipt.id) == to;
    }

    function _hasTwin(WarehouseReceipt memory warehouseReceipt) internal view returns (bool) {
        return _isFree(warehouseReceipt) && _twinOf(warehouseReceipt) != 0;
    }

    /// Another free warehouse receipt of the same holder for the same lot.
    function _twinOf(WarehouseReceipt memory warehouseReceipt) internal view returns (uint256) {
        for (uint256 id = 1; id <= warehouseReceiptCount(); ++id) {
            WarehouseReceipt memory other = _warehouseReceiptAt(id);
            if (id != warehouseReceipt.id && other.lot == warehouseReceipt.lot && other.owner == warehouseReceipt.owner)
            {
                if (other.quantity != 0 && other.lienholder == address(0)) return id;
            }
        }
        return 0;
    }

    /// The rule once more, from the views alone.
    function _mayBack(uint256 lotId) internal view returns (bool) {
        IWarehouseReceipts.Lot memory lot = _lotAt(lotId);
        IWarehouseReceipts.Standing memory standing = warehouseReceipts.standing(warehouse);
        return _today() <= lot.expiryDay && lot.condition == IWarehouseReceipts.Condition.Sound && !standing.stopped
            && standing.shortLots == 0 && registry.isValid(warehouse);
    }
}
