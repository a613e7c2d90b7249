"""Calls of the contracts of receivables, orders, goods, the market and cash."""

from __future__ import annotations

from app.clear_signing.fields import NOBODY
from app.clear_signing.model import (
    ALLOWANCE,
    BYTES,
    FROM_CONTRACT,
    FROM_TOKEN,
    MONEY,
    NUMBER,
    PARTY,
    QUANTITY,
    YES_NO,
    CallForm,
    Currency,
    Field,
)

RECEIVABLE = Currency("receivable", "receivableId")
CAMPAIGN = Currency("campaign", "campaignId")
ITS_TOKEN = Currency(FROM_TOKEN, "currency")
THE_CASH = Currency(FROM_CONTRACT)
_TAKEN = Field("Amount that may be taken at most", ALLOWANCE)
_TO_UNCLAIMED = Field("Account that receives", PARTY)

WITHDRAW_UNCLAIMED = CallForm(
    "Withdraw unclaimed money",
    "All unclaimed money in {currency} goes to {to}",
    fields={"to": _TO_UNCLAIMED},
)
CANCEL_SIGNATURE = CallForm("Withdraw a signature", "The signature over {digest} is withdrawn")
FORCED_WITHDRAW = CallForm(
    "Move unclaimed money by order of a court",
    "{amount} of unclaimed money goes from {from} to {to}",
    ITS_TOKEN,
)


def _token(kind: str, thing: str) -> dict[str, CallForm]:
    """Calls that claims and warehouse receipts have alike.

    Args:
        kind: the kind of their value.
        thing: what a token is.
    """
    value = Field("Amount" if kind == MONEY else "Quantity", kind, Currency("claim", "tokenId"))
    moved = Field(value.label, kind, Currency("claim", "fromTokenId"))
    token = Field(thing, NUMBER)
    of_debt = Field(value.label, kind, Currency("receivable", "slot"))
    parts = Field(value.label, kind, Currency("claim", "tokenId"))
    slot = Field("Receivable" if kind == MONEY else "Lot", NUMBER)
    lower = thing.lower()
    return {
        "assign": CallForm(
            f"Transfer a {lower}",
            f"{{value}} of {lower} {{tokenId}} goes to {{to}}",
            fields={"tokenId": token, "value": value},
        ),
        "assignMany": CallForm(
            f"Split a {lower} and transfer the parts",
            f"Parts of {lower} {{tokenId}} go to those that are listed",
            fields={"tokenId": token, "parts.[].value": parts},
        ),
        "merge": CallForm(
            f"Merge two {lower}s",
            f"All of {lower} {{fromTokenId}} is added to {lower} {{intoTokenId}}",
            fields={"fromTokenId": token, "intoTokenId": Field("Into", NUMBER)},
        ),
        "encumber": CallForm(
            f"Encumber a {lower}",
            f"{{lienholder}} gets a lien on {lower} {{tokenId}}",
            fields={"tokenId": token},
        ),
        "release": CallForm(
            f"Release a {lower} from its lien",
            f"The lien on {lower} {{tokenId}} ends",
            fields={"tokenId": token},
        ),
        "reclaim": CallForm(
            f"Take over a {lower} of a removed account",
            f"The sender takes over {lower} {{tokenId}}",
            fields={"tokenId": token},
        ),
        "forcedTransfer": CallForm(
            f"Move a {lower} by order of a court",
            f"{{value}} of {lower} {{tokenId}} goes to {{to}}",
            fields={"tokenId": token, "value": value},
        ),
        "forcedTransferFrom": CallForm(
            f"Move {lower}s of a party by order of a court",
            "{value} of what party {holder} holds goes to {to}",
            fields={"tokenIds": token, "slot": slot, "value": of_debt},
        ),
        "approve(address,uint256)": CallForm(
            f"Approve that a {lower} is moved",
            f"{{to}} may move {lower} {{tokenId}}",
            fields={"to": Field("Who may move it", PARTY, zero=NOBODY), "tokenId": token},
        ),
        "approve(uint256,address,uint256)": CallForm(
            f"Approve that a part of a {lower} is moved",
            f"{{operator}} may move up to {{value}} of {lower} {{tokenId}}",
            fields={"tokenId": token, "value": value, "operator": Field("Who may move it", PARTY)},
        ),
        "setApprovalForAll": CallForm(
            f"Approve that all {lower}s are moved",
            f"Whether {{operator}} may move all {lower}s of the sender: {{approved}}",
        ),
        "safeTransferFrom(address,address,uint256)": CallForm(
            f"Transfer a {lower}",
            f"{thing} {{tokenId}} goes from {{from}} to {{to}}",
            fields={"tokenId": token},
        ),
        "safeTransferFrom(address,address,uint256,bytes)": CallForm(
            f"Transfer a {lower}",
            f"{thing} {{tokenId}} goes from {{from}} to {{to}}",
            fields={"tokenId": token, "data": Field("Data for the receiver", BYTES)},
        ),
        "transferFrom(address,address,uint256)": CallForm(
            f"Transfer a {lower}",
            f"{thing} {{tokenId}} goes from {{from}} to {{to}}",
            fields={"tokenId": token},
        ),
        "transferFrom(uint256,address,uint256)": CallForm(
            f"Transfer a part of a {lower}",
            f"{{value}} of {lower} {{fromTokenId}} goes to {{to}}",
            fields={"fromTokenId": token, "value": moved},
        ),
        "transferFrom(uint256,uint256,uint256)": CallForm(
            f"Transfer a part of a {lower}",
            f"{{value}} of {lower} {{fromTokenId}} goes to {lower} {{toTokenId}}",
            fields={"fromTokenId": token, "toTokenId": Field("To", NUMBER), "value": moved},
        ),
    }


RECEIVABLES = {
    **_token(MONEY, "Claim"),
    "request": CallForm(
        "Request a confirmation of a receivable",
        "{terms.debtor} is to confirm that it owes {terms.seller} {terms.faceAmount}, due on "
        "{terms.dueDay}",
    ),
    "confirm": CallForm("Confirm a receivable", "Receivable {receivableId} is confirmed"),
    "reject": CallForm("Reject a receivable", "Receivable {receivableId} is rejected"),
    "withdraw": CallForm("Withdraw a receivable", "Receivable {receivableId} is withdrawn"),
    "dispute": CallForm("Dispute a receivable", "Receivable {receivableId} is disputed"),
    "endDispute": CallForm("End a dispute", "The dispute of receivable {receivableId} ends"),
    "pay": CallForm(
        "Pay a receivable",
        "The sender pays up to {amount} on receivable {receivableId}",
        RECEIVABLE,
    ),
    "collect": CallForm(
        "Collect what was paid", "Money that waits on claim {claimId} is collected"
    ),
    "collectMany": CallForm(
        "Collect what was paid", "Money that waits on the claims that are listed is collected"
    ),
    "applyCreditNote": CallForm(
        "Apply a credit note", "Receivable {note.receivableId} is reduced by {note.amount}"
    ),
    "declareDefault": CallForm(
        "Declare a debt in default", "Receivable {receivableId} is declared in default"
    ),
    "writeOff": CallForm("Write a debt off", "Receivable {receivableId} is written off"),
    "cancelSignature": CANCEL_SIGNATURE,
    "withdrawUnclaimed": WITHDRAW_UNCLAIMED,
    "forcedWithdraw": FORCED_WITHDRAW,
    "allowCurrency": CallForm(
        "Allow a currency", "Whether receivables may be in {currency}: {allowed}"
    ),
}
WAREHOUSE_RECEIPTS = {
    **_token(QUANTITY, "Warehouse receipt"),
    "issue": CallForm(
        "Issue a warehouse receipt",
        "{terms.quantity} of goods are stored for {terms.depositor}",
    ),
    "inspect": CallForm("Record an inspection", "Lot {lotId} is {condition}"),
    "impair": CallForm(
        "Record a loss of goods", "{quantity} of warehouse receipt {warehouseReceiptId} is lost"
    ),
    "requestRelease": CallForm(
        "Request goods", "{quantity} of warehouse receipt {warehouseReceiptId} is to be handed over"
    ),
    "withdrawRelease": CallForm(
        "Withdraw a request for goods",
        "The request for goods of warehouse receipt {warehouseReceiptId} is withdrawn",
    ),
    "handOver": CallForm(
        "Hand goods over",
        "{quantity} of warehouse receipt {warehouseReceiptId} is handed over to {holder}",
        fields={"holder": Field("Holder", PARTY)},
    ),
    "acknowledge": CallForm(
        "Acknowledge a transfer",
        "Warehouse receipt {warehouseReceiptId} may move to {to}",
        fields={"to": Field("To", PARTY, zero=NOBODY)},
    ),
    "count": CallForm("Record a count of goods", "The lots that are listed were counted"),
    "stopNewLiens": CallForm(
        "Stop new liens at a warehouse",
        "Whether goods at {warehouse} can no longer be newly encumbered: {stopped}",
        fields={"stopped": Field("New liens are stopped", YES_NO)},
    ),
}
PURCHASE_ORDERS = {
    "request": CallForm(
        "Request a confirmation of an order",
        "{terms.buyer} is to confirm that it orders goods for {terms.amount} from {terms.seller}",
    ),
    "confirm": CallForm("Confirm an order", "Order {orderId} is confirmed"),
    "reject": CallForm("Reject an order", "Order {orderId} is rejected"),
    "withdraw": CallForm("Withdraw an order", "Order {orderId} is withdrawn"),
    "cancel": CallForm("Cancel an order", "Order {orderId} is cancelled"),
    "encumber": CallForm("Encumber an order", "{lienholder} gets a lien on order {orderId}"),
    "release": CallForm("Release an order from its lien", "The lien on order {orderId} ends"),
    "deliver": CallForm(
        "Record a delivery",
        "Goods of order {delivery.orderId} were received, and {delivery.amount} is owed for them",
    ),
    "invoice": CallForm("Invoice an order", "Order {orderId} becomes receivable {receivableId}"),
    "invoiceDelivered": CallForm(
        "Invoice a delivery",
        "What was delivered of order {orderId} into lot {lotId} becomes receivable {receivableId}",
    ),
    "setApprovalForAll": CallForm(
        "Approve that all orders are encumbered",
        "Whether {operator} may encumber all orders of the sender: {approved}",
        fields={"approved": Field("May encumber all of them", YES_NO)},
    ),
    "cancelSignature": CANCEL_SIGNATURE,
}
CLAIM_MARKET = {
    "accept": CallForm(
        "Accept an offer",
        "{quote.seller} sells claim {quote.claimId} of {quote.value} to {quote.funder} for "
        "{quote.price}",
    ),
    "cancelQuote": CallForm(
        "Withdraw an offer",
        "The sender's offer with nonce {nonce} is withdrawn",
        fields={"nonce": Field("Nonce of the offer", NUMBER)},
    ),
    "cancelSignature": CANCEL_SIGNATURE,
    "putBack": CallForm(
        "Put a claim back", "Claim {claimId} goes back to its seller for its price"
    ),
    "putBackTo": CallForm(
        "Put a claim back to another account",
        "Claim {claimId} goes back to {account} for its price",
    ),
    "withdrawUnclaimed": WITHDRAW_UNCLAIMED,
    "forcedWithdraw": FORCED_WITHDRAW,
}
CAMPAIGNS = {
    "open": CallForm(
        "Open a campaign",
        "A campaign with a goal of {terms.goal} opens",
        fields={
            "tiers.[].price": Field(
                "Price of a place", MONEY, Currency(FROM_TOKEN, "terms.currency")
            )
        },
    ),
    "fund": CallForm(
        "Back a campaign",
        "The sender takes {places} places of tier {tier_} in campaign {campaignId}",
        CAMPAIGN,
        {"tier_": Field("Tier", NUMBER)},
    ),
    "cancel": CallForm("Cancel a campaign", "Campaign {campaignId} is cancelled"),
    "release": CallForm(
        "Release a milestone", "The next part of the money of campaign {campaignId} is released"
    ),
    "refund": CallForm("Refund a backer", "{backer} gets its part of campaign {campaignId} back"),
    "returnRelated": CallForm(
        "Return a contribution of a related backer",
        "{backer}, which is related to the creator, gets its contribution to campaign {campaignId} "
        "back",
    ),
    "withdrawUnclaimed": WITHDRAW_UNCLAIMED,
    "forcedWithdraw": FORCED_WITHDRAW,
}
SETTLEMENT_TOKEN = {
    "transfer": CallForm(
        "Pay cash", "{value} goes to {to}", THE_CASH, {"value": Field("Amount", MONEY)}
    ),
    "transferFrom": CallForm(
        "Pay cash of another account",
        "{value} goes from {from} to {to}",
        THE_CASH,
        {"value": Field("Amount", MONEY)},
    ),
    "approve": CallForm(
        "Approve that cash is taken",
        "{spender} may take up to {value}",
        THE_CASH,
        {"value": _TAKEN},
    ),
    "permit": CallForm(
        "Use a signed approval",
        "{spender} may take up to {value} from {owner}",
        THE_CASH,
        {"value": _TAKEN},
    ),
    "mint": CallForm("Issue cash", "{amount} is issued to {account}", THE_CASH),
    "burn": CallForm("Redeem cash", "The sender redeems {amount}", THE_CASH),
    "forcedTransfer": CallForm(
        "Move cash by order of a court", "{amount} goes from {from} to {to}", THE_CASH
    ),
}
