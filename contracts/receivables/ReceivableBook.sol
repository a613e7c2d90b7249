// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {SignedTerms} from "../access/SignedTerms.sol";
import {CurrencyClock} from "../cash/CurrencyClock.sol";
import {Unclaimed} from "../cash/Unclaimed.sol";
import {PartyId, ReceivableId} from "../types/Ids.sol";
import {IReceivables} from "./IReceivables.sol";

/// @notice A receivable in storage. Four slots in the ordinary case; {LateRecord} is used only once a debt is late or a
/// credit note came.
/// @param debtor The debtor.
/// @param face Minor units that the debtor confirmed.
/// @param maxDepth Maximum generations of splitting.
/// @param hasLateRecord Whether there is a {LateRecord}.
/// @param seller The seller.
/// @param dueDay Day number by whose end it is due.
/// @param graceDays Days after the due day in which it cannot be declared in default.
/// @param status Where it stands.
/// @param currencyIndex Place of its currency in {Book}.
/// @param lateRate Parts per million a year, simple, 360 days.
/// @param disputeDay Before confirmation: days in which the debtor may dispute. Afterwards: the last day number.
/// @param termsHash EIP-712 struct hash of the terms.
/// @param principalPaid Principal that the debtor paid, in minor units.
/// @param redeemed Principal that holders collected, in minor units.
/// @param credited Minor units that credit notes burned.
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
    uint24 disputeDay;
    bytes32 termsHash;
    uint80 principalPaid;
    uint80 redeemed;
    uint80 credited;
}

/// @notice The late charge of a receivable.
/// @param paid Late charge that the debtor paid, in minor units.
/// @param taken Late charge that holders collected, in minor units.
/// @param accruedDay Day number up to which `accrued` counts; zero: the due day.
/// @param accrued Exact sum of unpaid principal * rate * days.
/// @param weightBurned By credit notes, and once the debt is settled by claims that have ended.
/// @param index Late charge a unit of weight, ever (ClaimShares).
struct LateRecord {
    uint80 paid;
    uint80 taken;
    uint24 accruedDay;
    uint128 accrued;
    uint128 weightBurned;
    uint256 index;
}

/// @notice The late charge of a claim.
/// @param startIndex The receivable's index up to which `owed` counts.
/// @param owed In 2^-80 minor units, so that frequent settling loses nothing.
/// @param taken In minor units.
struct ClaimLate {
    uint256 startIndex;
    uint160 owed;
    uint96 taken;
}

/// @notice The whole state of Receivables apart from its tokens. Its linked libraries work on it too.
/// @param count Number of receivables.
/// @param records The receivables.
/// @param lateRecords Their late charge, where there is one.
/// @param claimLates The late charge of each claim.
/// @param withFingerprint By the seller's party, so that the request of another party does not stand in the way of an
/// invoice.
/// @param currencies Every currency that was ever allowed.
/// @param currencyIndex The place of a currency in that list, plus one.
/// @param currencyAllowed Whether new receivables may be in a currency.
/// @param unclaimed Money that could not be sent.
/// @param clocks When each currency stood.
/// @param lostDays Total days lost, by the day on which a stop ended.
/// @param signedTerms Signatures that their signers took back.
struct Book {
    uint256 count;
    mapping(ReceivableId => Record) records;
    mapping(ReceivableId => LateRecord) lateRecords;
    mapping(uint256 claimId => ClaimLate) claimLates;
    // By the seller's party, so that the request of another party does not stand in the way of an invoice.
    mapping(PartyId seller => mapping(bytes32 fingerprint => ReceivableId)) withFingerprint;
    address[] currencies;
    mapping(address currency => uint256) currencyIndex;
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
