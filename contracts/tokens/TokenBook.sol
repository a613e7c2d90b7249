// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The first storage slot of a token: whose it is, and how much of its slot.
/// @param owner The owner; zero if there is no such token.
/// @param value Minor units.
struct Holding {
    address owner;
    uint96 value;
}

/// @notice The second storage slot of a token: where it comes from.
/// @param slot The slot.
/// @param parent The token that it was split off; 0 for a root.
/// @param weight Its share of the slot's weight (ClaimShares).
/// @param depth Splits between the token and its root.
/// @param encumbered Whether it is under a lien.
/// @param marks Highest bit: an approval may stand; the rest: movements (see `movesOf`).
struct Lineage {
    uint48 slot;
    uint48 parent;
    uint128 weight;
    uint8 depth;
    bool encumbered;
    uint16 marks;
}

/// @notice What owners allowed. Each permission on one token is stored under the token's epoch. The next epoch begins
/// when the token's owner or lien changes, and nothing of an earlier epoch ever counts again. The mark in `Lineage`
/// says that there is something to end, so that a token for which nobody was approved pays nothing.
/// @param forAll Whether an operator may move all tokens of an owner.
/// @param epochs The epoch of a token.
/// @param single The one address approved for a token in an epoch.
/// @param values Minor units that an operator may move of a token in an epoch.
struct Approvals {
    mapping(address owner => mapping(address operator => bool)) forAll;
    mapping(uint256 tokenId => uint256) epochs;
    mapping(uint256 tokenId => mapping(uint256 epoch => address)) single;
    mapping(uint256 tokenId => mapping(uint256 epoch => mapping(address operator => uint256))) values;
}

/// @dev In `Lineage.marks`: an approval or an allowance was given in this epoch.
uint16 constant APPROVED = 0x8000;
/// @dev The counter of movements stops here.
uint16 constant MAX_MOVES = 0x7fff;
