// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PartyId} from "../types/Ids.sol";
import {INewRisk} from "./INewRisk.sol";

/// @title Who is who: parties, their accounts, roles, validity and freeze.
interface IPartyRegistry is INewRisk {
    /// roles is a bit set: 1 seller, 2 debtor, 4 funder, 8 warehouse, 16 operator, 32 rater, 64 appraiser, 128 auditor, 256 a
    /// contract of the ledger, which holds liens and never owns a token.
    struct Party {
        bytes32 identityHash; // salted hash of the legal identity number
        uint16 roles;
        uint64 validUntil; // UTC seconds, exclusive
        bool frozen;
        uint32 group; // parties under one control share a number; 0: none known
    }

    event PartyRegistered(
        PartyId indexed partyId, bytes32 indexed identityHash, uint16 roles, uint64 validUntil, address indexed account
    );
    event AccountAdded(PartyId indexed partyId, address indexed account);
    event AccountRemoved(PartyId indexed partyId, address indexed account);
    event RolesSet(PartyId indexed partyId, uint16 roles);
    event ValiditySet(PartyId indexed partyId, uint64 validUntil);
    event GroupSet(PartyId indexed partyId, uint32 group);
    event PartyFrozen(PartyId indexed partyId, bool frozen, bytes32 indexed orderHash);

    error AccountUnknown(address account);
    error AccountTaken(address account, PartyId partyId);
    error PartyUnknown(PartyId partyId);
    error PartyNotValid(address account, PartyId partyId, uint64 validUntil, bool frozen);
    error RoleMissing(address account, uint16 needed, uint16 held);
    error IdentityTaken(bytes32 identityHash, PartyId partyId);
    error ConsentInvalid(address account, PartyId partyId);
    error LastAccount(address account, PartyId partyId);
    error NotCourt(address caller);
    error ReceiverIsLedger(address account, PartyId partyId);

    function register(bytes32 identityHash, uint16 roles, uint64 validUntil, address account) external returns (PartyId);
    /// Only an account of the same party may add another; the new account consents by an EIP-712 signature
    /// AccountConsent(uint256 partyId,address account).
    function addAccount(address account, bytes calldata consent) external;
    /// Only an account of the same party; the last one cannot go. The account acts for nobody any more, and for no other party
    /// ever: what it owned stays its party's.
    function removeAccount(address account) external;
    function setRoles(PartyId partyId, uint16 roles) external;
    function setValidity(PartyId partyId, uint64 validUntil) external;
    /// Parties under one control, as their registration shows. Role: registrar.
    function setGroup(PartyId partyId, uint32 group) external;
    /// Only by court order (CourtOrders), whatever the administrator of the AccessManager grants.
    function freeze(PartyId partyId, bool frozen, bytes32 orderHash) external;

    /// The contract whose orders freeze a party and move its tokens.
    function court() external view returns (address);
    /// The party that an account acts for, or acted for until it was removed.
    function partyOf(address account) external view returns (PartyId);
    /// Whether `account` may act on what `owner` holds: of the same party, not removed, and valid unless it is `owner` itself.
    function actsFor(address account, address owner) external view returns (bool);
    /// Whether two accounts are of one party, or of parties under one control.
    function areRelated(address first, address second) external view returns (bool);
    function party(PartyId partyId) external view returns (Party memory);
    function isValid(address account) external view returns (bool);
    /// Reverts unless the account's party is registered, in date, unfrozen and holds `roles` (0: any).
    function requireValid(address account, uint16 roles) external view;
    function requireBothValid(address first, address second) external view;
    /// `requireNewRisk` and `requireValid` in one call.
    function requireValidForRisk(address account, uint16 roles) external view;
    /// Reverts unless both are valid and, where the lienholder is no contract of the ledger, new risk is not stopped.
    function requireLien(address owner, address lienholder) external view;
    /// Reverts unless the account may become the owner of a token: valid, and no contract of the ledger.
    function requireReceiver(address account) external view;
    /// `requireBothValid` and `requireReceiver(to)` in one call; says whether both accounts are of one party.
    function requireMove(address from, address to) external view returns (bool sameParty);
}
