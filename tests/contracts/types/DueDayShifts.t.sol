// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {DueDayShifts} from "contracts/types/DueDayShifts.sol";
import {Test} from "../support/Test.sol";

/// The shifts of the due days of up to 60 periods, four bits each.
contract DueDayShiftsTest is Test {
    uint256 private constant PERIODS = 60;

    function test_the_first_period_has_the_lowest_digit() public pure {
        DueDayShifts word = DueDayShifts.wrap(0).withDays(1, 1).withDays(2, 2).withDays(3, 12);
        assertEq(DueDayShifts.unwrap(word), 0xc21, "layout");
    }

    function testFuzz_each_period_gives_back_its_days(uint256 seed) public pure {
        DueDayShifts word = _shifts(seed);
        for (uint256 number = 1; number <= PERIODS; ++number) {
            assertEq(word.daysOf(number), _days(seed, number), "days");
        }
    }

    function testFuzz_later_periods_come_from_the_other_word(uint256 seed, uint256 laterSeed, uint256 kept)
        public
        pure
    {
        kept %= PERIODS + 1;
        DueDayShifts word = _shifts(seed).withLater(kept, _shifts(laterSeed));
        for (uint256 number = 1; number <= PERIODS; ++number) {
            assertEq(word.daysOf(number), _days(number <= kept ? seed : laterSeed, number), "days");
        }
    }

    function _shifts(uint256 seed) private pure returns (DueDayShifts word) {
        for (uint256 number = 1; number <= PERIODS; ++number) {
            word = word.withDays(number, _days(seed, number));
        }
    }

    function _days(uint256 seed, uint256 number) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, number))) % 13;
    }
}
