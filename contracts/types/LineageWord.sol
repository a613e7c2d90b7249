// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The second storage word of a token: where it comes from.
/// @dev The compiler lays the struct Lineage out in the same way. Layout, from the lowest bit:
///
///   bits     field       unit
///   0-47     slot        number
///   48-95    parent      number; 0 for a root
///   96-223   weight      share of the slot's weight
///   224-231  depth       count
///   232-239  encumbered  0: free
///   240-255  marks       see the struct Lineage
type LineageWord is uint256;

uint256 constant SLOT_OFFSET = 0;
uint256 constant PARENT_OFFSET = 48;
uint256 constant WEIGHT_OFFSET = 96;
uint256 constant DEPTH_OFFSET = 224;
uint256 constant ENCUMBERED_OFFSET = 232;
uint256 constant MARKS_OFFSET = 240;

/// @notice The slot.
/// @param word The word.
/// @return The slot's number.
function slot(LineageWord word) pure returns (uint48) {
    return uint48((LineageWord.unwrap(word) >> SLOT_OFFSET) & type(uint48).max);
}

/// @notice The token that it was split off.
/// @param word The word.
/// @return The token's number.
function parent(LineageWord word) pure returns (uint48) {
    return uint48((LineageWord.unwrap(word) >> PARENT_OFFSET) & type(uint48).max);
}

/// @notice The weight.
/// @param word The word.
/// @return Share of the slot's weight (ClaimShares).
function weight(LineageWord word) pure returns (uint128) {
    return uint128((LineageWord.unwrap(word) >> WEIGHT_OFFSET) & type(uint128).max);
}

/// @notice How many splits are between the token and its root.
/// @param word The word.
/// @return Splits.
function depth(LineageWord word) pure returns (uint8) {
    return uint8((LineageWord.unwrap(word) >> DEPTH_OFFSET) & type(uint8).max);
}

/// @notice Whether the token is under a lien.
/// @param word The word.
/// @return True if it is under a lien.
function encumbered(LineageWord word) pure returns (bool) {
    return uint8(LineageWord.unwrap(word) >> ENCUMBERED_OFFSET) != 0;
}

/// @notice The movements, and whether an approval may stand.
/// @param word The word.
/// @return The marks.
function marks(LineageWord word) pure returns (uint16) {
    return uint16((LineageWord.unwrap(word) >> MARKS_OFFSET) & type(uint16).max);
}

/// @notice The word of a new token: free, and never moved.
/// @param slot_ The slot.
/// @param parent_ The token that it was split off.
/// @param weight_ The weight.
/// @param depth_ How many splits are between the token and its root.
/// @return The word.
function packLineage(uint48 slot_, uint48 parent_, uint128 weight_, uint8 depth_) pure returns (LineageWord) {
    return LineageWord.wrap(
        uint256(slot_) << SLOT_OFFSET | uint256(parent_) << PARENT_OFFSET | uint256(weight_) << WEIGHT_OFFSET
            | uint256(depth_) << DEPTH_OFFSET
    );
}

using {slot, parent, weight, depth, encumbered, marks} for LineageWord global;
