// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

// Ids are types, so that a claim's id cannot be passed where a receivable's is meant. Each has a file of its own, because
// its operators are bound there. All of them are imported from here.
/* solhint-disable no-unused-import */
import {CampaignId} from "./CampaignId.sol";
import {ClaimId} from "./ClaimId.sol";
import {FacilityId} from "./FacilityId.sol";
import {LoanId} from "./LoanId.sol";
import {LotId} from "./LotId.sol";
import {OrderId} from "./OrderId.sol";
import {PartyId} from "./PartyId.sol";
import {ProductId} from "./ProductId.sol";
import {ReceivableId} from "./ReceivableId.sol";
import {WarehouseReceiptId} from "./WarehouseReceiptId.sol";
