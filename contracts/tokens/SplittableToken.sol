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
/// @notice See {ISplittableToken} for the specification. What ERC-721 and ERC-3525 leave open is said here.
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
    /// @return The number of digits.
    function valueDecimals() external view virtual returns (uint8) {
        return 0;
    }

    /// @notice The value of a token.
    /// @dev Reverts with {TokenUnknown} if there is no such token.
    /// @param tokenId The token.
    /// @return Minor units.
    function balanceOf(uint256 tokenId) external view returns (uint256) {
        ownerOf(tokenId);
        return _holdings[tokenId].value;
    }

    /// @notice What a token is a share of.
    /// @dev Reverts with {TokenUnknown} if there is no such token.
    /// @param tokenId The token.
    /// @return The slot.
    function slotOf(uint256 tokenId) external view returns (uint256) {
        ownerOf(tokenId);
        return _lineages[tokenId].slot;
    }

    /// @notice Lets an operator move up to a value of a token, until its owner or its lien changes.
    /// @dev The owner or its operator for all calls it.
    /// Reverts with {EtherRefused} if ether comes with the call.
    /// Reverts with {TokenUnknown} if there is no such token.
    /// Reverts with {NotAuthorised} if the caller is neither.
    /// @param tokenId The token.
    /// @param operator The account that may move value or tokens.
    /// @param value Minor units; the largest number: without a bound.
    function approve(uint256 tokenId, address operator, uint256 value) external payable {
        _toModule();
    }

    /// @notice How much of a token an operator may still move.
    /// @dev Reverts with {TokenUnknown} if there is no such token.
    /// @param tokenId The token.
    /// @param operator The account that may move value or tokens.
    /// @return value Minor units.
    function allowance(uint256 tokenId, address operator) external view returns (uint256 value) {
        _askModule();
    }

    /// @notice Moves value between two tokens of one slot.
    /// @dev Who may call, and the other errors, are as for {ISplittableToken.assign}. A token of the receiver that is
    /// under a lien takes value only from its lienholder.
    /// Reverts with {EtherRefused} if ether comes with the call.
    /// Reverts with {SlotMismatch} if the slots differ.
    /// @param fromTokenId The token that the value comes from.
    /// @param toTokenId The token that the value goes to.
    /// @param value Minor units of the token's value.
    function transferFrom(uint256 fromTokenId, uint256 toTokenId, uint256 value) external payable {
        _toModule();
    }

    /// @notice Moves value to a new token of an account, also if it is the whole value.
    /// @dev Who may call, and the other errors, are as for {ISplittableToken.assign}.
    /// Reverts with {EtherRefused} if ether comes with the call.
    /// @param fromTokenId The token that the value comes from.
    /// @param to The account that receives.
    /// @param value Minor units of the token's value.
    /// @return newTokenId The new token.
    function transferFrom(uint256 fromTokenId, address to, uint256 value)
        external
        payable
        returns (uint256 newTokenId)
    {
        _toModule();
    }

    // ------------------------------------------------------------------ ERC-721

    /// @notice How many tokens an address holds.
    /// @dev Reverts with {ZeroAddress} for the zero address.
    /// @param owner The owner.
    /// @return The number of tokens.
    function balanceOf(address owner) external view returns (uint256) {
        if (owner == address(0)) revert ZeroAddress();
        return _balances[owner];
    }

    /// @notice The owner of a token.
    /// @dev Reverts with {TokenUnknown} if there is no such token.
    /// @param tokenId The token.
    /// @return owner The owner.
    function ownerOf(uint256 tokenId) public view returns (address owner) {
        return _ownerOf(tokenId);
    }

    /// @notice Lets one address move a token, until its owner or its lien changes.
    /// @dev The owner or its operator for all calls it.
    /// Reverts with {TokenUnknown} if there is no such token.
    /// Reverts with {NotAuthorised} if the caller is neither.
    /// @param to The address that may; zero: nobody.
    /// @param tokenId The token.
    function approve(address to, uint256 tokenId) external {
        _toModule();
    }

    /// @notice The one address that may move a token besides its owner.
    /// @dev Reverts with {TokenUnknown} if there is no such token.
    /// @param tokenId The token.
    /// @return single The address; zero: nobody.
    function getApproved(uint256 tokenId) external view returns (address single) {
        _askModule();
    }

    /// @notice Lets an operator move all tokens of the caller, or no longer.
    /// @param operator The account that may move value or tokens.
    /// @param approved True if it may.
    function setApprovalForAll(address operator, bool approved) external {
        _approvals.forAll[_msgSender()][operator] = approved;
        emit IERC721.ApprovalForAll(_msgSender(), operator, approved);
    }

    /// @notice Whether an operator may move all tokens of an owner.
    /// @param owner The owner.
    /// @param operator The account that may move value or tokens.
    /// @return True if it may.
    function isApprovedForAll(address owner, address operator) public view returns (bool) {
        return _approvals.forAll[owner][operator];
    }

    /// @notice Moves a whole token.
    /// @dev Who may call, and the other errors, are as for {ISplittableToken.assign}; an allowance gives no right to
    /// the whole.
    /// Reverts with {NotAuthorised} if the caller has no right to the whole token.
    /// Reverts with {OwnerMismatch} if `from` is not the owner.
    /// @param from The owner before.
    /// @param to The account that receives.
    /// @param tokenId The token.
    function transferFrom(address from, address to, uint256 tokenId) external {
        _transferToken(from, to, tokenId);
    }

    /// @notice Moves a whole token, as {transferFrom} does. A receiver that is a contract must say that it keeps the
    /// token.
    /// @dev Reverts with {ReceiverRefused} if it does not.
    /// @param from The owner before.
    /// @param to The account that receives.
    /// @param tokenId The token.
    function safeTransferFrom(address from, address to, uint256 tokenId) external {
        _toModule();
    }

    /// @notice Moves a whole token, as {transferFrom} does. A receiver that is a contract must say that it keeps the
    /// token.
    /// @dev Reverts with {ReceiverRefused} if it does not.
    /// @param from The owner before.
    /// @param to The account that receives.
    /// @param tokenId The token.
    /// @param data Data for the receiver, without a meaning of its own.
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
