// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The service fees of a loan that are owed, and the share that it is charged each period. 0: it has none.
/// @dev Layout, from the lowest bit:
///
///   bits     field        unit
///   0-63     past         minor units
///   64-127   inGrace      minor units
///   128-191  running      minor units
///   192-215  periodicFee  parts per million of principal
///   216-255  empty
type ServiceFeesWord is uint256;

uint256 constant IN_GRACE_OFFSET = 64;
uint256 constant RUNNING_OFFSET = 128;
uint256 constant PERIODIC_FEE_OFFSET = 192;

/// @notice Fees that are overdue, out of grace.
/// @param word The word.
/// @return Minor units.
function past(ServiceFeesWord word) pure returns (uint64) {
    return uint64(ServiceFeesWord.unwrap(word));
}

/// @notice Fees that are due and in grace.
/// @param word The word.
/// @return Minor units.
function inGrace(ServiceFeesWord word) pure returns (uint64) {
    return uint64(ServiceFeesWord.unwrap(word) >> IN_GRACE_OFFSET);
}

/// @notice Fees that are owed and fall due with the next instalment.
/// @param word The word.
/// @return Minor units.
function running(ServiceFeesWord word) pure returns (uint64) {
    return uint64(ServiceFeesWord.unwrap(word) >> RUNNING_OFFSET);
}

/// @notice What is charged with each instalment.
/// @param word The word.
/// @return Parts per million of the principal that runs on its due day.
function periodicFee(ServiceFeesWord word) pure returns (uint24) {
    return uint24(ServiceFeesWord.unwrap(word) >> PERIODIC_FEE_OFFSET);
}

/// @notice Fees that are due.
/// @param word The word.
/// @return Minor units.
function due(ServiceFeesWord word) pure returns (uint64) {
    unchecked {
        return past(word) + inGrace(word);
    }
}

/// @notice All fees that are owed, due or not.
/// @param word The word.
/// @return Minor units.
function owed(ServiceFeesWord word) pure returns (uint64) {
    unchecked {
        return due(word) + running(word);
    }
}

/// @notice Whether the loan has no service fees.
/// @param word The word.
/// @return True if nothing is owed and nothing will be charged.
function isNone(ServiceFeesWord word) pure returns (bool) {
    return ServiceFeesWord.unwrap(word) == 0;
}

/// @notice The whole word.
/// @param past_ Fees that are overdue, in minor units.
/// @param inGrace_ Fees that are due and in grace, in minor units.
/// @param running_ Fees that fall due with the next instalment, in minor units.
/// @param periodicFee_ What is charged with each instalment, in parts per million of principal.
/// @return The word.
function packServiceFees(uint64 past_, uint64 inGrace_, uint64 running_, uint24 periodicFee_)
    pure
    returns (ServiceFeesWord)
{
    return ServiceFeesWord.wrap(
        uint256(past_) | uint256(inGrace_) << IN_GRACE_OFFSET | uint256(running_) << RUNNING_OFFSET
            | uint256(periodicFee_) << PERIODIC_FEE_OFFSET
    );
}

/// @notice Charges a fee that falls due with the next instalment.
/// @dev Products holds fees and limits so that no sum of fees reaches 2^64.
/// @param word The word.
/// @param amount Minor units.
/// @return The new word.
function charge(ServiceFeesWord word, uint64 amount) pure returns (ServiceFeesWord) {
    unchecked {
        return ServiceFeesWord.wrap(ServiceFeesWord.unwrap(word) + (uint256(amount) << RUNNING_OFFSET));
    }
}

/// @notice An instalment falls due: what runs goes into grace.
/// @param word The word.
/// @return The new word.
function fallDue(ServiceFeesWord word) pure returns (ServiceFeesWord) {
    uint256 moved = running(word);
    unchecked {
        return
            ServiceFeesWord.wrap(ServiceFeesWord.unwrap(word) - (moved << RUNNING_OFFSET) + (moved << IN_GRACE_OFFSET));
    }
}

/// @notice The days of grace are over: what was in grace is past.
/// @param word The word.
/// @return The new word.
function leaveGrace(ServiceFeesWord word) pure returns (ServiceFeesWord) {
    uint256 moved = inGrace(word);
    unchecked {
        return ServiceFeesWord.wrap(ServiceFeesWord.unwrap(word) - (moved << IN_GRACE_OFFSET) + moved);
    }
}

/// @notice Takes fees away that are not owed any more.
/// @param word The word.
/// @param past_ Of those that are overdue, in minor units, at most what is owed; the others likewise.
/// @param inGrace_ Of those in grace.
/// @param running_ Of those that are not due yet.
/// @return The new word.
function less(ServiceFeesWord word, uint256 past_, uint256 inGrace_, uint256 running_) pure returns (ServiceFeesWord) {
    unchecked {
        return ServiceFeesWord.wrap(
            ServiceFeesWord.unwrap(word) - past_ - (inGrace_ << IN_GRACE_OFFSET) - (running_ << RUNNING_OFFSET)
        );
    }
}

using {
    past,
    inGrace,
    running,
    periodicFee,
    due,
    owed,
    isNone,
    charge,
    fallDue,
    leaveGrace,
    less
} for ServiceFeesWord global;
