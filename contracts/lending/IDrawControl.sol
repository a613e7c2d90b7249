// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {FacilityId, PartyId} from "../types/Ids.sol";

/// @title What holds a draw back: limits of a borrower over all its facilities, and the hands of lender and borrower.
/// @notice Three limits count what a borrower owes over all facilities, products and lenders: the limit of its credit
/// tier, the borrower limit of a rule set, and the group limit of a rule set. A lender suspends draws at once. A large
/// draw waits for hours in which lender or borrower stops it. Nothing here stops a repayment, a collection or a
/// release.
/// @dev Facilities implements it through {IFacilities}. Amounts are minor units.
interface IDrawControl {
    /// @notice A draw that the borrower has announced.
    /// @param amount Minor units that it draws at most; 0: nothing is announced.
    /// @param drawableFrom From when it may be drawn (UTC seconds).
    /// @param drawableUntil Until when it may be drawn (UTC seconds, exclusive).
    struct AnnouncedDraw {
        uint64 amount;
        uint40 drawableFrom;
        uint40 drawableUntil;
    }

    /// @notice How a borrower stands over all its facilities. A loan that was written off is still owed, and counts.
    /// @param defaultedLoans Loans in default or written off that are not repaid.
    /// @param overdueAt When a loan of the borrower was last marked as overdue (UTC seconds); 0: never.
    /// @param defaultedAt When a loan of the borrower last fell into default (UTC seconds); 0: never.
    /// @param onTier Principal of the loans in this currency whose product requires a credit tier.
    /// @param underRules Principal of the loans in this currency under all products of this rule set.
    /// @param group The group under which that principal counts; 0: none.
    /// @param ofGroup The same principal of all borrowers that count under this group.
    struct BorrowerDebt {
        uint32 defaultedLoans;
        uint40 overdueAt;
        uint40 defaultedAt;
        uint64 onTier;
        uint64 underRules;
        uint32 group;
        uint64 ofGroup;
    }

    /// @notice The lender's side suspended the draws of a facility.
    /// @param facilityId The facility.
    /// @param account The account that did it.
    /// @param suspendedBy Who has suspended them now: 1 the lender, 2 the entruster, 3 both.
    event DrawsSuspended(FacilityId indexed facilityId, address indexed account, uint8 suspendedBy);

    /// @notice One side resumed the draws of a facility.
    /// @param facilityId The facility.
    /// @param account The account that did it.
    /// @param suspendedBy Who has them suspended still: 0 nobody, 1 the lender, 2 the entruster.
    event DrawsResumed(FacilityId indexed facilityId, address indexed account, uint8 suspendedBy);

    /// @notice The party whose money is lent committed itself anew, after an overdue loan or a default had ended its
    /// commitment.
    /// @param facilityId The facility.
    /// @param account The account that did it.
    event CommitmentRenewed(FacilityId indexed facilityId, address indexed account);

    /// @notice The borrower announced a draw.
    /// @param facilityId The facility.
    /// @param amount Minor units of the currency that it draws at most.
    /// @param drawableFrom From when it may be drawn (UTC seconds).
    /// @param drawableUntil Until when it may be drawn (UTC seconds, exclusive).
    event DrawAnnounced(FacilityId indexed facilityId, uint64 amount, uint40 drawableFrom, uint40 drawableUntil);

    /// @notice Draws were resumed. The hours in which they were suspended do not count for the announced draw.
    /// @param facilityId The facility.
    /// @param amount Minor units of the currency that it draws at most.
    /// @param drawableFrom From when it may be drawn (UTC seconds).
    /// @param drawableUntil Until when it may be drawn (UTC seconds, exclusive).
    event DrawPostponed(FacilityId indexed facilityId, uint64 amount, uint40 drawableFrom, uint40 drawableUntil);

    /// @notice The lender's side allowed an announced draw at once.
    /// @param facilityId The facility.
    /// @param account The account that did it.
    /// @param amount Minor units of the currency.
    event DrawAllowed(FacilityId indexed facilityId, address indexed account, uint64 amount);

    /// @notice Lender or borrower stopped an announced draw.
    /// @param facilityId The facility.
    /// @param account The account that did it.
    /// @param amount Minor units of the currency.
    event DrawStopped(FacilityId indexed facilityId, address indexed account, uint64 amount);

    /// @notice An announced draw was drawn; the announcement is used up.
    /// @param facilityId The facility.
    /// @param amount Minor units of the currency that were drawn.
    event AnnouncedDrawUsed(FacilityId indexed facilityId, uint64 amount);

    /// @notice What a borrower owes under a rule set now counts for another group.
    /// @param partyId The borrower's party.
    /// @param group The group; 0: none.
    /// @param ruleSet Name of the rule set, left-aligned.
    /// @param currency The currency's token contract.
    /// @param owed Minor units of the currency.
    event GroupFollowed(
        PartyId indexed partyId, uint32 indexed group, bytes10 ruleSet, address indexed currency, uint64 owed
    );

    /// @notice A loan of the borrower is in default. It draws nowhere until that is repaid.
    /// @param partyId The borrower's party.
    /// @param loans How many loans are in default or written off.
    error BorrowerInDefault(PartyId partyId, uint32 loans);

    /// @notice The borrower uses its attested limit in another currency. One limit counts in one currency at a time.
    /// @param partyId The borrower's party.
    /// @param currency The currency's token contract in which it would draw.
    error LimitInOtherCurrency(PartyId partyId, address currency);

    /// @notice The lender's side has suspended the draws of the facility.
    /// @param facilityId The facility.
    /// @param suspendedBy Who has: 1 the lender, 2 the entruster, 3 both.
    error FacilitySuspended(FacilityId facilityId, uint8 suspendedBy);

    /// @notice The caller's side has suspended the draws already, or not suspended them.
    /// @param facilityId The facility.
    /// @param suspendedBy Who has: 0 nobody, 1 the lender, 2 the entruster, 3 both.
    error SuspensionUnchanged(FacilityId facilityId, uint8 suspendedBy);

    /// @notice The commitment to lend has ended by an event that the signed terms name, and was not renewed.
    /// @param facilityId The facility.
    /// @param endEvent The event: 1 a loan of the borrower was overdue, 2 one was in default.
    /// @param endedAt When it ended (UTC seconds).
    error CommitmentEnded(FacilityId facilityId, uint8 endEvent, uint40 endedAt);

    /// @notice The draw is above what the signed terms allow without an announcement.
    /// @param facilityId The facility.
    /// @param unannounced Minor units that would be drawn without one, with the draws before it that still count.
    /// @param max Minor units that the terms allow.
    error DrawNotAnnounced(FacilityId facilityId, uint256 unannounced, uint64 max);

    /// @notice The hours after the announcement are not over.
    /// @param facilityId The facility.
    /// @param drawableFrom From when the draw is possible (UTC seconds).
    /// @param timestamp The time of the block (UTC seconds).
    error DrawWaits(FacilityId facilityId, uint40 drawableFrom, uint256 timestamp);

    /// @notice Another draw of the facility is announced.
    /// @param facilityId The facility.
    /// @param amount Minor units of that draw.
    /// @param drawableUntil Until when it may be drawn (UTC seconds, exclusive).
    error DrawAlreadyAnnounced(FacilityId facilityId, uint64 amount, uint40 drawableUntil);

    /// @notice No draw of the facility is announced, or it was drawn or stopped.
    /// @param facilityId The facility.
    error NothingAnnounced(FacilityId facilityId);

    /// @notice The party owes nothing under the rule set in the currency: nothing follows it into its group.
    /// @param partyId The borrower's party.
    /// @param ruleSet Name of the rule set, left-aligned.
    /// @param currency The currency's token contract.
    error NothingOwedUnderRules(PartyId partyId, bytes10 ruleSet, address currency);

    /// @notice Suspends the draws of a facility at once. Loans run on.
    /// @dev A valid account of the lender's or the entruster's party calls it.
    /// Reverts with {IFacilities.FacilityUnknown} if there is no such facility.
    /// Reverts with {IFacilities.NotLender} if the caller is of another party.
    /// Reverts with {SuspensionUnchanged} if the caller's side has suspended them already.
    /// @param facilityId The facility.
    function suspendDraws(FacilityId facilityId) external;

    /// @notice Resumes the draws of a facility. Each side resumes only what it suspended itself: money of an entruster
    /// is not lent while the entruster says no. If the caller's side has not suspended them, and an overdue loan or a
    /// default of the borrower has ended the commitment, the party whose money is lent commits itself anew. Whether
    /// another loan of the borrower is overdue is its own to judge. An announced draw that was not possible yet waits as
    /// many hours longer as draws were suspended since it was announced, unless the lender allowed it.
    /// @dev A valid account of the lender's or the entruster's party calls it.
    /// Reverts with {IFacilities.FacilityUnknown} if there is no such facility.
    /// Reverts with {IFacilities.NotLender} if the caller is of another party, or would commit another party's money.
    /// Reverts with {SuspensionUnchanged} if the caller's side has not suspended them, and nothing ended the commitment.
    /// Reverts with {BorrowerInDefault} if a loan of the borrower is in default still.
    /// @param facilityId The facility.
    function resumeDraws(FacilityId facilityId) external;

    /// @notice Announces a draw that is above what the facility's terms allow without an announcement. It may be drawn
    /// once, in whole or in part, from the end of the agreed hours and for seven days.
    /// @dev A valid account of the borrower's party calls it. An announcement that has lapsed is replaced.
    /// Reverts with {IFacilities.FacilityUnknown} if there is no such facility.
    /// Reverts with {IFacilities.NotBorrower} if the caller is of another party.
    /// Reverts with {IFacilities.FacilityIsClosed} if the facility is closed.
    /// Reverts with {IFacilities.TermOutOfRange} if the amount is 0, or 2^60 or more, or the terms name no hours.
    /// Reverts with {DrawAlreadyAnnounced} if a draw is announced and has not lapsed.
    /// @param facilityId The facility.
    /// @param amount Minor units of the currency that will be drawn at most.
    function announceDraw(FacilityId facilityId, uint64 amount) external;

    /// @notice Gives the lender's second signature: the announced draw may be drawn at once, or once draws are resumed.
    /// @dev A valid account of the lender's or the entruster's party calls it.
    /// Reverts with {IFacilities.FacilityUnknown} if there is no such facility.
    /// Reverts with {IFacilities.NotLender} if the caller is of another party.
    /// Reverts with {NothingAnnounced} if no draw of exactly this amount is announced: the amount says which draw the
    /// lender means.
    /// @param facilityId The facility.
    /// @param amount Minor units of the announced draw.
    function allowDraw(FacilityId facilityId, uint64 amount) external;

    /// @notice Stops an announced draw before it is drawn.
    /// @dev A valid account of the borrower's, the lender's or the entruster's party calls it.
    /// Reverts with {IFacilities.FacilityUnknown} if there is no such facility.
    /// Reverts with {IFacilities.NotLender} if the caller is of none of these parties.
    /// Reverts with {NothingAnnounced} if no draw is announced.
    /// @param facilityId The facility.
    function stopDraw(FacilityId facilityId) external;

    /// @notice Lets what a borrower owes under a rule set count for the group that the registry has for it now. A draw
    /// does this by itself.
    /// @dev Anyone may call it, after a registrar has changed a party's group.
    /// Reverts with {NothingOwedUnderRules} if the party owes nothing under that rule set in that currency.
    /// @param partyId The borrower's party.
    /// @param ruleSet Name of the rule set, left-aligned.
    /// @param currency The currency's token contract.
    function followGroup(PartyId partyId, bytes10 ruleSet, address currency) external;

    /// @notice The announced draw of a facility; all zero if there is none.
    /// @param facilityId The facility.
    /// @return The announced draw. It may have lapsed.
    function announcedDraw(FacilityId facilityId) external view returns (AnnouncedDraw memory);

    /// @notice How a borrower stands over all its facilities.
    /// @param partyId The borrower's party.
    /// @param currency The currency's token contract.
    /// @param ruleSet Name of the rule set, left-aligned; 0 for none.
    /// @return Its debt.
    function borrowerDebt(PartyId partyId, address currency, bytes10 ruleSet)
        external
        view
        returns (BorrowerDebt memory);
}
