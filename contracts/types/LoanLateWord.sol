// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What is overdue or in grace: the fifth word of a loan in storage.
/// @dev Layout, from the lowest bit:
///
///   bits     field           unit
///   0-63     pastPrincipal   minor units
///   64-127   pastInterest    minor units
///   128-191  gracePrincipal  minor units
///   192-255  graceInterest   minor units
type LoanLateWord is uint256;

uint256 constant PAST_PRINCIPAL_OFFSET = 0;
uint256 constant PAST_INTEREST_OFFSET = 64;
uint256 constant GRACE_PRINCIPAL_OFFSET = 128;
uint256 constant GRACE_INTEREST_OFFSET = 192;

/// @notice The principal that is overdue, out of grace.
/// @param word The word.
/// @return Minor units.
function pastPrincipal(LoanLateWord word) pure returns (uint64) {
    return uint64((LoanLateWord.unwrap(word) >> PAST_PRINCIPAL_OFFSET) & type(uint64).max);
}

/// @notice The interest that is overdue, out of grace.
/// @param word The word.
/// @return Minor units.
function pastInterest(LoanLateWord word) pure returns (uint64) {
    return uint64((LoanLateWord.unwrap(word) >> PAST_INTEREST_OFFSET) & type(uint64).max);
}

/// @notice The principal of the instalment in grace.
/// @param word The word.
/// @return Minor units.
function gracePrincipal(LoanLateWord word) pure returns (uint64) {
    return uint64((LoanLateWord.unwrap(word) >> GRACE_PRINCIPAL_OFFSET) & type(uint64).max);
}

/// @notice The interest of the instalment in grace.
/// @param word The word.
/// @return Minor units.
function graceInterest(LoanLateWord word) pure returns (uint64) {
    return uint64((LoanLateWord.unwrap(word) >> GRACE_INTEREST_OFFSET) & type(uint64).max);
}

/// @notice The whole word.
/// @param pastPrincipal_ The principal that is overdue, out of grace, in minor units.
/// @param pastInterest_ The interest that is overdue, out of grace, in minor units.
/// @param gracePrincipal_ The principal of the instalment in grace, in minor units.
/// @param graceInterest_ The interest of the instalment in grace, in minor units.
/// @return The word.
function packLoanLate(uint64 pastPrincipal_, uint64 pastInterest_, uint64 gracePrincipal_, uint64 graceInterest_)
    pure
    returns (LoanLateWord)
{
    return LoanLateWord.wrap(
        uint256(pastPrincipal_) << PAST_PRINCIPAL_OFFSET | uint256(pastInterest_) << PAST_INTEREST_OFFSET
            | uint256(gracePrincipal_) << GRACE_PRINCIPAL_OFFSET | uint256(graceInterest_) << GRACE_INTEREST_OFFSET
    );
}

using {pastPrincipal, pastInterest, gracePrincipal, graceInterest} for LoanLateWord global;
