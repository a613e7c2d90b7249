// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Money of early repayments, and what resets of a floating rate fixed: the last word of a loan in storage, in
/// use like LoanLateWord.
/// @dev Layout, from the lowest bit, in minor units:
///
///   bits     field
///   0-63     prepaid
///   64-127   interestFixed  0 unless the rate is floating
///   128-191  penaltyFixed   0 unless the rate is floating
///   192-255  empty
type LoanEarlyWord is uint256;

uint256 constant INTEREST_FIXED_OFFSET = 64;
uint256 constant PENALTY_FIXED_OFFSET = 128;

/// @notice Money of all early repayments, when there is a fee.
/// @param word The word.
/// @return Minor units.
function prepaid(LoanEarlyWord word) pure returns (uint64) {
    return uint64(LoanEarlyWord.unwrap(word));
}

/// @notice Interest of the running period up to the last reset of the rate.
/// @param word The word.
/// @return Minor units.
function interestFixed(LoanEarlyWord word) pure returns (uint64) {
    return uint64(LoanEarlyWord.unwrap(word) >> INTEREST_FIXED_OFFSET);
}

/// @notice Penalty up to the last reset of the rate.
/// @param word The word.
/// @return Minor units.
function penaltyFixed(LoanEarlyWord word) pure returns (uint64) {
    return uint64(LoanEarlyWord.unwrap(word) >> PENALTY_FIXED_OFFSET);
}

/// @notice The whole word.
/// @param prepaid_ Money of all early repayments, when there is a fee.
/// @param interestFixed_ Interest of the running period up to the last reset of the rate.
/// @param penaltyFixed_ Penalty up to the last reset of the rate.
/// @return The word.
function packLoanEarly(uint64 prepaid_, uint64 interestFixed_, uint64 penaltyFixed_) pure returns (LoanEarlyWord) {
    return LoanEarlyWord.wrap(
        uint256(prepaid_) | uint256(interestFixed_) << INTEREST_FIXED_OFFSET | uint256(penaltyFixed_)
            << PENALTY_FIXED_OFFSET
    );
}

using {prepaid, interestFixed, penaltyFixed} for LoanEarlyWord global;
