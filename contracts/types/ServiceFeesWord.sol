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

/// @notice All fees that are owed, due or not.
/// @param word The word.
/// @return Minor units.
function owed(ServiceFeesWord word) pure returns (uint64) {
    return past(word) + inGrace(word) + running(word);
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

using {past, inGrace, running, periodicFee, owed, isNone} for ServiceFeesWord global;
