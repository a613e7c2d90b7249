// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Campaigns} from "../../../contracts/market/Campaigns.sol";
import {ICampaigns} from "../../../contracts/market/ICampaigns.sol";
import {CampaignId, PartyId} from "../../../contracts/types/Ids.sol";
import {Fixture} from "../support/Fixture.sol";
import {Stablecoin} from "../support/Stablecoin.sol";

/// A campaign's reviewer and three backers, a currency that the test controls, and second accounts of parties.
abstract contract CampaignFixture is Fixture {
    uint256 internal constant OTHER_KEY = 777;
    Campaigns internal campaigns;
    Stablecoin internal stable;
    address internal reviewer = address(0xC1);
    address[3] internal backers = [address(0xC2), address(0xC3), address(0xC4)];
    address internal other = vm.addr(OTHER_KEY);

    function setUp() public virtual override {
        super.setUp();
        campaigns = new Campaigns(address(forwarder), registry, 0);
        stable = new Stablecoin();
        _party(reviewer, 0);
        _ready(seller);
        _ready(reviewer);
        for (uint256 i; i < 3; ++i) {
            _party(backers[i], 0);
            _ready(backers[i]);
        }
    }

    function _ready(address account) internal {
        stable.mint(account, 1e15);
        vm.startPrank(account);
        cash.approve(address(campaigns), type(uint256).max);
        stable.approve(address(campaigns), type(uint256).max);
        vm.stopPrank();
    }

    /// Two tiers of 70.00 and 102.03, milestones of 30 % and 70 %, ten days for the first 30 days.
    function _campaignTerms(uint64 goal)
        internal
        view
        returns (ICampaigns.Terms memory terms, ICampaigns.Tier[] memory tiers, ICampaigns.Milestone[] memory steps)
    {
        terms = ICampaigns.Terms(
            address(stable),
            goal,
            uint40(block.timestamp + 30 days),
            reviewer,
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

    function _opened(uint64 goal) internal returns (CampaignId) {
        (ICampaigns.Terms memory terms, ICampaigns.Tier[] memory tiers, ICampaigns.Milestone[] memory steps) =
            _campaignTerms(goal);
        vm.prank(seller);
        return campaigns.open(terms, tiers, steps);
    }

    function _fund(CampaignId id, address backer, uint256 tier, uint32 places) internal returns (uint64) {
        vm.prank(backer);
        return campaigns.fund(id, tier, places);
    }

    function _afterDeadline() internal {
        vm.warp(block.timestamp + 30 days);
    }

    function _expectState(ICampaigns.Status status, CampaignId id) internal view {
        assertTrue(campaigns.campaign(id).status == status, "status");
    }

    /// The account of `OTHER_KEY` joins the party of `member`.
    function _join(address member) internal {
        _join(member, OTHER_KEY);
        _ready(other);
    }

    /// The party continues with its other account; the first account no longer acts for it.
    function _lose(address member) internal {
        vm.prank(other);
        registry.removeAccount(member);
    }

    function _freeze(address account, bool frozen) internal {
        _order(
            address(registry), abi.encodeCall(registry.freeze, (registry.partyOf(account), frozen, keccak256("order")))
        );
    }

    function _oneGroup(address first, address second) internal {
        PartyId partyId = registry.partyOf(first);
        PartyId two = registry.partyOf(second);
        vm.startPrank(REGISTRAR);
        registry.setGroup(partyId, 7);
        registry.setGroup(two, 7);
        vm.stopPrank();
    }
}
