// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PartyId} from "../types/Ids.sol";
import {INewRisk} from "./INewRisk.sol";

/// @title Who is who: parties, their accounts, roles, validity and freeze.
interface IPartyRegistry is INewRisk {
    /// `roles` is a set of the bits in `types/PartyRoles.sol`. `LEDGER` marks a contract of the ledger, which holds liens
    /// and never owns a token.
    struct Party {
        bytes32 identityHash; // salted hash of the legal identity number
        uint16 roles;
        uint64 validUntil; // UTC seconds, exclusive
        bool frozen;
        uint32 group; // parties under one control share a number; 0: none known
        uint40 heldUntil; // UTC seconds, exclusive: until then it counts as frozen, by a regulator's interim hold
    }

    event PartyRegistered(
        PartyId indexed partyId, bytes32 indexed identityHash, uint16 roles, uint64 validUntil, address indexed account
    );
    event AccountAdded(PartyId indexed partyId, address indexed account);
    event AccountRemoved(PartyId indexed partyId, address indexed account);
    event RolesSet(PartyId indexed partyId, uint16 roles);
    event ValiditySet(PartyId indexed partyId, uint64 validUntil);
    event GroupSet(PartyId indexed partyId, uint32 group);
    event ConsentWithdrawn(PartyId indexed partyId, address indexed account);
    event PartyHeld(PartyId indexed partyId, uint40 heldUntil, bytes32 indexed orderHash);
    event PartyFrozen(PartyId indexed partyId, bool frozen, bytes32 indexed orderHash);

    error AccountUnknown(address account);
    error AccountTaken(address account, PartyId partyId);
    error PartyUnknown(PartyId partyId);
    error PartyNotValid(address account, PartyId partyId, uint64 validUntil, bool frozen);
    error RoleMissing(address account, uint16 needed, uint16 held);
    error IdentityTaken(bytes32 identityHash, PartyId partyId);
    /// A ledger has a key, and zero is the hash of no key.
    error LedgerKeyMissing();
    /// An identity hash is the hash of an identity number; zero is the hash of none.
    error IdentityMissing();
    /// Role 256 is for contracts of the ledger, and there is no code at `account`.
    error LedgerWithoutCode(address account);
    error ConsentInvalid(address account, PartyId partyId);
    error LastAccount(address account, PartyId partyId);
    error ConsentRefused(address account, PartyId partyId);
    /// The end of a registration is never nearer than 30 days from now: `earliest` (UTC seconds).
    error ValidityTooSoon(PartyId partyId, uint64 validUntil, uint256 earliest);
    error RegistrationOver(uint64 validUntil, uint256 timestamp);
    error LedgerRoleFixed(PartyId partyId, uint16 roles);
    error LedgerNotFrozen(PartyId partyId);
    error NotCourt(address caller);
    error OwnLien(address owner, address lienholder);
    error ReceiverIsLedger(address account, PartyId partyId);

    /// @notice Registers a party with its first account. Role: registrar.
    /// @param validUntil UTC seconds, exclusive; later than now.
    /// *Reverts* with `IdentityMissing`, `LedgerWithoutCode`, `IdentityTaken`, `AccountTaken`, `RegistrationOver`.
    function register(bytes32 identityHash, uint16 roles, uint64 validUntil, address account) external returns (PartyId);
    /// @notice Adds an account to the sender's party, for ever; the new account consents by an EIP-712 signature
    /// AccountConsent(uint256 partyId,address account).
    function addAccount(address account, bytes calldata consent) external;
    /// @notice Takes back the consent that the sender gave, or may be said to have given, to a party: it never joins
    /// that party by signature. The account itself calls it, before it is added.
    function refuseParty(PartyId partyId) external;
    /// @notice Removes an account. Only an account of the same party calls it; the last account cannot go. The removed
    /// account acts for nobody any more, and never for another party. What it owned still belongs to its party.
    function removeAccount(address account) external;
    /// @notice Sets what a party may do from now on. Role: registrar. Without a role the party does nothing new that
    /// requires it: file or confirm debts, agree facilities or draw on them, issue warehouse receipts, bid, attest,
    /// post prices. This stops no payment, collection, transfer or withdrawal, and moves no token and no money.
    /// *Reverts* with `LedgerRoleFixed`: a contract of the ledger is one from its registration on, and nothing else
    /// becomes one.
    function setRoles(PartyId partyId, uint16 roles) external;
    /// @notice Sets until when a registration holds. Role: registrar. A later end is set at once. An earlier end is at
    /// least 30 days from now: a registrar cannot freeze.
    /// *Reverts* with `ValidityTooSoon`.
    function setValidity(PartyId partyId, uint64 validUntil) external;
    /// @notice Sets the group of parties under one control, as their registration shows. Role: registrar.
    function setGroup(PartyId partyId, uint32 group) external;
    /// @notice Freezes or unfreezes. Only by court order (CourtOrders), whatever the administrator of the AccessManager
    /// grants.
    function freeze(PartyId partyId, bool frozen, bytes32 orderHash) external;
    /// @notice The party counts as frozen until `heldUntil`; 0 ends it. Only by the court, which bounds it
    /// (`ICourtOrders.hold`).
    function hold(PartyId partyId, uint40 heldUntil, bytes32 orderHash) external;

    /// The hash of the ledger's key, which never changes: SHA-256 of "cession ledger key", a zero byte and the key's 32
    /// bytes. Identity hashes and fingerprints are keyed with it, so every gateway of a ledger must have this key. The
    /// contracts do not use it.
    function ledgerKeyHash() external view returns (bytes32);
    /// The contract whose orders freeze a party and move its tokens.
    function court() external view returns (address);
    /// The party that an account acts for, or acted for until it was removed.
    function partyOf(address account) external view returns (PartyId);
    /// Whether `account` may act on what `owner` holds: it is of the same party, not removed, and valid unless it is
    /// `owner` itself.
    function actsFor(address account, address owner) external view returns (bool);
    /// Whether two accounts are of one party, or of parties under one control.
    function areRelated(address first, address second) external view returns (bool);
    function arePartiesRelated(PartyId first, PartyId second) external view returns (bool);
    /// Whether a party is registered, in date, neither frozen nor held, and holds `roles` (0: any).
    function isPartyValid(PartyId partyId, uint16 roles) external view returns (bool);
    function party(PartyId partyId) external view returns (Party memory);
    function isValid(address account) external view returns (bool);
    /// Reverts unless the account's party is registered, in date, unfrozen and holds `roles` (0: any).
    function requireValid(address account, uint16 roles) external view;
    function requireBothValid(address first, address second) external view;
    /// `requireNewRisk` and `requireValid` in one call.
    function requireValidForRisk(address account, uint16 roles) external view;
    /// Reverts unless both are valid and, if the lienholder is no contract of the ledger, new risk is not stopped and
    /// the two are not related: a party that hands over its own claim under its own lien could take it back.
    function requireLien(address owner, address lienholder) external view;
    /// Reverts unless the account may become the owner of a token: it is valid, and no contract of the ledger.
    function requireReceiver(address account) external view;
    /// `requireBothValid` and `requireReceiver(to)` in one call; returns whether both accounts are of one party.
    function requireMove(address from, address to) external view returns (bool sameParty);
}
