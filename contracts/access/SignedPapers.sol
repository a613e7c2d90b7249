// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @title Papers that a party signed: until when they count, and that their signer can take them back.
/// @dev Every contract that takes signatures keeps a book of its own: `cancelSignature(bytes32 digest)` by the signer's account.
library SignedPapers {
    struct Book {
        mapping(address signer => mapping(bytes32 digest => bool)) cancelled;
    }

    event SignatureWithdrawn(address indexed signer, bytes32 indexed digest);

    error SignatureExpired(uint40 deadline, uint256 timestamp);
    error SignatureCancelled(address signer, bytes32 digest);

    /// @notice The signer's signature over `digest` counts no more, whether it was given already or not.
    function cancel(Book storage book, address signer, bytes32 digest) internal {
        if (book.cancelled[signer][digest]) revert SignatureCancelled(signer, digest);
        book.cancelled[signer][digest] = true;
        emit SignatureWithdrawn(signer, digest);
    }

    /// @notice Reverts from `deadline` on (UTC seconds, exclusive).
    function requireInTime(uint40 deadline) internal view {
        if (block.timestamp >= deadline) revert SignatureExpired(deadline, block.timestamp);
    }

    /// @notice Whether the signature is the signer's; reverts where the signer took it back.
    function isSignedBy(Book storage book, address signer, bytes32 digest, bytes memory signature)
        internal
        view
        returns (bool)
    {
        if (book.cancelled[signer][digest]) revert SignatureCancelled(signer, digest);
        return SignatureChecker.isValidSignatureNow(signer, digest, signature);
    }
}
