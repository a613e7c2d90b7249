// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {ClaimId} from "../types/Ids.sol";

/// @title A lienholder that wants to know what was collected for it: a contract that lends on claims.
/// @notice Told through ERC-165: Receivables calls only those that say they support this interface.
interface IClaimCollector is IERC165 {
    /// Called by Receivables when a claim under this contract's lien was collected: `amount` is here already.
    function onCollected(ClaimId claimId, address owner, uint256 amount) external;
}
