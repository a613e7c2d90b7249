// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {DueDayShifts} from "../types/DueDayShifts.sol";
import {ServiceFeesWord} from "../types/ServiceFeesWord.sol";
import {Calendar} from "./Calendar.sol";
import {RepaymentMath} from "./RepaymentMath.sol";
import {ServiceFees} from "./ServiceFees.sol";

/// @title How one loan runs: what falls due when, what it costs by today, where a payment goes. Pure.
/// @notice Every loan has `periods` instalments. A bullet, a draw on a revolving facility and a purchase on a bill have
/// one; a schedule has one at the end of each period of whole months. A loan is stored as of the day of its last change; `roll` brings it to a later day. Rolling by
/// steps gives what rolling at once gives, so it costs nothing to leave a loan alone. Exact sums of amount * days are
/// stored, and money is rounded once, half up, when it falls due or is paid (decision 13). Its twin is
/// app/domain/loan.py.
library LoanMath {
    /// @notice How a loan is repaid.
    enum Style {
        Bullet, // principal and interest on the due day, by actual days; also draws on a revolving facility
        EqualPrincipal, // a schedule: principal in equal parts
        EqualInstalment, // a schedule: principal and interest together in equal parts
        BillingCycle, // free of interest when paid by the due day, else interest from the first day
        InterestOnly // a schedule: interest each period, principal with the last
    }

    /// @notice How principal that is repaid before it is due changes a schedule.
    enum AfterPrepayment {
        PayAhead, // it counts for the next instalment's principal; what exceeds that is divided anew
        ShortenTerm, // instalments stay as they are, and the last ones fall away
        LowerInstalment // the rest is divided anew over the periods that are left
    }

    /// @notice Principal that is repaid at most so many days before the next due day counts for that instalment first,
    /// whatever the choice; what exceeds it follows the choice when the instalment falls due.
    uint256 internal constant EARLY_DAYS = 10;

    /// @notice How a loan runs. Fixed when it is drawn.
    /// @param style How it is repaid.
    /// @param periods Number of instalments, 1 to 60; 1 for Bullet and BillingCycle.
    /// @param startDay Day number of the draw; of a loan that was restructured, the day from which interest runs.
    /// @param dueDay Bullet and BillingCycle: the due day number. A schedule: the first due day number where the day of
    /// the month is fixed; 0: periods count from the day of the draw.
    /// @param annualRate Parts per million a year.
    /// @param dayCount 360 or 365: days of a year for interest by actual days and for penalty.
    /// @param penaltyMultiple Parts per million of the rate.
    /// @param graceDays Days after a due day without penalty, at most 15, so that no two instalments are in grace at
    /// once.
    /// @param earlyFee Parts per million of principal repaid before it is due.
    /// @param penaltyOnInterest Whether penalty counts on interest that is overdue too.
    /// @param sameDayInterest Whether a loan that is repaid on the day it was drawn costs one day's interest.
    /// @param shifts A DueDayShifts: four bits a period, the days (at most 12) by which its due day moves to a business
    /// day.
    /// @param monthsPerPeriod Months of a schedule's period, 1 to 12.
    /// @param principalGrace Instalments from the first on that repay no principal; fewer than periods.
    /// @param interestGrace Instalments from the first on that pay no interest: it falls due with the next one.
    /// @param afterPrepayment How principal that is repaid early changes a schedule.
    struct Terms {
        Style style;
        uint8 periods;
        uint24 startDay;
        uint24 dueDay;
        uint24 annualRate;
        uint16 dayCount;
        uint24 penaltyMultiple;
        uint8 graceDays;
        uint24 earlyFee;
        bool penaltyOnInterest;
        bool sameDayInterest;
        uint256 shifts;
        uint8 monthsPerPeriod;
        uint8 principalGrace;
        uint8 interestGrace;
        AfterPrepayment afterPrepayment;
    }

    /// @notice A loan as of the start of `asOfDay` and the payments made on it. Amounts in minor units.
    /// @param asOfDay Day number at whose start the state holds.
    /// @param period Instalments that have fallen due.
    /// @param basePeriod Instalments that had fallen due when the schedule was last worked out.
    /// @param base Principal that the schedule divides over the periods after basePeriod.
    /// @param balance Principal not due yet.
    /// @param ahead Of the current instalment's principal, repaid before it was due.
    /// @param interestPaid What was paid of the running period's interest.
    /// @param interestDays Of the running period: exact sum of balance * days.
    /// @param penaltyDays Exact sum of overdue amount * days.
    /// @param penaltyPaid Penalty that was paid.
    /// @param pastPrincipal Principal that is overdue, out of grace.
    /// @param pastInterest Interest that is overdue, out of grace.
    /// @param gracePrincipal Principal of the one instalment that is due and in grace.
    /// @param graceInterest Interest of that instalment.
    /// @param graceDay Due day number of that instalment; 0: none.
    /// @param costs Costs of enforcement, agreed.
    /// @param prepaid Money of all early repayments, when there is a fee.
    /// @param interestFixed Interest of the running period up to the last reset of the rate, paid or not.
    /// @param penaltyFixed Penalty up to the last reset of the rate, paid or not.
    /// @param fees Service fees that are owed, and the share that each instalment is charged; 0: there are none.
    struct State {
        uint24 asOfDay;
        uint8 period;
        uint8 basePeriod;
        uint64 base;
        uint64 balance;
        uint64 ahead;
        uint64 interestPaid;
        uint96 interestDays;
        uint96 penaltyDays;
        uint64 penaltyPaid;
        uint64 pastPrincipal;
        uint64 pastInterest;
        uint64 gracePrincipal;
        uint64 graceInterest;
        uint24 graceDay;
        uint64 costs;
        uint64 prepaid;
        uint64 interestFixed;
        uint64 penaltyFixed;
        ServiceFeesWord fees;
    }

    /// @notice Where a payment went; the parts sum to it.
    /// @param costs Costs of enforcement.
    /// @param penalty Penalty.
    /// @param interest Interest.
    /// @param principal Principal.
    /// @param fee Service fees, and the fee for early repayment, for which money counts only once no service fee is owed.
    struct Parts {
        uint64 costs;
        uint64 penalty;
        uint64 interest;
        uint64 principal;
        uint64 fee;
    }

    /// @notice State of a loan of `principal` when it is drawn.
    /// @param terms How the loan runs.
    /// @param principal Minor units that were drawn.
    /// @return state The state of the loan.
    function opened(Terms memory terms, uint64 principal) internal pure returns (State memory state) {
        state.asOfDay = terms.startDay;
        state.base = principal;
        state.balance = principal;
        if (terms.sameDayInterest && terms.style != Style.BillingCycle) {
            // The first day counts from its beginning. The last day does not count, so later days are the same.
            state.asOfDay += 1;
            state.interestDays = principal;
        }
    }

    // ------------------------------------------------------------------ time

    /// @notice Due day of instalment `number` (1 to periods), moved to a business day where the terms say so.
    /// @param terms How the loan runs.
    /// @param number The instalment, 1 to periods.
    /// @return day The day number.
    function dueDayOf(Terms memory terms, uint256 number) internal pure returns (uint256 day) {
        if (!isSchedule(terms)) day = terms.dueDay;
        else if (terms.dueDay == 0) day = Calendar.addMonths(terms.startDay, number * terms.monthsPerPeriod);
        else day = Calendar.addMonths(terms.dueDay, (number - 1) * terms.monthsPerPeriod);
        return day + shiftOf(terms, number);
    }

    function shiftOf(Terms memory terms, uint256 number) internal pure returns (uint256) {
        if (number == 0 || terms.shifts == 0) return 0;
        return DueDayShifts.wrap(terms.shifts).daysOf(number);
    }

    /// @notice Whether the loan is repaid in periods of whole months.
    /// @param terms How the loan runs.
    /// @return True for a schedule.
    function isSchedule(Terms memory terms) internal pure returns (bool) {
        return terms.style != Style.Bullet && terms.style != Style.BillingCycle;
    }

    /// @notice Brings the state to `today`, in place. A day before the state's own day changes nothing.
    /// @param terms How the loan runs.
    /// @param state The state of the loan.
    /// @param today The loan's own day number.
    function roll(Terms memory terms, State memory state, uint256 today) internal pure {
        if (today < state.asOfDay) return;
        state.penaltyDays += uint96(
            _penaltyBase(terms, state.pastPrincipal, state.pastInterest) * (today - state.asOfDay)
        );
        _endGrace(terms, state, today);
        while (state.period < terms.periods) {
            uint256 due = dueDayOf(terms, uint256(state.period) + 1);
            // A bill can be paid free of interest on its due day.
            if (today < due || (today == due && terms.style == Style.BillingCycle)) break;
            _fallDue(terms, state, due, today);
        }
        if (state.balance != 0 && terms.style != Style.BillingCycle) {
            uint256 elapsed = _elapsed(terms, state, today) - _elapsed(terms, state, state.asOfDay);
            state.interestDays += uint96(state.balance * elapsed);
        }
        state.asOfDay = uint24(today);
    }

    /// @notice All falls due at once, as in a default: nothing is left to run, and penalty counts from today.
    /// @param terms How the loan runs.
    /// @param state The state of the loan.
    /// @param today The loan's own day number.
    function accelerate(Terms memory terms, State memory state, uint256 today) internal pure {
        roll(terms, state, today);
        if (state.graceDay != 0) _leaveGrace(terms, state, today);
        if (terms.style == Style.BillingCycle) state.interestDays = uint96(state.balance * (today - terms.startDay));
        state.pastInterest += uint64(_runningInterest(terms, state));
        state.pastPrincipal += state.balance;
        state.fees = state.fees.fallDue().leaveGrace();
        _endInterest(state);
        state.ahead = 0;
        state.balance = 0;
        state.period = terms.periods;
    }

    /// @notice More periods: the principal that is not due yet is divided anew over the periods that are left, in
    /// place. The state is rolled to today, and something has still to fall due.
    /// @param terms How the loan runs.
    /// @param state The state of the loan.
    /// @param periods The new number of instalments.
    function extend(Terms memory terms, State memory state, uint8 periods) internal pure {
        terms.periods = periods;
        state.base = state.balance;
        state.ahead = 0;
        state.basePeriod = state.period;
    }

    /// @notice The rate changes, in place. The state is rolled to the day of the change. Interest of the running
    /// period and penalty so far are rounded and stay; a schedule of equal instalments is divided anew over the periods
    /// that are left. Where an early repayment shortens the term, it goes on doing so: the instalments become those of
    /// a loan without early repayments.
    /// @dev Source: decision 42.
    /// @param terms How the loan runs; afterwards with the new rate.
    /// @param state The state of the loan.
    /// @param annualRate The new rate, in parts per million a year.
    function resetRate(Terms memory terms, State memory state, uint24 annualRate) internal pure {
        state.interestFixed = uint64(_interestSoFar(terms, state));
        state.interestDays = 0;
        state.penaltyFixed = uint64(_penaltySoFar(terms, state));
        state.penaltyDays = 0;
        if (terms.style == Style.EqualInstalment && state.period < terms.periods) {
            bool isShortened = terms.afterPrepayment == AfterPrepayment.ShortenTerm;
            state.base = isShortened ? _unprepaid(terms, state) : state.balance + state.ahead;
            state.basePeriod = state.period;
        }
        terms.annualRate = annualRate;
    }

    // ------------------------------------------------------------------ money

    /// @notice Distributes `amount`, in place: costs, service fees due, penalty, interest due, principal due, each the
    /// oldest first; then interest of the running period, service fees that are not due yet, and principal before it is
    /// due, with its fee. What is left over is not owed. The state must have been rolled to today.
    /// @param terms How the loan runs.
    /// @param state The state of the loan.
    /// @param amount Minor units.
    /// @return parts Where it went, in minor units.
    /// @return left Minor units that are not owed.
    function allocate(Terms memory terms, State memory state, uint256 amount)
        internal
        pure
        returns (Parts memory parts, uint256 left)
    {
        left = amount;
        uint64 taken;

        (state.costs, parts.costs, left) = _pay(state.costs, left);
        if (!state.fees.isNone()) {
            (state.fees, parts.fee) = ServiceFees.payDue(state.fees, left);
            left -= parts.fee;
        }

        (, parts.penalty, left) = _pay(penaltyDue(terms, state), left);
        state.penaltyPaid += parts.penalty;

        (state.pastInterest, parts.interest, left) = _pay(state.pastInterest, left);
        (state.graceInterest, taken, left) = _pay(state.graceInterest, left);
        parts.interest += taken;

        (state.pastPrincipal, parts.principal, left) = _pay(state.pastPrincipal, left);
        (state.gracePrincipal, taken, left) = _pay(state.gracePrincipal, left);
        parts.principal += taken;

        (, taken, left) = _pay(uint64(_runningInterest(terms, state)), left);
        state.interestPaid += taken;
        parts.interest += taken;

        if (!state.fees.isNone()) {
            (state.fees, taken) = ServiceFees.payRunning(state.fees, left);
            parts.fee += taken;
            left -= taken;
        }
        if (left != 0 && state.balance != 0) left = _prepay(terms, state, parts, left);
    }

    /// @notice Penalty owed today.
    /// @param terms How the loan runs.
    /// @param state The state of the loan.
    /// @return Minor units.
    function penaltyDue(Terms memory terms, State memory state) internal pure returns (uint64) {
        if (state.penaltyDays | state.penaltyFixed == 0) return 0;
        return uint64(_penaltySoFar(terms, state) - state.penaltyPaid);
    }

    /// @notice What must be paid today so that nothing due stays unpaid.
    /// @param terms How the loan runs.
    /// @param state The state of the loan.
    /// @return parts The parts, in minor units.
    function amountDue(Terms memory terms, State memory state) internal pure returns (Parts memory parts) {
        parts.costs = state.costs;
        parts.penalty = penaltyDue(terms, state);
        parts.interest = state.pastInterest + state.graceInterest;
        parts.principal = state.pastPrincipal + state.gracePrincipal;
        parts.fee = state.fees.due();
    }

    /// @notice What would end the loan today.
    /// @param terms How the loan runs.
    /// @param state The state of the loan.
    /// @return parts The parts, in minor units.
    function payoff(Terms memory terms, State memory state) internal pure returns (Parts memory parts) {
        parts = amountDue(terms, state);
        parts.interest += uint64(_runningInterest(terms, state));
        parts.principal += state.balance;
        parts.fee = state.fees.owed() + uint64(_moneyToPrepay(terms, state, state.balance) - state.balance);
    }

    /// @notice All parts together.
    /// @param parts The parts, in minor units.
    /// @return Minor units.
    function sumOf(Parts memory parts) internal pure returns (uint256) {
        return uint256(parts.costs) + parts.penalty + parts.interest + parts.principal + parts.fee;
    }

    /// @notice Principal owed, due or not.
    /// @param state The state of the loan.
    /// @return Minor units.
    function outstanding(State memory state) internal pure returns (uint256) {
        return uint256(state.balance) + state.pastPrincipal + state.gracePrincipal;
    }

    /// @notice Whether something is unpaid beyond its grace.
    /// @param state The state of the loan.
    /// @return True if something is.
    function hasPast(State memory state) internal pure returns (bool) {
        return state.pastPrincipal != 0 || state.pastInterest != 0 || state.fees.past() != 0;
    }

    /// @notice Whether nothing at all is owed.
    /// @param terms How the loan runs.
    /// @param state The state of the loan.
    /// @return True if nothing is.
    function isPaid(Terms memory terms, State memory state) internal pure returns (bool) {
        return outstanding(state) == 0 && state.costs == 0 && state.pastInterest == 0 && state.graceInterest == 0
            && penaltyDue(terms, state) == 0 && _runningInterest(terms, state) == 0 && state.fees.owed() == 0;
    }

    // ------------------------------------------------------------------ internal parts

    function _fallDue(Terms memory terms, State memory state, uint256 due, uint256 today) private pure {
        uint256 number = uint256(state.period) + 1;
        // A bill that was not paid in time costs interest from its first day.
        uint256 before = terms.style == Style.BillingCycle ? 0 : _elapsed(terms, state, state.asOfDay);
        state.interestDays += uint96(state.balance * (_span(terms, number) - before));
        uint64 principal = uint64(_principalFallingDue(terms, state, number));
        uint64 interest;
        if (number > terms.interestGrace || number == terms.periods) {
            interest = uint64(_runningInterest(terms, state));
            _endInterest(state);
        }

        state.fees = ServiceFees.fallDue(state.fees, state.balance);
        state.balance -= principal;
        state.period = uint8(number);
        state.gracePrincipal = principal;
        // What a restructuring left unpaid falls due with the first instalment; nothing else is in grace here.
        state.graceInterest += interest;
        state.graceDay = principal | state.graceInterest | state.fees.inGrace() == 0 ? 0 : uint24(due);
        state.asOfDay = uint24(due);
        _endGrace(terms, state, today);
    }

    /// @dev The instalment's principal less what was repaid of it before. If more was repaid, the choice decides what
    /// becomes of the rest.
    function _principalFallingDue(Terms memory terms, State memory state, uint256 number)
        private
        pure
        returns (uint256 principal)
    {
        if (number == terms.periods) return state.balance;
        uint256 scheduled = _scheduledPrincipal(terms, state, number);
        if (state.ahead <= scheduled) {
            principal = scheduled - state.ahead;
        } else if (terms.afterPrepayment != AfterPrepayment.ShortenTerm) {
            state.base = state.balance;
            state.basePeriod = uint8(number);
        }
        state.ahead = 0;
    }

    function _scheduledPrincipal(Terms memory terms, State memory state, uint256 number)
        private
        pure
        returns (uint256 principal)
    {
        uint256 withoutPrincipal = terms.style == Style.InterestOnly ? uint256(terms.periods) - 1 : terms.principalGrace;
        if (number <= withoutPrincipal) return 0;
        uint256 periodsOfBase =
            terms.periods - (state.basePeriod > withoutPrincipal ? state.basePeriod : withoutPrincipal);
        uint256 atStart = uint256(state.balance) + state.ahead;
        if (terms.style == Style.EqualPrincipal) {
            principal = RepaymentMath.equalPrincipalHalfUp(state.base, periodsOfBase);
        } else {
            uint256 instalment =
                RepaymentMath.equalInstalmentHalfUp(state.base, terms.annualRate, periodsOfBase, terms.monthsPerPeriod);
            uint256 interest =
                RepaymentMath.interestHalfUp(atStart * _span(terms, number), terms.annualRate, RepaymentMath.YEAR_DAYS);
            principal = instalment > interest ? instalment - interest : 0;
        }
        return principal < atStart ? principal : atStart;
    }

    function _endGrace(Terms memory terms, State memory state, uint256 today) private pure {
        if (state.graceDay != 0 && today > uint256(state.graceDay) + terms.graceDays) _leaveGrace(terms, state, today);
    }

    /// @dev Once out of grace, penalty counts from the due day. A default may come before the due day of what a
    /// restructuring left unpaid.
    function _leaveGrace(Terms memory terms, State memory state, uint256 today) private pure {
        uint256 base = _penaltyBase(terms, state.gracePrincipal, state.graceInterest);
        if (today > state.graceDay) state.penaltyDays += uint96(base * (today - state.graceDay));
        state.pastPrincipal += state.gracePrincipal;
        state.pastInterest += state.graceInterest;
        state.gracePrincipal = 0;
        state.graceInterest = 0;
        state.graceDay = 0;
        state.fees = state.fees.leaveGrace();
    }

    function _penaltyBase(Terms memory terms, uint256 principal, uint256 interest) private pure returns (uint256) {
        return terms.penaltyOnInterest ? principal + interest : principal;
    }

    /// @dev Interest of the running period so far, less what was paid of it.
    function _runningInterest(Terms memory terms, State memory state) private pure returns (uint256) {
        if (state.interestDays | state.interestFixed == 0) return 0;
        return _interestSoFar(terms, state) - state.interestPaid;
    }

    /// @dev Interest of the running period so far: what the last reset of the rate fixed, and what ran since.
    function _interestSoFar(Terms memory terms, State memory state) private pure returns (uint256) {
        uint256 dayCount = isSchedule(terms) ? RepaymentMath.YEAR_DAYS : terms.dayCount;
        return state.interestFixed + RepaymentMath.interestHalfUp(state.interestDays, terms.annualRate, dayCount);
    }

    /// @dev Penalty so far: what the last reset of the rate fixed, and what ran since.
    function _penaltySoFar(Terms memory terms, State memory state) private pure returns (uint256) {
        return state.penaltyFixed
            + RepaymentMath.penaltyHalfUp(state.penaltyDays, terms.annualRate, terms.penaltyMultiple, terms.dayCount);
    }

    function _endInterest(State memory state) private pure {
        state.interestDays = 0;
        state.interestPaid = 0;
        state.interestFixed = 0;
    }

    /// @dev What would not be due yet, had nothing been repaid early since the schedule was last worked out.
    function _unprepaid(Terms memory terms, State memory state) private pure returns (uint64 rest) {
        rest = state.base;
        State memory scheduled;
        scheduled.base = state.base;
        scheduled.basePeriod = state.basePeriod;
        for (uint256 number = uint256(state.basePeriod) + 1; number <= state.period; ++number) {
            scheduled.balance = rest;
            rest -= uint64(_scheduledPrincipal(terms, scheduled, number));
        }
    }

    /// @dev Days of interest of a whole period: a month has thirty, and a moved due day moves them with it. A first
    /// period that ends on a fixed due day has its actual days.
    function _span(Terms memory terms, uint256 number) private pure returns (uint256) {
        if (!isSchedule(terms) || (number == 1 && terms.dueDay != 0)) return dueDayOf(terms, number) - terms.startDay;
        uint256 monthDays = RepaymentMath.MONTH_DAYS * terms.monthsPerPeriod;
        return monthDays + shiftOf(terms, number) - shiftOf(terms, number - 1);
    }

    /// @dev Days of interest of the running period up to `day`. Interest of a loan that was restructured may begin later.
    function _elapsed(Terms memory terms, State memory state, uint256 day) private pure returns (uint256 elapsed) {
        uint256 from = state.period == 0 ? terms.startDay : dueDayOf(terms, state.period);
        if (day <= from) return 0;
        elapsed = day - from;
        if (!isSchedule(terms)) return elapsed;
        uint256 span = _span(terms, uint256(state.period) + 1);
        return elapsed < span ? elapsed : span;
    }

    function _prepay(Terms memory terms, State memory state, Parts memory parts, uint256 money)
        private
        pure
        returns (uint256 left)
    {
        uint256 needed = _moneyToPrepay(terms, state, state.balance);
        uint256 spent = money < needed ? money : needed;
        uint256 principal = spent;
        if (_hasFee(terms)) {
            uint256 free = _freeOfFee(terms, state);
            if (spent > free) {
                uint256 total = state.prepaid + spent - free;
                principal = free + RepaymentMath.principalOfPrepaymentHalfUp(total, terms.earlyFee)
                    - RepaymentMath.principalOfPrepaymentHalfUp(state.prepaid, terms.earlyFee);
                state.prepaid = uint64(total);
            }
        }
        state.balance -= uint64(principal);
        if (terms.afterPrepayment == AfterPrepayment.PayAhead || _isDueSoon(terms, state)) {
            state.ahead += uint64(principal);
        } else if (terms.afterPrepayment == AfterPrepayment.LowerInstalment) {
            state.base = state.balance;
            state.basePeriod = state.period;
        }
        parts.principal += uint64(principal);
        parts.fee += uint64(spent - principal);
        return money - spent;
    }

    /// @dev Whether money of today is meant for the next instalment first, whatever the choice: a transfer often comes
    /// some days early.
    function _isDueSoon(Terms memory terms, State memory state) private pure returns (bool) {
        return dueDayOf(terms, uint256(state.period) + 1) <= uint256(state.asOfDay) + EARLY_DAYS;
    }

    /// @dev Money that repays `principal` before it is due, its fee included.
    function _moneyToPrepay(Terms memory terms, State memory state, uint256 principal) private pure returns (uint256) {
        if (principal == 0 || !_hasFee(terms)) return principal;
        uint256 free = _freeOfFee(terms, state);
        if (principal <= free) return principal;
        uint256 before = RepaymentMath.principalOfPrepaymentHalfUp(state.prepaid, terms.earlyFee);
        return free + RepaymentMath.moneyOfPrepayment(before + principal - free, terms.earlyFee) - state.prepaid;
    }

    /// @dev A bill is paid before it is due by its nature.
    function _hasFee(Terms memory terms) private pure returns (bool) {
        return terms.earlyFee != 0 && terms.style != Style.BillingCycle;
    }

    /// @dev Principal that may be repaid today without a fee: what an instalment repays some days before it is due is
    /// not early (decision 43).
    function _freeOfFee(Terms memory terms, State memory state) private pure returns (uint256) {
        if (!_isDueSoon(terms, state)) return 0;
        uint256 number = uint256(state.period) + 1;
        if (number == terms.periods) return state.balance;
        uint256 scheduled = _scheduledPrincipal(terms, state, number);
        return scheduled > state.ahead ? scheduled - state.ahead : 0;
    }

    function _pay(uint64 owed, uint256 money) private pure returns (uint64 rest, uint64 paid, uint256 left) {
        paid = money < owed ? uint64(money) : owed;
        return (owed - paid, paid, money - paid);
    }
}
