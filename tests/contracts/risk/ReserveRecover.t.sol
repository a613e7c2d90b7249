// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Unclaimed} from "../../../contracts/cash/Unclaimed.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {IRiskReserve} from "../../../contracts/risk/IRiskReserve.sol";
import {LoanId} from "../../../contracts/types/Ids.sol";
import {ReserveFixture} from "./ReserveFixture.sol";

/// Recovered money goes to those who bore the loss; no payee can stop it.
contract ReserveRecoverTest is ReserveFixture {
    uint256 private constant HAD = 1_000_000_00;

    function test_recover_goes_back_in_reverse_order() public {
        LoanId loanId = _borneByAll();
        uint256 lenderHad = money.balanceOf(lender);
        // 100.00 of the reserve; of 900.00 the sharers 270.00 and 90.00, the insurer 200.00, the lender 340.00.
        _recover(loanId, 339_99);
        assertEq(money.balanceOf(lender) - lenderHad, 339_99, "lender");
        _recover(loanId, 2);
        assertEq(money.balanceOf(lender) - lenderHad, 340_00, "lender whole");
        assertEq(money.balanceOf(insurer), HAD - 200_00 + 1, "insurer");
        _recover(loanId, 199_99);
        assertEq(money.balanceOf(insurer), HAD, "insurer whole");
        _recover(loanId, 360_00);
        assertEq(money.balanceOf(first), HAD, "sharer whole");
        assertEq(money.balanceOf(second), HAD, "sharer whole");
        assertEq(_balance(lender), 0, "the reserve comes last");
        _recover(loanId, 100_00);
        assertEq(_balance(lender), 100_00, "reserve whole");
        assertEq(money.balanceOf(address(reserve)), 100_00, "and nothing stays");
    }

    function test_recover_takes_no_more_than_was_lost() public {
        LoanId loanId = _borneByAll();
        _recover(loanId, 999_99);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.AmountOutOfRange.selector, 2, 1, 1));
        reserve.recover(loanId, 2);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.AmountOutOfRange.selector, 0, 1, 1));
        reserve.recover(loanId, 0);
        _recover(loanId, 1);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.AmountOutOfRange.selector, 1, 1, 0));
        reserve.recover(loanId, 1);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.LossUnknown.selector, LoanId.wrap(99)));
        reserve.recover(LoanId.wrap(99), 1);
    }

    function test_sharers_are_repaid_in_proportion_to_what_each_paid() public {
        _share(first, 600_000, 1_000_00);
        _share(second, 400_000, 1_000_00);
        LoanId loanId = _lost(5);
        // 3 and 2. One cent at a time: 0.6 of one, rounded down, and the rest to the first that is short.
        uint256[5] memory firsts = [uint256(1), 2, 2, 3, 3];
        uint256[5] memory seconds_ = [uint256(0), 0, 1, 1, 2];
        for (uint256 i; i < 5; ++i) {
            _recover(loanId, 1);
            assertEq(money.balanceOf(first), HAD - 3 + firsts[i], "first");
            assertEq(money.balanceOf(second), HAD - 2 + seconds_[i], "second");
        }
    }

    function testFuzz_sharers_get_back_what_they_paid_in_any_steps(uint64[4] memory steps, uint24 part, uint64 loss)
        public
    {
        loss = uint64(bound(loss, 2, 500_000_00));
        _share(first, uint24(bound(part, 1, 999_998)), 1_000_000_00);
        _share(second, uint24(1_000_000 - reserve.sharingOf(PRODUCT, 0).part), 1_000_000_00);
        LoanId loanId = _lost(loss);
        uint64 left = loss;
        for (uint256 i; i < 4 && left != 0; ++i) {
            uint64 step = i == 3 ? left : uint64(bound(steps[i], 1, left));
            _recover(loanId, step);
            left -= step;
        }
        assertEq(money.balanceOf(first), HAD, "first");
        assertEq(money.balanceOf(second), HAD, "second");
        assertEq(money.balanceOf(address(reserve)), 0, "nothing stays");
    }

    function test_recover_may_fill_the_reserve_above_its_cap() public {
        _feed(lender, 100_00);
        LoanId loanId = _lost(100_00);
        _feed(otherLender, CAP);
        _recover(loanId, 100_00);
        assertEq(_balance(lender), 100_00, "its own again");
        assertEq(reserve.room(PRODUCT, address(money)), 0, "no room for more");
    }

    // ------------------------------------------------------------------ recoveries that are reversed

    function test_reversed_recovery_is_the_lenders_of_later_ones() public {
        LoanId loanId = _borneByAll();
        // 340.00 to the lender, 200.00 to the insurer, 60.00 to the sharers.
        _recover(loanId, 600_00);
        uint256 lenderHad = money.balanceOf(lender);
        vm.expectEmit(address(reserve));
        emit IRiskReserve.RecoveryReversed(loanId, lender, 500_00, 260_00);
        reserve.reverseRecovery(loanId, 500_00);
        IRiskReserve.Loss memory loss = _loss(loanId);
        assertEq(loss.recovered, 100_00, "recovered");
        assertEq(loss.outlay, 260_00, "others keep it");
        _recover(loanId, 240_00);
        assertEq(_loss(loanId).outlay, 260_00, "the lender's own comes first");
        vm.prank(borrower);
        money.transfer(address(reserve), 261_00);
        vm.expectEmit(address(reserve));
        emit IRiskReserve.LossRecovered(loanId, lender, "outlay", 260_00);
        reserve.recover(loanId, 261_00);
        assertEq(money.balanceOf(lender) - lenderHad, 500_00, "lender");
        assertEq(money.balanceOf(insurer), HAD, "the insurer is whole");
        assertEq(money.balanceOf(first) + money.balanceOf(second), 2 * HAD - 360_00 + 61_00, "one more for the sharers");
        assertEq(_loss(loanId).outlay, 0, "paid back");
        _recover(loanId, 399_00);
        assertEq(_balance(lender), 100_00, "reserve whole");
        assertEq(money.balanceOf(address(reserve)), 100_00, "nothing stays");
    }

    function test_reverse_recovery_takes_no_more_than_was_recovered() public {
        LoanId loanId = _borneByAll();
        _recover(loanId, 10);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.AmountOutOfRange.selector, 11, 1, 10));
        reserve.reverseRecovery(loanId, 11);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.AmountOutOfRange.selector, 0, 1, 10));
        reserve.reverseRecovery(loanId, 0);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.LossUnknown.selector, LoanId.wrap(99)));
        reserve.reverseRecovery(LoanId.wrap(99), 1);
        vm.prank(lender);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.NotFacilities.selector, lender));
        reserve.reverseRecovery(loanId, 1);
    }

    /// Who still owes its part pays what it would owe without the recovery that went back.
    function test_open_share_counts_only_what_was_recovered() public {
        _share(first, 500_000, 1_000_00);
        money.refuse(first, true);
        LoanId loanId = _lost(300_00);
        money.refuse(first, false);
        _recover(loanId, 250_00);
        (, uint64 open) = reserve.openShareOf(loanId, 0);
        assertEq(open, 50_00, "what the lender still bears");
        reserve.reverseRecovery(loanId, 250_00);
        (, open) = reserve.openShareOf(loanId, 0);
        assertEq(open, 150_00, "its half again");
    }

    // ------------------------------------------------------------------ what cannot be paid out

    function test_recover_leaves_unclaimed_what_an_account_refuses_and_pays_the_others() public {
        LoanId loanId = _borneByAll();
        money.refuse(lender, true);
        money.refuse(insurer, true);
        money.refuse(first, true);
        _recover(loanId, 1_000_00);
        assertEq(reserve.unclaimedOf(lender, address(money)), 340_00, "lender");
        assertEq(reserve.unclaimedOf(insurer, address(money)), 200_00, "insurer");
        assertEq(reserve.unclaimedOf(first, address(money)), 270_00, "sharer");
        assertEq(money.balanceOf(second), HAD, "the other sharer");
        assertEq(_balance(lender), 100_00, "the reserve");
        assertEq(money.balanceOf(address(reserve)), 340_00 + 200_00 + 270_00 + 100_00, "all is here");
    }

    function test_record_loss_leaves_money_unclaimed_when_the_lender_is_not_valid() public {
        _feed(lender, 100_00);
        _share(first, 500_000, 1_000_00);
        _insure(1_000_00);
        _invalid(lender);
        uint256 before = money.balanceOf(lender);
        LoanId loanId = _lost(300_00);
        assertEq(reserve.unclaimedOf(lender, address(money)), 100_00 + 100_00, "reserve and sharer");
        vm.prank(insurer);
        reserve.payInsurance(loanId, 100_00);
        assertEq(reserve.unclaimedOf(lender, address(money)), 300_00, "insurer");
        assertEq(money.balanceOf(lender), before, "nothing went out");
        assertEq(_loss(loanId).borne, 0, "all is absorbed");
        vm.prank(lender);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        reserve.withdrawUnclaimed(lender, address(money));
    }

    function test_payInsurance_and_paySharer_reach_a_lender_that_the_currency_refuses() public {
        _share(first, 500_000, 1_000_00);
        vm.prank(first);
        money.approve(address(reserve), 0);
        _insure(1_000_00);
        LoanId loanId = _lost(100_00);
        money.refuse(lender, true);
        vm.prank(insurer);
        reserve.payInsurance(loanId, 50_00);
        vm.prank(FRIEND);
        reserve.paySharer(loanId, 0, 50_00);
        assertEq(reserve.unclaimedOf(lender, address(money)), 100_00, "unclaimed");
        money.refuse(lender, false);
        uint256 before = money.balanceOf(lender);
        vm.prank(lender);
        reserve.withdrawUnclaimed(lender, address(money));
        assertEq(money.balanceOf(lender) - before, 100_00, "withdrawn");
        vm.prank(lender);
        vm.expectRevert(abi.encodeWithSelector(Unclaimed.NothingUnclaimed.selector, lender, address(money)));
        reserve.withdrawUnclaimed(lender, address(money));
        assertEq(money.balanceOf(address(reserve)), 0, "once");
    }

    function test_withdraw_unclaimed_is_open_to_the_party_only() public {
        LoanId loanId = _borneByAll();
        money.refuse(lender, true);
        _recover(loanId, 340_00);
        money.refuse(lender, false);
        vm.prank(FRIEND);
        vm.expectRevert(abi.encodeWithSelector(Unclaimed.NotOfParty.selector, lender, FRIEND));
        reserve.withdrawUnclaimed(lender, address(money));
        vm.prank(lender);
        vm.expectRevert(abi.encodeWithSelector(Unclaimed.NotOfParty.selector, FRIEND, lender));
        reserve.withdrawUnclaimed(FRIEND, address(money));
    }

    function test_forced_withdraw_moves_unclaimed_money_by_the_court_and_nobody_else() public {
        LoanId loanId = _borneByAll();
        money.refuse(lender, true);
        _recover(loanId, 340_00);
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.NotCourt.selector, address(this)));
        reserve.forcedWithdraw(lender, address(money), FRIEND, 40_00, "order");
        vm.prank(address(court));
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        reserve.forcedWithdraw(lender, address(money), address(0x404), 40_00, "order");
        vm.prank(address(court));
        vm.expectRevert(
            abi.encodeWithSelector(Unclaimed.UnclaimedExceeded.selector, lender, address(money), 340_01, 340_00)
        );
        reserve.forcedWithdraw(lender, address(money), FRIEND, 340_01, "order");
        _order(
            address(reserve),
            abi.encodeCall(reserve.forcedWithdraw, (lender, address(money), FRIEND, 40_00, bytes32("order")))
        );
        assertEq(money.balanceOf(FRIEND), HAD + 40_00, "by order");
        assertEq(reserve.unclaimedOf(lender, address(money)), 300_00, "the rest is the lender's");
    }

    function test_a_sharer_that_the_currency_refuses_stops_no_loss() public {
        _share(first, 500_000, 1_000_00);
        _share(second, 500_000, 1_000_00);
        money.refuse(first, true);
        LoanId loanId = _lost(100_00);
        assertEq(_loss(loanId).fromSharers, 50_00, "the other one");
        (, uint64 open) = reserve.openShareOf(loanId, 0);
        assertEq(open, 50_00, "owed");
    }

    function test_new_fee_of_a_currency_pays_nobody_with_anothers_money() public {
        _feed(otherLender, 100_00);
        _share(first, 500_000, 1_000_00);
        _insure(1_000_00);
        IRiskReserve.LossReport memory report = _report(_drawn(), 100_00);
        LoanId insured = _lost(100_00);
        money.setFee(1);
        vm.expectRevert(abi.encodeWithSelector(Unclaimed.TransferTookFee.selector, address(money), 50_00, 49_99));
        reserve.recordLoss(report);
        vm.prank(insurer);
        vm.expectRevert(abi.encodeWithSelector(Unclaimed.TransferTookFee.selector, address(money), 50_00, 49_99));
        reserve.payInsurance(insured, 50_00);
        assertEq(money.balanceOf(address(reserve)), 100_00, "the other lender's");
    }

    function test_a_lender_does_not_pay_itself_what_others_owe() public {
        _insure(1_000_00);
        LoanId loanId = _lost(100_00);
        vm.prank(lender);
        vm.expectRevert(abi.encodeWithSelector(IRiskReserve.SamePartyBothSides.selector, lender, lender));
        reserve.payInsurance(loanId, 50_00);
    }

    /// 1,000.00: 100.00 of the reserve, 270.00 and 90.00 of the sharers, 200.00 of the insurer, 340.00 of the lender.
    function _borneByAll() private returns (LoanId loanId) {
        _feed(lender, 100_00);
        _share(first, 300_000, 1_000_00);
        _share(second, 100_000, 1_000_00);
        _insure(200_00);
        loanId = _lost(1_000_00);
        vm.prank(insurer);
        reserve.payInsurance(loanId, 200_00);
        assertEq(_loss(loanId).borne, 340_00, "borne");
    }
}
