// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {CampaignId} from "../types/Ids.sol";

/// @title Crowdfunding, all or nothing: refunded without anybody's permission when the goal is missed, released by milestones
/// when it is met, and what is not released by its day goes back to the backers.
/// @notice Amounts are minor units of the campaign's currency, shares parts per million, days day numbers.
interface ICampaigns {
    enum Kind {
        Reward, // a thing or a service, made known by its description
        Share // units that count by their number
    }

    enum Status {
        None,
        Funding, // until the deadline
        Met, // the goal is reached and the deadline past: milestones
        Missed, // refunds: the goal was not reached, or the creator cancelled
        Failed, // refunds of what is left: a milestone was not released by its day
        Completed // all released
    }

    struct Tier {
        uint64 price; // of one place
        uint32 places;
        Kind kind;
        bytes32 descriptionHash;
    }

    struct Milestone {
        uint24 part; // of what was pledged; all together 1,000,000
        uint24 lastDay; // until which it may be released; rising
        bytes32 descriptionHash;
    }

    struct Terms {
        address currency;
        uint64 goal;
        uint40 deadline; // UTC seconds, exclusive
        address reviewer; // releases milestones; not of the creator's party
        bytes32 documentRoot;
        bytes32 legalTextHash;
    }

    struct Campaign {
        address creator;
        Terms terms;
        Status status; // as of now
        uint64 pledged;
        uint64 released;
        uint64 refunded;
        uint8 milestonesReleased;
    }

    event CampaignOpened(
        CampaignId indexed campaignId, address indexed creator, Terms terms, Tier[] tiers, Milestone[] milestones
    );
    event CampaignFunded(
        CampaignId indexed campaignId,
        address indexed backer,
        uint256 tier,
        uint32 places,
        uint64 amount,
        uint64 pledged
    );
    event CampaignCancelled(CampaignId indexed campaignId);
    event MilestoneReleased(
        CampaignId indexed campaignId, uint256 milestone, address indexed creator, uint64 amount, bytes32 papersHash
    );
    event BackerRefunded(CampaignId indexed campaignId, address indexed backer, uint64 amount);

    error CampaignUnknown(CampaignId campaignId);
    error StateForbids(CampaignId campaignId, Status status);
    error TermOutOfRange(bytes32 term, uint256 given, uint256 least, uint256 most);
    error ReviewerIsCreator(address reviewer);
    error NotCreator(CampaignId campaignId, address creator, address caller);
    error NotReviewer(CampaignId campaignId, address reviewer, address caller);
    error TierUnknown(CampaignId campaignId, uint256 tier);
    error PlacesTaken(CampaignId campaignId, uint256 tier, uint32 left);
    error NothingToRefund(CampaignId campaignId, address backer);
    error TransferTookFee(address currency, uint256 expected, uint256 received);

    /// By the creator, a valid party with role 1. At most 20 tiers and 10 milestones.
    function open(Terms calldata terms, Tier[] calldata tiers, Milestone[] calldata milestones)
        external
        returns (CampaignId);
    /// By a valid party from its own money, before the deadline; past the goal too, as long as there are places.
    function fund(CampaignId campaignId, uint256 tier, uint32 places) external;
    /// By the creator before the deadline: everything goes back.
    function cancel(CampaignId campaignId) external;
    /// By the reviewer: the next milestone's part goes to the creator.
    function release(CampaignId campaignId, bytes32 papersHash) external;
    /// By anyone, to the backer: all it paid when the goal was missed, its part of what is left when a milestone was.
    function refund(CampaignId campaignId, address backer) external returns (uint64 amount);

    function campaign(CampaignId campaignId) external view returns (Campaign memory);
    function tier(CampaignId campaignId, uint256 place) external view returns (Tier memory, uint32 placesLeft);
    function milestone(CampaignId campaignId, uint256 place) external view returns (Milestone memory);
    /// What a backer has paid and not got back.
    function pledgeOf(CampaignId campaignId, address backer) external view returns (uint64);
    function placesOf(CampaignId campaignId, uint256 tier, address backer) external view returns (uint32);
}
