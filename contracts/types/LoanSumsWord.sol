// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Interest of a loan of several periods: the fourth word of a loan in storage.
/// @dev Layout, from the lowest bit:
///
///   bits     field         unit
///   0-63     interestPaid  minor units
///   64-159   interestDays  minor units * days
///   160-255  empty
type LoanSumsWord is uint256;

uint256 constant INTEREST_PAID_OFFSET = 0;
uint256 constant INTEREST_DAYS_OFFSET = 64;

/// @notice What was paid of the running period's interest.
/// @param word The word.
/// @return Minor units.
function interestPaid(LoanSumsWord word) pure returns (uint64) {
    return uint64((LoanSumsWord.unwrap(word) >> INTEREST_PAID_OFFSET) & type(uint64).max);
}

/// @notice The exact sum of balance * days of the running period.
/// @param word The word.
/// @return The sum.
function interestDays(LoanSumsWord word) pure returns (uint96) {
    return uint96((LoanSumsWord.unwrap(word) >> INTEREST_DAYS_OFFSET) & type(uint96).max);
}

/// @notice The whole word.
/// @param interestPaid_ What was paid of the running period's interest, in minor units.
/// @param interestDays_ The exact sum of balance * days of the running period.
/// @return The word.
function packLoanSums(uint64 interestPaid_, uint96 interestDays_) pure returns (LoanSumsWord) {
    return
        LoanSumsWord.wrap(
            uint256(interestPaid_) << INTEREST_PAID_OFFSET | uint256(interestDays_) << INTEREST_DAYS_OFFSET
        );
}

using {interestPaid, interestDays} for LoanSumsWord global;
