"""The language's own errors, those of the gateway's trial of a call, and of the libraries used."""

from __future__ import annotations

_AGAIN = "send the command again; if it is refused again, tell the operator"
_OPERATOR = "tell the operator: the gateway asks for this in the wrong way"
LANGUAGE: dict[str, tuple[str, str]] = {
    "Reverted": ("the contract gave no reason", _AGAIN),
    "Reverted(message)": ("the contract gave no reason: {message}", _AGAIN),
    "Error": ("{message}", _AGAIN),
    "Panic": (
        "the contract met {reason}",
        "look at the amounts; if they are right, tell the operator",
    ),
    "Unknown": ("a contract refused with an error that the gateway does not know: {data}", _AGAIN),
    "OutOfGas": (
        "the {gas:left} gas that the wallet signed do not suffice any more",
        "repeat the command and sign its new typed data",
    ),
    "GasAboveLimit": (
        "the command needs {gas:left} gas, a transaction may have {limit:left}",
        "split it into smaller commands",
    ),
    "AddressEmptyCode": ("there is no contract at {target:who}", _OPERATOR),
    "CheckpointUnorderedInsertion": ("a clock of the ledger went back", _AGAIN),
    "ECDSAInvalidSignature": ("the signature is none", "sign the typed data anew"),
    "ECDSAInvalidSignatureLength": (
        "the signature has {length} bytes, not 65",
        "sign the typed data anew",
    ),
    "ECDSAInvalidSignatureS": (
        "the signature is not in the form that the ledger accepts",
        "sign with a wallet that gives the lower s value",
    ),
    "FailedCall": ("a contract that the command calls failed", _AGAIN),
    "FailedDeployment": ("a contract could not be created", "tell the operator"),
    "InsufficientBalance": (
        "the contract holds {balance} wei, {needed} are needed",
        "tell the operator",
    ),
    "InvalidAccountNonce": (
        "the signature of {account:who} is for another nonce than {currentNonce}",
        "sign anew with the nonce {currentNonce}",
    ),
    "InvalidShortString": ("a text of the contract cannot be read", "tell the operator"),
    "MissingPrecompile": ("the chain lacks a built-in contract", "tell the operator"),
    "ReentrancyGuardReentrantCall": ("the contract is at work already in this transaction", _AGAIN),
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
        "the approval of {spender:who} is {currentAllowance:minor}, less than the "
        "{requestedDecrease:minor} to take off it",
        "take off less",
    ),
    "SafeERC20FailedOperation": (
        "the currency {token:cash} refused a transfer",
        "ask the issuer of the currency",
    ),
    "StringTooLong": ("a text is too long: {str}", "give a shorter one"),
    "StringsInsufficientHexLength": ("{value} does not fit into {length} digits", _OPERATOR),
    "StringsInvalidAddressFormat": ("a text is no address", "give 0x and 40 digits"),
    "StringsInvalidChar": ("a text has a character that is not allowed", "take it out"),
}
