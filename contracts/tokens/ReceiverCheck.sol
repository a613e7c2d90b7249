// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC721Receiver} from "@openzeppelin/contracts/token/ERC721/IERC721Receiver.sol";
import {ERC165Checker} from "@openzeppelin/contracts/utils/introspection/ERC165Checker.sol";
import {IERC3525Receiver} from "./IERC3525.sol";
import {ISplittableToken} from "./ISplittableToken.sol";

/// @title Asks a contract that receives a token or value whether it can handle it; linked to the tokens.
library ReceiverCheck {
    /// @notice ERC-721: refuses a contract that does not answer with the selector.
    function requireKeepsToken(address to, address operator, address from, uint256 tokenId, bytes memory data)
        external
    {
        try IERC721Receiver(to).onERC721Received(operator, from, tokenId, data) returns (bytes4 answer) {
            if (answer == IERC721Receiver.onERC721Received.selector) return;
        } catch {}
        revert ISplittableToken.ReceiverRefused(to, tokenId);
    }

    /// @notice ERC-3525: asks only a contract that says by ERC-165 that it wants to be asked.
    function requireKeepsValue(address to, address operator, uint256 fromTokenId, uint256 toTokenId, uint256 value)
        external
    {
        if (!ERC165Checker.supportsInterface(to, type(IERC3525Receiver).interfaceId)) return;
        bytes4 answer = IERC3525Receiver(to).onERC3525Received(operator, fromTokenId, toTokenId, value, "");
        if (answer != IERC3525Receiver.onERC3525Received.selector) {
            revert ISplittableToken.ReceiverRefused(to, toTokenId);
        }
    }
}
