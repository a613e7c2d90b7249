// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice A collateral item of a loan on goods, in one word of storage.
/// @dev Layout, from the lowest bit:
///
///   bits   field  unit
///   0-7    kind   IProducts.CollateralKind
///   8-255  id     number
type CollateralItemWord is uint256;

uint256 constant KIND_OFFSET = 0;
uint256 constant ID_OFFSET = 8;

/// @notice What kind of item it is.
/// @param word The word.
/// @return An IProducts.CollateralKind.
function kind(CollateralItemWord word) pure returns (uint8) {
    return uint8((CollateralItemWord.unwrap(word) >> KIND_OFFSET) & type(uint8).max);
}

/// @notice The warehouse receipt, claim or order.
/// @param word The word.
/// @return Its number.
function id(CollateralItemWord word) pure returns (uint256) {
    return CollateralItemWord.unwrap(word) >> ID_OFFSET;
}

/// @notice The whole word.
/// @param kind_ An IProducts.CollateralKind.
/// @param id_ The number of the warehouse receipt, claim or order, below 2^248.
/// @return The word.
function packCollateralItem(uint8 kind_, uint256 id_) pure returns (CollateralItemWord) {
    return CollateralItemWord.wrap(uint256(kind_) << KIND_OFFSET | id_ << ID_OFFSET);
}

/// @notice Whether two words name different items.
/// @param first One word.
/// @param second The other word.
/// @return True if they are not equal.
function differs(CollateralItemWord first, CollateralItemWord second) pure returns (bool) {
    return CollateralItemWord.unwrap(first) != CollateralItemWord.unwrap(second);
}

using {kind, id, differs as !=} for CollateralItemWord global;
