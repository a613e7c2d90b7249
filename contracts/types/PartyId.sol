// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The number of a party, counted from 1; 0 names none. See {IPartyRegistry}.
type PartyId is uint256;

/// @notice Whether two numbers name the same party.
/// @param first One number.
/// @param second The other number.
/// @return True if they are equal.
function equals(PartyId first, PartyId second) pure returns (bool) {
    return PartyId.unwrap(first) == PartyId.unwrap(second);
}

/// @notice Whether two numbers name different parties.
/// @param first One number.
/// @param second The other number.
/// @return True if they are not equal.
function differs(PartyId first, PartyId second) pure returns (bool) {
    return PartyId.unwrap(first) != PartyId.unwrap(second);
}

/// @notice Whether a number names no party.
/// @param id The number.
/// @return True if it is 0.
function isNull(PartyId id) pure returns (bool) {
    return PartyId.unwrap(id) == 0;
}

using {equals as ==, differs as !=, isNull} for PartyId global;
