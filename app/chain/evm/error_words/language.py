"""Errors of Solidity itself, of the gateway's simulation of a call, and of libraries."""

from __future__ import annotations

_AGAIN = "send the command again; if it is refused again, tell the operator"
_OPERATOR = "tell the operator: the gateway calls the contract in the wrong way"
LANGUAGE: dict[str, tuple[str, str]] = {
    "Reverted": ("the contract gave no reason", _AGAIN),
    "Reverted(message)": ("the contract gave no reason: {message}", _AGAIN),
    "Error": ("{message}", _AGAIN),
    "Panic": (
        "the contract stopped with a panic: {reason}",
        "check the amounts; if they are right, tell the operator",
    ),
    "Unknown": ("a contract refused the command with an unknown error: {data}", _AGAIN),
    "OutOfGas": (
        "the {gas:left} gas that the wallet signed is no longer enough",
        "repeat the command and sign its new typed data",
    ),
    "GasAboveLimit": (
        "the command needs {gas:left} gas; the maximum for a transaction is {limit:left}",
        "split it into smaller commands",
    ),
    "AddressEmptyCode": ("there is no contract at {target:who}", _OPERATOR),
    "CheckpointUnorderedInsertion": ("a clock of the ledger went back", _AGAIN),
    "ECDSAInvalidSignature": ("the signature is not valid", "sign the typed data again"),
    "ECDSAInvalidSignatureLength": (
        "the signature has {length} bytes, not 65",
        "sign the typed data again",
    ),
    "ECDSAInvalidSignatureS": (
        "the signature is not in the form that the ledger accepts",
        "sign with a wallet that gives the lower s value",
    ),
    "FailedCall": ("a contract that the command calls failed", _AGAIN),
    "FailedDeployment": ("a contract could not be created", "tell the operator"),
    "InsufficientBalance": (
        "the contract holds {balance} wei; {needed} wei are needed",
        "tell the operator",
    ),
    "InvalidAccountNonce": (
        "the signature of {account:who} is not for the nonce {currentNonce}",
        "sign again with the nonce {currentNonce}",
    ),
    "InvalidShortString": ("a text of the contract cannot be read", "tell the operator"),
    "MissingPrecompile": ("the chain lacks a built-in contract", "tell the operator"),
    "ReentrancyGuardReentrantCall": (
        "the contract was called again during its own call in this transaction",
        _AGAIN,
    ),
    "SafeCastOverflowedIntDowncast": (
        "{value} does not fit into {bits} bits",
        "give a smaller value",
    ),
    "SafeCastOverflowedIntToUint": ("{value} is below zero", "give a value of zero or more"),
    "SafeCastOverflowedUintDowncast": (
        "{value} does not fit into {bits} bits",
        "give a smaller value",
    ),
    "SafeCastOverflowedUintToInt": ("{value} is too large", "give a smaller value"),
    "SafeERC20FailedDecreaseAllowance": (
        "the approval of {spender:who} is {currentAllowance:minor}; it cannot be reduced by "
        "{requestedDecrease:minor}",
        "reduce it by less",
    ),
    "SafeERC20FailedOperation": (
        "the currency {token:cash} refused a transfer",
        "ask the issuer of the currency",
    ),
    "StringTooLong": ("a text is too long: {str}", "give a shorter text"),
    "StringsInsufficientHexLength": ("{value} does not fit into {length} digits", _OPERATOR),
    "StringsInvalidAddressFormat": ("a text is not an address", "give 0x and 40 digits"),
    "StringsInvalidChar": ("a text has a character that is not allowed", "remove it"),
}
