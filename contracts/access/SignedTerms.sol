// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @title Terms that a party signed: until when they count, and how their signer takes the signature back.
/// @notice A signature counts until its deadline, unless its signer takes it back.
/// @dev Every contract that takes signatures has a book of its own: the signer's account calls its
/// `cancelSignature(bytes32 digest)`.
library SignedTerms {
    /// @notice The signatures that their signers took back.
    /// @param cancelled By signer and digest: true once the signer took the signature back. It is never false again.
    struct Book {
        mapping(address signer => mapping(bytes32 digest => bool)) cancelled;
    }

    /// @notice A signer took a signature back.
    /// @param signer The account whose signature it is.
    /// @param digest The EIP-712 digest that was signed.
    event SignatureWithdrawn(address indexed signer, bytes32 indexed digest);

    /// @notice The deadline of the signature has passed. Sign anew with a later deadline.
    /// @param deadline The deadline that was signed (UTC seconds, exclusive).
    /// @param timestamp The time of the block (UTC seconds).
    error SignatureExpired(uint40 deadline, uint256 timestamp);

    /// @notice The signer took this signature back. Sign terms with another nonce or deadline.
    /// @param signer The account whose signature it is.
    /// @param digest The EIP-712 digest that was signed.
    error SignatureCancelled(address signer, bytes32 digest);

    /// @notice The signer's signature over `digest` no longer counts, whether it was handed to anyone already or not.
    /// @dev Reverts with {SignatureCancelled} if it was taken back before.
    /// @param book The signatures that were taken back, in the storage of the calling contract.
    /// @param signer The account whose signature it is.
    /// @param digest The EIP-712 digest that was signed.
    function cancel(Book storage book, address signer, bytes32 digest) internal {
        if (book.cancelled[signer][digest]) revert SignatureCancelled(signer, digest);
        book.cancelled[signer][digest] = true;
        emit SignatureWithdrawn(signer, digest);
    }

    /// @notice Reverts from `deadline` on (UTC seconds, exclusive).
    /// @dev Reverts with {SignatureExpired} from the deadline on.
    /// @param deadline UTC seconds, exclusive.
    function requireInTime(uint40 deadline) internal view {
        if (block.timestamp >= deadline) revert SignatureExpired(deadline, block.timestamp);
    }

    /// @notice Whether the signature is the signer's.
    /// @dev Reverts with {SignatureCancelled} if the signer took it back.
    /// @param book The signatures that were taken back, in the storage of the calling contract.
    /// @param signer The account whose signature it is.
    /// @param digest The EIP-712 digest that was signed.
    /// @param signature The signature (ECDSA, or ERC-1271 where the signer has code).
    /// @return True if the signature is valid now. The answer for a signer with code may change (ERC-1271).
    function isSignedBy(Book storage book, address signer, bytes32 digest, bytes memory signature)
        internal
        view
        returns (bool)
    {
        if (book.cancelled[signer][digest]) revert SignatureCancelled(signer, digest);
        return SignatureChecker.isValidSignatureNow(signer, digest, signature);
    }
}
