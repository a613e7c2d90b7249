// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IWarehouseReceipts} from "../../../contracts/assets/IWarehouseReceipts.sol";
import {LotId, ReceiptId} from "../../../contracts/types/Ids.sol";
import {Test} from "../support/Test.sol";
import {ReceiptsForbidden} from "./ReceiptsForbidden.sol";
import {OpenReceipts, ReceiptsHandler} from "./ReceiptsHandler.sol";

/// The ledger's invariants for stored goods, after any sequence of what is allowed and of what is forbidden.
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: deep.invariant.fail-on-revert = true
contract ReceiptsInvariants is Test {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    ReceiptsHandler private _handler;
    ReceiptsForbidden private _forbidden;
    OpenReceipts private _receipts;
    address private _warehouse;

    function setUp() public {
        _handler = new ReceiptsHandler();
        _handler.setUp();
        (_receipts, _warehouse) = _handler.parts();
        _forbidden = new ReceiptsForbidden(_handler);
    }

    function afterInvariant() public {
        _handler.recordReached("Receipts");
        _forbidden.recordReached("Receipts, refused");
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](2);
        (targets[0], targets[1]) = (address(_handler), address(_forbidden));
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[] memory allowed = new bytes4[](17);
        allowed[0] = ReceiptsHandler.issue.selector;
        allowed[1] = ReceiptsHandler.impair.selector;
        allowed[2] = ReceiptsHandler.inspect.selector;
        allowed[3] = ReceiptsHandler.count.selector;
        allowed[4] = ReceiptsHandler.handOver.selector;
        allowed[5] = ReceiptsHandler.passNamed.selector;
        allowed[6] = ReceiptsHandler.requestRelease.selector;
        allowed[7] = ReceiptsHandler.withdrawRelease.selector;
        allowed[8] = ReceiptsHandler.assign.selector;
        allowed[9] = ReceiptsHandler.merge.selector;
        allowed[10] = ReceiptsHandler.encumber.selector;
        allowed[11] = ReceiptsHandler.release.selector;
        allowed[12] = ReceiptsHandler.enforce.selector;
        allowed[13] = ReceiptsHandler.passDays.selector;
        allowed[14] = ReceiptsHandler.stop.selector;
        allowed[15] = ReceiptsHandler.freeze.selector;
        allowed[16] = ReceiptsHandler.courtMoves.selector;
        bytes4[] memory refused = new bytes4[](12);
        refused[0] = ReceiptsForbidden.reuseFingerprint.selector;
        refused[1] = ReceiptsForbidden.actAsAnotherWarehouse.selector;
        refused[2] = ReceiptsForbidden.actAsFrozenWarehouse.selector;
        refused[3] = ReceiptsForbidden.handOverUnasked.selector;
        refused[4] = ReceiptsForbidden.takeTooMuch.selector;
        refused[5] = ReceiptsForbidden.moveAsStranger.selector;
        refused[6] = ReceiptsForbidden.moveBound.selector;
        refused[7] = ReceiptsForbidden.moveToNobody.selector;
        refused[8] = ReceiptsForbidden.passNamedAlone.selector;
        refused[9] = ReceiptsForbidden.pledgeBadGoods.selector;
        refused[10] = ReceiptsForbidden.mergeLots.selector;
        refused[11] = ReceiptsForbidden.reachAsRole.selector;
        targets = new FuzzSelector[](2);
        targets[0] = FuzzSelector(address(_handler), allowed);
        targets[1] = FuzzSelector(address(_forbidden), refused);
    }

    /// All of them after each call: one set of runs tries every one.
    function invariant_all() public view {
        invariant_04_bound_receipts_stay();
        invariant_05_lots_are_issued_once();
        invariant_10_only_valid_parties_receive_receipts_and_goods();
        invariant_11_no_stop_stops_a_report_or_a_withdrawal();
        invariant_12_receipts_sum_to_issued_less_released_less_impaired();
        invariant_12_short_lots_are_counted();
        invariant_13_no_role_moves_receipts();
        invariant_14_lineage_of_receipts_is_a_tree();
    }

    /// A pledged receipt, and one whose goods were asked for, stays with its holder until its lienholder says otherwise.
    function invariant_04_bound_receipts_stay() private view {
        for (uint256 id = 1; id <= _handler.receiptCount(); ++id) {
            (address holder,,,,, address lienholder) = _receipts.receipt(ReceiptId.wrap(id));
            address bound_ = _handler.boundTo(id);
            assertEq(lienholder, bound_, "the lien stands, and no other");
            if (bound_ != address(0)) assertEq(holder, _handler.boundHolder(id), "holder");
        }
        _unbroken(4);
    }

    /// A fingerprint is used at most once in all time.
    function invariant_05_lots_are_issued_once() private view {
        _unbroken(5);
    }

    /// Only valid parties receive receipts or goods.
    function invariant_10_only_valid_parties_receive_receipts_and_goods() private view {
        _unbroken(10);
    }

    /// Nothing but the warehouse's validity stops a report of damage, and nothing a withdrawal: the handler asks for both
    /// whatever is stopped, expired, short or frozen, and none may revert.
    function invariant_11_no_stop_stops_a_report_or_a_withdrawal() private view {
        _unbroken(11);
    }

    /// Receipts of a lot sum to issued less released less impaired, and each divides exactly.
    function invariant_12_receipts_sum_to_issued_less_released_less_impaired() private view {
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
    function invariant_12_short_lots_are_counted() private view {
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
    function invariant_13_no_role_moves_receipts() private view {
        _unbroken(13);
    }

    /// One root a lot; every parent is older than its child and of the same lot.
    function invariant_14_lineage_of_receipts_is_a_tree() private view {
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
