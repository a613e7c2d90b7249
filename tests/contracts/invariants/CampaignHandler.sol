// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Campaigns} from "../../../contracts/market/Campaigns.sol";
import {ICampaigns} from "../../../contracts/market/ICampaigns.sol";
import {CampaignId, PartyId} from "../../../contracts/types/Ids.sol";
import {CampaignFixture} from "../market/CampaignFixture.sol";
import {Reached} from "../support/Reached.sol";
import {Stablecoin} from "../support/Stablecoin.sol";

/// What may happen to campaigns, in any order, with a currency that stops and refuses: each call does only what is
/// allowed, and books who gave and who got what.
contract CampaignHandler is CampaignFixture, Reached {
    uint256 private constant MAX_CAMPAIGNS = 6;

    uint256 public campaignCount;
    mapping(uint256 campaign => uint256) public paidIn;
    mapping(uint256 campaign => mapping(uint256 party => uint256)) public provided;
    mapping(uint256 campaign => mapping(uint256 party => uint256)) public gotBack;
    mapping(uint256 campaign => uint256) public released;
    uint256 private _grouped;
    bool private _joined;

    function setUp() public override {
        super.setUp();
        string[20] memory names = [
            "a campaign opened",
            "a contribution",
            "a contribution past the goal",
            "a payment while the currency stands",
            "a campaign cancelled",
            "a milestone released",
            "a campaign released whole",
            "unclaimed money of a creator",
            "a refund of a missed goal",
            "a refund after a milestone",
            "unclaimed money of a backer",
            "money withdrawn by its party",
            "a related backer sent back before the deadline",
            "a related backer sent back after the deadline",
            "a currency stopped",
            "a currency that moves again",
            "a backer blacklisted",
            "an account lost",
            "a refund to another account",
            "a campaign failed"
        ];
        for (uint256 i; i < names.length; ++i) {
            _mustReach(names[i]);
        }
        _join(backers[0]);
        _joined = true;
        for (uint256 i; i < 2; ++i) {
            _fund(_openedFor(100_00), backers[i], 0, 1);
            _book(i + 1, backers[i], 70_00);
        }
    }

    function parts() external view returns (Campaigns, Stablecoin) {
        return (campaigns, stable);
    }

    /// Accounts that may back a campaign: the second account of the first party is among them.
    function backerAt(uint256 place) public view returns (address) {
        return place == 3 ? other : backers[place];
    }

    // ------------------------------------------------------------------ actions

    function open(uint64 goal) external {
        if (campaignCount == MAX_CAMPAIGNS || stable.paused()) return;
        _openedFor(uint64(bound(goal, 1, 1_500_00)));
    }

    function fund(uint256 seed, uint8 backerSeed, uint8 tierSeed, uint8 places) external {
        CampaignId id = _pick(seed, ICampaigns.Status.Funding);
        address backer = backerAt(backerSeed % 4);
        if (id.isNull() || stable.blacklisted(backer) || !registry.isValid(backer)) return;
        if (registry.areRelated(backer, seller) || registry.areRelated(backer, reviewer)) return;
        uint256 tier = tierSeed % 2;
        (ICampaigns.Tier memory chosen, uint32 left) = campaigns.tier(id, tier);
        if (left == 0) return;
        uint32 count = uint32(bound(places, 1, left));
        bool met = campaigns.campaign(id).contributed >= campaigns.campaign(id).terms.goal;
        uint64 amount = _fund(id, backer, tier, count);
        if (stable.paused()) {
            assertEq(amount, 0, "nothing is taken");
            _reach("a payment while the currency stands");
            return;
        }
        assertEq(amount, uint256(chosen.price) * count, "the price");
        _book(CampaignId.unwrap(id), backer, amount);
        _reach("a contribution");
        _reachIf(met, "a contribution past the goal");
    }

    function cancel(uint256 seed) external {
        CampaignId id = _pick(seed, ICampaigns.Status.Funding);
        if (CampaignId.unwrap(id) < 3) return; // most campaigns should go on
        vm.prank(seller);
        campaigns.cancel(id);
        _reach("a campaign cancelled");
    }

    function release(uint256 seed) external {
        CampaignId id = _pick(seed, ICampaigns.Status.Met);
        if (id.isNull()) return;
        uint256 unclaimed = campaigns.unclaimedOf(seller, address(stable));
        uint256 before = campaigns.campaign(id).released;
        vm.prank(reviewer);
        campaigns.release(id, "");
        released[CampaignId.unwrap(id)] += campaigns.campaign(id).released - before;
        _reach("a milestone released");
        _reachIf(campaigns.campaign(id).status == ICampaigns.Status.Completed, "a campaign released whole");
        _reachIf(campaigns.unclaimedOf(seller, address(stable)) > unclaimed, "unclaimed money of a creator");
    }

    function refund(uint256 seed, uint8 backerSeed) external {
        CampaignId id = _pick(seed, ICampaigns.Status.Missed);
        if (id.isNull()) id = _pick(seed, ICampaigns.Status.Failed);
        if (id.isNull()) return;
        for (uint256 i; i < 4; ++i) {
            // Half of the time the second account calls first: any account of the party may.
            address backer = backerAt(((backerSeed % 2 == 0 ? 3 : uint256(backerSeed)) + i) % 4);
            if (campaigns.contributionOf(id, backer) == 0) continue;
            _refund(id, backer);
            return;
        }
    }

    function returnRelated(uint256 seed) external {
        // After the deadline, if there is such a campaign: that is the rarer case.
        CampaignId id = _pickUnreleased(seed);
        bool after_ = !id.isNull();
        if (!after_) id = _pick(seed, ICampaigns.Status.Funding);
        if (id.isNull()) return;
        for (uint256 i = 1; i < 3; ++i) {
            if (campaigns.contributionOf(id, backers[i]) == 0) continue;
            if (!registry.areRelated(backers[i], seller)) {
                _oneGroup(backers[i], seller);
                ++_grouped;
            }
            uint64 amount = campaigns.returnRelated(id, backers[i]);
            _bookBack(CampaignId.unwrap(id), backers[i], amount);
            _reach(
                after_
                    ? "a related backer sent back after the deadline"
                    : "a related backer sent back before the deadline"
            );
            break;
        }
        // The relation ends, so that the contributions of the others are not all over.
        for (uint256 i = 1; i < 3; ++i) {
            PartyId party = registry.partyOf(backers[i]);
            vm.prank(REGISTRAR);
            registry.setGroup(party, 0);
        }
    }

    function withdraw(uint8 seed) external {
        if (stable.paused()) return;
        for (uint256 i; i < 5; ++i) {
            address owner = _ownerAt((uint256(seed) + i) % 5);
            if (!registry.isValid(owner) || campaigns.unclaimedOf(owner, address(stable)) == 0) continue;
            stable.blacklist(owner, false);
            vm.prank(owner);
            campaigns.withdrawUnclaimed(owner, address(stable));
            _reach("money withdrawn by its party");
            return;
        }
    }

    function pause(uint8 seed) external {
        bool on = seed % 3 == 0;
        stable.pause(on);
        bool moves = campaigns.checkCurrency(address(stable));
        assertTrue(moves != on, "as it is");
        _reach(on ? "a currency stopped" : "a currency that moves again");
    }

    function blacklist(uint8 seed, bool on) external {
        stable.blacklist(_ownerAt(seed % 5), on);
        _reachIf(on, "a backer blacklisted");
    }

    function loseAccount() external {
        if (!_joined) return;
        _joined = false;
        _lose(backers[0]);
        _reach("an account lost");
    }

    function advanceDays(uint8 days_) external {
        vm.warp(block.timestamp + uint256(days_ % 35) * 1 days);
    }

    /// Pays everything that can still be paid: what is left then is locked for ever.
    function end() external {
        stable.pause(false);
        campaigns.checkCurrency(address(stable));
        for (uint256 i; i < 5; ++i) {
            stable.blacklist(_ownerAt(i), false);
        }
        vm.warp(block.timestamp + 12 * 366 days);
        for (uint256 id = 1; id <= campaignCount; ++id) {
            for (uint256 i; i < 4; ++i) {
                if (campaigns.contributionOf(CampaignId.wrap(id), backerAt(i)) == 0) continue;
                if (campaigns.campaign(CampaignId.wrap(id)).status == ICampaigns.Status.Completed) continue;
                _refund(CampaignId.wrap(id), backerAt(i));
            }
        }
        for (uint256 i; i < 5; ++i) {
            address owner = _ownerAt(i);
            if (!registry.isValid(owner) || campaigns.unclaimedOf(owner, address(stable)) == 0) continue;
            vm.prank(owner);
            campaigns.withdrawUnclaimed(owner, address(stable));
        }
    }

    // ------------------------------------------------------------------ helpers

    function _ownerAt(uint256 place) private view returns (address) {
        return place == 4 ? seller : backerAt(place);
    }

    function _openedFor(uint64 goal) private returns (CampaignId id) {
        id = _opened(goal);
        ++campaignCount;
        _reach("a campaign opened");
    }

    function _refund(CampaignId id, address backer) private {
        uint256 unclaimed = campaigns.unclaimedOf(backer, address(stable));
        ICampaigns.Status status = campaigns.campaign(id).status;
        vm.prank(STRANGER);
        uint64 amount = campaigns.refund(id, backer);
        _bookBack(CampaignId.unwrap(id), backer, amount);
        _reachIf(status == ICampaigns.Status.Missed, "a refund of a missed goal");
        _reachIf(status == ICampaigns.Status.Failed, "a campaign failed");
        _reachIf(campaigns.campaign(id).milestonesReleased != 0, "a refund after a milestone");
        _reachIf(campaigns.unclaimedOf(backer, address(stable)) > unclaimed, "unclaimed money of a backer");
        _reachIf(backer == other, "a refund to another account");
    }

    function _book(uint256 campaign, address backer, uint64 amount) private {
        paidIn[campaign] += amount;
        provided[campaign][PartyId.unwrap(registry.partyOf(backer))] += amount;
    }

    function _bookBack(uint256 campaign, address backer, uint64 amount) private {
        gotBack[campaign][PartyId.unwrap(registry.partyOf(backer))] += amount;
    }

    /// A campaign whose goal is met and that has released nothing yet; 0 if there is none.
    function _pickUnreleased(uint256 seed) private view returns (CampaignId id) {
        id = _pick(seed, ICampaigns.Status.Met);
        if (id.isNull() || campaigns.campaign(id).milestonesReleased == 0) return id;
        return CampaignId.wrap(0);
    }

    /// The first campaign in this state, from a random one on; 0 if there is none.
    function _pick(uint256 seed, ICampaigns.Status status) private view returns (CampaignId) {
        for (uint256 i; i < campaignCount; ++i) {
            CampaignId id = CampaignId.wrap(1 + (seed % campaignCount + i) % campaignCount);
            if (campaigns.campaign(id).status == status) return id;
        }
        return CampaignId.wrap(0);
    }
}
