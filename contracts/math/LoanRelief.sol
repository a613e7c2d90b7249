// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {packServiceFees} from "../types/ServiceFeesWord.sol";
import {LoanMath} from "./LoanMath.sol";
import {ServiceFees} from "./ServiceFees.sol";

/// @title What a lender gives up of a loan, and a loan that begins anew by terms that both sides signed. Pure.
/// @notice Amounts are minor units. The state has been rolled to today in each function. Its twin is
/// app/domain/relief.py (decision 41).
library LoanRelief {
    /// @notice What becomes of what is owed when a loan is restructured.
    /// @param costs Costs of enforcement that are forgiven.
    /// @param penalty Penalty that is forgiven.
    /// @param interest Interest that is forgiven, due or not.
    /// @param principal Principal that is forgiven, due or not.
    /// @param capitalised Interest that becomes principal.
    struct Relief {
        uint64 costs;
        uint64 penalty;
        uint64 interest;
        uint64 principal;
        uint64 capitalised;
    }

    /// @notice What is owed after the relief. Interest that is neither forgiven nor capitalised stays due.
    /// @param relief What was forgiven and capitalised.
    /// @param costs Costs that stay.
    /// @param penalty Penalty that stays.
    /// @param interest Interest that stays.
    /// @param principal Principal that stays, with the capitalised interest.
    /// @param fees Service fees that stay.
    struct Relieved {
        Relief relief;
        uint64 costs;
        uint64 penalty;
        uint64 interest;
        uint64 principal;
        uint64 fees;
    }

    /// @notice Waives penalty, in place.
    /// @param terms How the loan runs.
    /// @param state The state of the loan.
    /// @param amount The maximum.
    /// @return waived What was owed of it, and is no longer.
    function waivePenalty(LoanMath.Terms memory terms, LoanMath.State memory state, uint256 amount)
        internal
        pure
        returns (uint64 waived)
    {
        waived = _min(amount, LoanMath.penaltyDue(terms, state));
        state.penaltyPaid += waived;
    }

    /// @notice Waives interest, in place: what is overdue first, then what is in grace, then that of the running period.
    /// @param terms How the loan runs.
    /// @param state The state of the loan.
    /// @param amount The maximum.
    /// @return waived What was owed of it, and is no longer.
    function waiveInterest(LoanMath.Terms memory terms, LoanMath.State memory state, uint256 amount)
        internal
        pure
        returns (uint64 waived)
    {
        uint64 running = LoanMath.payoff(terms, state).interest - state.pastInterest - state.graceInterest;
        uint64 past = _min(amount, state.pastInterest);
        uint64 inGrace = _min(amount - past, state.graceInterest);
        running = _min(amount - past - inGrace, running);
        state.pastInterest -= past;
        state.graceInterest -= inGrace;
        state.interestPaid += running;
        return past + inGrace + running;
    }

    /// @notice Waives service fees, in place: what is overdue first, then what is in grace, then what is not due yet.
    /// @param state The state of the loan.
    /// @param amount The maximum.
    /// @return waived What was owed of it, and is no longer.
    function waiveFees(LoanMath.State memory state, uint256 amount) internal pure returns (uint64 waived) {
        uint64 running;
        (state.fees, waived) = ServiceFees.payDue(state.fees, amount);
        (state.fees, running) = ServiceFees.payRunning(state.fees, amount - waived);
        waived += running;
    }

    /// @notice What a relief leaves. Each part of it is a maximum, because interest and penalty go on growing after the
    /// sides have signed: what is owed less is less. Interest is forgiven first, then capitalised.
    /// @param terms How the loan ran.
    /// @param state The state of the loan.
    /// @param max What the sides signed. Its principal is less than what is outstanding.
    /// @return relieved What is left.
    function relieve(LoanMath.Terms memory terms, LoanMath.State memory state, Relief memory max)
        internal
        pure
        returns (Relieved memory relieved)
    {
        LoanMath.Parts memory owed = LoanMath.payoff(terms, state);
        Relief memory relief = relieved.relief;
        relief.costs = _min(max.costs, owed.costs);
        relief.penalty = _min(max.penalty, owed.penalty);
        relief.interest = _min(max.interest, owed.interest);
        relief.principal = max.principal;
        relief.capitalised = _min(max.capitalised, owed.interest - relief.interest);
        relieved.costs = owed.costs - relief.costs;
        relieved.penalty = owed.penalty - relief.penalty;
        relieved.interest = owed.interest - relief.interest - relief.capitalised;
        relieved.principal = owed.principal - relief.principal + relief.capitalised;
        relieved.fees = state.fees.owed();
    }

    /// @notice The loan as it begins anew. Costs stay due. Interest that is left is due with the first instalment, and
    /// bears no penalty before; it may be paid at any time. So do service fees that are left. None is charged any more.
    /// @param terms How the loan runs from now on. Interest runs from its start, which may be a later day.
    /// @param relieved What is owed; no penalty.
    /// @param today The loan's own day number.
    /// @return state The new state.
    function begun(LoanMath.Terms memory terms, Relieved memory relieved, uint256 today)
        internal
        pure
        returns (LoanMath.State memory state)
    {
        state.asOfDay = uint24(today);
        state.balance = relieved.principal;
        // A loan of one period divides nothing, and stores no base.
        if (terms.periods > 1) state.base = relieved.principal;
        state.costs = relieved.costs;
        state.graceInterest = relieved.interest;
        state.fees = packServiceFees(0, 0, relieved.fees, 0);
        if (relieved.interest != 0) state.graceDay = uint24(LoanMath.dueDayOf(terms, 1));
    }

    function _min(uint256 a, uint256 b) private pure returns (uint64) {
        return uint64(a < b ? a : b);
    }
}
