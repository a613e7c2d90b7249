"""Which calls a party may sign, and which functions only contracts or the administrator call."""

from __future__ import annotations

from collections.abc import Mapping

from app.clear_signing import lending_calls, official_calls, trade_calls
from app.clear_signing.model import CallForm

CALL_FORMS: dict[str, Mapping[str, CallForm]] = {
    "Receivables": trade_calls.RECEIVABLES,
    "WarehouseReceipts": trade_calls.WAREHOUSE_RECEIPTS,
    "PurchaseOrders": trade_calls.PURCHASE_ORDERS,
    "ClaimMarket": trade_calls.CLAIM_MARKET,
    "Campaigns": trade_calls.CAMPAIGNS,
    "SettlementToken": trade_calls.SETTLEMENT_TOKEN,
    "Facilities": lending_calls.FACILITIES,
    "Notices": lending_calls.NOTICES,
    "RiskReserve": lending_calls.RISK_RESERVE,
    "CreditRegistry": lending_calls.CREDIT_REGISTRY,
    "PartyRegistry": official_calls.PARTY_REGISTRY,
    "CourtOrders": official_calls.COURT_ORDERS,
    "PriceFeed": official_calls.PRICE_FEED,
    "ReferenceRates": official_calls.REFERENCE_RATES,
    "Products": official_calls.PRODUCTS,
    "Forwarder": official_calls.FORWARDER,
}
_BY_CONTRACTS = "only another contract of the ledger calls it"
_BY_DEPLOYMENT = "the deployment calls it once"
_BY_ACCESS = "only the AccessManager calls it"
_BY_RELAY = "a relay account sends it; it carries what parties signed"

# Functions that write and that no party signs a call of, with the reason.
UNSIGNED: dict[str, dict[str, str]] = {
    "Receivables": {"setAuthority": _BY_ACCESS, "checkCurrency": "it takes no decision"},
    "WarehouseReceipts": {"setAuthority": _BY_ACCESS},
    "Campaigns": {"checkCurrency": "it takes no decision"},
    "SettlementToken": {"setAuthority": _BY_ACCESS},
    "Facilities": {
        "onCollected": _BY_CONTRACTS,
        "onImpaired": _BY_CONTRACTS,
        "onLossPaid": _BY_CONTRACTS,
    },
    "RiskReserve": {
        "setAuthority": _BY_ACCESS,
        "bind": _BY_DEPLOYMENT,
        **dict.fromkeys(
            ("feed", "follow", "recordLoss", "recover", "reverseRecovery"), _BY_CONTRACTS
        ),
    },
    "PartyRegistry": {"setAuthority": _BY_ACCESS},
    "CourtOrders": {"bind": _BY_DEPLOYMENT},
    "PriceFeed": {"setAuthority": _BY_ACCESS},
    "ReferenceRates": {"setAuthority": _BY_ACCESS},
    "Products": {"setAuthority": _BY_ACCESS},
    "Forwarder": {"execute": _BY_RELAY, "executeBatch": _BY_RELAY},
}
# Contracts with the interface of another one.
SAME_INTERFACE = {"CourtSettlementToken": "SettlementToken"}


def source_of(contract: str) -> str:
    """The name under which a contract's calls are described: "SettlementToken" for each currency.

    Args:
        contract: its name in the deployment, or of its artifact.
    """
    source = contract.partition(":")[0]
    return SAME_INTERFACE.get(source, source)
