// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {PageText} from "../tokens/PageText.sol";

/// @title Amounts in a currency's own digits and name, if the currency states them.
/// @notice Writes amounts for pages that people read.
/// @dev Nothing that a currency answers can make a reader fail: the call gets little gas, and little of the answer is
/// read. A name that is no plain word is not repaired, because it could then look like another one: the currency's
/// address is shown instead.
library CurrencyText {
    /// @notice What a currency says about itself.
    /// @param currency The currency's token contract.
    /// @param name Its symbol, or its address in hexadecimal.
    /// @param digits Behind the point.
    /// @param hasDigits Whether it states its digits; else amounts are in minor units.
    struct Words {
        address currency;
        string name;
        uint8 digits;
        bool hasDigits;
    }

    uint256 private constant GAS = 100_000;
    uint256 private constant MAX_DIGITS = 36;

    /// @notice What the currency says about itself.
    /// @param currency The currency's token contract.
    /// @return words Its digits and name.
    function read(address currency) internal view returns (Words memory words) {
        words.currency = currency;
        words.name = _symbol(currency);
        (uint256 size, bytes memory answer) = _ask(currency, IERC20Metadata.decimals.selector);
        uint256 digits = _word(answer, 0);
        words.hasDigits = size >= 32 && digits <= MAX_DIGITS;
        if (words.hasDigits) words.digits = uint8(digits);
    }

    /// @notice "12,500.00 CNY"; for a currency that does not state its digits "1,250,000 minor units of CNY".
    /// @param words What the currency says about itself.
    /// @param minorUnits The amount, in minor units.
    /// @return The text.
    function amount(Words memory words, uint256 minorUnits) internal pure returns (string memory) {
        string memory between = words.hasDigits ? " " : " minor units of ";
        return string.concat(PageText.grouped(minorUnits, words.digits), between, words.name);
    }

    function _symbol(address currency) private view returns (string memory) {
        (uint256 size, bytes memory answer) = _ask(currency, IERC20Metadata.symbol.selector);
        uint256 length = _word(answer, 32);
        if (size >= 96 && _word(answer, 0) == 32 && length <= 32) {
            bytes memory text = new bytes(length);
            for (uint256 i; i < length; ++i) {
                text[i] = answer[64 + i];
            }
            if (PageText.isWord(text)) return string(text);
        }
        return Strings.toChecksumHexString(currency);
    }

    /// @dev The first 96 bytes of the answer, zeros after its end; size 0 for none.
    function _ask(address currency, bytes4 selector) private view returns (uint256 size, bytes memory answer) {
        answer = new bytes(96);
        uint256 gasLimit = GAS;
        assembly ("memory-safe") {
            mstore(0, selector)
            if staticcall(gasLimit, currency, 0, 4, 0, 0) {
                size := returndatasize()
                if gt(size, 96) { size := 96 }
                returndatacopy(add(answer, 32), 0, size)
            }
        }
    }

    function _word(bytes memory answer, uint256 offset) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(answer, 32), offset))
        }
    }
}
