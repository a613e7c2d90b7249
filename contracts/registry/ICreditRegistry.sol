// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PartyId} from "../types/Ids.sol";

/// @title Credit tiers of parties, as attested by a rater's signature. How a tier is reached is not decided here.
interface ICreditRegistry {
    /// EIP-712 `CreditAttestation` over exactly these fields, in the domain "Cession CreditRegistry", version 1.
    struct CreditAttestation {
        uint256 partyId;
        address rater;
        uint8 tier; // 1 (best) to 5
        bytes3 currency; // ISO 4217 code of the limit: the party's home currency
        uint64 limit; // its minor units; most that the party should owe on one line
        uint24 tradingSinceDay; // first day of its trade with the platform, by the records
        bytes32 modelVersion; // hash of the model's name and version
        bytes32 evidenceRoot; // Merkle root of the evidence
        uint40 issuedAt; // UTC seconds
        uint40 expiresAt; // UTC seconds, exclusive
    }

    event CreditAttested(PartyId indexed partyId, address indexed rater, CreditAttestation attestation);
    event CreditRevoked(PartyId indexed partyId, address indexed rater, bytes32 reasonHash);

    error AttestationInvalid(PartyId partyId, address rater, bytes32 digest);
    error AttestationNotNewer(PartyId partyId, uint40 issuedAt, uint40 lastIssuedAt);
    error AttestationNotInTime(PartyId partyId, uint40 issuedAt, uint40 expiresAt, uint256 now_);
    error TierOutOfRange(uint8 tier);
    error CurrencyMissing(PartyId partyId);
    error RaterIsRated(PartyId partyId, address rater);
    error NotRater(PartyId partyId, address rater, address caller);
    error RaterGone(PartyId partyId, address rater);
    error TierMissing(PartyId partyId);
    error TierExpired(PartyId partyId, uint40 expiresAt, uint256 now_);
    error TierTooOld(PartyId partyId, uint40 issuedAt, uint256 oldestAllowed);
    error TierTooLow(PartyId partyId, uint8 tier, uint8 needed);
    error TradeTooShort(PartyId partyId, uint24 tradingSinceDay, uint256 latestAllowed);

    /// Anyone sends it before it expires; the rater's account signed it and did not take the signature back, is a valid party with role
    /// 32 and is neither of the rated party nor of one under the same control. It takes the place of an earlier one by issuing time,
    /// whichever rater gave that.
    function attest(CreditAttestation calldata attestation, bytes calldata raterSignature) external;
    /// By a valid account of the rater's party whose attestation is in force: it counts as none from now on. An attestation issued
    /// before the revocation is refused afterwards.
    function revoke(PartyId partyId, bytes32 reasonHash) external;
    /// The sender's signature over this attestation counts no more; what was attested by it already, `revoke` ends.
    function cancelSignature(bytes32 digest) external;

    function attestationDigest(CreditAttestation calldata attestation) external view returns (bytes32);
    /// The one in force or expired; tier 0 for none.
    function creditOf(PartyId partyId) external view returns (CreditAttestation memory);
    /// Reverts unless the account's party has a tier of at least `leastTier` (a number not above it), not expired and
    /// issued at most `mostAgeDays` days ago (0: any age), and trades since at least `leastTradeDays` days; returns the
    /// attested limit and its currency. A tier counts only while the party of its rater is valid and holds role 32 (`RaterGone`). `today` is the caller's day number.
    function requireTier(address account, uint8 leastTier, uint256 mostAgeDays, uint256 leastTradeDays, uint256 today)
        external
        view
        returns (uint64 limit, bytes3 currency);
}
