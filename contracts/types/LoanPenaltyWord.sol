// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Penalty, costs and grace: the sixth word of a loan in storage.
/// @dev Layout, from the lowest bit:
///
///   bits     field        unit
///   0-95     penaltyDays  minor units * days
///   96-159   penaltyPaid  minor units
///   160-223  costs        minor units
///   224-247  graceDay     day number; 0: none
///   248-255  empty
type LoanPenaltyWord is uint256;

uint256 constant PENALTY_DAYS_OFFSET = 0;
uint256 constant PENALTY_PAID_OFFSET = 96;
uint256 constant COSTS_OFFSET = 160;
uint256 constant GRACE_DAY_OFFSET = 224;

/// @notice The exact sum of overdue amount * days.
/// @param word The word.
/// @return The sum.
function penaltyDays(LoanPenaltyWord word) pure returns (uint96) {
    return uint96((LoanPenaltyWord.unwrap(word) >> PENALTY_DAYS_OFFSET) & type(uint96).max);
}

/// @notice The penalty that was paid.
/// @param word The word.
/// @return Minor units.
function penaltyPaid(LoanPenaltyWord word) pure returns (uint64) {
    return uint64((LoanPenaltyWord.unwrap(word) >> PENALTY_PAID_OFFSET) & type(uint64).max);
}

/// @notice The costs of enforcement.
/// @param word The word.
/// @return Minor units.
function costs(LoanPenaltyWord word) pure returns (uint64) {
    return uint64((LoanPenaltyWord.unwrap(word) >> COSTS_OFFSET) & type(uint64).max);
}

/// @notice The due day of the instalment in grace.
/// @param word The word.
/// @return Day number.
function graceDay(LoanPenaltyWord word) pure returns (uint24) {
    return uint24((LoanPenaltyWord.unwrap(word) >> GRACE_DAY_OFFSET) & type(uint24).max);
}

/// @notice The whole word.
/// @param penaltyDays_ The exact sum of overdue amount * days.
/// @param penaltyPaid_ The penalty that was paid, in minor units.
/// @param costs_ The costs of enforcement, in minor units.
/// @param graceDay_ The due day of the instalment in grace.
/// @return The word.
function packLoanPenalty(uint96 penaltyDays_, uint64 penaltyPaid_, uint64 costs_, uint24 graceDay_)
    pure
    returns (LoanPenaltyWord)
{
    return LoanPenaltyWord.wrap(
        uint256(penaltyDays_) << PENALTY_DAYS_OFFSET | uint256(penaltyPaid_) << PENALTY_PAID_OFFSET | uint256(costs_)
            << COSTS_OFFSET | uint256(graceDay_) << GRACE_DAY_OFFSET
    );
}

using {penaltyDays, penaltyPaid, costs, graceDay} for LoanPenaltyWord global;
