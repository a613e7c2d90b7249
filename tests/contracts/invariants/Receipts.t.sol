// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IWarehouseReceipts} from "../../../contracts/assets/IWarehouseReceipts.sol";
import {LotId, ReceiptId} from "../../../contracts/types/Ids.sol";
import {Test} from "../support/Test.sol";
import {OpenReceipts, ReceiptsHandler} from "./ReceiptsHandler.sol";

/// The ledger's invariants for stored goods, after any sequence of what the handler does.
contract ReceiptsInvariants is Test {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    ReceiptsHandler private _handler;
    OpenReceipts private _receipts;
    address private _warehouse;

    function setUp() public {
        _handler = new ReceiptsHandler();
        _handler.setUp();
        (_receipts, _warehouse) = _handler.parts();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](19);
        selectors[0] = ReceiptsHandler.issue.selector;
        selectors[1] = ReceiptsHandler.impair.selector;
        selectors[2] = ReceiptsHandler.inspect.selector;
        selectors[3] = ReceiptsHandler.count.selector;
        selectors[4] = ReceiptsHandler.acknowledge.selector;
        selectors[5] = ReceiptsHandler.handOver.selector;
        selectors[6] = ReceiptsHandler.requestRelease.selector;
        selectors[7] = ReceiptsHandler.withdrawRelease.selector;
        selectors[8] = ReceiptsHandler.assign.selector;
        selectors[9] = ReceiptsHandler.merge.selector;
        selectors[10] = ReceiptsHandler.moveValue.selector;
        selectors[11] = ReceiptsHandler.encumber.selector;
        selectors[12] = ReceiptsHandler.release.selector;
        selectors[13] = ReceiptsHandler.lienholderMoves.selector;
        selectors[14] = ReceiptsHandler.passDays.selector;
        selectors[15] = ReceiptsHandler.stop.selector;
        selectors[16] = ReceiptsHandler.freeze.selector;
        selectors[17] = ReceiptsHandler.courtMoves.selector;
        selectors[18] = ReceiptsHandler.rolesReachForReceipts.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(_handler), selectors);
    }

    /// A pledged receipt, and one whose goods were asked for, stays with its holder until its lienholder says otherwise.
    function invariant_04_bound_receipts_stay() public view {
        for (uint256 id = 1; id <= _handler.receiptCount(); ++id) {
            (address holder,,,,, address lienholder) = _receipts.receipt(ReceiptId.wrap(id));
            address bound_ = _handler.boundTo(id);
            assertEq(lienholder, bound_, "the lien stands, and no other");
            if (bound_ != address(0)) assertEq(holder, _handler.boundHolder(id), "holder");
        }
        _unbroken(4);
    }

    /// A fingerprint is used at most once in all time.
    function invariant_05_lots_are_issued_once() public view {
        _unbroken(5);
    }

    /// Only valid parties receive receipts or goods.
    function invariant_10_only_valid_parties_receive_receipts_and_goods() public view {
        _unbroken(10);
    }

    /// Nothing but the warehouse's validity stops a report of damage; nothing stops a withdrawal.
    function invariant_11_no_stop_stops_a_report_or_a_withdrawal() public view {
        _unbroken(11);
    }

    /// Receipts of a lot sum to issued less released less impaired, and each divides exactly.
    function invariant_12_receipts_sum_to_issued_less_released_less_impaired() public view {
        uint256[] memory sums = new uint256[](_handler.lotCount() + 1);
        for (uint256 id = 1; id <= _handler.receiptCount(); ++id) {
            (, LotId lotId, uint96 quantity,,,) = _receipts.receipt(ReceiptId.wrap(id));
            sums[LotId.unwrap(lotId)] += quantity;
            if (quantity != 0) assertEq(_receipts.weightOf(id), quantity, "weight");
        }
        for (uint256 id = 1; id < sums.length; ++id) {
            IWarehouseReceipts.Lot memory lot = _receipts.lot(LotId.wrap(id));
            assertEq(lot.issued, _handler.issuedOf(id), "issued");
            assertEq(lot.released, _handler.releasedOf(id), "released");
            assertEq(lot.impaired, _handler.impairedOf(id), "impaired");
            assertEq(sums[id], uint256(lot.issued) - lot.released - lot.impaired, "sum of the receipts");
        }
        assertEq(_receipts.balanceOf(address(_receipts)), 0, "the contract holds none");
    }

    /// A warehouse's short lots are as many as there are lots of which less was counted than is outstanding.
    function invariant_12_short_lots_are_counted() public view {
        uint256 short;
        for (uint256 id = 1; id <= _handler.lotCount(); ++id) {
            IWarehouseReceipts.Lot memory lot = _receipts.lot(LotId.wrap(id));
            assertTrue(
                lot.short == (lot.counted < uint256(lot.issued) - lot.released - lot.impaired),
                "short is less than outstanding"
            );
            if (lot.short) ++short;
        }
        assertEq(_receipts.standing(_warehouse).shortLots, short, "number of short lots");
    }

    /// No role moves a party's receipt, and no receipt passes by the warehouse's word alone.
    function invariant_13_no_role_moves_receipts() public view {
        _unbroken(13);
    }

    /// One root a lot; every parent is older than its child and of the same lot.
    function invariant_14_lineage_of_receipts_is_a_tree() public view {
        uint256[] memory roots = new uint256[](_handler.lotCount() + 1);
        for (uint256 id = 1; id <= _handler.receiptCount(); ++id) {
            (, LotId lotId,, uint256 parent, uint8 depth,) = _receipts.receipt(ReceiptId.wrap(id));
            uint256 lot = LotId.unwrap(lotId);
            if (parent == 0) {
                assertEq(++roots[lot], 1, "one root");
                assertEq(depth, 0, "depth of the root");
            } else {
                (, LotId ofParent,,, uint8 depthOfParent,) = _receipts.receipt(ReceiptId.wrap(parent));
                assertTrue(parent < id, "the parent is older");
                assertEq(LotId.unwrap(ofParent), lot, "same lot");
                assertEq(depth, uint256(depthOfParent) + 1, "one deeper");
                assertTrue(depth <= _receipts.lot(lotId).maxDepth, "no deeper than allowed");
            }
        }
        _unbroken(14);
    }

    function _unbroken(uint256 invariant) private view {
        string memory breach = _handler.breach(invariant);
        assertTrue(bytes(breach).length == 0, breach);
    }
}
