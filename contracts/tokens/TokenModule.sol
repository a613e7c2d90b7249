// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

// No tags here: the interfaces specify these functions.
/* solhint-disable use-natspec */

import {ISplittableToken} from "./ISplittableToken.sol";
import {ReceiverCheck} from "./ReceiverCheck.sol";
import {TokenRights} from "./TokenRights.sol";
import {TokenStore} from "./TokenStore.sol";

/// @title The functions of a splittable token that are not called every day: the code to which `SplittableToken` hands
/// such calls.
/// @notice See {ISplittableToken}, {IERC3525} and {SplittableToken} for the specification of each function.
/// @dev Runs by delegatecall on the storage of the token. Called directly, it has an empty ledger: no currency is
/// allowed there and nothing was ever minted. ISplittableToken, IERC3525 and IERC721 say who may call each function,
/// and what it does.
abstract contract TokenModule is TokenStore {
    function merge(uint256 fromTokenId, uint256 intoTokenId) external {
        if (fromTokenId == intoTokenId) revert ISplittableToken.SlotMismatch(fromTokenId, intoTokenId);
        address owner = _authoriseWhole(fromTokenId);
        if (_ownerOf(intoTokenId) != owner) {
            revert ISplittableToken.OwnerMismatch(intoTokenId, _ownerOf(intoTokenId), owner);
        }
        uint96 value = _holdings[fromTokenId].value;
        _moveValue(fromTokenId, intoTokenId, owner, value);
        _burn(fromTokenId);
        emit ISplittableToken.Merged(fromTokenId, intoTokenId, value);
    }

    function approve(uint256 tokenId, address operator, uint256 value) external payable {
        _refuseEther();
        TokenRights.approveValue(_approvals, _lineages, _ownerOf(tokenId), _msgSender(), tokenId, operator, value);
    }

    function allowance(uint256 tokenId, address operator) external view returns (uint256 value) {
        _ownerOf(tokenId);
        (, value) = TokenRights.approved(_approvals, _lineages, tokenId, operator);
    }

    function transferFrom(uint256 fromTokenId, uint256 toTokenId, uint256 value) external payable {
        _refuseEther();
        address to = _ownerOf(toTokenId);
        _authorise(fromTokenId, value);
        _moveValue(fromTokenId, toTokenId, to, uint96(value));
        emit ISplittableToken.Assigned(fromTokenId, toTokenId, to, value, bytes32(0));
        _tellValueReceiver(to, fromTokenId, toTokenId, value);
    }

    function transferFrom(uint256 fromTokenId, address to, uint256 value)
        external
        payable
        returns (uint256 newTokenId)
    {
        _refuseEther();
        newTokenId = _split(fromTokenId, _authorise(fromTokenId, value), to, uint96(value), false);
        emit ISplittableToken.Assigned(fromTokenId, newTokenId, to, value, bytes32(0));
        _tellValueReceiver(to, fromTokenId, newTokenId, value);
    }

    function approve(address to, uint256 tokenId) external {
        TokenRights.approve(_approvals, _lineages, _ownerOf(tokenId), _msgSender(), tokenId, to);
    }

    function getApproved(uint256 tokenId) external view returns (address single) {
        _ownerOf(tokenId);
        (single,) = TokenRights.approved(_approvals, _lineages, tokenId, address(0));
    }

    function safeTransferFrom(address from, address to, uint256 tokenId) external {
        _safeTransfer(from, to, tokenId, "");
    }

    function safeTransferFrom(address from, address to, uint256 tokenId, bytes calldata data) external {
        _safeTransfer(from, to, tokenId, data);
    }

    function canReceive(address account) external view returns (bool) {
        return TokenRights.canReceive(registry, account);
    }

    function canTransfer(address from, address to, uint256 tokenId) external view returns (bool) {
        return TokenRights.canTransfer(_holdings, _lineages, registry, from, to, tokenId);
    }

    function _safeTransfer(address from, address to, uint256 tokenId, bytes memory data) private {
        _transferToken(from, to, tokenId);
        if (to.code.length != 0) ReceiverCheck.requireKeepsToken(to, _msgSender(), from, tokenId, data);
    }
}
