// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Test} from "./Test.sol";

/// Reads the pages of tokens; Python tests parse them as JSON and XML.
abstract contract PageReader is Test {
    string private constant HEAD = "data:application/json;base64,";

    /// The JSON of a page.
    function _json(string memory uri) internal pure returns (string memory) {
        bytes memory all = bytes(uri);
        uint256 start = bytes(HEAD).length;
        assertTrue(_startsAt(all, bytes(HEAD), 0), "a data URI");
        bytes memory text = new bytes((all.length - start) / 4 * 3);
        uint256 length;
        for (uint256 i = start; i < all.length; i += 4) {
            uint256 four;
            for (uint256 j; j < 4; ++j) {
                four = four << 6 | _digit(all[i + j]);
            }
            for (uint256 j; j < 3 && all[i + 1 + j] != "="; ++j) {
                text[length++] = bytes1(uint8(four >> (16 - 8 * j)));
            }
        }
        assembly {
            mstore(text, length)
        }
        return string(text);
    }

    function _assertShows(string memory uri, string memory part) internal pure {
        assertTrue(_has(_json(uri), part), part);
    }

    function _has(string memory text, string memory part) internal pure returns (bool) {
        bytes memory all = bytes(text);
        for (uint256 i; i + bytes(part).length <= all.length; ++i) {
            if (_startsAt(all, bytes(part), i)) return true;
        }
        return false;
    }

    function _attribute(string memory label, string memory text) internal pure returns (string memory) {
        return string.concat('{"trait_type":"', label, '","value":"', text, '"}');
    }

    function _startsAt(bytes memory all, bytes memory part, uint256 at) private pure returns (bool) {
        for (uint256 i; i < part.length; ++i) {
            if (all[at + i] != part[i]) return false;
        }
        return true;
    }

    function _digit(bytes1 letter) private pure returns (uint256) {
        uint256 code = uint8(letter);
        if (code >= 97) return code - 71;
        if (code >= 65) return code - 65;
        if (code >= 48 && code <= 57) return code + 4;
        return letter == "+" ? 62 : letter == "/" ? 63 : 0;
    }
}
