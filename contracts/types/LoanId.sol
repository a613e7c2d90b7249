// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The number of a loan, counted from 1; 0 names none. See {IFacilities}.
type LoanId is uint256;

/// @notice Whether two numbers name the same loan.
/// @param first One number.
/// @param second The other number.
/// @return True if they are equal.
function equals(LoanId first, LoanId second) pure returns (bool) {
    return LoanId.unwrap(first) == LoanId.unwrap(second);
}

/// @notice Whether two numbers name different loans.
/// @param first One number.
/// @param second The other number.
/// @return True if they are not equal.
function differs(LoanId first, LoanId second) pure returns (bool) {
    return LoanId.unwrap(first) != LoanId.unwrap(second);
}

/// @notice Whether a number names no loan.
/// @param id The number.
/// @return True if it is 0.
function isNull(LoanId id) pure returns (bool) {
    return LoanId.unwrap(id) == 0;
}

using {equals as ==, differs as !=, isNull} for LoanId global;
