// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PartyId} from "../types/Ids.sol";
import {INewRisk} from "./INewRisk.sol";

/// @title Who is who: parties, their accounts, roles, validity and freeze.
/// @notice An account acts for one party, for ever. A party is valid while it is registered, in date, and neither
/// frozen nor held.
interface IPartyRegistry is INewRisk {
    /// @notice A registered party.
    /// @param identityHash Keyed hash of the legal identity number.
    /// @param roles Set of the bits in `types/PartyRoles.sol`. `LEDGER` marks a contract of the ledger, which holds
    /// liens and never owns a token.
    /// @param validUntil UTC seconds, exclusive.
    /// @param frozen Whether a court froze it.
    /// @param group Parties under one control share a number; 0: none known.
    /// @param heldUntil UTC seconds, exclusive. Until then it counts as frozen, by a regulator's interim hold.
    struct Party {
        bytes32 identityHash;
        uint16 roles;
        uint64 validUntil;
        bool frozen;
        uint32 group;
        uint40 heldUntil;
    }

    /// @notice A party was registered.
    /// @param partyId The party.
    /// @param identityHash Keyed hash of the legal identity number.
    /// @param roles Bit set of roles, as in {Party}.
    /// @param validUntil End of the registration (UTC seconds, exclusive).
    /// @param account Its first account.
    event PartyRegistered(
        PartyId indexed partyId, bytes32 indexed identityHash, uint16 roles, uint64 validUntil, address indexed account
    );

    /// @notice An account joined a party.
    /// @param partyId The party.
    /// @param account The account.
    event AccountAdded(PartyId indexed partyId, address indexed account);

    /// @notice An account acts for its party no more.
    /// @param partyId The party.
    /// @param account The account.
    event AccountRemoved(PartyId indexed partyId, address indexed account);

    /// @notice What a party may do changed.
    /// @param partyId The party.
    /// @param roles Bit set of roles, as in {Party}.
    event RolesSet(PartyId indexed partyId, uint16 roles);

    /// @notice The end of a registration changed.
    /// @param partyId The party.
    /// @param validUntil End of the registration (UTC seconds, exclusive).
    event ValiditySet(PartyId indexed partyId, uint64 validUntil);

    /// @notice The group of a party changed.
    /// @param partyId The party.
    /// @param group Number of the group under one control; 0: none known.
    event GroupSet(PartyId indexed partyId, uint32 group);

    /// @notice An account will never join this party by signature.
    /// @param partyId The party.
    /// @param account The account.
    event ConsentWithdrawn(PartyId indexed partyId, address indexed account);

    /// @notice A regulator held a party, or its hold ended.
    /// @param partyId The party.
    /// @param heldUntil End of the hold (UTC seconds, exclusive); 0: it ended.
    /// @param orderHash Hash of the court's order.
    event PartyHeld(PartyId indexed partyId, uint40 heldUntil, bytes32 indexed orderHash);

    /// @notice A court froze or unfroze a party.
    /// @param partyId The party.
    /// @param frozen Whether the party is frozen.
    /// @param orderHash Hash of the court's order.
    event PartyFrozen(PartyId indexed partyId, bool frozen, bytes32 indexed orderHash);

    /// @notice The account acts for no party, or for another one.
    /// @param account The account.
    error AccountUnknown(address account);

    /// @notice The account belongs to a party, or did until it was removed.
    /// @param account The account.
    /// @param partyId That party.
    error AccountTaken(address account, PartyId partyId);

    /// @notice There is no such party.
    /// @param partyId The party.
    error PartyUnknown(PartyId partyId);

    /// @notice The account's party is not registered, out of date, frozen or held; or the account was removed.
    /// @param account The account.
    /// @param partyId Its party; 0 if none.
    /// @param validUntil End of the registration (UTC seconds, exclusive); 0 if none.
    /// @param frozen Whether it is frozen or held.
    error PartyNotValid(address account, PartyId partyId, uint64 validUntil, bool frozen);

    /// @notice The account's party does not hold a role that is needed.
    /// @param account The account.
    /// @param needed The roles that are needed (bit set).
    /// @param held The roles that it holds (bit set).
    error RoleMissing(address account, uint16 needed, uint16 held);

    /// @notice A party with this identity is registered.
    /// @param identityHash Keyed hash of the legal identity number.
    /// @param partyId That party.
    error IdentityTaken(bytes32 identityHash, PartyId partyId);

    /// @notice A ledger has a key, and zero is the hash of no key.
    error LedgerKeyMissing();

    /// @notice An identity hash is the hash of an identity number; zero is the hash of none.
    error IdentityMissing();

    /// @notice Role 256 is for contracts of the ledger, and the account has no code.
    /// @param account The account.
    error LedgerWithoutCode(address account);

    /// @notice The signature is not the account's consent to join this party.
    /// @param account The account.
    /// @param partyId The party.
    error ConsentInvalid(address account, PartyId partyId);

    /// @notice A party keeps at least one account.
    /// @param account The account.
    /// @param partyId The party.
    error LastAccount(address account, PartyId partyId);

    /// @notice The account refused to join this party.
    /// @param account The account.
    /// @param partyId The party.
    error ConsentRefused(address account, PartyId partyId);

    /// @notice The end of a registration is never nearer than 30 days from now.
    /// @param partyId The party.
    /// @param validUntil End of the registration (UTC seconds, exclusive).
    /// @param earliest The earliest end that is allowed (UTC seconds).
    error ValidityTooSoon(PartyId partyId, uint64 validUntil, uint256 earliest);

    /// @notice The registration would be over already.
    /// @param validUntil End of the registration (UTC seconds, exclusive).
    /// @param timestamp The time of the block (UTC seconds).
    error RegistrationOver(uint64 validUntil, uint256 timestamp);

    /// @notice Role 256 is given at the registration, and never again or taken away.
    /// @param partyId The party.
    /// @param roles The roles that it holds.
    error LedgerRoleFixed(PartyId partyId, uint16 roles);

    /// @notice A contract of the ledger cannot be frozen or held: it holds liens and loans of all others.
    /// @param partyId The party.
    error LedgerNotFrozen(PartyId partyId);

    /// @notice Only the court may do this.
    /// @param caller The sender of the call.
    error NotCourt(address caller);

    /// @notice Owner and lienholder are one party, or under one control.
    /// @param owner The owner of the token.
    /// @param lienholder Whose lien it is.
    error OwnLien(address owner, address lienholder);

    /// @notice No contract of the ledger may own a token.
    /// @param account The account.
    /// @param partyId The party.
    error ReceiverIsLedger(address account, PartyId partyId);

    /// @notice Registers a party with its first account.
    /// @dev Role: registrar.
    /// Reverts with {AccessManagedUnauthorized} if the caller does not hold the role.
    /// Reverts with {IdentityMissing} if `identityHash` is 0.
    /// Reverts with {LedgerWithoutCode} if `roles` has 256 and the account has no code.
    /// Reverts with {IdentityTaken} if the identity is registered.
    /// Reverts with {AccountTaken} if the account belongs, or belonged, to a party.
    /// Reverts with {RegistrationOver} if `validUntil` is not later than now.
    /// @param identityHash Keyed hash of the legal identity number.
    /// @param roles Bit set of roles, as in {Party}.
    /// @param validUntil End of the registration (UTC seconds, exclusive). It is later than now.
    /// @param account The account.
    /// @return The new party, counted from 1.
    function register(bytes32 identityHash, uint16 roles, uint64 validUntil, address account) external returns (PartyId);

    /// @notice Adds an account to the sender's party, for ever.
    /// @dev An account of the party calls it; the party is not frozen. The new account consents by an EIP-712 signature
    /// over `AccountConsent(uint256 partyId,address account)`.
    /// Reverts with {AccountUnknown} if the caller acts for no party.
    /// Reverts with {PartyNotValid} if its party is frozen or held.
    /// Reverts with {ConsentRefused} if the account refused to join this party.
    /// Reverts with {ConsentInvalid} if the signature is not the account's.
    /// Reverts with {AccountTaken} if the account belongs, or belonged, to a party.
    /// @param account The account.
    /// @param consent Signature of the new account (ECDSA or ERC-1271).
    function addAccount(address account, bytes calldata consent) external;

    /// @notice Takes back the consent that the sender gave, or may be said to have given, to a party. It never joins
    /// that party by signature.
    /// @dev The account itself calls it, before it is added.
    /// Reverts with {PartyUnknown} if there is no such party.
    /// Reverts with {AccountTaken} if the sender belongs, or belonged, to a party.
    /// @param partyId The party.
    function refuseParty(PartyId partyId) external;

    /// @notice Removes an account. It acts for nobody any more, and never for another party. What it owned still
    /// belongs to its party.
    /// @dev An account of the same party calls it; the party is not frozen. An account may remove itself.
    /// Reverts with {AccountUnknown} if the caller acts for no party, or the account is not of its party.
    /// Reverts with {PartyNotValid} if the party is frozen or held.
    /// Reverts with {LastAccount} if no other account is left.
    /// @param account The account.
    function removeAccount(address account) external;

    /// @notice Sets what a party may do from now on. Without a role the party does nothing new that requires it: file
    /// or confirm debts, agree facilities or draw on them, issue warehouse receipts, bid, attest, post prices. This
    /// stops no payment, collection, transfer or withdrawal, and moves no token and no money.
    /// @dev Role: registrar.
    /// Reverts with {AccessManagedUnauthorized} if the caller does not hold the role.
    /// Reverts with {PartyUnknown} if there is no such party.
    /// Reverts with {LedgerRoleFixed} if role 256 would change.
    /// @param partyId The party.
    /// @param roles Bit set of roles, as in {Party}.
    function setRoles(PartyId partyId, uint16 roles) external;

    /// @notice Sets until when a registration holds. A later end is set at once. An earlier end is at least 30 days
    /// from now: a registrar cannot freeze.
    /// @dev Role: registrar.
    /// Reverts with {AccessManagedUnauthorized} if the caller does not hold the role.
    /// Reverts with {PartyUnknown} if there is no such party.
    /// Reverts with {ValidityTooSoon} if the new end is earlier than the present one and less than 30 days from now.
    /// Source: decision 20.
    /// @param partyId The party.
    /// @param validUntil End of the registration (UTC seconds, exclusive).
    function setValidity(PartyId partyId, uint64 validUntil) external;

    /// @notice Sets the group of parties under one control, as their registration shows.
    /// @dev Role: registrar.
    /// Reverts with {AccessManagedUnauthorized} if the caller does not hold the role.
    /// Reverts with {PartyUnknown} if there is no such party.
    /// @param partyId The party.
    /// @param group Number of the group under one control; 0: none known.
    function setGroup(PartyId partyId, uint32 group) external;

    /// @notice Freezes or unfreezes a party.
    /// @dev Only the court calls it, whatever the administrator of the AccessManager grants.
    /// Reverts with {NotCourt} if the caller is not the court.
    /// Reverts with {PartyUnknown} if there is no such party.
    /// Reverts with {LedgerNotFrozen} if the party is a contract of the ledger.
    /// @param partyId The party.
    /// @param frozen Whether the party is frozen.
    /// @param orderHash Hash of the court's order.
    function freeze(PartyId partyId, bool frozen, bytes32 orderHash) external;

    /// @notice Makes a party count as frozen for a time, or ends that.
    /// @dev Only the court calls it, which bounds the time ({ICourtOrders.hold}).
    /// Reverts with {NotCourt} if the caller is not the court.
    /// Reverts with {PartyUnknown} if there is no such party.
    /// Reverts with {LedgerNotFrozen} if the party is a contract of the ledger.
    /// @param partyId The party.
    /// @param heldUntil End of the hold (UTC seconds, exclusive); 0 ends it.
    /// @param orderHash Hash of the court's order.
    function hold(PartyId partyId, uint40 heldUntil, bytes32 orderHash) external;

    /// @notice The hash of the ledger's key, which never changes: SHA-256 of "cession ledger key", a zero byte and the
    /// key's 32 bytes.
    /// @dev Identity hashes and fingerprints are keyed with it, so every gateway of a ledger must have this key. The
    /// contracts do not use it.
    /// Source: decision 32.
    /// @return The hash.
    function ledgerKeyHash() external view returns (bytes32);

    /// @notice The contract whose orders freeze a party and move its tokens. It never changes.
    /// @return The CourtOrders contract.
    function court() external view returns (address);

    /// @notice The party that an account acts for, or acted for until it was removed.
    /// @param account The account.
    /// @return The party; 0 if there is none.
    function partyOf(address account) external view returns (PartyId);

    /// @notice Whether an account may act on what an owner holds: it is of the same party, not removed, and valid
    /// unless it is the owner itself.
    /// @param account The account.
    /// @param owner The account that holds something.
    /// @return True if it may.
    function actsFor(address account, address owner) external view returns (bool);

    /// @notice Whether two accounts are of one party, or of parties under one control.
    /// @dev Removed accounts count too. An account without a party is related only to itself.
    /// @param first One account.
    /// @param second The other account.
    /// @return True if they are.
    function areRelated(address first, address second) external view returns (bool);

    /// @notice Whether two parties are one, or under one control.
    /// @param first One party.
    /// @param second The other party.
    /// @return True if they are.
    function arePartiesRelated(PartyId first, PartyId second) external view returns (bool);

    /// @notice Whether a party is registered, in date, neither frozen nor held, and holds roles.
    /// @param partyId The party.
    /// @param roles Bit set of roles that are needed; 0: any.
    /// @return True if all of this holds.
    function isPartyValid(PartyId partyId, uint16 roles) external view returns (bool);

    /// @notice A party; all zero if there is none.
    /// @param partyId The party.
    /// @return The party.
    function party(PartyId partyId) external view returns (Party memory);

    /// @notice Whether an account acts for a valid party.
    /// @param account The account.
    /// @return True if it does. False for an account that was removed.
    function isValid(address account) external view returns (bool);

    /// @notice Requires that an account acts for a valid party that holds roles.
    /// @dev Reverts with {PartyNotValid} if the account's party is not valid.
    /// Reverts with {RoleMissing} if it lacks one of the roles.
    /// @param account The account.
    /// @param roles Bit set of roles that are needed; 0: any.
    function requireValid(address account, uint16 roles) external view;

    /// @notice Requires that two accounts act for valid parties.
    /// @dev Reverts with {PartyNotValid} if one of them does not.
    /// @param first One account.
    /// @param second The other account.
    function requireBothValid(address first, address second) external view;

    /// @notice Does {requireNewRisk} and {requireValid} in one call.
    /// @dev Reverts with {NewRiskStopped} while new risk is stopped.
    /// Reverts with {PartyNotValid} if the account's party is not valid.
    /// Reverts with {RoleMissing} if it lacks one of the roles.
    /// @param account The account.
    /// @param roles Bit set of roles that are needed; 0: any.
    function requireValidForRisk(address account, uint16 roles) external view;

    /// @notice Requires that an owner may give a lien to a lienholder. A party that hands over its own claim under its
    /// own lien could take it back, so the two are not related.
    /// @dev If the lienholder is a contract of the ledger, only the validity of both is checked: the draw checks the
    /// rest.
    /// Reverts with {PartyNotValid} if one of them is not valid.
    /// Reverts with {NewRiskStopped} while new risk is stopped.
    /// Reverts with {OwnLien} if the two are one party, or under one control.
    /// @param owner The owner of the token.
    /// @param lienholder Whose lien it is.
    function requireLien(address owner, address lienholder) external view;

    /// @notice Requires that an account may become the owner of a token: it is valid, and no contract of the ledger.
    /// @dev Reverts with {PartyNotValid} if it is not valid.
    /// Reverts with {ReceiverIsLedger} if it is a contract of the ledger.
    /// @param account The account.
    function requireReceiver(address account) external view;

    /// @notice Requires that a token may move between two accounts: both are valid, and the receiver is no contract of
    /// the ledger.
    /// @dev Reverts with {PartyNotValid} if one of them is not valid.
    /// Reverts with {ReceiverIsLedger} if the receiver is a contract of the ledger.
    /// @param from The owner.
    /// @param to The receiver.
    /// @return sameParty Whether both accounts are of one party.
    function requireMove(address from, address to) external view returns (bool sameParty);
}
