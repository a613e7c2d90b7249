// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The number of a claim on a receivable, counted from 1; 0 names none. See {IReceivables}.
type ClaimId is uint256;

/// @notice Whether two numbers name the same claim.
/// @param first One number.
/// @param second The other number.
/// @return True if they are equal.
function equals(ClaimId first, ClaimId second) pure returns (bool) {
    return ClaimId.unwrap(first) == ClaimId.unwrap(second);
}

/// @notice Whether two numbers name different claims.
/// @param first One number.
/// @param second The other number.
/// @return True if they are not equal.
function differs(ClaimId first, ClaimId second) pure returns (bool) {
    return ClaimId.unwrap(first) != ClaimId.unwrap(second);
}

/// @notice Whether a number names no claim.
/// @param id The number.
/// @return True if it is 0.
function isNull(ClaimId id) pure returns (bool) {
    return ClaimId.unwrap(id) == 0;
}

using {equals as ==, differs as !=, isNull} for ClaimId global;
