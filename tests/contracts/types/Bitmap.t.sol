// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {bitAt, Bitmap, placeOf, wordOf} from "contracts/types/Bitmap.sol";
import {Test} from "../support/Test.sol";

/// A set of numbers, in one word or in many.
contract BitmapTest is Test {
    mapping(uint256 word => uint256) private _words;

    function testFuzz_set_contains_exactly_what_was_added(uint8 first, uint8 second, uint8 other) public pure {
        Bitmap bits = Bitmap.wrap(bitAt(first) | bitAt(second));
        assertTrue(bits.has(first), "first");
        assertTrue(bits.has(second), "second");
        assertTrue(bits.has(other) == (other == first || other == second), "other");
    }

    function testFuzz_two_numbers_of_a_large_set_never_share_a_bit(uint256 number, uint256 other) public {
        _words[wordOf(number)] |= bitAt(placeOf(number));
        assertTrue(Bitmap.wrap(_words[wordOf(number)]).has(placeOf(number)), "number");
        assertTrue(Bitmap.wrap(_words[wordOf(other)]).has(placeOf(other)) == (number == other), "other");
        assertEq(wordOf(number) * 256 + placeOf(number), number, "word and place");
    }

    function testFuzz_neighbours_in_a_large_set_never_share_a_bit(uint256 number, uint16 distance) public {
        testFuzz_two_numbers_of_a_large_set_never_share_a_bit(number, number ^ distance);
    }
}
