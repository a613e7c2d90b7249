// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Interest, discount and instalments; pure, in whole minor units, each rounded once.
/// @notice Rates are parts per million a year; days are whole days. Amounts stay below 2^60 minor units, rates at or
/// below 1,000,000, periods at or below 60: within these nothing overflows. Its twin is app/domain/repayment.py.
library RepaymentMath {
    /// @notice Parts in one whole of a rate, a share or a multiple.
    uint256 internal constant WHOLE = 1_000_000;
    /// @notice Days of a month in schedules: annual rate / 12 is thirty days of 360.
    uint256 internal constant MONTH_DAYS = 30;
    /// @notice Days of a year for discounts and schedules.
    uint256 internal constant YEAR_DAYS = 360;
    /// @notice The maximum number of periods of a schedule.
    uint256 internal constant MAX_PERIODS = 60;
    /// @notice 1 with 128 binary digits behind the point.
    uint256 private constant ONE = 2 ** 128;

    /// @notice Simple interest for an exact sum of principal * days.
    /// @param principalDays Exact sum of principal * days.
    /// @param annualRate Parts per million a year.
    /// @param dayCount Days of a year: 360 or 365.
    /// @return Minor units.
    function interestHalfUp(uint256 principalDays, uint256 annualRate, uint256 dayCount)
        internal
        pure
        returns (uint256)
    {
        return divideHalfUp(principalDays * annualRate, dayCount * WHOLE);
    }

    /// @notice Penalty for an exact sum of overdue amount * days, at `multiple` (parts per million) of the rate.
    /// @param overdueDays Exact sum of overdue amount * days.
    /// @param annualRate Parts per million a year.
    /// @param multiple Parts per million of the rate.
    /// @param dayCount Days of a year: 360 or 365.
    /// @return Minor units.
    function penaltyHalfUp(uint256 overdueDays, uint256 annualRate, uint256 multiple, uint256 dayCount)
        internal
        pure
        returns (uint256)
    {
        return divideHalfUp(overdueDays * annualRate * multiple, dayCount * WHOLE * WHOLE);
    }

    /// @notice Discount of a face amount paid `daysEarly` days before it is due; price = face - discount.
    /// @param face Minor units.
    /// @param annualRate Parts per million a year.
    /// @param daysEarly Days.
    /// @return Minor units.
    function discountHalfUp(uint256 face, uint256 annualRate, uint256 daysEarly) internal pure returns (uint256) {
        return interestHalfUp(face * daysEarly, annualRate, YEAR_DAYS);
    }

    /// @notice Principal of one period out of `periods` equal periods, for the principal that is left to pay in equal
    /// parts.
    /// @param principal Minor units.
    /// @param periods Number of instalments.
    /// @return Minor units.
    function equalPrincipalHalfUp(uint256 principal, uint256 periods) internal pure returns (uint256) {
        return divideHalfUp(principal, periods);
    }

    /// @notice Equal instalment P * i * (1+i)^n / ((1+i)^n - 1) with i = annual rate / 12 * months of a period; P / n at
    /// no rate.
    /// @dev The growth is computed with 128 binary digits behind the point. Its error moves the instalment by less than
    /// 2^-40 of a minor unit within the bounds above.
    /// @param principal Minor units.
    /// @param annualRate Parts per million a year.
    /// @param periods Number of instalments.
    /// @param monthsPerPeriod Months of a period; with `periods`, at most MAX_PERIODS months in all.
    /// @return Minor units.
    function equalInstalmentHalfUp(uint256 principal, uint256 annualRate, uint256 periods, uint256 monthsPerPeriod)
        internal
        pure
        returns (uint256)
    {
        if (annualRate == 0) return divideHalfUp(principal, periods);
        uint256 rate = annualRate * monthsPerPeriod;
        uint256 twelve = 12 * WHOLE;
        uint256 growth = ONE;
        for (uint256 i; i < periods; ++i) {
            growth = growth * (twelve + rate) / twelve;
        }
        return divideHalfUp(principal * rate * growth, twelve * (growth - ONE));
    }

    /// @notice Principal that `money` repays early if a fee of `fee` parts per million of it is added.
    /// @dev A function of the money of all early repayments together, so that many small repayments cost what one big
    /// one costs.
    /// @param money Minor units.
    /// @param fee Parts per million.
    /// @return Minor units.
    function principalOfPrepaymentHalfUp(uint256 money, uint256 fee) internal pure returns (uint256) {
        return divideHalfUp(money * WHOLE, WHOLE + fee);
    }

    /// @notice The minimum money whose `principalOfPrepaymentHalfUp` is `principal`.
    /// @param principal Minor units.
    /// @param fee Parts per million.
    /// @return Minor units.
    function moneyOfPrepayment(uint256 principal, uint256 fee) internal pure returns (uint256) {
        if (principal == 0) return 0;
        return Math.ceilDiv((2 * principal - 1) * (WHOLE + fee), 2 * WHOLE);
    }

    /// @notice a / b to the nearest whole, a half up.
    /// @param a The dividend.
    /// @param b The divisor.
    /// @return The quotient.
    function divideHalfUp(uint256 a, uint256 b) internal pure returns (uint256) {
        return (a + b / 2) / b;
    }
}
