// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {FacilityId} from "./FacilityId.sol";

/// @notice How a loan runs, where it stands, and its facility: the first word of a loan in storage.
/// @dev Layout, from the lowest bit:
///
///   bits     field            unit
///   0-39     facilityId       number
///   40-47    status           ILoans.Status
///   48-55    collateral       IProducts.CollateralKind
///   56-63    flags            bit set, named below
///   64-67    style            LoanMath.Style
///   68-71    monthsPerPeriod  months
///   72-79    periods          count
///   80-83    graceDays        days
///   84-87    interestGrace    count of periods
///   88-111   startDay         day number
///   112-135  dueDay           day number
///   136-159  annualRate       parts per million a year
///   160-183  penaltyMultiple  parts per million of the rate
///   184-207  earlyFee         parts per million of principal
///   208-223  dayCount         days
///   224-247  lostBefore       days
///   248-251  principalGrace   count of periods
///   252-253  afterPrepayment  LoanMath.AfterPrepayment
///   254-255  empty
type LoanTermsWord is uint256;

uint256 constant FACILITY_ID_OFFSET = 0;
uint256 constant STATUS_OFFSET = 40;
uint256 constant COLLATERAL_OFFSET = 48;
uint256 constant FLAGS_OFFSET = 56;
uint256 constant STYLE_OFFSET = 64;
uint256 constant MONTHS_PER_PERIOD_OFFSET = 68;
uint256 constant PERIODS_OFFSET = 72;
uint256 constant GRACE_DAYS_OFFSET = 80;
uint256 constant INTEREST_GRACE_OFFSET = 84;
uint256 constant START_DAY_OFFSET = 88;
uint256 constant DUE_DAY_OFFSET = 112;
uint256 constant ANNUAL_RATE_OFFSET = 136;
uint256 constant PENALTY_MULTIPLE_OFFSET = 160;
uint256 constant EARLY_FEE_OFFSET = 184;
uint256 constant DAY_COUNT_OFFSET = 208;
uint256 constant LOST_BEFORE_OFFSET = 224;
uint256 constant PRINCIPAL_GRACE_OFFSET = 248;
uint256 constant AFTER_PREPAYMENT_OFFSET = 252;

uint256 constant FOUR_BITS = 15;
uint256 constant TWO_BITS = 3;

// The flags.
uint256 constant PENALTY_ON_INTEREST = 1; // penalty counts on interest that is overdue too
uint256 constant SAME_DAY_INTEREST = 2; // repayment on the day of the draw costs one day's interest
uint256 constant HAS_SHIFTS = 4; // due days are moved: see DueDayShifts
uint256 constant MARKED_OVERDUE = 8; // counts as overdue for its product's breaker
uint256 constant LOSS_RECORDED = 16; // its loss was recorded
uint256 constant MARGIN_CALLED = 32; // a margin call is open

/// @notice The facility.
/// @param word The word.
/// @return The facility's number.
function facilityId(LoanTermsWord word) pure returns (FacilityId) {
    return FacilityId.wrap(uint40(LoanTermsWord.unwrap(word) >> FACILITY_ID_OFFSET));
}

/// @notice Where the loan stands.
/// @param word The word.
/// @return An ILoans.Status.
function status(LoanTermsWord word) pure returns (uint8) {
    return uint8((LoanTermsWord.unwrap(word) >> STATUS_OFFSET) & type(uint8).max);
}

/// @notice What kind of collateral secures the loan.
/// @param word The word.
/// @return An IProducts.CollateralKind.
function collateral(LoanTermsWord word) pure returns (uint8) {
    return uint8((LoanTermsWord.unwrap(word) >> COLLATERAL_OFFSET) & type(uint8).max);
}

/// @notice What is true of the loan.
/// @param word The word.
/// @return The flags' bits.
function flags(LoanTermsWord word) pure returns (uint256) {
    return uint8((LoanTermsWord.unwrap(word) >> FLAGS_OFFSET) & type(uint8).max);
}

/// @notice How the loan is repaid.
/// @param word The word.
/// @return A LoanMath.Style.
function style(LoanTermsWord word) pure returns (uint8) {
    return uint8((LoanTermsWord.unwrap(word) >> STYLE_OFFSET) & FOUR_BITS);
}

/// @notice The length of a schedule's period.
/// @param word The word.
/// @return Months.
function monthsPerPeriod(LoanTermsWord word) pure returns (uint8) {
    return uint8((LoanTermsWord.unwrap(word) >> MONTHS_PER_PERIOD_OFFSET) & FOUR_BITS);
}

/// @notice The number of instalments.
/// @param word The word.
/// @return Instalments.
function periods(LoanTermsWord word) pure returns (uint8) {
    return uint8((LoanTermsWord.unwrap(word) >> PERIODS_OFFSET) & type(uint8).max);
}

/// @notice The days after a due day without penalty.
/// @param word The word.
/// @return Days.
function graceDays(LoanTermsWord word) pure returns (uint8) {
    return uint8((LoanTermsWord.unwrap(word) >> GRACE_DAYS_OFFSET) & FOUR_BITS);
}

/// @notice The first instalments that pay no interest.
/// @param word The word.
/// @return Instalments.
function interestGrace(LoanTermsWord word) pure returns (uint8) {
    return uint8((LoanTermsWord.unwrap(word) >> INTEREST_GRACE_OFFSET) & FOUR_BITS);
}

/// @notice The first instalments that repay no principal.
/// @param word The word.
/// @return Instalments.
function principalGrace(LoanTermsWord word) pure returns (uint8) {
    return uint8((LoanTermsWord.unwrap(word) >> PRINCIPAL_GRACE_OFFSET) & FOUR_BITS);
}

/// @notice How principal that is repaid early changes the schedule.
/// @param word The word.
/// @return A LoanMath.AfterPrepayment.
function afterPrepayment(LoanTermsWord word) pure returns (uint8) {
    return uint8((LoanTermsWord.unwrap(word) >> AFTER_PREPAYMENT_OFFSET) & TWO_BITS);
}

/// @notice The day of the draw.
/// @param word The word.
/// @return Day number.
function startDay(LoanTermsWord word) pure returns (uint24) {
    return uint24((LoanTermsWord.unwrap(word) >> START_DAY_OFFSET) & type(uint24).max);
}

/// @notice The due day of a loan that has only one, or the first one of a schedule with a fixed day of the month.
/// @param word The word.
/// @return Day number.
function dueDay(LoanTermsWord word) pure returns (uint24) {
    return uint24((LoanTermsWord.unwrap(word) >> DUE_DAY_OFFSET) & type(uint24).max);
}

/// @notice The rate.
/// @param word The word.
/// @return Parts per million a year.
function annualRate(LoanTermsWord word) pure returns (uint24) {
    return uint24((LoanTermsWord.unwrap(word) >> ANNUAL_RATE_OFFSET) & type(uint24).max);
}

/// @notice The multiple of the rate that counts as penalty.
/// @param word The word.
/// @return Parts per million of the rate.
function penaltyMultiple(LoanTermsWord word) pure returns (uint24) {
    return uint24((LoanTermsWord.unwrap(word) >> PENALTY_MULTIPLE_OFFSET) & type(uint24).max);
}

/// @notice The fee for early repayment.
/// @param word The word.
/// @return Parts per million of principal.
function earlyFee(LoanTermsWord word) pure returns (uint24) {
    return uint24((LoanTermsWord.unwrap(word) >> EARLY_FEE_OFFSET) & type(uint24).max);
}

/// @notice The days of a year.
/// @param word The word.
/// @return 360 or 365.
function dayCount(LoanTermsWord word) pure returns (uint16) {
    return uint16((LoanTermsWord.unwrap(word) >> DAY_COUNT_OFFSET) & type(uint16).max);
}

/// @notice The days that the currency had stood still when the loan was drawn.
/// @param word The word.
/// @return Days.
function lostBefore(LoanTermsWord word) pure returns (uint24) {
    return uint24((LoanTermsWord.unwrap(word) >> LOST_BEFORE_OFFSET) & type(uint24).max);
}

/// @notice A word with the loan's facility and where the loan stands.
/// @param facilityId_ The facility's number, below 2^40.
/// @param status_ Where the loan stands: an ILoans.Status.
/// @param collateral_ What kind of collateral secures the loan: an IProducts.CollateralKind.
/// @param flags_ The flags' bits, below 2^8.
/// @param lostBefore_ The days that the currency had stood still when the loan was drawn.
/// @return The word.
function packLoanTerms(FacilityId facilityId_, uint8 status_, uint8 collateral_, uint256 flags_, uint24 lostBefore_)
    pure
    returns (LoanTermsWord)
{
    return LoanTermsWord.wrap(
        FacilityId.unwrap(facilityId_) << FACILITY_ID_OFFSET | uint256(status_) << STATUS_OFFSET | uint256(collateral_)
            << COLLATERAL_OFFSET | flags_ << FLAGS_OFFSET | uint256(lostBefore_) << LOST_BEFORE_OFFSET
    );
}

/// @notice The word with the loan's periods and days.
/// @param word The word, in which their bits are 0.
/// @param style_ How the loan is repaid: a LoanMath.Style.
/// @param periods_ The number of instalments.
/// @param graceDays_ The days after a due day without penalty, below 2^4.
/// @param startDay_ The day of the draw.
/// @param dueDay_ The due day of a loan that has only one, or the first one of a schedule with a fixed day of the month.
/// @return The new word.
function withSchedule(
    LoanTermsWord word,
    uint8 style_,
    uint8 periods_,
    uint8 graceDays_,
    uint24 startDay_,
    uint24 dueDay_
) pure returns (LoanTermsWord) {
    return LoanTermsWord.wrap(
        LoanTermsWord.unwrap(word) | uint256(style_) << STYLE_OFFSET | uint256(periods_) << PERIODS_OFFSET
            | uint256(graceDays_) << GRACE_DAYS_OFFSET | uint256(startDay_) << START_DAY_OFFSET | uint256(dueDay_)
            << DUE_DAY_OFFSET
    );
}

/// @notice The word with what is special to a schedule.
/// @param word The word, in which their bits are 0.
/// @param monthsPerPeriod_ The months of a period, below 2^4.
/// @param principalGrace_ The first instalments that repay no principal, below 2^4.
/// @param interestGrace_ The first instalments that pay no interest, below 2^4.
/// @param afterPrepayment_ How principal that is repaid early changes the schedule: a LoanMath.AfterPrepayment.
/// @return The new word.
function withPeriods(
    LoanTermsWord word,
    uint8 monthsPerPeriod_,
    uint8 principalGrace_,
    uint8 interestGrace_,
    uint8 afterPrepayment_
) pure returns (LoanTermsWord) {
    return LoanTermsWord.wrap(
        LoanTermsWord.unwrap(word) | uint256(monthsPerPeriod_) << MONTHS_PER_PERIOD_OFFSET | uint256(principalGrace_)
            << PRINCIPAL_GRACE_OFFSET | uint256(interestGrace_) << INTEREST_GRACE_OFFSET | uint256(afterPrepayment_)
            << AFTER_PREPAYMENT_OFFSET
    );
}

/// @notice The word with the loan's rates.
/// @param word The word, in which their bits are 0.
/// @param annualRate_ The rate, in parts per million a year.
/// @param penaltyMultiple_ The multiple of the rate that counts as penalty, in parts per million of the rate.
/// @param earlyFee_ The fee for early repayment, in parts per million of principal.
/// @param dayCount_ The days of a year: 360 or 365.
/// @return The new word.
function withRates(LoanTermsWord word, uint24 annualRate_, uint24 penaltyMultiple_, uint24 earlyFee_, uint16 dayCount_)
    pure
    returns (LoanTermsWord)
{
    return LoanTermsWord.wrap(
        LoanTermsWord.unwrap(word) | uint256(annualRate_) << ANNUAL_RATE_OFFSET | uint256(penaltyMultiple_)
            << PENALTY_MULTIPLE_OFFSET | uint256(earlyFee_) << EARLY_FEE_OFFSET | uint256(dayCount_) << DAY_COUNT_OFFSET
    );
}

using {
    facilityId,
    status,
    collateral,
    flags,
    style,
    monthsPerPeriod,
    periods,
    graceDays,
    interestGrace,
    principalGrace,
    afterPrepayment,
    startDay,
    dueDay,
    annualRate,
    penaltyMultiple,
    earlyFee,
    dayCount,
    lostBefore,
    withSchedule,
    withPeriods,
    withRates
} for LoanTermsWord global;
