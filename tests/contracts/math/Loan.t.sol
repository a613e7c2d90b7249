// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Calendar} from "contracts/math/Calendar.sol";
import {LoanMath} from "contracts/math/LoanMath.sol";
import {RepaymentMath} from "contracts/math/RepaymentMath.sol";
import {Test} from "../support/Test.sol";

/// Worked numbers, and properties of every loan for any terms, days and payments.
contract LoanTest is Test {
    function test_worked_numbers_of_interest() public pure {
        assertEq(RepaymentMath.interestHalfUp(100_000_000 * 37, 72_000, 360), 740_000, "7.2%, 37 days");
        assertEq(RepaymentMath.interestHalfUp(33_333_333, 100_500, 360), 9306, "10.05%, one day");
        assertEq(RepaymentMath.interestHalfUp(uint256(499_999_999) * 365, 91_200, 360), 46_233_333, "9.12%, 365 days");
        assertEq(RepaymentMath.discountHalfUp(80_000_000, 43_500, 86), 831_333, "discount");
    }

    function test_worked_numbers_of_an_equal_instalment() public pure {
        uint64[6] memory interest = [uint64(420_000), 351_215, 281_949, 212_197, 141_958, 71_226];
        LoanMath.Terms memory terms = _terms(LoanMath.Style.EqualInstalment, 6, 84_000);
        LoanMath.State memory state = LoanMath.opened(terms, 60_000_000);
        for (uint256 i; i < 6; ++i) {
            LoanMath.roll(terms, state, LoanMath.dueDayOf(terms, i + 1));
            LoanMath.Parts memory due = LoanMath.amountDue(terms, state);
            assertEq(due.interest, interest[i], "interest");
            assertEq(due.interest + due.principal, i < 5 ? 10_246_424 : 10_246_425, "instalment");
            LoanMath.allocate(terms, state, due.interest + due.principal);
        }
        assertTrue(LoanMath.isPaid(terms, state), "nothing is owed");
    }

    function test_worked_numbers_of_equal_principal() public pure {
        uint64[3] memory instalments = [uint64(33_883_333), 33_700_000, 33_516_667];
        LoanMath.Terms memory terms = _terms(LoanMath.Style.EqualPrincipal, 3, 66_000);
        LoanMath.State memory state = LoanMath.opened(terms, 100_000_000);
        for (uint256 i; i < 3; ++i) {
            LoanMath.roll(terms, state, LoanMath.dueDayOf(terms, i + 1));
            LoanMath.Parts memory due = LoanMath.amountDue(terms, state);
            assertEq(due.interest + due.principal, instalments[i], "instalment");
            LoanMath.allocate(terms, state, instalments[i]);
        }
        assertTrue(LoanMath.isPaid(terms, state), "nothing is owed");
    }

    function test_penalty_is_zero_in_grace_and_then_counts_every_overdue_day() public pure {
        LoanMath.Terms memory terms = _terms(LoanMath.Style.Bullet, 1, 72_000);
        LoanMath.State memory state = LoanMath.opened(terms, 100_000_000);
        LoanMath.roll(terms, state, terms.dueDay + 3);
        assertEq(LoanMath.penaltyDue(terms, state), 0, "in grace");
        LoanMath.roll(terms, state, terms.dueDay + 4);
        // 1,000,000.00 at 1.5 * 7.2%, four days of 360.
        assertEq(LoanMath.penaltyDue(terms, state), 120_000, "after grace");
    }

    function test_a_bill_is_free_until_its_due_day_and_costs_from_its_first_day_afterwards() public pure {
        LoanMath.Terms memory terms = _terms(LoanMath.Style.BillingCycle, 1, 72_000);
        LoanMath.State memory state = LoanMath.opened(terms, 100_000_000);
        LoanMath.roll(terms, state, terms.dueDay);
        assertEq(LoanMath.payoff(terms, state).interest, 0, "on the due day");
        LoanMath.roll(terms, state, terms.dueDay + 1);
        assertEq(LoanMath.payoff(terms, state).interest, 740_000, "a day later: 37 days");
    }

    function test_the_31st_falls_on_the_last_day_of_a_shorter_month() public pure {
        uint256 start = Calendar.dayOf(2027, 10, 31);
        assertEq(Calendar.addMonths(start, 1), Calendar.dayOf(2027, 11, 30), "November");
        assertEq(Calendar.addMonths(start, 2), Calendar.dayOf(2027, 12, 31), "December");
        assertEq(Calendar.addMonths(start, 4), Calendar.dayOf(2028, 2, 29), "a leap February");
    }

    /// Invariant 8: interest over days a + b is the interest over a, then over b; a view changes nothing.
    function testFuzz_08_rolling_in_steps_equals_rolling_at_once(
        uint256 seed,
        uint64 principal,
        uint256 days1,
        uint256 days2
    ) public pure {
        (LoanMath.Terms memory terms, LoanMath.State memory once) = _any(seed, principal);
        LoanMath.State memory twice = _copy(once);
        days1 = bound(days1, 0, 900);
        days2 = bound(days2, 0, 900);
        LoanMath.roll(terms, twice, terms.startDay + days1);
        LoanMath.roll(terms, twice, terms.startDay + days1 + days2);
        LoanMath.roll(terms, once, terms.startDay + days1 + days2);
        assertTrue(keccak256(abi.encode(once)) == keccak256(abi.encode(twice)), "same state");
    }

    /// Invariant 7: the parts of a payment sum to it, and two on one day do what one does.
    function testFuzz_07_payments_sum_and_may_be_divided(
        uint256 seed,
        uint64 principal,
        uint256[2] memory daysOn,
        uint64[2] memory amounts
    ) public pure {
        (LoanMath.Terms memory terms, LoanMath.State memory once) = _any(seed, principal);
        LoanMath.roll(terms, once, terms.startDay + bound(daysOn[0], 0, 400));
        LoanMath.allocate(terms, once, principal / 7);
        LoanMath.roll(terms, once, once.asOfDay + bound(daysOn[1], 0, 400));
        uint256 owed = _sum(LoanMath.payoff(terms, once));
        _payOnceAndTwice(terms, once, owed, bound(amounts[0], 0, owed), bound(amounts[1], 0, owed));
    }

    function _payOnceAndTwice(
        LoanMath.Terms memory terms,
        LoanMath.State memory once,
        uint256 owed,
        uint256 first,
        uint256 second
    ) private pure {
        LoanMath.State memory twice = _copy(once);
        (LoanMath.Parts memory parts, uint256 left) = LoanMath.allocate(terms, once, first + second);
        assertEq(_sum(parts) + left, first + second, "parts");
        assertEq(left, first + second > owed ? first + second - owed : 0, "over");
        assertTrue(LoanMath.isPaid(terms, once) == (first + second >= owed), "paid with the last cent");

        (LoanMath.Parts memory firstParts, uint256 leftFirst) = LoanMath.allocate(terms, twice, first);
        (LoanMath.Parts memory secondParts, uint256 leftSecond) = LoanMath.allocate(terms, twice, second);
        assertEq(leftFirst + leftSecond, left, "left");
        assertEq(firstParts.penalty + secondParts.penalty, parts.penalty, "penalty");
        assertEq(firstParts.interest + secondParts.interest, parts.interest, "interest");
        assertEq(firstParts.principal + secondParts.principal, parts.principal, "principal");
        assertEq(firstParts.fee + secondParts.fee, parts.fee, "fee");
        assertTrue(keccak256(abi.encode(once)) == keccak256(abi.encode(twice)), "same state");
    }

    /// Invariant 7: principal paid and owed is what was lent, to the end and past it.
    function testFuzz_07_principal_is_conserved(
        uint256 seed,
        uint64 principal,
        uint256[6] memory gaps,
        uint64[6] memory amounts
    ) public pure {
        (LoanMath.Terms memory terms, LoanMath.State memory state) = _any(seed, principal);
        uint256 lent = state.balance;
        uint256 paid;
        uint256 day = terms.startDay;
        for (uint256 i; i < 6; ++i) {
            day += bound(gaps[i], 0, 120);
            LoanMath.roll(terms, state, day);
            if (i == 4 && gaps[i] % 2 == 0) LoanMath.accelerate(terms, state, day);
            (LoanMath.Parts memory parts,) = LoanMath.allocate(terms, state, bound(amounts[i], 0, lent / 2));
            paid += parts.principal;
            assertEq(paid + LoanMath.outstanding(state), lent, "principal");
        }
        LoanMath.allocate(terms, state, type(uint64).max);
        assertTrue(LoanMath.isPaid(terms, state), "paid");
    }

    function _sum(LoanMath.Parts memory parts) private pure returns (uint256) {
        return uint256(parts.costs) + parts.penalty + parts.interest + parts.principal + parts.fee;
    }

    function _copy(LoanMath.State memory state) private pure returns (LoanMath.State memory) {
        return abi.decode(abi.encode(state), (LoanMath.State));
    }

    function _terms(LoanMath.Style style, uint8 periods, uint24 rate)
        private
        pure
        returns (LoanMath.Terms memory terms)
    {
        terms.style = style;
        terms.periods = periods;
        terms.monthsPerPeriod = 1;
        terms.startDay = 20_800;
        if (!LoanMath.isSchedule(terms)) terms.dueDay = 20_837;
        terms.annualRate = rate;
        terms.dayCount = 360;
        terms.penaltyMultiple = 1_500_000;
        terms.graceDays = 3;
    }

    function _any(uint256 seed, uint64 principal)
        private
        pure
        returns (LoanMath.Terms memory terms, LoanMath.State memory state)
    {
        bytes32 random = keccak256(abi.encode(seed));
        terms.style = LoanMath.Style(uint8(random[0]) % 5);
        terms.periods = 1;
        terms.monthsPerPeriod = 1;
        if (LoanMath.isSchedule(terms)) {
            terms.periods = uint8(random[1]) % 20 + 1;
            terms.monthsPerPeriod = uint8(random[22]) % 3 + 1;
            terms.principalGrace = uint8(random[23]) % 12;
            if (terms.principalGrace >= terms.periods) terms.principalGrace = terms.periods - 1;
            terms.interestGrace = uint8(random[24]) % 12;
            terms.afterPrepayment = LoanMath.AfterPrepayment(uint8(random[25]) % 3);
        }
        terms.startDay = 20_000 + uint24(uint16(bytes2(random)) % 9000);
        terms.dueDay = terms.startDay + 1 + uint24(uint8(random[2]));
        if (LoanMath.isSchedule(terms)) {
            terms.dueDay = uint8(random[26]) % 2 == 0 ? 0 : terms.dueDay % 60 + terms.startDay;
        }
        terms.annualRate = uint24(uint32(bytes4(random << 32)) % 1_000_001);
        terms.dayCount = uint8(random[8]) % 2 == 0 ? 360 : 365;
        terms.penaltyMultiple = uint24(uint32(bytes4(random << 72)) % 3_000_001);
        terms.graceDays = uint8(random[13]) % 16;
        terms.earlyFee = uint8(random[14]) % 2 == 0 ? 0 : uint24(uint32(bytes4(random << 120)) % 100_001);
        terms.penaltyOnInterest = uint8(random[19]) % 2 == 0;
        terms.sameDayInterest = uint8(random[20]) % 2 == 0;
        if (uint8(random[21]) % 2 == 0) {
            for (uint256 i; i < terms.periods; ++i) {
                terms.shifts |= (uint256(keccak256(abi.encode(seed, i))) % 13) << (4 * i);
            }
        }
        state = LoanMath.opened(terms, uint64(bound(principal, 1, 2 ** 60 - 1)));
    }
}
