"""Roles, the forwarder, signatures, orders of a court."""

from __future__ import annotations

_SIGN = "sign the typed data of this very command, with the key of that account"
_TELL = "tell the operator: the ledger is set up in another way than the gateway expects"
ACCESS: dict[str, tuple[str, str]] = {
    # -- roles of the AccessManager
    "AccessManagedInvalidAuthority": ("{authority:who} keeps no roles", _TELL),
    "AccessManagedRequiredDelay": (
        "{caller:who} may do this only {delay} seconds after it was scheduled",
        "schedule it first",
    ),
    "AccessManagedUnauthorized": (
        "{caller:who} does not hold the official role that this needs",
        "let an official with that role do it, or have the administrator grant the role",
    ),
    "AccessManagerAlreadyScheduled": ("the operation is scheduled already", "wait for its time"),
    "AccessManagerBadConfirmation": (
        "the confirmation is not the caller's own",
        "give your own account",
    ),
    "AccessManagerExpired": ("the scheduled operation came too late", "schedule it again"),
    "AccessManagerInvalidInitialAdmin": (
        "{initialAdmin:who} cannot be administrator",
        "name an account",
    ),
    "AccessManagerLockedRole": ("role {roleId} cannot be changed", "leave it as it is"),
    "AccessManagerNotReady": ("the scheduled operation's time has not come", "wait for it"),
    "AccessManagerNotScheduled": ("the operation is not scheduled", "schedule it first"),
    "AccessManagerUnauthorizedAccount": (
        "{msgsender:who} does not hold role {roleId}",
        "have the administrator grant the role",
    ),
    "AccessManagerUnauthorizedCall": (
        "{caller:who} may not call this function of {target:who}",
        "have the administrator grant the role that it needs",
    ),
    "AccessManagerUnauthorizedCancel": (
        "{msgsender:who} may not cancel what {caller:who} scheduled",
        "let the one who scheduled it, or a guardian, cancel it",
    ),
    "AccessManagerUnauthorizedConsume": ("{target:who} may not use a schedule", _TELL),
    "ManagerIsNoPerson": (
        "{manager:who} executes for everyone who holds a role, so it stands for no person",
        "call the function yourself",
    ),
    "ProposerGone": (
        "{proposer:who}, who proposed it, may not propose any more",
        "propose it again",
    ),
    "SecondPersonNeeded(caller)": (
        "{caller:who} did the first step, the second needs another person",
        "let another official confirm it",
    ),
    "SecondPersonNeeded(orderId,issuer)": (
        "{issuer:who} issued order {orderId}, another regulator must carry it out",
        "let another regulator do it",
    ),
    "SecondPersonNeeded(productId,proposer)": (
        "{proposer:who} proposed the change of product {productId}, another one must confirm it",
        "let another official confirm it",
    ),
    # -- the forwarder
    "CallFailed": ("the call of {signer:who} failed: {reason}", "look at the reason"),
    "IntentExpired": (
        "the signature counted until {deadline:time}, it is {timestamp:time}",
        "repeat the command and sign its new typed data",
    ),
    "NonceUsed(signer,nonce)": (
        "the nonce of {signer:who} was used or cancelled before",
        "look at the operation; if it did not run, repeat the command with a new idempotency key",
    ),
    "GasTooLow(needed,left)": (
        "the transaction had {left:left} gas left, the call needs {needed:left}",
        "send the command again",
    ),
    "GasTooLow(left,needed)": (
        "the transaction had {left:left} gas left, the payment needs {needed:left}",
        "send the command again",
    ),
    "SignatureInvalid(signer,nonce)": ("the signature is not that of {signer:who}", _SIGN),
    "TargetUntrusting": ("{target:who} takes no calls from the forwarder", _TELL),
    # -- signatures over papers
    "SignatureInvalid": ("the signature is not that of {signer:who} over these terms", _SIGN),
    "SignatureExpired": (
        "the signature counted until {deadline:time}, it is {timestamp:time}",
        "propose it again and let all sign anew",
    ),
    "SignatureCancelled": (
        "{signer:who} took its signature back, for ever",
        "propose other terms and let all sign those",
    ),
    "TermsUsed": ("these very terms were carried out before", "propose new terms"),
    # -- orders of a court
    "NotCourt": (
        "only the contract of court orders may do this, not {caller:who}",
        "issue an order of a court",
    ),
    "OrderNeeded": ("{caller:who} may do this only by an order of a court", "issue an order first"),
    "NotRegulator": ("{account:who} is no regulator", "let a regulator do it"),
    "RegulatorAlready": ("{account:who} is a regulator already", "leave it as it is"),
    "RegulatorInvalid": ("{account:who} cannot be a regulator", "name the account of a person"),
    "RegulatorsTooFew": ("{regulators} regulators are too few", "keep at least two of them"),
    "RegistryBoundAlready": ("the registry is set already: {registry:who}", "leave it as it is"),
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
        "{value:minor} are more than the {left:minor} that are left of order {orderId}",
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
        "{regulator:who} held party {partyId}, another regulator must confirm it",
        "let another regulator confirm it",
    ),
    "HoldConfirmedAlready": (
        "the hold of party {partyId} is confirmed for order {orderId}",
        "wait for that order, or cancel it",
    ),
    "HoldOfAnotherOrder": (
        "party {partyId} is held for the order {orderHash}, not {given}",
        "name the order that the hold is for",
    ),
    "OrderHoldsAlready": (
        "order {orderId} holds party {partyId} already",
        "issue another order for another hold",
    ),
}
