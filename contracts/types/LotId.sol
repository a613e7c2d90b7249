// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The number of a lot of stored goods, counted from 1; 0 names none. See {IWarehouseReceipts}.
type LotId is uint256;

/// @notice Whether two numbers name the same lot.
/// @param first One number.
/// @param second The other number.
/// @return True if they are equal.
function equals(LotId first, LotId second) pure returns (bool) {
    return LotId.unwrap(first) == LotId.unwrap(second);
}

/// @notice Whether two numbers name different lots.
/// @param first One number.
/// @param second The other number.
/// @return True if they are not equal.
function differs(LotId first, LotId second) pure returns (bool) {
    return LotId.unwrap(first) != LotId.unwrap(second);
}

/// @notice Whether a number names no lot.
/// @param id The number.
/// @return True if it is 0.
function isNull(LotId id) pure returns (bool) {
    return LotId.unwrap(id) == 0;
}

using {equals as ==, differs as !=, isNull} for LotId global;
