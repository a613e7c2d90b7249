// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {ReceiptId} from "../types/Ids.sol";

/// @title A lienholder that wants to know when goods behind its receipts are damaged, lost or found unfit.
/// @notice Told through ERC-165: WarehouseReceipts calls only those that say they support this interface, and goes on when the
/// call fails, because what has happened to the goods must stand on record.
interface IReceiptLienholder is IERC165 {
    /// Called by WarehouseReceipts after the receipt's quantity was impaired.
    function onImpaired(ReceiptId receiptId) external;
}
