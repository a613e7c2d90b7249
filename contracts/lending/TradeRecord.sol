// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Calendar} from "../math/Calendar.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {RepaymentMath} from "../math/RepaymentMath.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {FacilityId, PartyId, ProductId} from "../types/Ids.sol";
import {PLATFORM} from "../types/PartyRoles.sol";
import {Book, FacilityRecord, LendingContext} from "./FacilityBook.sol";
import {IFacilities} from "./IFacilities.sol";
import {IProducts} from "./IProducts.sol";
import {ITradeRecord} from "./ITradeRecord.sol";
import {Settlement} from "./Settlement.sol";

/// @title Proved trade, and the limit that follows it; linked to Facilities and to DrawEvidence.
/// @notice See {ITradeRecord} for the specification.
library TradeRecord {
    uint256 private constant REPORT_DAYS = 31;
    uint256 private constant MONTHS = 12;

    /// @notice See {ITradeRecord.nameAttester}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param facilityId The facility.
    /// @param account An account of the party; zero: the lender itself again.
    function name(Book storage book, LendingContext memory context, FacilityId facilityId, address account) external {
        FacilityRecord storage facilityRow = Settlement.knownFacility(book, facilityId);
        Settlement.requireLender(context, facilityId, facilityRow);
        PartyId party;
        if (account != address(0)) {
            context.registry.requireValid(account, 0);
            party = context.registry.partyOf(account);
            if (context.registry.arePartiesRelated(party, PartyId.wrap(facilityRow.borrowerParty))) {
                revert IFacilities.SamePartyBothSides(account, facilityRow.borrower);
            }
        }
        book.evidence.attesters[facilityId] = party;
        emit ITradeRecord.AttesterNamed(facilityId, account, party);
    }

    /// @notice See {ITradeRecord.reportTrade}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param tradeReport The report.
    function report(Book storage book, LendingContext memory context, ITradeRecord.TradeReport calldata tradeReport)
        external
    {
        context.registry.requireValid(context.sender, PLATFORM);
        PartyId platform = context.registry.partyOf(context.sender);
        PartyId merchant = context.registry.partyOf(tradeReport.merchant);
        if (merchant.isNull()) revert IPartyRegistry.AccountUnknown(tradeReport.merchant);
        if (context.registry.arePartiesRelated(platform, merchant)) {
            revert IFacilities.SamePartyBothSides(context.sender, tradeReport.merchant);
        }
        _within("amount", tradeReport.amount, ClaimShares.MAX_AMOUNT);
        _within("returned", tradeReport.returned, ClaimShares.MAX_AMOUNT);
        // A currency without a code is none of the ledger's.
        if (context.prices.currencyOf(tradeReport.currency) == 0) {
            revert IFacilities.TermOutOfRange("currency", uint160(tradeReport.currency), 0, 0);
        }
        ITradeRecord.MonthOfTrade storage month =
            book.evidence.trade[platform][merchant][tradeReport.currency][tradeReport.month];
        _checkTime(context, tradeReport, month);
        uint32 revision = month.revision + 1;
        (month.amount, month.returned, month.revision) = (tradeReport.amount, tradeReport.returned, revision);
        emit ITradeRecord.TradeReported(
            platform,
            merchant,
            tradeReport.currency,
            tradeReport.month,
            tradeReport.amount,
            tradeReport.returned,
            revision
        );
    }

    /// @notice See {ITradeRecord.tradeLimit}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param facilityId The facility.
    /// @return The limit.
    function limit(Book storage book, LendingContext memory context, FacilityId facilityId)
        external
        view
        returns (ITradeRecord.TradeLimit memory)
    {
        FacilityRecord storage facilityRow = Settlement.knownFacility(book, facilityId);
        IProducts.EvidenceTerms memory evidence =
            context.products.evidenceTerms(ProductId.wrap(facilityRow.productId), facilityRow.version);
        return limitOf(book, context, facilityId, facilityRow, evidence);
    }

    /// @notice See {ITradeRecord.attesterOf}.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param facilityId The facility.
    /// @return The party; 0 if there is no such facility.
    function attester(Book storage book, LendingContext memory context, FacilityId facilityId)
        external
        view
        returns (PartyId)
    {
        return _attesterOf(book, context, facilityId, book.facilities[facilityId]);
    }

    /// @dev The attester's party, and the lender's side.
    function requireAttester(
        Book storage book,
        LendingContext memory context,
        FacilityId facilityId,
        FacilityRecord storage facilityRow
    ) internal view {
        address sender = context.sender;
        if (context.registry.actsFor(sender, facilityRow.lender)) return;
        address entruster = facilityRow.entruster;
        if (entruster != address(0) && context.registry.actsFor(sender, entruster)) return;
        PartyId named = book.evidence.attesters[facilityId];
        if (named.isNull() || context.registry.partyOf(sender) != named) {
            revert ITradeRecord.NotAttester(facilityId, sender);
        }
        // It may have come under the borrower's control since it was named.
        if (context.registry.arePartiesRelated(named, PartyId.wrap(facilityRow.borrowerParty))) {
            revert IFacilities.SamePartyBothSides(sender, facilityRow.borrower);
        }
        context.registry.requireValid(sender, 0);
    }

    /// @dev The trade of the window, month by month, and the share of it that may be owed, rounded down.
    function limitOf(
        Book storage book,
        LendingContext memory context,
        FacilityId facilityId,
        FacilityRecord storage facilityRow,
        IProducts.EvidenceTerms memory evidence
    ) internal view returns (ITradeRecord.TradeLimit memory limited) {
        limited.basis = evidence.basis;
        if (evidence.basis == IProducts.TradeBasis.None) return limited;
        bool isDeclared = evidence.basis == IProducts.TradeBasis.Declarations;
        uint256 last = monthOf(context.today) - (isDeclared ? 0 : 1);
        uint256 first = last + 1 - evidence.months;
        (limited.firstMonth, limited.lastMonth) = (uint24(first), uint24(last));
        limited.traded = isDeclared
            ? _declared(book, facilityId, first, last)
            : _reported(book, context, facilityId, facilityRow, first, last);
        limited.limit = limited.traded * evidence.share / (RepaymentMath.WHOLE * (evidence.mean ? evidence.months : 1));
    }

    /// @dev The month of a day.
    function monthOf(uint256 day) internal pure returns (uint256) {
        (uint256 year, uint256 month,) = Calendar.civilOf(day);
        return year * MONTHS + month - 1;
    }

    function _declared(Book storage book, FacilityId facilityId, uint256 first, uint256 last)
        private
        view
        returns (uint256 sum)
    {
        for (uint256 month = first; month <= last; ++month) {
            sum += book.evidence.declared[facilityId][month];
        }
    }

    /// @dev More may come back in a month than was sold in it: the whole window counts together.
    function _reported(
        Book storage book,
        LendingContext memory context,
        FacilityId facilityId,
        FacilityRecord storage facilityRow,
        uint256 first,
        uint256 last
    ) private view returns (uint256) {
        PartyId platform = _attesterOf(book, context, facilityId, facilityRow);
        mapping(uint256 month => ITradeRecord.MonthOfTrade) storage months =
            book.evidence.trade[platform][PartyId.wrap(facilityRow.borrowerParty)][facilityRow.currency];
        uint256 sold;
        uint256 returned;
        for (uint256 month = first; month <= last; ++month) {
            ITradeRecord.MonthOfTrade memory trade = months[month];
            sold += trade.amount;
            returned += trade.returned;
        }
        return sold > returned ? sold - returned : 0;
    }

    function _attesterOf(
        Book storage book,
        LendingContext memory context,
        FacilityId facilityId,
        FacilityRecord storage facilityRow
    ) private view returns (PartyId party) {
        party = book.evidence.attesters[facilityId];
        if (party.isNull()) party = context.registry.partyOf(facilityRow.lender);
    }

    /// @dev A first report after its last day, or a correction that raises what counts, is late.
    function _checkTime(
        LendingContext memory context,
        ITradeRecord.TradeReport calldata tradeReport,
        ITradeRecord.MonthOfTrade storage month
    ) private view {
        uint256 next = uint256(tradeReport.month) + 1;
        uint256 firstDay = Calendar.dayOf(next / MONTHS, next % MONTHS + 1, 1);
        uint256 lastDay = firstDay + REPORT_DAYS - 1;
        bool isRaised = month.revision == 0
            || uint256(tradeReport.amount) + month.returned > uint256(month.amount) + tradeReport.returned;
        if (context.today < firstDay || (isRaised && context.today > lastDay)) {
            revert ITradeRecord.ReportNotInTime(tradeReport.month, firstDay, lastDay, context.today);
        }
    }

    function _within(bytes32 term, uint256 value, uint256 max) private pure {
        if (value > max) revert IFacilities.TermOutOfRange(term, value, 0, max);
    }
}
