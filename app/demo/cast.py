"""The demo's parties, registered through the gateway like any others, each with a key."""

from __future__ import annotations

import time
from dataclasses import dataclass

import httpx

from app.demo.client import Caller, GatewayRefused


@dataclass(frozen=True)
class Member:
    """One party: its name here, legal name and id, and its roles on the ledger and in the API."""

    name: str
    legal_name: str
    legal_id: str
    ledger_roles: tuple[str, ...]
    api_roles: tuple[str, ...]


CAST = (
    Member(
        *("supplier", "Linghu Castings Co., Ltd.", "91330106MA2CE1550K"),
        *(("supplier",), ("supplier",)),
    ),
    Member(
        *("buyer", "Donghai Motors Co., Ltd.", "91310115MA1K4D3304"),
        *(("buyer",), ("buyer",)),
    ),
    Member(
        *("bank", "Bank of the East Lake Co., Ltd.", "91110105MA00B5005P"),
        *(("financier",), ("financier",)),
    ),
    Member(
        *("castor", "Castor Moulds Co., Ltd.", "91330108MA27X00012"),
        *(("supplier",), ("supplier",)),
    ),
    Member(
        *("pollux", "Pollux Steel Trading Co., Ltd.", "91440300MA5F20002W"),
        *(("supplier",), ("supplier",)),
    ),
    Member(
        *("vega", "Vega Coatings Co., Ltd.", "91320594MA1M30003Y"),
        *(("supplier",), ("supplier",)),
    ),
    Member(
        *("altair", "Altair Sand and Resin Co., Ltd.", "91510100MA6C400041"),
        *(("supplier",), ("supplier",)),
    ),
    Member(
        *("platform", "Cession Platform Finance Co., Ltd.", "91310000MA1FL9001T"),
        *(("platform",), ("financier",)),
    ),
    Member(
        *("second-bank", "Bank of the West Hills Co., Ltd.", "91420100MA4K900074"),
        *(("financier",), ("financier",)),
    ),
    Member(
        *("rater", "Kunlun Credit Rating Co., Ltd.", "91110108MA00R7001H"),
        *(("rater",), ("rater",)),
    ),
    Member(
        *("first-appraiser", "Taibai Appraisal Co., Ltd.", "91110101MA00A60024"),
        *(("appraiser",), ("appraiser",)),
    ),
    Member(
        *("second-appraiser", "Lushan Appraisal Co., Ltd.", "91360402MA35A7003X"),
        *(("appraiser",), ("appraiser",)),
    ),
    Member(
        *("warehouse", "Beilun Warehousing Co., Ltd.", "91330201MA2GW8001B"),
        *(("warehouse",), ("warehouse",)),
    ),
)
#: Parties that a story registers itself: a firm of which nobody knows anything, and its rater.
NEWCOMER = Member(
    *("mira", "Mira Fasteners Co., Ltd.", "91330182MA2KQ7M1RL"),
    *(("supplier", "buyer"), ("supplier", "buyer")),
)
OWN_RATER = Member(
    *("rigel", "Rigel Credit Rating Co., Ltd.", "91110105MA01RG4LXU"),
    *(("rater",), ("rater",)),
)
KEY_LABEL = "demo"
VALID_SECONDS = 20 * 366 * 86_400


def assemble(http: httpx.Client, keys: dict[str, str]) -> tuple[dict[str, Caller], dict[str, str]]:
    """Registers the parties that are not registered yet; returns callers and party ids by name.

    Args:
        keys: API keys of registrar, regulators, cash issuer, operator and auditor.

    Raises:
        GatewayRefused.
    """
    callers = {name: Caller(http, name, key) for name, key in keys.items()}
    registrar = callers["registrar"]
    parties = {}
    for member in CAST:
        identifier = _register(registrar, member)
        path = f"/v1/parties/{identifier}/api-keys"
        _revoke_earlier(registrar, identifier)
        answer = registrar.post(path, {"roles": list(member.api_roles), "label": KEY_LABEL})
        if answer.body["waiting"]:
            confirmed = {"keyId": answer.body["id"]}
            callers["operator"].post(f"{path}/{KEY_LABEL}/confirmation", confirmed)
        callers[member.name] = Caller(http, member.name, answer.body["apiKey"])
        parties[member.name] = identifier
    return callers, parties


def _revoke_earlier(registrar: Caller, identifier: str) -> None:
    """Revokes the key that an earlier run made; nobody knows it any more."""
    for item in registrar.items("/v1/api-keys", partyId=identifier, label=KEY_LABEL):
        if item["state"] != "revoked":
            registrar.delete(f"/v1/parties/{identifier}/api-keys/{KEY_LABEL}", keyId=item["id"])


def join(
    registrar: Caller, member: Member, *, label: str = KEY_LABEL, account: str | None = None
) -> tuple[str, Caller]:
    """Registers a party while a story runs; its id, and its caller.

    Args:
        label: of its first key.
        account: of its own wallet; None: the gateway keeps its key.

    Raises:
        GatewayRefused.
    """
    identifier = _register(registrar, member, account=account)
    body = {"roles": list(member.api_roles), "label": label}
    answer = registrar.post(f"/v1/parties/{identifier}/api-keys", body)
    return identifier, Caller(registrar.http, member.name, answer.body["apiKey"])


def _register(registrar: Caller, member: Member, *, account: str | None = None) -> str:
    try:
        answer = registrar.command(
            "/v1/parties",
            {
                "name": member.legal_name,
                "legalId": {"scheme": "USCC", "value": member.legal_id},
                "roles": list(member.ledger_roles),
                # The stories together take longer than the five years of a registration.
                "validUntil": int(time.time()) + VALID_SECONDS,
                "account": account,
            },
        )
    except GatewayRefused as refused:
        if refused.kind != "party-exists":
            raise
        return str(refused.problem["partyId"])
    return str(answer.body["party"]["id"])
