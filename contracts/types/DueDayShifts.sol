// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Days by which the due day of each of a loan's periods moves to a business day.
/// @dev Layout, from the lowest bit, for period n from 1 to 60:
///
///   bits                field               unit
///   4n-4 to 4n-1        the shift of n      days, at most 12
///   240-255             empty
///
/// Warning: a number of a period below 1 has no meaning here. The caller checks it.
type DueDayShifts is uint256;

uint256 constant BITS_A_PERIOD = 4;
uint256 constant SHIFT_MASK = 0xf;

/// @notice Days by which a due day moves.
/// @param word The word.
/// @param number The period, from 1.
/// @return Days.
function daysOf(DueDayShifts word, uint256 number) pure returns (uint256) {
    unchecked {
        return (DueDayShifts.unwrap(word) >> (BITS_A_PERIOD * (number - 1))) & SHIFT_MASK;
    }
}

/// @notice Sets the days by which a due day moves.
/// @param word The word, in which these bits are 0.
/// @param number The period, from 1.
/// @param value Days, at most 15.
/// @return The new word.
function withDays(DueDayShifts word, uint256 number, uint256 value) pure returns (DueDayShifts) {
    unchecked {
        return DueDayShifts.wrap(DueDayShifts.unwrap(word) | value << (BITS_A_PERIOD * (number - 1)));
    }
}

/// @notice The shifts of one word with those of later periods from another word.
/// @param word The word whose first periods stay.
/// @param periods How many periods stay.
/// @param later The word from which all later periods are taken.
/// @return The new word.
function withLater(DueDayShifts word, uint256 periods, DueDayShifts later) pure returns (DueDayShifts) {
    unchecked {
        uint256 first = (1 << (BITS_A_PERIOD * periods)) - 1;
        return DueDayShifts.wrap((DueDayShifts.unwrap(word) & first) | (DueDayShifts.unwrap(later) & ~first));
    }
}

using {daysOf, withDays, withLater} for DueDayShifts global;
