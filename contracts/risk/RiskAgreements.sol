// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {SignedTerms} from "../access/SignedTerms.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {FacilityId, ProductId} from "../types/Ids.sol";
import {IReserveClient, IRiskReserve} from "./IRiskReserve.sol";

/// @notice What an insurer promised for the losses of one facility.
/// @param insurer The insurer.
/// @param validUntil End (UTC seconds, exclusive).
/// @param fromDay Day number from which on loans count.
/// @param currency The currency's token contract.
/// @param left Minor units that are left of its insured amount.
/// @param afterLoan Only loans with a higher number count.
struct Insurance {
    address insurer;
    uint40 validUntil;
    uint24 fromDay;
    address currency;
    uint64 left;
    uint256 afterLoan;
}

/// @notice All agreements that sharers and insurers signed.
/// @param sharings The sharings of each product.
/// @param insurances By insured too: what others sign for a facility does not block its lender.
/// @param used Whether a sharing with this digest was agreed.
/// @param signedTerms Signatures that their signers took back.
struct AgreementBook {
    mapping(ProductId => IRiskReserve.SharingState[]) sharings;
    /// By insured too: what others sign for a facility does not block its lender.
    mapping(FacilityId => mapping(address insured => Insurance)) insurances;
    mapping(bytes32 digest => bool) used;
    SignedTerms.Book signedTerms;
}

/// @title Sharings and insurances: signed, in time, ended; linked to RiskReserve.
/// @notice See {IRiskReserve} for the specification.
library RiskAgreements {
    using SignedTerms for SignedTerms.Book;

    uint256 private constant WHOLE = 1_000_000;
    uint256 private constant MAX_SHARERS = 8;
    bytes32 private constant SHARING_TYPEHASH = keccak256(
        "SharingTerms(uint256 productId,address sharer,address currency,uint24 part,uint64 cap,uint40 validFrom,"
        "uint40 validUntil,bytes32 legalTextHash,uint40 deadline,uint256 nonce)"
    );
    bytes32 private constant SHARING_END_TYPEHASH = keccak256("SharingEnd(bytes32 termsHash,uint40 deadline)");
    bytes32 private constant INSURANCE_TYPEHASH = keccak256(
        "InsuranceTerms(uint256 facilityId,address insurer,address insured,address currency,uint64 insuredAmount,"
        "uint40 validFrom,uint40 validUntil,bytes32 legalTextHash,uint40 deadline,uint256 nonce)"
    );

    /// @notice See {IRiskReserve.agreeSharing}.
    /// @param book The agreements, in the storage of RiskReserve.
    /// @param registry The registry of parties.
    /// @param client The contract whose loans the reserve protects.
    /// @param domain EIP-712 domain separator of RiskReserve.
    /// @param terms The terms.
    /// @param sharerSignature The sharer's signature.
    function agreeSharing(
        AgreementBook storage book,
        IPartyRegistry registry,
        IReserveClient client,
        bytes32 domain,
        IRiskReserve.SharingTerms calldata terms,
        bytes calldata sharerSignature
    ) external {
        registry.requireValidForRisk(terms.sharer, 0);
        _requireInTime(terms.validFrom, terms.validUntil);
        _within(terms.cap, ClaimShares.MAX_AMOUNT);
        bytes32 digest = sharingDigest(domain, terms);
        _requireSigned(book, terms.sharer, digest, terms.deadline, sharerSignature);
        if (book.used[digest]) revert IRiskReserve.TermsUsed(digest);
        book.used[digest] = true;
        ProductId productId = ProductId.wrap(terms.productId);
        IRiskReserve.SharingState[] storage sharings = book.sharings[productId];
        uint256 place = _placeFor(sharings, productId, terms.part);
        if (place == sharings.length) sharings.push();
        IRiskReserve.SharingState storage sharing = sharings[place];
        sharing.sharer = terms.sharer;
        sharing.part = terms.part;
        sharing.validUntil = terms.validUntil;
        sharing.currency = terms.currency;
        sharing.left = terms.cap;
        sharing.termsHash = digest;
        sharing.fromDay = uint24(client.dayOf(terms.validFrom));
        sharing.afterLoan = client.loanCount();
        emit IRiskReserve.SharingAgreed(productId, terms.sharer, place, terms.part, terms.cap);
    }

    /// @notice See {IRiskReserve.endSharing}.
    /// @param book The agreements, in the storage of RiskReserve.
    /// @param registry The registry of parties.
    /// @param domain EIP-712 domain separator of RiskReserve.
    /// @param sender The sender of the call.
    /// @param productId The product.
    /// @param place Place of the sharing in the product's list.
    /// @param deadline First second at which the signature no longer counts (UTC).
    /// @param sharerSignature The sharer's signature.
    function endSharing(
        AgreementBook storage book,
        IPartyRegistry registry,
        bytes32 domain,
        address sender,
        ProductId productId,
        uint256 place,
        uint40 deadline,
        bytes calldata sharerSignature
    ) external {
        IRiskReserve.SharingState storage sharing = _at(book, productId, place);
        address sharer = sharing.sharer;
        if (sharing.validUntil <= block.timestamp) {
            revert IRiskReserve.NotInTime(0, sharing.validUntil, block.timestamp);
        }
        if (registry.areRelated(sender, sharer)) revert IRiskReserve.SamePartyBothSides(sender, sharer);
        bytes32 digest = sharingEndDigest(domain, sharing.termsHash, deadline);
        _requireSigned(book, sharer, digest, deadline, sharerSignature);
        sharing.validUntil = uint40(block.timestamp);
        emit IRiskReserve.SharingEnded(productId, sharer, place);
    }

    /// @notice See {IRiskReserve.agreeInsurance}.
    /// @param book The agreements, in the storage of RiskReserve.
    /// @param registry The registry of parties.
    /// @param client The contract whose loans the reserve protects.
    /// @param domain EIP-712 domain separator of RiskReserve.
    /// @param terms The terms.
    /// @param signatures The insurer's and the insured's.
    function agreeInsurance(
        AgreementBook storage book,
        IPartyRegistry registry,
        IReserveClient client,
        bytes32 domain,
        IRiskReserve.InsuranceTerms calldata terms,
        bytes[2] calldata signatures
    ) external {
        FacilityId facilityId = FacilityId.wrap(terms.facilityId);
        registry.requireValidForRisk(terms.insurer, 0);
        registry.requireValid(terms.insured, 0);
        if (registry.areRelated(terms.insurer, terms.insured)) {
            revert IRiskReserve.SamePartyBothSides(terms.insurer, terms.insured);
        }
        _requireInTime(terms.validFrom, terms.validUntil);
        // Anyone may agree an insurance, so numbers that readers of the ledger have no room for are refused.
        _within(terms.insuredAmount, ClaimShares.MAX_AMOUNT);
        _within(terms.facilityId, type(uint40).max);
        if (client.isOpenedBySale(facilityId)) revert IRiskReserve.InsuranceOfBoughtLoans(facilityId);
        Insurance storage held = book.insurances[facilityId][terms.insured];
        // No other check is needed for a second use: the same terms are in force, or have run out.
        if (held.validUntil > block.timestamp) revert IRiskReserve.InsuranceExists(facilityId, held.insurer);
        bytes32 digest = insuranceDigest(domain, terms);
        _requireSigned(book, terms.insured, digest, terms.deadline, signatures[1]);
        _requireSigned(book, terms.insurer, digest, terms.deadline, signatures[0]);
        held.insurer = terms.insurer;
        held.validUntil = terms.validUntil;
        held.currency = terms.currency;
        held.left = terms.insuredAmount;
        held.fromDay = uint24(client.dayOf(terms.validFrom));
        held.afterLoan = client.loanCount();
        emit IRiskReserve.InsuranceAgreed(facilityId, terms.insurer, terms.insured, terms.insuredAmount);
    }

    /// @notice See {IRiskReserve.sharingOf}.
    /// @param book The agreements, in the storage of RiskReserve.
    /// @param productId The product.
    /// @param place Place of the sharing in the product's list.
    /// @return The sharing.
    function sharingAt(AgreementBook storage book, ProductId productId, uint256 place)
        external
        view
        returns (IRiskReserve.SharingState memory)
    {
        return _at(book, productId, place);
    }

    /// @notice See {IRiskReserve.sharingDigest}.
    /// @param domain EIP-712 domain separator of RiskReserve.
    /// @param terms The terms.
    /// @return The digest.
    function sharingDigest(bytes32 domain, IRiskReserve.SharingTerms calldata terms) public pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(SHARING_TYPEHASH, terms)));
    }

    /// @notice See {IRiskReserve.sharingEndDigest}.
    /// @param domain EIP-712 domain separator of RiskReserve.
    /// @param termsHash EIP-712 digest of the terms that were signed.
    /// @param deadline First second at which the signature no longer counts (UTC).
    /// @return The digest.
    function sharingEndDigest(bytes32 domain, bytes32 termsHash, uint40 deadline) public pure returns (bytes32) {
        return
            MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(SHARING_END_TYPEHASH, termsHash, deadline)));
    }

    /// @notice See {IRiskReserve.insuranceDigest}.
    /// @param domain EIP-712 domain separator of RiskReserve.
    /// @param terms The terms.
    /// @return The digest.
    function insuranceDigest(bytes32 domain, IRiskReserve.InsuranceTerms calldata terms) public pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(INSURANCE_TYPEHASH, terms)));
    }

    function _at(AgreementBook storage book, ProductId productId, uint256 place)
        private
        view
        returns (IRiskReserve.SharingState storage)
    {
        IRiskReserve.SharingState[] storage sharings = book.sharings[productId];
        if (place >= sharings.length) revert IRiskReserve.SharingUnknown(productId, place);
        return sharings[place];
    }

    /// @dev The place of a sharing that has run out, else the next place. All parts in force together are at most the
    /// whole.
    function _placeFor(IRiskReserve.SharingState[] storage sharings, ProductId productId, uint24 part)
        private
        view
        returns (uint256 place)
    {
        place = sharings.length;
        uint256 sum = part;
        for (uint256 i; i < sharings.length; ++i) {
            if (sharings[i].validUntil <= block.timestamp) place = i;
            else sum += sharings[i].part;
        }
        if (part == 0 || sum > WHOLE) revert IRiskReserve.PartsExceedWhole(productId, sum);
        if (place == MAX_SHARERS) revert IRiskReserve.SharersFull(productId, MAX_SHARERS);
    }

    function _requireSigned(
        AgreementBook storage book,
        address signer,
        bytes32 digest,
        uint40 deadline,
        bytes calldata signature
    ) private view {
        SignedTerms.requireInTime(deadline);
        if (!book.signedTerms.isSignedBy(signer, digest, signature)) {
            revert IRiskReserve.SignatureInvalid(signer, digest);
        }
    }

    function _requireInTime(uint40 validFrom, uint40 validUntil) private view {
        if (validUntil <= block.timestamp || validUntil <= validFrom) {
            revert IRiskReserve.NotInTime(validFrom, validUntil, block.timestamp);
        }
    }

    function _within(uint256 value, uint256 max) private pure {
        if (value == 0 || value > max) revert IRiskReserve.AmountOutOfRange(value, 1, max);
    }
}
