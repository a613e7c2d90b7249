// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Days and months of the Gregorian calendar.
/// @notice A day is a number: days since 1970-01-01 in the ledger's zone. Algorithms over eras of 400 years, after
/// H. Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013); days before 1970 do not occur here.
library Calendar {
    uint256 private constant DAYS_PER_ERA = 146_097;
    /// @dev From 0000-03-01, where the algorithm's years begin, to 1970-01-01.
    uint256 private constant EPOCH = 719_468;

    /// @notice Year, month (1 to 12) and day of the month (1 to 31).
    /// @param day The day number.
    /// @return year The year.
    /// @return month The month, 1 to 12.
    /// @return dayOfMonth The day of the month, 1 to 31.
    function civilOf(uint256 day) internal pure returns (uint256 year, uint256 month, uint256 dayOfMonth) {
        uint256 shifted = day + EPOCH;
        uint256 era = shifted / DAYS_PER_ERA;
        uint256 dayOfEra = shifted % DAYS_PER_ERA;
        uint256 yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        uint256 dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        uint256 monthFromMarch = (5 * dayOfYear + 2) / 153;
        dayOfMonth = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1;
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
    }

    /// @notice Day number of a date. It does not check the day of the month against the month's length.
    /// @param year The year.
    /// @param month The month, 1 to 12.
    /// @param dayOfMonth The day of the month, 1 to 31.
    /// @return The day number.
    function dayOf(uint256 year, uint256 month, uint256 dayOfMonth) internal pure returns (uint256) {
        uint256 fromMarch = month <= 2 ? year - 1 : year;
        uint256 era = fromMarch / 400;
        uint256 yearOfEra = fromMarch % 400;
        uint256 dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + dayOfMonth - 1;
        return era * DAYS_PER_ERA + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - EPOCH;
    }

    /// @notice Days of a month.
    /// @param year The year.
    /// @param month The month, 1 to 12.
    /// @return 28 to 31.
    function monthLength(uint256 year, uint256 month) internal pure returns (uint256) {
        if (month == 2) return (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)) ? 29 : 28;
        return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
    }

    /// @notice The same day of the month, `months` later; in a shorter month that lacks this day, its last day.
    /// @param day The day number.
    /// @param months How many months later.
    /// @return The day number.
    function addMonths(uint256 day, uint256 months) internal pure returns (uint256) {
        (uint256 year, uint256 month, uint256 dayOfMonth) = civilOf(day);
        uint256 count = year * 12 + (month - 1) + months;
        uint256 toYear = count / 12;
        uint256 toMonth = count % 12 + 1;
        uint256 last = monthLength(toYear, toMonth);
        return dayOf(toYear, toMonth, dayOfMonth < last ? dayOfMonth : last);
    }

    /// @notice A day of the month that comes `months` after the month of another day.
    /// @param day The day number.
    /// @param months How many months later.
    /// @param dayOfMonth The day of that month, 1 to 28.
    /// @return The day number.
    function inMonth(uint256 day, uint256 months, uint256 dayOfMonth) internal pure returns (uint256) {
        (uint256 year, uint256 month,) = civilOf(addMonths(day, months));
        return dayOf(year, month, dayOfMonth);
    }

    /// @notice Last day of the month of a day.
    /// @param day The day number.
    /// @return The day number.
    function monthEnd(uint256 day) internal pure returns (uint256) {
        (uint256 year, uint256 month,) = civilOf(day);
        return dayOf(year, month, monthLength(year, month));
    }

    /// @notice Sunday of the week of a day; a week runs from Monday (ISO 8601).
    /// @param day The day number.
    /// @return The day number.
    function weekEnd(uint256 day) internal pure returns (uint256) {
        return day + 6 - weekday(day);
    }

    /// @notice Monday 0 to Sunday 6 (ISO 8601's order).
    /// @param day The day number.
    /// @return 0 to 6.
    function weekday(uint256 day) internal pure returns (uint256) {
        return (day + 3) % 7; // 1970-01-01 was a Thursday
    }
}
