// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The first storage word of a token: whose it is, and how much of its slot.
/// @dev The compiler lays the struct Holding out in the same way. Layout, from the lowest bit:
///
///   bits     field  unit
///   0-159    owner  account
///   160-255  value  minor units
type HoldingWord is uint256;

uint256 constant OWNER_OFFSET = 0;
uint256 constant VALUE_OFFSET = 160;

/// @notice The owner.
/// @param word The word.
/// @return The account.
function owner(HoldingWord word) pure returns (address) {
    return address(uint160(HoldingWord.unwrap(word) >> OWNER_OFFSET));
}

/// @notice The token's value.
/// @param word The word.
/// @return Minor units.
function value(HoldingWord word) pure returns (uint96) {
    return uint96(HoldingWord.unwrap(word) >> VALUE_OFFSET);
}

/// @notice The whole word.
/// @param owner_ The owner.
/// @param value_ The token's value, in minor units.
/// @return The word.
function packHolding(address owner_, uint96 value_) pure returns (HoldingWord) {
    return HoldingWord.wrap(uint256(uint160(owner_)) << OWNER_OFFSET | uint256(value_) << VALUE_OFFSET);
}

using {owner, value} for HoldingWord global;
