// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The number of a facility, counted from 1; 0 names none. See {IFacilities}.
type FacilityId is uint256;

/// @notice Whether two numbers name the same facility.
/// @param first One number.
/// @param second The other number.
/// @return True if they are equal.
function equals(FacilityId first, FacilityId second) pure returns (bool) {
    return FacilityId.unwrap(first) == FacilityId.unwrap(second);
}

/// @notice Whether two numbers name different facilities.
/// @param first One number.
/// @param second The other number.
/// @return True if they are not equal.
function differs(FacilityId first, FacilityId second) pure returns (bool) {
    return FacilityId.unwrap(first) != FacilityId.unwrap(second);
}

/// @notice Whether a number names no facility.
/// @param id The number.
/// @return True if it is 0.
function isNull(FacilityId id) pure returns (bool) {
    return FacilityId.unwrap(id) == 0;
}

using {equals as ==, differs as !=, isNull} for FacilityId global;
