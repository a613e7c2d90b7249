// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {CurrencyClock} from "../../../contracts/cash/CurrencyClock.sol";
import {Unclaimed} from "../../../contracts/cash/Unclaimed.sol";
import {ICampaigns} from "../../../contracts/market/ICampaigns.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {CampaignId} from "../../../contracts/types/Ids.sol";
import {Stablecoin} from "../support/Stablecoin.sol";
import {CampaignFixture} from "./CampaignFixture.sol";

/// Money that its owner or currency refuses, exact days, and a stopped currency.
contract CampaignMoneyTest is CampaignFixture {
    // ------------------------------------------------------------------ unclaimed

    function test_release_leaves_the_money_unclaimed_when_the_creator_is_blacklisted() public {
        CampaignId id = _met();
        stable.blacklist(seller, true);
        vm.startPrank(reviewer);
        campaigns.release(id, "");
        campaigns.release(id, "");
        vm.stopPrank();
        _expectState(ICampaigns.Status.Completed, id);
        assertEq(campaigns.unclaimedOf(seller, address(stable)), 1_000_15, "waits");
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(Stablecoin.Blacklisted.selector, seller));
        campaigns.withdrawUnclaimed(seller, address(stable));
        _join(seller);
        uint256 before = stable.balanceOf(other);
        vm.prank(seller);
        campaigns.withdrawUnclaimed(other, address(stable));
        assertEq(stable.balanceOf(other) - before, 1_000_15, "at another account of its party");
    }

    function test_release_leaves_the_money_unclaimed_when_the_creator_is_frozen() public {
        CampaignId id = _met();
        _freeze(seller, true);
        vm.prank(reviewer);
        campaigns.release(id, "");
        assertEq(campaigns.unclaimedOf(seller, address(stable)), 300_04, "waits");
        vm.prank(seller);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        campaigns.withdrawUnclaimed(seller, address(stable));
    }

    function test_refund_of_a_blacklisted_backer_stops_nobody_else() public {
        CampaignId id = _opened(2_000_00);
        _fund(id, backers[0], 0, 3);
        _fund(id, backers[1], 0, 2);
        _afterDeadline();
        stable.blacklist(backers[0], true);
        campaigns.refund(id, backers[0]);
        campaigns.refund(id, backers[1]);
        assertEq(campaigns.unclaimedOf(backers[0], address(stable)), 210_00, "waits");
        assertEq(stable.balanceOf(address(campaigns)), 210_00, "nothing else stays");
    }

    function test_forced_withdraw_moves_unclaimed_money_by_the_court_only() public {
        CampaignId id = _met();
        _freeze(seller, true);
        vm.prank(reviewer);
        campaigns.release(id, "");
        vm.prank(FIRST_REGULATOR);
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.NotCourt.selector, FIRST_REGULATOR));
        campaigns.forcedWithdraw(seller, address(stable), bank, 100_00, "order");
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.NotCourt.selector, address(this)));
        campaigns.forcedWithdraw(seller, address(stable), bank, 100_00, "order");
        vm.prank(address(court));
        vm.expectRevert(
            abi.encodeWithSelector(Unclaimed.UnclaimedExceeded.selector, seller, address(stable), 300_05, 300_04)
        );
        campaigns.forcedWithdraw(seller, address(stable), bank, 300_05, "order");
        uint256 before = stable.balanceOf(bank);
        _order(
            address(campaigns),
            abi.encodeCall(campaigns.forcedWithdraw, (seller, address(stable), bank, 100_00, keccak256("order")))
        );
        assertEq(stable.balanceOf(bank) - before, 100_00, "the court's creditor");
        assertEq(campaigns.unclaimedOf(seller, address(stable)), 200_04, "the rest waits");
    }

    function test_fund_reverts_when_the_currency_takes_a_fee() public {
        CampaignId id = _opened(1_000_00);
        stable.setFee(10);
        vm.prank(backers[0]);
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.TransferTookFee.selector, address(stable), 70_00, 63_00));
        campaigns.fund(id, 0, 1);
    }

    // ------------------------------------------------------------------ to the cent and to the day

    function test_goal_is_met_by_exactly_its_amount() public {
        CampaignId id = _opened(140_00);
        _fund(id, backers[0], 0, 2);
        _afterDeadline();
        _expectState(ICampaigns.Status.Met, id);
        id = _opened(140_01);
        _fund(id, backers[0], 0, 2);
        _afterDeadline();
        _expectState(ICampaigns.Status.Missed, id);
    }

    function test_a_milestone_is_released_until_the_end_of_its_last_day() public {
        CampaignId id = _met();
        uint256 lastDay = campaigns.milestone(id, 0).lastDay;
        _toDay(lastDay + 1);
        vm.warp(block.timestamp - 1);
        vm.prank(reviewer);
        campaigns.release(id, "");
        lastDay = campaigns.milestone(id, 1).lastDay;
        _toDay(lastDay + 1);
        _expectState(ICampaigns.Status.Failed, id);
        vm.prank(reviewer);
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.StateForbids.selector, id, ICampaigns.Status.Failed));
        campaigns.release(id, "");
    }

    function test_milestone_reverts_when_the_campaign_has_no_such_milestone() public {
        CampaignId id = _met();
        assertTrue(campaigns.milestone(id, 1).part != 0, "the last one");
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.MilestoneUnknown.selector, id, 2));
        campaigns.milestone(id, 2);
    }

    function test_fund_ends_with_the_second_of_the_deadline() public {
        CampaignId id = _opened(140_00);
        vm.warp(campaigns.campaign(id).terms.deadline - 1);
        _fund(id, backers[0], 0, 1);
        vm.warp(block.timestamp + 1);
        vm.prank(backers[0]);
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.StateForbids.selector, id, ICampaigns.Status.Missed));
        campaigns.fund(id, 0, 1);
    }

    function test_open_reverts_when_money_could_stay_for_more_than_ten_years() public {
        (ICampaigns.Terms memory terms, ICampaigns.Tier[] memory tiers, ICampaigns.Milestone[] memory steps) =
            _campaignTerms(1_000_00);
        uint24 first = uint24(terms.deadline / 1 days + 1);
        steps[0].lastDay = first;
        steps[1].lastDay = first + 3653;
        vm.prank(seller);
        campaigns.open(terms, tiers, steps);
        steps[1].lastDay = first + 3654;
        vm.prank(seller);
        vm.expectPartialRevert(ICampaigns.TermOutOfRange.selector);
        campaigns.open(terms, tiers, steps);
        steps[1].lastDay = first;
        steps[0].lastDay = first - 1;
        vm.prank(seller);
        vm.expectPartialRevert(ICampaigns.TermOutOfRange.selector);
        campaigns.open(terms, tiers, steps);
    }

    function test_a_campaign_whose_reviewer_never_acts_is_refunded() public {
        CampaignId id = _met();
        _toDay(uint256(campaigns.milestone(id, 0).lastDay) + 1);
        assertEq(campaigns.refund(id, backers[0]), 490_00, "all of it");
        assertEq(campaigns.refund(id, backers[1]), 510_15, "all of it");
    }

    // ------------------------------------------------------------------ a currency that stands

    function test_fund_takes_nothing_and_emits_its_event_when_the_currency_is_stopped() public {
        CampaignId id = _opened(1_000_00);
        stable.pause(true);
        vm.expectEmit(address(campaigns));
        emit CurrencyClock.CurrencyStopped(address(stable), uint40(block.timestamp));
        assertEq(_fund(id, backers[0], 0, 3), 0, "nothing taken");
        assertEq(campaigns.contributionOf(id, backers[0]), 0, "no contribution");
        assertEq(campaigns.placesOf(id, 0, backers[0]), 0, "no places");
        assertEq(campaigns.campaign(id).contributed, 0, "no money");
        (, uint32 left) = campaigns.tier(id, 0);
        assertEq(left, 10, "no place taken");
    }

    function test_fund_gives_the_currencys_own_error_when_only_this_backer_is_refused() public {
        CampaignId id = _opened(1_000_00);
        stable.blacklist(backers[0], true);
        vm.prank(backers[0]);
        vm.expectRevert(abi.encodeWithSelector(Stablecoin.Blacklisted.selector, backers[0]));
        campaigns.fund(id, 0, 1);
    }

    function test_deadline_moves_by_a_stop_that_covers_it() public {
        CampaignId id = _opened(140_00);
        _fund(id, backers[0], 0, 1);
        vm.warp(block.timestamp + 29 days);
        stable.pause(true);
        assertTrue(!campaigns.checkCurrency(address(stable)), "stands");
        vm.warp(block.timestamp + 5 days);
        _expectState(ICampaigns.Status.Funding, id);
        assertEq(campaigns.campaign(id).secondsLost, 5 days, "lost so far");
        stable.pause(false);
        _fund(id, backers[0], 0, 1); // finds that the currency moves again
        vm.warp(block.timestamp + 1 days - 1);
        _expectState(ICampaigns.Status.Funding, id);
        vm.warp(block.timestamp + 1);
        _expectState(ICampaigns.Status.Met, id);
    }

    function test_stop_after_the_deadline_reopens_nothing_and_moves_the_milestones() public {
        CampaignId id = _met();
        vm.warp(block.timestamp + 29 days);
        stable.pause(true);
        campaigns.checkCurrency(address(stable));
        vm.warp(block.timestamp + 10 days);
        _expectState(ICampaigns.Status.Met, id);
        stable.pause(false);
        vm.prank(reviewer);
        campaigns.release(id, "");
        assertEq(campaigns.campaign(id).released, 300_04, "on time");
    }

    function test_a_stop_before_the_opening_moves_nothing() public {
        stable.pause(true);
        campaigns.checkCurrency(address(stable));
        (ICampaigns.Terms memory terms, ICampaigns.Tier[] memory tiers, ICampaigns.Milestone[] memory steps) =
            _campaignTerms(1_000_00);
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.CurrencyStands.selector, address(stable)));
        campaigns.open(terms, tiers, steps);
        vm.warp(block.timestamp + 40 days);
        stable.pause(false);
        CampaignId id = _opened(140_00);
        assertEq(campaigns.campaign(id).secondsLost, 0, "none");
        _afterDeadline();
        _expectState(ICampaigns.Status.Missed, id);
    }

    function test_next_step_ends_a_stop_that_nobody_ended() public {
        CampaignId id = _opened(1_000_00);
        _fund(id, backers[0], 0, 1);
        stable.pause(true);
        campaigns.checkCurrency(address(stable));
        stable.pause(false);
        vm.warp(block.timestamp + 200 days);
        _expectState(ICampaigns.Status.Funding, id);
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.StateForbids.selector, id, ICampaigns.Status.Funding));
        campaigns.refund(id, backers[0]);
        assertTrue(campaigns.checkCurrency(address(stable)), "moves");
        _afterDeadline();
        assertEq(campaigns.refund(id, backers[0]), 70_00, "back");
    }

    function test_campaign_can_be_refunded_when_a_stop_never_ends() public {
        CampaignId id = _opened(1_000_00);
        _fund(id, backers[0], 0, 1);
        stable.pause(true);
        campaigns.checkCurrency(address(stable));
        vm.warp(block.timestamp + 396 days - 1);
        _expectState(ICampaigns.Status.Funding, id);
        vm.warp(block.timestamp + 1);
        _expectState(ICampaigns.Status.Missed, id);
        campaigns.refund(id, backers[0]);
        assertEq(campaigns.unclaimedOf(backers[0], address(stable)), 70_00, "waits for its currency");
        stable.pause(false);
        vm.prank(backers[0]);
        campaigns.withdrawUnclaimed(backers[0], address(stable));
    }

    function test_open_reverts_when_the_currency_is_no_contract() public {
        (ICampaigns.Terms memory terms, ICampaigns.Tier[] memory tiers, ICampaigns.Milestone[] memory steps) =
            _campaignTerms(1_000_00);
        terms.currency = STRANGER;
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.CurrencyStands.selector, STRANGER));
        campaigns.open(terms, tiers, steps);
    }

    function _met() private returns (CampaignId id) {
        id = _opened(1_000_00);
        _fund(id, backers[0], 0, 7); // 490.00
        _fund(id, backers[1], 1, 5); // 510.15
        _afterDeadline();
    }
}
