// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {LoanRelief} from "../../../contracts/math/LoanRelief.sol";
import {RunningLoan} from "./RunningLoan.sol";

/// @notice What a lender gives up, and new terms: proved by halmos for all amounts within the stated bounds.
contract ReliefProofs is RunningLoan {
    /// A waiver of penalty takes what is owed of it, at most the amount, and touches nothing else. Any exact sum below
    /// 2^80, any penalty that a reset fixed.
    function check_a_waiver_of_penalty_takes_what_is_owed_and_no_more(
        uint80 penaltyDays,
        uint56 penaltyFixed,
        uint56 balance,
        uint56 overdue,
        uint64 amount
    ) external pure {
        (LoanMath.Terms memory terms, LoanMath.State memory state) = _running(0, balance, overdue);
        (state.penaltyDays, state.penaltyFixed) = (penaltyDays, penaltyFixed);
        LoanMath.Parts memory before = LoanMath.payoff(terms, state);

        uint64 waived = LoanRelief.waivePenalty(terms, state, amount);

        LoanMath.Parts memory then = LoanMath.payoff(terms, state);
        assert(waived == (amount < before.penalty ? amount : before.penalty));
        assert(then.penalty == before.penalty - waived);
        assert(then.interest == before.interest && then.principal == before.principal && then.costs == before.costs);
        assert(state.penaltyDays == penaltyDays && state.penaltyFixed == penaltyFixed);
    }

    /// A waiver of interest takes what is owed of it, at most the amount: what is overdue first, then what is in grace,
    /// and of the running period last. Nothing else changes.
    function check_a_waiver_of_interest_takes_what_is_owed_and_no_more(
        uint56 pastInterest,
        uint56 graceInterest,
        uint80 interestDays,
        uint56 balance,
        uint64 amount
    ) external pure {
        (LoanMath.Terms memory terms, LoanMath.State memory state) = _running(0, balance, 0);
        (state.pastInterest, state.graceInterest, state.interestDays) = (pastInterest, graceInterest, interestDays);
        LoanMath.Parts memory before = LoanMath.payoff(terms, state);

        uint64 waived = LoanRelief.waiveInterest(terms, state, amount);

        LoanMath.Parts memory then = LoanMath.payoff(terms, state);
        assert(waived == (amount < before.interest ? amount : before.interest));
        assert(then.interest == before.interest - waived);
        assert(then.penalty == before.penalty && then.principal == before.principal && then.costs == before.costs);
        assert(state.graceInterest == graceInterest || state.pastInterest == 0);
        assert(state.interestPaid == 0 || state.pastInterest + state.graceInterest == 0);
        assert(state.interestDays == interestDays);
    }

    /// What is forgiven, what becomes principal and what stays sum to what was owed, each part by itself; no part is more
    /// than was signed; interest becomes principal only once all that is to be forgiven of it is forgiven.
    function check_the_parts_of_a_relief_sum_to_what_was_owed(uint56[5] calldata owed, LoanRelief.Relief calldata max)
        external
        pure
    {
        (LoanMath.Terms memory terms, LoanMath.State memory state) = _running(0, owed[0], owed[1]);
        (state.costs, state.penaltyFixed, state.pastInterest) = (owed[2], owed[3], owed[4]);
        if (max.principal >= LoanMath.outstanding(state)) return;

        LoanRelief.Relieved memory left = LoanRelief.relieve(terms, state, max);

        LoanRelief.Relief memory relief = left.relief;
        assert(uint256(relief.costs) + left.costs == owed[2]);
        assert(uint256(relief.penalty) + left.penalty == owed[3]);
        assert(uint256(relief.interest) + relief.capitalised + left.interest == owed[4]);
        assert(uint256(relief.principal) + left.principal == uint256(owed[0]) + owed[1] + relief.capitalised);
        assert(relief.costs <= max.costs && relief.penalty <= max.penalty && relief.principal == max.principal);
        assert(relief.interest <= max.interest && relief.capitalised <= max.capitalised);
        assert(relief.capitalised == 0 || relief.interest == max.interest);
        assert(left.interest == 0 || relief.capitalised == max.capitalised);
    }

    /// A loan that begins anew owes what was left, to the cent, and nothing of it is overdue.
    function check_a_loan_that_begins_anew_owes_what_was_left(
        uint56 costs,
        uint56 interest,
        uint56 principal,
        uint24 today,
        uint16 length
    ) external pure {
        if (today > 100_000 || length == 0) return;
        (LoanMath.Terms memory terms,) = _running(today, 0, 0);
        terms.dueDay = today + length;
        LoanRelief.Relieved memory left;
        (left.costs, left.interest, left.principal) = (costs, interest, principal);

        LoanMath.State memory state = LoanRelief.begun(terms, left, today);

        LoanMath.roll(terms, state, today);
        LoanMath.Parts memory payoff = LoanMath.payoff(terms, state);
        assert(payoff.costs == costs && payoff.penalty == 0 && payoff.fee == 0);
        assert(payoff.interest == interest && payoff.principal == principal);
        assert(state.pastInterest == 0 && state.pastPrincipal == 0);
    }
}
