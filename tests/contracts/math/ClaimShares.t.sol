// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ClaimShares} from "../../../contracts/math/ClaimShares.sol";
import {Test} from "../support/Test.sol";

/// Which way each division of weights and late money is rounded: what all holders may collect never exceeds what came in.
contract ClaimSharesTest is Test {
    uint128 private constant WHOLE = ClaimShares.WHOLE;
    uint256 private constant YEAR = 360 * 1_000_000;

    function test_both_weights_are_rounded_up_when_a_claim_is_divided() public pure {
        (uint128 part, uint128 rest) = ClaimShares.divideUp(10, 3, 1);
        assertEq(part, 4, "a third of ten");
        assertEq(rest, 7, "two thirds of ten");
    }

    function test_weights_are_exact_where_nothing_is_to_be_rounded() public pure {
        (uint128 part, uint128 rest) = ClaimShares.divideUp(12, 3, 1);
        assertEq(part, 4, "part");
        assertEq(rest, 8, "rest");
    }

    function test_the_whole_takes_all_the_weight() public pure {
        (uint128 part, uint128 rest) = ClaimShares.divideUp(7, 3, 3);
        assertEq(part, 7, "whole");
        assertEq(rest, 0, "nothing stays");
    }

    function testFuzz_parts_weigh_at_least_the_whole_and_less_than_two_more(uint128 weight, uint96 value, uint96 part)
        public
        pure
    {
        weight = uint128(bound(weight, 1, WHOLE));
        value = uint96(bound(value, 1, ClaimShares.MAX_AMOUNT));
        part = uint96(bound(part, 1, value));
        (uint128 taken, uint128 rest) = ClaimShares.divideUp(weight, value, part);
        uint256 sum = uint256(taken) + rest;
        assertTrue(sum >= weight && sum < uint256(weight) + 2, "sum of the weights");
        assertTrue(uint256(taken) * value >= uint256(weight) * part, "the part never weighs too little");
        assertTrue(uint256(rest) * value >= uint256(weight) * (value - part), "nor does the rest");
    }

    function test_burned_weight_is_rounded_down() public pure {
        assertEq(ClaimShares.burnedDown(10, 3, 1), 3, "a third of ten");
        assertEq(ClaimShares.burnedDown(10, 3, 3), 10, "the whole");
    }

    function test_late_index_rises_rounded_down() public pure {
        // 2^174 / 3 is no whole number.
        assertEq(ClaimShares.lateIndexRiseDown(1, 3), uint256(1 << 174) / 3, "rise");
        assertEq(ClaimShares.lateIndexRiseDown(1, WHOLE), 1 << 47, "exact");
    }

    function test_late_share_is_rounded_down() public pure {
        uint256 cent = ClaimShares.lateIndexRiseDown(1, WHOLE);
        assertEq(ClaimShares.lateShareDown(WHOLE, cent), 1, "all of a cent");
        assertEq(ClaimShares.lateShareDown(WHOLE - 1, cent), 0, "nearly all of a cent");
        assertEq(ClaimShares.lateShareDown(WHOLE, cent * 3 / 2), 1, "a cent and a half");
    }

    function testFuzz_late_shares_never_exceed_what_was_paid(uint96 amount, uint128 first, uint128 second) public pure {
        amount = uint96(bound(amount, 1, ClaimShares.MAX_AMOUNT));
        first = uint128(bound(first, 1, WHOLE / 2));
        second = uint128(bound(second, 1, WHOLE / 2));
        uint256 rise = ClaimShares.lateIndexRiseDown(amount, first + second);
        uint256 shares = uint256(ClaimShares.lateShareDown(first, rise)) + ClaimShares.lateShareDown(second, rise);
        assertTrue(shares <= amount, "no more than was paid");
        assertTrue(shares + 2 >= amount, "nearly all that was paid");
    }

    function test_late_charge_is_rounded_to_the_nearest_cent_a_half_up() public pure {
        assertEq(ClaimShares.lateChargeHalfUp(YEAR / 2 - 1), 0, "below a half");
        assertEq(ClaimShares.lateChargeHalfUp(YEAR / 2), 1, "a half");
        assertEq(ClaimShares.lateChargeHalfUp(YEAR), 1, "one");
        assertEq(ClaimShares.lateChargeHalfUp(YEAR + YEAR / 2 - 1), 1, "below one and a half");
    }

    function test_collectable_is_rounded_down_against_the_unpaid_part() public pure {
        // Two thirds of 10 are unpaid: 6.67, so that 3 of 10 may be collected.
        assertEq(ClaimShares.collectableDown(10, 2, 10, 3), 3, "rounded down");
        assertEq(ClaimShares.collectableDown(10, 3, 10, 3), 0, "all is unpaid");
        assertEq(ClaimShares.collectableDown(6, 2, 10, 3), 0, "less is outstanding than is unpaid");
        assertEq(ClaimShares.collectableDown(10, 3, 0, 3), 10, "nothing is unpaid");
    }
}
