// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {WantOfGas} from "../access/WantOfGas.sol";

/// @title Transfers that may fail, where the contract then does something else with the money.
/// @notice They fail only because of the currency, the payer or the receiver, never for want of gas.
library TriedTransfer {
    using SafeERC20 for IERC20;

    /// @notice Sends money of this contract.
    /// @dev Reverts with {GasTooLow} if the transfer may have failed for want of gas.
    /// @param currency The currency's token contract.
    /// @param to The account that receives.
    /// @param amount Minor units of the currency.
    /// @return Whether the currency moved it.
    function send(address currency, address to, uint256 amount) internal returns (bool) {
        uint256 gasBefore = gasleft();
        if (IERC20(currency).trySafeTransfer(to, amount)) return true;
        WantOfGas.requireNone(gasBefore);
        return false;
    }

    /// @notice Moves money of a payer who approved it.
    /// @dev Reverts with {GasTooLow} if the transfer may have failed for want of gas.
    /// @param currency The currency's token contract.
    /// @param from The payer.
    /// @param to The account that receives.
    /// @param amount Minor units of the currency.
    /// @return Whether the currency moved it.
    function move(address currency, address from, address to, uint256 amount) internal returns (bool) {
        uint256 gasBefore = gasleft();
        if (IERC20(currency).trySafeTransferFrom(from, to, amount)) return true;
        WantOfGas.requireNone(gasBefore);
        return false;
    }
}
