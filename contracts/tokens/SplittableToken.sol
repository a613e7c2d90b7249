// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IERC721Metadata} from "@openzeppelin/contracts/token/ERC721/extensions/IERC721Metadata.sol";
import {PartyId} from "../types/Ids.sol";
import {IERC3525, IERC3525Metadata} from "./IERC3525.sol";
import {ISplittableToken} from "./ISplittableToken.sol";
import {ModuleCaller} from "./ModuleCaller.sol";
import {Lineage, MAX_MOVES} from "./TokenBook.sol";
import {TokenRights} from "./TokenRights.sol";
import {TokenStore} from "./TokenStore.sol";

/// @title Shares of things that divide: ERC-3525 (hence ERC-721) with lineage, encumbrance and known parties only.
/// @dev The everyday functions are here. The rest are in a module of one fixed address (TokenModule), which runs on
/// this storage.
abstract contract SplittableToken is
    ISplittableToken,
    IERC3525,
    IERC3525Metadata,
    IERC721Metadata,
    TokenStore,
    ModuleCaller
{
    constructor(address module_) ModuleCaller(module_) {}

    // ------------------------------------------------------------------ assignment

    /// @inheritdoc ISplittableToken
    function assign(uint256 tokenId, address to, uint96 value, bytes32 documentRoot)
        external
        returns (uint256 newTokenId)
    {
        newTokenId = _assign(tokenId, _authorise(tokenId, value), to, value, documentRoot);
        _tellValueReceiver(to, tokenId, newTokenId, value);
    }

    /// @inheritdoc ISplittableToken
    function assignMany(uint256 tokenId, Part[] calldata parts) external returns (uint256[] memory newTokenIds) {
        if (parts.length == 0) revert NoParts();
        uint256 total;
        for (uint256 i; i < parts.length; ++i) {
            total += parts[i].value;
        }
        address owner = _authorise(tokenId, total);
        newTokenIds = new uint256[](parts.length);
        for (uint256 i; i < parts.length; ++i) {
            newTokenIds[i] = _assign(tokenId, owner, parts[i].to, parts[i].value, parts[i].documentRoot);
        }
        // Receivers are called when everything has moved: otherwise a receiver could move the rest first.
        for (uint256 i; i < parts.length; ++i) {
            _tellValueReceiver(parts[i].to, tokenId, newTokenIds[i], parts[i].value);
        }
    }

    /// @inheritdoc ISplittableToken
    function merge(uint256 fromTokenId, uint256 intoTokenId) external {
        _toModule();
    }

    /// @inheritdoc ISplittableToken
    function encumber(uint256 tokenId, address lienholder) external {
        address owner = _authoriseWhole(tokenId);
        Lineage memory lineage = _lineageOf(tokenId);
        if (lineage.encumbered) revert TokenEncumbered(tokenId, _lienholders[tokenId]);
        _requireEncumberable(lineage.slot);
        registry.requireLien(owner, lienholder);
        if (lienholder != _msgSender()) TokenRights.requireNoLedger(registry, tokenId, lienholder);
        _setLien(tokenId, lienholder);
    }

    /// @inheritdoc ISplittableToken
    function release(uint256 tokenId) external {
        if (!_lineages[tokenId].encumbered) revert TokenNotEncumbered(tokenId);
        if (!_isLienholder(tokenId)) revert NotLienholder(tokenId, _lienholders[tokenId], _msgSender());
        _endLien(tokenId);
    }

    /// @inheritdoc ISplittableToken
    function reclaim(uint256 tokenId) external {
        address removed = _ownerOf(tokenId);
        address owner = _msgSender();
        TokenRights.requireReclaim(registry, tokenId, removed, owner);
        _transferWhole(tokenId, removed, owner, true);
        emit ISplittableToken.Reclaimed(tokenId, removed, owner);
        emit ISplittableToken.Assigned(tokenId, tokenId, owner, _holdings[tokenId].value, bytes32(0));
    }

    /// @inheritdoc ISplittableToken
    function forcedTransfer(uint256 tokenId, address to, uint96 value, bytes32 orderHash)
        external
        returns (uint256 newTokenId)
    {
        _requireCourt();
        return _force(tokenId, _ownerOf(tokenId), to, value, orderHash);
    }

    /// @inheritdoc ISplittableToken
    function forcedTransferFrom(
        PartyId holder,
        uint256 slot,
        address to,
        uint96 value,
        bytes32 orderHash,
        uint256[] calldata tokenIds
    ) external {
        _requireCourt();
        uint96 left = value;
        for (uint256 i; i < tokenIds.length && left != 0; ++i) {
            (address owner, uint96 part) =
                TokenRights.takeable(_holdings, _lineages, registry, holder, slot, to, tokenIds[i], left);
            if (part == 0) continue;
            left -= part;
            _force(tokenIds[i], owner, to, part, orderHash);
        }
        if (left != 0) revert ISplittableToken.ForcedTransferShort(holder, slot, value, value - left);
    }

    // ------------------------------------------------------------------ ERC-3525

    /// @notice Digits behind the point in a value, the same for all slots: zero if slots count in units that differ.
    function valueDecimals() external view virtual returns (uint8) {
        return 0;
    }

    /// @notice Value of a token, in minor units.
    function balanceOf(uint256 tokenId) external view returns (uint256) {
        ownerOf(tokenId);
        return _holdings[tokenId].value;
    }

    /// @notice What a token is a share of.
    function slotOf(uint256 tokenId) external view returns (uint256) {
        ownerOf(tokenId);
        return _lineages[tokenId].slot;
    }

    /// @notice Lets an operator move up to `value` of a token, until its owner or its lien changes. By the owner or its
    /// operator.
    function approve(uint256 tokenId, address operator, uint256 value) external payable {
        _toModule();
    }

    /// @notice How much of a token an operator may still move.
    function allowance(uint256 tokenId, address operator) external view returns (uint256 value) {
        _askModule();
    }

    /// @notice Moves value between two tokens of one slot.
    function transferFrom(uint256 fromTokenId, uint256 toTokenId, uint256 value) external payable {
        _toModule();
    }

    /// @notice Moves value to a new token of an address.
    function transferFrom(uint256 fromTokenId, address to, uint256 value)
        external
        payable
        returns (uint256 newTokenId)
    {
        _toModule();
    }

    // ------------------------------------------------------------------ ERC-721

    /// @notice How many tokens an address holds.
    function balanceOf(address owner) external view returns (uint256) {
        if (owner == address(0)) revert ZeroAddress();
        return _balances[owner];
    }

    /// @notice Holder of a token; reverts if there is none.
    function ownerOf(uint256 tokenId) public view returns (address owner) {
        return _ownerOf(tokenId);
    }

    /// @notice Lets one address move a token, until its owner or its lien changes; the zero address: nobody. The owner
    /// or its operator calls it.
    function approve(address to, uint256 tokenId) external {
        _toModule();
    }

    /// @notice Who may move a token besides its owner.
    function getApproved(uint256 tokenId) external view returns (address single) {
        _askModule();
    }

    /// @notice Lets an operator move all tokens of the caller, or no longer.
    function setApprovalForAll(address operator, bool approved) external {
        _approvals.forAll[_msgSender()][operator] = approved;
        emit IERC721.ApprovalForAll(_msgSender(), operator, approved);
    }

    /// @notice Whether an operator may move all tokens of an owner.
    function isApprovedForAll(address owner, address operator) public view returns (bool) {
        return _approvals.forAll[owner][operator];
    }

    /// @notice Moves a whole token.
    function transferFrom(address from, address to, uint256 tokenId) external {
        _transferToken(from, to, tokenId);
    }

    /// @notice Moves a whole token. A receiver that is a contract must say that it can handle it.
    function safeTransferFrom(address from, address to, uint256 tokenId) external {
        _toModule();
    }

    /// @notice Moves a whole token. A receiver that is a contract must say that it can handle it.
    function safeTransferFrom(address from, address to, uint256 tokenId, bytes calldata data) external {
        _toModule();
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IERC165).interfaceId || interfaceId == type(IERC721).interfaceId
            || interfaceId == type(IERC721Metadata).interfaceId || interfaceId == type(IERC3525).interfaceId
            || interfaceId == type(IERC3525Metadata).interfaceId;
    }

    // ------------------------------------------------------------------ lineage

    /// @inheritdoc ISplittableToken
    function parentOf(uint256 tokenId) external view returns (uint256) {
        return _lineages[tokenId].parent;
    }

    /// @inheritdoc ISplittableToken
    function depthOf(uint256 tokenId) external view returns (uint8) {
        return _lineages[tokenId].depth;
    }

    /// @inheritdoc ISplittableToken
    function lienholderOf(uint256 tokenId) public view returns (address) {
        return _lienholders[tokenId];
    }

    /// @inheritdoc ISplittableToken
    function movesOf(uint256 tokenId) external view returns (uint16) {
        return _lineages[tokenId].marks & MAX_MOVES;
    }

    /// @inheritdoc ISplittableToken
    function mergedOf(uint256 tokenId) external view returns (uint96) {
        return _merged[tokenId];
    }

    // ------------------------------------------------------------------ ERC-7943

    /// @inheritdoc ISplittableToken
    function canSend(address account) external view returns (bool) {
        return registry.isValid(account);
    }

    /// @inheritdoc ISplittableToken
    function canReceive(address account) external view returns (bool allowed) {
        _askModule();
    }

    /// @inheritdoc ISplittableToken
    function canTransfer(address from, address to, uint256 tokenId) external view returns (bool allowed) {
        _askModule();
    }
}
