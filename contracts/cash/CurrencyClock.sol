// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {TriedTransfer} from "./TriedTransfer.sol";

/// @title Time in which nobody could pay, because the currency itself stood still (paused by its issuer).
/// @notice Counts the days in which a currency stood.
/// @dev A stop begins when anyone shows it, at the latest with the first payment that the currency refuses. It ends
/// when anyone shows that the currency moves again. The days that were lost do not count when somebody is late.
library CurrencyClock {
    /// @notice When a currency stood.
    /// @param stoppedAt UTC seconds; 0: the currency moves.
    /// @param lostSeconds Seconds in all stops that have ended.
    /// @param lostDays Days in all stops that have ended.
    struct Clock {
        uint40 stoppedAt;
        uint40 lostSeconds;
        uint24 lostDays;
    }

    /// @notice The currency does not move.
    /// @param currency The currency's token contract.
    /// @param stoppedAt When the currency stopped (UTC seconds).
    event CurrencyStopped(address indexed currency, uint40 stoppedAt);

    /// @notice The currency moves again.
    /// @param currency The currency's token contract.
    /// @param stoppedAt When the currency stopped (UTC seconds).
    /// @param daysLost Days lost in this stop.
    event CurrencyMoves(address indexed currency, uint40 stoppedAt, uint24 daysLost);

    /// @notice Whether the currency moves now. It sends nothing from this contract to itself.
    /// @param currency The currency's token contract.
    /// @return Whether it does.
    function moves(address currency) internal returns (bool) {
        return TriedTransfer.send(currency, address(this), 0);
    }

    /// @notice Asks the currency whether it moves, and starts or ends a stop.
    /// @param clock When the currency stood.
    /// @param currency The currency's token contract.
    /// @param zoneOffset Seconds by which the ledger's day is ahead of UTC.
    /// @return running Whether it moves now.
    function check(Clock storage clock, address currency, uint256 zoneOffset) internal returns (bool running) {
        running = moves(currency);
        uint40 stoppedAt = clock.stoppedAt;
        if (running == (stoppedAt == 0)) return running;
        if (!running) {
            clock.stoppedAt = uint40(block.timestamp);
            emit CurrencyStopped(currency, uint40(block.timestamp));
            return false;
        }
        uint24 lost = uint24(_day(block.timestamp, zoneOffset) - _day(stoppedAt, zoneOffset));
        clock.lostDays += lost;
        clock.lostSeconds += uint40(block.timestamp) - stoppedAt;
        clock.stoppedAt = 0;
        emit CurrencyMoves(currency, stoppedAt, lost);
    }

    /// @notice Days lost up to `today`, including those of a stop that lasts.
    /// @param clock When the currency stood.
    /// @param today The day number up to which they count.
    /// @param zoneOffset Seconds by which the ledger's day is ahead of UTC.
    /// @return lost Days.
    function lostDays(Clock memory clock, uint256 today, uint256 zoneOffset) internal pure returns (uint256 lost) {
        lost = clock.lostDays;
        if (clock.stoppedAt != 0) lost += today - _day(clock.stoppedAt, zoneOffset);
    }

    /// @notice Seconds lost up to now, including those of a stop that lasts.
    /// @param clock When the currency stood.
    /// @return lost Seconds.
    function lostSeconds(Clock memory clock) internal view returns (uint256 lost) {
        lost = clock.lostSeconds;
        if (clock.stoppedAt != 0) lost += block.timestamp - clock.stoppedAt;
    }

    function _day(uint256 timestamp, uint256 zoneOffset) private pure returns (uint256) {
        return (timestamp + zoneOffset) / 1 days;
    }
}
