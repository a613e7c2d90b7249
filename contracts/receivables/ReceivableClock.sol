// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {CurrencyClock} from "../cash/CurrencyClock.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {ReceivableId} from "../types/Ids.sol";
import {IReceivables} from "./IReceivables.sol";
import {Book, LateRecord, Record, unpaidOf} from "./ReceivableBook.sol";

/// @title What the clock means for a receivable: its late charge, and the days that count.
/// @notice Works on the storage of Receivables.
/// @dev Days in which the currency stood count as nobody's delay, if the stop ended on the due day or later.
library ReceivableClock {
    using Checkpoints for Checkpoints.Trace208;

    /// @notice Asks the currency whether it moves, and records a stop or its end.
    /// @param book The stored state of Receivables.
    /// @param currency The currency's token contract.
    /// @param zoneOffset Seconds by which the ledger's day is ahead of UTC.
    /// @return running Whether it moves now.
    function check(Book storage book, address currency, uint256 zoneOffset) internal returns (bool running) {
        CurrencyClock.Clock storage clock = book.clocks[currency];
        uint256 before = clock.lostDays;
        running = CurrencyClock.check(clock, currency, zoneOffset);
        uint256 lost = clock.lostDays;
        if (lost != before) book.lostDays[currency].push(uint48(_day(zoneOffset)), uint208(lost));
    }

    /// @notice The day that counts for a receivable: today, without the days that were lost.
    /// @param book The stored state of Receivables.
    /// @param record The receivable.
    /// @param zoneOffset Seconds by which the ledger's day is ahead of UTC.
    /// @return day The day number.
    function today(Book storage book, Record storage record, uint256 zoneOffset) internal view returns (uint256 day) {
        day = _day(zoneOffset);
        uint256 dueDay = record.dueDay;
        if (day <= dueDay) return day;
        address currency = book.currencies[record.currencyIndex];
        CurrencyClock.Clock memory clock = book.clocks[currency];
        if (clock.lostDays == 0 && clock.stoppedAt == 0) return day;
        uint256 earlier = book.lostDays[currency].upperLookupRecent(uint48(dueDay - 1));
        return day - (CurrencyClock.lostDays(clock, day, zoneOffset) - earlier);
    }

    /// @notice Weight of everything that is not credited.
    /// @param book The stored state of Receivables.
    /// @param receivableId The receivable.
    /// @return The weight (ClaimShares).
    function totalWeight(Book storage book, ReceivableId receivableId) internal view returns (uint128) {
        if (!book.records[receivableId].hasLateRecord) return ClaimShares.WHOLE;
        uint128 burned = book.lateRecords[receivableId].weightBurned;
        return burned > ClaimShares.WHOLE ? 0 : ClaimShares.WHOLE - burned;
    }

    /// @notice Late charge that is owed on this day. Nothing is charged within the days of grace; after them it counts
    /// from the first day. What was earned is still owed when no principal is.
    /// @param book The stored state of Receivables.
    /// @param receivableId The receivable.
    /// @param day The day number that counts for the receivable.
    /// @return Minor units.
    function lateDue(Book storage book, ReceivableId receivableId, uint256 day) internal view returns (uint96) {
        Record storage record = book.records[receivableId];
        if (day <= uint256(record.dueDay) + record.graceDays || record.status == IReceivables.Status.Settled) return 0;
        uint256 charge = ClaimShares.lateChargeHalfUp(_accrued(book, receivableId, day));
        uint256 paid = record.hasLateRecord ? book.lateRecords[receivableId].paid : 0;
        return charge > paid ? uint96(charge - paid) : 0;
    }

    /// @notice Stores what has accrued until this day, before the unpaid principal changes.
    /// @param book The stored state of Receivables.
    /// @param receivableId The receivable.
    /// @param day The day number that counts for the receivable.
    function accrue(Book storage book, ReceivableId receivableId, uint256 day) internal {
        Record storage record = book.records[receivableId];
        if (day <= record.dueDay || record.lateRate == 0) return;
        LateRecord storage late = book.lateRecords[receivableId];
        late.accrued = uint128(_accrued(book, receivableId, day));
        late.accruedDay = uint24(day);
        record.hasLateRecord = true;
    }

    /// @dev Exact sum of principal * rate * days up to this day.
    function _accrued(Book storage book, ReceivableId receivableId, uint256 day)
        private
        view
        returns (uint256 accrued)
    {
        Record storage record = book.records[receivableId];
        uint256 from = record.dueDay;
        if (record.hasLateRecord) {
            LateRecord storage late = book.lateRecords[receivableId];
            accrued = late.accrued;
            if (late.accruedDay > from) from = late.accruedDay;
        }
        if (day > from) accrued += unpaidOf(record) * record.lateRate * (day - from);
    }

    function _day(uint256 zoneOffset) private view returns (uint256) {
        return (block.timestamp + zoneOffset) / 1 days;
    }
}
