// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IWarehouseReceipts} from "../../../contracts/warehouse/IWarehouseReceipts.sol";
import {WarehouseReceipts} from "../../../contracts/warehouse/WarehouseReceipts.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {LotId, PartyId, WarehouseReceiptId} from "../../../contracts/types/Ids.sol";
import {WarehouseReceiptsFixture} from "./WarehouseReceiptsFixture.sol";

/// A lot and its one warehouse receipt: who issues it, what it must state.
contract IssueTest is WarehouseReceiptsFixture {
    function test_a_lot_comes_with_one_warehouse_receipt_for_all_of_it() public {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(5_000);
        terms.orderId = 7;
        (LotId lotId, uint256 id) = _issue(terms);
        IWarehouseReceipts.WarehouseReceipt memory warehouseReceiptRow =
            warehouseReceipts.warehouseReceipt(WarehouseReceiptId.wrap(id));
        assertEq(warehouseReceiptRow.owner, depositor, "holder");
        assertEq(LotId.unwrap(warehouseReceiptRow.lotId), LotId.unwrap(lotId), "lot");
        assertEq(warehouseReceiptRow.quantity, 5_000, "quantity");
        assertEq(warehouseReceiptRow.parent, 0, "a root");
        assertEq(warehouseReceiptRow.depth, 0, "not divided");
        assertEq(warehouseReceiptRow.lienholder, address(0), "free");
        assertEq(
            LotId.unwrap(warehouseReceipts.lotWithFingerprint(warehouse, terms.fingerprint)),
            LotId.unwrap(lotId),
            "found again"
        );
    }

    function test_lot_shows_its_stated_fields() public {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(5_000);
        terms.orderId = 7;
        (LotId lotId,) = _issue(terms);
        IWarehouseReceipts.Lot memory lot = warehouseReceipts.lot(lotId);
        assertEq(lot.warehouse, warehouse, "warehouse");
        assertTrue(lot.item == warehouseReceipts.itemOf(terms.sku, terms.grade, terms.unit), "item");
        assertTrue(lot.item == keccak256(abi.encode(terms.sku, terms.grade, terms.unit)), "as documented");
        assertTrue(lot.unit == "KGM", "unit");
        assertEq(lot.storedDay, terms.storedDay, "stored");
        assertEq(lot.expiryDay, terms.expiryDay, "good until");
        assertEq(lot.maxDepth, 8, "depth");
        assertTrue(lot.negotiable, "negotiable");
        assertTrue(lot.condition == IWarehouseReceipts.Condition.Sound, "sound");
        assertEq(lot.issued, 5_000, "issued");
        assertEq(uint256(lot.released) + lot.impaired, 0, "nothing left yet");
        assertEq(lot.counted, 5_000, "the warehouse says that all is there");
        assertTrue(!lot.short, "not short");
        assertEq(lot.orderId, 7, "order");
        assertTrue(lot.termsHash == keccak256(abi.encode(terms)), "hash of the terms");
    }

    function test_every_role_but_the_warehouse_is_refused() public {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(1);
        for (uint256 bit; bit < 16; ++bit) {
            if (1 << bit == WAREHOUSE || 1 << bit == 256) continue; // a contract of the ledger is one from the start
            _setRoles(warehouse, uint16(1 << bit));
            vm.expectRevert(
                abi.encodeWithSelector(IPartyRegistry.RoleMissing.selector, warehouse, WAREHOUSE, uint16(1 << bit))
            );
            vm.prank(warehouse);
            warehouseReceipts.issue(terms);
        }
    }

    function test_a_frozen_or_lapsed_warehouse_issues_nothing() public {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(1);
        _freeze(warehouse, true);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        vm.prank(warehouse);
        warehouseReceipts.issue(terms);
        _freeze(warehouse, false);
        _endValidity(warehouse);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        vm.prank(warehouse);
        warehouseReceipts.issue(terms);
    }

    function test_the_depositor_is_a_valid_party() public {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(1);
        terms.depositor = STRANGER;
        _refuses(terms, abi.encodeWithSelector(IPartyRegistry.PartyNotValid.selector, STRANGER, 0, 0, false));
        terms.depositor = depositor;
        _freeze(depositor, true);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        vm.prank(warehouse);
        warehouseReceipts.issue(terms);
    }

    function test_a_warehouse_cannot_issue_to_itself_nor_to_another_of_its_accounts() public {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(1);
        terms.depositor = warehouse;
        _refuses(terms, abi.encodeWithSelector(IWarehouseReceipts.SamePartyBothSides.selector, warehouse, warehouse));
        address second = vm.addr(777);
        _join(warehouse, 777);
        terms.depositor = second;
        _refuses(terms, abi.encodeWithSelector(IWarehouseReceipts.SamePartyBothSides.selector, warehouse, second));
    }

    function test_fingerprint_is_used_once_even_when_the_goods_are_gone() public {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(10);
        (LotId lotId, uint256 id) = _issue(terms);
        bytes memory used =
            abi.encodeWithSelector(IWarehouseReceipts.FingerprintUsed.selector, terms.fingerprint, lotId);
        _refuses(terms, used);
        _handOver(_ask(id, 10));
        _refuses(terms, used);
        // Nor by another account of the warehouse's party.
        address second = vm.addr(777);
        _join(warehouse, 777);
        vm.expectRevert(used);
        vm.prank(second);
        warehouseReceipts.issue(terms);
    }

    function test_a_fingerprint_that_another_warehouse_used_first_blocks_no_lot() public {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(10);
        vm.prank(otherWarehouse);
        (LotId copied,) = warehouseReceipts.issue(terms);
        (LotId own,) = _issue(terms);
        assertEq(
            LotId.unwrap(warehouseReceipts.lotWithFingerprint(otherWarehouse, terms.fingerprint)),
            LotId.unwrap(copied),
            "its"
        );
        assertEq(
            LotId.unwrap(warehouseReceipts.lotWithFingerprint(warehouse, terms.fingerprint)),
            LotId.unwrap(own),
            "and its"
        );
    }

    function test_a_warehouse_issues_nothing_to_a_party_of_its_group() public {
        PartyId first = registry.partyOf(warehouse);
        PartyId second = registry.partyOf(depositor);
        vm.startPrank(REGISTRAR);
        registry.setGroup(first, 7);
        registry.setGroup(second, 7);
        vm.stopPrank();
        _refuses(
            _lotTerms(1), abi.encodeWithSelector(IWarehouseReceipts.SamePartyBothSides.selector, warehouse, depositor)
        );
    }

    function test_issue_reverts_when_a_required_field_is_missing() public {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(1);
        terms.fingerprint = 0;
        _refuses(terms, abi.encodeWithSelector(IWarehouseReceipts.FingerprintMissing.selector));
        terms = _lotTerms(1);
        terms.sku = 0;
        _refuses(terms, _missing("sku"));
        terms = _lotTerms(1);
        terms.unit = 0;
        _refuses(terms, _missing("unit"));
        terms = _lotTerms(1);
        terms.documentRoot = 0;
        _refuses(terms, _missing("documentRoot"));
        terms = _lotTerms(1);
        terms.legalTextHash = 0;
        _refuses(terms, _missing("legalTextHash"));
        terms = _lotTerms(1);
        terms.grade = 0;
        _issue(terms);
    }

    function test_a_quantity_is_positive_and_fits_sixty_bits() public {
        uint96 max = 2 ** 60 - 1;
        _refuses(_lotTerms(0), _quantity(0, 1, max));
        _refuses(_lotTerms(max + 1), _quantity(max + 1, 1, max));
        (LotId lotId,) = _issued(max);
        assertEq(warehouseReceipts.lot(lotId).issued, max, "the most");
        _issued(1);
    }

    function test_an_order_s_number_fits_sixty_four_bits() public {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(1);
        terms.orderId = uint256(type(uint64).max) + 1;
        _refuses(terms, _quantity(terms.orderId, 0, type(uint64).max));
    }

    function test_issue_reverts_when_goods_are_stored_after_today() public {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(1);
        terms.storedDay = _today() + 1;
        _refuses(terms, _day("storedDay", terms.storedDay, 1, _today()));
        terms.storedDay = 0;
        _refuses(terms, _day("storedDay", 0, 1, _today()));
        terms.storedDay = _today();
        _issue(terms);
    }

    function test_issue_reverts_when_goods_are_expired_or_good_beyond_ten_years() public {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(1);
        (uint256 today, uint256 last) = (_today(), _today() + 3653);
        terms.expiryDay = uint32(today - 1);
        _refuses(terms, _day("expiryDay", today - 1, today, last));
        terms.expiryDay = uint32(last + 1);
        _refuses(terms, _day("expiryDay", last + 1, today, last));
        terms.expiryDay = uint32(last);
        _issue(terms);
        terms = _lotTerms(1);
        terms.expiryDay = uint32(today);
        _issue(terms);
    }

    function test_day_is_a_business_day_of_the_ledgers_time_zone() public {
        WarehouseReceipts east = _newWarehouseReceipts(registry, 8 hours);
        assertEq(east.zoneOffset(), 8 hours, "offset");
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(1);
        terms.storedDay = _today() + 1;
        vm.warp(uint256(_today()) * DAY + 16 hours - 1);
        vm.expectPartialRevert(IWarehouseReceipts.DayOutOfRange.selector);
        vm.prank(warehouse);
        east.issue(terms);
        vm.warp(block.timestamp + 1);
        vm.prank(warehouse);
        east.issue(terms);
    }

    function test_an_unknown_lot_is_named() public {
        vm.expectRevert(abi.encodeWithSelector(IWarehouseReceipts.LotUnknown.selector, 99));
        warehouseReceipts.lot(LotId.wrap(99));
        vm.expectRevert(abi.encodeWithSelector(IWarehouseReceipts.LotUnknown.selector, 99));
        warehouseReceipts.slotURI(99);
    }

    function test_issue_through_the_forwarder_is_by_the_signer() public {
        _party(vm.addr(778), WAREHOUSE);
        forwarder.execute(
            _intent(778, address(warehouseReceipts), abi.encodeCall(warehouseReceipts.issue, (_lotTerms(5))), 0)
        );
        assertEq(warehouseReceipts.lot(LotId.wrap(1)).warehouse, vm.addr(778), "the signer's lot");
    }

    function testFuzz_item_is_the_hash_of_goods_grade_and_unit(bytes32 sku, bytes16 grade, bytes3 unit, bytes32 other)
        public
    {
        vm.assume(sku != other);
        assertTrue(warehouseReceipts.itemOf(sku, grade, unit) == keccak256(abi.encode(sku, grade, unit)), "hash");
        assertTrue(
            warehouseReceipts.itemOf(sku, grade, unit) != warehouseReceipts.itemOf(other, grade, unit), "of the goods"
        );
    }

    function _refuses(IWarehouseReceipts.LotTerms memory terms, bytes memory why) private {
        vm.expectRevert(why);
        vm.prank(warehouse);
        warehouseReceipts.issue(terms);
    }

    function _missing(bytes32 field) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IWarehouseReceipts.FieldMissing.selector, field);
    }

    function _quantity(uint256 value, uint256 min, uint256 max) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IWarehouseReceipts.QuantityOutOfRange.selector, value, min, max);
    }

    function _day(bytes32 field, uint256 value, uint256 min, uint256 max) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IWarehouseReceipts.DayOutOfRange.selector, field, value, min, max);
    }
}
