"""Structs of the contracts: the currency of their money, and fields that differ from the table."""

from __future__ import annotations

from app.clear_signing.fields import OPERATION_HASH, PRICED, RELAY_GAS
from app.clear_signing.model import (
    CALL,
    CHOICE,
    CODE,
    CONTRACT,
    DAY,
    EITHER,
    FROM_CODE,
    FROM_TOKEN,
    HASH,
    ITEM,
    MONEY,
    MONTH,
    NUMBER,
    PARTY,
    PERCENT,
    TIME,
    YES_NO,
    Currency,
    Field,
    StructForm,
)

_LOAN = Currency("loan", "loanId")
_ITS_TOKEN = Currency(FROM_TOKEN, "currency")
_ITS_CODE = Currency(FROM_CODE, "currency")
_CODE = Field("Currency", CODE)
_PRICE = {"currency": _CODE, "item": Field("Item", ITEM)}
_MIN_TRADE = "Share of the trade that may be owed"

STRUCT_FORMS: dict[str, StructForm] = {
    # ------------------------------------------------------------------ what parties sign
    "ReceivableTerms": StructForm(_ITS_TOKEN),
    "CreditNote": StructForm(
        Currency("receivable", "receivableId"),
        {"amount": Field("Debt is reduced by", MONEY)},
    ),
    "Quote": StructForm(Currency("claim", "claimId")),
    "FacilityTerms": StructForm(
        Currency("product", "productId"),
        {
            "limit": Field("Limit", MONEY, Currency("limit", "productId")),
            "firstDay": Field("Draws from", DAY),
            "lastDay": Field("Draws until", DAY),
        },
    ),
    "OrderTerms": StructForm(_ITS_TOKEN, {"expiryDay": Field("May be confirmed until", DAY)}),
    "OrderCancellation": StructForm(),
    "Delivery": StructForm(
        Currency("order", "orderId"), {"amount": Field("Amount that is owed for it", MONEY)}
    ),
    "CreditAttestation": StructForm(_ITS_CODE, {"currency": _CODE}),
    "AccountConsent": StructForm(),
    "Extension": StructForm(_LOAN, {"dueDay": Field("New due day", DAY, zero="unchanged")}),
    "Correction": StructForm(_LOAN),
    "Restructuring": StructForm(
        _LOAN,
        {"periods": Field("Instalments", NUMBER), "restructurings": Field("Earlier ones", NUMBER)},
    ),
    "SaleTerms": StructForm(_LOAN),
    "ParticipationTerms": StructForm(_LOAN, {"share": Field("Share that is sold", PERCENT)}),
    "SetOff": StructForm(_LOAN),
    "InKind": StructForm(_LOAN),
    "Hedge": StructForm(
        _ITS_CODE,
        {**_PRICE, "price": PRICED, "expiryDay": Field("Counts until", DAY)},
    ),
    "BuyBack": StructForm(
        Currency("facility", "facilityId"),
        {
            "share": Field("Price, of the goods' value", PERCENT),
            "lastDay": Field("Liquidations that begin by", DAY),
        },
    ),
    "Costs": StructForm(_LOAN, {"amount": Field("Costs", MONEY)}),
    "SharingTerms": StructForm(_ITS_TOKEN, {"part": Field("Share of each loss", PERCENT)}),
    "InsuranceTerms": StructForm(_ITS_TOKEN),
    "SharingEnd": StructForm(),
    "Intent": StructForm(
        fields={
            "from": Field("Signer", PARTY),
            "to": Field("Contract that is called", CONTRACT),
            "gas": Field("Gas", NUMBER, hidden=RELAY_GAS),
            "operation": Field("Operation", HASH, hidden=OPERATION_HASH),
            "data": Field("Call", CALL),
        }
    ),
    "Permit": StructForm(),
    # ------------------------------------------------------------------ arguments of calls
    "Part": StructForm(fields={"value": Field("Amount", MONEY)}),
    "Payment": StructForm(_LOAN),
    "DrawRequest": StructForm(Currency("facility", "facilityId")),
    "CollateralItem": StructForm(
        fields={"value": Field("How much of it", EITHER, zero="all of it")}
    ),
    "DrawDocument": StructForm(
        _ITS_CODE,
        {
            "kind": Field("Kind", CHOICE, names="document"),
            "amount": Field("Amount", MONEY, zero="none"),
            "currency": Field("Currency", CODE, zero="none"),
        },
    ),
    "TradeReport": StructForm(
        _ITS_TOKEN, {"month": Field("Month", MONTH), "amount": Field("Sold", MONEY)}
    ),
    "LotTerms": StructForm(
        fields={
            "expiryDay": Field("Good until", DAY),
            "orderId": Field("Order", NUMBER, zero="none"),
        }
    ),
    "Facts": StructForm(
        Currency("claim", "claimId"), {"loanId": Field("Loan", NUMBER, zero="none")}
    ),
    # The thing is a loan or a claim, as `subject` says.
    "FilingTerms": StructForm(Currency("filing", "subjectId")),
    "Terms": StructForm(_ITS_TOKEN, {"deadline": Field("Open until", TIME)}),
    "Tier": StructForm(
        fields={
            "price": Field("Price of a place", MONEY),
            "kind": Field("Kind", CHOICE, names="tier kind"),
        }
    ),
    "Milestone": StructForm(
        fields={
            "part": Field("Share of the money", PERCENT),
            "lastDay": Field("Released until", DAY),
        }
    ),
    "Price": StructForm(_ITS_CODE, {**_PRICE, "value": PRICED}),
    "Rate": StructForm(),
    "ProductTerms": StructForm(
        _ITS_TOKEN,
        {
            "borrowerLimit": Field(
                "Limit of one borrower", MONEY, Currency(FROM_CODE, "limitCurrency", _ITS_TOKEN)
            ),
            "months": Field("Tenors in months, as bits", NUMBER),
            "principalGrace": Field("First instalments without principal at most", NUMBER),
            "interestGrace": Field("First instalments without interest at most", NUMBER),
            "evidence": Field("A draw needs evidence", YES_NO),
        },
    ),
    "GoodsTerms": StructForm(),
    "FloatingTerms": StructForm(),
    "EvidenceTerms": StructForm(
        fields={
            "accepted": Field("The attester must accept them", YES_NO),
            "basis": Field("Trade that bounds the debt", CHOICE, names="trade basis"),
            "share": Field(_MIN_TRADE, PERCENT),
            "months": Field("Months of trade that count", NUMBER),
        }
    ),
}
