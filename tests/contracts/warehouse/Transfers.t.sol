// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IWarehouseReceipts} from "../../../contracts/warehouse/IWarehouseReceipts.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {ISplittableToken} from "../../../contracts/tokens/ISplittableToken.sol";
import {LotId, WarehouseReceiptId} from "../../../contracts/types/Ids.sol";
import {WarehouseReceiptsFixture} from "./WarehouseReceiptsFixture.sol";

/// How warehouse receipts move from hand to hand: freely, or only if the warehouse acknowledges it.
contract TransfersTest is WarehouseReceiptsFixture {
    uint256 private _namedId;

    function setUp() public override {
        super.setUp();
        (, _namedId) = _named(1_000);
    }

    function test_a_negotiable_warehouse_receipt_moves_without_the_warehouse() public {
        (, uint256 id) = _issued(1_000);
        vm.startPrank(depositor);
        uint256 child = warehouseReceipts.assign(id, buyer, 300, DOCUMENTS);
        warehouseReceipts.assign(id, suppliers[2], 700, DOCUMENTS);
        vm.stopPrank();
        assertEq(_holderOf(child), buyer, "part");
        assertEq(_holderOf(id), suppliers[2], "the rest");
    }

    function test_a_warehouse_receipt_moves_between_valid_parties_only() public {
        (, uint256 id) = _issued(1_000);
        vm.prank(depositor);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        warehouseReceipts.assign(id, STRANGER, 1_000, 0);
        _freeze(depositor, true);
        vm.prank(depositor);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        warehouseReceipts.assign(id, buyer, 1_000, 0);
    }

    function test_a_named_warehouse_receipt_moves_in_no_way_without_acknowledgement() public {
        uint256 id = _namedId;
        vm.prank(depositor);
        warehouseReceipts.setApprovalForAll(buyer, true);
        ISplittableToken.Part[] memory parts = new ISplittableToken.Part[](1);
        parts[0] = ISplittableToken.Part(buyer, 10, 0);
        bytes[6] memory calls = [
            abi.encodeCall(warehouseReceipts.assign, (id, buyer, 1_000, 0)),
            abi.encodeCall(warehouseReceipts.assign, (id, buyer, 1, 0)),
            abi.encodeCall(warehouseReceipts.assignMany, (id, parts)),
            abi.encodeWithSignature("transferFrom(address,address,uint256)", depositor, buyer, id),
            abi.encodeWithSignature("safeTransferFrom(address,address,uint256)", depositor, buyer, id),
            abi.encodeWithSignature("transferFrom(uint256,address,uint256)", id, buyer, 5)
        ];
        bytes memory why = abi.encodeWithSelector(IWarehouseReceipts.NotNegotiable.selector, id, buyer);
        address[2] memory by = [depositor, buyer];
        for (uint256 i; i < 6; ++i) {
            for (uint256 who; who < 2; ++who) {
                vm.prank(by[who]);
                (bool done, bytes memory answer) = address(warehouseReceipts).call(calls[i]);
                assertTrue(!done && keccak256(answer) == keccak256(why), "not without the warehouse");
            }
        }
    }

    function test_an_acknowledgement_is_for_one_receiver_and_one_use() public {
        _acknowledge(_namedId, buyer);
        vm.startPrank(depositor);
        vm.expectRevert(_notNegotiable(_namedId, suppliers[2]));
        warehouseReceipts.assign(_namedId, suppliers[2], 1_000, 0);
        uint256 child = warehouseReceipts.assign(_namedId, buyer, 400, 0);
        assertEq(_holderOf(child), buyer, "transferred");
        vm.expectRevert(_notNegotiable(_namedId, buyer));
        warehouseReceipts.assign(_namedId, buyer, 600, 0);
        vm.stopPrank();
        vm.expectRevert(_notNegotiable(child, depositor));
        vm.prank(buyer);
        warehouseReceipts.assign(child, depositor, 400, 0);
        _acknowledge(_namedId, buyer);
        vm.prank(depositor);
        warehouseReceipts.assign(_namedId, buyer, 600, 0);
        assertEq(_holderOf(_namedId), buyer, "the whole, too");
    }

    function test_an_acknowledgement_can_be_taken_back_before_use() public {
        _acknowledge(_namedId, buyer);
        _acknowledge(_namedId, address(0));
        vm.expectRevert(_notNegotiable(_namedId, buyer));
        vm.prank(depositor);
        warehouseReceipts.assign(_namedId, buyer, 1_000, 0);
        vm.expectRevert(abi.encodeWithSelector(ISplittableToken.TokenUnknown.selector, 99));
        vm.prank(warehouse);
        warehouseReceipts.acknowledge(WarehouseReceiptId.wrap(99), buyer);
    }

    function test_an_acknowledged_receiver_still_has_to_be_valid() public {
        _acknowledge(_namedId, STRANGER);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        vm.prank(depositor);
        warehouseReceipts.assign(_namedId, STRANGER, 1_000, 0);
    }

    function test_named_warehouse_receipt_can_be_split_and_merged_by_its_holder() public {
        vm.startPrank(depositor);
        uint256 child = warehouseReceipts.assign(_namedId, depositor, 400, 0);
        warehouseReceipts.merge(child, _namedId);
        vm.stopPrank();
        assertEq(_quantityOf(_namedId), 1_000, "joined again");
    }

    function test_merge_reverts_for_a_named_warehouse_receipt_of_another_holder() public {
        _acknowledge(_namedId, buyer);
        vm.startPrank(depositor);
        uint256 theirs = warehouseReceipts.assign(_namedId, buyer, 100, 0);
        vm.stopPrank();
        _acknowledge(_namedId, buyer);
        vm.expectRevert(_notNegotiable(_namedId, buyer));
        vm.prank(depositor);
        warehouseReceipts.transferFrom(_namedId, theirs, 100);
        (, uint256 free) = _issued(1_000);
        vm.startPrank(depositor);
        uint256 freeTheirs = warehouseReceipts.assign(free, buyer, 100, 0);
        warehouseReceipts.transferFrom(free, freeTheirs, 100);
        vm.stopPrank();
        assertEq(_quantityOf(freeTheirs), 200, "a negotiable one's do");
    }

    function test_a_named_warehouse_receipt_moves_between_accounts_of_its_holder() public {
        _join(depositor, 777);
        vm.prank(depositor);
        warehouseReceipts.assign(_namedId, vm.addr(777), 1_000, 0);
        assertEq(_holderOf(_namedId), vm.addr(777), "the same party's hands");
    }

    function test_goods_of_a_named_warehouse_receipt_are_requested_without_acknowledgement() public {
        _handOver(_ask(_namedId, 400));
        assertEq(_quantityOf(_namedId), 600, "left");
    }

    function test_a_withdrawn_request_takes_the_acknowledgement_with_it() public {
        _acknowledge(_namedId, buyer);
        _ask(_namedId, 1_000);
        vm.prank(depositor);
        warehouseReceipts.withdrawRelease(WarehouseReceiptId.wrap(_namedId));
        vm.expectRevert(_notNegotiable(_namedId, buyer));
        vm.prank(depositor);
        warehouseReceipts.assign(_namedId, buyer, 1_000, 0);
    }

    function test_an_encumbered_named_warehouse_receipt_needs_lienholder_and_warehouse() public {
        _acknowledge(_namedId, buyer);
        _encumber(_namedId, bank);
        vm.expectRevert(abi.encodeWithSelector(ISplittableToken.TokenEncumbered.selector, _namedId, bank));
        vm.prank(depositor);
        warehouseReceipts.assign(_namedId, buyer, 1_000, 0);
        vm.expectRevert(_notNegotiable(_namedId, bank));
        vm.prank(bank);
        warehouseReceipts.assign(_namedId, bank, 1_000, 0);
        vm.prank(bank);
        warehouseReceipts.assign(_namedId, buyer, 1_000, 0);
        assertEq(_holderOf(_namedId), buyer, "at the lienholder's word, to the acknowledged");
        assertEq(_lienholderOf(_namedId), bank, "the lien goes along");
    }

    function test_court_moves_a_named_warehouse_receipt_and_ends_its_acknowledgement() public {
        _acknowledge(_namedId, suppliers[2]);
        _order(
            address(warehouseReceipts),
            abi.encodeCall(warehouseReceipts.forcedTransfer, (_namedId, buyer, 300, "order"))
        );
        _order(
            address(warehouseReceipts),
            abi.encodeCall(warehouseReceipts.forcedTransfer, (_namedId, buyer, 700, "order"))
        );
        assertEq(_holderOf(_namedId), buyer, "moved");
        vm.expectRevert(_notNegotiable(_namedId, suppliers[2]));
        vm.prank(buyer);
        warehouseReceipts.assign(_namedId, suppliers[2], 700, 0);
    }

    function test_division_ends_at_the_depth_that_the_lot_allows() public {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(10);
        terms.maxDepth = 0;
        (, uint256 id) = _issue(terms);
        vm.startPrank(depositor);
        vm.expectRevert(abi.encodeWithSelector(ISplittableToken.SplitTooDeep.selector, id, 1, 0));
        warehouseReceipts.assign(id, buyer, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(ISplittableToken.SplitTooDeep.selector, id, 1, 0));
        warehouseReceipts.requestRelease(WarehouseReceiptId.wrap(id), 1, 0);
        warehouseReceipts.requestRelease(WarehouseReceiptId.wrap(id), 10, 0);
        vm.stopPrank();
    }

    function test_merge_reverts_for_warehouse_receipts_of_two_lots() public {
        (, uint256 first) = _issued(10);
        (, uint256 second) = _issued(10);
        vm.expectRevert(abi.encodeWithSelector(ISplittableToken.SlotMismatch.selector, first, second));
        vm.prank(depositor);
        warehouseReceipts.merge(first, second);
    }

    function testFuzz_split_is_exact(uint96 quantity, uint96[6] memory parts) public {
        quantity = uint96(bound(quantity, 100, 2 ** 60 - 1));
        (LotId lotId, uint256 id) = _issued(quantity);
        uint256 sum;
        for (uint256 i; i < 6; ++i) {
            uint96 left = _quantityOf(id);
            if (left < 2) break;
            uint96 part = uint96(bound(parts[i], 1, left - 1));
            vm.prank(depositor);
            uint256 child = warehouseReceipts.assign(id, suppliers[i % 3], part, 0);
            assertEq(_quantityOf(child), part, "exactly the part");
            sum += part;
        }
        assertEq(sum + _quantityOf(id), warehouseReceipts.lot(lotId).issued, "together the whole");
    }

    function _notNegotiable(uint256 id, address to) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IWarehouseReceipts.NotNegotiable.selector, id, to);
    }
}
