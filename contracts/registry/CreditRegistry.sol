// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignedTerms} from "../access/SignedTerms.sol";
import {PartyId} from "../types/Ids.sol";
import {RATER} from "../types/PartyRoles.sol";
import {ICreditRegistry} from "./ICreditRegistry.sol";
import {IPartyRegistry} from "./IPartyRegistry.sol";

/// @title Credit tiers of parties, as attested by a rater's signature.
/// @notice See {ICreditRegistry} for the specification.
contract CreditRegistry is ICreditRegistry, ERC2771Context, EIP712 {
    uint8 private constant WORST_TIER = 5;
    bytes32 private constant ATTESTATION_TYPEHASH = keccak256(
        "CreditAttestation(uint256 partyId,address rater,uint8 tier,bytes3 currency,uint64 limit,uint24 tradingSinceDay,"
        "bytes32 modelVersion,bytes32 evidenceRoot,uint40 issuedAt,uint40 expiresAt)"
    );

    using SignedTerms for SignedTerms.Book;

    /// @notice The registry of parties.
    IPartyRegistry public immutable registry;
    mapping(PartyId => CreditAttestation) private _attestations;
    /// @dev A revocation outlives what it revoked: an attestation issued before it never counts again.
    mapping(PartyId => uint40) private _revokedAt;
    SignedTerms.Book private _signedTerms;

    constructor(address forwarder, IPartyRegistry registry_)
        ERC2771Context(forwarder)
        EIP712("Cession CreditRegistry", "1")
    {
        registry = registry_;
    }

    /// @inheritdoc ICreditRegistry
    function attest(CreditAttestation calldata attestation, bytes calldata raterSignature) external {
        PartyId partyId = PartyId.wrap(attestation.partyId);
        address rater = attestation.rater;
        if (attestation.tier == 0 || attestation.tier > WORST_TIER) revert TierOutOfRange(attestation.tier);
        if (attestation.currency == 0) revert CurrencyMissing(partyId);
        registry.requireValidForRisk(rater, RATER);
        // A tier given ahead would go to whoever is registered under the number later.
        if (registry.party(partyId).identityHash == 0) revert IPartyRegistry.PartyUnknown(partyId);
        if (registry.arePartiesRelated(registry.partyOf(rater), partyId)) revert RaterIsRated(partyId, rater);
        if (attestation.issuedAt > block.timestamp || attestation.expiresAt <= block.timestamp) {
            revert AttestationNotInTime(partyId, attestation.issuedAt, attestation.expiresAt, block.timestamp);
        }
        uint40 last = _attestations[partyId].issuedAt;
        if (_revokedAt[partyId] > last) last = _revokedAt[partyId];
        if (attestation.issuedAt <= last) revert AttestationNotNewer(partyId, attestation.issuedAt, last);
        bytes32 digest = attestationDigest(attestation);
        if (!_signedTerms.isSignedBy(rater, digest, raterSignature)) {
            revert AttestationInvalid(partyId, rater, digest);
        }

        _attestations[partyId] = attestation;
        emit CreditAttested(partyId, rater, attestation);
    }

    /// @inheritdoc ICreditRegistry
    function revoke(PartyId partyId, bytes32 reasonHash) external {
        address rater = _attestations[partyId].rater;
        if (rater == address(0)) revert TierMissing(partyId);
        address sender = _msgSender();
        bool own = registry.partyOf(sender) == registry.partyOf(rater);
        if (!own) revert NotRater(partyId, rater, sender);
        registry.requireValid(sender, 0);
        delete _attestations[partyId];
        _revokedAt[partyId] = uint40(block.timestamp);
        emit CreditRevoked(partyId, rater, reasonHash);
    }

    /// @inheritdoc ICreditRegistry
    function cancelSignature(bytes32 digest) external {
        _signedTerms.cancel(_msgSender(), digest);
    }

    /// @inheritdoc ICreditRegistry
    function attestationDigest(CreditAttestation calldata attestation) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(ATTESTATION_TYPEHASH, attestation)));
    }

    /// @inheritdoc ICreditRegistry
    function creditOf(PartyId partyId) external view returns (CreditAttestation memory) {
        return _attestations[partyId];
    }

    /// @inheritdoc ICreditRegistry
    function requireTier(address account, uint8 minTier, uint256 maxAgeDays, uint256 minTradeDays, uint256 today)
        external
        view
        returns (uint64 limit, bytes3 currency)
    {
        PartyId partyId = registry.partyOf(account);
        CreditAttestation storage held = _attestations[partyId];
        if (held.tier == 0) revert TierMissing(partyId);
        address rater = held.rater;
        if (!registry.isPartyValid(registry.partyOf(rater), RATER)) revert RaterGone(partyId, rater);
        if (block.timestamp >= held.expiresAt) revert TierExpired(partyId, held.expiresAt, block.timestamp);
        if (maxAgeDays != 0 && held.issuedAt + maxAgeDays * 1 days < block.timestamp) {
            revert TierTooOld(partyId, held.issuedAt, block.timestamp - maxAgeDays * 1 days);
        }
        if (held.tier > minTier) revert TierTooLow(partyId, held.tier, minTier);
        if (held.tradingSinceDay + minTradeDays > today) {
            revert TradeTooShort(partyId, held.tradingSinceDay, today < minTradeDays ? 0 : today - minTradeDays);
        }
        return (held.limit, held.currency);
    }
}
