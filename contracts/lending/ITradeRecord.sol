// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {FacilityId, PartyId} from "../types/Ids.sol";
import {IProducts} from "./IProducts.sol";

/// @title Proved trade, and the limit that follows it.
/// @notice A product may bound what is owed under a facility by a share of the borrower's trade of a window of months:
/// the customs declarations that the facility's attester accepted, or what a platform reported of a merchant. A month
/// is a number: the year * 12 + the month of the year - 1. Amounts are minor units.
/// @dev Facilities implements it through {IFacilities}. Source: decision 44.
interface ITradeRecord {
    /// @notice A merchant's trade of one month, as the platform reports it.
    /// @param merchant An account of the merchant.
    /// @param currency The currency's token contract.
    /// @param month The month.
    /// @param amount Minor units that were sold.
    /// @param returned Minor units of it that went back.
    struct TradeReport {
        address merchant;
        address currency;
        uint24 month;
        uint64 amount;
        uint64 returned;
    }

    /// @notice A month of trade in storage.
    /// @param amount Minor units that were sold.
    /// @param returned Minor units of it that went back.
    /// @param revision How often it was reported; 0: never, which counts as no trade.
    struct MonthOfTrade {
        uint64 amount;
        uint64 returned;
        uint32 revision;
    }

    /// @notice What may be owed under a facility by its trade, and how it is computed.
    /// @param basis Which trade counts; None: no trade bounds it.
    /// @param firstMonth The first month of the window.
    /// @param lastMonth The last month of the window.
    /// @param traded Minor units of trade in the window: what was sold less what went back, not below 0.
    /// @param limit Minor units that may be owed.
    struct TradeLimit {
        IProducts.TradeBasis basis;
        uint24 firstMonth;
        uint24 lastMonth;
        uint256 traded;
        uint256 limit;
    }

    /// @notice The lender named who accepts documents of a facility, and whose reports of trade count.
    /// @param facilityId The facility.
    /// @param account The account that was named; zero: the lender itself.
    /// @param partyId Its party; 0: the lender's.
    event AttesterNamed(FacilityId indexed facilityId, address indexed account, PartyId indexed partyId);

    /// @notice A platform reported a merchant's trade of a month, or corrected its report.
    /// @param platform The platform's party.
    /// @param merchant The merchant's party.
    /// @param currency The currency's token contract.
    /// @param month The month.
    /// @param amount Minor units that were sold.
    /// @param returned Minor units of it that went back.
    /// @param revision 1 for the report, and one more for each correction.
    event TradeReported(
        PartyId indexed platform,
        PartyId indexed merchant,
        address indexed currency,
        uint24 month,
        uint64 amount,
        uint64 returned,
        uint32 revision
    );

    /// @notice The caller is neither of the facility's attester nor of its lender.
    /// @param facilityId The facility.
    /// @param caller Who called.
    error NotAttester(FacilityId facilityId, address caller);

    /// @notice A month is not over, or too long over: a report that is late counts as no trade, and a correction after
    /// the last day may only lower what counts.
    /// @param month The month.
    /// @param firstDay The first day number on which it may be reported.
    /// @param lastDay The last day number on which it may be reported.
    /// @param today Today's day number.
    error ReportNotInTime(uint24 month, uint256 firstDay, uint256 lastDay, uint256 today);

    /// @notice Names who accepts documents of a facility besides the lender, and whose reports of trade count for it
    /// instead of the lender's.
    /// @dev A valid account of the lender's or the entruster's party calls it.
    /// Reverts with {IFacilities.FacilityUnknown} if there is no such facility.
    /// Reverts with {IFacilities.NotLender} if the caller is of another party.
    /// Reverts with {IPartyRegistry.PartyNotValid} or {IPartyRegistry.AccountUnknown} if the account is of no valid
    /// party.
    /// Reverts with {IFacilities.SamePartyBothSides} if it is the borrower's, or under one control with it.
    /// @param facilityId The facility.
    /// @param account An account of the party; zero: the lender itself again.
    function nameAttester(FacilityId facilityId, address account) external;

    /// @notice Reports a merchant's trade of a month, or replaces the report. The first report comes within 31 days
    /// after the month's end.
    /// @dev Role: platform.
    /// Reverts with {IPartyRegistry.PartyNotValid} or {IPartyRegistry.RoleMissing} if the caller is no valid platform.
    /// Reverts with {IPartyRegistry.AccountUnknown} if the merchant is of no party.
    /// Reverts with {IFacilities.SamePartyBothSides} if platform and merchant are one party, or under one control.
    /// Reverts with {IFacilities.TermOutOfRange} if an amount is above 2^60 - 1, or the currency has no code.
    /// Reverts with {ReportNotInTime} if the month is not over, or its report comes too late.
    /// @param tradeReport The report.
    function reportTrade(TradeReport calldata tradeReport) external;

    /// @notice Who accepts documents of a facility, and whose reports of trade count for it.
    /// @param facilityId The facility.
    /// @return The party; 0 if there is no such facility.
    function attesterOf(FacilityId facilityId) external view returns (PartyId);

    /// @notice What may be owed under a facility by its trade, as of now.
    /// @dev Reverts with {IFacilities.FacilityUnknown} if there is no such facility.
    /// @param facilityId The facility.
    /// @return The limit.
    function tradeLimit(FacilityId facilityId) external view returns (TradeLimit memory);

    /// @notice What a platform last reported of a merchant's month.
    /// @param platform The platform's party.
    /// @param merchant The merchant's party.
    /// @param currency The currency's token contract.
    /// @param month The month.
    /// @return The month of trade; all zero if it was never reported.
    function tradeOf(PartyId platform, PartyId merchant, address currency, uint24 month)
        external
        view
        returns (MonthOfTrade memory);
}
