// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {SignedTerms} from "../access/SignedTerms.sol";
import {CurrencyClock} from "../cash/CurrencyClock.sol";
import {Unclaimed} from "../cash/Unclaimed.sol";
import {PartyId, ReceivableId} from "../types/Ids.sol";
import {IReceivables} from "./IReceivables.sol";

/// @dev Four slots in the ordinary case; `LateRecord` is used only once a debt is late or a credit note came.
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
    uint128 weightBurned; // by credit notes, and once the debt is settled by claims that have ended
    uint256 index;
}

struct ClaimLate {
    uint256 startIndex;
    uint160 owed; // in 2^-80 minor units, so that frequent settling loses nothing
    uint96 taken; // in minor units
}

/// @dev The whole state of Receivables apart from its tokens. Its linked libraries work on it too.
struct Book {
    uint256 count;
    mapping(ReceivableId => Record) records;
    mapping(ReceivableId => LateRecord) lateRecords;
    mapping(uint256 claimId => ClaimLate) claimLates;
    // By the seller's party, so that the request of another party does not stand in the way of an invoice.
    mapping(PartyId seller => mapping(bytes32 fingerprint => ReceivableId)) withFingerprint;
    address[] currencies;
    mapping(address currency => uint256) currencyIndex; // plus one
    mapping(address currency => bool) currencyAllowed;
    Unclaimed.Book unclaimed;
    mapping(address currency => CurrencyClock.Clock) clocks;
    // Total days lost, by the day on which a stop ended.
    mapping(address currency => Checkpoints.Trace208) lostDays;
    SignedTerms.Book signedTerms;
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
