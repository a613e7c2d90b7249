// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {ForwardedAccess} from "../access/ForwardedAccess.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {HoldingWord, packHolding} from "../types/HoldingWord.sol";
import {LineageWord, packLineage} from "../types/LineageWord.sol";
import {IERC3525} from "./IERC3525.sol";
import {ISplittableToken} from "./ISplittableToken.sol";
import {ReceiverCheck} from "./ReceiverCheck.sol";
import {Approvals, APPROVED, Holding, Lineage, MAX_MOVES} from "./TokenBook.sol";
import {TokenRights} from "./TokenRights.sol";

/// @title The stored state of tokens, how they move and who moves them: the base of a token and of its module, which
/// share one storage.
/// @notice Whoever moves a token, it moves here.
/// @dev Two storage slots a token. Value and weight move together (ClaimShares). The inheriting contract says what the
/// slots stand for and what follows from a movement: `_beforeValueMoves`, `_deepest`.
abstract contract TokenStore is ForwardedAccess {
    /// @notice The registry of parties.
    IPartyRegistry public immutable registry;

    uint256 private _lastTokenId;
    mapping(uint256 tokenId => Holding) internal _holdings;
    mapping(uint256 tokenId => Lineage) internal _lineages;
    mapping(address owner => uint256) internal _balances;
    Approvals internal _approvals;
    mapping(uint256 tokenId => address) internal _lienholders;
    mapping(uint256 tokenId => uint96) internal _merged; // value that came in from other tokens, ever

    constructor(IPartyRegistry registry_) {
        registry = registry_;
    }

    // ------------------------------------------------------------------ for the inheriting contract

    /// @dev Runs before value leaves `fromTokenId` for `toTokenId` of the same slot; `whole`: all of the value.
    function _beforeValueMoves(uint256 slot, uint256 fromTokenId, uint256 toTokenId, bool whole) internal virtual;

    /// @dev The maximum generations of splitting in a slot.
    function _deepest(uint256 slot) internal view virtual returns (uint8);

    /// @dev Reverts if shares of the slot may not be encumbered now.
    function _requireEncumberable(uint256 slot) internal view virtual;

    /// @dev Holder of a token; reverts if there is none.
    function _ownerOf(uint256 tokenId) internal view returns (address owner) {
        owner = _holdings[tokenId].owner;
        if (owner == address(0)) revert ISplittableToken.TokenUnknown(tokenId);
    }

    function _mint(address to, uint256 slot, uint96 value, uint128 weight) internal returns (uint256 tokenId) {
        tokenId = _create(to, slot, 0, 0, value, weight);
        emit IERC3525.TransferValue(0, tokenId, value);
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
        emit IERC3525.SlotChanged(tokenId, _lineages[tokenId].slot, 0);
        emit IERC721.Transfer(owner, address(0), tokenId);
    }

    /// @dev The caller checks who may name a lienholder.
    function _setLien(uint256 tokenId, address lienholder) internal {
        Lineage storage lineage = _lineages[tokenId];
        lineage.marks = _withoutApprovals(tokenId, lineage.marks);
        lineage.encumbered = true;
        _lienholders[tokenId] = lienholder;
        emit ISplittableToken.Encumbered(tokenId, lienholder);
    }

    function _endLien(uint256 tokenId) internal {
        Lineage storage lineage = _lineages[tokenId];
        lineage.marks = _withoutApprovals(tokenId, lineage.marks);
        lineage.encumbered = false;
        emit ISplittableToken.Released(tokenId, _lienholders[tokenId]);
        delete _lienholders[tokenId];
    }

    /// @dev Whether the caller is the lienholder: the contract that has the lien, or a valid account of the party that
    /// has it.
    function _isLienholder(uint256 tokenId) internal view returns (bool) {
        address lienholder = _lienholders[tokenId];
        address caller = _msgSender();
        if (caller == lienholder && caller.code.length != 0) return true;
        return registry.actsFor(caller, lienholder);
    }

    function _requireCourt() internal view {
        if (msg.sender != registry.court()) revert IPartyRegistry.NotCourt(msg.sender);
    }

    // ------------------------------------------------------------------ movements

    function _assign(uint256 tokenId, address from, address to, uint96 value, bytes32 documentRoot)
        internal
        returns (uint256 newTokenId)
    {
        newTokenId = _move(tokenId, from, to, value, false);
        emit ISplittableToken.Assigned(tokenId, newTokenId, to, value, documentRoot);
    }

    function _transferToken(address from, address to, uint256 tokenId) internal {
        address owner = _authoriseWhole(tokenId);
        if (from != owner) revert ISplittableToken.OwnerMismatch(tokenId, owner, from);
        _transferWhole(tokenId, from, to, false);
        emit ISplittableToken.Assigned(tokenId, tokenId, to, _holdings[tokenId].value, bytes32(0));
    }

    function _force(uint256 tokenId, address from, address to, uint96 value, bytes32 orderHash)
        internal
        returns (uint256 newTokenId)
    {
        newTokenId = _move(tokenId, from, to, value, true);
        emit ISplittableToken.ForcedTransfer(tokenId, newTokenId, to, value, orderHash);
    }

    function _move(uint256 tokenId, address from, address to, uint96 value, bool forced) internal returns (uint256) {
        if (value != _holdings[tokenId].value) return _split(tokenId, from, to, value, forced);
        if (value == 0) revert ISplittableToken.ValueIsZero(tokenId);
        _transferWhole(tokenId, from, to, forced);
        return tokenId;
    }

    function _transferWhole(uint256 tokenId, address from, address to, bool forced) internal virtual {
        Lineage memory lineage = _lineageOf(tokenId);
        bool sameParty = _checkMove(tokenId, from, to, lineage.encumbered, forced);
        uint16 marks = lineage.marks;
        if (from != to) marks = _withoutApprovals(tokenId, marks);
        else if (marks & APPROVED != 0) delete _approvals.single[tokenId][_approvals.epochs[tokenId]];
        if (!sameParty && marks != MAX_MOVES) ++marks;
        if (marks != lineage.marks) _lineages[tokenId].marks = marks;
        _balances[from] -= 1;
        _balances[to] += 1;
        _holdings[tokenId].owner = to;
        emit IERC721.Transfer(from, to, tokenId);
        if (lineage.encumbered && registry.areRelated(to, _lienholders[tokenId])) _endLien(tokenId);
    }

    function _split(uint256 tokenId, address from, address to, uint96 value, bool forced)
        internal
        virtual
        returns (uint256 newTokenId)
    {
        if (value == 0) revert ISplittableToken.ValueIsZero(tokenId);
        Lineage memory lineage = _lineageOf(tokenId);
        _checkMove(tokenId, from, to, lineage.encumbered, forced);
        if (!forced) {
            uint8 deepest = _deepest(lineage.slot);
            if (lineage.depth >= deepest) {
                revert ISplittableToken.SplitTooDeep(tokenId, uint256(lineage.depth) + 1, deepest);
            }
        }
        uint128 moved = _takeValue(tokenId, _lastTokenId + 1, lineage, value);
        newTokenId = _create(to, lineage.slot, tokenId, lineage.depth == 255 ? 255 : lineage.depth + 1, value, moved);
        emit IERC3525.TransferValue(tokenId, newTokenId, value);
        if (forced && lineage.encumbered) _keepLien(tokenId, newTokenId, to);
    }

    /// @dev What a court takes out of a token stays under its lien, but not under the lien of a request that only the
    /// holder made.
    function _keepLien(uint256 tokenId, uint256 newTokenId, address to) private {
        address lienholder = _lienholders[tokenId];
        if (lienholder != address(this) && !registry.areRelated(to, lienholder)) _setLien(newTokenId, lienholder);
    }

    /// @dev A movement of nothing, or of a token into itself, follows ERC-3525: with its event, and without an effect.
    function _moveValue(uint256 fromTokenId, uint256 toTokenId, address to, uint96 value) internal {
        Lineage memory lineage = _lineageOf(fromTokenId);
        if (lineage.slot != _lineages[toTokenId].slot) revert ISplittableToken.SlotMismatch(fromTokenId, toTokenId);
        _checkMove(fromTokenId, _holdings[fromTokenId].owner, to, lineage.encumbered, false);
        if (_lineages[toTokenId].encumbered) _requireLienholder(toTokenId);
        if (fromTokenId != toTokenId && (value != 0 || _holdings[fromTokenId].value == 0)) {
            uint128 moved = _takeValue(fromTokenId, toTokenId, lineage, value);
            Lineage storage into = _lineages[toTokenId];
            _holdings[toTokenId].value += value;
            into.weight += moved;
            // This is no movement of the whole. Otherwise anyone could end an undertaking for this token by a gift.
            _merged[toTokenId] += value;
        }
        emit IERC3525.TransferValue(fromTokenId, toTokenId, value);
    }

    /// @dev Checks who may receive and, if the owner moves it, whether the owner may give. Returns whether both are
    /// accounts of one party.
    function _checkMove(uint256 tokenId, address from, address to, bool encumbered, bool forced)
        private
        view
        returns (bool sameParty)
    {
        if (!forced) {
            if (!encumbered) return registry.requireMove(from, to);
            _requireLienholder(tokenId);
        }
        registry.requireReceiver(to);
        return registry.partyOf(from) == registry.partyOf(to);
    }

    function _requireLienholder(uint256 tokenId) private view {
        if (!_isLienholder(tokenId)) revert ISplittableToken.TokenEncumbered(tokenId, _lienholders[tokenId]);
    }

    /// @dev Begins the next epoch of the token's approvals, if any was given in this one.
    function _withoutApprovals(uint256 tokenId, uint16 marks) private returns (uint16) {
        if (marks & APPROVED != 0) ++_approvals.epochs[tokenId];
        return marks & MAX_MOVES;
    }

    function _takeValue(uint256 tokenId, uint256 toTokenId, Lineage memory lineage, uint96 value)
        private
        returns (uint128 moved)
    {
        Holding storage holding = _holdings[tokenId];
        uint96 held = holding.value;
        if (value > held) revert ISplittableToken.SplitExceedsClaim(tokenId, value, held);
        _beforeValueMoves(lineage.slot, tokenId, toTokenId, value == held);
        uint128 rest;
        (moved, rest) = ClaimShares.divideUp(lineage.weight, held, value);
        holding.value = held - value;
        _lineages[tokenId].weight = rest;
    }

    /// @dev Read in one load.
    function _lineageOf(uint256 tokenId) internal view returns (Lineage memory stored) {
        Lineage storage lineage = _lineages[tokenId];
        LineageWord word;
        assembly ("memory-safe") {
            word := sload(lineage.slot)
        }
        stored.slot = word.slot();
        stored.parent = word.parent();
        stored.weight = word.weight();
        stored.depth = word.depth();
        stored.encumbered = word.encumbered();
        stored.marks = word.marks();
    }

    function _create(address to, uint256 slot, uint256 parent, uint8 depth, uint96 value, uint128 weight)
        private
        returns (uint256 tokenId)
    {
        tokenId = ++_lastTokenId;
        Holding storage holding = _holdings[tokenId];
        Lineage storage lineage = _lineages[tokenId];
        HoldingWord held = packHolding(to, value);
        LineageWord word = packLineage(uint48(slot), uint48(parent), weight, depth);
        // One store a slot, where the compiler would write field by field.
        assembly ("memory-safe") {
            sstore(holding.slot, held)
            sstore(lineage.slot, word)
        }
        _balances[to] += 1;
        emit IERC721.Transfer(address(0), to, tokenId);
        emit IERC3525.SlotChanged(tokenId, 0, slot);
    }

    // ------------------------------------------------------------------ authority

    /// @dev The owner, its operator for all, the lienholder, the one approved address, or an address with an allowance,
    /// which is used up.
    function _authorise(uint256 tokenId, uint256 value) internal returns (address owner) {
        owner = _ownerOf(tokenId);
        uint96 held = _holdings[tokenId].value;
        if (value > held) revert ISplittableToken.SplitExceedsClaim(tokenId, value, held);
        _requireRight(owner, tokenId, value);
    }

    /// @dev The same for the token as a whole, to which an allowance gives no right.
    function _authoriseWhole(uint256 tokenId) internal returns (address owner) {
        owner = _ownerOf(tokenId);
        _requireRight(owner, tokenId, TokenRights.WHOLE);
    }

    function _requireRight(address owner, uint256 tokenId, uint256 value) private {
        address caller = _msgSender();
        if (caller == owner || _approvals.forAll[owner][caller]) return;
        Lineage memory lineage = _lineageOf(tokenId);
        if (lineage.encumbered && _isLienholder(tokenId)) return;
        TokenRights.spend(_approvals, tokenId, caller, value, lineage.marks & APPROVED != 0);
    }

    function _refuseEther() internal view {
        if (msg.value != 0) revert ISplittableToken.EtherRefused(msg.value);
    }

    function _tellValueReceiver(address to, uint256 fromTokenId, uint256 toTokenId, uint256 value) internal {
        if (to.code.length != 0) {
            ReceiverCheck.requireKeepsValue(to, _msgSender(), fromTokenId, toTokenId, value);
        }
    }
}
