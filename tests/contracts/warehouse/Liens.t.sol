// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IWarehouseReceipts} from "../../../contracts/warehouse/IWarehouseReceipts.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {ISplittableToken} from "../../../contracts/tokens/ISplittableToken.sol";
import {LotId, PartyId} from "../../../contracts/types/Ids.sol";
import {WarehouseReceiptsFixture} from "./WarehouseReceiptsFixture.sol";

/// What may back a new lien: goods that are good and there, in a warehouse that may store them.
contract LiensTest is WarehouseReceiptsFixture {
    LotId private _lot;
    uint256 private _id;

    function setUp() public override {
        super.setUp();
        (_lot, _id) = _issued(1_000);
    }

    function test_an_encumbered_warehouse_receipt_is_moved_by_its_lienholder_alone() public {
        _encumber(_id, bank);
        assertEq(_lienholderOf(_id), bank, "lienholder");
        vm.expectRevert(abi.encodeWithSelector(ISplittableToken.TokenEncumbered.selector, _id, bank));
        vm.prank(depositor);
        warehouseReceipts.assign(_id, buyer, 1_000, 0);
        vm.prank(bank);
        warehouseReceipts.assign(_id, buyer, 1_000, 0);
        assertEq(_holderOf(_id), buyer, "moved");
    }

    function test_lienholder_releases_part_of_the_goods() public {
        _encumber(_id, bank);
        vm.prank(bank);
        uint256 free = warehouseReceipts.assign(_id, depositor, 400, 0);
        assertEq(_lienholderOf(free), address(0), "free");
        assertEq(_lienholderOf(_id), bank, "the rest is not");
        _handOver(_ask(free, 400));
    }

    function test_encumber_reverts_when_the_goods_are_expired() public {
        uint32 last = warehouseReceipts.lot(_lot).expiryDay;
        vm.warp(uint256(last) * DAY + DAY - 1);
        _encumber(_id, bank);
        (, uint256 other) = _issuedEarlier(last);
        vm.warp(block.timestamp + 1);
        _refused(other, abi.encodeWithSelector(IWarehouseReceipts.LotExpired.selector, 2, last, last + 1));
    }

    function test_encumber_reverts_when_the_goods_are_not_sound() public {
        IWarehouseReceipts.Condition[2] memory conditions =
            [IWarehouseReceipts.Condition.Reduced, IWarehouseReceipts.Condition.Unfit];
        for (uint256 i; i < 2; ++i) {
            _inspect(_lot, conditions[i]);
            _refused(_id, abi.encodeWithSelector(IWarehouseReceipts.LotNotSound.selector, _lot, conditions[i]));
        }
        _inspect(_lot, IWarehouseReceipts.Condition.Sound);
        _encumber(_id, bank);
    }

    function test_an_unfit_lot_stays_under_its_liens() public {
        _encumber(_id, bank);
        _inspect(_lot, IWarehouseReceipts.Condition.Unfit);
        assertEq(_lienholderOf(_id), bank, "the lien stands");
        vm.prank(bank);
        warehouseReceipts.release(_id);
        assertEq(_lienholderOf(_id), address(0), "and can fall");
    }

    function test_an_operator_stops_new_liens_of_a_warehouse_and_of_no_other() public {
        vm.prank(OPERATOR);
        warehouseReceipts.stopNewLiens(warehouse, true, DOCUMENTS);
        assertTrue(warehouseReceipts.standing(warehouse).stopped, "stopped");
        _refused(_id, abi.encodeWithSelector(IWarehouseReceipts.NewLiensAreStopped.selector, warehouse));
        assertTrue(!warehouseReceipts.standing(otherWarehouse).stopped, "the other is not");
        vm.prank(depositor);
        warehouseReceipts.assign(_id, buyer, 1_000, 0);
        vm.prank(OPERATOR);
        warehouseReceipts.stopNewLiens(warehouse, false, DOCUMENTS);
        _encumber(_id, bank);
    }

    function test_stop_applies_to_every_account_of_the_warehouse() public {
        _join(warehouse, 777);
        vm.prank(OPERATOR);
        warehouseReceipts.stopNewLiens(warehouse, true, DOCUMENTS);
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(10);
        vm.prank(vm.addr(777));
        warehouseReceipts.issue(terms);
        _refused(2, abi.encodeWithSelector(IWarehouseReceipts.NewLiensAreStopped.selector, vm.addr(777)));
    }

    function test_only_the_operator_stops_new_liens() public {
        address[6] memory others = [REGISTRAR, FIRST_REGULATOR, CASH_ISSUER, warehouse, depositor, STRANGER];
        for (uint256 i; i < 6; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, others[i]));
            vm.prank(others[i]);
            warehouseReceipts.stopNewLiens(warehouse, true, 0);
        }
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.AccountUnknown.selector, STRANGER));
        vm.prank(OPERATOR);
        warehouseReceipts.stopNewLiens(STRANGER, true, 0);
    }

    function test_encumber_reverts_when_the_warehouse_may_no_longer_store_the_goods() public {
        _freeze(warehouse, true);
        _refused(_id, _notValid(type(uint64).max, true));
        _freeze(warehouse, false);
        PartyId party = registry.partyOf(warehouse);
        vm.prank(FIRST_REGULATOR);
        court.hold(party, "order");
        _refused(_id, _notValid(type(uint64).max, true));
        vm.prank(FIRST_REGULATOR);
        court.liftHold(party);
        _setRoles(warehouse, 1);
        _refused(_id, abi.encodeWithSelector(IPartyRegistry.RoleMissing.selector, warehouse, WAREHOUSE, 1));
        _setRoles(warehouse, WAREHOUSE);
        _endValidity(warehouse);
        _refused(_id, _notValid(uint64(block.timestamp), false));
    }

    function test_only_the_court_moves_a_warehouse_receipt_without_its_holder_or_lienholder() public {
        _encumber(_id, bank);
        address[6] memory others = [REGISTRAR, FIRST_REGULATOR, CASH_ISSUER, OPERATOR, warehouse, address(this)];
        for (uint256 i; i < 6; ++i) {
            vm.startPrank(others[i]);
            vm.expectRevert();
            warehouseReceipts.forcedTransfer(_id, buyer, 1_000, 0);
            vm.expectRevert();
            warehouseReceipts.assign(_id, buyer, 1_000, 0);
            vm.expectRevert();
            warehouseReceipts.release(_id);
            vm.stopPrank();
        }
        _order(
            address(warehouseReceipts), abi.encodeCall(warehouseReceipts.forcedTransfer, (_id, buyer, 1_000, "order"))
        );
        assertEq(_holderOf(_id), buyer, "moved");
        assertEq(_lienholderOf(_id), bank, "and the lien with it");
    }

    // ------------------------------------------------------------------ counts of stock

    function test_encumber_reverts_while_a_lot_of_the_warehouse_is_short() public {
        (LotId other, uint256 otherId) = _issued(500);
        _count(_lot, 999);
        assertTrue(warehouseReceipts.lot(_lot).short, "short");
        assertEq(_shortLots(), 1, "one");
        bytes memory why = abi.encodeWithSelector(IWarehouseReceipts.StockDiffers.selector, warehouse, 1);
        _refused(_id, why);
        _refused(otherId, why);
        _count(other, 0);
        assertEq(_shortLots(), 2, "two");
        _count(_lot, 1_000);
        _count(other, 501);
        assertEq(_shortLots(), 0, "none");
        assertTrue(!warehouseReceipts.lot(other).short, "more is not less");
        _encumber(_id, bank);
        _encumber(otherId, bank);
    }

    function test_the_same_count_twice_counts_a_short_lot_once() public {
        _count(_lot, 1);
        _count(_lot, 1);
        _count(_lot, 2);
        assertEq(_shortLots(), 1, "one");
        (LotId[] memory lots, uint96[] memory quantities) = (new LotId[](3), new uint96[](3));
        (lots[0], lots[1], lots[2]) = (_lot, _lot, _lot);
        (quantities[0], quantities[1], quantities[2]) = (0, 1_000, 1);
        vm.prank(warehouse);
        warehouseReceipts.count(lots, quantities, _today(), DOCUMENTS);
        assertEq(_shortLots(), 1, "the last of three");
        assertEq(warehouseReceipts.lot(_lot).counted, 1, "counted");
    }

    function test_released_goods_reduce_the_count() public {
        _handOver(_ask(_id, 300));
        assertEq(warehouseReceipts.lot(_lot).counted, 700, "after a release");
        _impair(_id, 200);
        assertEq(warehouseReceipts.lot(_lot).counted, 500, "after a loss");
        assertEq(_shortLots(), 0, "not short");
        _count(_lot, 600);
        _impair(_id, 100);
        assertEq(warehouseReceipts.lot(_lot).counted, 500, "a surplus stays");
    }

    function test_short_lot_stays_short_until_it_is_counted_again_or_empty() public {
        _count(_lot, 900);
        _impair(_id, 100);
        assertTrue(warehouseReceipts.lot(_lot).short, "what was lost need not be what was missing");
        _handOver(_ask(_id, 850));
        assertEq(warehouseReceipts.lot(_lot).counted, 0, "never below nothing");
        assertEq(_shortLots(), 1, "50 outstanding, none counted");
        _impair(_id, 50);
        assertEq(_shortLots(), 0, "empty");
        assertTrue(!warehouseReceipts.lot(_lot).short, "empty");
        (LotId other, uint256 otherId) = _issued(1_000);
        _count(other, 900);
        _impair(otherId, 100);
        _count(other, 900);
        assertEq(_shortLots(), 0, "counted anew");
    }

    function test_count_reverts_for_unknown_lots_and_missing_quantities() public {
        (LotId[] memory lots, uint96[] memory quantities) = _one(_lot, 1);
        uint32 today = _today();
        vm.startPrank(warehouse);
        vm.expectRevert(abi.encodeWithSelector(IWarehouseReceipts.LengthsDiffer.selector, 1, 2));
        warehouseReceipts.count(lots, new uint96[](2), today, 0);
        vm.expectRevert(abi.encodeWithSelector(IWarehouseReceipts.LotUnknown.selector, 0));
        warehouseReceipts.count(new LotId[](1), quantities, today, 0);
        quantities[0] = 2 ** 60;
        vm.expectRevert(abi.encodeWithSelector(IWarehouseReceipts.QuantityOutOfRange.selector, 2 ** 60, 0, 2 ** 60 - 1));
        warehouseReceipts.count(lots, quantities, today, 0);
        vm.stopPrank();
    }

    function test_count_reverts_for_a_day_on_which_the_goods_were_not_stored() public {
        (LotId[] memory lots, uint96[] memory quantities) = _one(_lot, 1);
        (uint32 first, uint32 today) = (warehouseReceipts.lot(_lot).storedDay, _today());
        vm.startPrank(warehouse);
        vm.expectRevert(_day(today + 1, first, today));
        warehouseReceipts.count(lots, quantities, today + 1, 0);
        vm.expectRevert(_day(first - 1, first, today));
        warehouseReceipts.count(lots, quantities, first - 1, 0);
        warehouseReceipts.count(lots, quantities, first, 0);
        vm.stopPrank();
    }

    function test_another_warehouse_s_lot_fails_the_whole_count() public {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(10);
        vm.prank(otherWarehouse);
        (LotId other,) = warehouseReceipts.issue(terms);
        (LotId[] memory lots, uint96[] memory quantities) = (new LotId[](2), new uint96[](2));
        (lots[0], lots[1]) = (_lot, other);
        uint32 today = _today();
        vm.expectRevert(
            abi.encodeWithSelector(IWarehouseReceipts.NotWarehouse.selector, other, otherWarehouse, warehouse)
        );
        vm.prank(warehouse);
        warehouseReceipts.count(lots, quantities, today, 0);
        assertEq(_shortLots(), 0, "nothing was counted");
    }

    function testFuzz_lot_is_short_when_counted_below_outstanding(uint96 issued, uint96 counted, uint96 gone) public {
        issued = uint96(bound(issued, 2, 2 ** 60 - 1));
        counted = uint96(bound(counted, 0, 2 ** 60 - 1));
        gone = uint96(bound(gone, 1, issued - 1));
        (LotId lotId, uint256 id) = _issued(issued);
        _count(lotId, counted);
        assertTrue(warehouseReceipts.lot(lotId).short == (counted < issued), "when counted");
        assertEq(_shortLots(), counted < issued ? 1 : 0, "number");
        _handOver(_ask(id, gone));
        assertTrue(warehouseReceipts.lot(lotId).short == (counted < issued), "a release changes nothing of it");
        assertEq(warehouseReceipts.lot(lotId).counted, counted > gone ? counted - gone : 0, "less what left");
        assertEq(_shortLots(), counted < issued ? 1 : 0, "number afterwards");
    }

    function _issuedEarlier(uint32 expiryDay) private returns (LotId lotId, uint256 id) {
        IWarehouseReceipts.LotTerms memory terms = _lotTerms(10);
        terms.expiryDay = expiryDay;
        return _issue(terms);
    }

    function _refused(uint256 id, bytes memory why) private {
        vm.expectRevert(why);
        vm.prank(depositor);
        warehouseReceipts.encumber(id, bank);
    }

    function _notValid(uint64 validUntil, bool frozen) private view returns (bytes memory) {
        return abi.encodeWithSelector(
            IPartyRegistry.PartyNotValid.selector, warehouse, registry.partyOf(warehouse), validUntil, frozen
        );
    }

    function _day(uint256 value, uint256 min, uint256 max) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IWarehouseReceipts.DayOutOfRange.selector, bytes32("asOfDay"), value, min, max);
    }
}
