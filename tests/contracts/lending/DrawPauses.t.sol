// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDrawControl} from "../../../contracts/lending/IDrawControl.sol";
import {IFacilities} from "../../../contracts/lending/IFacilities.sol";
import {FacilityId} from "../../../contracts/types/Ids.sol";
import {LendingFixture} from "./LendingFixture.sol";

/// The hours of an announced draw are there for the lender to look at it: those in which draws are suspended do not count.
contract DrawPausesTest is LendingFixture {
    uint64 private constant FREE = 1_000;
    FacilityId private _facility;

    function setUp() public override {
        super.setUp();
        IFacilities.FacilityTerms memory terms = _facilityTerms(_add(_plainProduct()), 72_000, 100_000);
        terms.coolingOffAmount = FREE;
        terms.coolingOffHours = 24;
        _facility = _agree(terms);
    }

    /// Ten of 24 hours have passed when the lender suspends draws for 30 hours.
    function test_hours_of_a_suspension_do_not_count_for_an_announced_draw() public {
        uint40 start = uint40(block.timestamp);
        _announce(5_000);
        vm.warp(start + 10 hours);
        _suspend();
        vm.warp(start + 40 hours);
        vm.expectEmit(address(facilities));
        emit IDrawControl.DrawPostponed(_facility, 5_000, start + 54 hours, start + 54 hours + 7 days);
        _resume();
        _expectWaits(start + 54 hours);
        _bullet(_facility, 5_000, 30);
        // A second suspension adds its own hours.
        _suspend();
        vm.warp(start + 41 hours);
        _resume();
        vm.warp(start + 55 hours - 1);
        _expectWaits(start + 55 hours);
        _bullet(_facility, 5_000, 30);
        vm.warp(start + 55 hours);
        _bullet(_facility, 5_000, 30);
    }

    function test_draw_that_is_announced_during_a_suspension_waits_all_its_hours_after_it() public {
        _suspend();
        vm.warp(block.timestamp + 100 hours);
        _announce(5_000);
        vm.warp(block.timestamp + 30 hours);
        uint40 from = uint40(block.timestamp + 24 hours);
        _resume();
        assertEq(facilities.announcedDraw(_facility).drawableFrom, from, "24 hours from now on");
        vm.warp(from);
        _bullet(_facility, 5_000, 30);
    }

    /// Its hours were over before, or the lender allowed it meanwhile.
    function test_draw_that_waits_no_more_is_possible_once_draws_are_resumed() public {
        _announce(5_000);
        vm.warp(block.timestamp + 24 hours);
        _suspend();
        vm.warp(block.timestamp + 1 hours);
        _resume();
        _bullet(_facility, 5_000, 30);
        _announce(6_000);
        vm.warp(block.timestamp + 1 hours);
        _suspend();
        vm.warp(block.timestamp + 1 hours);
        vm.prank(bank);
        facilities.allowDraw(_facility, 6_000);
        vm.expectRevert(abi.encodeWithSelector(IDrawControl.FacilitySuspended.selector, _facility, 1));
        _bullet(_facility, 6_000, 30);
        _resume();
        _bullet(_facility, 6_000, 30);
    }

    function test_announcement_that_lapsed_during_a_suspension_stays_lapsed() public {
        _announce(5_000);
        _suspend();
        vm.warp(block.timestamp + 24 hours + 7 days);
        _resume();
        vm.expectRevert(abi.encodeWithSelector(IDrawControl.DrawNotAnnounced.selector, _facility, 5_000, FREE));
        _bullet(_facility, 5_000, 30);
        _announce(5_000);
        vm.warp(block.timestamp + 24 hours);
        _bullet(_facility, 5_000, 30);
    }

    // ------------------------------------------------------------------ helpers

    function _announce(uint64 amount) private {
        vm.prank(seller);
        facilities.announceDraw(_facility, amount);
    }

    function _suspend() private {
        vm.prank(bank);
        facilities.suspendDraws(_facility);
    }

    function _resume() private {
        vm.prank(bank);
        facilities.resumeDraws(_facility);
    }

    function _expectWaits(uint40 from) private {
        vm.expectRevert(abi.encodeWithSelector(IDrawControl.DrawWaits.selector, _facility, from, block.timestamp));
    }
}
