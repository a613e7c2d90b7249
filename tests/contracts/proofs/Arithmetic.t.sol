// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {RepaymentMath} from "../../../contracts/math/RepaymentMath.sol";

/// Proved by halmos for all values within the ledger's bounds, not tried for some (`make proofs`).
contract ArithmeticProofs {
    uint256 private constant MOST = 2 ** 60 - 1;

    /// Half up: the nearest whole number, and of two equally near the greater one.
    function check_rounding_is_to_the_nearest(uint72 a, uint8 b) external pure {
        if (b == 0) return;
        uint256 rounded = RepaymentMath.divideHalfUp(a, b);
        assert(2 * rounded * b <= 2 * uint256(a) + b);
        assert(2 * uint256(a) < 2 * rounded * b + b);
    }

    /// Invariant 7: the parts of a payment and what is left over sum to it; no debt grows, and none falls by more than was paid.
    function check_the_waterfall_loses_nothing(
        uint64 costs,
        uint64 pastInterest,
        uint64 graceInterest,
        uint64 pastPrincipal,
        uint64 gracePrincipal,
        uint64 balance,
        uint64 amount
    ) external pure {
        if (costs > MOST || pastInterest > MOST || graceInterest > MOST || pastPrincipal > MOST) return;
        if (gracePrincipal > MOST || balance > MOST || amount > MOST) return;
        LoanMath.Terms memory terms;
        LoanMath.State memory state;
        terms.periods = 1;
        terms.dayCount = 360;
        state.costs = costs;
        state.pastInterest = pastInterest;
        state.graceInterest = graceInterest;
        state.pastPrincipal = pastPrincipal;
        state.gracePrincipal = gracePrincipal;
        state.balance = balance;
        uint256 owed = uint256(costs) + pastInterest + graceInterest + pastPrincipal + gracePrincipal + balance;

        (LoanMath.Parts memory parts, uint256 left) = LoanMath.allocate(terms, state, amount);

        uint256 taken = uint256(parts.costs) + parts.penalty + parts.interest + parts.principal + parts.fee;
        assert(taken + left == amount);
        assert(left == 0 || taken == owed);
        uint256 after_ = uint256(state.costs) + state.pastInterest + state.graceInterest + state.pastPrincipal
            + state.gracePrincipal + state.balance;
        assert(after_ + taken == owed);
        // In the order of the rule: nothing later is paid while something earlier is owed.
        assert(state.costs == 0 || parts.interest + parts.principal == 0);
        assert(uint256(state.pastInterest) + state.graceInterest == 0 || parts.principal == 0);
    }

    /// Invariant 8: rolling a loan to day a and then to day b leaves what rolling it to b leaves.
    function check_accrual_is_additive(uint64 balance, uint64 pastPrincipal, uint24 start, uint16 first, uint16 second)
        external
        pure
    {
        if (balance > MOST || pastPrincipal > MOST || start > 100_000) return;
        LoanMath.Terms memory terms;
        terms.periods = 1;
        terms.startDay = start;
        terms.dueDay = start + 200_000; // not due within the days looked at
        LoanMath.State memory once = _running(start, balance, pastPrincipal);
        LoanMath.State memory twice = _running(start, balance, pastPrincipal);
        LoanMath.roll(terms, once, uint256(start) + first + second);
        LoanMath.roll(terms, twice, uint256(start) + first);
        LoanMath.roll(terms, twice, uint256(start) + first + second);
        assert(once.interestDays == twice.interestDays);
        assert(once.penaltyDays == twice.penaltyDays);
        assert(once.asOfDay == twice.asOfDay);
        assert(once.interestDays == uint256(balance) * (uint256(first) + second));
    }

    function _running(uint24 start, uint64 balance, uint64 past) private pure returns (LoanMath.State memory state) {
        state.asOfDay = start;
        state.balance = balance;
        state.pastPrincipal = past;
    }
}
