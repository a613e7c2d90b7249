// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {CampaignId, PartyId} from "../types/Ids.sol";
import {ICampaigns} from "./ICampaigns.sol";

/// @title Crowdfunding, all or nothing.
/// @dev No step loops over backers. Holds what is pledged and neither released nor refunded, nothing else.
contract Campaigns is ICampaigns, ERC2771Context {
    using SafeERC20 for IERC20;

    struct Record {
        address creator;
        bool cancelled;
        uint8 milestonesReleased;
        uint64 pledged;
        uint64 released;
        uint64 refunded;
        uint64 settledPledges; // pledges that were refunded, whole or in part
        Terms terms;
        Milestone[] milestones;
        Tier[] tiers;
        mapping(uint256 tier => uint32) taken;
        mapping(address backer => uint64) pledges;
        mapping(uint256 tier => mapping(address backer => uint32)) places;
    }

    uint16 private constant SELLER = 1;
    uint256 private constant MOST_TIERS = 20;
    uint256 private constant MOST_MILESTONES = 10;
    uint256 private constant MOST_SECONDS = 366 days;

    IPartyRegistry public immutable registry;
    uint256 public immutable zoneOffset;
    uint256 private _count;
    mapping(CampaignId => Record) private _records;

    constructor(address forwarder, IPartyRegistry registry_, uint256 zoneOffsetSeconds) ERC2771Context(forwarder) {
        registry = registry_;
        zoneOffset = zoneOffsetSeconds;
    }

    /// @inheritdoc ICampaigns
    function open(Terms calldata terms, Tier[] calldata tiers, Milestone[] calldata milestones)
        external
        returns (CampaignId campaignId)
    {
        address creator = _msgSender();
        registry.requireValidForRisk(creator, SELLER);
        registry.requireValid(terms.reviewer, 0);
        if (PartyId.unwrap(registry.partyOf(terms.reviewer)) == PartyId.unwrap(registry.partyOf(creator))) {
            revert ReviewerIsCreator(terms.reviewer);
        }
        _within("goal", terms.goal, 1, ClaimShares.MAX_AMOUNT);
        _within("deadline", terms.deadline, block.timestamp + 1, block.timestamp + MOST_SECONDS);
        _within("currency", uint160(terms.currency), 1, type(uint160).max);

        campaignId = CampaignId.wrap(++_count);
        Record storage record = _records[campaignId];
        record.creator = creator;
        record.terms = terms;
        _addTiers(record, tiers);
        _addMilestones(record, terms, milestones);
        emit CampaignOpened(campaignId, creator, terms, tiers, milestones);
    }

    /// @inheritdoc ICampaigns
    function fund(CampaignId campaignId, uint256 tier_, uint32 places) external {
        Record storage record = _in(campaignId, Status.Funding);
        address backer = _msgSender();
        registry.requireValidForRisk(backer, 0);
        Tier storage chosen = _tier(campaignId, record, tier_);
        uint32 left = chosen.places - record.taken[tier_];
        if (places == 0 || places > left) revert PlacesTaken(campaignId, tier_, left);
        uint256 amount = uint256(chosen.price) * places;
        uint256 pledged = record.pledged + amount;
        _within("pledged", pledged, 1, ClaimShares.MAX_AMOUNT);

        record.taken[tier_] += places;
        record.places[tier_][backer] += places;
        record.pledges[backer] += uint64(amount);
        record.pledged = uint64(pledged);
        emit CampaignFunded(campaignId, backer, tier_, places, uint64(amount), uint64(pledged));

        IERC20 currency = IERC20(record.terms.currency);
        uint256 before = currency.balanceOf(address(this));
        currency.safeTransferFrom(backer, address(this), amount);
        uint256 received = currency.balanceOf(address(this)) - before;
        if (received != amount) revert TransferTookFee(address(currency), amount, received);
    }

    /// @inheritdoc ICampaigns
    function cancel(CampaignId campaignId) external {
        Record storage record = _in(campaignId, Status.Funding);
        if (_msgSender() != record.creator) revert NotCreator(campaignId, record.creator, _msgSender());
        record.cancelled = true;
        emit CampaignCancelled(campaignId);
    }

    /// @inheritdoc ICampaigns
    function release(CampaignId campaignId, bytes32 papersHash) external {
        Record storage record = _in(campaignId, Status.Met);
        address reviewer = record.terms.reviewer;
        if (_msgSender() != reviewer) revert NotReviewer(campaignId, reviewer, _msgSender());
        address creator = record.creator;
        registry.requireValid(creator, 0);
        uint256 place = record.milestonesReleased;
        uint256 parts;
        for (uint256 i; i <= place; ++i) {
            parts += record.milestones[i].part;
        }
        // Reckoned on all parts so far, so that the last one takes what rounding left.
        uint64 amount = uint64(uint256(record.pledged) * parts / RepaymentMath.WHOLE) - record.released;
        record.milestonesReleased = uint8(place + 1);
        record.released += amount;
        emit MilestoneReleased(campaignId, place, creator, amount, papersHash);
        IERC20(record.terms.currency).safeTransfer(creator, amount);
    }

    /// @inheritdoc ICampaigns
    function refund(CampaignId campaignId, address backer) external returns (uint64 amount) {
        Record storage record = _known(campaignId);
        Status status = _statusOf(record);
        if (status != Status.Missed && status != Status.Failed) revert StateForbids(campaignId, status);
        registry.requireValid(backer, 0);
        uint64 pledge = record.pledges[backer];
        if (pledge == 0) revert NothingToRefund(campaignId, backer);

        // Reckoned on all pledges settled so far: the parts sum to what is left, to the cent, in any order.
        uint256 left = record.pledged - record.released;
        uint256 settled = record.settledPledges;
        amount = uint64(left * (settled + pledge) / record.pledged - left * settled / record.pledged);
        record.pledges[backer] = 0;
        record.settledPledges = uint64(settled + pledge);
        record.refunded += amount;
        emit BackerRefunded(campaignId, backer, amount);
        IERC20(record.terms.currency).safeTransfer(backer, amount);
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc ICampaigns
    function campaign(CampaignId campaignId) external view returns (Campaign memory) {
        Record storage record = _known(campaignId);
        return Campaign(
            record.creator,
            record.terms,
            _statusOf(record),
            record.pledged,
            record.released,
            record.refunded,
            record.milestonesReleased
        );
    }

    /// @inheritdoc ICampaigns
    function tier(CampaignId campaignId, uint256 place) external view returns (Tier memory, uint32 placesLeft) {
        Record storage record = _known(campaignId);
        Tier memory found = _tier(campaignId, record, place);
        return (found, found.places - record.taken[place]);
    }

    /// @inheritdoc ICampaigns
    function milestone(CampaignId campaignId, uint256 place) external view returns (Milestone memory) {
        return _known(campaignId).milestones[place];
    }

    /// @inheritdoc ICampaigns
    function pledgeOf(CampaignId campaignId, address backer) external view returns (uint64) {
        return _known(campaignId).pledges[backer];
    }

    /// @inheritdoc ICampaigns
    function placesOf(CampaignId campaignId, uint256 place, address backer) external view returns (uint32) {
        return _known(campaignId).places[place][backer];
    }

    // ------------------------------------------------------------------ parts of the above

    function _known(CampaignId campaignId) private view returns (Record storage record) {
        record = _records[campaignId];
        if (record.creator == address(0)) revert CampaignUnknown(campaignId);
    }

    function _in(CampaignId campaignId, Status status) private view returns (Record storage record) {
        record = _known(campaignId);
        Status found = _statusOf(record);
        if (found != status) revert StateForbids(campaignId, found);
    }

    /// @dev From the clock; only cancelling and releasing are stored.
    function _statusOf(Record storage record) private view returns (Status) {
        if (record.cancelled) return Status.Missed;
        if (block.timestamp < record.terms.deadline) return Status.Funding;
        if (record.pledged < record.terms.goal) return Status.Missed;
        uint256 place = record.milestonesReleased;
        if (place == record.milestones.length) return Status.Completed;
        uint256 today = (block.timestamp + zoneOffset) / 1 days;
        return today > record.milestones[place].lastDay ? Status.Failed : Status.Met;
    }

    function _tier(CampaignId campaignId, Record storage record, uint256 place) private view returns (Tier storage) {
        if (place >= record.tiers.length) revert TierUnknown(campaignId, place);
        return record.tiers[place];
    }

    function _addTiers(Record storage record, Tier[] calldata tiers) private {
        _within("tiers", tiers.length, 1, MOST_TIERS);
        for (uint256 i; i < tiers.length; ++i) {
            _within("price", tiers[i].price, 1, ClaimShares.MAX_AMOUNT);
            _within("places", tiers[i].places, 1, type(uint32).max);
            record.tiers.push(tiers[i]);
        }
    }

    function _addMilestones(Record storage record, Terms calldata terms, Milestone[] calldata milestones) private {
        _within("milestones", milestones.length, 1, MOST_MILESTONES);
        uint256 parts;
        // The day after the deadline is the first on which all of it can be released.
        uint256 least = (uint256(terms.deadline) + zoneOffset) / 1 days + 1;
        for (uint256 i; i < milestones.length; ++i) {
            _within("part", milestones[i].part, 1, RepaymentMath.WHOLE);
            _within("lastDay", milestones[i].lastDay, least, type(uint24).max);
            least = milestones[i].lastDay;
            parts += milestones[i].part;
            record.milestones.push(milestones[i]);
        }
        _within("parts", parts, RepaymentMath.WHOLE, RepaymentMath.WHOLE);
    }

    function _within(bytes32 term, uint256 given, uint256 least, uint256 most) private pure {
        if (given < least || given > most) revert TermOutOfRange(term, given, least, most);
    }
}
