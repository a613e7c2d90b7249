// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ICampaigns} from "../../../contracts/market/ICampaigns.sol";
import {Unclaimed} from "../../../contracts/cash/Unclaimed.sol";
import {IPartyRegistry} from "../../../contracts/registry/IPartyRegistry.sol";
import {CampaignId, PartyId} from "../../../contracts/types/Ids.sol";
import {CampaignFixture} from "./CampaignFixture.sol";

/// Who may release, who counts for the goal; positions belong to a party and not to one account.
contract CampaignRightsTest is CampaignFixture {
    // ------------------------------------------------------------------ reviewer

    function test_fund_reverts_while_a_regulator_holds_the_creator() public {
        CampaignId id = _opened(70_00);
        PartyId party = registry.partyOf(seller);
        vm.prank(FIRST_REGULATOR);
        court.hold(party, "order");
        vm.prank(backers[0]);
        vm.expectRevert(
            abi.encodeWithSelector(IPartyRegistry.PartyNotValid.selector, seller, party, type(uint64).max, true)
        );
        campaigns.fund(id, 0, 1);
    }

    function test_release_reverts_when_the_reviewer_is_frozen() public {
        CampaignId id = _met();
        _freeze(reviewer, true);
        _releaseReverts(id, reviewer, IPartyRegistry.PartyNotValid.selector);
        _freeze(reviewer, false);
        vm.prank(reviewer);
        campaigns.release(id, "");
    }

    function test_release_reverts_when_the_reviewer_has_lapsed() public {
        CampaignId id = _met();
        PartyId party = registry.partyOf(reviewer);
        vm.prank(REGISTRAR);
        registry.setValidity(party, uint64(block.timestamp + 30 days));
        vm.warp(block.timestamp + 30 days);
        _releaseReverts(id, reviewer, IPartyRegistry.PartyNotValid.selector);
    }

    function test_release_reverts_for_a_removed_account_and_works_for_another_of_the_reviewers_party() public {
        CampaignId id = _met();
        _join(reviewer);
        _lose(reviewer);
        _releaseReverts(id, reviewer, IPartyRegistry.PartyNotValid.selector);
        uint256 before = stable.balanceOf(seller);
        vm.prank(other);
        campaigns.release(id, "");
        assertEq(stable.balanceOf(seller) - before, 300_04, "the first milestone");
    }

    function test_release_reverts_when_reviewer_and_creator_came_under_one_control() public {
        CampaignId id = _met();
        _oneGroup(reviewer, seller);
        _releaseReverts(id, reviewer, ICampaigns.ReviewerIsCreator.selector);
        vm.warp(block.timestamp + 31 days);
        _expectState(ICampaigns.Status.Failed, id);
        assertEq(_refund(id, backers[0]), 490_00, "all comes back");
        assertEq(_refund(id, backers[1]), 510_15, "all comes back");
    }

    function test_open_reverts_when_reviewer_and_creator_are_under_one_control_or_one_party() public {
        _oneGroup(reviewer, seller);
        (ICampaigns.Terms memory terms, ICampaigns.Tier[] memory tiers, ICampaigns.Milestone[] memory steps) =
            _campaignTerms(1_000_00);
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.ReviewerIsCreator.selector, reviewer));
        campaigns.open(terms, tiers, steps);
        _join(seller);
        terms.reviewer = other;
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.ReviewerIsCreator.selector, other));
        campaigns.open(terms, tiers, steps);
    }

    // ------------------------------------------------------------------ goal

    function test_fund_reverts_for_the_creator_its_party_and_those_under_one_control() public {
        CampaignId id = _opened(1_000_00);
        _fundReverts(id, seller, seller);
        _join(seller);
        _fundReverts(id, other, seller);
        _oneGroup(backers[0], seller);
        _fundReverts(id, backers[0], seller);
        _fund(id, backers[1], 0, 1);
    }

    function test_fund_reverts_for_the_reviewer_and_those_under_one_control_with_it() public {
        CampaignId id = _opened(1_000_00);
        _fundReverts(id, reviewer, reviewer);
        _oneGroup(backers[0], reviewer);
        _fundReverts(id, backers[0], reviewer);
    }

    function test_fund_reverts_when_the_creator_is_frozen() public {
        CampaignId id = _opened(1_000_00);
        _freeze(seller, true);
        vm.prank(backers[0]);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        campaigns.fund(id, 0, 1);
    }

    function test_fund_goes_on_when_the_creator_lost_its_account_but_not_its_party() public {
        CampaignId id = _opened(1_000_00);
        _join(seller);
        _lose(seller);
        _fund(id, backers[0], 0, 1);
        vm.prank(seller);
        vm.expectPartialRevert(IPartyRegistry.PartyNotValid.selector);
        campaigns.cancel(id);
        vm.prank(other);
        campaigns.cancel(id);
        _expectState(ICampaigns.Status.Missed, id);
    }

    function test_return_related_takes_a_backer_out_of_the_goal_and_frees_its_places() public {
        CampaignId id = _met();
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.BackerUnrelated.selector, id, backers[0]));
        campaigns.returnRelated(id, backers[0]);
        _oneGroup(backers[0], seller);
        uint256 before = stable.balanceOf(backers[0]);
        vm.prank(STRANGER);
        assertEq(campaigns.returnRelated(id, backers[0]), 490_00, "all of it");
        assertEq(stable.balanceOf(backers[0]) - before, 490_00, "back");
        assertEq(campaigns.campaign(id).contributed, 510_15, "counts no more");
        (, uint32 left) = campaigns.tier(id, 0);
        assertEq(left, 10, "places are free");
        assertEq(campaigns.placesOf(id, 0, backers[0]), 0, "and nobody's");
        _expectState(ICampaigns.Status.Missed, id);
        assertEq(_refund(id, backers[1]), 510_15, "the goal is missed");
        assertEq(stable.balanceOf(address(campaigns)), 0, "nothing stays");
    }

    function test_return_related_reverts_for_no_contribution_after_a_release_and_after_the_end() public {
        CampaignId id = _met();
        _oneGroup(backers[2], reviewer);
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.NothingToRefund.selector, id, backers[2]));
        campaigns.returnRelated(id, backers[2]);
        vm.prank(reviewer);
        campaigns.release(id, "");
        _oneGroup(backers[0], seller);
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.StateForbids.selector, id, ICampaigns.Status.Met));
        campaigns.returnRelated(id, backers[0]);
        vm.warp(block.timestamp + 90 days);
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.StateForbids.selector, id, ICampaigns.Status.Failed));
        campaigns.returnRelated(id, backers[0]);
    }

    function test_return_related_before_the_deadline_lets_others_take_the_places() public {
        CampaignId id = _opened(700_00);
        _fund(id, backers[0], 0, 10);
        _oneGroup(backers[0], reviewer);
        campaigns.returnRelated(id, backers[0]);
        _fund(id, backers[1], 0, 10);
        _afterDeadline();
        _expectState(ICampaigns.Status.Met, id);
    }

    // ------------------------------------------------------------------ parties own, accounts act

    function test_refund_reaches_a_backer_that_lost_its_account() public {
        CampaignId id = _opened(1_000_00);
        _fund(id, backers[0], 0, 3);
        _join(backers[0]);
        _lose(backers[0]);
        assertEq(campaigns.contributionOf(id, other), 210_00, "its party's");
        assertEq(campaigns.placesOf(id, 0, other), 3, "its party's");
        _afterDeadline();
        uint256 before = stable.balanceOf(other);
        vm.prank(STRANGER);
        campaigns.refund(id, other);
        assertEq(stable.balanceOf(other) - before, 210_00, "at its other account");
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.NothingToRefund.selector, id, backers[0]));
        campaigns.refund(id, backers[0]);
    }

    function test_refund_to_the_lost_account_itself_waits_for_its_party() public {
        CampaignId id = _opened(1_000_00);
        _fund(id, backers[0], 0, 3);
        _join(backers[0]);
        _lose(backers[0]);
        _afterDeadline();
        _refund(id, backers[0]);
        assertEq(campaigns.unclaimedOf(other, address(stable)), 210_00, "waits");
        vm.prank(backers[1]);
        vm.expectRevert(abi.encodeWithSelector(Unclaimed.NotOfParty.selector, other, backers[1]));
        campaigns.withdrawUnclaimed(other, address(stable));
        vm.prank(other);
        campaigns.withdrawUnclaimed(other, address(stable));
        vm.prank(other);
        vm.expectRevert(abi.encodeWithSelector(Unclaimed.NothingUnclaimed.selector, other, address(stable)));
        campaigns.withdrawUnclaimed(other, address(stable));
        assertEq(stable.balanceOf(address(campaigns)), 0, "nothing stays");
    }

    function test_two_accounts_of_one_backer_have_one_contribution() public {
        CampaignId id = _opened(1_000_00);
        _fund(id, backers[0], 0, 1);
        _join(backers[0]);
        _fund(id, other, 1, 1);
        assertEq(campaigns.contributionOf(id, backers[0]), 172_03, "together");
        _afterDeadline();
        assertEq(_refund(id, other), 172_03, "together");
    }

    function test_refund_reverts_for_an_account_that_was_never_registered() public {
        CampaignId id = _opened(1_000_00);
        _afterDeadline();
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.NothingToRefund.selector, id, STRANGER));
        campaigns.refund(id, STRANGER);
    }

    // ------------------------------------------------------------------ helpers

    function _met() private returns (CampaignId id) {
        id = _opened(1_000_00);
        _fund(id, backers[0], 0, 7); // 490.00
        _fund(id, backers[1], 1, 5); // 510.15
        _afterDeadline();
    }

    function _refund(CampaignId id, address backer) private returns (uint64) {
        vm.prank(STRANGER);
        return campaigns.refund(id, backer);
    }

    function _releaseReverts(CampaignId id, address account, bytes4 reason) private {
        vm.prank(account);
        vm.expectPartialRevert(reason);
        campaigns.release(id, "");
    }

    function _fundReverts(CampaignId id, address backer, address relatedTo) private {
        vm.prank(backer);
        vm.expectRevert(abi.encodeWithSelector(ICampaigns.BackerRelated.selector, id, backer, relatedTo));
        campaigns.fund(id, 0, 1);
    }
}
