// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {RepaymentMath} from "../../../contracts/math/RepaymentMath.sol";
import {RunningLoan} from "./RunningLoan.sol";

/// @notice Proved by halmos for all values within the stated bounds, not tried for some (`make proofs`).
/// @dev Solvers of bits are slow at products of two unknowns and at division. So every proof says what is unknown in
/// it; the rest is for the fuzz tests.
contract ArithmeticProofs is RunningLoan {
    // ------------------------------------------------------------------ rounding

    /// Interest over a year of 360 days is the nearest whole number, and of two equally near the greater one: never
    /// more than half a cent off, for every exact sum of principal * days * rate below 2^112.
    function check_interest_over_360_days_is_the_nearest(uint112 exact) external pure {
        _isNearest(exact, 360 * RepaymentMath.WHOLE, RepaymentMath.interestHalfUp(exact, 1, 360));
    }

    /// The same over a year of 365 days.
    function check_interest_over_365_days_is_the_nearest(uint112 exact) external pure {
        _isNearest(exact, 365 * RepaymentMath.WHOLE, RepaymentMath.interestHalfUp(exact, 1, 365));
    }

    /// Penalty: one rounding of the exact sum of amount * days * rate * multiple below 2^136.
    function check_penalty_is_the_nearest(uint136 exact) external pure {
        _isNearest(exact, 360 * 1e12, RepaymentMath.penaltyHalfUp(exact, 1, 1, 360));
    }

    /// Equal parts of a principal below 2^56, for the numbers of periods of the catalogue and the most that there may be.
    function check_equal_principal_is_the_nearest(uint56 principal) external pure {
        _isNearest(principal, 2, RepaymentMath.equalPrincipalHalfUp(principal, 2));
        _isNearest(principal, 3, RepaymentMath.equalPrincipalHalfUp(principal, 3));
        _isNearest(principal, 6, RepaymentMath.equalPrincipalHalfUp(principal, 6));
        _isNearest(principal, 12, RepaymentMath.equalPrincipalHalfUp(principal, 12));
        _isNearest(principal, 60, RepaymentMath.equalPrincipalHalfUp(principal, 60));
    }

    function _isNearest(uint256 a, uint256 b, uint256 rounded) private pure {
        unchecked {
            assert(2 * rounded * b <= 2 * a + b);
            assert(2 * a < 2 * rounded * b + b);
        }
    }

    // ------------------------------------------------------------------ accrual

    /// Invariant 8, each step: days that pass add amount * days to the exact sums, whatever the sums were, and nothing
    /// else changes. All amounts, and up to 65,535 days. The state that a step begins with is any, so the proof holds for
    /// the next step too, and a + b days add what a days and then b days add: amount * a + amount * b.
    function check_a_step_adds_the_exact_sum(
        uint56 balance,
        uint56 overdue,
        uint80 interestDays,
        uint80 penaltyDays,
        uint24 asOf,
        uint16 elapsed
    ) external pure {
        if (asOf > 100_000) return;
        (LoanMath.Terms memory terms, LoanMath.State memory state) = _running(asOf, balance, overdue);
        state.interestDays = interestDays;
        state.penaltyDays = penaltyDays;
        LoanMath.roll(terms, state, uint256(asOf) + elapsed);
        assert(state.interestDays == interestDays + uint256(balance) * elapsed);
        assert(state.penaltyDays == penaltyDays + uint256(overdue) * elapsed);
        assert(state.asOfDay == uint256(asOf) + elapsed);
        assert(state.balance == balance && state.pastPrincipal == overdue);
    }

    /// The same said outright: rolling to one day and then to another leaves what rolling to the latter leaves. All
    /// amounts, and these days.
    function check_accrual_is_additive(uint56 balance, uint56 overdue) external pure {
        _isAdditive(balance, overdue, 1, 1);
        _isAdditive(balance, overdue, 7, 23);
        _isAdditive(balance, overdue, 30, 31);
        _isAdditive(balance, overdue, 1, 364);
        _isAdditive(balance, overdue, 1000, 9999);
    }

    function _isAdditive(uint56 balance, uint56 overdue, uint256 first, uint256 second) private pure {
        (LoanMath.Terms memory terms, LoanMath.State memory once) = _running(20_000, balance, overdue);
        (, LoanMath.State memory twice) = _running(20_000, balance, overdue);
        LoanMath.roll(terms, once, 20_000 + first + second);
        LoanMath.roll(terms, twice, 20_000 + first);
        LoanMath.roll(terms, twice, 20_000 + first + second);
        assert(once.interestDays == twice.interestDays);
        assert(once.penaltyDays == twice.penaltyDays);
        assert(once.asOfDay == twice.asOfDay);
        assert(once.interestDays == balance * (first + second));
    }

    // ------------------------------------------------------------------ waterfall

    /// Invariant 7: the parts of a payment and what is left over sum to it; no debt grows, and none falls by more than
    /// was paid; nothing later is paid while something earlier is owed. All amounts unknown; no penalty and no running interest.
    function check_the_waterfall_loses_nothing(
        uint56 costs,
        uint56 pastInterest,
        uint56 graceInterest,
        uint56 pastPrincipal,
        uint56 gracePrincipal,
        uint56 balance,
        uint56 amount
    ) external pure {
        (LoanMath.Terms memory terms, LoanMath.State memory state) = _running(0, balance, pastPrincipal);
        state.costs = costs;
        state.pastInterest = pastInterest;
        state.graceInterest = graceInterest;
        state.gracePrincipal = gracePrincipal;
        uint256 owed = uint256(costs) + pastInterest + graceInterest + pastPrincipal + gracePrincipal + balance;

        (LoanMath.Parts memory parts, uint256 left) = LoanMath.allocate(terms, state, amount);

        uint256 taken = uint256(parts.costs) + parts.penalty + parts.interest + parts.principal + parts.fee;
        assert(taken + left == amount);
        assert(left == 0 || taken == owed);
        uint256 stillOwed = uint256(state.costs) + state.pastInterest + state.graceInterest + state.pastPrincipal
            + state.gracePrincipal + state.balance;
        assert(stillOwed + taken == owed);
        assert(state.costs == 0 || parts.interest + parts.principal == 0);
        assert(uint256(state.pastInterest) + state.graceInterest == 0 || parts.principal == 0);
    }

    /// The same with penalty and running interest, whatever their exact sums come to: the parts and what is left over
    /// still sum to the payment, costs come first and principal last.
    function check_the_waterfall_with_penalty_and_interest(
        uint56 costs,
        uint80 penaltyDays,
        uint56 pastInterest,
        uint80 interestDays,
        uint56 balance,
        uint56 amount
    ) external pure {
        (LoanMath.Terms memory terms, LoanMath.State memory state) = _running(0, balance, 0);
        state.costs = costs;
        state.penaltyDays = penaltyDays;
        state.pastInterest = pastInterest;
        state.interestDays = interestDays;

        (LoanMath.Parts memory parts, uint256 left) = LoanMath.allocate(terms, state, amount);

        uint256 taken = uint256(parts.costs) + parts.penalty + parts.interest + parts.principal + parts.fee;
        assert(taken + left == amount);
        assert(state.costs == 0 || parts.penalty + parts.interest + parts.principal == 0);
        assert(state.pastInterest == 0 || parts.principal == 0);
        assert(balance - state.balance == parts.principal);
    }
}
