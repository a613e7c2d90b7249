// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {ForwardedAccess} from "../access/ForwardedAccess.sol";
import {PartyId} from "../types/Ids.sol";
import {LEDGER} from "../types/PartyRoles.sol";
import {IPartyRegistry} from "./IPartyRegistry.sol";
import {NewRisk} from "./NewRisk.sol";

/// @title Who is who: parties, their accounts, roles, validity and freeze.
/// @notice See {IPartyRegistry} for the specification.
contract PartyRegistry is IPartyRegistry, NewRisk, EIP712 {
    bytes32 private constant CONSENT_TYPEHASH = keccak256("AccountConsent(uint256 partyId,address account)");

    /// @dev Bit 255 of `_accounts`: the account was removed. Bits 0-254 are the party's id.
    uint256 private constant REMOVED = 1 << 255;
    uint256 private constant NOTICE = 30 days;

    /// @inheritdoc IPartyRegistry
    address public immutable court;
    /// @inheritdoc IPartyRegistry
    bytes32 public immutable ledgerKeyHash;
    uint256 private _count;
    mapping(PartyId => Party) private _parties;
    mapping(PartyId => uint256) private _accountCount;
    /// @dev The party's id, and whether the account was removed. An account is bound to a party once, and for ever.
    mapping(address => uint256) private _accounts;
    mapping(bytes32 => PartyId) private _partyWithIdentity;
    mapping(address account => mapping(PartyId => bool)) private _refused;

    constructor(address authority, address forwarder, address court_, bytes32 ledgerKeyHash_)
        ForwardedAccess(authority, forwarder)
        EIP712("Cession PartyRegistry", "1")
    {
        if (ledgerKeyHash_ == 0) revert LedgerKeyMissing();
        court = court_;
        ledgerKeyHash = ledgerKeyHash_;
    }

    /// @inheritdoc IPartyRegistry
    function register(bytes32 identityHash, uint16 roles, uint64 validUntil, address account)
        external
        restricted
        returns (PartyId partyId)
    {
        if (identityHash == 0) revert IdentityMissing();
        // What an account without code may do, its key does: it would take liens that serve no loan.
        if (roles & LEDGER != 0 && account.code.length == 0) revert LedgerWithoutCode(account);
        PartyId taken = _partyWithIdentity[identityHash];
        if (!taken.isNull()) revert IdentityTaken(identityHash, taken);
        partyId = PartyId.wrap(++_count);
        _partyWithIdentity[identityHash] = partyId;
        _parties[partyId] = Party({
            identityHash: identityHash, roles: roles, validUntil: validUntil, frozen: false, group: 0, heldUntil: 0
        });
        _take(account, partyId);
        if (validUntil <= block.timestamp) revert RegistrationOver(validUntil, block.timestamp);
        emit PartyRegistered(partyId, identityHash, roles, validUntil, account);
    }

    /// @inheritdoc IPartyRegistry
    function addAccount(address account, bytes calldata consent) external {
        PartyId partyId = _knownPartyOf(_msgSender());
        if (_refused[account][partyId]) revert ConsentRefused(account, partyId);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(CONSENT_TYPEHASH, partyId, account)));
        if (!SignatureChecker.isValidSignatureNow(account, digest, consent)) revert ConsentInvalid(account, partyId);
        _take(account, partyId);
        emit AccountAdded(partyId, account);
    }

    /// @inheritdoc IPartyRegistry
    function refuseParty(PartyId partyId) external {
        _known(partyId);
        address account = _msgSender();
        PartyId taken = partyOf(account);
        if (!taken.isNull()) revert AccountTaken(account, taken);
        _refused[account][partyId] = true;
        emit ConsentWithdrawn(partyId, account);
    }

    /// @inheritdoc IPartyRegistry
    function removeAccount(address account) external {
        PartyId partyId = _knownPartyOf(_msgSender());
        if (_accounts[account] != PartyId.unwrap(partyId)) revert AccountUnknown(account);
        if (_accountCount[partyId] == 1) revert LastAccount(account, partyId);
        _accountCount[partyId] -= 1;
        _accounts[account] |= REMOVED;
        emit AccountRemoved(partyId, account);
    }

    /// @inheritdoc IPartyRegistry
    function setRoles(PartyId partyId, uint16 roles) external restricted {
        Party storage held = _known(partyId);
        if ((held.roles ^ roles) & LEDGER != 0) revert LedgerRoleFixed(partyId, held.roles);
        held.roles = roles;
        emit RolesSet(partyId, roles);
    }

    /// @inheritdoc IPartyRegistry
    function setValidity(PartyId partyId, uint64 validUntil) external restricted {
        Party storage held = _known(partyId);
        uint256 earliest = block.timestamp + NOTICE;
        if (validUntil < held.validUntil && validUntil < earliest) {
            revert ValidityTooSoon(partyId, validUntil, earliest);
        }
        held.validUntil = validUntil;
        emit ValiditySet(partyId, validUntil);
    }

    /// @inheritdoc IPartyRegistry
    function setGroup(PartyId partyId, uint32 group) external restricted {
        _known(partyId).group = group;
        emit GroupSet(partyId, group);
    }

    /// @inheritdoc IPartyRegistry
    function freeze(PartyId partyId, bool frozen, bytes32 orderHash) external {
        _ordered(partyId).frozen = frozen;
        emit PartyFrozen(partyId, frozen, orderHash);
    }

    /// @inheritdoc IPartyRegistry
    function hold(PartyId partyId, uint40 heldUntil, bytes32 orderHash) external {
        _ordered(partyId).heldUntil = heldUntil;
        emit PartyHeld(partyId, heldUntil, orderHash);
    }

    /// @inheritdoc IPartyRegistry
    function partyOf(address account) public view returns (PartyId) {
        return PartyId.wrap(_accounts[account] & ~REMOVED);
    }

    /// @inheritdoc IPartyRegistry
    function party(PartyId partyId) external view returns (Party memory) {
        return _parties[partyId];
    }

    /// @inheritdoc IPartyRegistry
    function isValid(address account) public view returns (bool) {
        // No party has the id of an account that was removed.
        return isPartyValid(PartyId.wrap(_accounts[account]), 0);
    }

    /// @inheritdoc IPartyRegistry
    function isPartyValid(PartyId partyId, uint16 roles) public view returns (bool) {
        Party storage held = _parties[partyId];
        return !_isFrozen(held) && block.timestamp < held.validUntil && held.roles & roles == roles;
    }

    /// @inheritdoc IPartyRegistry
    function actsFor(address account, address owner) external view returns (bool) {
        uint256 partyId = _accounts[account];
        // The mark of a removed account differs from every party's id.
        if (partyId == 0 || partyId != PartyId.unwrap(partyOf(owner))) return false;
        return account == owner || isValid(account);
    }

    /// @inheritdoc IPartyRegistry
    function areRelated(address first, address second) public view returns (bool) {
        PartyId partyId = partyOf(first);
        PartyId other = partyOf(second);
        if (partyId.isNull() || other.isNull()) return first == second;
        return arePartiesRelated(partyId, other);
    }

    /// @inheritdoc IPartyRegistry
    function arePartiesRelated(PartyId first, PartyId second) public view returns (bool) {
        if (first == second) return true;
        uint32 group = _parties[first].group;
        return group != 0 && group == _parties[second].group;
    }

    /// @inheritdoc IPartyRegistry
    function requireValid(address account, uint16 roles) public view {
        uint16 held = _requireValid(account);
        if (held & roles != roles) revert RoleMissing(account, roles, held);
    }

    /// @inheritdoc IPartyRegistry
    function requireBothValid(address first, address second) external view {
        _requireValid(first);
        _requireValid(second);
    }

    /// @inheritdoc IPartyRegistry
    function requireValidForRisk(address account, uint16 roles) external view {
        requireNewRisk();
        requireValid(account, roles);
    }

    /// @inheritdoc IPartyRegistry
    function requireLien(address owner, address lienholder) external view {
        _requireValid(owner);
        // For a lien that serves a loan of the ledger, the draw checks the stop. Collateral that is converted is no new
        // risk.
        if (_requireValid(lienholder) & LEDGER != 0) return;
        requireNewRisk();
        if (areRelated(owner, lienholder)) revert OwnLien(owner, lienholder);
    }

    /// @inheritdoc IPartyRegistry
    function requireReceiver(address account) external view {
        _requireReceiver(account);
    }

    /// @inheritdoc IPartyRegistry
    function requireMove(address from, address to) external view returns (bool) {
        _requireValid(from);
        _requireReceiver(to);
        return _accounts[from] == _accounts[to];
    }

    function _requireValid(address account) private view returns (uint16) {
        PartyId partyId = PartyId.wrap(_accounts[account]);
        Party storage held = _parties[partyId];
        (uint16 roles, uint64 validUntil, bool frozen) = (held.roles, held.validUntil, _isFrozen(held));
        // A stranger's validity is zero, and a removed account's too, so that one comparison serves all.
        if (frozen || block.timestamp >= validUntil) {
            revert PartyNotValid(account, partyOf(account), validUntil, frozen);
        }
        return roles;
    }

    function _requireReceiver(address account) private view {
        if (_requireValid(account) & LEDGER != 0) revert ReceiverIsLedger(account, partyOf(account));
    }

    function _take(address account, PartyId partyId) private {
        PartyId taken = partyOf(account);
        if (!taken.isNull()) revert AccountTaken(account, taken);
        _accounts[account] = PartyId.unwrap(partyId);
        _accountCount[partyId] += 1;
    }

    function _knownPartyOf(address account) private view returns (PartyId partyId) {
        partyId = PartyId.wrap(_accounts[account]);
        if (partyId.isNull() || PartyId.unwrap(partyId) > _count) revert AccountUnknown(account);
        if (_isFrozen(_parties[partyId])) {
            revert PartyNotValid(account, partyId, _parties[partyId].validUntil, true);
        }
    }

    /// @dev Frozen by order of the court, or by a regulator's hold; all in one storage slot.
    function _isFrozen(Party storage held) private view returns (bool) {
        return held.frozen || block.timestamp < held.heldUntil;
    }

    /// @dev A party that the court, which calls, may reach. A contract of the ledger is not such a party: it holds
    /// liens and loans of all others.
    function _ordered(PartyId partyId) private view returns (Party storage held) {
        if (msg.sender != court) revert NotCourt(msg.sender);
        held = _known(partyId);
        if (held.roles & LEDGER != 0) revert LedgerNotFrozen(partyId);
    }

    function _known(PartyId partyId) private view returns (Party storage) {
        if (partyId.isNull() || PartyId.unwrap(partyId) > _count) revert PartyUnknown(partyId);
        return _parties[partyId];
    }
}
