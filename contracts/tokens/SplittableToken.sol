// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IERC721Metadata} from "@openzeppelin/contracts/token/ERC721/extensions/IERC721Metadata.sol";
import {ForwardedAccess} from "../access/ForwardedAccess.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {IERC3525, IERC3525Metadata} from "./IERC3525.sol";
import {ISplittableToken} from "./ISplittableToken.sol";
import {ReceiverCheck} from "./ReceiverCheck.sol";

/// @title Shares of things that divide: ERC-3525 (hence ERC-721) with lineage, encumbrance and known parties only.
/// @dev Two storage slots a token. Value and weight move together (ClaimShares). What the slots stand for, and what
/// follows from a movement, is the inheriting contract's: `_beforeValueMoves`, `_deepest`.
abstract contract SplittableToken is ISplittableToken, IERC3525, IERC3525Metadata, IERC721Metadata, ForwardedAccess {
    struct Holding {
        address owner;
        uint96 value;
    }

    struct Lineage {
        uint48 slot;
        uint48 parent;
        uint128 weight;
        uint8 depth;
        bool encumbered;
    }

    IPartyRegistry public immutable registry;

    uint256 private _lastTokenId;
    mapping(uint256 tokenId => Holding) internal _holdings;
    mapping(uint256 tokenId => Lineage) internal _lineages;
    mapping(address owner => uint256) private _balances;
    mapping(uint256 tokenId => address) private _approved;
    mapping(address owner => mapping(address operator => bool)) private _approvedForAll;
    // By owner too, so that what one owner allowed does not bind the next.
    mapping(address owner => mapping(uint256 tokenId => mapping(address operator => uint256))) private _allowances;
    mapping(uint256 tokenId => address) internal _lienholders;

    constructor(IPartyRegistry registry_) {
        registry = registry_;
    }

    // ------------------------------------------------------------------ assignment

    /// @inheritdoc ISplittableToken
    function assign(uint256 tokenId, address to, uint96 value, bytes32 papersRoot)
        external
        returns (uint256 newTokenId)
    {
        _spend(tokenId, value);
        newTokenId = _assign(tokenId, to, value, papersRoot);
        _tellValueReceiver(to, tokenId, newTokenId, value);
    }

    /// @inheritdoc ISplittableToken
    function assignMany(uint256 tokenId, Part[] calldata parts) external returns (uint256[] memory newTokenIds) {
        if (parts.length == 0) revert NoParts();
        uint256 total;
        for (uint256 i; i < parts.length; ++i) {
            total += parts[i].value;
        }
        _spend(tokenId, total);
        newTokenIds = new uint256[](parts.length);
        for (uint256 i; i < parts.length; ++i) {
            newTokenIds[i] = _assign(tokenId, parts[i].to, parts[i].value, parts[i].papersRoot);
        }
        // Receivers are told when all is done: one of them could pass the rest on before it has moved.
        for (uint256 i; i < parts.length; ++i) {
            _tellValueReceiver(parts[i].to, tokenId, newTokenIds[i], parts[i].value);
        }
    }

    /// @inheritdoc ISplittableToken
    function merge(uint256 fromTokenId, uint256 intoTokenId) external {
        address owner = ownerOf(fromTokenId);
        _requireAuthorised(owner, fromTokenId);
        if (ownerOf(intoTokenId) != owner) revert OwnerMismatch(intoTokenId, ownerOf(intoTokenId), owner);
        uint96 value = _holdings[fromTokenId].value;
        _moveValue(fromTokenId, intoTokenId, value);
        _burn(fromTokenId);
        emit Merged(fromTokenId, intoTokenId, value);
    }

    /// @inheritdoc ISplittableToken
    function encumber(uint256 tokenId, address lienholder) external {
        if (lienholder == address(0)) revert ZeroAddress();
        address owner = ownerOf(tokenId);
        _requireAuthorised(owner, tokenId);
        if (_lineages[tokenId].encumbered) revert TokenEncumbered(tokenId, _lienholders[tokenId]);
        _requirePledgeable(_lineages[tokenId].slot);
        registry.requireLien(owner, lienholder);
        _lineages[tokenId].encumbered = true;
        _lienholders[tokenId] = lienholder;
        emit Encumbered(tokenId, lienholder);
    }

    /// @inheritdoc ISplittableToken
    function release(uint256 tokenId) external {
        address lienholder = _lienholders[tokenId];
        if (!_lineages[tokenId].encumbered) revert TokenNotEncumbered(tokenId);
        if (lienholder != _msgSender()) revert NotLienholder(tokenId, lienholder, _msgSender());
        _lineages[tokenId].encumbered = false;
        delete _lienholders[tokenId];
        emit Released(tokenId, lienholder);
    }

    /// @inheritdoc ISplittableToken
    function forcedTransfer(uint256 tokenId, address to, uint96 value, bytes32 orderHash)
        external
        returns (uint256 newTokenId)
    {
        if (msg.sender != registry.court()) revert IPartyRegistry.NotCourt(msg.sender);
        address from = ownerOf(tokenId);
        registry.requireReceiver(to);
        newTokenId = _move(tokenId, from, to, value, true);
        emit ForcedTransfer(tokenId, newTokenId, to, value, orderHash);
    }

    // ------------------------------------------------------------------ ERC-3525

    /// @notice Digits behind the point in a value: it counts minor units of a currency that has two.
    function valueDecimals() external view virtual returns (uint8) {
        return 2;
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

    /// @notice Lets an operator move up to `value` of a token; falls away when the token changes hands.
    function approve(uint256 tokenId, address operator, uint256 value) external payable {
        address owner = ownerOf(tokenId);
        if (operator == owner) revert OwnerMismatch(tokenId, owner, operator);
        _requireAuthorised(owner, tokenId);
        _allowances[owner][tokenId][operator] = value;
        emit ApprovalValue(tokenId, operator, value);
    }

    /// @notice How much of a token an operator may still move.
    function allowance(uint256 tokenId, address operator) external view returns (uint256) {
        return _allowances[ownerOf(tokenId)][tokenId][operator];
    }

    /// @notice Moves value between two tokens of one slot.
    function transferFrom(uint256 fromTokenId, uint256 toTokenId, uint256 value) external payable {
        address to = ownerOf(toTokenId);
        _spend(fromTokenId, value);
        address from = _holdings[fromTokenId].owner;
        if (from != to) registry.requireBothValid(from, to);
        _moveValue(fromTokenId, toTokenId, uint96(value));
        emit Assigned(fromTokenId, toTokenId, to, value, bytes32(0));
        _tellValueReceiver(to, fromTokenId, toTokenId, value);
    }

    /// @notice Moves value to a new token of an address.
    function transferFrom(uint256 fromTokenId, address to, uint256 value)
        external
        payable
        returns (uint256 newTokenId)
    {
        _spend(fromTokenId, value);
        newTokenId = _split(fromTokenId, _holdings[fromTokenId].owner, to, uint96(value), false);
        emit Assigned(fromTokenId, newTokenId, to, value, bytes32(0));
        _tellValueReceiver(to, fromTokenId, newTokenId, value);
    }

    // ------------------------------------------------------------------ ERC-721

    /// @notice How many tokens an address holds.
    function balanceOf(address owner) external view returns (uint256) {
        if (owner == address(0)) revert ZeroAddress();
        return _balances[owner];
    }

    /// @notice Holder of a token; reverts for none.
    function ownerOf(uint256 tokenId) public view returns (address owner) {
        owner = _holdings[tokenId].owner;
        if (owner == address(0)) revert TokenUnknown(tokenId);
    }

    /// @notice Lets one address move a token.
    function approve(address to, uint256 tokenId) external {
        address owner = ownerOf(tokenId);
        if (_msgSender() != owner && !_approvedForAll[owner][_msgSender()]) {
            revert NotAuthorised(tokenId, _msgSender());
        }
        _approved[tokenId] = to;
        emit Approval(owner, to, tokenId);
    }

    /// @notice Who may move a token besides its owner.
    function getApproved(uint256 tokenId) external view returns (address) {
        ownerOf(tokenId);
        return _approved[tokenId];
    }

    /// @notice Lets an operator move all tokens of the caller, or no longer.
    function setApprovalForAll(address operator, bool approved) external {
        if (operator == address(0)) revert ZeroAddress();
        _approvedForAll[_msgSender()][operator] = approved;
        emit ApprovalForAll(_msgSender(), operator, approved);
    }

    /// @notice Whether an operator may move all tokens of an owner.
    function isApprovedForAll(address owner, address operator) public view returns (bool) {
        return _approvedForAll[owner][operator];
    }

    /// @notice Moves a whole token.
    function transferFrom(address from, address to, uint256 tokenId) public {
        address owner = ownerOf(tokenId);
        if (from != owner) revert OwnerMismatch(tokenId, owner, from);
        _requireAuthorised(owner, tokenId);
        registry.requireBothValid(from, to);
        _transferWhole(tokenId, from, to, false);
        emit Assigned(tokenId, tokenId, to, _holdings[tokenId].value, bytes32(0));
    }

    /// @notice Moves a whole token to a receiver that, if a contract, says that it can keep it.
    function safeTransferFrom(address from, address to, uint256 tokenId) external {
        safeTransferFrom(from, to, tokenId, "");
    }

    /// @notice Moves a whole token to a receiver that, if a contract, says that it can keep it.
    function safeTransferFrom(address from, address to, uint256 tokenId, bytes memory data) public {
        transferFrom(from, to, tokenId);
        if (to.code.length != 0) ReceiverCheck.requireKeepsToken(to, _msgSender(), from, tokenId, data);
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

    // ------------------------------------------------------------------ for the inheriting contract

    /// @dev Runs before value, all of it when `whole`, leaves `fromTokenId` for `toTokenId` of the same slot.
    function _beforeValueMoves(uint256 slot, uint256 fromTokenId, uint256 toTokenId, bool whole) internal virtual;

    /// @dev Most generations of splitting in a slot.
    function _deepest(uint256 slot) internal view virtual returns (uint8);

    /// @dev Reverts when shares of the slot may not be pledged now.
    function _requirePledgeable(uint256 slot) internal view virtual;

    function _mint(address to, uint256 slot, uint96 value, uint128 weight) internal returns (uint256 tokenId) {
        tokenId = _create(to, slot, 0, 0, value, weight);
        emit TransferValue(0, tokenId, value);
    }

    /// @dev Lineage stays, so that the descendants of a burned token can still be traced.
    function _burn(uint256 tokenId) internal {
        address owner = _holdings[tokenId].owner;
        if (_lineages[tokenId].encumbered) {
            _lineages[tokenId].encumbered = false;
            delete _lienholders[tokenId];
        }
        _balances[owner] -= 1;
        delete _holdings[tokenId];
        delete _approved[tokenId];
        emit SlotChanged(tokenId, _lineages[tokenId].slot, 0);
        emit Transfer(owner, address(0), tokenId);
    }

    function _requireFree(uint256 tokenId) internal view {
        if (_lineages[tokenId].encumbered && _lienholders[tokenId] != _msgSender()) {
            revert TokenEncumbered(tokenId, _lienholders[tokenId]);
        }
    }

    // ------------------------------------------------------------------ movements

    function _assign(uint256 tokenId, address to, uint96 value, bytes32 papersRoot)
        private
        returns (uint256 newTokenId)
    {
        newTokenId = _move(tokenId, _holdings[tokenId].owner, to, value, false);
        emit Assigned(tokenId, newTokenId, to, value, papersRoot);
    }

    function _move(uint256 tokenId, address from, address to, uint96 value, bool forced) private returns (uint256) {
        if (value != _holdings[tokenId].value) return _split(tokenId, from, to, value, forced);
        if (value == 0) revert ValueIsZero(tokenId);
        if (!forced) registry.requireBothValid(from, to);
        _transferWhole(tokenId, from, to, forced);
        return tokenId;
    }

    function _transferWhole(uint256 tokenId, address from, address to, bool forced) internal virtual {
        if (to == address(0)) revert ZeroAddress();
        if (!forced) _requireFree(tokenId);
        if (_approved[tokenId] != address(0)) delete _approved[tokenId];
        _balances[from] -= 1;
        _balances[to] += 1;
        _holdings[tokenId].owner = to;
        emit Transfer(from, to, tokenId);
    }

    function _split(uint256 tokenId, address from, address to, uint96 value, bool forced)
        internal
        virtual
        returns (uint256 newTokenId)
    {
        if (to == address(0)) revert ZeroAddress();
        if (!forced) registry.requireBothValid(from, to);
        Lineage memory line = _lineageOf(tokenId);
        uint8 deepest = _deepest(line.slot);
        if (line.depth >= deepest) revert SplitTooDeep(tokenId, uint256(line.depth) + 1, deepest);
        (uint128 moved,) = _takeValue(tokenId, _lastTokenId + 1, line, value, forced);
        newTokenId = _create(to, line.slot, tokenId, line.depth + 1, value, moved);
        emit TransferValue(tokenId, newTokenId, value);
    }

    function _moveValue(uint256 fromTokenId, uint256 toTokenId, uint96 value) private {
        Lineage memory line = _lineageOf(fromTokenId);
        if (line.slot != _lineages[toTokenId].slot || fromTokenId == toTokenId) {
            revert SlotMismatch(fromTokenId, toTokenId);
        }
        _requireFree(toTokenId);
        (uint128 moved,) = _takeValue(fromTokenId, toTokenId, line, value, false);
        _holdings[toTokenId].value += value;
        _lineages[toTokenId].weight += moved;
        emit TransferValue(fromTokenId, toTokenId, value);
    }

    function _takeValue(uint256 tokenId, uint256 toTokenId, Lineage memory line, uint96 value, bool forced)
        private
        returns (uint128 moved, uint128 rest)
    {
        Holding storage holding = _holdings[tokenId];
        uint96 held = holding.value;
        if (value > held) revert SplitExceedsClaim(tokenId, value, held);
        if (value == 0) revert ValueIsZero(tokenId);
        if (!forced && line.encumbered) _requireFree(tokenId);
        _beforeValueMoves(line.slot, tokenId, toTokenId, value == held);
        (moved, rest) = ClaimShares.divideUp(line.weight, held, value);
        holding.value = held - value;
        _lineages[tokenId].weight = rest;
    }

    /// @dev Read in one load; the layout is that of `Lineage`.
    function _lineageOf(uint256 tokenId) private view returns (Lineage memory line) {
        Lineage storage lineage = _lineages[tokenId];
        uint256 word;
        assembly ("memory-safe") {
            word := sload(lineage.slot)
        }
        line.slot = uint48(word);
        line.parent = uint48(word >> 48);
        line.weight = uint128(word >> 96);
        line.depth = uint8(word >> 224);
        line.encumbered = uint8(word >> 232) != 0;
    }

    function _create(address to, uint256 slot, uint256 parent, uint8 depth, uint96 value, uint128 weight)
        private
        returns (uint256 tokenId)
    {
        tokenId = ++_lastTokenId;
        Holding storage holding = _holdings[tokenId];
        Lineage storage lineage = _lineages[tokenId];
        uint256 held = uint256(uint160(to)) | uint256(value) << 160;
        uint256 line =
            uint256(uint48(slot)) | uint256(uint48(parent)) << 48 | uint256(weight) << 96 | uint256(depth) << 224;
        // One store a slot, where the compiler would write field by field.
        assembly ("memory-safe") {
            sstore(holding.slot, held)
            sstore(lineage.slot, line)
        }
        _balances[to] += 1;
        emit Transfer(address(0), to, tokenId);
        emit SlotChanged(tokenId, 0, slot);
    }

    // ------------------------------------------------------------------ authority

    function _requireAuthorised(address owner, uint256 tokenId) private view {
        address caller = _msgSender();
        if (caller == owner || _approvedForAll[owner][caller] || _approved[tokenId] == caller) return;
        if (_lineages[tokenId].encumbered && _lienholders[tokenId] == caller) return;
        revert NotAuthorised(tokenId, caller);
    }

    /// @dev The owner, an operator, the lienholder, or one with an allowance, which it uses up.
    function _spend(uint256 tokenId, uint256 value) private {
        address owner = ownerOf(tokenId);
        address caller = _msgSender();
        uint96 held = _holdings[tokenId].value;
        if (value > held) revert SplitExceedsClaim(tokenId, value, held);
        if (caller == owner) return;
        if (_approvedForAll[owner][caller] || _approved[tokenId] == caller) return;
        if (_lineages[tokenId].encumbered && _lienholders[tokenId] == caller) return;
        uint256 allowed = _allowances[owner][tokenId][caller];
        if (allowed < value) revert AllowanceExceeded(tokenId, caller, value, allowed);
        if (allowed != type(uint256).max) _allowances[owner][tokenId][caller] = allowed - value;
    }

    function _tellValueReceiver(address to, uint256 fromTokenId, uint256 toTokenId, uint256 value) private {
        if (to.code.length != 0) {
            ReceiverCheck.requireKeepsValue(to, _msgSender(), fromTokenId, toTokenId, value);
        }
    }
}
