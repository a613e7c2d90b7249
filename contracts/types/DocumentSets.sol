// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The documents that a draw needs: up to four sets of kinds, of each of which one kind is enough.
/// @dev Layout, from the lowest bit, for set n from 0 to 3:
///
///   bits                field               unit
///   8n to 8n+7          set n               bit k: kind k of {IDrawEvidence.DocumentKind}; 0: no set
type DocumentSets is uint32;

uint256 constant MAX_SETS = 4;
uint256 constant BITS_A_SET = 8;
uint256 constant SET_MASK = 0xff;

/// @notice One of the sets.
/// @param sets All sets.
/// @param number Which, from 0 to 3.
/// @return The kinds of which one is enough, as bits; 0: no set.
function setAt(DocumentSets sets, uint256 number) pure returns (uint8) {
    unchecked {
        return uint8((uint256(DocumentSets.unwrap(sets)) >> (BITS_A_SET * number)) & SET_MASK);
    }
}

/// @notice All kinds that are in any of the sets.
/// @param sets All sets.
/// @return The kinds as bits.
function anyOf(DocumentSets sets) pure returns (uint8) {
    return setAt(sets, 0) | setAt(sets, 1) | setAt(sets, 2) | setAt(sets, 3);
}

using {setAt, anyOf} for DocumentSets global;
