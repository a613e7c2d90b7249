// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Ids are types, so that a claim id cannot be passed where a receivable id is meant.
type PartyId is uint256;
type ReceivableId is uint256;
type ClaimId is uint256;
type OrderId is uint256;
type ProductId is uint256;
type FacilityId is uint256;
type LoanId is uint256;
type CampaignId is uint256;
type LotId is uint256;
type WarehouseReceiptId is uint256;
