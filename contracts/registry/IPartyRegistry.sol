// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PartyId} from "../types/Ids.sol";

/// @title Who is who: parties, their accounts, roles, validity and freeze.
interface IPartyRegistry {
    /// roles is a bit set: 1 seller, 2 debtor, 4 funder, 8 warehouse, 16 operator, 32 rater, 64 appraiser, 128 auditor.
    struct Party {
        bytes32 identityHash; // salted hash of the legal identity number
        uint16 roles;
        uint64 validUntil; // UTC seconds, exclusive
        bool frozen;
    }

    event PartyRegistered(
        PartyId indexed partyId, bytes32 indexed identityHash, uint16 roles, uint64 validUntil, address indexed account
    );
    event AccountAdded(PartyId indexed partyId, address indexed account);
    event AccountRemoved(PartyId indexed partyId, address indexed account);
    event RolesSet(PartyId indexed partyId, uint16 roles);
    event ValiditySet(PartyId indexed partyId, uint64 validUntil);
    event PartyFrozen(PartyId indexed partyId, bool frozen, bytes32 indexed orderHash);

    error AccountUnknown(address account);
    error AccountTaken(address account, PartyId partyId);
    error PartyUnknown(PartyId partyId);
    error PartyNotValid(address account, PartyId partyId, uint64 validUntil, bool frozen);
    error RoleMissing(address account, uint16 needed, uint16 held);
    error IdentityTaken(bytes32 identityHash, PartyId partyId);
    error ConsentInvalid(address account, PartyId partyId);
    error LastAccount(address account, PartyId partyId);

    function register(bytes32 identityHash, uint16 roles, uint64 validUntil, address account) external returns (PartyId);
    /// Only an account of the same party may add another; the new account consents by an EIP-712 signature
    /// AccountConsent(uint256 partyId,address account).
    function addAccount(address account, bytes calldata consent) external;
    /// Only an account of the same party; the last one cannot go.
    function removeAccount(address account) external;
    function setRoles(PartyId partyId, uint16 roles) external;
    function setValidity(PartyId partyId, uint64 validUntil) external;
    /// Only by court order (CourtOrders).
    function freeze(PartyId partyId, bool frozen, bytes32 orderHash) external;

    function partyOf(address account) external view returns (PartyId);
    function party(PartyId partyId) external view returns (Party memory);
    function isValid(address account) external view returns (bool);
    /// Reverts unless the account's party is registered, in date, unfrozen and holds `roles` (0: any).
    function requireValid(address account, uint16 roles) external view;
    function requireBothValid(address first, address second) external view;
}
