// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice One posting on a loan: what happened to it, on which of its own days, and how much money it was.
/// @dev Layout, from the lowest bit:
///
///   bits     field        unit
///   0-7      kind         one of the constants below
///   8-31     valueDay     the loan's own day number from which it counts
///   32-55    recordedDay  day number by the calendar on which it was recorded; 0 unless it is RECORDED
///   56-119   amount       minor units; 0 where neither money moved nor a debt changed; of RATE_SET parts per million a year
///   120-255  reference    the first 136 bits of the bank's reference; 0 unless it is RECORDED
type PostingWord is uint256;

uint256 constant KIND_OFFSET = 0;
uint256 constant VALUE_DAY_OFFSET = 8;
uint256 constant RECORDED_DAY_OFFSET = 32;
uint256 constant AMOUNT_OFFSET = 56;
uint256 constant REFERENCE_OFFSET = 120;

// The kinds.
uint8 constant PAID = 1; // money, a claim or goods that moved on the ledger
uint8 constant RECORDED = 2; // money that came in outside the ledger: the lender's word
uint8 constant COSTS = 3; // costs of enforcement that the borrower signed
uint8 constant DEFAULTED = 4; // all fell due, because something was overdue
uint8 constant LIQUIDATED = 5; // all fell due, because the collateral lost its value
uint8 constant REFUNDED = 6; // money that was not owed and went back
uint8 constant WAIVED_PENALTY = 7; // penalty that the lender gave up
uint8 constant WAIVED_INTEREST = 8; // interest that the lender gave up
uint8 constant RATE_SET = 9; // the rate counts from its value day; the first posting of a loan with a floating rate
uint8 constant FEE = 10; // service fees that are owed from the day of the draw
uint8 constant WAIVED_FEE = 12; // service fees that the lender gave up

/// @notice What happened.
/// @param word The word.
/// @return One of the kinds.
function kind(PostingWord word) pure returns (uint8) {
    return uint8(PostingWord.unwrap(word) >> KIND_OFFSET);
}

/// @notice The day from which it counts.
/// @param word The word.
/// @return The loan's own day number.
function valueDay(PostingWord word) pure returns (uint24) {
    return uint24(PostingWord.unwrap(word) >> VALUE_DAY_OFFSET);
}

/// @notice The day on which it was recorded.
/// @param word The word.
/// @return Day number by the calendar; 0 unless the posting is RECORDED.
function recordedDay(PostingWord word) pure returns (uint24) {
    return uint24(PostingWord.unwrap(word) >> RECORDED_DAY_OFFSET);
}

/// @notice How much money it was.
/// @param word The word.
/// @return Minor units.
function amount(PostingWord word) pure returns (uint64) {
    return uint64(PostingWord.unwrap(word) >> AMOUNT_OFFSET);
}

/// @notice A posting of the ledger's own.
/// @param kind_ One of the kinds, not RECORDED.
/// @param valueDay_ The loan's own day number.
/// @param amount_ Minor units.
/// @return The word.
function packPosting(uint8 kind_, uint256 valueDay_, uint256 amount_) pure returns (PostingWord) {
    return PostingWord.wrap(
        uint256(kind_) << KIND_OFFSET | uint256(uint24(valueDay_)) << VALUE_DAY_OFFSET | uint256(uint64(amount_))
            << AMOUNT_OFFSET
    );
}

/// @notice Money that came in outside the ledger.
/// @param valueDay_ The loan's own day number from which it counts.
/// @param recordedDay_ The day number, by the calendar, on which it is recorded.
/// @param amount_ Minor units.
/// @param reference_ The bank's reference, or its hash.
/// @return The word.
function packRecorded(uint24 valueDay_, uint24 recordedDay_, uint64 amount_, bytes32 reference_)
    pure
    returns (PostingWord)
{
    return PostingWord.wrap(
        uint256(RECORDED) << KIND_OFFSET | uint256(valueDay_) << VALUE_DAY_OFFSET | uint256(recordedDay_)
            << RECORDED_DAY_OFFSET | uint256(amount_) << AMOUNT_OFFSET | (uint256(reference_) >> REFERENCE_OFFSET)
            << REFERENCE_OFFSET
    );
}

/// @notice The same posting with another value day.
/// @param word The word.
/// @param valueDay_ The loan's own day number.
/// @return The new word.
function withValueDay(PostingWord word, uint24 valueDay_) pure returns (PostingWord) {
    uint256 others = PostingWord.unwrap(word) & ~(uint256(type(uint24).max) << VALUE_DAY_OFFSET);
    return PostingWord.wrap(others | uint256(valueDay_) << VALUE_DAY_OFFSET);
}

/// @notice Whether two words are one.
/// @param word The word.
/// @param other The other word.
/// @return True if they are.
function sameAs(PostingWord word, PostingWord other) pure returns (bool) {
    return PostingWord.unwrap(word) == PostingWord.unwrap(other);
}

/// @notice Whether there is no posting.
/// @param word The word.
/// @return True if it is 0.
function isNone(PostingWord word) pure returns (bool) {
    return PostingWord.unwrap(word) == 0;
}

using {kind, valueDay, recordedDay, amount, withValueDay, sameAs, isNone} for PostingWord global;
