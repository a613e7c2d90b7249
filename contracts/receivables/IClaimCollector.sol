// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {ClaimId} from "../types/Ids.sol";

/// @title A lienholder that wants to know what was collected for it: a contract that lends on claims.
/// @notice Found by ERC-165: Receivables calls only a contract that says it supports this interface.
/// @dev Source: decision 15.
interface IClaimCollector is IERC165 {
    /// @notice Says that a claim under this contract's lien was collected. The money is here already.
    /// @dev Receivables calls it.
    /// @dev Warning: check that the caller is Receivables. The caller goes on if the call fails, unless this is a
    /// contract of the ledger.
    /// @param claimId The claim.
    /// @param owner The owner of the claim.
    /// @param amount Minor units that were paid to this contract.
    function onCollected(ClaimId claimId, address owner, uint256 amount) external;
}
