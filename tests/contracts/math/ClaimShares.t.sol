// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ClaimShares} from "../../../contracts/math/ClaimShares.sol";
import {Test} from "../support/Test.sol";

/// The rounding of each division of ClaimShares, with numbers worked out by hand.
contract ClaimSharesTest is Test {
    uint256 private constant YEAR_OF_MILLIONTHS = 360 * 1_000_000;

    function test_both_weights_are_rounded_up_when_a_claim_is_divided() public pure {
        (uint128 part, uint128 rest) = ClaimShares.divideUp(10, 3, 1);
        assertEq(part, 4, "10 / 3, up");
        assertEq(rest, 7, "20 / 3, up");
        (part, rest) = ClaimShares.divideUp(10, 5, 2);
        assertEq(part, 4, "exact");
        assertEq(rest, 6, "exact");
        (part, rest) = ClaimShares.divideUp(10, 3, 3);
        assertEq(part, 10, "the whole");
        assertEq(rest, 0, "nothing stays");
    }

    function test_the_weight_that_burns_is_rounded_down() public pure {
        assertEq(ClaimShares.burnedDown(10, 3, 1), 3, "10 / 3, down");
        assertEq(ClaimShares.burnedDown(10, 3, 2), 6, "20 / 3, down");
        assertEq(ClaimShares.burnedDown(10, 3, 3), 10, "all of it");
    }

    function test_what_may_be_collected_is_rounded_down() public pure {
        assertEq(ClaimShares.collectableDown(10, 1, 10, 3), 6, "10 less 10 / 3, up");
        assertEq(ClaimShares.collectableDown(3, 1, 10, 3), 0, "never below zero");
        assertEq(ClaimShares.collectableDown(10, 1, 0, 3), 10, "all of a settled debt");
    }

    function test_the_rise_of_the_late_index_is_rounded_down() public pure {
        assertEq(ClaimShares.lateIndexRiseDown(1, 3), (uint256(1) << 174) / 3, "a third of a unit");
        assertEq(ClaimShares.lateIndexRiseDown(1, 3) * 3, (uint256(1) << 174) - 1, "one unit of 2^174 is lost, not won");
    }

    function test_late_shares_are_stored_in_fractions_and_rounded_down() public pure {
        uint256 rise = ClaimShares.lateIndexRiseDown(1, 3);
        assertEq(ClaimShares.lateShareDown(1, rise), (uint256(1) << 80) / 3, "a third of a cent");
        assertEq(ClaimShares.lateShareDown(1, (1 << 94) - 1), 0, "less than the least fraction is none");
        assertEq(ClaimShares.lateShareDown(1, 1 << 94), 1, "the least fraction");
        assertEq(ClaimShares.wholeDown(ClaimShares.fine(7)), 7, "whole cents");
        assertEq(ClaimShares.wholeDown(ClaimShares.fine(7) - 1), 6, "a cent that is not complete is none");
    }

    function test_the_late_charge_is_rounded_half_up() public pure {
        assertEq(ClaimShares.lateChargeHalfUp(YEAR_OF_MILLIONTHS / 2 - 1), 0, "below half");
        assertEq(ClaimShares.lateChargeHalfUp(YEAR_OF_MILLIONTHS / 2), 1, "half");
        assertEq(ClaimShares.lateChargeHalfUp(YEAR_OF_MILLIONTHS * 3 / 2), 2, "one and a half");
    }

    function test_the_burned_share_of_the_unpaid_charge_falls_away_rounded_down() public pure {
        uint128 accrued = uint128(YEAR_OF_MILLIONTHS * 10);
        assertEq(ClaimShares.accruedAfterCreditUp(accrued, 4, 1, 2), YEAR_OF_MILLIONTHS * 7, "half of six");
        assertEq(ClaimShares.accruedAfterCreditUp(accrued, 4, 2, 2), YEAR_OF_MILLIONTHS * 4, "all that is unpaid");
        assertEq(ClaimShares.accruedAfterCreditUp(accrued, 10, 1, 2), accrued, "nothing is unpaid");
        assertEq(ClaimShares.accruedAfterCreditUp(10, 0, 1, 3), 7, "10 / 3, down");
    }
}
