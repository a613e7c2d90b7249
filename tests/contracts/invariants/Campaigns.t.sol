// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Campaigns} from "../../../contracts/market/Campaigns.sol";
import {ICampaigns} from "../../../contracts/market/ICampaigns.sol";
import {PartyRegistry} from "../../../contracts/registry/PartyRegistry.sol";
import {CampaignId, PartyId} from "../../../contracts/types/Ids.sol";
import {Stablecoin} from "../support/Stablecoin.sol";
import {Test} from "../support/Test.sol";
import {CampaignHandler} from "./CampaignHandler.sol";

/// Money of campaigns, after any sequence of what is allowed.
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: deep.invariant.fail-on-revert = true
contract CampaignInvariants is Test {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    CampaignHandler private _handler;
    Campaigns private _campaigns;
    Stablecoin private _stable;

    function setUp() public {
        _handler = new CampaignHandler();
        _handler.setUp();
        (_campaigns, _stable) = _handler.parts();
    }

    /// Nothing is locked: when all that can be paid is paid, and twelve years later, nothing is left.
    function afterInvariant() public {
        _handler.end();
        assertEq(_stable.balanceOf(address(_campaigns)), 0, "nothing is locked");
        _handler.recordReached("Campaigns");
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[] memory allowed = new bytes4[](17);
        allowed[0] = CampaignHandler.open.selector;
        allowed[1] = CampaignHandler.fund.selector;
        allowed[2] = CampaignHandler.fund.selector;
        allowed[3] = CampaignHandler.fund.selector;
        allowed[4] = CampaignHandler.cancel.selector;
        allowed[5] = CampaignHandler.release.selector;
        allowed[6] = CampaignHandler.release.selector;
        allowed[7] = CampaignHandler.refund.selector;
        allowed[8] = CampaignHandler.refund.selector;
        allowed[9] = CampaignHandler.returnRelated.selector;
        allowed[10] = CampaignHandler.withdraw.selector;
        allowed[11] = CampaignHandler.pause.selector;
        allowed[12] = CampaignHandler.blacklist.selector;
        allowed[13] = CampaignHandler.loseAccount.selector;
        allowed[14] = CampaignHandler.advanceDays.selector;
        allowed[15] = CampaignHandler.advanceDays.selector;
        allowed[16] = CampaignHandler.withdraw.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(_handler), allowed);
    }

    /// One set of runs checks all invariants after each call.
    function invariant_all() public view {
        invariant_campaign_money_in_is_money_out_and_money_held();
        invariant_campaign_nobody_gets_back_more_than_it_gave();
        invariant_campaign_releases_only_what_a_met_goal_brought();
    }

    /// Money in is money out and money held, for each campaign and for all.
    function invariant_campaign_money_in_is_money_out_and_money_held() private view {
        uint256 held;
        for (uint256 id = 1; id <= _handler.campaignCount(); ++id) {
            ICampaigns.Campaign memory campaign = _campaigns.campaign(CampaignId.wrap(id));
            uint256 back;
            uint256 contributions;
            for (uint256 i; i < 3; ++i) {
                address backer = _handler.backerAt(i);
                back += _handler.gotBack(id, _partyOf(backer));
                contributions += _campaigns.contributionOf(CampaignId.wrap(id), backer);
            }
            uint256 holds = uint256(campaign.contributed) - campaign.released - campaign.refunded;
            assertEq(_handler.paidIn(id), back + _handler.released(id) + holds, "in, out and held");
            if (back == 0) assertEq(contributions, campaign.contributed, "contributions are the backers'");
            held += holds;
        }
        for (uint256 i; i < 3; ++i) {
            held += _campaigns.unclaimedOf(_handler.backerAt(i), address(_stable));
        }
        held += _campaigns.unclaimedOf(_seller(), address(_stable));
        assertEq(_stable.balanceOf(address(_campaigns)), held, "the contract holds what its books say");
    }

    /// Nobody gets back more than it gave.
    function invariant_campaign_nobody_gets_back_more_than_it_gave() private view {
        for (uint256 id = 1; id <= _handler.campaignCount(); ++id) {
            for (uint256 i; i < 3; ++i) {
                uint256 party = _partyOf(_handler.backerAt(i));
                assertTrue(_handler.gotBack(id, party) <= _handler.provided(id, party), "no more than it gave");
            }
        }
    }

    /// Nothing is released unless unrelated backers met the goal.
    function invariant_campaign_releases_only_what_a_met_goal_brought() private view {
        for (uint256 id = 1; id <= _handler.campaignCount(); ++id) {
            ICampaigns.Campaign memory campaign = _campaigns.campaign(CampaignId.wrap(id));
            if (campaign.released != 0) assertTrue(campaign.contributed >= campaign.terms.goal, "the goal was met");
            assertTrue(campaign.released <= campaign.contributed, "no more than was given");
        }
    }

    function _partyOf(address account) private view returns (uint256) {
        return PartyId.unwrap(PartyRegistry(address(_campaigns.registry())).partyOf(account));
    }

    function _seller() private view returns (address) {
        return _campaigns.campaign(CampaignId.wrap(1)).creator;
    }
}
