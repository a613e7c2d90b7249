// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @title Terms that a party signed: until when they count, and how their signer takes the signature back.
/// @dev Every contract that takes signatures has a book of its own: the signer's account calls its
/// `cancelSignature(bytes32 digest)`.
library SignedTerms {
    struct Book {
        mapping(address signer => mapping(bytes32 digest => bool)) cancelled;
    }

    event SignatureWithdrawn(address indexed signer, bytes32 indexed digest);

    error SignatureExpired(uint40 deadline, uint256 timestamp);
    error SignatureCancelled(address signer, bytes32 digest);

    /// @notice The signer's signature over `digest` no longer counts, whether it was handed to anyone already or not.
    function cancel(Book storage book, address signer, bytes32 digest) internal {
        if (book.cancelled[signer][digest]) revert SignatureCancelled(signer, digest);
        book.cancelled[signer][digest] = true;
        emit SignatureWithdrawn(signer, digest);
    }

    /// @notice Reverts from `deadline` on (UTC seconds, exclusive).
    function requireInTime(uint40 deadline) internal view {
        if (block.timestamp >= deadline) revert SignatureExpired(deadline, block.timestamp);
    }

    /// @notice Whether the signature is the signer's. Reverts if the signer took it back.
    function isSignedBy(Book storage book, address signer, bytes32 digest, bytes memory signature)
        internal
        view
        returns (bool)
    {
        if (book.cancelled[signer][digest]) revert SignatureCancelled(signer, digest);
        return SignatureChecker.isValidSignatureNow(signer, digest, signature);
    }
}
