// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PartyId} from "../types/Ids.sol";

/// @notice How a borrower stands over all its facilities: one word, which every draw reads.
/// @param defaultedLoans Loans in default or written off that are not repaid.
/// @param tierCurrencies In how many currencies it owes loans whose product requires a credit tier.
/// @param overdueAt When a loan was last marked as overdue (UTC seconds).
/// @param defaultedAt When a loan last fell into default (UTC seconds).
struct BorrowerRecord {
    uint32 defaultedLoans;
    uint16 tierCurrencies;
    uint40 overdueAt;
    uint40 defaultedAt;
}

/// @notice What a borrower owes in one currency under all products of a rule set.
/// @param owed Principal, in minor units.
/// @param group The group under which it counts; 0: none.
struct RuleSetDebt {
    uint64 owed;
    uint32 group;
}

/// @notice What borrowers owe over all facilities. A `key` is a rule set and a currency: see BorrowerLimits.
/// @param records How each borrower stands.
/// @param onTier Principal of loans whose product requires a credit tier.
/// @param underRules Principal under all products of a rule set.
/// @param ofGroups The same, of all borrowers that count under a group.
struct BorrowerBook {
    mapping(PartyId borrower => BorrowerRecord) records;
    mapping(PartyId borrower => mapping(address currency => uint64)) onTier;
    mapping(bytes32 key => mapping(PartyId borrower => RuleSetDebt)) underRules;
    mapping(bytes32 key => mapping(uint32 group => uint64)) ofGroups;
}

// What a facility's loans count for: bits of `FacilityRecord.counted`.
uint8 constant COUNTED_ON_TIER = 1;
uint8 constant COUNTED_UNDER_RULES = 2;
uint8 constant COUNTED_FOR_ORIGIN = 4; // its loans were bought, and count for the limit of the facility they come from
uint8 constant HAS_SOLD = 8; // loans that were drawn on it were sold
