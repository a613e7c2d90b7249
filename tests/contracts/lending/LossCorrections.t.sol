// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ILoans} from "../../../contracts/lending/ILoans.sol";
import {IPostings} from "../../../contracts/lending/IPostings.sol";
import {LoanMath} from "../../../contracts/math/LoanMath.sol";
import {IRiskReserve} from "../../../contracts/risk/IRiskReserve.sol";
import {LoanId} from "../../../contracts/types/Ids.sol";
import {DEFAULTED, PostingWord} from "../../../contracts/types/PostingWord.sol";
import {LossFixture} from "./LossFixture.sol";

/// Corrections of a loan whose loss others bore: 100,000.00, of which the reserve bore 1,000.00, the sharers 29,700.00
/// and 9,900.00, the insurer 20,000.00 and the lender 39,400.00. It was due on day 30, and is in default from day 34.
contract LossCorrectionsTest is LossFixture {
    uint24 private _start;
    /// The most that was ever recovered beyond what the lender bore.
    uint256 private _most;

    function setUp() public override {
        super.setUp();
        _start = _today();
    }

    // ------------------------------------------------------------------ recorded after the loss

    /// By day 40: 600.00 of interest, 300.00 of penalty.
    function test_payment_after_a_loss_counts_from_its_value_day_and_goes_to_who_bore_the_loss() public {
        LoanId loanId = _borne();
        _days(20);
        uint256[4] memory before = _balances();
        _record(loanId, 900_00 + 59_400_00, _start + 40);
        _gained(before, [-int256(20_000_00), 20_000_00, 0, 0], "the lender gives the insurer its part");
        assertEq(LoanMath.outstanding(facilities.loan(loanId).state), 40_600_00, "principal");
        assertEq(uint256(facilities.loan(loanId).due.penalty), 40_600_00 * 108 * 14 / uint256(360_000), "penalty");
        _balanced(loanId, 59_400_00, 0);
    }

    function test_payment_after_a_loss_equals_a_repayment_on_its_value_day() public {
        LoanId[2] memory loanIds = [_bullet(_facility, 100_000_00, 30), _bullet(_facility, 100_000_00, 30)];
        _days(34);
        for (uint256 i; i < 2; ++i) {
            _fail(loanIds[i]);
        }
        _days(6);
        _repayNow(loanIds[1], 50_000_00);
        _days(20);
        _record(loanIds[0], 50_000_00, _start + 40);
        _requireSame(loanIds[0], loanIds[1], "late and punctual");
        _balanced(loanIds[0], 49_100_00, 0);
        _balanced(loanIds[1], 49_100_00, 0);
    }

    function test_recorded_payment_that_ends_a_loan_with_a_loss_makes_all_whole() public {
        LoanId loanId = _borne();
        _days(6);
        uint256[4] memory before = _balances();
        _record(loanId, 900_00 + 100_000_00, _start + 40);
        _gained(before, [-int256(60_600_00), 20_000_00, 29_700_00, 9_900_00], "all but the lender");
        assertEq(reserve.balanceOf(_product, address(cash), bank), 1_000_00, "and its reserve");
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Repaid, "repaid");
        _balanced(loanId, 100_000_00, 0);
    }

    function test_nothing_is_recorded_if_the_lender_cannot_pay_those_who_bore_the_loss() public {
        LoanId loanId = _borne();
        vm.prank(bank);
        cash.approve(address(facilities), 59_399_99);
        IPostings.History memory history = _history(loanId);
        _days(6);
        vm.expectRevert();
        vm.prank(bank);
        facilities.recordPayment(_payment(loanId, 900_00 + 59_400_00, _start + 40, "A"), history);
        assertEq(LoanMath.outstanding(facilities.loan(loanId).state), 100_000_00, "nothing changed");
        vm.prank(bank);
        cash.approve(address(facilities), 59_400_00);
        vm.prank(bank);
        facilities.recordPayment(_payment(loanId, 900_00 + 59_400_00, _start + 40, "A"), history);
        assertEq(cash.allowance(bank, address(facilities)), 0, "no more than the principal");
    }

    // ------------------------------------------------------------------ reversed after the loss

    function test_reversed_recovery_takes_nothing_from_others_and_is_the_lenders_of_later_ones() public {
        LoanId loanId = _borne();
        _days(6);
        PostingWord posting = _record(loanId, 900_00 + 59_400_00, _start + 40);
        uint256[4] memory before = _balances();
        _reverse(loanId, posting);
        _gained(before, [int256(0), 0, 0, 0], "nobody pays");
        assertEq(LoanMath.outstanding(facilities.loan(loanId).state), 100_000_00, "owed again");
        _balanced(loanId, 0, 20_000_00);
        _repayNow(loanId, 900_00 + 39_400_00);
        _gained(before, [int256(900_00 + 39_400_00), 0, 0, 0], "first what the lender bore");
        _balanced(loanId, 39_400_00, 20_000_00);
        _repayNow(loanId, 20_000_00);
        _gained(before, [int256(60_300_00), 0, 0, 0], "then what the insurer kept");
        _balanced(loanId, 59_400_00, 0);
        _repayNow(loanId, 40_600_00);
        _gained(before, [int256(60_300_00), 0, 29_700_00, 9_900_00], "then the others");
        assertEq(reserve.balanceOf(_product, address(cash), bank), 1_000_00, "and the reserve");
    }

    function test_reversal_leaves_what_later_recoveries_gave() public {
        LoanId loanId = _borne();
        _days(6);
        PostingWord posting = _record(loanId, 900_00 + 30_000_00, _start + 40);
        uint256[4] memory before = _balances();
        // 9,400.00 to the lender, 15,600.00 to the insurer.
        _repayNow(loanId, 25_000_00);
        _gained(before, [int256(9_400_00), 15_600_00, 0, 0], "a recovery");
        _reverse(loanId, posting);
        _gained(before, [int256(9_400_00), 15_600_00, 0, 0], "nobody pays");
        // Of the 25,000.00 that came in on the ledger 900.00 are interest and penalty.
        assertEq(LoanMath.outstanding(facilities.loan(loanId).state), 75_900_00, "owed");
        _balanced(loanId, 24_100_00, 15_600_00);
        (, uint64 open) = reserve.openShareOf(loanId, 0);
        assertEq(open, 0, "nobody owes more");
    }

    function test_recovery_is_reversed_only_once() public {
        LoanId loanId = _borne();
        _days(6);
        PostingWord posting = _record(loanId, 900_00 + 59_400_00, _start + 40);
        _reverse(loanId, posting);
        IPostings.Correction memory again = _reversal(loanId, posting);
        IPostings.History memory history = _history(loanId);
        vm.expectRevert(abi.encodeWithSelector(IPostings.PostingUnknown.selector, loanId, PostingWord.unwrap(posting)));
        vm.prank(bank);
        facilities.correctPayment(again, history, _none(), "");
    }

    function test_loan_that_a_recovery_ended_is_in_default_again() public {
        LoanId loanId = _borne();
        _days(6);
        PostingWord posting = _record(loanId, 900_00 + 100_000_00, _start + 40);
        _reverse(loanId, posting);
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Defaulted, "in default");
        _balanced(loanId, 0, 60_600_00);
        uint256[4] memory before = _balances();
        _repayNow(loanId, type(uint64).max);
        _gained(before, [int256(100_900_00), 0, 0, 0], "all of it the lender's");
        _balanced(loanId, 100_000_00, 0);
    }

    function test_recovery_moves_to_another_day_and_to_another_loan() public {
        LoanId other = _bullet(_facility, 100_000_00, 90);
        LoanId loanId = _borne();
        _days(26);
        PostingWord posting = _record(loanId, 30_000_00, _start + 60);
        // 600.00 of interest and 900.00 of penalty; ten days earlier 300.00 less.
        _balanced(loanId, 28_500_00, 0);
        posting = _move(loanId, posting, loanId, _start + 50);
        _balanced(loanId, 28_800_00, 0);
        posting = _move(loanId, posting, loanId, _start + 60);
        _balanced(loanId, 28_500_00, 0);
        posting = _move(loanId, posting, other, _start + 60);
        _balanced(loanId, 0, 0);
        assertEq(LoanMath.outstanding(facilities.loan(loanId).state), 100_000_00, "owed again");
        // 60 days of interest: 1,200.00.
        assertEq(LoanMath.outstanding(facilities.loan(other).state), 71_200_00, "paid on the other");
        _move(other, posting, loanId, _start + 60);
        _balanced(loanId, 28_500_00, 0);
    }

    // ------------------------------------------------------------------ recorded before the loss, or counting from then

    /// A payment on day 31, of which the lender tells on day 60: the others get what it lowers the debt by.
    function test_payment_of_before_the_loss_goes_to_who_bore_it() public {
        LoanId loanId = _borne();
        _days(26);
        uint256[4] memory before = _balances();
        // On day 31: 600.00 of interest; the day's penalty counts only after the grace.
        _record(loanId, 50_600_00, _start + 31);
        assertEq(LoanMath.outstanding(facilities.loan(loanId).state), 50_000_00, "principal");
        _gained(before, [-int256(10_600_00), 10_600_00, 0, 0], "the insurer gets its part");
        _balanced(loanId, 50_000_00, 0);
    }

    /// Everything but 100.00 is paid on day 20, and overdue from day 30.
    function test_payment_of_before_the_loss_counts_if_something_was_overdue_all_the_same() public {
        LoanId loanId = _borne();
        _days(6);
        _record(loanId, 100_300_00, _start + 20);
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Defaulted, "the default stands");
        assertEq(uint256(facilities.loan(loanId).due.principal), 100_00, "still owed");
        _balanced(loanId, 99_900_00, 0);
    }

    function test_default_on_which_a_loss_rests_does_not_fall_away() public {
        LoanId loanId = _draw(_facility, 120_000_00, LoanMath.Style.EqualPrincipal, 12, 0);
        _days(40);
        uint64 due = uint64(_sum(facilities.loan(loanId).due));
        _fail(loanId);
        IPostings.History memory history = _history(loanId);
        vm.expectRevert(abi.encodeWithSelector(IPostings.LossUnfounded.selector, loanId, uint256(_start + 31)));
        vm.prank(bank);
        facilities.recordPayment(_payment(loanId, due, _start + 31, "A"), history);
        _record(loanId, due, _start + 40);
        assertTrue(facilities.loan(loanId).status == ILoans.Status.Defaulted, "from the default on it is a recovery");
    }

    function test_payment_that_was_recorded_before_the_loss_is_not_reversed() public {
        LoanId loanId = _bullet(_facility, 100_000_00, 30);
        PostingWord posting = _record(loanId, 20_000_00, _start);
        _days(34);
        _fail(loanId);
        _refused(loanId, posting, 0);
        _refused(loanId, posting, _start + 32);
        // Recovered money does not change that.
        _record(loanId, 90_000_00, _start + 34);
        _refused(loanId, posting, 0);
    }

    /// Else the lender could move it by a day, and then reverse it.
    function test_payment_of_before_the_loss_that_moves_in_favour_of_others_is_no_recovery() public {
        LoanId loanId = _bullet(_facility, 100_000_00, 30);
        _days(32);
        PostingWord posting = _record(loanId, 20_000_00, _start + 32);
        _days(2);
        _fail(loanId);
        posting = _move(loanId, posting, loanId, _start + 2);
        assertTrue(reserve.lossOf(loanId).recovered != 0, "less interest, more principal");
        _record(loanId, 50_000_00, _start + 34);
        _refused(loanId, posting, 0);
        _refused(loanId, posting, _start + 32);
    }

    // ------------------------------------------------------------------ in any order

    /// Whatever was recorded and reversed: once the loan is repaid, each has back what it bore, and no more.
    function testFuzz_all_are_whole_once_the_loan_is_repaid(
        uint64[5] memory amounts,
        uint8[5] memory days_,
        uint8 which
    ) public {
        LoanId loanId = _borne();
        uint256[4] memory before = _balances();
        PostingWord[] memory recorded = new PostingWord[](5);
        for (uint256 i; i < 5; ++i) {
            _days(1 + days_[i] % 2);
            if (facilities.loan(loanId).status == ILoans.Status.Repaid) break;
            uint24 day = _start + 34 + uint24(days_[i] % (_today() - _start - 33));
            recorded[i] = _record(loanId, uint64(1 + amounts[i] % 60_000_00), day);
            _followsModel(loanId, before);
            uint256 place = which % (i + 1);
            if ((which >> i) % 2 == 0 || PostingWord.unwrap(recorded[place]) == 0) continue;
            uint256[4] memory then = _balances();
            _reverse(loanId, recorded[place]);
            recorded[place] = PostingWord.wrap(0);
            _gained(then, [int256(0), 0, 0, 0], "a reversal moves nothing");
            _followsModel(loanId, before);
        }
        if (facilities.loan(loanId).status != ILoans.Status.Repaid) _repayNow(loanId, type(uint64).max);
        uint256[4] memory now_ = _balances();
        assertEq(now_[1] - before[1], 20_000_00, "insurer");
        assertEq(now_[2] - before[2], 29_700_00, "a sharer");
        assertEq(now_[3] - before[3], 9_900_00, "the other sharer");
        assertEq(reserve.balanceOf(_product, address(cash), bank), 1_000_00, "the reserve");
        assertEq(uint256(reserve.lossOf(loanId).outlay), 0, "nothing is left to pay back");
        assertEq(cash.balanceOf(address(reserve)), 1_000_00, "nothing stays");
    }

    // ------------------------------------------------------------------ parts of the above

    function _fail(LoanId loanId) private {
        vm.prank(bank);
        facilities.declareDefault(loanId);
        _note(loanId, DEFAULTED, 0);
        vm.prank(bank);
        facilities.recordLoss(loanId);
    }

    function _borne() private returns (LoanId loanId) {
        loanId = _lost();
        vm.prank(_insurer);
        reserve.payInsurance(loanId, 20_000_00);
    }

    /// What the balances of lender, insurer and sharers gained.
    function _gained(uint256[4] memory before, int256[4] memory gains, string memory what) private view {
        uint256[4] memory now_ = _balances();
        for (uint256 i; i < 4; ++i) {
            assertTrue(int256(now_[i]) - int256(before[i]) == gains[i], what);
        }
    }

    function _balanced(LoanId loanId, uint256 recovered, uint256 outlay) private view {
        IRiskReserve.Loss memory loss = reserve.lossOf(loanId);
        assertEq(uint256(loss.recovered), recovered, "recovered");
        assertEq(uint256(loss.outlay), outlay, "what others keep");
        _mirrors(loanId);
    }

    /// The lender is first with what it bore; the others keep the most that was ever recovered beyond that.
    function _followsModel(LoanId loanId, uint256[4] memory before) private {
        _mirrors(loanId);
        IRiskReserve.Loss memory loss = reserve.lossOf(loanId);
        uint256 beyond = loss.recovered > 39_400_00 ? loss.recovered - 39_400_00 : 0;
        if (beyond > _most) _most = beyond;
        assertEq(uint256(loss.outlay), _most - beyond, "the outlay");
        uint256[4] memory now_ = _balances();
        assertEq(now_[1] - before[1], _most < 20_000_00 ? _most : 20_000_00, "the insurer");
        uint256 sharers = now_[2] - before[2] + now_[3] - before[3];
        uint256 left = _most < 20_000_00 ? 0 : _most - 20_000_00;
        assertEq(sharers, left < 39_600_00 ? left : 39_600_00, "the sharers");
    }

    /// What is owed and what was recovered are the loss.
    function _mirrors(LoanId loanId) private view {
        _holds(loanId);
        IRiskReserve.Loss memory loss = reserve.lossOf(loanId);
        uint256 owed = LoanMath.outstanding(facilities.loan(loanId).state);
        assertEq(owed + loss.recovered, uint256(loss.loss), "owed and recovered");
    }

    /// A payment of before the loss is neither reversed nor moved to a day from which more is owed.
    function _refused(LoanId loanId, PostingWord posting, uint24 valueDay) private {
        IPostings.Correction memory correction = _reversal(loanId, posting);
        if (valueDay != 0) (correction.toLoanId, correction.valueDay) = (LoanId.unwrap(loanId), valueDay);
        IPostings.History memory history = _history(loanId);
        vm.expectRevert(abi.encodeWithSelector(IPostings.LossShared.selector, loanId));
        vm.prank(bank);
        facilities.correctPayment(correction, history, _none(), "");
    }
}
