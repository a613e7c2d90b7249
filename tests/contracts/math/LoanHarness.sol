// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Calendar} from "contracts/math/Calendar.sol";
import {LoanMath} from "contracts/math/LoanMath.sol";
import {LoanRelief} from "contracts/math/LoanRelief.sol";
import {RepaymentMath} from "contracts/math/RepaymentMath.sol";
import {TotalCost} from "contracts/math/TotalCost.sol";
import {ServiceFeesWord} from "contracts/types/ServiceFeesWord.sol";

/// The arithmetic behind an address, so that its twin in Python can get answers to the same questions, many in one
/// call.
contract LoanHarness {
    struct Act {
        uint24 day;
        uint64 amount; // zero: only look
        bool accelerate;
        uint64 waivedPenalty;
        uint64 waivedInterest;
        LoanRelief.Relief relief;
        LoanMath.Terms[] newTerms; // one: the loan begins anew by them
        uint24 rate; // the new rate; one above all rates: none
        uint64 waivedFees;
    }

    struct Case {
        LoanMath.Terms terms;
        uint64 principal;
        ServiceFeesWord fees; // on the day of the draw
        Act[] acts;
    }

    struct Step {
        LoanMath.State state;
        LoanMath.Parts parts;
        uint64 left;
        LoanMath.Parts payoff;
        uint64 outstanding;
        bool paid;
        uint64[3] waived;
        LoanRelief.Relieved relieved;
    }

    function run(Case[] calldata cases) external pure returns (Step[][] memory steps) {
        steps = new Step[][](cases.length);
        for (uint256 i; i < cases.length; ++i) {
            steps[i] = _run(cases[i]);
        }
    }

    /// What each loan costs if it is paid as agreed, and the most that it may cost.
    function costs(Case[] calldata cases, uint256 cap) external pure returns (uint256[2][] memory answers) {
        answers = new uint256[2][](cases.length);
        for (uint256 i; i < cases.length; ++i) {
            (uint256 cost, uint256 max) = TotalCost.ofLoan(cases[i].terms, cases[i].principal, cases[i].fees, cap, 0);
            answers[i] = [cost, max];
        }
    }

    function calendar(uint256[] calldata requestedDays, uint256 months)
        external
        pure
        returns (uint256[6][] memory answers)
    {
        answers = new uint256[6][](requestedDays.length);
        for (uint256 i; i < requestedDays.length; ++i) {
            (uint256 year, uint256 month, uint256 dayOfMonth) = Calendar.civilOf(requestedDays[i]);
            answers[i] = [
                year * 10_000 + month * 100 + dayOfMonth,
                Calendar.addMonths(requestedDays[i], months),
                Calendar.monthEnd(requestedDays[i]),
                Calendar.weekEnd(requestedDays[i]),
                Calendar.weekday(requestedDays[i]),
                Calendar.inMonth(requestedDays[i], months, 28)
            ];
        }
    }

    /// Each row: principal, rate, days or periods, fee, months of a period.
    function formulas(uint256[5][] calldata rows) external pure returns (uint256[7][] memory answers) {
        answers = new uint256[7][](rows.length);
        for (uint256 i; i < rows.length; ++i) {
            (uint256 amount, uint256 rate, uint256 count, uint256 fee) =
                (rows[i][0], rows[i][1], rows[i][2], rows[i][3]);
            answers[i] = [
                RepaymentMath.interestHalfUp(amount * count, rate, 365),
                RepaymentMath.penaltyHalfUp(amount * count, rate, 1_500_000, 360),
                RepaymentMath.discountHalfUp(amount, rate, count),
                RepaymentMath.equalPrincipalHalfUp(amount, count),
                RepaymentMath.equalInstalmentHalfUp(amount, rate, count, rows[i][4]),
                RepaymentMath.principalOfPrepaymentHalfUp(amount, fee),
                RepaymentMath.moneyOfPrepayment(amount, fee)
            ];
        }
    }

    function _run(Case calldata provided) private pure returns (Step[] memory steps) {
        steps = new Step[](provided.acts.length);
        LoanMath.Terms memory terms = provided.terms;
        LoanMath.State memory state = LoanMath.opened(terms, provided.principal);
        state.fees = provided.fees;
        for (uint256 i; i < provided.acts.length; ++i) {
            Act calldata act = provided.acts[i];
            if (act.accelerate) LoanMath.accelerate(terms, state, act.day);
            else LoanMath.roll(terms, state, act.day);
            _relieve(terms, state, act, steps[i]);
            if (act.rate <= RepaymentMath.WHOLE) LoanMath.resetRate(terms, state, act.rate);
            uint256 left;
            (steps[i].parts, left) = LoanMath.allocate(terms, state, act.amount);
            steps[i].left = uint64(left);
            steps[i].state = abi.decode(abi.encode(state), (LoanMath.State));
            steps[i].payoff = LoanMath.payoff(terms, state);
            steps[i].outstanding = uint64(LoanMath.outstanding(state));
            steps[i].paid = LoanMath.isPaid(terms, state);
        }
    }

    /// What the lender gives up. New terms begin without penalty, as Facilities requires.
    function _relieve(LoanMath.Terms memory terms, LoanMath.State memory state, Act calldata act, Step memory step)
        private
        pure
    {
        step.waived[0] = LoanRelief.waivePenalty(terms, state, act.waivedPenalty);
        step.waived[1] = LoanRelief.waiveInterest(terms, state, act.waivedInterest);
        step.waived[2] = LoanRelief.waiveFees(state, act.waivedFees);
        if (act.newTerms.length == 0 || LoanMath.outstanding(state) <= act.relief.principal) return;
        step.relieved = LoanRelief.relieve(terms, state, act.relief);
        _copy(terms, act.newTerms[0]);
        _copyState(state, LoanRelief.begun(terms, step.relieved, act.day));
    }

    function _copy(LoanMath.Terms memory to, LoanMath.Terms memory from) private pure {
        assembly ("memory-safe") {
            // Sixteen words, none of them a pointer.
            for { let place := 0 } lt(place, 512) { place := add(place, 32) } {
                mstore(add(to, place), mload(add(from, place)))
            }
        }
    }

    function _copyState(LoanMath.State memory to, LoanMath.State memory from) private pure {
        assembly ("memory-safe") {
            // Twenty words, none of them a pointer.
            for { let place := 0 } lt(place, 640) { place := add(place, 32) } {
                mstore(add(to, place), mload(add(from, place)))
            }
        }
    }
}
