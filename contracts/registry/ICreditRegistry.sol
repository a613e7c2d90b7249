// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PartyId} from "../types/Ids.sol";

/// @title Credit tiers of parties, as attested by a rater's signature. The ledger does not decide how a tier is
/// reached.
/// @notice One attestation counts for a party at a time: the one issued last.
interface ICreditRegistry {
    /// @notice EIP-712 `CreditAttestation` over exactly these fields, in the domain "Cession CreditRegistry", version
    /// 1.
    /// @param partyId The party that is rated.
    /// @param rater Account of the rater, which signs.
    /// @param tier 1 (best) to 5.
    /// @param currency ISO 4217 code of the limit: the party's home currency.
    /// @param limit Minor units of that currency: the maximum that the party should owe under all products that require a
    /// tier, to all lenders.
    /// @param tradingSinceDay First day of its trade with the platform, according to the records.
    /// @param modelVersion Hash of the model's name and version.
    /// @param evidenceRoot Merkle root of the evidence.
    /// @param issuedAt UTC seconds.
    /// @param expiresAt UTC seconds, exclusive.
    struct CreditAttestation {
        uint256 partyId;
        address rater;
        uint8 tier;
        bytes3 currency;
        uint64 limit;
        uint24 tradingSinceDay;
        bytes32 modelVersion;
        bytes32 evidenceRoot;
        uint40 issuedAt;
        uint40 expiresAt;
    }

    /// @notice A tier was attested. It replaces the one before.
    /// @param partyId The party.
    /// @param rater The account of the rater.
    /// @param attestation The attestation.
    event CreditAttested(PartyId indexed partyId, address indexed rater, CreditAttestation attestation);

    /// @notice The attestation in force was revoked.
    /// @param partyId The party.
    /// @param rater The account of the rater.
    /// @param reasonHash Hash of the reason.
    event CreditRevoked(PartyId indexed partyId, address indexed rater, bytes32 reasonHash);

    /// @notice The signature is not the rater's over these fields.
    /// @param partyId The party.
    /// @param rater The account of the rater.
    /// @param digest The EIP-712 digest that was signed.
    error AttestationInvalid(PartyId partyId, address rater, bytes32 digest);

    /// @notice The attestation is not issued later than the one before, or than its revocation.
    /// @param partyId The party.
    /// @param issuedAt When the attestation was issued (UTC seconds).
    /// @param lastIssuedAt When the one before was issued or revoked (UTC seconds).
    error AttestationNotNewer(PartyId partyId, uint40 issuedAt, uint40 lastIssuedAt);

    /// @notice The attestation is issued in the future, or expired.
    /// @param partyId The party.
    /// @param issuedAt When the attestation was issued (UTC seconds).
    /// @param expiresAt When the attestation expires (UTC seconds, exclusive).
    /// @param timestamp The time of the block (UTC seconds).
    error AttestationNotInTime(PartyId partyId, uint40 issuedAt, uint40 expiresAt, uint256 timestamp);

    /// @notice A tier is 1 to 5.
    /// @param tier The tier that was given.
    error TierOutOfRange(uint8 tier);

    /// @notice The attestation names no currency.
    /// @param partyId The party.
    error CurrencyMissing(PartyId partyId);

    /// @notice Rater and rated party are one party, or under one control.
    /// @param partyId The party.
    /// @param rater The account of the rater.
    error RaterIsRated(PartyId partyId, address rater);

    /// @notice The caller is not of the party that attested.
    /// @param partyId The party.
    /// @param rater The account of the rater.
    /// @param caller The sender of the call.
    error NotRater(PartyId partyId, address rater, address caller);

    /// @notice The rater is no longer a valid party with role 32, so its tier does not count.
    /// @param partyId The party.
    /// @param rater The account of the rater.
    error RaterGone(PartyId partyId, address rater);

    /// @notice No attestation of the party is in force.
    /// @param partyId The party.
    error TierMissing(PartyId partyId);

    /// @notice The attestation has expired.
    /// @param partyId The party.
    /// @param expiresAt When the attestation expires (UTC seconds, exclusive).
    /// @param timestamp The time of the block (UTC seconds).
    error TierExpired(PartyId partyId, uint40 expiresAt, uint256 timestamp);

    /// @notice The attestation is older than the product allows.
    /// @param partyId The party.
    /// @param issuedAt When the attestation was issued (UTC seconds).
    /// @param oldestAllowed The earliest issue that counts (UTC seconds).
    error TierTooOld(PartyId partyId, uint40 issuedAt, uint256 oldestAllowed);

    /// @notice The tier is not good enough.
    /// @param partyId The party.
    /// @param tier The attested tier.
    /// @param needed The highest number that is good enough.
    error TierTooLow(PartyId partyId, uint8 tier, uint8 needed);

    /// @notice The party has not traded for long enough.
    /// @param partyId The party.
    /// @param tradingSinceDay First day number of the party's trade, as attested.
    /// @param latestAllowed The latest first day of trade that is allowed (day number).
    error TradeTooShort(PartyId partyId, uint24 tradingSinceDay, uint256 latestAllowed);

    /// @notice Records an attestation. It replaces one that was issued earlier, from whichever rater.
    /// @dev Anyone may send it before it expires. The rater signs the EIP-712 digest.
    /// Reverts with {TierOutOfRange} if the tier is not 1 to 5.
    /// Reverts with {CurrencyMissing} if it names no currency.
    /// Reverts with {NewRiskStopped} while new risk is stopped.
    /// Reverts with {PartyNotValid} if the rater's party is not valid.
    /// Reverts with {RoleMissing} if the rater's party has no role 32.
    /// Reverts with {PartyUnknown} if the rated party is not registered.
    /// Reverts with {RaterIsRated} if the rater is the rated party, or under the same control.
    /// Reverts with {AttestationNotInTime} if it is issued in the future or has expired.
    /// Reverts with {AttestationNotNewer} if it is not issued later than the last attestation and the last revocation.
    /// Reverts with {SignatureCancelled} if the rater took the signature back.
    /// Reverts with {AttestationInvalid} if the signature is not the rater's.
    /// @param attestation The attestation.
    /// @param raterSignature Signature of `attestation.rater` (ECDSA or ERC-1271).
    function attest(CreditAttestation calldata attestation, bytes calldata raterSignature) external;

    /// @notice Revokes the attestation in force. An attestation issued before the revocation is refused afterwards.
    /// @dev A valid account of the rater's party calls it.
    /// Reverts with {TierMissing} if no attestation is in force.
    /// Reverts with {NotRater} if the caller is of another party.
    /// Reverts with {PartyNotValid} if the caller is not valid.
    /// @param partyId The party.
    /// @param reasonHash Hash of the reason.
    function revoke(PartyId partyId, bytes32 reasonHash) external;

    /// @notice Takes the sender's signature over an attestation back. To end what was attested already, use {revoke}.
    /// @dev Reverts with {SignatureCancelled} if it was taken back before.
    /// @param digest The EIP-712 digest that was signed.
    function cancelSignature(bytes32 digest) external;

    /// @notice The EIP-712 digest that the rater signs.
    /// @param attestation The attestation.
    /// @return The digest.
    function attestationDigest(CreditAttestation calldata attestation) external view returns (bytes32);

    /// @notice The attestation in force, or the expired one; tier 0 if there is none.
    /// @param partyId The party.
    /// @return The attestation.
    function creditOf(PartyId partyId) external view returns (CreditAttestation memory);

    /// @notice Requires that the account's party has a tier that is good enough, and answers the attested limit.
    /// @dev Reverts with {TierMissing} if no attestation is in force.
    /// Reverts with {RaterGone} if the rater's party is not valid, or lost role 32.
    /// Reverts with {TierExpired} if the attestation has expired.
    /// Reverts with {TierTooOld} if it was issued more than `maxAgeDays` days ago.
    /// Reverts with {TierTooLow} if the tier's number is above `minTier`.
    /// Reverts with {TradeTooShort} if the party has traded for less than `minTradeDays` days.
    /// @param account An account of the rated party.
    /// @param minTier The highest number that is good enough, 1 (best) to 5.
    /// @param maxAgeDays Days since the issue at most; 0: any age.
    /// @param minTradeDays Days of trade at least.
    /// @param today The caller's day number.
    /// @return limit Minor units of `currency` that the party should owe under products that require a tier at most.
    /// @return currency ISO 4217 code of the limit.
    function requireTier(address account, uint8 minTier, uint256 maxAgeDays, uint256 minTradeDays, uint256 today)
        external
        view
        returns (uint64 limit, bytes3 currency);
}
