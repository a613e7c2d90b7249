// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Brings what parties signed to the contracts of the ledger: each intent at most once, in any order, alone or
/// in a batch.
/// @notice Anyone may send a signed intent. Its target sees the signer as the sender (ERC-2771).
/// @dev An intent is valid while all of this holds:
/// 1. its nonce is unused: never executed, never cancelled;
/// 2. its deadline has not passed;
/// 3. its target has code and answers `isTrustedForwarder(forwarder)` with true, within 50,000 gas;
/// 4. its signature is the signer's: an ECDSA signature (65 bytes, low s) by the key of the signer's address; or, if
/// the signer has code, a signature that the code accepts by ERC-1271, within 500,000 gas.
///
/// Anyone may send an intent; the sender gains nothing and pays for it. Nonces are unordered, as in Permit2: each is
/// one bit, so a gap holds nobody up. The nonce is used before the call. While an intent runs, no other intent starts:
/// a call that re-enters `execute` or `executeBatch` fails. So in a transaction that calls the forwarder, the logs
/// between two `IntentExecuted` belong to the second one. No function takes ether.
///
/// @dev Warning: an account with code may accept a signature now and refuse it later, or the reverse. `verify` is an
/// answer for one moment; only the event says what ran.
/// @dev Source: decisions 9 and 26; ERC-2771; Permit2 for the nonces.
interface IForwarder {
    /// @notice What a signer signs, as EIP-712 data of the domain "Cession Forwarder", version "2".
    /// @param from The signer. The target sees the call as the signer's own (ERC-2771).
    /// @param to The target.
    /// @param gas Gas for the call, exactly.
    /// @param nonce Any number that the signer has not used: word `nonce >> 8`, bit `nonce & 255`.
    /// @param deadline Last second at which it may run (UTC, inclusive).
    /// @param operation Hash of the operation that the intent carries out. The forwarder repeats it in its event.
    /// @param data Calldata of the call.
    struct Intent {
        address from;
        address to;
        uint256 gas;
        uint256 nonce;
        uint48 deadline;
        bytes32 operation;
        bytes data;
    }

    /// @notice An intent and its signature.
    /// @param intent What the signer signed.
    /// @param signature The signature of `intent.from` over the EIP-712 digest of the intent (ECDSA or ERC-1271).
    struct SignedIntent {
        Intent intent;
        bytes signature;
    }

    /// @notice An intent ran and its nonce is used up. A call that failed changed nothing else.
    /// @param signer The account that signed the intent.
    /// @param nonce The nonce of the intent.
    /// @param operation Hash of the operation, as in the intent.
    /// @param succeeded Whether the call succeeded.
    event IntentExecuted(address indexed signer, uint256 indexed nonce, bytes32 indexed operation, bool succeeded);

    /// @notice The signer made the nonce unusable.
    /// @param signer The account that signed the intent.
    /// @param nonce The nonce.
    event NonceCancelled(address indexed signer, uint256 indexed nonce);

    /// @notice The nonce was executed or cancelled before. An intent with another nonce can still run.
    /// @param signer The account that signed the intent.
    /// @param nonce The nonce.
    error NonceUsed(address signer, uint256 nonce);

    /// @notice The deadline has passed. The signer signs anew, with the same nonce.
    /// @param deadline The deadline of the intent (UTC seconds, inclusive).
    /// @param timestamp The time of the block (UTC seconds).
    error IntentExpired(uint48 deadline, uint256 timestamp);

    /// @notice The target has no code, or does not trust this forwarder.
    /// @param target The contract that the intent calls.
    error TargetUntrusting(address target);

    /// @notice The signature is not the signer's over exactly these fields, this chain and this forwarder.
    /// @param signer The account that signed the intent.
    /// @param nonce The nonce of the intent.
    error SignatureInvalid(address signer, uint256 nonce);

    /// @notice The call of the intent failed.
    /// @param signer The account that signed the intent.
    /// @param nonce The nonce of the intent.
    /// @param reason The target's own error, ABI-encoded.
    error CallFailed(address signer, uint256 nonce, bytes reason);

    /// @notice With `left`, a call cannot get all of `needed` gas: at most 63 of 64 parts go to it. Send the
    /// transaction with more gas.
    /// @param needed Gas that the call must get.
    /// @param left Gas that is left.
    error GasTooLow(uint256 needed, uint256 left);

    /// @notice Executes one intent. Anyone may send it.
    /// @dev After each error below the nonce is as before.
    /// Reverts with {NonceUsed} if the nonce was executed or cancelled.
    /// Reverts with {IntentExpired} if the deadline has passed.
    /// Reverts with {TargetUntrusting} if the target does not trust this forwarder.
    /// Reverts with {SignatureInvalid} if the signature is not the signer's.
    /// Reverts with {GasTooLow} if the call cannot get the gas that the intent names.
    /// Reverts with {CallFailed} if the call fails.
    /// Reverts with {ReentrancyGuardReentrantCall} while another intent runs.
    /// @param signed The intent with its signature.
    function execute(SignedIntent calldata signed) external;

    /// @notice Executes intents in their order. Anyone may send them.
    /// @dev Reverts with {GasTooLow} if one call cannot get the gas that its intent names, whatever `whole` says.
    /// Reverts with {ReentrancyGuardReentrantCall} while another intent runs.
    /// If `whole` is true, reverts also with each other error of {execute}.
    /// @dev Warning: an intent that requires more gas than a call can get fails the batch, `whole` or not. This is
    /// enough: the gas of all its intents, a 32nd of the largest, 50,000 for each intent, and 510,000 for each signer
    /// that has code.
    /// @param signed The intents with their signatures.
    /// @param whole If true, all intents succeed or none runs. If false, an intent that is not valid is skipped, with
    /// no event and its nonce as before; a call that fails uses its nonce up, with `succeeded` false in its event.
    function executeBatch(SignedIntent[] calldata signed, bool whole) external;

    /// @notice Makes a nonce of the sender unusable, and with it every intent that was signed with it.
    /// @dev The signer calls it itself, not through the forwarder.
    /// Reverts with {NonceUsed} if the nonce was executed or cancelled before.
    /// @param nonce The nonce.
    function cancel(uint256 nonce) external;

    /// @notice Whether an intent is valid now. It does not say whether the call would succeed.
    /// @dev Reverts with {GasTooLow} if a question to the target or to the signer cannot get its gas.
    /// @param signed The intent with its signature.
    /// @return True if all rules of this interface hold now.
    function verify(SignedIntent calldata signed) external view returns (bool);

    /// @notice Whether the nonce was executed or cancelled.
    /// @param signer The account that signed the intent.
    /// @param nonce The nonce.
    /// @return True if the nonce cannot be used any more.
    function isNonceUsed(address signer, uint256 nonce) external view returns (bool);

    /// @notice 256 nonces of a signer in one word: `word << 8` to `word << 8 | 255`.
    /// @param signer The account that signed the intent.
    /// @param word The upper 248 bits of the nonces.
    /// @return Bit n is set if the nonce `word << 8 | n` is used.
    function nonceBitmap(address signer, uint256 word) external view returns (uint256);
}
