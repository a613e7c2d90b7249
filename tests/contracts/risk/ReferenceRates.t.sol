// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {IReferenceRates} from "../../../contracts/risk/IReferenceRates.sol";
import {PartyId} from "../../../contracts/types/Ids.sol";
import {FloatingFixture} from "../lending/FloatingFixture.sol";

/// Reference rates: two appraisers, no gap, no way back.
contract ReferenceRatesTest is FloatingFixture {
    uint24 private _day;

    function setUp() public override {
        super.setUp();
        _day = _today();
    }

    // ------------------------------------------------------------------ posting

    function test_rate_is_in_force_once_another_appraiser_confirms_it() public {
        IReferenceRates.Rate memory rate = _rateOf(_day, _day + 9, 35_000);
        vm.prank(FIRST);
        rates.post(rate);
        vm.expectRevert(abi.encodeWithSelector(IReferenceRates.RateMissing.selector, LPR, _day));
        rates.rateOn(LPR, _day);
        vm.expectRevert(abi.encodeWithSelector(IReferenceRates.SecondAppraiserNeeded.selector, LPR, FIRST));
        vm.prank(FIRST);
        rates.confirm(rate);
        IReferenceRates.Rate memory other = _rateOf(_day, _day + 9, 35_001);
        vm.expectPartialRevert(IReferenceRates.RateProposalDiffers.selector);
        vm.prank(SECOND);
        rates.confirm(other);
        vm.prank(SECOND);
        rates.confirm(rate);
        (IReferenceRates.Period memory period, address[] memory appraisers) = rates.rateOn(LPR, _day + 9);
        assertTrue(period.rate == 35_000, "rate");
        assertEq(appraisers.length, 2, "two appraisers");
        assertEq(rates.proposals(LPR).length, 0, "nothing waits");
        assertEq(rates.listing(LPR).nextDay, _day + 10, "the next period");
    }

    function test_periods_follow_each_other_and_never_change() public {
        _publish(_day, _day + 9, 35_000);
        _days(9);
        _refusedDay(_rateOf(_day + 9, _day + 20, 36_000), "fromDay", _day + 9, _day + 10, _day + 10);
        _refusedDay(_rateOf(_day, _day + 9, 36_000), "fromDay", _day, _day + 10, _day + 10);
        _refusedDay(_rateOf(_day + 10, _day + 20, 36_000), "fromDay", _day + 10, 1, _day + 9);
        _days(2);
        _refusedDay(_rateOf(_day + 11, _day + 20, 36_000), "fromDay", _day + 11, _day + 10, _day + 10);
        _publish(_day + 10, _day + 20, 36_000);
        (IReferenceRates.Period memory period,) = rates.rateOn(LPR, _day + 9);
        assertTrue(period.rate == 35_000, "the first period");
        (period,) = rates.rateOn(LPR, _day + 10);
        assertTrue(period.rate == 36_000, "the second period");
    }

    function testFuzz_rate_of_a_day_is_that_of_its_period(uint8 count, uint16 asked) public {
        count = uint8(bound(count, 1, 40));
        _days(400);
        for (uint24 i; i < count; ++i) {
            _publish(_day + 7 * i, _day + 7 * i + 6, int24(i));
        }
        uint24 day = _day + uint24(bound(asked, 0, uint256(count) * 7 - 1));
        (IReferenceRates.Period memory period,) = rates.rateOn(LPR, day);
        assertTrue(period.rate == int24((day - _day) / 7), "rate");
        vm.expectPartialRevert(IReferenceRates.RateMissing.selector);
        rates.rateOn(LPR, _day + uint24(count) * 7);
        vm.expectPartialRevert(IReferenceRates.RateMissing.selector);
        rates.rateOn(LPR, _day - 1);
    }

    function test_step_beyond_the_bound_is_refused() public {
        _publish(_day, _day, 35_000);
        _days(1);
        IReferenceRates.Rate memory rate = _rateOf(_day + 1, _day + 1, 55_001);
        vm.expectRevert(abi.encodeWithSelector(IReferenceRates.RateSteps.selector, LPR, 35_000, 55_001, 20_000));
        vm.prank(FIRST);
        rates.post(rate);
        rate.rate = 14_999;
        vm.expectRevert(abi.encodeWithSelector(IReferenceRates.RateSteps.selector, LPR, 35_000, 14_999, 20_000));
        vm.prank(FIRST);
        rates.post(rate);
        _publish(_day + 1, _day + 1, 15_000);
        _days(1);
        _publish(_day + 2, _day + 2, -5_000);
    }

    function test_bounds_of_a_rate_are_checked() public {
        _refusedDay(_rateOf(_day, _day - 1, 0), "lastDay", _day - 1, _day, _day + 59);
        _refusedDay(_rateOf(_day, _day + 60, 0), "lastDay", _day + 60, _day, _day + 59);
        _refused(_rateOf(_day, _day, 1_000_001), "rate", 1_000_001, -1_000_000, 1_000_000);
        _refused(_rateOf(_day, _day, -1_000_001), "rate", -1_000_001, -1_000_000, 1_000_000);
        IReferenceRates.Rate memory rate = _rateOf(_day, _day, 0);
        rate.code = "EURIBOR";
        vm.expectRevert(abi.encodeWithSelector(IReferenceRates.ReferenceUnknown.selector, rate.code));
        vm.prank(FIRST);
        rates.post(rate);
    }

    function test_only_appraisers_post_and_confirm() public {
        IReferenceRates.Rate memory rate = _rateOf(_day, _day, 0);
        vm.expectPartialRevert(IPartyRegistry.RoleMissing.selector);
        vm.prank(bank);
        rates.post(rate);
        vm.prank(FIRST);
        rates.post(rate);
        vm.expectPartialRevert(IPartyRegistry.RoleMissing.selector);
        vm.prank(bank);
        rates.confirm(rate);
    }

    function test_appraisers_under_one_control_do_not_confirm_each_other() public {
        vm.startPrank(REGISTRAR);
        registry.setGroup(registry.partyOf(FIRST), 7);
        registry.setGroup(registry.partyOf(SECOND), 7);
        vm.stopPrank();
        IReferenceRates.Rate memory rate = _rateOf(_day, _day, 0);
        vm.prank(FIRST);
        rates.post(rate);
        vm.expectRevert(abi.encodeWithSelector(IReferenceRates.SecondAppraiserNeeded.selector, LPR, FIRST));
        vm.prank(SECOND);
        rates.confirm(rate);
    }

    function test_proposal_of_a_party_that_is_no_appraiser_any_more_does_not_count() public {
        IReferenceRates.Rate memory rate = _rateOf(_day, _day, 0);
        vm.prank(FIRST);
        rates.post(rate);
        PartyId first = registry.partyOf(FIRST);
        vm.prank(REGISTRAR);
        registry.setRoles(first, 4);
        vm.expectRevert(abi.encodeWithSelector(IReferenceRates.RateProposerGone.selector, LPR, FIRST));
        vm.prank(SECOND);
        rates.confirm(rate);
    }

    function test_proposal_is_replaced_or_withdrawn_by_its_party() public {
        vm.prank(FIRST);
        rates.post(_rateOf(_day, _day, 1));
        vm.prank(FIRST);
        rates.post(_rateOf(_day, _day, 2));
        assertEq(rates.proposals(LPR).length, 1, "one for each party");
        vm.prank(FIRST);
        rates.withdraw(LPR);
        vm.expectRevert(abi.encodeWithSelector(IReferenceRates.NoRateProposed.selector, LPR));
        vm.prank(FIRST);
        rates.withdraw(LPR);
        IReferenceRates.Rate memory rate = _rateOf(_day, _day, 2);
        vm.expectRevert(abi.encodeWithSelector(IReferenceRates.NoRateProposed.selector, LPR));
        vm.prank(SECOND);
        rates.confirm(rate);
    }

    function test_further_appraiser_stands_behind_a_rate_once() public {
        _publish(_day, _day, 35_000);
        IReferenceRates.Rate memory rate = _rateOf(_day, _day, 35_000);
        vm.prank(THIRD);
        rates.confirm(rate);
        (, address[] memory appraisers) = rates.rateOn(LPR, _day);
        assertEq(appraisers.length, 3, "three appraisers");
        vm.expectRevert(abi.encodeWithSelector(IReferenceRates.SecondAppraiserNeeded.selector, LPR, THIRD));
        vm.prank(THIRD);
        rates.confirm(rate);
        address[] memory parties = new address[](3);
        (parties[0], parties[1]) = (FIRST, SECOND);
        vm.expectRevert(abi.encodeWithSelector(IReferenceRates.RateNotIndependent.selector, LPR, _day, 1));
        rates.rateFor(LPR, _day, parties);
        parties[1] = address(0);
        assertTrue(rates.rateFor(LPR, _day, parties) == 35_000, "two are independent");
    }

    // ------------------------------------------------------------------ listing

    function test_change_of_bounds_needs_two_operators() public {
        vm.prank(OPERATOR);
        rates.list(LPR, 30_000, 31);
        assertEq(rates.listing(LPR).maxStep, 20_000, "proposed only");
        vm.prank(OPERATOR);
        rates.list(LPR, 30_000, 31);
        assertEq(rates.listing(LPR).maxStep, 20_000, "the same operator");
        vm.prank(SECOND_OPERATOR);
        rates.list(LPR, 30_000, 31);
        assertEq(rates.listing(LPR).maxStep, 30_000, "agreed");
        assertEq(rates.listing(LPR).maxDays, 31, "agreed");
    }

    function test_listing_is_the_operators_and_within_bounds() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, bank));
        vm.prank(bank);
        rates.list("EURIBOR-3M", 20_000, 60);
        vm.startPrank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IReferenceRates.ReferenceUnknown.selector, bytes16(0)));
        rates.list(bytes16(0), 20_000, 60);
        vm.expectPartialRevert(IReferenceRates.RateOutOfRange.selector);
        rates.list("EURIBOR 3M", 20_000, 60);
        vm.expectPartialRevert(IReferenceRates.RateOutOfRange.selector);
        rates.list("EURIBOR-3M", 0, 60);
        vm.expectPartialRevert(IReferenceRates.RateOutOfRange.selector);
        rates.list("EURIBOR-3M", 1_000_001, 60);
        vm.expectPartialRevert(IReferenceRates.RateOutOfRange.selector);
        rates.list("EURIBOR-3M", 20_000, 401);
        vm.stopPrank();
    }

    function _refused(IReferenceRates.Rate memory rate, bytes32 value, int256 provided, int256 min, int256 max)
        private
    {
        vm.expectRevert(abi.encodeWithSelector(IReferenceRates.RateOutOfRange.selector, value, provided, min, max));
        vm.prank(FIRST);
        rates.post(rate);
    }

    function _refusedDay(IReferenceRates.Rate memory rate, bytes32 term, uint256 day, uint256 min, uint256 max)
        private
    {
        _refused(rate, term, int256(day), int256(min), int256(max));
    }
}
