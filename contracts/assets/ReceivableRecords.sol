// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {SplittableToken} from "../tokens/SplittableToken.sol";
import {ReceivableId} from "../types/Ids.sol";
import {IReceivables} from "./IReceivables.sol";
import {Book, LateRecord, Record, unpaidOf} from "./ReceivableBook.sol";
import {ReceivableLife} from "./ReceivableLife.sol";

/// @title What is kept of each receivable, and what follows from it and the clock alone.
abstract contract ReceivableRecords is IReceivables, SplittableToken, EIP712 {
    /// @notice Seconds that the ledger's day is ahead of UTC.
    uint256 public immutable zoneOffset;
    /// @notice Days after the due day from which a defaulted receivable may be written off.
    uint256 public immutable writeOffDays;

    Book internal _book;

    constructor(uint256 zoneOffset_, uint256 writeOffDays_) EIP712("Cession Receivables", "1") {
        zoneOffset = zoneOffset_;
        writeOffDays = writeOffDays_;
    }

    function _today() internal view returns (uint256) {
        return (block.timestamp + zoneOffset) / 1 days;
    }

    function _totalWeight(ReceivableId receivableId, Record storage record) internal view returns (uint128) {
        if (!record.hasLateRecord) return ClaimShares.WHOLE;
        return ClaimShares.WHOLE - _book.lateRecords[receivableId].weightBurned;
    }

    /// @dev Exact sum of principal * rate * days up to today.
    function _accruedNow(ReceivableId receivableId, Record storage record) internal view returns (uint256 accrued) {
        uint256 from = record.dueDay;
        if (record.hasLateRecord) {
            LateRecord storage late = _book.lateRecords[receivableId];
            accrued = late.accrued;
            if (late.accruedDay > from) from = late.accruedDay;
        }
        uint256 today = _today();
        if (today > from) accrued += unpaidOf(record) * record.lateRate * (today - from);
    }

    /// @dev Nothing is charged within the days of grace; afterwards from the first day.
    function _lateDue(ReceivableId receivableId, Record storage record) internal view returns (uint96) {
        if (_today() <= uint256(record.dueDay) + record.graceDays || unpaidOf(record) == 0) return 0;
        uint256 charge = ClaimShares.lateChargeHalfUp(_accruedNow(receivableId, record));
        uint256 paid = record.hasLateRecord ? _book.lateRecords[receivableId].paid : 0;
        return charge > paid ? uint96(charge - paid) : 0;
    }

    /// @dev Called before the unpaid principal changes.
    function _accrue(ReceivableId receivableId, Record storage record) internal {
        uint256 today = _today();
        if (today <= record.dueDay || record.lateRate == 0) return;
        ReceivableLife.accrue(_book, receivableId, _accruedNow(receivableId, record), today);
    }

    // ------------------------------------------------------------------ hooks of the token

    /// @dev Late money earned so far stays with the claim that earned it, and goes with the whole of it.
    function _beforeValueMoves(uint256 slot, uint256 fromTokenId, uint256 toTokenId, bool whole) internal override {
        ReceivableId receivableId = ReceivableId.wrap(slot);
        if (!_book.records[receivableId].hasLateRecord) return;
        ReceivableLife.settleLate(_book, _lineages, receivableId, fromTokenId, toTokenId, whole);
    }

    function _deepest(uint256 slot) internal view override returns (uint8) {
        return _book.records[ReceivableId.wrap(slot)].maxDepth;
    }

    function _requirePledgeable(uint256 slot) internal view override {
        Status status = _book.records[ReceivableId.wrap(slot)].status;
        if (status != Status.Confirmed) revert StateForbids(ReceivableId.wrap(slot), status);
    }
}
