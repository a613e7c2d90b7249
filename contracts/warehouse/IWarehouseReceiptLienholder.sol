// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {WarehouseReceiptId} from "../types/Ids.sol";

/// @title A lienholder that wants to know when goods behind its warehouse receipts are damaged, lost or found unfit.
/// @notice Found by ERC-165: WarehouseReceipts calls only a contract that says it supports this interface. It goes on
/// if the call fails, because what happened to the goods must be recorded.
interface IWarehouseReceiptLienholder is IERC165 {
    /// @notice Says that goods behind a warehouse receipt under this contract's lien are damaged, lost or found unfit.
    /// @dev WarehouseReceipts calls it, with 3,000,000 gas at most, and goes on if the call fails.
    /// @dev Warning: check that the caller is WarehouseReceipts. If all goods are lost, the warehouse receipt is burned
    /// already.
    /// @param warehouseReceiptId The warehouse receipt.
    function onImpaired(WarehouseReceiptId warehouseReceiptId) external;
}
