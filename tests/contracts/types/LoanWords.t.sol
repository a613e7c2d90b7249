// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {FacilityId} from "contracts/types/FacilityId.sol";
import {LoanBalancesWord, packLoanBalances} from "contracts/types/LoanBalancesWord.sol";
import {LoanCollateralWord, packLoanCollateral} from "contracts/types/LoanCollateralWord.sol";
import {LoanLateWord, packLoanLate} from "contracts/types/LoanLateWord.sol";
import {LoanPenaltyWord, packLoanPenalty} from "contracts/types/LoanPenaltyWord.sol";
import {LoanSumsWord, packLoanSums} from "contracts/types/LoanSumsWord.sol";
import {LoanTermsWord, packLoanTerms} from "contracts/types/LoanTermsWord.sol";
import {PAID, packPosting, packRecorded, PostingWord, RECORDED} from "contracts/types/PostingWord.sol";
import {PartyId} from "contracts/types/PartyId.sol";
import {Test} from "../support/Test.sol";

/// The words of a loan in storage: each field is where the drawing says, and comes back as it went in. The expected word
/// is written from the highest field to the lowest, without a shift.
contract LoanWordsTest is Test {
    struct TermsFields {
        uint64 drawn;
        uint16 lostBefore;
        uint8 afterPrepayment;
        uint8 principalGrace;
        uint8 interestGrace;
        uint8 monthsPerPeriod;
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
        _bound(fields);
        // Written from the highest field to the lowest.
        uint256 expected = fields.drawn;
        expected = expected * 2 ** 16 + fields.lostBefore;
        expected = expected * 2 ** 18 + fields.earlyFee;
        expected = expected * 2 ** 23 + fields.penaltyMultiple;
        expected = expected * 2 ** 20 + fields.annualRate;
        expected = expected * 2 ** 18 + fields.dueDay;
        expected = expected * 2 ** 18 + fields.startDay;
        expected = expected * 2 ** 2 + fields.afterPrepayment;
        expected = expected * 2 ** 4 + fields.principalGrace;
        expected = expected * 2 ** 4 + fields.interestGrace;
        expected = expected * 2 ** 4 + fields.graceDays;
        expected = expected * 2 ** 6 + fields.periods;
        expected = expected * 2 ** 4 + fields.monthsPerPeriod;
        expected = expected * 2 ** 3 + fields.style;
        expected = expected * 2 ** 8 + fields.flags;
        expected = expected * 2 ** 2 + fields.collateral;
        expected = expected * 2 ** 3 + fields.status;
        expected = expected * 2 ** 40 + fields.facilityId;
        assertEq(LoanTermsWord.unwrap(_packed(fields)), expected, "layout");
    }

    function testFuzz_the_terms_word_gives_back_each_field(TermsFields memory fields) public pure {
        _bound(fields);
        LoanTermsWord word = _packed(fields);
        assertEq(FacilityId.unwrap(word.facilityId()), fields.facilityId, "facilityId");
        assertEq(word.status(), fields.status, "status");
        assertEq(word.collateral(), fields.collateral, "collateral");
        assertEq(word.flags(), fields.flags, "flags");
        assertEq(word.style(), fields.style, "style");
        assertEq(word.monthsPerPeriod(), fields.monthsPerPeriod, "monthsPerPeriod");
        assertEq(word.principalGrace(), fields.principalGrace, "principalGrace");
        assertEq(word.interestGrace(), fields.interestGrace, "interestGrace");
        assertEq(word.afterPrepayment(), fields.afterPrepayment, "afterPrepayment");
        assertEq(word.periods(), fields.periods, "periods");
        assertEq(word.graceDays(), fields.graceDays, "graceDays");
        assertEq(word.startDay(), fields.startDay, "startDay");
        assertEq(word.dueDay(), fields.dueDay, "dueDay");
        assertEq(word.annualRate(), fields.annualRate, "annualRate");
        assertEq(word.penaltyMultiple(), fields.penaltyMultiple, "penaltyMultiple");
        assertEq(word.earlyFee(), fields.earlyFee, "earlyFee");
        assertEq(word.drawn(), fields.drawn, "drawn");
        assertEq(word.lostBefore(), fields.lostBefore, "lostBefore");
    }

    function testFuzz_the_collateral_word_is_laid_out_as_drawn(
        uint24 drawnDay,
        uint32 debtor,
        uint40 collateralId,
        uint160 postings
    ) public pure {
        LoanCollateralWord word = packLoanCollateral(postings, collateralId, PartyId.wrap(debtor), drawnDay);
        bytes memory expected = abi.encodePacked(drawnDay, debtor, collateralId, postings);
        assertEq(LoanCollateralWord.unwrap(word), uint256(bytes32(expected)), "layout");
        assertEq(word.postings(), postings, "postings");
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

    function testFuzz_the_posting_word_is_laid_out_as_drawn(
        uint24 valueDay,
        uint24 recordedDay,
        uint64 amount,
        bytes17 bankReference
    ) public pure {
        PostingWord word = packRecorded(valueDay, recordedDay, amount, bankReference);
        bytes memory expected = abi.encodePacked(bankReference, amount, recordedDay, valueDay, RECORDED);
        assertEq(PostingWord.unwrap(word), uint256(bytes32(expected)), "layout");
        assertEq(word.kind(), RECORDED, "kind");
        assertEq(word.valueDay(), valueDay, "valueDay");
        assertEq(word.recordedDay(), recordedDay, "recordedDay");
        assertEq(word.amount(), amount, "amount");
        PostingWord later = word.withValueDay(valueDay / 2);
        expected = abi.encodePacked(bankReference, amount, recordedDay, valueDay / 2, RECORDED);
        assertEq(PostingWord.unwrap(later), uint256(bytes32(expected)), "another value day");
        expected = abi.encodePacked(bytes17(0), amount, uint24(0), valueDay, PAID);
        assertEq(PostingWord.unwrap(packPosting(PAID, valueDay, amount)), uint256(bytes32(expected)), "on the ledger");
    }

    /// The bounds that Products sets.
    function _bound(TermsFields memory fields) private pure {
        fields.drawn %= 2 ** 60;
        fields.earlyFee %= 2 ** 18;
        fields.annualRate %= 2 ** 20;
        fields.periods %= 2 ** 6;
        fields.graceDays %= 2 ** 4;
        fields.style %= 2 ** 3;
        fields.collateral %= 2 ** 2;
        fields.status %= 2 ** 3;
        fields.monthsPerPeriod %= 2 ** 4;
        fields.principalGrace %= 2 ** 4;
        fields.interestGrace %= 2 ** 4;
        fields.afterPrepayment %= 2 ** 2;
        fields.startDay %= 2 ** 18;
        fields.dueDay %= 2 ** 18;
        fields.penaltyMultiple %= 2 ** 23;
    }

    function _packed(TermsFields memory fields) private pure returns (LoanTermsWord word) {
        word = packLoanTerms(
            FacilityId.wrap(fields.facilityId),
            fields.status,
            fields.collateral,
            fields.flags,
            fields.lostBefore,
            fields.drawn
        );
        word = word.withSchedule(fields.style, fields.periods, fields.graceDays, fields.startDay, fields.dueDay);
        word = word.withPeriods(
            fields.monthsPerPeriod, fields.principalGrace, fields.interestGrace, fields.afterPrepayment
        );
        word = word.withRates(fields.annualRate, fields.penaltyMultiple, fields.earlyFee);
    }
}
