// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {WantOfGas} from "../access/WantOfGas.sol";
import {IClaimCollector} from "../receivables/IClaimCollector.sol";
import {IWarehouseReceiptLienholder} from "../warehouse/IWarehouseReceiptLienholder.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {PartyId} from "../types/Ids.sol";
import {LEDGER} from "../types/PartyRoles.sol";
import {IERC3525} from "./IERC3525.sol";
import {ISplittableToken} from "./ISplittableToken.sol";
import {Approvals, APPROVED, Holding, Lineage} from "./TokenBook.sol";

/// @title Who may do what with a token besides its owner: approvals, allowances, liens; linked to the tokens.
/// @notice Keeps the rights to tokens, and checks them.
/// @dev Runs by delegatecall on the storage of the token, which emits the events.
library TokenRights {
    /// @dev Requires the right to the whole token, which no allowance gives.
    uint256 internal constant WHOLE = type(uint256).max;

    /// @notice ERC-721: one address that may move the token. Only the owner and its operators for all approve.
    /// @dev Reverts with {NotAuthorised} if the sender is neither.
    /// @param approvals What owners allowed, in the token's storage.
    /// @param lineages The second storage slot of each token.
    /// @param owner The owner of the token.
    /// @param sender The sender of the call.
    /// @param tokenId The token.
    /// @param to The address that may; zero: nobody.
    function approve(
        Approvals storage approvals,
        mapping(uint256 tokenId => Lineage) storage lineages,
        address owner,
        address sender,
        uint256 tokenId,
        address to
    ) external {
        _requireOwnerOrOperator(approvals, owner, sender, tokenId);
        _mark(lineages[tokenId]);
        approvals.single[tokenId][approvals.epochs[tokenId]] = to;
        emit IERC721.Approval(owner, to, tokenId);
    }

    /// @notice ERC-3525: how much of the token an operator may move. Only the owner and its operators for all approve.
    /// @dev Reverts with {NotAuthorised} if the sender is neither.
    /// @param approvals What owners allowed, in the token's storage.
    /// @param lineages The second storage slot of each token.
    /// @param owner The owner of the token.
    /// @param sender The sender of the call.
    /// @param tokenId The token.
    /// @param operator The account that may move value.
    /// @param value Minor units of the token's value.
    function approveValue(
        Approvals storage approvals,
        mapping(uint256 tokenId => Lineage) storage lineages,
        address owner,
        address sender,
        uint256 tokenId,
        address operator,
        uint256 value
    ) external {
        _requireOwnerOrOperator(approvals, owner, sender, tokenId);
        _mark(lineages[tokenId]);
        approvals.values[tokenId][approvals.epochs[tokenId]][operator] = value;
        emit IERC3525.ApprovalValue(tokenId, operator, value);
    }

    /// @notice The address that ERC-721 approved, and what ERC-3525 allowed to `operator`, of an existing token.
    /// @param approvals What owners allowed, in the token's storage.
    /// @param lineages The second storage slot of each token.
    /// @param tokenId The token.
    /// @param operator Whose allowance is asked for.
    /// @return single The one address; zero: nobody.
    /// @return value Minor units that the operator may move.
    function approved(
        Approvals storage approvals,
        mapping(uint256 tokenId => Lineage) storage lineages,
        uint256 tokenId,
        address operator
    ) external view returns (address single, uint256 value) {
        if (lineages[tokenId].marks & APPROVED == 0) return (address(0), 0);
        uint256 epoch = approvals.epochs[tokenId];
        return (approvals.single[tokenId][epoch], approvals.values[tokenId][epoch][operator]);
    }

    /// @notice Requires that the caller is the one approved address, or has an allowance, which is used up.
    /// @dev Reverts with {NotAuthorised} if the whole token is asked for, and the caller is not that address.
    /// Reverts with {AllowanceExceeded} if the allowance is less.
    /// @param approvals What owners allowed, in the token's storage.
    /// @param tokenId The token.
    /// @param caller The sender of the call.
    /// @param value Minor units; `WHOLE`: the token as a whole.
    /// @param marked Whether an approval may stand in this epoch.
    function spend(Approvals storage approvals, uint256 tokenId, address caller, uint256 value, bool marked) external {
        uint256 epoch = approvals.epochs[tokenId];
        if (marked && approvals.single[tokenId][epoch] == caller) return;
        if (value == WHOLE) revert ISplittableToken.NotAuthorised(tokenId, caller);
        uint256 allowed = marked ? approvals.values[tokenId][epoch][caller] : 0;
        if (allowed == 0 || allowed < value) {
            revert ISplittableToken.AllowanceExceeded(tokenId, caller, value, allowed);
        }
        if (allowed != type(uint256).max) approvals.values[tokenId][epoch][caller] = allowed - value;
    }

    /// @notice Requires that a lienholder may be named by somebody else. A contract of the ledger takes its liens
    /// itself, for a loan.
    /// @dev Reverts with {LienholderMustAsk} if it may not.
    /// @param registry The registry of parties.
    /// @param tokenId The token.
    /// @param lienholder Whose lien it is.
    function requireNoLedger(IPartyRegistry registry, uint256 tokenId, address lienholder) external view {
        if (
            lienholder == address(this) || isLedger(registry, lienholder)
                || WantOfGas.supportsInterface(lienholder, type(IClaimCollector).interfaceId)
                || WantOfGas.supportsInterface(lienholder, type(IWarehouseReceiptLienholder).interfaceId)
        ) revert ISplittableToken.LienholderMustAsk(tokenId, lienholder);
    }

    /// @notice Requires that the owner is an account that acts for nobody any more, and the caller is an account of its
    /// party.
    /// @dev Reverts with {NotAuthorised} if the caller is of another party.
    /// Reverts with {PartyNotValid} if the caller is not valid.
    /// Reverts with {ReceiverIsLedger} if the caller is a contract of the ledger.
    /// Reverts with {OwnerActs} if the owner is valid.
    /// @param registry The registry of parties.
    /// @param tokenId The token.
    /// @param owner The owner of the token.
    /// @param caller The sender of the call.
    function requireReclaim(IPartyRegistry registry, uint256 tokenId, address owner, address caller) external view {
        if (!_sameParty(registry, owner, caller)) revert ISplittableToken.NotAuthorised(tokenId, caller);
        registry.requireReceiver(caller);
        if (registry.isValid(owner)) revert ISplittableToken.OwnerActs(tokenId, owner);
    }

    /// @notice How much of a token a court may take for an order against a party: all of it, at most `left`.
    /// @dev Reverts with {NotOfHolder} for a token of another party or slot, or of `to` already.
    /// @param holdings The first storage slot of each token.
    /// @param lineages The second storage slot of each token.
    /// @param registry The registry of parties.
    /// @param holder The party that the order is against.
    /// @param slot The slot.
    /// @param to The account that receives.
    /// @param tokenId The token.
    /// @param left Minor units that the order still moves.
    /// @return owner The owner of the token.
    /// @return part Minor units that the court takes of it.
    function takeable(
        mapping(uint256 tokenId => Holding) storage holdings,
        mapping(uint256 tokenId => Lineage) storage lineages,
        IPartyRegistry registry,
        PartyId holder,
        uint256 slot,
        address to,
        uint256 tokenId,
        uint96 left
    ) external view returns (address owner, uint96 part) {
        Holding storage holding = holdings[tokenId];
        owner = holding.owner;
        if (owner == to || registry.partyOf(owner) != holder || lineages[tokenId].slot != slot) {
            revert ISplittableToken.NotOfHolder(tokenId, holder, slot);
        }
        part = holding.value;
        if (part > left) part = left;
    }

    /// @notice Whether the account may become the owner of a token.
    /// @param registry The registry of parties.
    /// @param account The account.
    /// @return True if it may.
    function canReceive(IPartyRegistry registry, address account) public view returns (bool) {
        uint256 gasBefore = gasleft();
        try registry.requireReceiver(account) {
            return true;
        } catch {
            WantOfGas.requireNone(gasBefore);
            return false;
        }
    }

    /// @notice Whether the owner `from` may transfer the token to `to` now.
    /// @param holdings The first storage slot of each token.
    /// @param lineages The second storage slot of each token.
    /// @param registry The registry of parties.
    /// @param from The owner.
    /// @param to The account that receives.
    /// @param tokenId The token.
    /// @return True if it may.
    function canTransfer(
        mapping(uint256 tokenId => Holding) storage holdings,
        mapping(uint256 tokenId => Lineage) storage lineages,
        IPartyRegistry registry,
        address from,
        address to,
        uint256 tokenId
    ) external view returns (bool) {
        return from != address(0) && holdings[tokenId].owner == from && !lineages[tokenId].encumbered
            && registry.isValid(from) && canReceive(registry, to);
    }

    /// @notice Whether the account is registered as a contract of the ledger.
    /// @param registry The registry of parties.
    /// @param account The account.
    /// @return True if it has role 256.
    function isLedger(IPartyRegistry registry, address account) internal view returns (bool) {
        return registry.party(registry.partyOf(account)).roles & LEDGER != 0;
    }

    function _sameParty(IPartyRegistry registry, address first, address second) private view returns (bool) {
        PartyId party = registry.partyOf(first);
        return !party.isNull() && party == registry.partyOf(second);
    }

    function _mark(Lineage storage lineage) private {
        if (lineage.marks & APPROVED == 0) lineage.marks |= APPROVED;
    }

    function _requireOwnerOrOperator(Approvals storage approvals, address owner, address sender, uint256 tokenId)
        private
        view
    {
        if (sender != owner && !approvals.forAll[owner][sender]) {
            revert ISplittableToken.NotAuthorised(tokenId, sender);
        }
    }
}
