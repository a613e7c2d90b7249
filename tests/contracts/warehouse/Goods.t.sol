// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IWarehouseReceipts} from "../../../contracts/warehouse/IWarehouseReceipts.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {ISplittableToken} from "../../../contracts/tokens/ISplittableToken.sol";
import {LotId, WarehouseReceiptId} from "../../../contracts/types/Ids.sol";
import {WarehouseReceiptsFixture} from "./WarehouseReceiptsFixture.sol";

/// Release, damage and loss: what becomes of goods and of their warehouse receipts.
contract GoodsTest is WarehouseReceiptsFixture {
    LotId private _lot;
    uint256 private _id;

    function setUp() public override {
        super.setUp();
        (_lot, _id) = _issued(1_000);
    }

    // ------------------------------------------------------------------ release

    function test_goods_that_were_requested_and_handed_over_end_the_warehouse_receipt() public {
        uint256 requested = _ask(_id, 1_000);
        assertEq(requested, _id, "all of it: the warehouse receipt itself");
        assertEq(_lienholderOf(_id), address(warehouseReceipts), "waits");
        _handOver(_id);
        assertEq(_holderOf(_id), address(0), "burned");
        assertEq(_lienholderOf(_id), address(0), "nothing waits");
        assertEq(warehouseReceipts.lot(_lot).released, 1_000, "released");
        assertEq(warehouseReceipts.lot(_lot).counted, 0, "and no longer counted");
        assertEq(warehouseReceipts.balanceOf(depositor), 0, "warehouse receipts held");
    }

    function test_release_of_part_splits_it_off_first() public {
        uint256 requested = _ask(_id, 300);
        assertTrue(requested != _id, "another warehouse receipt");
        assertEq(warehouseReceipts.parentOf(requested), _id, "out of the first");
        assertEq(_quantityOf(requested), 300, "asked for");
        assertEq(_quantityOf(_id), 700, "stays");
        assertEq(_lienholderOf(_id), address(0), "and is free");
        vm.prank(depositor);
        warehouseReceipts.assign(_id, buyer, 700, 0);
        _handOver(requested);
        assertEq(warehouseReceipts.lot(_lot).released, 300, "released");
    }

    function test_warehouse_receipt_cannot_move_while_release_is_requested() public {
        vm.prank(depositor);
        uint256 other = warehouseReceipts.assign(_id, depositor, 100, 0);
        _ask(_id, 900);
        vm.startPrank(depositor);
        warehouseReceipts.approve(buyer, _id);
        bytes memory why =
            abi.encodeWithSelector(ISplittableToken.TokenEncumbered.selector, _id, address(warehouseReceipts));
        bytes[8] memory calls = [
            abi.encodeCall(warehouseReceipts.assign, (_id, buyer, 900, 0)),
            abi.encodeCall(warehouseReceipts.assign, (_id, buyer, 1, 0)),
            abi.encodeCall(warehouseReceipts.merge, (_id, other)),
            abi.encodeCall(warehouseReceipts.merge, (other, _id)),
            abi.encodeCall(warehouseReceipts.encumber, (_id, bank)),
            abi.encodeWithSignature("transferFrom(address,address,uint256)", depositor, buyer, _id),
            abi.encodeWithSignature("transferFrom(uint256,address,uint256)", _id, buyer, 1),
            abi.encodeWithSignature("transferFrom(uint256,uint256,uint256)", other, _id, 1)
        ];
        for (uint256 i; i < 8; ++i) {
            (bool done, bytes memory answer) = address(warehouseReceipts).call(calls[i]);
            assertTrue(!done && keccak256(answer) == keccak256(why), "blocked");
        }
        vm.expectRevert(
            abi.encodeWithSelector(ISplittableToken.NotLienholder.selector, _id, warehouseReceipts, depositor)
        );
        warehouseReceipts.release(_id);
        vm.expectRevert(abi.encodeWithSelector(IWarehouseReceipts.ReleasePending.selector, _id));
        warehouseReceipts.requestRelease(WarehouseReceiptId.wrap(_id), 1, 0);
        vm.stopPrank();
    }

    function test_a_withdrawn_request_frees_the_warehouse_receipt() public {
        _ask(_id, 1_000);
        vm.prank(depositor);
        warehouseReceipts.withdrawRelease(WarehouseReceiptId.wrap(_id));
        assertEq(_lienholderOf(_id), address(0), "free");
        vm.expectRevert(abi.encodeWithSelector(IWarehouseReceipts.NoReleasePending.selector, _id));
        vm.prank(depositor);
        warehouseReceipts.withdrawRelease(WarehouseReceiptId.wrap(_id));
        _encumber(_id, bank);
    }

    function test_another_account_withdraws_and_repeats_the_request_of_a_lost_account() public {
        _ask(_id, 1_000);
        address second = vm.addr(777);
        _join(depositor, 777);
        vm.prank(second);
        registry.removeAccount(depositor);
        vm.prank(warehouse);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        warehouseReceipts.handOver(WarehouseReceiptId.wrap(_id), 1_000, depositor, 0);
        vm.startPrank(second);
        warehouseReceipts.withdrawRelease(WarehouseReceiptId.wrap(_id));
        warehouseReceipts.reclaim(_id);
        warehouseReceipts.requestRelease(WarehouseReceiptId.wrap(_id), 1_000, 0);
        vm.stopPrank();
        _handOver(_id);
        assertEq(warehouseReceipts.lot(_lot).released, 1_000, "released");
    }

    function test_request_and_withdrawal_revert_for_all_but_the_holder() public {
        vm.prank(depositor);
        warehouseReceipts.setApprovalForAll(buyer, true);
        address[3] memory others = [buyer, warehouse, STRANGER];
        for (uint256 i; i < 3; ++i) {
            bytes memory why = abi.encodeWithSelector(IWarehouseReceipts.NotHolder.selector, _id, depositor, others[i]);
            vm.startPrank(others[i]);
            vm.expectRevert(why);
            warehouseReceipts.requestRelease(WarehouseReceiptId.wrap(_id), 1_000, 0);
            vm.expectRevert(why);
            warehouseReceipts.withdrawRelease(WarehouseReceiptId.wrap(_id));
            vm.stopPrank();
        }
    }

    function test_request_release_reverts_for_zero_and_above_the_quantity() public {
        vm.startPrank(depositor);
        vm.expectRevert(_range(0, 1, 1_000));
        warehouseReceipts.requestRelease(WarehouseReceiptId.wrap(_id), 0, 0);
        vm.expectRevert(_range(1_001, 1, 1_000));
        warehouseReceipts.requestRelease(WarehouseReceiptId.wrap(_id), 1_001, 0);
        vm.expectRevert(abi.encodeWithSelector(ISplittableToken.TokenUnknown.selector, 99));
        warehouseReceipts.requestRelease(WarehouseReceiptId.wrap(99), 1, 0);
        vm.stopPrank();
    }

    function test_request_release_reverts_when_the_goods_are_encumbered() public {
        _encumber(_id, bank);
        vm.expectRevert(abi.encodeWithSelector(ISplittableToken.TokenEncumbered.selector, _id, bank));
        vm.prank(depositor);
        warehouseReceipts.requestRelease(WarehouseReceiptId.wrap(_id), 1_000, 0);
        vm.expectRevert(abi.encodeWithSelector(IWarehouseReceipts.NoReleasePending.selector, _id));
        vm.prank(depositor);
        warehouseReceipts.withdrawRelease(WarehouseReceiptId.wrap(_id));
        vm.expectRevert(abi.encodeWithSelector(IWarehouseReceipts.NoReleasePending.selector, _id));
        vm.prank(warehouse);
        warehouseReceipts.handOver(WarehouseReceiptId.wrap(_id), 1_000, depositor, 0);
        assertEq(_lienholderOf(_id), bank, "the lien stands");
    }

    function test_hand_over_reverts_without_a_request() public {
        vm.expectRevert(abi.encodeWithSelector(IWarehouseReceipts.NoReleasePending.selector, _id));
        vm.prank(warehouse);
        warehouseReceipts.handOver(WarehouseReceiptId.wrap(_id), 1_000, depositor, 0);
    }

    /// The warehouse signs the hand-over of what it sees. Before its signature reaches the ledger, the holder transfers
    /// all but a little to a friend, and requests the rest again.
    function test_hand_over_reverts_after_the_holder_split_the_warehouse_receipt_and_asked_again() public {
        _ask(_id, 1_000);
        bytes memory signed =
            abi.encodeCall(warehouseReceipts.handOver, (WarehouseReceiptId.wrap(_id), 1_000, depositor, DOCUMENTS));
        vm.startPrank(depositor);
        warehouseReceipts.withdrawRelease(WarehouseReceiptId.wrap(_id));
        uint256 friends = warehouseReceipts.assign(_id, buyer, 999, 0);
        warehouseReceipts.requestRelease(WarehouseReceiptId.wrap(_id), 1, 0);
        vm.stopPrank();
        _refused(warehouse, signed, _changed(depositor, 1));
        assertEq(_lienholderOf(_id), address(warehouseReceipts), "still asked for");
        assertEq(warehouseReceipts.lot(_lot).released, 0, "nothing is released");
        _handOver(_id);
        assertEq(warehouseReceipts.lot(_lot).released, 1, "what is asked for now");
        assertEq(_quantityOf(friends), 999, "the rest is in store");
    }

    function test_hand_over_reverts_after_another_holder_asked() public {
        _ask(_id, 1_000);
        vm.startPrank(depositor);
        warehouseReceipts.withdrawRelease(WarehouseReceiptId.wrap(_id));
        warehouseReceipts.assign(_id, buyer, 1_000, 0);
        vm.stopPrank();
        _ask(_id, 1_000);
        vm.expectRevert(_changed(buyer, 1_000));
        vm.prank(warehouse);
        warehouseReceipts.handOver(WarehouseReceiptId.wrap(_id), 1_000, depositor, 0);
        _handOver(_id);
        assertEq(warehouseReceipts.lot(_lot).released, 1_000, "to the holder that asked");
    }

    function testFuzz_hand_over_reverts_for_another_quantity_or_holder(uint96 quantity, address holder) public {
        _ask(_id, 1_000);
        if (quantity == 1_000 && holder == depositor) return;
        vm.startPrank(warehouse);
        vm.expectRevert(_changed(depositor, 1_000));
        warehouseReceipts.handOver(WarehouseReceiptId.wrap(_id), quantity, holder, 0);
        if (quantity != 1_000) {
            vm.expectRevert(_changed(depositor, 1_000));
            warehouseReceipts.handOver(WarehouseReceiptId.wrap(_id), quantity, depositor, 0);
        }
        if (holder != depositor) {
            vm.expectRevert(_changed(depositor, 1_000));
            warehouseReceipts.handOver(WarehouseReceiptId.wrap(_id), 1_000, holder, 0);
        }
        vm.stopPrank();
    }

    function test_a_frozen_warehouse_hands_nothing_over_and_the_holder_may_withdraw() public {
        _ask(_id, 1_000);
        _freeze(warehouse, true);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        vm.prank(warehouse);
        warehouseReceipts.handOver(WarehouseReceiptId.wrap(_id), 1_000, depositor, 0);
        vm.prank(depositor);
        warehouseReceipts.withdrawRelease(WarehouseReceiptId.wrap(_id));
        vm.prank(depositor);
        warehouseReceipts.assign(_id, buyer, 1_000, 0);
    }

    function test_a_frozen_holder_gets_no_goods_but_may_withdraw() public {
        uint256 requested = _ask(_id, 400);
        _freeze(depositor, true);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        vm.prank(warehouse);
        warehouseReceipts.handOver(WarehouseReceiptId.wrap(requested), 400, depositor, 0);
        vm.startPrank(depositor);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        warehouseReceipts.requestRelease(WarehouseReceiptId.wrap(_id), 600, 0);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        warehouseReceipts.requestRelease(WarehouseReceiptId.wrap(_id), 1, 0);
        warehouseReceipts.withdrawRelease(WarehouseReceiptId.wrap(requested));
        vm.stopPrank();
    }

    function test_expired_and_unfit_goods_are_still_handed_over() public {
        _inspect(_lot, IWarehouseReceipts.Condition.Unfit);
        vm.warp(block.timestamp + 200 * DAY);
        _handOver(_ask(_id, 1_000));
        assertEq(warehouseReceipts.lot(_lot).released, 1_000, "released");
    }

    function test_a_stop_of_new_liens_and_a_shortage_stop_no_release() public {
        vm.prank(OPERATOR);
        warehouseReceipts.stopNewLiens(warehouse, true, 0);
        _count(_lot, 1);
        access.setTargetClosed(address(warehouseReceipts), true);
        _handOver(_ask(_id, 500));
        assertEq(warehouseReceipts.lot(_lot).released, 500, "released");
    }

    function test_the_court_s_transfer_ends_the_request_of_the_former_holder() public {
        _ask(_id, 1_000);
        _order(
            address(warehouseReceipts), abi.encodeCall(warehouseReceipts.forcedTransfer, (_id, buyer, 1_000, "order"))
        );
        assertEq(_holderOf(_id), buyer, "moved");
        assertEq(_lienholderOf(_id), address(0), "the new holder asked for nothing");
        vm.expectRevert(abi.encodeWithSelector(IWarehouseReceipts.NoReleasePending.selector, _id));
        vm.prank(warehouse);
        warehouseReceipts.handOver(WarehouseReceiptId.wrap(_id), 1_000, depositor, 0);
    }

    function test_the_court_s_transfer_of_part_leaves_the_request_for_the_rest() public {
        _ask(_id, 1_000);
        _order(address(warehouseReceipts), abi.encodeCall(warehouseReceipts.forcedTransfer, (_id, buyer, 400, "order")));
        assertEq(_lienholderOf(_id), address(warehouseReceipts), "still asked for");
        _handOver(_id);
        assertEq(warehouseReceipts.lot(_lot).released, 600, "the rest");
    }

    // ------------------------------------------------------------------ damage and loss

    function test_impairment_takes_goods_from_a_warehouse_receipt_and_from_the_lot() public {
        _impair(_id, 100);
        assertEq(_quantityOf(_id), 900, "left");
        assertEq(warehouseReceipts.lot(_lot).impaired, 100, "impaired");
        assertEq(warehouseReceipts.lot(_lot).counted, 900, "counted");
        assertEq(_holderOf(_id), depositor, "holder");
        vm.prank(depositor);
        uint256 child = warehouseReceipts.assign(_id, buyer, 333, 0);
        assertEq(_quantityOf(_id) + _quantityOf(child), 900, "divides as before");
    }

    function test_impairment_of_all_burns_the_warehouse_receipt_and_its_lien() public {
        _encumber(_id, bank);
        _impair(_id, 1_000);
        assertEq(_holderOf(_id), address(0), "burned");
        assertEq(_lienholderOf(_id), address(0), "no lien");
        assertEq(warehouseReceipts.balanceOf(depositor), 0, "warehouse receipts held");
        vm.expectRevert(abi.encodeWithSelector(ISplittableToken.TokenUnknown.selector, _id));
        vm.prank(warehouse);
        warehouseReceipts.impair(WarehouseReceiptId.wrap(_id), 1, 0);
    }

    function test_impairment_of_an_encumbered_warehouse_receipt_leaves_the_lien() public {
        _encumber(_id, bank);
        _impair(_id, 999);
        assertEq(_lienholderOf(_id), bank, "the lien stands");
        assertEq(_quantityOf(_id), 1, "left");
    }

    function test_impairment_reaches_goods_that_were_requested() public {
        _ask(_id, 1_000);
        _impair(_id, 300);
        assertEq(_lienholderOf(_id), address(warehouseReceipts), "still asked for");
        _handOver(_id);
        assertEq(warehouseReceipts.lot(_lot).released, 700, "what was left");
        (, uint256 other) = _issued(10);
        _ask(other, 10);
        _impair(other, 10);
        assertEq(_holderOf(other), address(0), "nothing left to hand over");
    }

    function test_impair_reverts_for_zero_and_above_the_quantity() public {
        vm.startPrank(warehouse);
        vm.expectRevert(_range(0, 1, 1_000));
        warehouseReceipts.impair(WarehouseReceiptId.wrap(_id), 0, 0);
        vm.expectRevert(_range(1_001, 1, 1_000));
        warehouseReceipts.impair(WarehouseReceiptId.wrap(_id), 1_001, 0);
        vm.stopPrank();
    }

    function test_inspection_applies_to_the_lot_and_may_restore_its_condition() public {
        IWarehouseReceipts.Condition[3] memory conditions = [
            IWarehouseReceipts.Condition.Unfit, IWarehouseReceipts.Condition.Reduced, IWarehouseReceipts.Condition.Sound
        ];
        for (uint256 i; i < 3; ++i) {
            _inspect(_lot, conditions[i]);
            assertTrue(warehouseReceipts.lot(_lot).condition == conditions[i], "as found");
        }
        assertEq(_quantityOf(_id), 1_000, "and takes nothing away");
        vm.expectRevert(abi.encodeWithSelector(IWarehouseReceipts.LotUnknown.selector, 99));
        vm.prank(warehouse);
        warehouseReceipts.inspect(LotId.wrap(99), IWarehouseReceipts.Condition.Unfit, 0);
    }

    // ------------------------------------------------------------------ who

    function test_functions_of_the_lots_warehouse_revert_for_everybody_else() public {
        _ask(_id, 1_000);
        (LotId[] memory lots, uint96[] memory quantities) = _one(_lot, 1);
        bytes[5] memory calls = [
            abi.encodeCall(warehouseReceipts.inspect, (_lot, IWarehouseReceipts.Condition.Unfit, 0)),
            abi.encodeCall(warehouseReceipts.impair, (WarehouseReceiptId.wrap(_id), 1, 0)),
            abi.encodeCall(warehouseReceipts.handOver, (WarehouseReceiptId.wrap(_id), 1_000, depositor, 0)),
            abi.encodeCall(warehouseReceipts.acknowledge, (WarehouseReceiptId.wrap(_id), buyer)),
            abi.encodeCall(warehouseReceipts.count, (lots, quantities, _today(), 0))
        ];
        // Any role but the warehouse's lacks it; another warehouse has it, and not this lot.
        address[5] memory officials = [REGISTRAR, FIRST_REGULATOR, CASH_ISSUER, OPERATOR, address(this)];
        for (uint256 i; i < 5; ++i) {
            _refused(otherWarehouse, calls[i], _notWarehouse(otherWarehouse));
            for (uint256 official; official < 5; ++official) {
                _refused(officials[official], calls[i], "");
            }
            _refused(depositor, calls[i], "");
            _refused(bank, calls[i], "");
            for (uint256 bit; bit < 16; ++bit) {
                if (1 << bit == WAREHOUSE || 1 << bit == 256) continue; // a contract of the ledger is one from the start
                _setRoles(warehouse, uint16(1 << bit));
                _refused(
                    warehouse,
                    calls[i],
                    abi.encodeWithSelector(IPartyRegistry.RoleMissing.selector, warehouse, WAREHOUSE, uint16(1 << bit))
                );
            }
            _setRoles(warehouse, WAREHOUSE);
        }
        _freeze(warehouse, true);
        for (uint256 i; i < 5; ++i) {
            _refused(
                warehouse,
                calls[i],
                abi.encodeWithSelector(
                    IPartyRegistry.PartyNotValid.selector,
                    warehouse,
                    registry.partyOf(warehouse),
                    type(uint64).max,
                    true
                )
            );
        }
        _freeze(warehouse, false);
        for (uint256 i = 5; i > 0; --i) {
            vm.prank(warehouse);
            (bool done,) = address(warehouseReceipts).call(calls[i - 1]);
            assertTrue(done == (i - 1 != 1), "the warehouse itself; after the hand-over nothing can be impaired");
        }
    }

    function test_another_account_of_the_warehouse_s_party_acts_for_it_and_a_removed_one_does_not() public {
        _join(warehouse, 777);
        address second = vm.addr(777);
        vm.prank(second);
        registry.removeAccount(warehouse);
        vm.prank(second);
        warehouseReceipts.impair(WarehouseReceiptId.wrap(_id), 1, 0);
        _refused(
            warehouse,
            abi.encodeCall(warehouseReceipts.impair, (WarehouseReceiptId.wrap(_id), 1, 0)),
            abi.encodeWithSelector(
                IPartyRegistry.PartyNotValid.selector, warehouse, registry.partyOf(warehouse), 0, false
            )
        );
        _encumber(_id, bank);
    }

    // ------------------------------------------------------------------ sums

    function testFuzz_goods_gone_and_goods_left_sum_to_goods_issued(uint96 quantity, uint96 part, uint96 gone) public {
        quantity = uint96(bound(quantity, 3, 2 ** 60 - 1));
        part = uint96(bound(part, 1, quantity - 2));
        gone = uint96(bound(gone, 1, quantity - part - 1));
        (LotId lotId, uint256 id) = _issued(quantity);
        _impair(id, gone);
        _handOver(_ask(id, part));
        IWarehouseReceipts.Lot memory lot = warehouseReceipts.lot(lotId);
        assertEq(_quantityOf(id), uint256(lot.issued) - lot.released - lot.impaired, "outstanding");
        assertEq(lot.counted, _quantityOf(id), "counted");
        assertTrue(!lot.short, "not short");
    }

    function _refused(address by, bytes memory call, bytes memory why) private {
        vm.prank(by);
        (bool done, bytes memory answer) = address(warehouseReceipts).call(call);
        assertTrue(!done, "refused");
        if (why.length != 0) assertTrue(keccak256(answer) == keccak256(why), "for the reason");
    }

    function _notWarehouse(address caller) private view returns (bytes memory) {
        return abi.encodeWithSelector(IWarehouseReceipts.NotWarehouse.selector, _lot, warehouse, caller);
    }

    function _changed(address holder, uint96 quantity) private view returns (bytes memory) {
        return abi.encodeWithSelector(IWarehouseReceipts.WarehouseReceiptChanged.selector, _id, holder, quantity);
    }

    function _range(uint256 value, uint256 min, uint256 max) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IWarehouseReceipts.QuantityOutOfRange.selector, value, min, max);
    }
}
