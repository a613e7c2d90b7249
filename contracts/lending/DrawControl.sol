// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ClaimShares} from "../math/ClaimShares.sol";
import {FacilityId, PartyId} from "../types/Ids.sol";
import {BorrowerRecord, RuleSetDebt} from "./BorrowerBook.sol";
import {BorrowerLimits} from "./BorrowerLimits.sol";
import {Book, FacilityRecord, LendingContext} from "./FacilityBook.sol";
import {IDrawControl} from "./IDrawControl.sol";
import {IFacilities} from "./IFacilities.sol";
import {Settlement} from "./Settlement.sol";

/// @title The hands of lender and borrower on a facility's draws; linked to Facilities.
/// @notice See {IDrawControl} for the specification.
library DrawControl {
    /// @dev The events of `FacilityTerms.endEvents`.
    uint8 internal constant END_ON_OVERDUE = 1;
    uint8 internal constant END_ON_DEFAULT = 2;
    uint8 internal constant END_ON_TIER = 4;
    uint8 internal constant ALL_END_EVENTS = 7;

    uint256 internal constant MAX_COOLING_OFF_HOURS = 720;
    uint8 private constant LENDER = 1;
    uint8 private constant ENTRUSTER = 2;
    uint40 private constant DRAWABLE = 7 days;

    /// @notice See {IDrawControl.suspendDraws} and {IDrawControl.resumeDraws}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param facilityId The facility.
    /// @param isSuspended True to suspend, false to resume.
    function setSuspended(Book storage book, LendingContext memory context, FacilityId facilityId, bool isSuspended)
        external
    {
        FacilityRecord storage facilityRow = _ofLender(book, context, facilityId);
        address entruster = facilityRow.entruster;
        bool isEntruster = entruster != address(0) && context.registry.actsFor(context.sender, entruster);
        uint8 side = isEntruster ? ENTRUSTER : LENDER;
        uint8 suspendedBy = facilityRow.suspendedBy;
        if ((suspendedBy & side != 0) == isSuspended) {
            if (!isSuspended && _renewCommitment(book, context, facilityId, facilityRow)) return;
            revert IDrawControl.SuspensionUnchanged(facilityId, suspendedBy);
        }
        if (suspendedBy == 0) book.suspendedAt[facilityId] = uint40(block.timestamp);
        suspendedBy ^= side;
        facilityRow.suspendedBy = suspendedBy;
        if (isSuspended) {
            emit IDrawControl.DrawsSuspended(facilityId, context.sender, suspendedBy);
            return;
        }
        emit IDrawControl.DrawsResumed(facilityId, context.sender, suspendedBy);
        if (suspendedBy == 0) _postpone(book, facilityId, facilityRow);
    }

    /// @notice See {IDrawControl.announceDraw}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param facilityId The facility.
    /// @param amount Minor units of the currency.
    function announce(Book storage book, LendingContext memory context, FacilityId facilityId, uint64 amount) external {
        FacilityRecord storage facilityRow = Settlement.knownFacility(book, facilityId);
        Settlement.requireBorrower(context, facilityId, facilityRow);
        if (facilityRow.closed) revert IFacilities.FacilityIsClosed(facilityId);
        if (amount == 0 || amount > ClaimShares.MAX_AMOUNT) {
            revert IFacilities.TermOutOfRange("amount", amount, 1, ClaimShares.MAX_AMOUNT);
        }
        if (facilityRow.coolingOffHours == 0) {
            revert IFacilities.TermOutOfRange("coolingOffHours", 0, 1, MAX_COOLING_OFF_HOURS);
        }
        IDrawControl.AnnouncedDraw storage announced = book.announced[facilityId];
        if (block.timestamp < announced.drawableUntil) {
            revert IDrawControl.DrawAlreadyAnnounced(facilityId, announced.amount, announced.drawableUntil);
        }
        uint40 drawableFrom = uint40(block.timestamp + uint256(facilityRow.coolingOffHours) * 1 hours);
        book.announced[facilityId] = IDrawControl.AnnouncedDraw(amount, drawableFrom, drawableFrom + DRAWABLE);
        emit IDrawControl.DrawAnnounced(facilityId, amount, drawableFrom, drawableFrom + DRAWABLE);
    }

    /// @notice See {IDrawControl.allowDraw}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param facilityId The facility.
    /// @param amount Minor units of the announced draw.
    function allow(Book storage book, LendingContext memory context, FacilityId facilityId, uint64 amount) external {
        FacilityRecord storage facilityRow = _ofLender(book, context, facilityId);
        IDrawControl.AnnouncedDraw storage announced = book.announced[facilityId];
        if (announced.amount == 0 || announced.amount != amount) revert IDrawControl.NothingAnnounced(facilityId);
        // While draws are suspended, it waits for nothing but their resumption.
        bool isSuspended = facilityRow.suspendedBy != 0;
        announced.drawableFrom = isSuspended ? book.suspendedAt[facilityId] : uint40(block.timestamp);
        emit IDrawControl.DrawAllowed(facilityId, context.sender, amount);
    }

    /// @notice See {IDrawControl.stopDraw}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param facilityId The facility.
    function stop(Book storage book, LendingContext memory context, FacilityId facilityId) external {
        FacilityRecord storage facilityRow = Settlement.knownFacility(book, facilityId);
        if (!context.registry.actsFor(context.sender, facilityRow.borrower)) {
            Settlement.requireLender(context, facilityId, facilityRow);
        }
        uint64 amount = book.announced[facilityId].amount;
        if (amount == 0) revert IDrawControl.NothingAnnounced(facilityId);
        delete book.announced[facilityId];
        emit IDrawControl.DrawStopped(facilityId, context.sender, amount);
    }

    /// @notice See {IDrawControl.followGroup}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param partyId The borrower's party.
    /// @param ruleSet Name of the rule set, left-aligned.
    /// @param currency The currency's token contract.
    function followGroup(
        Book storage book,
        LendingContext memory context,
        PartyId partyId,
        bytes10 ruleSet,
        address currency
    ) external {
        // Anyone chooses these names: only those of a debt reach the indexes of the gateways.
        if (book.borrowers.underRules[BorrowerLimits.keyOf(ruleSet, currency)][partyId].owed == 0) {
            revert IDrawControl.NothingOwedUnderRules(partyId, ruleSet, currency);
        }
        BorrowerLimits.follow(book, context, partyId, ruleSet, currency);
    }

    /// @notice See {IDrawControl.borrowerDebt}.
    /// @param book The stored state of Facilities.
    /// @param partyId The borrower's party.
    /// @param currency The currency's token contract.
    /// @param ruleSet Name of the rule set, left-aligned; 0 for none.
    /// @return Its debt.
    function debtOf(Book storage book, PartyId partyId, address currency, bytes10 ruleSet)
        external
        view
        returns (IDrawControl.BorrowerDebt memory)
    {
        BorrowerRecord memory record = book.borrowers.records[partyId];
        bytes32 key = BorrowerLimits.keyOf(ruleSet, currency);
        RuleSetDebt memory debt = book.borrowers.underRules[key][partyId];
        return IDrawControl.BorrowerDebt({
            defaultedLoans: record.defaultedLoans,
            overdueAt: record.overdueAt,
            defaultedAt: record.defaultedAt,
            onTier: book.borrowers.onTier[partyId][currency],
            underRules: debt.owed,
            group: debt.group,
            ofGroup: book.borrowers.ofGroups[key][debt.group]
        });
    }

    /// @dev Whether the lender's commitment stands. An overdue loan or a default ends it if it came after the facility
    /// was agreed, or the commitment renewed; a worse or stale tier ends it while it lasts. The tier is compared with the tier at the
    /// agreement.
    function requireCommitted(
        Book storage book,
        LendingContext memory context,
        FacilityId facilityId,
        FacilityRecord storage facilityRow,
        uint16 maxTierAge
    ) internal view {
        uint8 suspendedBy = facilityRow.suspendedBy;
        if (suspendedBy != 0) revert IDrawControl.FacilitySuspended(facilityId, suspendedBy);
        uint8 endEvents = facilityRow.endEvents;
        if (endEvents == 0) return;
        (uint8 endEvent, uint40 endedAt) = _endOf(book, facilityRow);
        if (endEvent != 0) revert IDrawControl.CommitmentEnded(facilityId, endEvent, endedAt);
        if (endEvents & END_ON_TIER != 0) {
            context.credit.requireTier(facilityRow.borrower, facilityRow.agreedTier, maxTierAge, 0, context.today);
        }
    }

    /// @dev Counts a draw that needs no announcement, or uses the announcement up. Draws add up until the agreed hours
    /// pass without one, so that many small draws are no way around it: no hours of that length hold more than the
    /// agreed amount.
    function passCoolingOff(Book storage book, FacilityId facilityId, FacilityRecord storage facilityRow, uint64 amount)
        internal
    {
        uint256 wait = uint256(facilityRow.coolingOffHours) * 1 hours;
        if (wait == 0) return;
        bool isLater = block.timestamp >= facilityRow.unannouncedAt + wait;
        uint256 unannounced = isLater ? amount : uint256(facilityRow.unannounced) + amount;
        if (unannounced <= facilityRow.coolingOffAmount) {
            facilityRow.unannouncedAt = uint40(block.timestamp);
            facilityRow.unannounced = uint64(unannounced);
            return;
        }
        IDrawControl.AnnouncedDraw memory announced = book.announced[facilityId];
        if (announced.amount < amount || block.timestamp >= announced.drawableUntil) {
            revert IDrawControl.DrawNotAnnounced(facilityId, unannounced, facilityRow.coolingOffAmount);
        }
        if (block.timestamp < announced.drawableFrom) {
            revert IDrawControl.DrawWaits(facilityId, announced.drawableFrom, block.timestamp);
        }
        delete book.announced[facilityId];
        emit IDrawControl.AnnouncedDrawUsed(facilityId, amount);
    }

    /// @dev The hours of an announced draw are there for the lender to look at it. Hours in which nothing could be drawn are
    /// not among them: what was left of them when draws were suspended, or all if it was announced later, is left still.
    /// An announcement that has lapsed stays so.
    function _postpone(Book storage book, FacilityId facilityId, FacilityRecord storage facilityRow) private {
        IDrawControl.AnnouncedDraw storage announced = book.announced[facilityId];
        uint256 suspendedAt = book.suspendedAt[facilityId];
        (uint256 from, uint256 until) = (announced.drawableFrom, announced.drawableUntil);
        if (from <= suspendedAt || block.timestamp >= until) return;
        uint256 announcedAt = from - uint256(facilityRow.coolingOffHours) * 1 hours;
        uint256 pause = block.timestamp - (announcedAt > suspendedAt ? announcedAt : suspendedAt);
        if (pause == 0) return;
        (announced.drawableFrom, announced.drawableUntil) = (uint40(from + pause), uint40(until + pause));
        emit IDrawControl.DrawPostponed(facilityId, announced.amount, announced.drawableFrom, announced.drawableUntil);
    }

    /// @dev The party whose money is lent commits itself anew. Returns false if nothing has ended its commitment. What
    /// ended it in this second would end it still.
    function _renewCommitment(
        Book storage book,
        LendingContext memory context,
        FacilityId facilityId,
        FacilityRecord storage facilityRow
    ) private returns (bool) {
        (uint8 endEvent, uint40 endedAt) = _endOf(book, facilityRow);
        if (endEvent == 0 || endedAt == block.timestamp) return false;
        Settlement.requireFunder(context, facilityId, facilityRow);
        PartyId borrower = PartyId.wrap(facilityRow.borrowerParty);
        uint32 defaulted = book.borrowers.records[borrower].defaultedLoans;
        if (defaulted != 0) revert IDrawControl.BorrowerInDefault(borrower, defaulted);
        facilityRow.committedAt = uint40(block.timestamp);
        emit IDrawControl.CommitmentRenewed(facilityId, context.sender);
        return true;
    }

    /// @dev The event that has ended the lender's commitment until it renews it, and when; zeros if there is none.
    function _endOf(Book storage book, FacilityRecord storage facilityRow)
        private
        view
        returns (uint8 endEvent, uint40 endedAt)
    {
        BorrowerRecord memory record = book.borrowers.records[PartyId.wrap(facilityRow.borrowerParty)];
        (uint8 endEvents, uint40 committedAt) = (facilityRow.endEvents, facilityRow.committedAt);
        if (endEvents & END_ON_OVERDUE != 0 && record.overdueAt >= committedAt) {
            return (END_ON_OVERDUE, record.overdueAt);
        }
        if (endEvents & END_ON_DEFAULT != 0 && record.defaultedAt >= committedAt) {
            return (END_ON_DEFAULT, record.defaultedAt);
        }
    }

    function _ofLender(Book storage book, LendingContext memory context, FacilityId facilityId)
        private
        view
        returns (FacilityRecord storage facilityRow)
    {
        facilityRow = Settlement.knownFacility(book, facilityId);
        Settlement.requireLender(context, facilityId, facilityRow);
    }
}
