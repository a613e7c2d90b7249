// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ReceivableId} from "../types/Ids.sol";
import {IReceivables} from "./IReceivables.sol";

/// @dev Four slots on the ordinary path; `LateRecord` only once a debt is late or a credit note came.
struct Record {
    address debtor;
    uint80 face;
    uint8 maxDepth;
    bool hasLateRecord;
    address seller;
    uint24 dueDay;
    uint8 graceDays;
    IReceivables.Status status;
    uint8 currencyIndex;
    uint24 lateRate;
    uint24 disputeDay; // before confirmation: days; afterwards: the last day
    bytes32 termsHash;
    uint80 principalPaid;
    uint80 redeemed;
    uint80 credited;
}

struct LateRecord {
    uint80 paid;
    uint80 taken;
    uint24 accruedDay; // zero: the due day
    uint128 accrued; // exact sum of unpaid principal * rate * days
    uint128 weightBurned;
    uint256 index;
}

struct ClaimLate {
    uint256 startIndex;
    uint96 owed;
    uint96 taken;
}

/// @dev All that Receivables keeps beside its tokens; its linked library works on it too.
struct Book {
    uint256 count;
    mapping(ReceivableId => Record) records;
    mapping(ReceivableId => LateRecord) lateRecords;
    mapping(uint256 claimId => ClaimLate) claimLates;
    mapping(bytes32 fingerprint => ReceivableId) withFingerprint;
    address[] currencies;
    mapping(address currency => uint256) currencyIndex; // plus one
    mapping(address currency => bool) currencyAllowed;
}

function knownRecord(Book storage book, ReceivableId receivableId) view returns (Record storage record) {
    record = book.records[receivableId];
    if (record.status == IReceivables.Status.None) revert IReceivables.ReceivableUnknown(receivableId);
}

/// @dev Principal that the debtor still owes, in minor units.
function unpaidOf(Record storage record) view returns (uint256) {
    IReceivables.Status status = record.status;
    if (
        status == IReceivables.Status.Requested || status == IReceivables.Status.Rejected
            || status == IReceivables.Status.Withdrawn
    ) return 0;
    return uint256(record.face) - record.credited - record.principalPaid;
}
