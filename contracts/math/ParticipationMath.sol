// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title What a participant is due of a loan's proceeds. No state.
/// @notice Amounts are minor units of one currency, shares are parts per million.
/// @dev Twin in Python: `app/domain/participation.py`. Source: decision 49.
library ParticipationMath {
    int256 private constant WHOLE = 1_000_000;

    /// @notice What a participant is due: its share of the proceeds since it joined, less what it was paid.
    /// @dev Counted over all proceeds, so rounding costs a participant less than one minor unit for ever.
    /// @param share Parts per million.
    /// @param proceeds The loan's proceeds.
    /// @param joinedAt The loan's proceeds when it joined.
    /// @param paid What it was paid.
    /// @return Minor units; 0 if corrections took back more than came in.
    function dueDown(uint256 share, int256 proceeds, int256 joinedAt, uint256 paid) internal pure returns (uint64) {
        int256 since = proceeds - joinedAt;
        if (since <= 0) return 0;
        uint256 entitled = uint256(since * int256(share) / WHOLE);
        return entitled > paid ? uint64(entitled - paid) : 0;
    }

    /// @notice The part of money that goes to the next of those who are due.
    /// @dev In proportion to what each is due: called for one after the other, with what is left, it gives out all of
    /// the money, and no one more than its due.
    /// @param due What this one is due.
    /// @param money Money that is left, at most `total`.
    /// @param total What this one and all that follow are due.
    /// @return Minor units, at most `due`.
    function partDown(uint256 due, uint256 money, uint256 total) internal pure returns (uint64) {
        return total == 0 ? 0 : uint64(due * money / total);
    }
}
