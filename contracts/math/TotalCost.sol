// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {packServiceFees, ServiceFeesWord} from "../types/ServiceFeesWord.sol";
import {LoanMath} from "./LoanMath.sol";
import {RepaymentMath} from "./RepaymentMath.sol";

/// @title The total cost of a loan that is paid as agreed, beside the most that a cap allows. Pure.
/// @notice The rule: (interest + service fees) * 365 * 1,000,000 <= cap * the sum of the principal that is owed on each
/// day of the calendar. Penalty is not a part of it: money that is overdue bears penalty in place of interest, and the
/// catalogue holds penalty alone below the cap. Its twin is app/domain/total_cost.py. Source: decision 48.
library TotalCost {
    uint256 private constant DAYS_OF_A_YEAR = 365;

    /// @notice What a loan costs if each instalment is paid on its due day, and the most that it may cost.
    /// @param terms How it runs.
    /// @param principal What is drawn, or outstanding when its terms change, in minor units.
    /// @param fees Its service fees on the day of the draw, or of its new terms.
    /// @param cap The most that 365 days may cost, in parts per million.
    /// @param lentBefore Principal times days that count besides: before its interest runs, or before its terms changed.
    /// @return cost Interest and service fees, in minor units.
    /// @return max The most that they may be, in minor units, rounded down.
    function ofLoan(
        LoanMath.Terms memory terms,
        uint64 principal,
        ServiceFeesWord fees,
        uint256 cap,
        uint256 lentBefore
    ) internal pure returns (uint256 cost, uint256 max) {
        LoanMath.State memory state = LoanMath.opened(terms, principal);
        state.fees = fees;
        uint256 principalDays = lentBefore;
        uint256 lastDay = terms.startDay;
        for (uint256 number = 1; number <= terms.periods; ++number) {
            uint256 due = LoanMath.dueDayOf(terms, number);
            principalDays += state.balance * (due - lastDay);
            lastDay = due;
            LoanMath.roll(terms, state, due);
            // Paid on its due day.
            cost += uint256(state.graceInterest) + state.fees.inGrace();
            state.gracePrincipal = 0;
            state.graceInterest = 0;
            state.graceDay = 0;
            state.fees = packServiceFees(0, 0, 0, fees.periodicFee());
        }
        max = cap * principalDays / (DAYS_OF_A_YEAR * RepaymentMath.WHOLE);
    }
}
