// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {FacilityId, PartyId} from "../types/Ids.sol";
import {IDrawEvidence} from "./IDrawEvidence.sol";
import {ITradeRecord} from "./ITradeRecord.sol";

/// @notice What stands behind draws. A `month` is a number: the year * 12 + the month of the year - 1.
/// @param uses Each document of a borrower, by its fingerprint.
/// @param offered The document of a kind that the next draw on a facility uses: its fingerprint.
/// @param declared Minor units of the accepted customs declarations of a facility, by the month of their day.
/// @param attesters The party that a lender named for a facility; 0: the lender's own.
/// @param trade What platforms reported of a merchant's trade.
struct EvidenceBook {
    mapping(PartyId borrower => mapping(bytes32 fingerprint => IDrawEvidence.DocumentUse)) uses;
    mapping(FacilityId => mapping(IDrawEvidence.DocumentKind => bytes32)) offered;
    mapping(FacilityId => mapping(uint256 month => uint64)) declared;
    mapping(FacilityId => PartyId) attesters;
    mapping(
        PartyId platform
            => mapping(
            PartyId merchant => mapping(address currency => mapping(uint256 month => ITradeRecord.MonthOfTrade))
        )
    ) trade;
}
