// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The number of a purchase order, counted from 1; 0 names none. See {IPurchaseOrders}.
type OrderId is uint256;

/// @notice Whether two numbers name the same order.
/// @param first One number.
/// @param second The other number.
/// @return True if they are equal.
function equals(OrderId first, OrderId second) pure returns (bool) {
    return OrderId.unwrap(first) == OrderId.unwrap(second);
}

/// @notice Whether two numbers name different orders.
/// @param first One number.
/// @param second The other number.
/// @return True if they are not equal.
function differs(OrderId first, OrderId second) pure returns (bool) {
    return OrderId.unwrap(first) != OrderId.unwrap(second);
}

/// @notice Whether a number names no order.
/// @param id The number.
/// @return True if it is 0.
function isNull(OrderId id) pure returns (bool) {
    return OrderId.unwrap(id) == 0;
}

using {equals as ==, differs as !=, isNull} for OrderId global;
