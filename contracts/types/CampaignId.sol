// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The number of a campaign, counted from 1; 0 names none. See {ICampaigns}.
type CampaignId is uint256;

/// @notice Whether two numbers name the same campaign.
/// @param first One number.
/// @param second The other number.
/// @return True if they are equal.
function equals(CampaignId first, CampaignId second) pure returns (bool) {
    return CampaignId.unwrap(first) == CampaignId.unwrap(second);
}

/// @notice Whether two numbers name different campaigns.
/// @param first One number.
/// @param second The other number.
/// @return True if they are not equal.
function differs(CampaignId first, CampaignId second) pure returns (bool) {
    return CampaignId.unwrap(first) != CampaignId.unwrap(second);
}

/// @notice Whether a number names no campaign.
/// @param id The number.
/// @return True if it is 0.
function isNull(CampaignId id) pure returns (bool) {
    return CampaignId.unwrap(id) == 0;
}

using {equals as ==, differs as !=, isNull} for CampaignId global;
