// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Brings what parties signed to the contracts of the ledger: each intent at most once, in any order, alone or
/// in a batch.
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
interface IForwarder {
    /// @notice What a signer signs, as EIP-712 data of the domain "Cession Forwarder", version "2".
    struct Intent {
        address from; // the signer: the target sees the call as the signer's own (ERC-2771)
        address to; // the target
        uint256 gas; // gas for the call, exactly
        uint256 nonce; // any number that the signer has not used: word `nonce >> 8`, bit `nonce & 255`
        uint48 deadline; // UTC seconds, inclusive
        bytes32 operation; // hash of the operation that the intent carries out; the forwarder repeats it in its event
        bytes data; // calldata of the call
    }

    struct SignedIntent {
        Intent intent;
        bytes signature;
    }

    /// @notice The nonce is used up. `succeeded`: whether the call succeeded. A call that failed changed nothing else.
    event IntentExecuted(address indexed signer, uint256 indexed nonce, bytes32 indexed operation, bool succeeded);
    /// @notice The signer made the nonce unusable.
    event NonceCancelled(address indexed signer, uint256 indexed nonce);

    /// The nonce was executed or cancelled before. An intent with another nonce can still run.
    error NonceUsed(address signer, uint256 nonce);
    /// The deadline (UTC seconds, inclusive) is before `timestamp`. The signer signs anew, with the same nonce.
    error IntentExpired(uint48 deadline, uint256 timestamp);
    /// The target has no code, or does not trust this forwarder.
    error TargetUntrusting(address target);
    /// The signature is not the signer's over exactly these fields, this chain and this forwarder.
    error SignatureInvalid(address signer, uint256 nonce);
    /// The call failed, with the target's own error in `reason`.
    error CallFailed(address signer, uint256 nonce, bytes reason);
    /// With `left`, a call cannot get all of `needed` gas: at most 63 of 64 parts go to it. Send the transaction with
    /// more gas.
    error GasTooLow(uint256 needed, uint256 left);

    /// @notice Executes one intent. Anyone may send it.
    /// *Reverts* with `NonceUsed`, `IntentExpired`, `TargetUntrusting`, `SignatureInvalid` if it is not valid; with
    /// `CallFailed` if its call fails; with `GasTooLow`; with `ReentrancyGuardReentrantCall` while another intent runs.
    /// After each of them the nonce is as before.
    function execute(SignedIntent calldata signed) external;

    /// @notice Executes intents in their order. Anyone may send them.
    /// @param whole true: all or nothing, with the errors of `execute`. false: an intent that is not valid is skipped,
    /// with no event and its nonce as before; a call that fails uses its nonce up, with `succeeded` false in its event.
    /// @dev Warning: an intent that requires more gas than a call can get fails the batch, `whole` or not. This is
    /// enough: the gas of all its intents, a 32nd of the largest, 50,000 for each intent, and 510,000 for each signer
    /// that has code.
    /// *Reverts* with `GasTooLow` and `ReentrancyGuardReentrantCall`; with `whole`, as `execute` does.
    function executeBatch(SignedIntent[] calldata signed, bool whole) external;

    /// @notice Makes a nonce of the sender unusable, and with it every intent signed with it. The signer itself calls
    /// it.
    /// *Reverts* with `NonceUsed`.
    function cancel(uint256 nonce) external;

    /// Whether the intent is valid now. Whether its call would then succeed is another question. *Reverts* with
    /// `GasTooLow`.
    function verify(SignedIntent calldata signed) external view returns (bool);
    /// Whether the nonce was executed or cancelled.
    function isNonceUsed(address signer, uint256 nonce) external view returns (bool);
    /// The nonces `word << 8` to `word << 8 | 255` of a signer: bit n is set if `word << 8 | n` is used.
    function nonceBitmap(address signer, uint256 word) external view returns (uint256);
}
