"""Errors of roles, the forwarder, signatures and court orders."""

from __future__ import annotations

_SIGN = "sign this command's own typed data, with the key of that account"
_TELL = "tell the operator: the ledger's setup differs from what the gateway expects"
ACCESS: dict[str, tuple[str, str]] = {
    # -- roles of the AccessManager
    "AccessManagedInvalidAuthority": ("{authority:who} does not manage roles", _TELL),
    "AccessManagedRequiredDelay": (
        "{caller:who} may do this only {delay} seconds after it was scheduled",
        "schedule it first",
    ),
    "AccessManagedUnauthorized": (
        "{caller:who} does not have the official role that this needs",
        "let an official with that role do it, or have the administrator grant the role",
    ),
    "AccessManagerAlreadyScheduled": ("the operation is already scheduled", "wait until its time"),
    "AccessManagerBadConfirmation": (
        "the confirmation is not the caller's own",
        "give your own account",
    ),
    "AccessManagerExpired": ("the scheduled operation has expired", "schedule it again"),
    "AccessManagerInvalidInitialAdmin": (
        "{initialAdmin:who} cannot be the administrator",
        "name an account",
    ),
    "AccessManagerLockedRole": ("role {roleId} cannot be changed", "leave it as it is"),
    "AccessManagerNotReady": ("the scheduled operation is not due yet", "wait until it is due"),
    "AccessManagerNotScheduled": ("the operation is not scheduled", "schedule it first"),
    "AccessManagerUnauthorizedAccount": (
        "{msgsender:who} does not have role {roleId}",
        "have the administrator grant the role",
    ),
    "AccessManagerUnauthorizedCall": (
        "{caller:who} may not call this function of {target:who}",
        "have the administrator grant the role that it needs",
    ),
    "AccessManagerUnauthorizedCancel": (
        "{msgsender:who} may not cancel what {caller:who} scheduled",
        "let the account that scheduled it, or a guardian, cancel it",
    ),
    "AccessManagerUnauthorizedConsume": ("{target:who} may not use a schedule", _TELL),
    "ManagerIsNoPerson": (
        "{manager:who} executes for everyone who has a role, so it represents no person",
        "call the function from your own account",
    ),
    "ProposerGone": (
        "{proposer:who}, who proposed it, may no longer propose",
        "propose it again",
    ),
    "SecondPersonNeeded(caller)": (
        "{caller:who} did the first step; the second needs another person",
        "let another official confirm it",
    ),
    "SecondPersonNeeded(orderId,issuer)": (
        "{issuer:who} issued order {orderId}; another regulator must carry it out",
        "let another regulator do it",
    ),
    "SecondPersonNeeded(productId,proposer)": (
        "{proposer:who} proposed the change of product {productId}; another official must "
        "confirm it",
        "let another official confirm it",
    ),
    # -- the forwarder
    "CallFailed": ("the call of {signer:who} failed: {reason}", "correct what the reason names"),
    "IntentExpired": (
        "the signature was valid until {deadline:time}; it is now {timestamp:time}",
        "repeat the command and sign its new typed data",
    ),
    "NonceUsed(signer,nonce)": (
        "the nonce of {signer:who} was already used or cancelled",
        "look at the operation; if it did not run, repeat the command with a new idempotency key",
    ),
    "GasTooLow(needed,left)": (
        "the transaction had {left:left} gas left; the call needs {needed:left}",
        "send the command again",
    ),
    "GasTooLow(left,needed)": (
        "the transaction had {left:left} gas left; the call needs {needed:left}",
        "send the command again",
    ),
    "SignatureInvalid(signer,nonce)": ("the signature is not that of {signer:who}", _SIGN),
    "TargetUntrusting": ("{target:who} accepts no calls from the forwarder", _TELL),
    # -- signatures over documents
    "SignatureInvalid": ("the signature is not that of {signer:who} over these terms", _SIGN),
    "SignatureExpired": (
        "the signature was valid until {deadline:time}; it is now {timestamp:time}",
        "propose it again and let all parties sign again",
    ),
    "SignatureCancelled": (
        "{signer:who} has cancelled its signature for good",
        "propose other terms and let all parties sign those",
    ),
    "TermsUsed": ("these terms were already carried out", "propose new terms"),
    # -- court orders
    "NotCourt": (
        "only the contract of court orders may do this, not {caller:who}",
        "issue a court order",
    ),
    "OrderNeeded": ("{caller:who} may do this only under a court order", "issue an order first"),
    "NotRegulator": ("{account:who} is not a regulator", "let a regulator do it"),
    "RegulatorAlready": ("{account:who} is already a regulator", "leave it as it is"),
    "RegulatorInvalid": ("{account:who} cannot be a regulator", "name the account of a person"),
    "RegulatorsTooFew": ("{regulators} regulators are too few", "keep at least two of them"),
    "RegistryBoundAlready": ("the registry is already set: {registry:who}", "leave it as it is"),
    "RegistryOfAnotherCourt": (
        "the registry {registry:who} obeys the court orders of {court:who}",
        "bind the registry that was deployed with this contract",
    ),
    "NotDeployer": (
        "only the account that deploys the ledger may do this, not {caller:who}",
        "let that account do it",
    ),
    "OrderUnknown(orderId)": ("there is no order {orderId}", "look for its number in the list"),
    "OrderTooEarly": (
        "order {orderId} may be carried out from {notBefore:time} on",
        "wait until then",
    ),
    "OrderLapsed": ("order {orderId} lapsed at {notAfter:time}", "issue it again"),
    "OrderClosed": ("order {orderId} was carried out or cancelled", "issue a new one"),
    "OrderEmpty": ("an order over {value} moves nothing", "give a value above zero"),
    "TokensNeeded": ("order {orderId} does not say which tokens move", "name the tokens"),
    "NoTokensNeeded": ("order {orderId} takes no tokens", "leave them out"),
    "ValueExceedsOrder": (
        "{value:minor} are more than the {left:minor} left of order {orderId}",
        "carry out at most what is left",
    ),
    "HeldAlready": (
        "party {partyId} is held until {until:time}",
        "let another regulator confirm the hold",
    ),
    "HoldTooSoon": (
        "{regulator:who} may hold party {partyId} again from {notBefore:time} on",
        "let another regulator do it, or wait",
    ),
    "NotHeld": ("party {partyId} is not held", "look at the list of holds"),
    "HoldNeedsAnother": (
        "{regulator:who} held party {partyId}; another regulator must confirm it",
        "let another regulator confirm it",
    ),
    "HoldConfirmedAlready": (
        "the hold of party {partyId} is confirmed for order {orderId}",
        "wait for that order, or cancel it",
    ),
    "HoldOfAnotherOrder": (
        "party {partyId} is held for the order {orderHash}, not for {provided}",
        "name the order that the hold is for",
    ),
    "OrderHoldsAlready": (
        "order {orderId} already holds party {partyId}",
        "issue another order for another hold",
    ),
}
