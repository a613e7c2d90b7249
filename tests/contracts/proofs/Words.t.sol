// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {DueDayShifts} from "../../../contracts/types/DueDayShifts.sol";
import {FacilityId} from "../../../contracts/types/FacilityId.sol";
import {LoanEarlyWord, packLoanEarly} from "../../../contracts/types/LoanEarlyWord.sol";
import {LoanTermsWord, packLoanTerms} from "../../../contracts/types/LoanTermsWord.sol";
import {packPosting, packRecorded, PostingWord, RECORDED} from "../../../contracts/types/PostingWord.sol";

/// @notice Packed words give back what went in: proved by halmos for all values of all fields.
contract WordProofs {
    function check_a_posting_gives_back_its_fields(uint8 kind, uint24 valueDay, uint64 amount) external pure {
        PostingWord word = packPosting(kind, valueDay, amount);
        assert(word.kind() == kind && word.valueDay() == valueDay && word.amount() == amount);
        assert(word.recordedDay() == 0);
    }

    /// Two recorded payments are one only if all their fields are, of the reference the first 136 bits.
    function check_a_recorded_payment_gives_back_its_fields(
        uint24 valueDay,
        uint24 recordedDay,
        uint64 amount,
        bytes32 bankReference,
        bytes32 otherReference
    ) external pure {
        PostingWord word = packRecorded(valueDay, recordedDay, amount, bankReference);
        assert(word.kind() == RECORDED && word.valueDay() == valueDay);
        assert(word.recordedDay() == recordedDay && word.amount() == amount);
        PostingWord other = packRecorded(valueDay, recordedDay, amount, otherReference);
        assert(word.sameAs(other) == (bytes17(bankReference) == bytes17(otherReference)));
    }

    function check_another_value_day_changes_nothing_else(uint256 any, uint24 valueDay) external pure {
        PostingWord word = PostingWord.wrap(any);
        PostingWord moved = word.withValueDay(valueDay);
        assert(moved.valueDay() == valueDay);
        assert(moved.kind() == word.kind() && moved.recordedDay() == word.recordedDay());
        assert(moved.amount() == word.amount());
        assert(moved.withValueDay(word.valueDay()).sameAs(word));
    }

    function check_the_early_word_gives_back_its_fields(uint64 prepaid, uint64 interest, uint64 penalty) external pure {
        LoanEarlyWord word = packLoanEarly(prepaid, interest, penalty);
        assert(word.prepaid() == prepaid && word.interestFixed() == interest && word.penaltyFixed() == penalty);
    }

    /// The traits are beside all other fields, whatever the word holds.
    function check_the_traits_change_no_other_field(uint256 any, uint8 traits) external pure {
        LoanTermsWord word = LoanTermsWord.wrap(any);
        if (word.traits() != 0 || traits > 7) return;
        LoanTermsWord special = word.withTraits(traits);
        assert(special.traits() == traits);
        assert(FacilityId.unwrap(special.facilityId()) == FacilityId.unwrap(word.facilityId()));
        assert(special.status() == word.status() && special.collateral() == word.collateral());
        assert(special.flags() == word.flags() && special.style() == word.style());
        assert(special.drawn() == word.drawn() && special.lostBefore() == word.lostBefore());
        assert(special.annualRate() == word.annualRate() && special.earlyFee() == word.earlyFee());
    }

    /// All fields of a loan's first word, within their bounds.
    function check_the_terms_word_gives_back_each_field(
        uint40 facilityId,
        uint8[9] calldata small,
        uint24[5] calldata days_,
        uint16 lostBefore,
        uint64 drawn
    ) external pure {
        if (small[0] > 7 || small[1] > 3 || small[2] > 7 || small[3] > 63 || small[4] > 15) {
            return;
        }
        if (small[5] > 15 || small[6] > 15 || small[7] > 15 || small[8] > 3) return;
        if (days_[0] >= 2 ** 18 || days_[1] >= 2 ** 18 || days_[2] >= 2 ** 20) return;
        if (days_[3] >= 2 ** 23 || days_[4] >= 2 ** 18 || drawn >= 2 ** 60) return;

        LoanTermsWord word = packLoanTerms(FacilityId.wrap(facilityId), small[0], small[1], 0x55, lostBefore, drawn);
        word = word.withSchedule(small[2], small[3], small[4], days_[0], days_[1]);
        word = word.withPeriods(small[5], small[6], small[7], small[8]);
        word = word.withRates(days_[2], days_[3], days_[4]);

        assert(FacilityId.unwrap(word.facilityId()) == facilityId);
        assert(word.status() == small[0] && word.collateral() == small[1] && word.flags() == 0x55);
        assert(word.style() == small[2] && word.periods() == small[3] && word.graceDays() == small[4]);
        assert(word.monthsPerPeriod() == small[5] && word.principalGrace() == small[6]);
        assert(word.interestGrace() == small[7] && word.afterPrepayment() == small[8]);
        assert(word.startDay() == days_[0] && word.dueDay() == days_[1] && word.annualRate() == days_[2]);
        assert(word.penaltyMultiple() == days_[3] && word.earlyFee() == days_[4]);
        assert(word.lostBefore() == lostBefore && word.drawn() == drawn && word.traits() == 0);
    }

    /// Setting the shift of one period changes no other, and later periods alone are replaced. Periods 1, 30 and 60.
    function check_shifts_of_one_period_leave_the_others(uint256 any, uint256 later) external pure {
        DueDayShifts word = DueDayShifts.wrap(any);
        DueDayShifts joined = word.withLater(30, DueDayShifts.wrap(later));
        assert(joined.daysOf(1) == word.daysOf(1) && joined.daysOf(30) == word.daysOf(30));
        assert(joined.daysOf(31) == DueDayShifts.wrap(later).daysOf(31));
        assert(joined.daysOf(60) == DueDayShifts.wrap(later).daysOf(60));
        DueDayShifts fresh = DueDayShifts.wrap(0).withDays(30, any % 16);
        assert(fresh.daysOf(30) == any % 16 && fresh.daysOf(29) == 0 && fresh.daysOf(31) == 0);
    }
}
