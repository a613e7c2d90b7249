// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Principal and days: the third word of a loan in storage.
/// @dev Layout, from the lowest bit:
///
///   bits     field                         unit
///   0        isLate                        1: the words for money that is late are in use
///   1-7      empty
///   8-31     asOfDay                       day number
///   32-39    period                        count
///   40-103   balance                       minor units
///            of a loan of one period
///   104-167  interestPaid                  minor units
///   168-255  interestDays                  minor units * days
///            of a loan of several periods
///   104-167  base                          minor units
///   168-231  ahead                         minor units
///   232-239  basePeriod                    count
///   240-255  empty
///
/// A loan of one period needs no base and repays nothing ahead, so its sums share this word. 88 bits hold its days:
/// principal below 2^60, and 24 bits of days.
type LoanBalancesWord is uint256;

uint256 constant AS_OF_DAY_OFFSET = 8;
uint256 constant PERIOD_OFFSET = 32;
uint256 constant BALANCE_OFFSET = 40;
uint256 constant INTEREST_PAID_OFFSET = 104;
uint256 constant INTEREST_DAYS_OFFSET = 168;
uint256 constant BASE_OFFSET = 104;
uint256 constant AHEAD_OFFSET = 168;
uint256 constant BASE_PERIOD_OFFSET = 232;

uint256 constant LATE = 1; // the lowest bit

/// @notice The day at whose start the state holds.
/// @param word The word.
/// @return Day number.
function asOfDay(LoanBalancesWord word) pure returns (uint24) {
    return uint24((LoanBalancesWord.unwrap(word) >> AS_OF_DAY_OFFSET) & type(uint24).max);
}

/// @notice How many instalments have fallen due.
/// @param word The word.
/// @return Instalments.
function period(LoanBalancesWord word) pure returns (uint8) {
    return uint8((LoanBalancesWord.unwrap(word) >> PERIOD_OFFSET) & type(uint8).max);
}

/// @notice The principal that is not due yet.
/// @param word The word.
/// @return Minor units.
function balance(LoanBalancesWord word) pure returns (uint64) {
    return uint64((LoanBalancesWord.unwrap(word) >> BALANCE_OFFSET) & type(uint64).max);
}

/// @notice What was paid of the running period's interest.
/// @param word The word.
/// @return Minor units.
function interestPaid(LoanBalancesWord word) pure returns (uint64) {
    return uint64((LoanBalancesWord.unwrap(word) >> INTEREST_PAID_OFFSET) & type(uint64).max);
}

/// @notice The exact sum of balance * days of the running period.
/// @param word The word.
/// @return The sum.
function interestDays(LoanBalancesWord word) pure returns (uint88) {
    return uint88((LoanBalancesWord.unwrap(word) >> INTEREST_DAYS_OFFSET) & type(uint88).max);
}

/// @notice The principal that the schedule divides.
/// @param word The word.
/// @return Minor units.
function base(LoanBalancesWord word) pure returns (uint64) {
    return uint64((LoanBalancesWord.unwrap(word) >> BASE_OFFSET) & type(uint64).max);
}

/// @notice What was repaid of the current instalment's principal before it was due.
/// @param word The word.
/// @return Minor units.
function ahead(LoanBalancesWord word) pure returns (uint64) {
    return uint64((LoanBalancesWord.unwrap(word) >> AHEAD_OFFSET) & type(uint64).max);
}

/// @notice How many instalments had fallen due when the schedule was last worked out.
/// @param word The word.
/// @return Instalments.
function basePeriod(LoanBalancesWord word) pure returns (uint8) {
    return uint8((LoanBalancesWord.unwrap(word) >> BASE_PERIOD_OFFSET) & type(uint8).max);
}

/// @notice A word with what every loan has. It has no mark.
/// @param asOfDay_ The day at whose start the state holds.
/// @param period_ How many instalments have fallen due.
/// @param balance_ The principal that is not due yet, in minor units.
/// @return The word.
function packLoanBalances(uint24 asOfDay_, uint8 period_, uint64 balance_) pure returns (LoanBalancesWord) {
    return LoanBalancesWord.wrap(
        uint256(asOfDay_) << AS_OF_DAY_OFFSET | uint256(period_) << PERIOD_OFFSET | uint256(balance_) << BALANCE_OFFSET
    );
}

/// @notice The word of a loan of one period with its sums.
/// @param word The word, in which their bits are 0.
/// @param interestPaid_ What was paid of the running period's interest, in minor units.
/// @param interestDays_ The exact sum of balance * days of the running period.
/// @return The new word.
function withSums(LoanBalancesWord word, uint64 interestPaid_, uint88 interestDays_) pure returns (LoanBalancesWord) {
    return LoanBalancesWord.wrap(
        LoanBalancesWord.unwrap(word) | uint256(interestPaid_) << INTEREST_PAID_OFFSET | uint256(interestDays_)
            << INTEREST_DAYS_OFFSET
    );
}

/// @notice The word of a loan of several periods with what its schedule divides.
/// @param word The word, in which their bits are 0.
/// @param base_ The principal that the schedule divides, in minor units.
/// @param ahead_ What was repaid of the current instalment's principal before it was due, in minor units.
/// @param basePeriod_ How many instalments had fallen due when the schedule was last worked out.
/// @return The new word.
function withBase(LoanBalancesWord word, uint64 base_, uint64 ahead_, uint8 basePeriod_)
    pure
    returns (LoanBalancesWord)
{
    return LoanBalancesWord.wrap(
        LoanBalancesWord.unwrap(word) | uint256(base_) << BASE_OFFSET | uint256(ahead_) << AHEAD_OFFSET
            | uint256(basePeriod_) << BASE_PERIOD_OFFSET
    );
}

/// @notice Whether the words for money that is late are in use.
/// @param word The word.
/// @return True once something was unpaid, repaid early at a fee, or costs were charged.
function isLate(LoanBalancesWord word) pure returns (bool) {
    return LoanBalancesWord.unwrap(word) & LATE != 0;
}

/// @notice The word with the mark that the words for money that is late are in use.
/// @param word The word.
/// @return The new word.
function markedLate(LoanBalancesWord word) pure returns (LoanBalancesWord) {
    return LoanBalancesWord.wrap(LoanBalancesWord.unwrap(word) | LATE);
}

using {
    asOfDay,
    period,
    balance,
    interestPaid,
    interestDays,
    base,
    ahead,
    basePeriod,
    withSums,
    withBase,
    isLate,
    markedLate
} for LoanBalancesWord global;
