// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC165Checker} from "@openzeppelin/contracts/utils/introspection/ERC165Checker.sol";

/// @title Tells a call that failed for want of gas from one that failed for a reason of its own.
/// @notice Where a contract goes on although a call failed, the sender must not choose that outcome by giving too
/// little gas. An estimate of gas takes the least with which the transaction succeeds, so it would choose it too.
/// @dev At most 63 of 64 parts of the gas left go to a call (EIP-150). What ran out of gas 18 calls deep, and failed
/// all the way up, leaves less than a quarter. A call that was given ample gas is at fault itself, so a contract that
/// burns all gas stops nobody.
library WantOfGas {
    /// @dev More than a transfer, a collection or a payment on a loan with the maximum of collateral needs.
    uint256 private constant AMPLE = 5_000_000;

    /// @dev More than three questions of 30,000 gas, the limit of ERC-165, need.
    uint256 private constant QUESTIONS_GAS = 100_000;

    /// @notice A call failed and may have had too little gas. Send the transaction with more gas.
    /// @param left Gas that was left for the call.
    /// @param needed Gas that is enough for it.
    error GasTooLow(uint256 left, uint256 needed);

    /// @notice To be called right after a call that failed.
    /// @dev Reverts with {GasTooLow} if it may have failed for want of gas.
    /// @param gasBefore Gas that was left before the call.
    function requireNone(uint256 gasBefore) internal view {
        _requireNone(gasBefore, AMPLE);
    }

    /// @notice The same for a call that reverted with `reason`: it may itself have found too little gas.
    /// @dev Reverts with {GasTooLow} if it may have failed for want of gas.
    /// @param gasBefore Gas that was left before the call.
    /// @param reason The error with which it failed, ABI-encoded.
    function requireNone(uint256 gasBefore, bytes memory reason) internal view {
        _requireNone(gasBefore, AMPLE);
        if (gasBefore < AMPLE && bytes4(reason) == GasTooLow.selector) revert GasTooLow(gasBefore, AMPLE);
    }

    /// @notice Whether an account says by ERC-165 that it has the interface.
    /// @dev Reverts with {GasTooLow} if it may have had too little gas to say so.
    /// @param account The account.
    /// @param interfaceId The interface.
    /// @return True if it says so.
    function supportsInterface(address account, bytes4 interfaceId) internal view returns (bool) {
        uint256 gasBefore = gasleft();
        if (ERC165Checker.supportsInterface(account, interfaceId)) return true;
        if (account.code.length != 0) _requireNone(gasBefore, QUESTIONS_GAS);
        return false;
    }

    function _requireNone(uint256 gasBefore, uint256 ample) private view {
        if (gasBefore < ample && gasleft() < gasBefore / 4) revert GasTooLow(gasBefore, ample);
    }
}
