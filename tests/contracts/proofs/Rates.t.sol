// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {RunningLoan} from "./RunningLoan.sol";

/// @notice Resets of a floating rate: proved by halmos for all amounts and rates within the stated bounds.
contract RateProofs is RunningLoan {
    /// Invariant 8: whatever the new rate, a reset changes nothing of what accrued before. Exact sums below 2^80, and
    /// any interest and penalty that earlier resets fixed.
    function check_a_reset_changes_nothing_that_accrued(
        uint80 interestDays,
        uint80 penaltyDays,
        uint56 interestFixed,
        uint56 penaltyFixed,
        uint24 newRate
    ) external pure {
        (LoanMath.Terms memory terms, LoanMath.State memory state) = _running(0, 1, 1);
        (state.interestDays, state.penaltyDays) = (interestDays, penaltyDays);
        (state.interestFixed, state.penaltyFixed) = (interestFixed, penaltyFixed);
        LoanMath.Parts memory before = LoanMath.payoff(terms, state);

        LoanMath.resetRate(terms, state, newRate);

        LoanMath.Parts memory then = LoanMath.payoff(terms, state);
        assert(then.interest == before.interest && then.penalty == before.penalty);
        assert(then.principal == before.principal && then.costs == before.costs);
        assert(state.interestDays == 0 && state.penaltyDays == 0 && terms.annualRate == newRate);
    }

    /// Of two resets on one day the last one stands, as if the first had never been.
    function check_of_two_resets_on_one_day_the_last_one_stands(
        uint80 interestDays,
        uint80 penaltyDays,
        uint24 firstRate,
        uint24 lastRate
    ) external pure {
        (LoanMath.Terms memory terms, LoanMath.State memory once) = _running(0, 1, 1);
        (LoanMath.Terms memory termsOfTwo, LoanMath.State memory twice) = _running(0, 1, 1);
        (once.interestDays, once.penaltyDays) = (interestDays, penaltyDays);
        (twice.interestDays, twice.penaltyDays) = (interestDays, penaltyDays);

        LoanMath.resetRate(terms, once, lastRate);
        LoanMath.resetRate(termsOfTwo, twice, firstRate);
        LoanMath.resetRate(termsOfTwo, twice, lastRate);

        assert(keccak256(abi.encode(once)) == keccak256(abi.encode(twice)));
        assert(terms.annualRate == termsOfTwo.annualRate);
    }

    /// Days after a reset start new exact sums: what was fixed is not touched by time.
    function check_days_after_a_reset_leave_what_was_fixed(
        uint56 balance,
        uint56 overdue,
        uint56 interestFixed,
        uint56 penaltyFixed,
        uint24 newRate,
        uint16 elapsed
    ) external pure {
        (LoanMath.Terms memory terms, LoanMath.State memory state) = _running(0, balance, overdue);
        (state.interestFixed, state.penaltyFixed) = (interestFixed, penaltyFixed);
        LoanMath.resetRate(terms, state, newRate);

        LoanMath.roll(terms, state, elapsed);

        assert(state.interestFixed == interestFixed && state.penaltyFixed == penaltyFixed);
        assert(state.interestDays == uint256(balance) * elapsed);
        assert(state.penaltyDays == uint256(overdue) * elapsed);
    }
}
