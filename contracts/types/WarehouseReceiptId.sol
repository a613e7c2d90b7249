// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The number of a warehouse receipt, counted from 1; 0 names none. See {IWarehouseReceipts}.
type WarehouseReceiptId is uint256;

/// @notice Whether two numbers name the same warehouse receipt.
/// @param first One number.
/// @param second The other number.
/// @return True if they are equal.
function equals(WarehouseReceiptId first, WarehouseReceiptId second) pure returns (bool) {
    return WarehouseReceiptId.unwrap(first) == WarehouseReceiptId.unwrap(second);
}

/// @notice Whether two numbers name different warehouse receipts.
/// @param first One number.
/// @param second The other number.
/// @return True if they are not equal.
function differs(WarehouseReceiptId first, WarehouseReceiptId second) pure returns (bool) {
    return WarehouseReceiptId.unwrap(first) != WarehouseReceiptId.unwrap(second);
}

/// @notice Whether a number names no warehouse receipt.
/// @param id The number.
/// @return True if it is 0.
function isNull(WarehouseReceiptId id) pure returns (bool) {
    return WarehouseReceiptId.unwrap(id) == 0;
}

using {equals as ==, differs as !=, isNull} for WarehouseReceiptId global;
