// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {FacilityId} from "contracts/types/FacilityId.sol";
import {LoanBalancesWord, packLoanBalances} from "contracts/types/LoanBalancesWord.sol";
import {LoanCollateralWord, packLoanCollateral} from "contracts/types/LoanCollateralWord.sol";
import {LoanLateWord, packLoanLate} from "contracts/types/LoanLateWord.sol";
import {LoanPenaltyWord, packLoanPenalty} from "contracts/types/LoanPenaltyWord.sol";
import {LoanSumsWord, packLoanSums} from "contracts/types/LoanSumsWord.sol";
import {LoanTermsWord, packLoanTerms} from "contracts/types/LoanTermsWord.sol";
import {PartyId} from "contracts/types/PartyId.sol";
import {Test} from "../support/Test.sol";

/// The words of a loan in storage: each field is where the drawing says, and comes back as it went in. The expected word
/// is written from the highest field to the lowest, without a shift.
contract LoanWordsTest is Test {
    struct TermsFields {
        uint8 afterPrepayment;
        uint8 principalGrace;
        uint8 interestGrace;
        uint8 monthsPerPeriod;
        uint24 lostBefore;
        uint16 dayCount;
        uint24 earlyFee;
        uint24 penaltyMultiple;
        uint24 annualRate;
        uint24 dueDay;
        uint24 startDay;
        uint8 graceDays;
        uint8 periods;
        uint8 style;
        uint8 flags;
        uint8 collateral;
        uint8 status;
        uint40 facilityId;
    }

    function testFuzz_the_terms_word_is_laid_out_as_drawn(TermsFields memory fields) public pure {
        LoanTermsWord word = _packed(fields);
        bytes memory upper = abi.encodePacked(
            (fields.afterPrepayment & 3) * 16 + (fields.principalGrace & 15),
            fields.lostBefore,
            fields.dayCount,
            fields.earlyFee,
            fields.penaltyMultiple,
            fields.annualRate,
            fields.dueDay,
            fields.startDay
        );
        bytes memory lower = abi.encodePacked(
            (fields.interestGrace & 15) * 16 + (fields.graceDays & 15),
            fields.periods,
            (fields.monthsPerPeriod & 15) * 16 + (fields.style & 15),
            fields.flags,
            fields.collateral,
            fields.status,
            fields.facilityId
        );
        assertEq(LoanTermsWord.unwrap(word), uint256(bytes32(bytes.concat(upper, lower))), "layout");
    }

    function testFuzz_the_terms_word_gives_back_each_field(TermsFields memory fields) public pure {
        LoanTermsWord word = _packed(fields);
        assertEq(FacilityId.unwrap(word.facilityId()), fields.facilityId, "facilityId");
        assertEq(word.status(), fields.status, "status");
        assertEq(word.collateral(), fields.collateral, "collateral");
        assertEq(word.flags(), fields.flags, "flags");
        assertEq(word.style(), fields.style & 15, "style");
        assertEq(word.monthsPerPeriod(), fields.monthsPerPeriod & 15, "monthsPerPeriod");
        assertEq(word.principalGrace(), fields.principalGrace & 15, "principalGrace");
        assertEq(word.interestGrace(), fields.interestGrace & 15, "interestGrace");
        assertEq(word.afterPrepayment(), fields.afterPrepayment & 3, "afterPrepayment");
        assertEq(word.periods(), fields.periods, "periods");
        assertEq(word.graceDays(), fields.graceDays & 15, "graceDays");
        assertEq(word.startDay(), fields.startDay, "startDay");
        assertEq(word.dueDay(), fields.dueDay, "dueDay");
        assertEq(word.annualRate(), fields.annualRate, "annualRate");
        assertEq(word.penaltyMultiple(), fields.penaltyMultiple, "penaltyMultiple");
        assertEq(word.earlyFee(), fields.earlyFee, "earlyFee");
        assertEq(word.dayCount(), fields.dayCount, "dayCount");
        assertEq(word.lostBefore(), fields.lostBefore, "lostBefore");
    }

    function testFuzz_the_collateral_word_is_laid_out_as_drawn(
        uint24 drawnDay,
        uint64 debtor,
        uint64 collateralId,
        uint64 drawn
    ) public pure {
        LoanCollateralWord word = packLoanCollateral(drawn, collateralId, PartyId.wrap(debtor), drawnDay);
        bytes memory expected = abi.encodePacked(uint40(0), drawnDay, debtor, collateralId, drawn);
        assertEq(LoanCollateralWord.unwrap(word), uint256(bytes32(expected)), "layout");
        assertEq(word.drawn(), drawn, "drawn");
        assertEq(word.collateralId(), collateralId, "collateralId");
        assertEq(PartyId.unwrap(word.debtor()), debtor, "debtor");
        assertEq(word.drawnDay(), drawnDay, "drawnDay");
    }

    function testFuzz_the_balances_word_of_one_period_is_laid_out_as_drawn(
        uint88 interestDays,
        uint64 interestPaid,
        uint64 balance,
        uint8 period,
        uint24 asOfDay,
        bool late
    ) public pure {
        LoanBalancesWord word = packLoanBalances(asOfDay, period, balance);
        word = word.withSums(interestPaid, interestDays);
        if (late) word = word.markedLate();
        bytes memory expected = abi.encodePacked(interestDays, interestPaid, balance, period, asOfDay, late);
        assertEq(LoanBalancesWord.unwrap(word), uint256(bytes32(expected)), "layout");
        assertTrue(word.isLate() == late, "isLate");
        assertEq(word.asOfDay(), asOfDay, "asOfDay");
        assertEq(word.period(), period, "period");
        assertEq(word.balance(), balance, "balance");
        assertEq(word.interestPaid(), interestPaid, "interestPaid");
        assertEq(word.interestDays(), interestDays, "interestDays");
    }

    function testFuzz_the_balances_word_of_several_periods_is_laid_out_as_drawn(
        uint8 basePeriod,
        uint64 ahead,
        uint64 base,
        uint64 balance,
        uint8 period,
        uint24 asOfDay
    ) public pure {
        LoanBalancesWord word = packLoanBalances(asOfDay, period, balance);
        word = word.withBase(base, ahead, basePeriod);
        bytes memory expected = abi.encodePacked(uint16(0), basePeriod, ahead, base, balance, period, asOfDay, uint8(0));
        assertEq(LoanBalancesWord.unwrap(word), uint256(bytes32(expected)), "layout");
        assertTrue(!word.isLate(), "isLate");
        assertEq(word.base(), base, "base");
        assertEq(word.ahead(), ahead, "ahead");
        assertEq(word.basePeriod(), basePeriod, "basePeriod");
    }

    function testFuzz_the_sums_word_is_laid_out_as_drawn(uint96 interestDays, uint64 interestPaid) public pure {
        LoanSumsWord word = packLoanSums(interestPaid, interestDays);
        bytes memory expected = abi.encodePacked(uint96(0), interestDays, interestPaid);
        assertEq(LoanSumsWord.unwrap(word), uint256(bytes32(expected)), "layout");
        assertEq(word.interestPaid(), interestPaid, "interestPaid");
        assertEq(word.interestDays(), interestDays, "interestDays");
    }

    function testFuzz_the_late_word_is_laid_out_as_drawn(
        uint64 graceInterest,
        uint64 gracePrincipal,
        uint64 pastInterest,
        uint64 pastPrincipal
    ) public pure {
        LoanLateWord word = packLoanLate(pastPrincipal, pastInterest, gracePrincipal, graceInterest);
        bytes memory expected = abi.encodePacked(graceInterest, gracePrincipal, pastInterest, pastPrincipal);
        assertEq(LoanLateWord.unwrap(word), uint256(bytes32(expected)), "layout");
        assertEq(word.pastPrincipal(), pastPrincipal, "pastPrincipal");
        assertEq(word.pastInterest(), pastInterest, "pastInterest");
        assertEq(word.gracePrincipal(), gracePrincipal, "gracePrincipal");
        assertEq(word.graceInterest(), graceInterest, "graceInterest");
    }

    function testFuzz_the_penalty_word_is_laid_out_as_drawn(
        uint24 graceDay,
        uint64 costs,
        uint64 penaltyPaid,
        uint96 penaltyDays
    ) public pure {
        LoanPenaltyWord word = packLoanPenalty(penaltyDays, penaltyPaid, costs, graceDay);
        bytes memory expected = abi.encodePacked(uint8(0), graceDay, costs, penaltyPaid, penaltyDays);
        assertEq(LoanPenaltyWord.unwrap(word), uint256(bytes32(expected)), "layout");
        assertEq(word.penaltyDays(), penaltyDays, "penaltyDays");
        assertEq(word.penaltyPaid(), penaltyPaid, "penaltyPaid");
        assertEq(word.costs(), costs, "costs");
        assertEq(word.graceDay(), graceDay, "graceDay");
    }

    function _packed(TermsFields memory fields) private pure returns (LoanTermsWord word) {
        word = packLoanTerms(
            FacilityId.wrap(fields.facilityId), fields.status, fields.collateral, fields.flags, fields.lostBefore
        );
        word =
            word.withSchedule(fields.style & 15, fields.periods, fields.graceDays & 15, fields.startDay, fields.dueDay);
        word = word.withPeriods(
            fields.monthsPerPeriod & 15,
            fields.principalGrace & 15,
            fields.interestGrace & 15,
            fields.afterPrepayment & 3
        );
        word = word.withRates(fields.annualRate, fields.penaltyMultiple, fields.earlyFee, fields.dayCount);
    }
}
