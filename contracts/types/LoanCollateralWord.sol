// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PartyId} from "./PartyId.sol";

/// @notice What was drawn and when, and what secures it: the second word of a loan in storage.
/// @dev Layout, from the lowest bit:
///
///   bits     field         unit
///   0-63     drawn         minor units
///   64-127   collateralId  number; 0 for none or for goods
///   128-191  debtor        number; 0 where the product limits no debtor
///   192-215  drawnDay      day number
///   216-255  empty
type LoanCollateralWord is uint256;

uint256 constant DRAWN_OFFSET = 0;
uint256 constant COLLATERAL_ID_OFFSET = 64;
uint256 constant DEBTOR_OFFSET = 128;
uint256 constant DRAWN_DAY_OFFSET = 192;

/// @notice What was drawn.
/// @param word The word.
/// @return Minor units.
function drawn(LoanCollateralWord word) pure returns (uint64) {
    return uint64((LoanCollateralWord.unwrap(word) >> DRAWN_OFFSET) & type(uint64).max);
}

/// @notice The claim or order that secures the loan.
/// @param word The word.
/// @return The claim's or order's number.
function collateralId(LoanCollateralWord word) pure returns (uint64) {
    return uint64((LoanCollateralWord.unwrap(word) >> COLLATERAL_ID_OFFSET) & type(uint64).max);
}

/// @notice The debtor of the collateral.
/// @param word The word.
/// @return The party.
function debtor(LoanCollateralWord word) pure returns (PartyId) {
    return PartyId.wrap(uint64(LoanCollateralWord.unwrap(word) >> DEBTOR_OFFSET));
}

/// @notice The day of the draw.
/// @param word The word.
/// @return Day number.
function drawnDay(LoanCollateralWord word) pure returns (uint24) {
    return uint24((LoanCollateralWord.unwrap(word) >> DRAWN_DAY_OFFSET) & type(uint24).max);
}

/// @notice The whole word.
/// @param drawn_ What was drawn, in minor units.
/// @param collateralId_ The claim or order that secures the loan.
/// @param debtor_ The debtor of the collateral, below 2^64.
/// @param drawnDay_ The day of the draw.
/// @return The word.
function packLoanCollateral(uint64 drawn_, uint64 collateralId_, PartyId debtor_, uint24 drawnDay_)
    pure
    returns (LoanCollateralWord)
{
    return LoanCollateralWord.wrap(
        uint256(drawn_) << DRAWN_OFFSET | uint256(collateralId_) << COLLATERAL_ID_OFFSET | PartyId.unwrap(debtor_)
            << DEBTOR_OFFSET | uint256(drawnDay_) << DRAWN_DAY_OFFSET
    );
}

using {drawn, collateralId, debtor, drawnDay} for LoanCollateralWord global;
