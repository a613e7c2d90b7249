// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {Calendar} from "../math/Calendar.sol";

/// @title Numbers, days and code words as people read them. No state.
/// @notice Writes what the pages of tokens show.
/// @dev No text from here needs escaping in JSON or XML: digits, separators, and words that `isWord` accepts.
library PageText {
    using Strings for uint256;

    uint256 private constant MAX_WORD = 16;
    uint256 private constant BYTE_BITS = 8;
    uint256 private constant WORD_BYTES = 32;

    /// @notice A number with `digits` behind the point and separated thousands: 1250000 with two digits is "12,500.00".
    /// @param value The number, in units of its last digit.
    /// @param digits Digits behind the point, at most 77.
    /// @return The text.
    function grouped(uint256 value, uint256 digits) internal pure returns (string memory) {
        uint256 unit = 10 ** digits;
        bytes memory whole = bytes((value / unit).toString());
        uint256 commas = (whole.length - 1) / 3;
        bytes memory text = new bytes(whole.length + commas + (digits == 0 ? 0 : digits + 1));
        uint256 end;
        for (uint256 i; i < whole.length; ++i) {
            if (i != 0 && (whole.length - i) % 3 == 0) text[end++] = ",";
            text[end++] = whole[i];
        }
        if (digits != 0) text[end] = ".";
        uint256 fraction = value % unit;
        for (uint256 i = text.length; i > end + 1; fraction /= 10) {
            text[--i] = bytes1(uint8(48 + fraction % 10));
        }
        return string(text);
    }

    /// @notice A day number as a date of ISO 8601: "2026-12-01".
    /// @param day The day number.
    /// @return The text.
    function isoDay(uint256 day) internal pure returns (string memory) {
        (uint256 year, uint256 month, uint256 dayOfMonth) = Calendar.civilOf(day);
        return string.concat(
            year.toString(),
            month < 10 ? "-0" : "-",
            month.toString(),
            dayOfMonth < 10 ? "-0" : "-",
            dayOfMonth.toString()
        );
    }

    /// @notice Whether a text that a party chose is a short word of Latin letters, digits, `.`, `-` and `_`.
    /// @param text The text.
    /// @return True if it is a word of 1 to 16 letters.
    function isWord(bytes memory text) internal pure returns (bool) {
        if (text.length == 0 || text.length > MAX_WORD) return false;
        for (uint256 i; i < text.length; ++i) {
            bytes1 letter = text[i];
            bool fits = (letter >= "0" && letter <= "9") || (letter >= "A" && letter <= "Z")
                || (letter >= "a" && letter <= "z");
            if (!fits && letter != "." && letter != "-" && letter != "_") return false;
        }
        return true;
    }

    /// @notice The word that `length` bytes hold, left-aligned, with zeros after it; the bytes in hexadecimal if they
    /// hold no word.
    /// @param held The bytes.
    /// @param length How many of the bytes count.
    /// @return The text.
    function wordOr0x(bytes32 held, uint256 length) internal pure returns (string memory) {
        uint256 end;
        while (end < length && held[end] != 0) ++end;
        bytes memory text = new bytes(end);
        for (uint256 i; i < end; ++i) {
            text[i] = held[i];
        }
        bool clean = isWord(text) && _withoutFirst(held, end) == 0;
        return clean ? string(text) : uint256(_first(held, length)).toHexString(length);
    }

    /// @dev The first `count` bytes, right-aligned.
    function _first(bytes32 held, uint256 count) private pure returns (bytes32) {
        return held >> (BYTE_BITS * (WORD_BYTES - count));
    }

    /// @dev The bytes after the first `count`, left-aligned.
    function _withoutFirst(bytes32 held, uint256 count) private pure returns (bytes32) {
        return held << (BYTE_BITS * count);
    }
}
