// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {CampaignId} from "../types/Ids.sol";

/// @title Crowdfunding, all or nothing. Backers are refunded without anybody's permission when the goal is missed.
/// Money is released by milestones when the goal is met. What is not released by its day goes back to the backers.
/// @notice Amounts are minor units of the campaign's currency, shares are parts per million, days are day numbers.
/// Contributions and places belong to a party: any valid account of it acts for it. Money that cannot be paid out waits
/// for its owner's party (`unclaimedOf`). The time in which the currency stood (`checkCurrency`), up to 366 days of it,
/// counts neither for the deadline nor for the milestones.
/// @dev Source: decision 24.
interface ICampaigns {
    /// @notice What a place is worth.
    enum Kind {
        Reward, // a thing or a service, as its description says
        Share // units that count by their number
    }

    /// @notice What a campaign's money is for, as its creator sorts it.
    enum Category {
        Technology,
        Design,
        Household,
        Food,
        Culture, // books, music, film, stage, games
        Charity, // for others than the backers; the milestones bind it like any other
        Other
    }

    /// @notice Where a campaign stands. It follows from the clock; only cancelling and releasing are stored.
    enum Status {
        None,
        Funding, // until the deadline
        Met, // the goal is reached and the deadline is over: milestones
        Missed, // refunds: the goal was not reached, or the creator cancelled
        Failed, // refunds of what is left: a milestone was not released by its day
        Completed // all released
    }

    /// @notice A kind of place that backers take.
    /// @param price Minor units of one place.
    /// @param places How many places there are.
    /// @param kind What a place is worth.
    /// @param descriptionHash Hash of the description.
    struct Tier {
        uint64 price;
        uint32 places;
        Kind kind;
        bytes32 descriptionHash;
    }

    /// @notice A part of the money and the day until which it may be released.
    /// @param part Parts per million of what was contributed. All together 1,000,000.
    /// @param lastDay Last day number on which it may be released. Rising; at most ten years after the deadline.
    /// @param descriptionHash Hash of the description.
    struct Milestone {
        uint24 part;
        uint24 lastDay;
        bytes32 descriptionHash;
    }

    /// @notice The terms of a campaign.
    /// @param currency Token contract of the currency.
    /// @param goal Minor units.
    /// @param deadline UTC seconds, exclusive.
    /// @param reviewer Who releases milestones; not related to the creator.
    /// @param category What its money is for. It never changes.
    /// @param documentRoot Merkle root of the documents behind it.
    /// @param legalTextHash Hash of the legal text.
    struct Terms {
        address currency;
        uint64 goal;
        uint40 deadline;
        address reviewer;
        Category category;
        bytes32 documentRoot;
        bytes32 legalTextHash;
    }

    /// @notice A campaign as it stands.
    /// @param creator The account that opened it.
    /// @param terms Its terms.
    /// @param status Where it stands now.
    /// @param contributed Contributions that count, in minor units.
    /// @param released Released to the creator, in minor units.
    /// @param refunded Refunded to backers, in minor units.
    /// @param milestonesReleased Number of milestones that were released.
    /// @param secondsLost Seconds for which the currency stood since the campaign was opened.
    struct Campaign {
        address creator;
        Terms terms;
        Status status;
        uint64 contributed;
        uint64 released;
        uint64 refunded;
        uint8 milestonesReleased;
        uint40 secondsLost;
    }

    /// @notice A campaign was opened.
    /// @param campaignId The campaign, counted from 1.
    /// @param creator The account that opened it.
    /// @param terms The terms.
    /// @param tiers The tiers.
    /// @param milestones The milestones.
    event CampaignOpened(
        CampaignId indexed campaignId, address indexed creator, Terms terms, Tier[] tiers, Milestone[] milestones
    );

    /// @notice A backer took places.
    /// @param campaignId The campaign, counted from 1.
    /// @param backer The account of the backer.
    /// @param tier Place of the tier in the campaign's list.
    /// @param places Number of places.
    /// @param amount Minor units of the currency.
    /// @param contributed Contributions that count afterwards, in minor units.
    event CampaignFunded(
        CampaignId indexed campaignId,
        address indexed backer,
        uint256 tier,
        uint32 places,
        uint64 amount,
        uint64 contributed
    );

    /// @notice The creator cancelled a campaign. Backers are refunded.
    /// @param campaignId The campaign, counted from 1.
    event CampaignCancelled(CampaignId indexed campaignId);

    /// @notice A milestone's part went to the creator.
    /// @param campaignId The campaign, counted from 1.
    /// @param milestone Place of the milestone in the campaign's list.
    /// @param creator The account that opened it.
    /// @param amount Minor units of the currency.
    /// @param evidenceHash Hash of the evidence.
    event MilestoneReleased(
        CampaignId indexed campaignId, uint256 milestone, address indexed creator, uint64 amount, bytes32 evidenceHash
    );

    /// @notice A backer got money back.
    /// @param campaignId The campaign, counted from 1.
    /// @param backer The account of the backer.
    /// @param amount Minor units of the currency.
    event BackerRefunded(CampaignId indexed campaignId, address indexed backer, uint64 amount);

    /// @notice A backer related to the creator or the reviewer got all of its money back.
    /// @param campaignId The campaign, counted from 1.
    /// @param backer The account of the backer.
    /// @param amount Minor units of the currency.
    /// @param contributed Contributions that count afterwards, in minor units.
    event RelatedBackerReturned(
        CampaignId indexed campaignId, address indexed backer, uint64 amount, uint64 contributed
    );

    /// @notice A court moved a party's unclaimed money.
    /// @param from An account of the party.
    /// @param to The account that receives.
    /// @param currency The currency's token contract.
    /// @param amount Minor units of the currency.
    /// @param orderHash Hash of the court's order.
    event ForcedWithdrawal(
        address indexed from, address indexed to, address indexed currency, uint256 amount, bytes32 orderHash
    );

    /// @notice There is no such campaign.
    /// @param campaignId The campaign, counted from 1.
    error CampaignUnknown(CampaignId campaignId);

    /// @notice The campaign does not stand where this is possible.
    /// @param campaignId The campaign, counted from 1.
    /// @param status Where the campaign stands.
    error StateForbids(CampaignId campaignId, Status status);

    /// @notice A term is out of range.
    /// @param term The name of the term.
    /// @param value The value that was given.
    /// @param min The smallest value allowed.
    /// @param max The largest value allowed.
    error TermOutOfRange(bytes32 term, uint256 value, uint256 min, uint256 max);

    /// @notice Reviewer and creator are one party, or under one control.
    /// @param reviewer Who releases milestones.
    error ReviewerIsCreator(address reviewer);

    /// @notice The backer is related to the creator or to the reviewer.
    /// @param campaignId The campaign, counted from 1.
    /// @param backer The account of the backer.
    /// @param relatedTo The one to whom it is related.
    error BackerRelated(CampaignId campaignId, address backer, address relatedTo);

    /// @notice The backer is related to neither, so its money stays.
    /// @param campaignId The campaign, counted from 1.
    /// @param backer The account of the backer.
    error BackerUnrelated(CampaignId campaignId, address backer);

    /// @notice The currency does not move now.
    /// @param currency The currency's token contract.
    error CurrencyStands(address currency);

    /// @notice The caller is not of the creator's party.
    /// @param campaignId The campaign, counted from 1.
    /// @param creator The account that opened it.
    /// @param caller The sender of the call.
    error NotCreator(CampaignId campaignId, address creator, address caller);

    /// @notice The caller is not of the reviewer's party.
    /// @param campaignId The campaign, counted from 1.
    /// @param reviewer Who releases milestones.
    /// @param caller The sender of the call.
    error NotReviewer(CampaignId campaignId, address reviewer, address caller);

    /// @notice The campaign has no such tier.
    /// @param campaignId The campaign, counted from 1.
    /// @param tier Place of the tier in the campaign's list.
    error TierUnknown(CampaignId campaignId, uint256 tier);

    /// @notice The campaign has no such milestone.
    /// @param campaignId The campaign.
    /// @param milestone Place of the milestone in the campaign's list.
    error MilestoneUnknown(CampaignId campaignId, uint256 milestone);

    /// @notice The tier has fewer places left, or no place was asked for.
    /// @param campaignId The campaign, counted from 1.
    /// @param tier Place of the tier in the campaign's list.
    /// @param left Places that are left.
    error PlacesTaken(CampaignId campaignId, uint256 tier, uint32 left);

    /// @notice The backer's party has no contribution that is not settled.
    /// @param campaignId The campaign, counted from 1.
    /// @param backer The account of the backer.
    error NothingToRefund(CampaignId campaignId, address backer);

    /// @notice The currency takes a fee, so that less arrived.
    /// @param currency The currency's token contract.
    /// @param expected Minor units that were sent.
    /// @param received Minor units that arrived.
    error TransferTookFee(address currency, uint256 expected, uint256 received);

    /// @notice Opens a campaign, with 1 to 20 tiers and 1 to 10 milestones.
    /// @dev The creator calls it, a valid account with role 1. The reviewer is valid and not related to it. The
    /// deadline is at most 366 days ahead.
    /// Reverts with {NewRiskStopped} while new risk is stopped.
    /// Reverts with {PartyNotValid} if creator or reviewer is not valid.
    /// Reverts with {RoleMissing} if the creator has no role 1.
    /// Reverts with {ReviewerIsCreator} if the two are one party, or under one control.
    /// Reverts with {TermOutOfRange} if a term, a tier or a milestone is out of range.
    /// Reverts with {CurrencyStands} if the currency does not move now.
    /// Reverts without data if a category or a kind is none of those above.
    /// @param terms The terms.
    /// @param tiers The tiers.
    /// @param milestones The milestones, in the order in which they are released.
    /// @return The new campaign.
    function open(Terms calldata terms, Tier[] calldata tiers, Milestone[] calldata milestones)
        external
        returns (CampaignId);

    /// @notice Takes places, also beyond the goal. If the currency stands, the stop is recorded and nothing else
    /// changes.
    /// @dev A valid account calls it before the deadline, pays from its own money, and has approved this contract on
    /// the currency.
    /// Reverts with {CampaignUnknown} if there is no such campaign.
    /// Reverts with {StateForbids} if the deadline is over, or the campaign was cancelled.
    /// Reverts with {NewRiskStopped} while new risk is stopped.
    /// Reverts with {PartyNotValid} if the backer or the creator's party is not valid.
    /// Reverts with {BackerRelated} if the backer is related to the creator or to the reviewer.
    /// Reverts with {TierUnknown} if there is no such tier.
    /// Reverts with {PlacesTaken} if no place is asked for, or more than are left.
    /// Reverts with {TermOutOfRange} if the contributions would exceed 2^60 - 1.
    /// Reverts with {TransferTookFee} if the currency takes a fee.
    /// Reverts with the currency's own error if it moves and refuses this payment.
    /// @param campaignId The campaign, counted from 1.
    /// @param tier Place of the tier in the campaign's list.
    /// @param places Number of places.
    /// @return amount Minor units that were taken; 0 if the currency stands.
    function fund(CampaignId campaignId, uint256 tier, uint32 places) external returns (uint64 amount);

    /// @notice Cancels a campaign: everything goes back.
    /// @dev A valid account of the creator's party calls it before the deadline.
    /// Reverts with {CampaignUnknown} if there is no such campaign.
    /// Reverts with {StateForbids} if the deadline is over, or it was cancelled.
    /// Reverts with {NotCreator} if the caller is of another party.
    /// Reverts with {PartyNotValid} if the caller is not valid.
    /// @param campaignId The campaign, counted from 1.
    function cancel(CampaignId campaignId) external;

    /// @notice Releases the next milestone's part to the creator, or leaves it unclaimed for the creator's party.
    /// @dev A valid account of the reviewer's party calls it.
    /// Reverts with {CampaignUnknown} if there is no such campaign.
    /// Reverts with {StateForbids} if the goal was missed, the deadline is not over, or the milestone's day has passed.
    /// Reverts with {NotReviewer} if the caller is of another party.
    /// Reverts with {PartyNotValid} if the caller is not valid.
    /// Reverts with {ReviewerIsCreator} if reviewer and creator have become one party, or come under one control.
    /// @param campaignId The campaign, counted from 1.
    /// @param evidenceHash Hash of the evidence.
    function release(CampaignId campaignId, bytes32 evidenceHash) external;

    /// @notice Refunds a backer: all that it paid if the goal was missed, its part of what is left if a milestone was.
    /// Money that cannot be paid waits for its party.
    /// @dev Anyone may call it, for any account of the backer's party.
    /// Reverts with {CampaignUnknown} if there is no such campaign.
    /// Reverts with {StateForbids} if neither the goal nor a milestone was missed.
    /// Reverts with {NothingToRefund} if the party has no contribution that is not settled.
    /// @param campaignId The campaign, counted from 1.
    /// @param backer The account of the backer.
    /// @return amount Minor units that went back.
    function refund(CampaignId campaignId, address backer) external returns (uint64 amount);

    /// @notice Gives back all that a backer paid who is related to the creator or to the reviewer by now. It no longer
    /// counts for the goal, and its places are free again.
    /// @dev Anyone may call it before the first milestone is released.
    /// Reverts with {CampaignUnknown} if there is no such campaign.
    /// Reverts with {StateForbids} if a milestone was released, or the campaign has ended.
    /// Reverts with {BackerUnrelated} if the backer is related to neither.
    /// Reverts with {NothingToRefund} if the party has no contribution that is not settled.
    /// @param campaignId The campaign, counted from 1.
    /// @param backer The account of the backer.
    /// @return amount Minor units that went back.
    function returnRelated(CampaignId campaignId, address backer) external returns (uint64 amount);

    /// @notice Asks whether a currency moves, and starts or ends a stop.
    /// @dev Anyone may call it.
    /// @param currency The currency's token contract.
    /// @return moves Whether it moves now.
    function checkCurrency(address currency) external returns (bool moves);

    /// @notice Sends the unclaimed money of a party to one of its accounts.
    /// @dev A valid account of the same party calls it.
    /// Reverts with {NotOfParty} if caller and receiver are of two parties.
    /// Reverts with {PartyNotValid} if one of them is not valid.
    /// Reverts with {NothingUnclaimed} if there is none.
    /// @param to The account that receives.
    /// @param currency The currency's token contract.
    /// @return amount Minor units that were sent.
    function withdrawUnclaimed(address to, address currency) external returns (uint256 amount);

    /// @notice Moves a part of a party's unclaimed money to another party, by order of a court.
    /// @dev Only the court of the registry calls it.
    /// Reverts with {NotCourt} if the caller is not the court.
    /// Reverts with {PartyNotValid} if the receiver is not valid.
    /// Reverts with {ReceiverIsLedger} if the receiver is a contract of the ledger.
    /// Reverts with {UnclaimedExceeded} if the party has less.
    /// @param from An account of the party whose money it is.
    /// @param currency The currency's token contract.
    /// @param to The account that receives.
    /// @param amount Minor units of the currency.
    /// @param orderHash Hash of the court's order.
    function forcedWithdraw(address from, address currency, address to, uint256 amount, bytes32 orderHash) external;

    /// @notice The unclaimed money of a party.
    /// @param party An account of the party.
    /// @param currency The currency's token contract.
    /// @return Minor units.
    function unclaimedOf(address party, address currency) external view returns (uint256);

    /// @notice A campaign as it stands.
    /// @dev Reverts with {CampaignUnknown} if there is no such campaign.
    /// @param campaignId The campaign, counted from 1.
    /// @return The campaign.
    function campaign(CampaignId campaignId) external view returns (Campaign memory);

    /// @notice A tier of a campaign.
    /// @dev Reverts with {CampaignUnknown} if there is no such campaign.
    /// Reverts with {TierUnknown} if there is no such tier.
    /// @param campaignId The campaign, counted from 1.
    /// @param place Place in the campaign's list.
    /// @return The tier.
    /// @return placesLeft Places that are left.
    function tier(CampaignId campaignId, uint256 place) external view returns (Tier memory, uint32 placesLeft);

    /// @notice A milestone of a campaign.
    /// @dev Reverts with {CampaignUnknown} if there is no such campaign.
    /// Reverts with {MilestoneUnknown} if there is no such milestone.
    /// @param campaignId The campaign, counted from 1.
    /// @param place Place in the campaign's list.
    /// @return The milestone.
    function milestone(CampaignId campaignId, uint256 place) external view returns (Milestone memory);

    /// @notice What the party of a backer has paid and has not got back.
    /// @dev Reverts with {CampaignUnknown} if there is no such campaign.
    /// @param campaignId The campaign, counted from 1.
    /// @param backer The account of the backer.
    /// @return Minor units.
    function contributionOf(CampaignId campaignId, address backer) external view returns (uint64);

    /// @notice The places of a tier that the party of a backer has.
    /// @dev Reverts with {CampaignUnknown} if there is no such campaign.
    /// @param campaignId The campaign, counted from 1.
    /// @param tier Place of the tier in the campaign's list.
    /// @param backer The account of the backer.
    /// @return The number of places.
    function placesOf(CampaignId campaignId, uint256 tier, address backer) external view returns (uint32);
}
