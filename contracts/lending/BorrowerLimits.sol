// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {FacilityId, PartyId} from "../types/Ids.sol";
import {
    BorrowerRecord,
    COUNTED_FOR_ORIGIN,
    COUNTED_ON_TIER,
    COUNTED_UNDER_RULES,
    RuleSetDebt
} from "./BorrowerBook.sol";
import {Book, FacilityRecord, LendingContext} from "./FacilityBook.sol";
import {IDrawControl} from "./IDrawControl.sol";
import {ILoans} from "./ILoans.sol";
import {IProducts} from "./IProducts.sol";

/// @title One limit for a borrower over all its facilities, products and lenders. Internal to the libraries of
/// Facilities.
/// @notice See {IDrawControl} for the specification.
/// @dev Whoever changes a loan's principal calls {raise} or {lower}. Each does the same work for any number of loans.
/// A loan that was written off forgives nothing: it counts until it is paid.
library BorrowerLimits {
    /// @dev What a draw must not exceed. The attested limit is converted at today's price; the limits of a rule set are
    /// in the money's own currency.
    function requireRoom(
        Book storage book,
        LendingContext memory context,
        FacilityRecord storage facilityRow,
        IProducts.ProductTerms memory product,
        uint64 amount
    ) internal view {
        PartyId borrower = PartyId.wrap(facilityRow.borrowerParty);
        BorrowerRecord memory record = book.borrowers.records[borrower];
        if (record.defaultedLoans != 0) revert IDrawControl.BorrowerInDefault(borrower, record.defaultedLoans);
        if (product.ruleSet != 0) _requireRuleSet(book, context, borrower, product, amount);
        if (product.minTier == 0) return;
        uint256 owed = book.borrowers.onTier[borrower][product.currency];
        if (record.tierCurrencies > (owed == 0 ? 0 : 1)) {
            revert IDrawControl.LimitInOtherCurrency(borrower, product.currency);
        }
        (uint64 attested, bytes3 home) = context.credit
            .requireTier(facilityRow.borrower, product.minTier, product.maxTierAge, product.minTradeDays, context.today);
        _requireMax("attestedLimit", context.prices.convert(product.currency, home, owed + amount), attested);
    }

    /// @dev Principal of a facility's loans grew. It never fails, so that principal can always come back.
    function raise(Book storage book, FacilityRecord storage facilityRow, uint64 principal) internal {
        uint8 counted = facilityRow.counted;
        if (counted == 0 || principal == 0) return;
        PartyId borrower = PartyId.wrap(facilityRow.borrowerParty);
        if (counted & COUNTED_ON_TIER != 0) {
            uint64 owed = book.borrowers.onTier[borrower][facilityRow.currency];
            if (owed == 0) book.borrowers.records[borrower].tierCurrencies += 1;
            book.borrowers.onTier[borrower][facilityRow.currency] = owed + principal;
        }
        if (counted & COUNTED_UNDER_RULES != 0) {
            bytes32 key = keyOf(facilityRow.ruleSet, facilityRow.currency);
            RuleSetDebt storage debt = book.borrowers.underRules[key][borrower];
            debt.owed += principal;
            if (debt.group != 0) book.borrowers.ofGroups[key][debt.group] += principal;
        }
        if (counted & COUNTED_FOR_ORIGIN != 0) book.sold[FacilityId.wrap(facilityRow.origin)] += principal;
    }

    /// @dev Principal of a facility's loans fell, in whatever way.
    function lower(Book storage book, FacilityRecord storage facilityRow, uint64 principal) internal {
        uint8 counted = facilityRow.counted;
        if (counted == 0 || principal == 0) return;
        PartyId borrower = PartyId.wrap(facilityRow.borrowerParty);
        if (counted & COUNTED_ON_TIER != 0) {
            uint64 owed = book.borrowers.onTier[borrower][facilityRow.currency] - principal;
            book.borrowers.onTier[borrower][facilityRow.currency] = owed;
            if (owed == 0) book.borrowers.records[borrower].tierCurrencies -= 1;
        }
        if (counted & COUNTED_UNDER_RULES != 0) {
            bytes32 key = keyOf(facilityRow.ruleSet, facilityRow.currency);
            RuleSetDebt storage debt = book.borrowers.underRules[key][borrower];
            debt.owed -= principal;
            if (debt.group != 0) book.borrowers.ofGroups[key][debt.group] -= principal;
        }
        if (counted & COUNTED_FOR_ORIGIN != 0) book.sold[FacilityId.wrap(facilityRow.origin)] -= principal;
    }

    /// @dev A loan of the borrower is overdue.
    function noteOverdue(Book storage book, FacilityRecord storage facilityRow) internal {
        book.borrowers.records[PartyId.wrap(facilityRow.borrowerParty)].overdueAt = uint40(block.timestamp);
    }

    /// @dev A loan of the borrower went from one status to another. While one is in default or written off, the borrower
    /// draws nowhere.
    function noteStatus(
        Book storage book,
        FacilityRecord storage facilityRow,
        ILoans.Status before,
        ILoans.Status status
    ) internal {
        bool isFailed = _isFailed(status);
        if (_isFailed(before) == isFailed) return;
        BorrowerRecord storage record = book.borrowers.records[PartyId.wrap(facilityRow.borrowerParty)];
        if (!isFailed) {
            record.defaultedLoans -= 1;
            return;
        }
        record.defaultedLoans += 1;
        record.defaultedAt = uint40(block.timestamp);
    }

    /// @dev What a borrower owes under a rule set counts for the registry's group of today.
    function follow(
        Book storage book,
        LendingContext memory context,
        PartyId borrower,
        bytes10 ruleSet,
        address currency
    ) internal {
        bytes32 key = keyOf(ruleSet, currency);
        RuleSetDebt storage debt = book.borrowers.underRules[key][borrower];
        uint32 group = context.registry.party(borrower).group;
        (uint64 owed, uint32 before) = (debt.owed, debt.group);
        if (group == before) return;
        if (before != 0) book.borrowers.ofGroups[key][before] -= owed;
        if (group != 0) book.borrowers.ofGroups[key][group] += owed;
        debt.group = group;
        emit IDrawControl.GroupFollowed(borrower, group, ruleSet, currency, owed);
    }

    /// @dev A rule set and a currency in one word.
    function keyOf(bytes10 ruleSet, address currency) internal pure returns (bytes32) {
        return bytes32(ruleSet) | bytes32(uint256(uint160(currency)));
    }

    function _requireRuleSet(
        Book storage book,
        LendingContext memory context,
        PartyId borrower,
        IProducts.ProductTerms memory product,
        uint64 amount
    ) private view {
        bytes32 key = keyOf(product.ruleSet, product.currency);
        RuleSetDebt memory debt = book.borrowers.underRules[key][borrower];
        if (product.ruleSetLimit != 0) {
            _requireMax("ruleSetLimit", uint256(debt.owed) + amount, product.ruleSetLimit);
        }
        if (product.groupLimit == 0) return;
        uint32 group = context.registry.party(borrower).group;
        if (group == 0) return;
        uint256 owed = uint256(book.borrowers.ofGroups[key][group]) + amount;
        if (debt.group != group) owed += debt.owed;
        _requireMax("groupLimit", owed, product.groupLimit);
    }

    function _isFailed(ILoans.Status status) private pure returns (bool) {
        return status == ILoans.Status.Defaulted || status == ILoans.Status.WrittenOff;
    }

    function _requireMax(bytes32 limit, uint256 requested, uint256 max) private pure {
        if (requested > max) revert ILoans.LimitExceeded(limit, requested, max);
    }
}
