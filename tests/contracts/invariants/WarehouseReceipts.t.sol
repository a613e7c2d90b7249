// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IWarehouseReceipts} from "../../../contracts/warehouse/IWarehouseReceipts.sol";
import {LotId, WarehouseReceiptId} from "../../../contracts/types/Ids.sol";
import {Test} from "../support/Test.sol";
import {WarehouseReceiptsForbidden} from "./WarehouseReceiptsForbidden.sol";
import {OpenWarehouseReceipts, WarehouseReceiptsHandler} from "./WarehouseReceiptsHandler.sol";

/// The ledger's invariants for stored goods, after any sequence of what is allowed and of what is forbidden.
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: deep.invariant.fail-on-revert = true
contract WarehouseReceiptsInvariants is Test {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    WarehouseReceiptsHandler private _handler;
    WarehouseReceiptsForbidden private _forbidden;
    OpenWarehouseReceipts private _warehouseReceipts;
    address private _warehouse;

    function setUp() public {
        _handler = new WarehouseReceiptsHandler();
        _handler.setUp();
        (_warehouseReceipts, _warehouse) = _handler.parts();
        _forbidden = new WarehouseReceiptsForbidden(_handler);
    }

    function afterInvariant() public {
        _handler.recordReached("Warehouse receipts");
        _forbidden.recordReached("Warehouse receipts, refused");
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](2);
        (targets[0], targets[1]) = (address(_handler), address(_forbidden));
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[] memory allowed = new bytes4[](17);
        allowed[0] = WarehouseReceiptsHandler.issue.selector;
        allowed[1] = WarehouseReceiptsHandler.impair.selector;
        allowed[2] = WarehouseReceiptsHandler.inspect.selector;
        allowed[3] = WarehouseReceiptsHandler.count.selector;
        allowed[4] = WarehouseReceiptsHandler.handOver.selector;
        allowed[5] = WarehouseReceiptsHandler.transferNamed.selector;
        allowed[6] = WarehouseReceiptsHandler.requestRelease.selector;
        allowed[7] = WarehouseReceiptsHandler.withdrawRelease.selector;
        allowed[8] = WarehouseReceiptsHandler.assign.selector;
        allowed[9] = WarehouseReceiptsHandler.merge.selector;
        allowed[10] = WarehouseReceiptsHandler.encumber.selector;
        allowed[11] = WarehouseReceiptsHandler.release.selector;
        allowed[12] = WarehouseReceiptsHandler.enforce.selector;
        allowed[13] = WarehouseReceiptsHandler.advanceDays.selector;
        allowed[14] = WarehouseReceiptsHandler.stop.selector;
        allowed[15] = WarehouseReceiptsHandler.freeze.selector;
        allowed[16] = WarehouseReceiptsHandler.courtMoves.selector;
        bytes4[] memory refused = new bytes4[](13);
        refused[0] = WarehouseReceiptsForbidden.reuseFingerprint.selector;
        refused[1] = WarehouseReceiptsForbidden.actAsAnotherWarehouse.selector;
        refused[2] = WarehouseReceiptsForbidden.actAsFrozenWarehouse.selector;
        refused[3] = WarehouseReceiptsForbidden.handOverUnrequested.selector;
        refused[4] = WarehouseReceiptsForbidden.takeTooMuch.selector;
        refused[5] = WarehouseReceiptsForbidden.moveAsStranger.selector;
        refused[6] = WarehouseReceiptsForbidden.moveBound.selector;
        refused[7] = WarehouseReceiptsForbidden.moveToNobody.selector;
        refused[8] = WarehouseReceiptsForbidden.transferNamedAlone.selector;
        refused[9] = WarehouseReceiptsForbidden.encumberBadGoods.selector;
        refused[10] = WarehouseReceiptsForbidden.mergeLots.selector;
        refused[11] = WarehouseReceiptsForbidden.reachAsRole.selector;
        refused[12] = WarehouseReceiptsForbidden.handOverChanged.selector;
        targets = new FuzzSelector[](2);
        targets[0] = FuzzSelector(address(_handler), allowed);
        targets[1] = FuzzSelector(address(_forbidden), refused);
    }

    /// One set of runs checks all invariants after each call.
    function invariant_all() public view {
        invariant_04_encumbered_warehouse_receipts_stay();
        invariant_05_lots_are_issued_once();
        invariant_10_only_valid_parties_receive_warehouse_receipts_and_goods();
        invariant_11_no_stop_stops_a_report_or_a_withdrawal();
        invariant_12_warehouse_receipts_sum_to_issued_less_released_less_impaired();
        invariant_12_short_lots_are_counted();
        invariant_13_no_role_moves_warehouse_receipts();
        invariant_14_lineage_of_warehouse_receipts_is_a_tree();
    }

    /// An encumbered warehouse receipt, and one whose goods were requested, stays with its holder until its lienholder
    /// moves it.
    function invariant_04_encumbered_warehouse_receipts_stay() private view {
        for (uint256 id = 1; id <= _handler.warehouseReceiptCount(); ++id) {
            IWarehouseReceipts.WarehouseReceipt memory warehouseReceiptRow =
                _warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(id));
            address bound_ = _handler.boundTo(id);
            assertEq(warehouseReceiptRow.lienholder, bound_, "the lien stands, and no other");
            if (bound_ != address(0)) assertEq(warehouseReceiptRow.owner, _handler.boundHolder(id), "holder");
        }
        _unbroken(4);
    }

    /// A fingerprint is used at most once in all time.
    function invariant_05_lots_are_issued_once() private view {
        _unbroken(5);
    }

    /// Only valid parties receive warehouse receipts or goods.
    function invariant_10_only_valid_parties_receive_warehouse_receipts_and_goods() private view {
        _unbroken(10);
    }

    /// Only the warehouse's validity stops a report of damage, and nothing stops a withdrawal. The handler tries both
    /// whatever is stopped, expired, short or frozen, and neither may revert.
    function invariant_11_no_stop_stops_a_report_or_a_withdrawal() private view {
        _unbroken(11);
    }

    /// Warehouse receipts of a lot sum to issued less released less impaired, and each divides exactly.
    function invariant_12_warehouse_receipts_sum_to_issued_less_released_less_impaired() private view {
        uint256[] memory sums = new uint256[](_handler.lotCount() + 1);
        for (uint256 id = 1; id <= _handler.warehouseReceiptCount(); ++id) {
            IWarehouseReceipts.WarehouseReceipt memory warehouseReceiptRow =
                _warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(id));
            sums[LotId.unwrap(warehouseReceiptRow.lotId)] += warehouseReceiptRow.quantity;
            if (warehouseReceiptRow.quantity != 0) {
                assertEq(_warehouseReceipts.weightOf(id), warehouseReceiptRow.quantity, "weight");
            }
        }
        for (uint256 id = 1; id < sums.length; ++id) {
            IWarehouseReceipts.Lot memory lot = _warehouseReceipts.lot(LotId.wrap(id));
            assertEq(lot.issued, _handler.issuedOf(id), "issued");
            assertEq(lot.released, _handler.releasedOf(id), "released");
            assertEq(lot.impaired, _handler.impairedOf(id), "impaired");
            assertEq(sums[id], uint256(lot.issued) - lot.released - lot.impaired, "sum of the warehouse receipts");
        }
        assertEq(_warehouseReceipts.balanceOf(address(_warehouseReceipts)), 0, "the contract holds none");
    }

    /// A warehouse's short lots are as many as the lots of which less was counted than is outstanding.
    function invariant_12_short_lots_are_counted() private view {
        uint256 short;
        for (uint256 id = 1; id <= _handler.lotCount(); ++id) {
            IWarehouseReceipts.Lot memory lot = _warehouseReceipts.lot(LotId.wrap(id));
            assertTrue(
                lot.short == (lot.counted < uint256(lot.issued) - lot.released - lot.impaired),
                "short is less than outstanding"
            );
            if (lot.short) ++short;
        }
        assertEq(_warehouseReceipts.standing(_warehouse).shortLots, short, "number of short lots");
    }

    /// No role moves a party's warehouse receipt, and the warehouse alone transfers none.
    function invariant_13_no_role_moves_warehouse_receipts() private view {
        _unbroken(13);
    }

    /// One root a lot; every parent is older than its child and of the same lot.
    function invariant_14_lineage_of_warehouse_receipts_is_a_tree() private view {
        uint256[] memory roots = new uint256[](_handler.lotCount() + 1);
        for (uint256 id = 1; id <= _handler.warehouseReceiptCount(); ++id) {
            IWarehouseReceipts.WarehouseReceipt memory warehouseReceiptRow =
                _warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(id));
            uint256 lot = LotId.unwrap(warehouseReceiptRow.lotId);
            if (warehouseReceiptRow.parent == 0) {
                assertEq(++roots[lot], 1, "one root");
                assertEq(warehouseReceiptRow.depth, 0, "depth of the root");
            } else {
                IWarehouseReceipts.WarehouseReceipt memory parentRow =
                    _warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(warehouseReceiptRow.parent));
                assertTrue(warehouseReceiptRow.parent < id, "the parent is older");
                assertEq(LotId.unwrap(parentRow.lotId), lot, "same lot");
                assertEq(warehouseReceiptRow.depth, uint256(parentRow.depth) + 1, "one deeper");
                assertTrue(
                    warehouseReceiptRow.depth <= _warehouseReceipts.lot(warehouseReceiptRow.lotId).maxDepth,
                    "no deeper than allowed"
                );
            }
        }
        _unbroken(14);
    }

    function _unbroken(uint256 invariant) private view {
        string memory breach = _handler.breach(invariant);
        assertTrue(bytes(breach).length == 0, breach);
    }
}
