// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The number of a receivable, counted from 1; 0 names none. See {IReceivables}.
type ReceivableId is uint256;

/// @notice Whether two numbers name the same receivable.
/// @param first One number.
/// @param second The other number.
/// @return True if they are equal.
function equals(ReceivableId first, ReceivableId second) pure returns (bool) {
    return ReceivableId.unwrap(first) == ReceivableId.unwrap(second);
}

/// @notice Whether two numbers name different receivables.
/// @param first One number.
/// @param second The other number.
/// @return True if they are not equal.
function differs(ReceivableId first, ReceivableId second) pure returns (bool) {
    return ReceivableId.unwrap(first) != ReceivableId.unwrap(second);
}

/// @notice Whether a number names no receivable.
/// @param id The number.
/// @return True if it is 0.
function isNull(ReceivableId id) pure returns (bool) {
    return ReceivableId.unwrap(id) == 0;
}

using {equals as ==, differs as !=, isNull} for ReceivableId global;
