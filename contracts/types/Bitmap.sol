// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice A set of numbers from 0 to 255: bit n is 1 if n is in the set.
/// @dev A set of any numbers is an array or a mapping of such words. Number n is in word `wordOf(n)`, at the place
/// `placeOf(n)`:
///
///   bits of n  part
///   0-7        its place in the word
///   8-255      the number of the word
type Bitmap is uint256;

uint256 constant WORD_OFFSET = 8;
uint256 constant PLACE_MASK = 0xff;

/// @notice Whether a number is in the set.
/// @param bits The set.
/// @param place The number, at most 255.
/// @return True if its bit is 1.
function has(Bitmap bits, uint256 place) pure returns (bool) {
    return (Bitmap.unwrap(bits) >> place) & 1 == 1;
}

/// @notice A word in which only one bit is 1.
/// @param place The bit's number, at most 255.
/// @return The word.
function bitAt(uint256 place) pure returns (uint256) {
    return 1 << place;
}

/// @notice In which word of a large set a number is.
/// @param number The number.
/// @return The number of the word.
function wordOf(uint256 number) pure returns (uint256) {
    return number >> WORD_OFFSET;
}

/// @notice At which bit of its word a number of a large set is.
/// @param number The number.
/// @return The bit's number.
function placeOf(uint256 number) pure returns (uint256) {
    return number & PLACE_MASK;
}

using {has} for Bitmap global;
