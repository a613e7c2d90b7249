// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Campaigns} from "../../../contracts/market/Campaigns.sol";
import {ICampaigns} from "../../../contracts/market/ICampaigns.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {CampaignId} from "../../../contracts/types/Ids.sol";
import {Fixture} from "../support/Fixture.sol";

/// Money in is money out and money held, whatever happens; refunds need nobody's permission and are exact to the cent.
contract CampaignsTest is Fixture {
    Campaigns private _campaigns;
    address private _reviewer = address(0xC1);
    address[3] private _backers = [address(0xC2), address(0xC3), address(0xC4)];

    function setUp() public override {
        super.setUp();
        _campaigns = new Campaigns(address(forwarder), registry, 0);
        _party(_reviewer, 0);
        for (uint256 i; i < 3; ++i) {
            _party(_backers[i], 0);
            vm.prank(_backers[i]);
            cash.approve(address(_campaigns), type(uint256).max);
        }
    }

    function test_a_goal_that_is_met_is_released_by_milestones() public {
        CampaignId id = _opened(1_000_00);
        uint256 before = cash.balanceOf(seller);
        _fund(id, 0, 0, 7); // 70.00 each
        _fund(id, 1, 1, 5); // 102.03 each
        assertEq(_campaigns.placesOf(id, 1, _backers[1]), 5, "places");
        _expectState(ICampaigns.Status.Funding, id);
        _afterDeadline();
        _expectState(ICampaigns.Status.Met, id);
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.NotReviewer.selector, id, _reviewer, seller));
        vm.prank(seller);
        _campaigns.release(id, "");
        vm.startPrank(_reviewer);
        _campaigns.release(id, "delivered");
        assertEq(cash.balanceOf(seller), before + 300_04, "30% of 1,000.15, rounded down");
        _campaigns.release(id, "delivered");
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.StateForbids.selector, id, ICampaigns.Status.Completed));
        _campaigns.release(id, "");
        vm.stopPrank();
        assertEq(cash.balanceOf(seller), before + 1_000_15, "the last milestone takes the rest");
        assertEq(cash.balanceOf(address(_campaigns)), 0, "nothing stays");
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.StateForbids.selector, id, ICampaigns.Status.Completed));
        _campaigns.refund(id, _backers[0]);
    }

    function test_a_goal_that_is_missed_is_refunded_without_permission() public {
        CampaignId id = _opened(1_000_00);
        uint256 before = cash.balanceOf(_backers[0]);
        _fund(id, 0, 0, 3);
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.StateForbids.selector, id, ICampaigns.Status.Funding));
        _campaigns.refund(id, _backers[0]);
        _afterDeadline();
        vm.prank(STRANGER);
        _campaigns.refund(id, _backers[0]);
        assertEq(cash.balanceOf(_backers[0]), before, "all of it");
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.NothingToRefund.selector, id, _backers[0]));
        _campaigns.refund(id, _backers[0]);
        vm.prank(_backers[1]);
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.StateForbids.selector, id, ICampaigns.Status.Missed));
        _campaigns.fund(id, 0, 1);
    }

    function test_the_creator_alone_cancels_before_the_end_only() public {
        CampaignId id = _opened(1_000_00);
        _fund(id, 0, 0, 3);
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.NotCreator.selector, id, seller, bank));
        vm.prank(bank);
        _campaigns.cancel(id);
        vm.prank(seller);
        _campaigns.cancel(id);
        _campaigns.refund(id, _backers[0]);
        CampaignId other = _opened(1);
        _fund(other, 0, 0, 1);
        _afterDeadline();
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.StateForbids.selector, other, ICampaigns.Status.Met));
        _campaigns.cancel(other);
    }

    function test_missed_milestone_refunds_what_is_left() public {
        CampaignId id = _opened(1_000_00);
        _fund(id, 0, 0, 7);
        _fund(id, 1, 1, 5);
        _afterDeadline();
        vm.prank(_reviewer);
        _campaigns.release(id, "delivered");
        vm.warp(block.timestamp + 61 days);
        _expectState(ICampaigns.Status.Failed, id);
        vm.prank(_reviewer);
        vm.expectRevert();
        _campaigns.release(id, "too late");
        uint64 first = _campaigns.refund(id, _backers[0]);
        uint64 second = _campaigns.refund(id, _backers[1]);
        assertEq(uint256(first) + second, 1_000_15 - 300_04, "all that is left");
        assertEq(cash.balanceOf(address(_campaigns)), 0, "nothing stays");
    }

    function test_campaign_enforces_places_and_terms() public {
        CampaignId id = _opened(1_000_00);
        vm.startPrank(_backers[0]);
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.PlacesTaken.selector, id, 0, 10));
        _campaigns.fund(id, 0, 11);
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.PlacesTaken.selector, id, 0, 10));
        _campaigns.fund(id, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.TierUnknown.selector, id, 2));
        _campaigns.fund(id, 2, 1);
        vm.stopPrank();
        vm.prank(STRANGER);
        vm.expectRevert();
        _campaigns.fund(id, 0, 1);
        (ICampaigns.Terms memory terms, ICampaigns.Tier[] memory tiers, ICampaigns.Milestone[] memory steps) =
            _terms_(1_000_00);
        steps[1].part = 699_999;
        vm.prank(seller);
        vm.expectPartialRevert(ICampaigns.TermOutOfRange.selector);
        _campaigns.open(terms, tiers, steps);
        (terms, tiers, steps) = _terms_(1_000_00);
        terms.reviewer = seller;
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.ReviewerIsCreator.selector, seller));
        _campaigns.open(terms, tiers, steps);
        (terms, tiers, steps) = _terms_(0);
        vm.prank(seller);
        vm.expectPartialRevert(ICampaigns.TermOutOfRange.selector);
        _campaigns.open(terms, tiers, steps);
        (terms, tiers, steps) = _terms_(1_000_00);
        vm.prank(bank);
        vm.expectRevert();
        _campaigns.open(terms, tiers, steps);
    }

    function test_a_frozen_backer_is_refunded_once_it_may_receive_again() public {
        CampaignId id = _opened(1_000_00);
        _fund(id, 0, 0, 3);
        _afterDeadline();
        _order(
            address(registry),
            abi.encodeCall(registry.freeze, (registry.partyOf(_backers[0]), true, keccak256("order")))
        );
        _campaigns.refund(id, _backers[0]);
        assertEq(_campaigns.unclaimedOf(_backers[0], address(cash)), 210_00, "waits");
        vm.prank(_backers[0]);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        _campaigns.withdrawUnclaimed(_backers[0], address(cash));
        _order(
            address(registry),
            abi.encodeCall(registry.freeze, (registry.partyOf(_backers[0]), false, keccak256("order")))
        );
        vm.prank(_backers[0]);
        _campaigns.withdrawUnclaimed(_backers[0], address(cash));
    }

    function testFuzz_money_in_is_money_out_and_money_held(
        uint32[3] memory places,
        uint64 goal,
        uint8 released,
        uint8 order,
        bool cancelled
    ) public {
        goal = uint64(bound(goal, 1, 2_000_00));
        CampaignId id = _opened(goal);
        uint256 paid;
        for (uint256 i; i < 3; ++i) {
            uint32 count = uint32(bound(places[i], 1, 3));
            _fund(id, i, i % 2, count);
            paid += uint256(i % 2 == 0 ? 70_00 : 102_03) * count;
        }
        if (cancelled) {
            vm.prank(seller);
            _campaigns.cancel(id);
        }
        _afterDeadline();
        uint256 before = cash.balanceOf(seller);
        for (uint256 i; i < released % 3; ++i) {
            vm.prank(_reviewer);
            try _campaigns.release(id, "") {} catch {}
        }
        uint256 out = cash.balanceOf(seller) - before;
        vm.warp(block.timestamp + 61 days);
        for (uint256 i; i < 3; ++i) {
            try _campaigns.refund(id, _backers[(i + order) % 3]) returns (uint64 amount) {
                out += amount;
            } catch {}
        }
        assertEq(out + cash.balanceOf(address(_campaigns)), paid, "in = out + held");
        assertEq(cash.balanceOf(address(_campaigns)), 0, "nothing stays in the end");
        ICampaigns.Campaign memory campaign = _campaigns.campaign(id);
        assertEq(uint256(campaign.released) + campaign.refunded, campaign.contributed, "the books say so too");
    }

    function test_open_records_each_category_and_refuses_a_number_that_names_none() public {
        (ICampaigns.Terms memory terms, ICampaigns.Tier[] memory tiers, ICampaigns.Milestone[] memory steps) =
            _terms_(1_000_00);
        uint8 last = uint8(type(ICampaigns.Category).max);
        assertEq(last, 6, "seven categories");
        for (uint8 i; i <= last; ++i) {
            terms.category = ICampaigns.Category(i);
            vm.expectEmit(address(_campaigns));
            emit ICampaigns.CampaignOpened(CampaignId.wrap(uint256(i) + 1), seller, terms, tiers, steps);
            vm.prank(seller);
            CampaignId id = _campaigns.open(terms, tiers, steps);
            assertTrue(_campaigns.campaign(id).terms.category == terms.category, "the view has it");
        }
        terms.category = ICampaigns.Category.Technology;
        bytes memory call = abi.encodeCall(ICampaigns.open, (terms, tiers, steps));
        // The terms are of fixed size, so they follow the selector; the category is their fifth word.
        call[4 + 5 * 32 - 1] = bytes1(last + 1);
        vm.prank(seller);
        (bool done,) = address(_campaigns).call(call);
        assertTrue(!done, "a category beyond the last");
        call[4 + 5 * 32 - 1] = bytes1(last);
        vm.prank(seller);
        (done,) = address(_campaigns).call(call);
        assertTrue(done, "the last category");
    }

    // ------------------------------------------------------------------ helpers

    function _terms_(uint64 goal)
        private
        view
        returns (ICampaigns.Terms memory terms, ICampaigns.Tier[] memory tiers, ICampaigns.Milestone[] memory steps)
    {
        terms = ICampaigns.Terms(
            address(cash),
            goal,
            uint40(block.timestamp + 30 days),
            _reviewer,
            ICampaigns.Category.Technology,
            keccak256("documents"),
            keccak256("text")
        );
        tiers = new ICampaigns.Tier[](2);
        tiers[0] = ICampaigns.Tier(70_00, 10, ICampaigns.Kind.Reward, keccak256("a casting"));
        tiers[1] = ICampaigns.Tier(102_03, 10, ICampaigns.Kind.Share, keccak256("a share"));
        steps = new ICampaigns.Milestone[](2);
        uint24 today = uint24(block.timestamp / 1 days);
        steps[0] = ICampaigns.Milestone(300_000, today + 60, keccak256("mould"));
        steps[1] = ICampaigns.Milestone(700_000, today + 90, keccak256("series"));
    }

    function _opened(uint64 goal) private returns (CampaignId) {
        (ICampaigns.Terms memory terms, ICampaigns.Tier[] memory tiers, ICampaigns.Milestone[] memory steps) =
            _terms_(goal);
        vm.prank(seller);
        return _campaigns.open(terms, tiers, steps);
    }

    function _fund(CampaignId id, uint256 backer, uint256 tier, uint32 places) private {
        vm.prank(_backers[backer]);
        _campaigns.fund(id, tier, places);
    }

    function _afterDeadline() private {
        vm.warp(block.timestamp + 30 days);
    }

    function _expectState(ICampaigns.Status status, CampaignId id) private view {
        assertTrue(_campaigns.campaign(id).status == status, "status");
    }
}
