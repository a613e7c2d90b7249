"""Errors of tokens: claims and warehouse receipts (ERC-3525, ERC-721), cash (ERC-20)."""

from __future__ import annotations

_OPERATOR = "tell the operator: the gateway calls the contract in the wrong way"
TOKENS: dict[str, tuple[str, str]] = {
    "TokenUnknown": ("there is no token {tokenId}", "look for its number in the list"),
    "NotAuthorised": (
        "{caller:who} may not move token {tokenId}",
        "let the holder do it, or approve {caller:who} first",
    ),
    "OwnerMismatch": (
        "the holder of token {tokenId} is {owner:who}, not {provided:who}",
        "check who holds it now",
    ),
    "AllowanceExceeded": (
        "{operator:who} is approved for {allowed} of token {tokenId}, not for {requested}",
        "approve more, or take less",
    ),
    "SplitExceedsClaim": (
        "the parts sum to {requested}; token {tokenId} holds {held}",
        "let the parts sum to at most {held}",
    ),
    "ValueIsZero": ("a part of token {tokenId} is zero", "give each part a value above zero"),
    "SlotMismatch": (
        "tokens {fromTokenId} and {toTokenId} are not of the same debt or lot",
        "merge tokens of one debt or lot only",
    ),
    "SplitTooDeep": (
        "a part of token {tokenId} would have the depth {depth}; the maximum is {max}",
        "assign the whole token, or merge it into one with a smaller depth first",
    ),
    "TokenEncumbered": (
        "token {tokenId} is under a lien of {lienholder:who}",
        "let the lienholder release it, or repay the loan, first",
    ),
    "TokenNotEncumbered": ("token {tokenId} is under no lien", "there is nothing to release"),
    "NotLienholder(tokenId,lienholder,caller)": (
        "the lien on token {tokenId} belongs to {lienholder:who}, not to {caller:who}",
        "let the lienholder do it",
    ),
    "LienholderMustAsk": (
        "the lien on token {tokenId} is for {lienholder:who}, which must take it itself",
        "draw the loan: it takes the lien",
    ),
    "OwnerActs": (
        "only {owner:who} itself may do this with token {tokenId}",
        "let the holder do it",
    ),
    "NotOfHolder": (
        "token {tokenId} does not belong to party {holder}, or not to debt or lot {slot}",
        "name tokens of the holder and the debt that the order names",
    ),
    "ForcedTransferShort": (
        "the tokens of party {holder} reach {reached} of the {requested} that the order names",
        "name more of the holder's tokens",
    ),
    "EtherRefused": ("the contract accepts no ether, and {amount} wei were sent", "send none"),
    "ReceiverRefused": (
        "the contract {receiver:who} does not accept token {tokenId}",
        "name an account or a contract that accepts tokens",
    ),
    "ZeroAddress": ("an address is missing", "give the address"),
    "NoParts": ("there are no parts", "give at least one part"),
    "ModuleMissing": (
        "there is no module at {module:who}",
        "let the operator check the deployment",
    ),
    "ERC20InsufficientAllowance": (
        "{spender:who} is approved for {allowance:minor} of the payer's cash; {needed:minor} are "
        "needed",
        "let the payer approve {spender:who} first (POST /v1/cash/{{currency}}/approvals)",
    ),
    "ERC20InsufficientBalance": (
        "{sender:who} has {balance:minor}; {needed:minor} are needed",
        "pay money in first, or pay less",
    ),
    "ERC20InvalidApprover": ("{approver:who} cannot approve", _OPERATOR),
    "ERC20InvalidReceiver": ("{receiver:who} cannot receive money", "name the account of a party"),
    "ERC20InvalidSender": ("{sender:who} cannot send money", _OPERATOR),
    "ERC20InvalidSpender": ("{spender:who} cannot be approved", "name a contract or an account"),
    "ERC2612ExpiredSignature": ("the approval was valid until {deadline:time}", "sign a new one"),
    "ERC2612InvalidSigner": (
        "the approval is signed by {signer:who}, not by {owner:who}",
        "let the owner sign it",
    ),
}
