// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {Calendar} from "../../../contracts/math/Calendar.sol";
import {FacilityId, LoanId} from "../../../contracts/types/Ids.sol";
import {packPosting, PostingWord, RATE_SET} from "../../../contracts/types/PostingWord.sol";
import {FloatingFixture} from "./FloatingFixture.sol";

/// A late rate of a loan whose history runs in parts.
contract LoanRatesPartsTest is FloatingFixture {
    uint64 private constant DRAWN = 1_000_000_00;
    uint24 private constant CONTINUED = type(uint24).max;
    uint24 private constant OLD_RATE = 72_000;
    uint24 private constant NEW_RATE = 60_000;
    FacilityId private _facility;
    uint24 private _start;
    uint24 private _firstReset;

    function setUp() public override {
        super.setUp();
        _facility = _agreeFloating(_addFloating(), SPREAD);
        _start = _today();
        _firstReset = uint24(Calendar.addMonths(_start, 1));
        _publish(_start, _firstReset - 1, 35_000);
    }

    function test_late_rate_of_a_loan_extended_since_the_reset_day_runs_in_parts() public {
        LoanId whole = _bullet(_facility, DRAWN, 90);
        LoanId parted = _bullet(_facility, DRAWN, 90);
        _days(_firstReset - _start + 5);
        _extendAndPay(whole);
        _extendAndPay(parted);
        _publish(_firstReset, _firstReset + 50, 23_000);
        IPostings.History memory history = _history(whole);
        facilities.resetRate(whole, history);
        history = _history(parted);
        _run(parted, history.fromDay, history);
        facilities.resetRate(parted, _rest(history.fromDay, history));
        assertEq(facilities.loan(parted).terms.annualRate, NEW_RATE, "the new rate");
        _requireSame(whole, parted, "at once and in parts");
    }

    function test_late_rate_in_parts_counts_from_no_other_day_than_that_of_the_change() public {
        LoanId loanId = _bullet(_facility, DRAWN, 90);
        _days(_firstReset - _start + 5);
        _extendAndPay(loanId);
        _publish(_firstReset, _firstReset + 50, 23_000);
        IPostings.History memory history = _history(loanId);
        uint24 changedDay = history.fromDay;
        _days(3);
        uint24 later = changedDay + 3;
        _run(loanId, later, history);
        IPostings.History memory rest = _rest(later, history);
        vm.expectRevert(
            abi.encodeWithSelector(
                IPostings.ValueDayOutOfRange.selector, loanId, later, changedDay, uint256(_firstReset)
            )
        );
        facilities.resetRate(loanId, rest);
        // Nor from the reset day, before what both sides signed.
        uint256 added = PostingWord.unwrap(packPosting(RATE_SET, _firstReset, NEW_RATE));
        IPostings.History memory part = _first(history);
        vm.expectPartialRevert(IPostings.ValueDayOutOfRange.selector);
        facilities.runHistory(loanId, added, 0, part);
        rest = _rest(0, history);
        vm.expectRevert(abi.encodeWithSelector(IPostings.HistoryNotRun.selector, loanId, address(this)));
        facilities.resetRate(loanId, rest);
        assertEq(facilities.loan(loanId).terms.annualRate, OLD_RATE, "the rate of before");
    }

    // ------------------------------------------------------------------ helpers

    function _extendAndPay(LoanId loanId) private {
        ILoans.Extension memory extension = ILoans.Extension(LoanId.unwrap(loanId), _start + 120, 0, _deadline(), 1);
        bytes32 digest = facilities.extensionDigest(extension);
        facilities.extend(extension, _signed(BANK_KEY, digest), _signed(SELLER_KEY, digest));
        _startAnew(loanId);
        _noteStart(loanId);
        _repayNow(loanId, 100_00);
        _repayNow(loanId, 100_00);
    }

    /// Runs all but the last posting, with the new rate from a day on.
    function _run(LoanId loanId, uint24 valueDay, IPostings.History memory history) private {
        uint256 added = PostingWord.unwrap(packPosting(RATE_SET, valueDay, NEW_RATE));
        facilities.runHistory(loanId, added, 0, _first(history));
    }

    function _first(IPostings.History memory history) private pure returns (IPostings.History memory first) {
        first.fromDay = history.fromDay;
        first.start = history.start;
        first.postings = new PostingWord[](history.postings.length - 1);
        for (uint256 i; i < first.postings.length; ++i) {
            first.postings[i] = history.postings[i];
        }
    }

    /// What follows, with the day from which the rate counts.
    function _rest(uint24 valueDay, IPostings.History memory history)
        private
        pure
        returns (IPostings.History memory rest)
    {
        rest.fromDay = CONTINUED;
        rest.start.asOfDay = valueDay;
        rest.postings = new PostingWord[](1);
        rest.postings[0] = history.postings[history.postings.length - 1];
    }
}
