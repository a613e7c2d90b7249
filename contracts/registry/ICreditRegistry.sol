// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PartyId} from "../types/Ids.sol";

/// @title Credit tiers of parties, as attested by a rater's signature. The ledger does not decide how a tier is
/// reached.
interface ICreditRegistry {
    /// EIP-712 `CreditAttestation` over exactly these fields, in the domain "Cession CreditRegistry", version 1.
    struct CreditAttestation {
        uint256 partyId;
        address rater;
        uint8 tier; // 1 (best) to 5
        bytes3 currency; // ISO 4217 code of the limit: the party's home currency
        uint64 limit; // in its minor units; maximum that the party should owe on one facility
        uint24 tradingSinceDay; // first day of its trade with the platform, according to the records
        bytes32 modelVersion; // hash of the model's name and version
        bytes32 evidenceRoot; // Merkle root of the evidence
        uint40 issuedAt; // UTC seconds
        uint40 expiresAt; // UTC seconds, exclusive
    }

    event CreditAttested(PartyId indexed partyId, address indexed rater, CreditAttestation attestation);
    event CreditRevoked(PartyId indexed partyId, address indexed rater, bytes32 reasonHash);

    error AttestationInvalid(PartyId partyId, address rater, bytes32 digest);
    error AttestationNotNewer(PartyId partyId, uint40 issuedAt, uint40 lastIssuedAt);
    error AttestationNotInTime(PartyId partyId, uint40 issuedAt, uint40 expiresAt, uint256 timestamp);
    error TierOutOfRange(uint8 tier);
    error CurrencyMissing(PartyId partyId);
    error RaterIsRated(PartyId partyId, address rater);
    error NotRater(PartyId partyId, address rater, address caller);
    error RaterGone(PartyId partyId, address rater);
    error TierMissing(PartyId partyId);
    error TierExpired(PartyId partyId, uint40 expiresAt, uint256 timestamp);
    error TierTooOld(PartyId partyId, uint40 issuedAt, uint256 oldestAllowed);
    error TierTooLow(PartyId partyId, uint8 tier, uint8 needed);
    error TradeTooShort(PartyId partyId, uint24 tradingSinceDay, uint256 latestAllowed);

    /// Records an attestation. Anyone sends it before it expires. The rater's account signed it and did not take the
    /// signature back; it is of a valid party with role 32, and neither of the rated party nor of one under the same
    /// control. It replaces an attestation that was issued earlier, from whichever rater.
    function attest(CreditAttestation calldata attestation, bytes calldata raterSignature) external;
    /// Revokes the attestation in force: it no longer counts. A valid account of the rater's party calls it. An
    /// attestation issued before the revocation is refused afterwards.
    function revoke(PartyId partyId, bytes32 reasonHash) external;
    /// The sender's signature over this attestation no longer counts. To end what was attested already, use `revoke`.
    function cancelSignature(bytes32 digest) external;

    function attestationDigest(CreditAttestation calldata attestation) external view returns (bytes32);
    /// The attestation in force, or the expired one; tier 0 for none.
    function creditOf(PartyId partyId) external view returns (CreditAttestation memory);
    /// Reverts unless the account's party has a tier of at least `minTier` (a number not above it), not expired and
    /// issued at most `maxAgeDays` days ago (0: any age), and has traded for at least `minTradeDays` days. Returns the
    /// attested limit and its currency. A tier counts only while the party of its rater is valid and holds role 32
    /// (`RaterGone`). `today` is the caller's day number.
    function requireTier(address account, uint8 minTier, uint256 maxAgeDays, uint256 minTradeDays, uint256 today)
        external
        view
        returns (uint64 limit, bytes3 currency);
}
