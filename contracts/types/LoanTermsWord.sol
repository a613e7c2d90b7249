// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {FacilityId} from "./FacilityId.sol";

/// @notice How a loan runs, what was drawn, where it stands, and its facility: the first word of a loan in storage.
/// @dev Layout, from the lowest bit:
///
///   bits     field            unit
///   0-39     facilityId       number
///   40-42    status           ILoans.Status
///   43-44    collateral       IProducts.CollateralKind
///   45-52    flags            bit set, named below
///   53-55    style            LoanMath.Style
///   56-59    monthsPerPeriod  months, at most 12
///   60-65    periods          count, at most 60
///   66-69    graceDays        days, at most 15
///   70-73    interestGrace    count of periods, at most 12
///   74-77    principalGrace   count of periods, at most 12
///   78-79    afterPrepayment  LoanMath.AfterPrepayment
///   80-97    startDay         day number
///   98-115   dueDay           day number
///   116-135  annualRate       parts per million a year, at most 1,000,000
///   136-158  penaltyMultiple  parts per million of the rate, at most 5,000,000
///   159-176  earlyFee         parts per million of principal, at most 200,000
///   177-192  lostBefore       days
///   193-252  drawn            minor units, below 2^60
///   253-255  traits           bit set, named below
///
/// Products holds rates, fees, days and limits within these bounds; day 2^18 is in the year 2687. Warning: a field that is
/// not within them would spill into its neighbour.
type LoanTermsWord is uint256;

uint256 constant FACILITY_ID_OFFSET = 0;
uint256 constant STATUS_OFFSET = 40;
uint256 constant COLLATERAL_OFFSET = 43;
uint256 constant FLAGS_OFFSET = 45;
uint256 constant STYLE_OFFSET = 53;
uint256 constant MONTHS_PER_PERIOD_OFFSET = 56;
uint256 constant PERIODS_OFFSET = 60;
uint256 constant GRACE_DAYS_OFFSET = 66;
uint256 constant INTEREST_GRACE_OFFSET = 70;
uint256 constant PRINCIPAL_GRACE_OFFSET = 74;
uint256 constant AFTER_PREPAYMENT_OFFSET = 78;
uint256 constant START_DAY_OFFSET = 80;
uint256 constant DUE_DAY_OFFSET = 98;
uint256 constant ANNUAL_RATE_OFFSET = 116;
uint256 constant PENALTY_MULTIPLE_OFFSET = 136;
uint256 constant EARLY_FEE_OFFSET = 159;
uint256 constant LOST_BEFORE_OFFSET = 177;
uint256 constant DRAWN_OFFSET = 193;
uint256 constant TRAITS_OFFSET = 253;

uint256 constant TWO_BITS = 2 ** 2 - 1;
uint256 constant THREE_BITS = 2 ** 3 - 1;
uint256 constant FOUR_BITS = 2 ** 4 - 1;
uint256 constant SIX_BITS = 2 ** 6 - 1;
uint256 constant EIGHTEEN_BITS = 2 ** 18 - 1;
uint256 constant TWENTY_BITS = 2 ** 20 - 1;
uint256 constant TWENTY_THREE_BITS = 2 ** 23 - 1;
uint256 constant SIXTY_BITS = 2 ** 60 - 1;

// The flags.
uint256 constant PENALTY_ON_INTEREST = 1; // penalty counts on interest that is overdue too
uint256 constant SAME_DAY_INTEREST = 2; // repayment on the day of the draw costs one day's interest
uint256 constant HAS_SHIFTS = 4; // due days are moved: see DueDayShifts
uint256 constant MARKED_OVERDUE = 8; // counts as overdue for its product's breaker
uint256 constant LOSS_RECORDED = 16; // its loss was recorded
uint256 constant MARGIN_CALLED = 32; // a margin call is open
uint256 constant DAYS_OF_365 = 64; // a year has 365 days, else 360

// The traits: what a loan rarely has, and what then costs more to run.
uint8 constant FLOATING = 1; // its rate follows a reference
uint8 constant HAS_FEES = 2; // it has service fees
uint8 constant PARTICIPATED = 4; // participants have a share of what its lender gets

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
    return uint8((LoanTermsWord.unwrap(word) >> STATUS_OFFSET) & THREE_BITS);
}

/// @notice What kind of collateral secures the loan.
/// @param word The word.
/// @return An IProducts.CollateralKind.
function collateral(LoanTermsWord word) pure returns (uint8) {
    return uint8((LoanTermsWord.unwrap(word) >> COLLATERAL_OFFSET) & TWO_BITS);
}

/// @notice What is true of the loan.
/// @param word The word.
/// @return The flags' bits.
function flags(LoanTermsWord word) pure returns (uint256) {
    return uint8(LoanTermsWord.unwrap(word) >> FLAGS_OFFSET);
}

/// @notice How the loan is repaid.
/// @param word The word.
/// @return A LoanMath.Style.
function style(LoanTermsWord word) pure returns (uint8) {
    return uint8((LoanTermsWord.unwrap(word) >> STYLE_OFFSET) & THREE_BITS);
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
    return uint8((LoanTermsWord.unwrap(word) >> PERIODS_OFFSET) & SIX_BITS);
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
    return uint24((LoanTermsWord.unwrap(word) >> START_DAY_OFFSET) & EIGHTEEN_BITS);
}

/// @notice The due day of a loan that has only one, or the first one of a schedule with a fixed day of the month.
/// @param word The word.
/// @return Day number.
function dueDay(LoanTermsWord word) pure returns (uint24) {
    return uint24((LoanTermsWord.unwrap(word) >> DUE_DAY_OFFSET) & EIGHTEEN_BITS);
}

/// @notice The rate.
/// @param word The word.
/// @return Parts per million a year.
function annualRate(LoanTermsWord word) pure returns (uint24) {
    return uint24((LoanTermsWord.unwrap(word) >> ANNUAL_RATE_OFFSET) & TWENTY_BITS);
}

/// @notice The multiple of the rate that counts as penalty.
/// @param word The word.
/// @return Parts per million of the rate.
function penaltyMultiple(LoanTermsWord word) pure returns (uint24) {
    return uint24((LoanTermsWord.unwrap(word) >> PENALTY_MULTIPLE_OFFSET) & TWENTY_THREE_BITS);
}

/// @notice The fee for early repayment.
/// @param word The word.
/// @return Parts per million of principal.
function earlyFee(LoanTermsWord word) pure returns (uint24) {
    return uint24((LoanTermsWord.unwrap(word) >> EARLY_FEE_OFFSET) & EIGHTEEN_BITS);
}

/// @notice The days that the currency had stood still when the loan was drawn.
/// @param word The word.
/// @return Days.
function lostBefore(LoanTermsWord word) pure returns (uint16) {
    return uint16(LoanTermsWord.unwrap(word) >> LOST_BEFORE_OFFSET);
}

/// @notice What was drawn.
/// @param word The word.
/// @return Minor units.
function drawn(LoanTermsWord word) pure returns (uint64) {
    return uint64((LoanTermsWord.unwrap(word) >> DRAWN_OFFSET) & SIXTY_BITS);
}

/// @notice What is special to the loan.
/// @param word The word.
/// @return The traits' bits.
function traits(LoanTermsWord word) pure returns (uint256) {
    return LoanTermsWord.unwrap(word) >> TRAITS_OFFSET;
}

/// @notice The word with what is special to the loan.
/// @param word The word, in which their bits are 0.
/// @param traits_ The traits' bits, below 2^3.
/// @return The new word.
function withTraits(LoanTermsWord word, uint256 traits_) pure returns (LoanTermsWord) {
    return LoanTermsWord.wrap(LoanTermsWord.unwrap(word) | traits_ << TRAITS_OFFSET);
}

/// @notice The word without one of its flags.
/// @param word The word.
/// @param flag One of the flags.
/// @return The new word.
function withoutFlag(LoanTermsWord word, uint256 flag) pure returns (LoanTermsWord) {
    return LoanTermsWord.wrap(LoanTermsWord.unwrap(word) & ~(flag << FLAGS_OFFSET));
}

/// @notice A word with the loan's facility, where the loan stands, and what was drawn.
/// @param facilityId_ The facility's number, below 2^40.
/// @param status_ Where the loan stands: an ILoans.Status.
/// @param collateral_ What kind of collateral secures the loan: an IProducts.CollateralKind.
/// @param flags_ The flags' bits, below 2^8.
/// @param lostBefore_ The days that the currency had stood still when the loan was drawn.
/// @param drawn_ What was drawn, in minor units below 2^60.
/// @return The word.
function packLoanTerms(
    FacilityId facilityId_,
    uint8 status_,
    uint8 collateral_,
    uint256 flags_,
    uint16 lostBefore_,
    uint64 drawn_
) pure returns (LoanTermsWord) {
    return LoanTermsWord.wrap(
        FacilityId.unwrap(facilityId_) << FACILITY_ID_OFFSET | uint256(status_) << STATUS_OFFSET | uint256(collateral_)
            << COLLATERAL_OFFSET | flags_ << FLAGS_OFFSET | uint256(lostBefore_) << LOST_BEFORE_OFFSET | uint256(drawn_)
            << DRAWN_OFFSET
    );
}

/// @notice The word with the loan's periods and days.
/// @param word The word, in which their bits are 0.
/// @param style_ How the loan is repaid: a LoanMath.Style.
/// @param periods_ The number of instalments, below 2^6.
/// @param graceDays_ The days after a due day without penalty, below 2^4.
/// @param startDay_ The day of the draw, below 2^18.
/// @param dueDay_ The due day of a loan that has only one, or the first one of a schedule with a fixed day of the month,
/// below 2^18.
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
/// @param annualRate_ The rate, in parts per million a year, below 2^20.
/// @param penaltyMultiple_ The multiple of the rate that counts as penalty, in parts per million of the rate, below 2^23.
/// @param earlyFee_ The fee for early repayment, in parts per million of principal, below 2^18.
/// @return The new word.
function withRates(LoanTermsWord word, uint24 annualRate_, uint24 penaltyMultiple_, uint24 earlyFee_)
    pure
    returns (LoanTermsWord)
{
    return LoanTermsWord.wrap(
        LoanTermsWord.unwrap(word) | uint256(annualRate_) << ANNUAL_RATE_OFFSET | uint256(penaltyMultiple_)
            << PENALTY_MULTIPLE_OFFSET | uint256(earlyFee_) << EARLY_FEE_OFFSET
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
    lostBefore,
    drawn,
    traits,
    withTraits,
    withoutFlag,
    withSchedule,
    withPeriods,
    withRates
} for LoanTermsWord global;
