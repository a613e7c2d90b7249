// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {CurrencyClock} from "../cash/CurrencyClock.sol";
import {TriedTransfer} from "../cash/TriedTransfer.sol";
import {Unclaimed} from "../cash/Unclaimed.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {CampaignId, PartyId} from "../types/Ids.sol";
import {SUPPLIER} from "../types/PartyRoles.sol";
import {ICampaigns} from "./ICampaigns.sol";

/// @title Crowdfunding, all or nothing.
/// @notice See {ICampaigns} for the specification.
/// @dev No step loops over backers. The contract holds contributions that are neither released nor refunded, and
/// unclaimed money, nothing else. Contributions and places belong to a party, whichever of its accounts acts.
contract Campaigns is ICampaigns, ERC2771Context {
    using Unclaimed for Unclaimed.Book;

    /// @notice A campaign in storage. Amounts are minor units.
    /// @param creator The account that opened it.
    /// @param cancelled Whether the creator cancelled it.
    /// @param milestonesReleased Number of milestones that were released.
    /// @param lostBefore Seconds that the currency had lost when the campaign was opened.
    /// @param contributed Contributions that count.
    /// @param released Released to the creator.
    /// @param refunded Refunded to backers.
    /// @param settledContributions Contributions that were refunded, whole or in part.
    /// @param terms Its terms.
    /// @param milestones Its milestones.
    /// @param tiers Its tiers.
    /// @param taken Places of a tier that are taken.
    /// @param contributions What a party has paid and has not got back.
    /// @param places Places of a tier that a party has.
    struct Record {
        address creator;
        bool cancelled;
        uint8 milestonesReleased;
        uint40 lostBefore;
        uint64 contributed;
        uint64 released;
        uint64 refunded;
        uint64 settledContributions;
        Terms terms;
        Milestone[] milestones;
        Tier[] tiers;
        mapping(uint256 tier => uint32) taken;
        mapping(PartyId backer => uint64) contributions;
        mapping(uint256 tier => mapping(PartyId backer => uint32)) places;
    }

    uint256 private constant MAX_TIERS = 20;
    uint256 private constant MAX_MILESTONES = 10;
    uint256 private constant MAX_SECONDS = 366 days;
    /// @dev After the deadline. Money that no reviewer releases goes back within ten years.
    uint256 private constant MAX_DAYS = 3653;
    /// @dev The maximum time of a standing currency that does not count, so that every campaign ends.
    uint256 private constant MAX_SECONDS_LOST = 366 days;

    /// @notice The registry of parties.
    IPartyRegistry public immutable registry;

    /// @notice Seconds by which the ledger's day is ahead of UTC.
    uint256 public immutable zoneOffset;
    uint256 private _count;
    mapping(CampaignId => Record) private _records;
    mapping(address currency => CurrencyClock.Clock) private _clocks;
    Unclaimed.Book private _unclaimed;

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
        registry.requireValidForRisk(creator, SUPPLIER);
        registry.requireValid(terms.reviewer, 0);
        if (registry.areRelated(terms.reviewer, creator)) revert ReviewerIsCreator(terms.reviewer);
        _within("goal", terms.goal, 1, ClaimShares.MAX_AMOUNT);
        _within("deadline", terms.deadline, block.timestamp + 1, block.timestamp + MAX_SECONDS);
        _within("currency", uint160(terms.currency), 1, type(uint160).max);
        if (!checkCurrency(terms.currency)) revert CurrencyStands(terms.currency);

        campaignId = CampaignId.wrap(++_count);
        Record storage record = _records[campaignId];
        record.creator = creator;
        record.lostBefore = _clocks[terms.currency].lostSeconds;
        record.terms = terms;
        _addTiers(record, tiers);
        _addMilestones(record, terms, milestones);
        emit CampaignOpened(campaignId, creator, terms, tiers, milestones);
    }

    /// @inheritdoc ICampaigns
    function fund(CampaignId campaignId, uint256 tier_, uint32 places) external returns (uint64 amount) {
        Record storage record = _in(campaignId, Status.Funding);
        address backer = _msgSender();
        registry.requireValidForRisk(backer, 0);
        _requirePartyValid(record.creator);
        _requireUnrelated(campaignId, record, backer);
        amount = _priceOf(campaignId, record, tier_, places);

        PartyId party = registry.partyOf(backer);
        record.taken[tier_] += places;
        record.places[tier_][party] += places;
        record.contributions[party] += amount;
        record.contributed += amount;

        if (!_takeIn(record.terms.currency, backer, amount)) {
            // The currency stands: nothing has happened, except that the stop is recorded.
            record.taken[tier_] -= places;
            record.places[tier_][party] -= places;
            record.contributions[party] -= amount;
            record.contributed -= amount;
            return 0;
        }
        emit CampaignFunded(campaignId, backer, tier_, places, amount, record.contributed);
    }

    /// @inheritdoc ICampaigns
    function cancel(CampaignId campaignId) external {
        Record storage record = _in(campaignId, Status.Funding);
        if (!_actsFor(record.creator)) revert NotCreator(campaignId, record.creator, _msgSender());
        record.cancelled = true;
        emit CampaignCancelled(campaignId);
    }

    /// @inheritdoc ICampaigns
    function release(CampaignId campaignId, bytes32 evidenceHash) external {
        Record storage record = _in(campaignId, Status.Met);
        (address reviewer, address creator) = (record.terms.reviewer, record.creator);
        if (!_actsFor(reviewer)) revert NotReviewer(campaignId, reviewer, _msgSender());
        if (registry.areRelated(reviewer, creator)) revert ReviewerIsCreator(reviewer);
        uint256 place = record.milestonesReleased;
        uint256 parts;
        for (uint256 i; i <= place; ++i) {
            parts += record.milestones[i].part;
        }
        // The share is of all parts so far, so that the last part takes what rounding left.
        uint64 amount = uint64(uint256(record.contributed) * parts / RepaymentMath.WHOLE) - record.released;
        record.milestonesReleased = uint8(place + 1);
        record.released += amount;
        emit MilestoneReleased(campaignId, place, creator, amount, evidenceHash);
        _unclaimed.pay(registry, record.terms.currency, creator, amount);
    }

    /// @inheritdoc ICampaigns
    function refund(CampaignId campaignId, address backer) external returns (uint64 amount) {
        Record storage record = _ticked(campaignId);
        Status status = _statusOf(record);
        if (status != Status.Missed && status != Status.Failed) revert StateForbids(campaignId, status);
        PartyId party = registry.partyOf(backer);
        uint64 contribution = record.contributions[party];
        if (contribution == 0) revert NothingToRefund(campaignId, backer);

        // The share is of all contributions settled so far: the parts sum to what is left, to the cent, in any order.
        uint256 left = record.contributed - record.released;
        uint256 settled = record.settledContributions;
        amount = uint64(left * (settled + contribution) / record.contributed - left * settled / record.contributed);
        record.contributions[party] = 0;
        record.settledContributions = uint64(settled + contribution);
        record.refunded += amount;
        emit BackerRefunded(campaignId, backer, amount);
        _unclaimed.pay(registry, record.terms.currency, backer, amount);
    }

    /// @inheritdoc ICampaigns
    function returnRelated(CampaignId campaignId, address backer) external returns (uint64 amount) {
        Record storage record = _ticked(campaignId);
        Status status = _statusOf(record);
        // Once a milestone is released, relations that come to light later change nothing.
        if (status != Status.Funding && (status != Status.Met || record.milestonesReleased != 0)) {
            revert StateForbids(campaignId, status);
        }
        if (_relatedTo(record, backer) == address(0)) revert BackerUnrelated(campaignId, backer);
        PartyId party = registry.partyOf(backer);
        amount = record.contributions[party];
        if (amount == 0) revert NothingToRefund(campaignId, backer);

        record.contributions[party] = 0;
        record.contributed -= amount;
        for (uint256 i; i < record.tiers.length; ++i) {
            record.taken[i] -= record.places[i][party];
            delete record.places[i][party];
        }
        emit RelatedBackerReturned(campaignId, backer, amount, record.contributed);
        _unclaimed.pay(registry, record.terms.currency, backer, amount);
    }

    /// @inheritdoc ICampaigns
    function checkCurrency(address currency) public returns (bool moves) {
        return CurrencyClock.check(_clocks[currency], currency, zoneOffset);
    }

    // ------------------------------------------------------------------ unclaimed money

    /// @inheritdoc ICampaigns
    function withdrawUnclaimed(address to, address currency) external returns (uint256 amount) {
        return _unclaimed.withdraw(registry, currency, to, _msgSender());
    }

    /// @inheritdoc ICampaigns
    function forcedWithdraw(address from, address currency, address to, uint256 amount, bytes32 orderHash) external {
        if (msg.sender != registry.court()) revert IPartyRegistry.NotCourt(msg.sender);
        emit ForcedWithdrawal(from, to, currency, amount, orderHash);
        _unclaimed.take(registry, currency, from, to, amount);
    }

    /// @inheritdoc ICampaigns
    function unclaimedOf(address party, address currency) external view returns (uint256) {
        return _unclaimed.amountOf(registry, party, currency);
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc ICampaigns
    function campaign(CampaignId campaignId) external view returns (Campaign memory) {
        Record storage record = _known(campaignId);
        return Campaign(
            record.creator,
            record.terms,
            _statusOf(record),
            record.contributed,
            record.released,
            record.refunded,
            record.milestonesReleased,
            uint40(_secondsLost(record))
        );
    }

    /// @inheritdoc ICampaigns
    function tier(CampaignId campaignId, uint256 place) external view returns (Tier memory, uint32 placesLeft) {
        Record storage record = _known(campaignId);
        Tier memory tierRow = _tier(campaignId, record, place);
        return (tierRow, tierRow.places - record.taken[place]);
    }

    /// @inheritdoc ICampaigns
    function milestone(CampaignId campaignId, uint256 place) external view returns (Milestone memory) {
        Record storage record = _known(campaignId);
        if (place >= record.milestones.length) revert MilestoneUnknown(campaignId, place);
        return record.milestones[place];
    }

    /// @inheritdoc ICampaigns
    function contributionOf(CampaignId campaignId, address backer) external view returns (uint64) {
        return _known(campaignId).contributions[registry.partyOf(backer)];
    }

    /// @inheritdoc ICampaigns
    function placesOf(CampaignId campaignId, uint256 place, address backer) external view returns (uint32) {
        return _known(campaignId).places[place][registry.partyOf(backer)];
    }

    // ------------------------------------------------------------------ internal parts

    function _known(CampaignId campaignId) private view returns (Record storage record) {
        record = _records[campaignId];
        if (record.creator == address(0)) revert CampaignUnknown(campaignId);
    }

    /// @dev Asks the currency again if it stood when last checked, so that no stop is longer than it was.
    function _ticked(CampaignId campaignId) private returns (Record storage record) {
        record = _known(campaignId);
        address currency = record.terms.currency;
        if (_clocks[currency].stoppedAt != 0) checkCurrency(currency);
    }

    function _in(CampaignId campaignId, Status status) private returns (Record storage record) {
        record = _ticked(campaignId);
        Status current = _statusOf(record);
        if (current != status) revert StateForbids(campaignId, current);
    }

    /// @dev Follows from the clock; only cancelling and releasing are stored. Time in which the currency stood does not
    /// count.
    function _statusOf(Record storage record) private view returns (Status) {
        if (record.cancelled) return Status.Missed;
        uint256 time = block.timestamp - _secondsLost(record);
        if (time < record.terms.deadline) return Status.Funding;
        if (record.contributed < record.terms.goal) return Status.Missed;
        uint256 place = record.milestonesReleased;
        if (place == record.milestones.length) return Status.Completed;
        uint256 today = (time + zoneOffset) / 1 days;
        return today > record.milestones[place].lastDay ? Status.Failed : Status.Met;
    }

    function _secondsLost(Record storage record) private view returns (uint256 lost) {
        lost = CurrencyClock.lostSeconds(_clocks[record.terms.currency]) - record.lostBefore;
        if (lost > MAX_SECONDS_LOST) lost = MAX_SECONDS_LOST;
    }

    /// @dev Whether the sender is a valid account of the party of `account`, which may be removed itself.
    function _actsFor(address account) private view returns (bool) {
        address caller = _msgSender();
        if (registry.partyOf(caller) != registry.partyOf(account)) return false;
        registry.requireValid(caller, 0);
        return true;
    }

    function _requirePartyValid(address account) private view {
        PartyId partyId = registry.partyOf(account);
        IPartyRegistry.Party memory party = registry.party(partyId);
        bool frozen = party.frozen || block.timestamp < party.heldUntil;
        if (frozen || block.timestamp >= party.validUntil) {
            revert IPartyRegistry.PartyNotValid(account, partyId, party.validUntil, frozen);
        }
    }

    function _requireUnrelated(CampaignId campaignId, Record storage record, address backer) private view {
        address to = _relatedTo(record, backer);
        if (to != address(0)) revert BackerRelated(campaignId, backer, to);
    }

    /// @dev The creator or the reviewer, if the backer is one party with it or under one control with it; else zero.
    function _relatedTo(Record storage record, address backer) private view returns (address) {
        if (registry.areRelated(backer, record.creator)) return record.creator;
        return registry.areRelated(backer, record.terms.reviewer) ? record.terms.reviewer : address(0);
    }

    function _priceOf(CampaignId campaignId, Record storage record, uint256 tier_, uint32 places)
        private
        view
        returns (uint64)
    {
        Tier storage chosen = _tier(campaignId, record, tier_);
        uint32 left = chosen.places - record.taken[tier_];
        if (places == 0 || places > left) revert PlacesTaken(campaignId, tier_, left);
        uint256 amount = uint256(chosen.price) * places;
        _within("contributed", record.contributed + amount, 1, ClaimShares.MAX_AMOUNT);
        return uint64(amount);
    }

    /// @dev Returns false if the currency stands. If the currency refuses only this payment, it reverts with the
    /// currency's own error.
    function _takeIn(address currency, address from, uint256 amount) private returns (bool) {
        uint256 before = IERC20(currency).balanceOf(address(this));
        if (!TriedTransfer.move(currency, from, address(this), amount)) {
            if (!checkCurrency(currency)) return false;
            Unclaimed.pull(currency, from, amount);
            return true;
        }
        uint256 received = IERC20(currency).balanceOf(address(this)) - before;
        if (received != amount) revert TransferTookFee(currency, amount, received);
        return true;
    }

    function _tier(CampaignId campaignId, Record storage record, uint256 place) private view returns (Tier storage) {
        if (place >= record.tiers.length) revert TierUnknown(campaignId, place);
        return record.tiers[place];
    }

    function _addTiers(Record storage record, Tier[] calldata tiers) private {
        _within("tiers", tiers.length, 1, MAX_TIERS);
        for (uint256 i; i < tiers.length; ++i) {
            _within("price", tiers[i].price, 1, ClaimShares.MAX_AMOUNT);
            _within("places", tiers[i].places, 1, type(uint32).max);
            record.tiers.push(tiers[i]);
        }
    }

    function _addMilestones(Record storage record, Terms calldata terms, Milestone[] calldata milestones) private {
        _within("milestones", milestones.length, 1, MAX_MILESTONES);
        uint256 parts;
        // The day after the deadline is the first on which all of it can be released.
        uint256 min = (uint256(terms.deadline) + zoneOffset) / 1 days + 1;
        uint256 max = min + MAX_DAYS;
        for (uint256 i; i < milestones.length; ++i) {
            _within("part", milestones[i].part, 1, RepaymentMath.WHOLE);
            _within("lastDay", milestones[i].lastDay, min, max);
            min = milestones[i].lastDay;
            parts += milestones[i].part;
            record.milestones.push(milestones[i]);
        }
        _within("parts", parts, RepaymentMath.WHOLE, RepaymentMath.WHOLE);
    }

    function _within(bytes32 term, uint256 value, uint256 min, uint256 max) private pure {
        if (value < min || value > max) revert TermOutOfRange(term, value, min, max);
    }
}
