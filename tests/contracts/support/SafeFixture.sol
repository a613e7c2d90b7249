// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Safe} from "@safe-global/safe-smart-account/contracts/Safe.sol";
import {
    CompatibilityFallbackHandler
} from "@safe-global/safe-smart-account/contracts/handler/CompatibilityFallbackHandler.sol";
import {SafeProxyFactory} from "@safe-global/safe-smart-account/contracts/proxies/SafeProxyFactory.sol";
import {IForwarder} from "../../../contracts/access/IForwarder.sol";
import {Fixture} from "./Fixture.sol";
import {IntentDigest} from "./IntentDigest.sol";

/// A bank whose account is a Safe, as its makers publish it: two of three owners sign.
abstract contract SafeFixture is Fixture {
    uint256 internal constant THRESHOLD = 2;

    Safe internal safe;
    /// In the order of the owners' addresses, as a Safe wants their signatures.
    uint256[3] internal ownerKeys;
    Safe private _singleton;
    SafeProxyFactory private _factory;
    address private _handler;
    uint256 private _safes;

    function setUp() public virtual override {
        super.setUp();
        ownerKeys = [uint256(901), 902, 903];
        for (uint256 i; i < 3; ++i) {
            for (uint256 j = i + 1; j < 3; ++j) {
                if (vm.addr(ownerKeys[j]) < vm.addr(ownerKeys[i])) {
                    (ownerKeys[i], ownerKeys[j]) = (ownerKeys[j], ownerKeys[i]);
                }
            }
        }
        (_singleton, _factory, _handler) =
        (new Safe(), new SafeProxyFactory(), address(new CompatibilityFallbackHandler()));
        safe = _newSafe();
        _party(address(safe), 4);
    }

    /// Another Safe of the same owners.
    function _newSafe() internal returns (Safe) {
        address[] memory owners = new address[](3);
        for (uint256 i; i < 3; ++i) {
            owners[i] = vm.addr(ownerKeys[i]);
        }
        bytes memory setup = abi.encodeCall(
            Safe.setup, (owners, THRESHOLD, address(0), "", _handler, address(0), 0, payable(address(0)))
        );
        return Safe(payable(address(_factory.createProxyWithNonce(address(_singleton), setup, ++_safes))));
    }

    /// What each owner signs for a digest: the message of the Safe, computed from its documentation.
    function _messageOf(Safe wallet, bytes32 digest) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(keccak256("EIP712Domain(uint256 chainId,address verifyingContract)"), block.chainid, wallet)
        );
        bytes32 message = keccak256(abi.encode(digest));
        bytes32 hash = keccak256(abi.encode(keccak256("SafeMessage(bytes message)"), message));
        return keccak256(abi.encodePacked(hex"1901", domain, hash));
    }

    /// The signatures of two owners, by their places, in this order.
    function _signedBy(Safe wallet, bytes32 digest, uint256 first, uint256 second)
        internal
        view
        returns (bytes memory)
    {
        bytes32 message = _messageOf(wallet, digest);
        return bytes.concat(_signed(ownerKeys[first], message), _signed(ownerKeys[second], message));
    }

    /// An owner loses its place, by a call of the Safe to itself.
    function _removeOwner(uint256 place) internal {
        address before = place == 0 ? address(1) : vm.addr(ownerKeys[place - 1]);
        vm.prank(address(safe));
        safe.removeOwner(before, vm.addr(ownerKeys[place]), THRESHOLD);
    }

    /// An intent of an account, with no signature yet, and its digest.
    function _unsignedIntent(address from, address to, bytes memory call, uint256 nonce)
        internal
        view
        returns (IForwarder.SignedIntent memory signed, bytes32 digest)
    {
        signed.intent = IForwarder.Intent({
            from: from,
            to: to,
            gas: 1_000_000,
            nonce: nonce,
            deadline: uint48(block.timestamp + 1 hours),
            operation: keccak256(call),
            data: call
        });
        digest = IntentDigest.digestOf(address(forwarder), signed.intent);
    }
}
