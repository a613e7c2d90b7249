"""Items of evidence: of a request, of a platform's table, and what the ledger itself shows."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import Connection

from app.domain.calendar import date_of
from app.domain.evaluation import Consent
from app.domain.scoring.card_file import read_value
from app.domain.scoring.model import Card
from app.domain.scoring.sales_table import read_sales_table
from app.gateway.gateway import CASH_PREFIX, Gateway
from app.gateway.money import Money
from app.gateway.read_as_of import moment
from app.lending.evaluations.ledger import Figure, Subject, accounts_of, figures
from app.lending.evaluations.schemas import EvidenceItem, SalesFile


def consent_content(consent: Consent) -> dict[str, str | None]:
    """Consent as evidence writes it."""
    return {
        "since": date_of(consent.since).isoformat(),
        "until": None if consent.until is None else date_of(consent.until).isoformat(),
        "withdrawn": None,
    }


def item_content(item: EvidenceItem, *, consent: Consent) -> dict[str, Any]:
    """An item of a request as evidence writes it."""
    value = item.value
    return {
        "feature": item.feature,
        "value": value.model_dump() if isinstance(value, Money) else value,
        "party": item.partyId,
        "source": item.source,
        "asOf": item.asOf.isoformat(),
        "hash": item.hash,
        "consent": consent_content(consent),
    }


def sales_items(file: SalesFile, *, card: Card, consent: Consent) -> list[dict[str, Any]]:
    """What a platform's table shows of the card's features; its hash is SHA-256 of the bytes.

    Raises:
        EvidenceInvalid.
    """
    data = file.content.encode()
    table = read_sales_table(data, currency=card.currency)
    return [
        {
            "feature": feature,
            "value": value,
            "party": file.partyId,
            "source": file.source,
            "asOf": date_of(table.as_of).isoformat(),
            "hash": "0x" + hashlib.sha256(data).hexdigest(),
            "consent": consent_content(consent),
        }
        for feature, value in table.values().items()
        if card.feature(feature) is not None
    ]


def subject_on_ledger(
    gateway: Gateway, connection: Connection, *, card: Card, ledger_party_id: int
) -> Subject:
    """Whose figures the ledger shows, as of the newest block."""
    return Subject(
        accounts=accounts_of(connection, ledger_party_id),
        token=gateway.contracts.address(CASH_PREFIX + card.currency),
        timestamp=moment(connection)[0],
        zone_offset=gateway.zone_offset,
    )


def ledger_items(
    connection: Connection, subject: Subject, *, card: Card, party: str, consent: Consent
) -> list[dict[str, Any]]:
    """What the ledger shows of the card's features, as of the newest block.

    Args:
        party: id of the subject in the directory.
    """
    _, as_of = moment(connection)
    if as_of["blockHash"] is None:
        return []
    return [
        {
            "feature": figure.feature,
            "value": figure.value,
            "party": party,
            "source": f"ledger, block {as_of['blockNumber']}: {figure.basis}",
            "asOf": date_of(subject.today).isoformat(),
            "hash": as_of["blockHash"],
            "consent": consent_content(consent),
        }
        for figure in figures(connection, subject)
        if _is_of(card, figure)
    ]


def _is_of(card: Card, figure: Figure) -> bool:
    """Whether the card has such a feature, of the figure's kind."""
    feature = card.feature(figure.feature)
    if feature is None:
        return False
    try:
        read_value(feature, figure.value, currency=card.currency)
    except ValueError:
        return False
    return True
