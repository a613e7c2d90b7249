// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IWarehouseReceipts} from "../../../contracts/assets/IWarehouseReceipts.sol";
import {LotId, ReceiptId} from "../../../contracts/types/Ids.sol";
import {ReceiptsFixture} from "../receipts/ReceiptsFixture.sol";
import {Reached} from "../support/Reached.sol";

/// What both handlers of receipts read, and how they choose among them.
abstract contract ReceiptsViews is ReceiptsFixture, Reached {
    struct Receipt {
        uint256 id;
        address owner;
        uint256 lot;
        uint96 quantity;
        uint8 depth;
        address lienholder;
    }

    function lotCount() public view virtual returns (uint256);
    function receiptCount() public view virtual returns (uint256);

    /// What the warehouse's last word lets a named receipt pass to.
    function acknowledgedFor(uint256 id) public view virtual returns (address);

    function _receiptAt(uint256 id) internal view returns (Receipt memory found) {
        LotId lotId;
        (found.owner, lotId, found.quantity,, found.depth, found.lienholder) = receipts.receipt(ReceiptId.wrap(id));
        found.id = id;
        found.lot = LotId.unwrap(lotId);
    }

    function _lotAt(uint256 id) internal view returns (IWarehouseReceipts.Lot memory) {
        return receipts.lot(LotId.wrap(id));
    }

    /// The first receipt from a random one on that `fits`; its id is zero where none does.
    function _pick(uint256 seed, function(Receipt memory) view returns (bool) fits)
        internal
        view
        returns (Receipt memory found)
    {
        uint256 count = receiptCount();
        for (uint256 i; i < count; ++i) {
            found = _receiptAt(1 + (seed % count + i) % count);
            if (found.quantity != 0 && fits(found)) return found;
        }
        delete found;
    }

    // ------------------------------------------------------------------ what a receipt is

    function _isAny(Receipt memory) internal pure returns (bool) {
        return true;
    }

    function _isFree(Receipt memory receipt) internal view returns (bool) {
        return receipt.lienholder == address(0) && registry.isValid(receipt.owner);
    }

    function _isBound(Receipt memory receipt) internal pure returns (bool) {
        return receipt.lienholder != address(0);
    }

    function _isAskedFor(Receipt memory receipt) internal view returns (bool) {
        return receipt.lienholder == address(receipts);
    }

    function _isPledged(Receipt memory receipt) internal view returns (bool) {
        return receipt.lienholder == bank && registry.isValid(receipt.owner);
    }

    function _isPledgeable(Receipt memory receipt) internal view returns (bool) {
        return _isFree(receipt) && _mayBack(receipt.lot);
    }

    /// Goods that may not back anything.
    function _isUnpledgeable(Receipt memory receipt) internal view returns (bool) {
        return _isFree(receipt) && !_mayBack(receipt.lot);
    }

    function _isDivisible(Receipt memory receipt) internal view returns (bool) {
        return _isFree(receipt) && receipt.quantity > 1 && _mayDivide(receipt);
    }

    function _mayDivide(Receipt memory receipt) internal view returns (bool) {
        return receipt.depth < _lotAt(receipt.lot).maxDepth;
    }

    function _isNamed(Receipt memory receipt) internal view returns (bool) {
        return _isFree(receipt) && !_lotAt(receipt.lot).negotiable;
    }

    function _mayPass(Receipt memory receipt, address to) internal view returns (bool) {
        return receipt.owner == to || _lotAt(receipt.lot).negotiable || acknowledgedFor(receipt.id) == to;
    }

    function _hasTwin(Receipt memory receipt) internal view returns (bool) {
        return _isFree(receipt) && _twinOf(receipt) != 0;
    }

    /// Another free receipt of the same holder for the same lot.
    function _twinOf(Receipt memory receipt) internal view returns (uint256) {
        for (uint256 id = 1; id <= receiptCount(); ++id) {
            Receipt memory other = _receiptAt(id);
            if (id != receipt.id && other.lot == receipt.lot && other.owner == receipt.owner) {
                if (other.quantity != 0 && other.lienholder == address(0)) return id;
            }
        }
        return 0;
    }

    /// The rule anew, out of the views alone.
    function _mayBack(uint256 lotId) internal view returns (bool) {
        IWarehouseReceipts.Lot memory lot = _lotAt(lotId);
        IWarehouseReceipts.Standing memory standing = receipts.standing(warehouse);
        return _today() <= lot.expiryDay && lot.condition == IWarehouseReceipts.Condition.Sound && !standing.stopped
            && standing.shortLots == 0 && registry.isValid(warehouse);
    }
}
