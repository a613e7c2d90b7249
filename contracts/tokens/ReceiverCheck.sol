// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC721Receiver} from "@openzeppelin/contracts/token/ERC721/IERC721Receiver.sol";
import {WantOfGas} from "../access/WantOfGas.sol";
import {IERC3525Receiver} from "./IERC3525.sol";
import {ISplittableToken} from "./ISplittableToken.sol";

/// @title Asks a contract that receives a token or value whether it can handle it; linked to the tokens.
/// @notice Runs by delegatecall, so that the receiver sees the token as the sender.
library ReceiverCheck {
    /// @notice Asks a contract whether it keeps a token (ERC-721).
    /// @dev Reverts with {ReceiverRefused} if it fails, or does not answer with the selector.
    /// @param to The contract that receives.
    /// @param operator The account that moves it.
    /// @param from The owner before.
    /// @param tokenId The token.
    /// @param data Data for the receiver, without a meaning of its own.
    function requireKeepsToken(address to, address operator, address from, uint256 tokenId, bytes memory data)
        external
    {
        try IERC721Receiver(to).onERC721Received(operator, from, tokenId, data) returns (bytes4 answer) {
            if (answer == IERC721Receiver.onERC721Received.selector) return;
        } catch {}
        revert ISplittableToken.ReceiverRefused(to, tokenId);
    }

    /// @notice Asks a contract whether it keeps value (ERC-3525), if it says by ERC-165 that it wants to be asked.
    /// @dev Reverts with {ReceiverRefused} if it does not answer with the selector.
    /// Reverts with the receiver's own error if it fails.
    /// @param to The contract that receives.
    /// @param operator The account that moves it.
    /// @param fromTokenId The token that the value came from.
    /// @param toTokenId The token that the value went to.
    /// @param value Minor units that moved.
    function requireKeepsValue(address to, address operator, uint256 fromTokenId, uint256 toTokenId, uint256 value)
        external
    {
        if (!WantOfGas.supportsInterface(to, type(IERC3525Receiver).interfaceId)) return;
        bytes4 answer = IERC3525Receiver(to).onERC3525Received(operator, fromTokenId, toTokenId, value, "");
        if (answer != IERC3525Receiver.onERC3525Received.selector) {
            revert ISplittableToken.ReceiverRefused(to, toTokenId);
        }
    }
}
