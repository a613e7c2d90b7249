// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {bitAt, Bitmap, placeOf, wordOf} from "../types/Bitmap.sol";
import {IForwarder} from "./IForwarder.sol";

/// @title Executes what parties signed: each intent at most once.
/// @notice See {IForwarder} for the specification.
/// @dev It checks of the target what OpenZeppelin's ERC2771Forwarder checks. The nonces are Permit2's.
contract Forwarder is IForwarder, EIP712, ReentrancyGuard {
    bytes32 private constant INTENT_TYPE_HASH = keccak256(
        "Intent(address from,address to,uint256 gas,uint256 nonce,uint48 deadline,bytes32 operation,bytes data)"
    );
    uint256 private constant TRUST_GAS = 50_000;
    uint256 private constant SIGNATURE_GAS = 500_000;
    /// @dev The cost of a call before it begins: 700 before the Berlin fork, since then 100 for an account that was
    /// accessed already; plus the steps between the check and the call.
    uint256 private constant CALL_GAS = 1_000;

    /// @notice Whether an intent is valid; if not, the first rule that it breaks, in the order in which they are
    /// checked.
    enum Validity {
        VALID,
        NONCE_USED,
        EXPIRED,
        UNTRUSTING,
        NOT_SIGNED
    }

    /// @inheritdoc IForwarder
    mapping(address signer => mapping(uint256 word => uint256 bits)) public nonceBitmap;

    constructor() EIP712("Cession Forwarder", "2") {}

    /// @inheritdoc IForwarder
    function execute(SignedIntent calldata signed) external nonReentrant {
        _execute(signed, true);
    }

    /// @inheritdoc IForwarder
    function executeBatch(SignedIntent[] calldata signed, bool whole) external nonReentrant {
        for (uint256 i; i < signed.length; ++i) {
            _execute(signed[i], whole);
        }
    }

    /// @inheritdoc IForwarder
    function cancel(uint256 nonce) external {
        if (isNonceUsed(msg.sender, nonce)) revert NonceUsed(msg.sender, nonce);
        _use(msg.sender, nonce);
        emit NonceCancelled(msg.sender, nonce);
    }

    /// @inheritdoc IForwarder
    function verify(SignedIntent calldata signed) external view returns (bool) {
        return _validity(signed) == Validity.VALID;
    }

    /// @inheritdoc IForwarder
    function isNonceUsed(address signer, uint256 nonce) public view returns (bool) {
        return Bitmap.wrap(nonceBitmap[signer][wordOf(nonce)]).has(placeOf(nonce));
    }

    /// @dev `whole`: this intent, or its batch, succeeds whole or reverts.
    function _execute(SignedIntent calldata signed, bool whole) private {
        Intent calldata intent = signed.intent;
        Validity validity = _validity(signed);
        if (validity != Validity.VALID) {
            if (whole) _refuse(validity, intent);
            return;
        }
        // Before the call, so that nothing that the call starts finds the nonce unused.
        _use(intent.from, intent.nonce);
        bool succeeded = _call(intent);
        if (whole && !succeeded) revert CallFailed(intent.from, intent.nonce, _returned());
        emit IntentExecuted(intent.from, intent.nonce, intent.operation, succeeded);
    }

    function _use(address signer, uint256 nonce) private {
        nonceBitmap[signer][wordOf(nonce)] |= bitAt(placeOf(nonce));
    }

    function _validity(SignedIntent calldata signed) private view returns (Validity) {
        Intent calldata intent = signed.intent;
        if (isNonceUsed(intent.from, intent.nonce)) return Validity.NONCE_USED;
        if (block.timestamp > intent.deadline) return Validity.EXPIRED;
        if (!_isTrustedBy(intent.to)) return Validity.UNTRUSTING;
        if (!_isSigned(intent.from, _digest(intent), signed.signature)) return Validity.NOT_SIGNED;
        return Validity.VALID;
    }

    function _refuse(Validity validity, Intent calldata intent) private view {
        if (validity == Validity.NONCE_USED) revert NonceUsed(intent.from, intent.nonce);
        if (validity == Validity.EXPIRED) revert IntentExpired(intent.deadline, block.timestamp);
        if (validity == Validity.UNTRUSTING) revert TargetUntrusting(intent.to);
        revert SignatureInvalid(intent.from, intent.nonce);
    }

    function _digest(Intent calldata intent) private view returns (bytes32) {
        return _hashTypedDataV4(
            keccak256(
                abi.encode(
                    INTENT_TYPE_HASH,
                    intent.from,
                    intent.to,
                    intent.gas,
                    intent.nonce,
                    intent.deadline,
                    intent.operation,
                    keccak256(intent.data)
                )
            )
        );
    }

    function _isTrustedBy(address target) private view returns (bool) {
        bytes32 answer = _ask(target, abi.encodeCall(ERC2771Context.isTrustedForwarder, (address(this))), TRUST_GAS);
        return answer != 0;
    }

    /// @dev Accepts what OpenZeppelin's SignatureChecker accepts, and also the key of an account that has code
    /// (EIP-7702), whatever that code answers. The key can send any transaction as that account, so its signature gives
    /// nobody more than the key has. No key is known for the address of a contract. It is virtual, so that a proof can
    /// put any answer in its place.
    function _isSigned(address signer, bytes32 digest, bytes calldata signature) internal view virtual returns (bool) {
        (address recovered, ECDSA.RecoverError failure,) = ECDSA.tryRecover(digest, signature);
        if (failure == ECDSA.RecoverError.NoError && recovered == signer) return true;
        bytes32 answer = _ask(signer, abi.encodeCall(IERC1271.isValidSignature, (digest, signature)), SIGNATURE_GAS);
        return answer == bytes32(IERC1271.isValidSignature.selector);
    }

    /// @dev The first word of an account's answer; 0 if the account has no code, fails, or answers less than a word.
    /// Neither the gas that it uses nor the length of its answer costs the other intents of a batch more than `limit`.
    function _ask(address account, bytes memory question, uint256 limit) private view returns (bytes32 answer) {
        if (account.code.length == 0) return 0;
        _requireGas(limit);
        assembly ("memory-safe") {
            let answered := staticcall(limit, account, add(question, 0x20), mload(question), 0, 0x20)
            if and(answered, gt(returndatasize(), 0x1f)) { answer := mload(0) }
        }
    }

    /// @dev The target takes the signer's address at the end of the calldata as the sender (ERC-2771).
    function _call(Intent calldata intent) private returns (bool succeeded) {
        (address target, uint256 limit) = (intent.to, intent.gas);
        bytes memory data = abi.encodePacked(intent.data, intent.from);
        _requireGas(limit);
        assembly ("memory-safe") {
            succeeded := call(limit, target, 0, add(data, 0x20), mload(data), 0, 0)
        }
    }

    /// @dev Reverts unless a call can be given all of `limit`: at most 63 of 64 parts of the gas left go to it
    /// (EIP-150). So no sender can make a call fail, or an account answer differently, by giving too little gas: the
    /// whole transaction fails. OpenZeppelin checks after the call whether it may have run out of gas, and so misses a
    /// target that catches the failure of a call of its own.
    function _requireGas(uint256 limit) private view {
        uint256 left = gasleft();
        uint256 max = left - left / 64;
        if (max < CALL_GAS || max - CALL_GAS < limit) revert GasTooLow(limit, left);
    }

    function _returned() private pure returns (bytes memory reason) {
        assembly ("memory-safe") {
            reason := mload(0x40)
            mstore(reason, returndatasize())
            returndatacopy(add(reason, 0x20), 0, returndatasize())
            mstore(0x40, add(reason, and(add(returndatasize(), 0x3f), not(0x1f))))
        }
    }
}
