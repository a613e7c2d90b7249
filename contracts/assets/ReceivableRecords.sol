// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {SplittableToken} from "../tokens/SplittableToken.sol";
import {ReceivableId} from "../types/Ids.sol";
import {IReceivables} from "./IReceivables.sol";

/// @title What is kept of each receivable, and what follows from it and the clock alone.
abstract contract ReceivableRecords is IReceivables, SplittableToken, EIP712 {
    /// @dev Four slots on the ordinary path; `LateRecord` only once a debt is late or a credit note came.
    struct Record {
        address debtor;
        uint80 face;
        uint8 maxDepth;
        bool hasLateRecord;
        address seller;
        uint24 dueDay;
        uint8 graceDays;
        Status status;
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

    /// @notice Seconds that the ledger's day is ahead of UTC.
    uint256 public immutable zoneOffset;
    /// @notice Days after the due day from which a defaulted receivable may be written off.
    uint256 public immutable writeOffDays;

    uint256 internal _receivableCount;
    mapping(ReceivableId => Record) internal _records;
    mapping(ReceivableId => LateRecord) internal _lateRecords;
    mapping(uint256 claimId => ClaimLate) internal _claimLates;
    mapping(bytes32 fingerprint => ReceivableId) internal _withFingerprint;
    address[] internal _currencies;
    mapping(address currency => uint256) internal _currencyIndex; // plus one
    mapping(address currency => bool) internal _currencyAllowed;

    constructor(uint256 zoneOffset_, uint256 writeOffDays_) EIP712("Cession Receivables", "1") {
        zoneOffset = zoneOffset_;
        writeOffDays = writeOffDays_;
    }

    function _today() internal view returns (uint256) {
        return (block.timestamp + zoneOffset) / 1 days;
    }

    function _known(ReceivableId receivableId) internal view returns (Record storage record) {
        record = _records[receivableId];
        if (record.status == Status.None) revert ReceivableUnknown(receivableId);
    }

    function _unpaid(Record storage record) internal view returns (uint256) {
        if (record.status == Status.Requested) return 0;
        if (record.status == Status.Rejected || record.status == Status.Withdrawn) return 0;
        return uint256(record.face) - record.credited - record.principalPaid;
    }

    function _totalWeight(ReceivableId receivableId, Record storage record) internal view returns (uint128) {
        if (!record.hasLateRecord) return ClaimShares.WHOLE;
        return ClaimShares.WHOLE - _lateRecords[receivableId].weightBurned;
    }

    /// @dev Exact sum of principal * rate * days up to today.
    function _accruedNow(ReceivableId receivableId, Record storage record) internal view returns (uint256 accrued) {
        uint256 from = record.dueDay;
        if (record.hasLateRecord) {
            LateRecord storage late = _lateRecords[receivableId];
            accrued = late.accrued;
            if (late.accruedDay > from) from = late.accruedDay;
        }
        uint256 today = _today();
        if (today > from) accrued += _unpaid(record) * record.lateRate * (today - from);
    }

    /// @dev Nothing is charged within the days of grace; afterwards from the first day.
    function _lateDue(ReceivableId receivableId, Record storage record) internal view returns (uint96) {
        if (_today() <= uint256(record.dueDay) + record.graceDays || _unpaid(record) == 0) return 0;
        uint256 charge = ClaimShares.lateChargeHalfUp(_accruedNow(receivableId, record));
        uint256 paid = record.hasLateRecord ? _lateRecords[receivableId].paid : 0;
        return charge > paid ? uint96(charge - paid) : 0;
    }

    /// @dev Called before the unpaid principal changes.
    function _accrue(ReceivableId receivableId, Record storage record) internal {
        uint256 today = _today();
        if (today <= record.dueDay || record.lateRate == 0) return;
        LateRecord storage late = _lateRecords[receivableId];
        late.accrued = uint128(_accruedNow(receivableId, record));
        late.accruedDay = uint24(today);
        if (!record.hasLateRecord) record.hasLateRecord = true;
    }

    /// @dev Late money that a claim may collect now.
    function _lateCollectable(ReceivableId receivableId, Record storage record, uint256 claimId, uint128 weight)
        internal
        view
        returns (uint96)
    {
        if (!record.hasLateRecord) return 0;
        ClaimLate storage held = _claimLates[claimId];
        uint96 share = ClaimShares.lateShareDown(weight, _lateRecords[receivableId].index - held.startIndex);
        return share + held.owed - held.taken;
    }

    // ------------------------------------------------------------------ hooks of the token

    /// @dev Late money earned so far stays with the claim that earned it.
    function _beforeValueMoves(uint256 slot, uint256 fromTokenId, uint256 toTokenId) internal override {
        ReceivableId receivableId = ReceivableId.wrap(slot);
        if (!_records[receivableId].hasLateRecord) return;
        uint256 index = _lateRecords[receivableId].index;
        if (index == 0) return;
        _settleLate(fromTokenId, index);
        _settleLate(toTokenId, index);
    }

    function _settleLate(uint256 claimId, uint256 index) private {
        ClaimLate storage held = _claimLates[claimId];
        held.owed += ClaimShares.lateShareDown(_lineages[claimId].weight, index - held.startIndex);
        held.startIndex = index;
    }

    function _deepest(uint256 slot) internal view override returns (uint8) {
        return _records[ReceivableId.wrap(slot)].maxDepth;
    }

    function _requirePledgeable(uint256 slot) internal view override {
        Status status = _records[ReceivableId.wrap(slot)].status;
        if (status != Status.Confirmed) revert StateForbids(ReceivableId.wrap(slot), status);
    }
}
