"""Calls of officials: parties, the court, prices, rates, products; and of the forwarder."""

from __future__ import annotations

from app.clear_signing.model import (
    CALL,
    CODE,
    CONTRACT,
    FROM_TOKEN,
    MONEY,
    NUMBER,
    CallForm,
    Currency,
    Field,
)

_CURRENCY = {"currency": Field("Currency", CODE)}
_MAX_FLAT_FEE = Field(
    "Service fee of a draw at most", MONEY, Currency(FROM_TOKEN, "newTerms.currency")
)
_PRODUCT = {"floating.maxFlatFee": _MAX_FLAT_FEE}

PARTY_REGISTRY = {
    "register": CallForm(
        "Register a party", "{account} is registered as {roles} until {validUntil}"
    ),
    "addAccount": CallForm(
        "Add an account to a party", "{account} joins the sender's party and may sign for it"
    ),
    "removeAccount": CallForm(
        "Remove an account of a party", "{account} never signs for a party again"
    ),
    "refuseParty": CallForm(
        "Refuse to join a party", "The sender never joins party {partyId} by signature"
    ),
    "setRoles": CallForm("Set the roles of a party", "Party {partyId} is {roles} from now on"),
    "setValidity": CallForm(
        "Set the end of a registration", "Party {partyId} is registered until {validUntil}"
    ),
    "setGroup": CallForm("Set the group of a party", "Party {partyId} is of group {group}"),
    "stopNewRisk": CallForm("Stop new risk", "New risk is stopped on the whole ledger"),
    "proposeResumption": CallForm(
        "Propose to resume new risk", "It is proposed that new risk resumes"
    ),
    "resumeNewRisk": CallForm("Resume new risk", "New risk resumes on the whole ledger"),
    "freeze": CallForm(
        "Freeze a party by order of a court", "Whether party {partyId} is frozen: {frozen}"
    ),
    "hold": CallForm(
        "Hold a party by order of a court", "Party {partyId} is held until {heldUntil}"
    ),
}
COURT_ORDERS = {
    "issue": CallForm(
        "Issue an order of a court",
        "An order to call {target} is issued; another regulator may execute it later",
        fields={"call": Field("Call that is ordered", CALL)},
    ),
    "issueOverHolder": CallForm(
        "Issue an order over what a party holds",
        "Value of party {holder} is to go to {to}",
        fields={
            "target": Field("Contract of the tokens", CONTRACT),
            "value": Field("Value, as the token counts it", NUMBER),
            "slot": Field("Receivable or lot", NUMBER),
        },
    ),
    "execute": CallForm("Execute an order of a court", "Order {orderId} is executed"),
    "executeOverHolder": CallForm(
        "Execute an order over what a party holds",
        "Order {orderId} is executed on the tokens that are listed",
        fields={"value": Field("Value, as the token counts it", NUMBER)},
    ),
    "cancel": CallForm("Cancel an order of a court", "Order {orderId} is cancelled"),
    "hold": CallForm("Hold a party at once", "Party {partyId} is held, until it is confirmed"),
    "confirmHold": CallForm(
        "Confirm a hold", "The hold of party {partyId} is confirmed for order {orderId}"
    ),
    "liftHold": CallForm("Lift a hold", "The hold of party {partyId} is lifted"),
    "appoint": CallForm("Appoint a regulator", "{account} becomes a regulator"),
    "dismiss": CallForm("Dismiss a regulator", "{account} is a regulator no more"),
}
PRICE_FEED = {
    "list": CallForm(
        "List items that may be priced",
        "The items that are listed may be priced in {currency}",
        fields={**_CURRENCY, "maxAge": Field("Age of a price at most, in seconds", NUMBER)},
    ),
    "post": CallForm("Post prices", "The prices that are listed are posted"),
    "confirm": CallForm("Confirm prices", "The prices that are listed are confirmed"),
    "withdraw": CallForm(
        "Withdraw a price",
        "The proposed price of {item} in {currency} is withdrawn",
        fields=_CURRENCY,
    ),
    "setCurrency": CallForm(
        "Set the currency of a settlement token",
        "{token} is the token of {currency}",
        fields=_CURRENCY,
    ),
}
REFERENCE_RATES = {
    "list": CallForm("List a reference rate", "Reference rate {code} is listed"),
    "post": CallForm(
        "Post a reference rate",
        "{rate.code} is {rate.rate} a year from {rate.fromDay} to {rate.lastDay}",
    ),
    "confirm": CallForm(
        "Confirm a reference rate",
        "{rate.code} is {rate.rate} a year from {rate.fromDay} to {rate.lastDay}",
    ),
    "withdraw": CallForm("Withdraw a reference rate", "The proposed rate of {code} is withdrawn"),
}
PRODUCTS = {
    "add": CallForm("Add a product", "Product {code} is added, and open", fields=_PRODUCT),
    "propose": CallForm(
        "Propose terms of a product",
        "New terms of product {productId} are proposed",
        fields=_PRODUCT,
    ),
    "approve": CallForm(
        "Approve terms of a product",
        "New terms of product {productId} come into force",
        fields=_PRODUCT,
    ),
    "close": CallForm(
        "Close a product", "Product {productId} takes no new facilities and no draws"
    ),
    "setHolidays": CallForm("Set days off", "The calendar of days off changes"),
}
FORWARDER = {
    "cancel": CallForm(
        "Cancel a signed call",
        "The call that was signed with nonce {nonce} never runs",
        fields={"nonce": Field("Nonce of the call", NUMBER)},
    ),
}
