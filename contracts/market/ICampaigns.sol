// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {CampaignId} from "../types/Ids.sol";

/// @title Crowdfunding, all or nothing. Backers are refunded without anybody's permission when the goal is missed.
/// Money is released by milestones when the goal is met. What is not released by its day goes back to the backers.
/// @notice Amounts are minor units of the campaign's currency, shares are parts per million, days are day numbers.
/// Contributions and places belong to a party: any valid account of it acts for it. Money that cannot be paid out waits
/// for its owner's party (`unclaimedOf`). The time in which the currency stood (`checkCurrency`), up to 366 days of it,
/// counts neither for the deadline nor for the milestones.
interface ICampaigns {
    enum Kind {
        Reward, // a thing or a service, as its description says
        Share // units that count by their number
    }

    enum Status {
        None,
        Funding, // until the deadline
        Met, // the goal is reached and the deadline is over: milestones
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
        uint24 part; // of what was contributed; all together 1,000,000
        uint24 lastDay; // until which it may be released; rising; at most ten years after the deadline
        bytes32 descriptionHash;
    }

    struct Terms {
        address currency;
        uint64 goal;
        uint40 deadline; // UTC seconds, exclusive
        address reviewer; // releases milestones; not related to the creator
        bytes32 documentRoot;
        bytes32 legalTextHash;
    }

    struct Campaign {
        address creator;
        Terms terms;
        Status status; // as of now
        uint64 contributed;
        uint64 released;
        uint64 refunded;
        uint8 milestonesReleased;
        uint40 secondsLost; // for which the currency stood since the campaign was opened
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
        uint64 contributed
    );
    event CampaignCancelled(CampaignId indexed campaignId);
    event MilestoneReleased(
        CampaignId indexed campaignId, uint256 milestone, address indexed creator, uint64 amount, bytes32 evidenceHash
    );
    event BackerRefunded(CampaignId indexed campaignId, address indexed backer, uint64 amount);
    event RelatedBackerReturned(
        CampaignId indexed campaignId, address indexed backer, uint64 amount, uint64 contributed
    );
    event ForcedWithdrawal(
        address indexed from, address indexed to, address indexed currency, uint256 amount, bytes32 orderHash
    );

    error CampaignUnknown(CampaignId campaignId);
    error StateForbids(CampaignId campaignId, Status status);
    error TermOutOfRange(bytes32 term, uint256 value, uint256 min, uint256 max);
    error ReviewerIsCreator(address reviewer);
    error BackerRelated(CampaignId campaignId, address backer, address relatedTo);
    error BackerUnrelated(CampaignId campaignId, address backer);
    error CurrencyStands(address currency);
    error NotCreator(CampaignId campaignId, address creator, address caller);
    error NotReviewer(CampaignId campaignId, address reviewer, address caller);
    error TierUnknown(CampaignId campaignId, uint256 tier);
    error PlacesTaken(CampaignId campaignId, uint256 tier, uint32 left);
    error NothingToRefund(CampaignId campaignId, address backer);
    error TransferTookFee(address currency, uint256 expected, uint256 received);

    /// @notice Opens a campaign. The creator calls it, a valid party with role 1. At most 20 tiers and 10 milestones.
    /// @dev Reverts: PartyNotValid, RoleMissing; ReviewerIsCreator if reviewer and creator are related; TermOutOfRange;
    /// CurrencyStands if the currency does not move now.
    function open(Terms calldata terms, Tier[] calldata tiers, Milestone[] calldata milestones)
        external
        returns (CampaignId);

    /// @notice Takes places. A valid party calls it before the deadline and pays from its own money; beyond the goal
    /// too, while there are places.
    /// @return amount what was taken, in minor units; 0 if the currency stands, which is then recorded and nothing else
    /// happens
    /// @dev Reverts: StateForbids; PartyNotValid for the backer and for the creator's party; BackerRelated if the
    /// backer is related to the creator or to the reviewer; TierUnknown, PlacesTaken, TermOutOfRange; TransferTookFee;
    /// the currency's own error.
    function fund(CampaignId campaignId, uint256 tier, uint32 places) external returns (uint64 amount);

    /// @notice Cancels a campaign: everything goes back. The creator's party calls it before the deadline.
    /// @dev Reverts: StateForbids, NotCreator, PartyNotValid.
    function cancel(CampaignId campaignId) external;

    /// @notice Releases the next milestone's part to the creator, or leaves it unclaimed for the creator's party. The
    /// reviewer's party calls it.
    /// @dev Reverts: StateForbids; NotReviewer; PartyNotValid if the reviewer is frozen, lapsed or removed;
    /// ReviewerIsCreator if the two are related by now.
    function release(CampaignId campaignId, bytes32 evidenceHash) external;

    /// @notice Refunds a backer: all that it paid if the goal was missed, its part of what is left if a milestone was.
    /// Anyone may call it, for any account of the backer's party. Money that cannot be paid waits for the party.
    /// @dev Reverts: StateForbids, NothingToRefund.
    function refund(CampaignId campaignId, address backer) external returns (uint64 amount);

    /// @notice Gives back all that a backer paid who is related to the creator or to the reviewer by now. It no longer
    /// counts for the goal, and its places are free again. Anyone may call it before the first milestone is released.
    /// @dev Reverts: StateForbids, BackerUnrelated, NothingToRefund.
    function returnRelated(CampaignId campaignId, address backer) external returns (uint64 amount);

    /// @notice Asks whether a currency moves, and starts or ends a stop. Anyone may call it.
    function checkCurrency(address currency) external returns (bool moves);

    /// @notice Pays out the unclaimed money of the party of `to`. A valid account of that party calls it, for a valid
    /// account of it.
    /// @dev Reverts: NotOfParty, PartyNotValid, NothingUnclaimed.
    function withdrawUnclaimed(address to, address currency) external returns (uint256 amount);

    /// @notice Moves this much of one party's unclaimed money to another party, by order of the court.
    /// @dev Reverts: NotCourt; underflow if less waits.
    function forcedWithdraw(address from, address currency, address to, uint256 amount, bytes32 orderHash) external;

    /// @notice The unclaimed money of the party of an account, in minor units.
    function unclaimedOf(address party, address currency) external view returns (uint256);

    function campaign(CampaignId campaignId) external view returns (Campaign memory);
    function tier(CampaignId campaignId, uint256 place) external view returns (Tier memory, uint32 placesLeft);
    function milestone(CampaignId campaignId, uint256 place) external view returns (Milestone memory);
    /// What the party of a backer has paid and has not got back.
    function contributionOf(CampaignId campaignId, address backer) external view returns (uint64);
    function placesOf(CampaignId campaignId, uint256 tier, address backer) external view returns (uint32);
}
