// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PartyId} from "./PartyId.sol";

/// @notice What secures a loan, when it was drawn, and what was posted on it: the second word of a loan in storage.
/// @dev Layout, from the lowest bit:
///
///   bits     field         unit
///   0-159    postings      head of the chain of hashes of the loan's postings; 0: none
///   160-199  collateralId  number; 0 for none or for goods
///   200-231  debtor        number; 0 where the product limits no debtor
///   232-255  drawnDay      day number
///
/// Warning: a collateral id of 2^40 or a party id of 2^32 would spill into its neighbour. Both are counted from 1.
type LoanCollateralWord is uint256;

uint256 constant COLLATERAL_ID_OFFSET = 160;
uint256 constant DEBTOR_OFFSET = 200;
uint256 constant DRAWN_DAY_OFFSET = 232;

/// @notice The head of the chain of hashes of the loan's postings.
/// @param word The word.
/// @return 160 bits of a hash; 0 if nothing was posted.
function postings(LoanCollateralWord word) pure returns (uint160) {
    return uint160(LoanCollateralWord.unwrap(word));
}

/// @notice The claim or order that secures the loan.
/// @param word The word.
/// @return The claim's or order's number.
function collateralId(LoanCollateralWord word) pure returns (uint64) {
    return uint40(LoanCollateralWord.unwrap(word) >> COLLATERAL_ID_OFFSET);
}

/// @notice The debtor of the collateral.
/// @param word The word.
/// @return The party.
function debtor(LoanCollateralWord word) pure returns (PartyId) {
    return PartyId.wrap(uint32(LoanCollateralWord.unwrap(word) >> DEBTOR_OFFSET));
}

/// @notice The day of the draw.
/// @param word The word.
/// @return Day number.
function drawnDay(LoanCollateralWord word) pure returns (uint24) {
    return uint24(LoanCollateralWord.unwrap(word) >> DRAWN_DAY_OFFSET);
}

/// @notice The whole word.
/// @param postings_ The head of the chain of hashes of the loan's postings.
/// @param collateralId_ The claim or order that secures the loan, below 2^40.
/// @param debtor_ The debtor of the collateral, below 2^32.
/// @param drawnDay_ The day of the draw.
/// @return The word.
function packLoanCollateral(uint160 postings_, uint64 collateralId_, PartyId debtor_, uint24 drawnDay_)
    pure
    returns (LoanCollateralWord)
{
    return LoanCollateralWord.wrap(
        uint256(postings_) | uint256(collateralId_) << COLLATERAL_ID_OFFSET | PartyId.unwrap(debtor_) << DEBTOR_OFFSET
            | uint256(drawnDay_) << DRAWN_DAY_OFFSET
    );
}

using {postings, collateralId, debtor, drawnDay} for LoanCollateralWord global;
