// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The number of a product, counted from 1; 0 names none. See {IProducts}.
type ProductId is uint256;

/// @notice Whether two numbers name the same product.
/// @param first One number.
/// @param second The other number.
/// @return True if they are equal.
function equals(ProductId first, ProductId second) pure returns (bool) {
    return ProductId.unwrap(first) == ProductId.unwrap(second);
}

/// @notice Whether two numbers name different products.
/// @param first One number.
/// @param second The other number.
/// @return True if they are not equal.
function differs(ProductId first, ProductId second) pure returns (bool) {
    return ProductId.unwrap(first) != ProductId.unwrap(second);
}

/// @notice Whether a number names no product.
/// @param id The number.
/// @return True if it is 0.
function isNull(ProductId id) pure returns (bool) {
    return ProductId.unwrap(id) == 0;
}

using {equals as ==, differs as !=, isNull} for ProductId global;
