"""Evidence of a case, gathered: items and files of a request, and what the ledger shows."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection

from app.domain.scoring.model import Card
from app.domain.scoring.problems import EvidenceInvalid
from app.gateway.gateway import Gateway
from app.lending.evaluations.bad_evidence import FROM_LEDGER, SALES_FILE, bad_evidence
from app.lending.evaluations.cases import Case
from app.lending.evaluations.disagreements import between_files, with_ledger
from app.lending.evaluations.files import ReadFile, file_items, read_files
from app.lending.evaluations.items import (
    item_content,
    ledger_items,
    sales_items,
    subject_on_ledger,
)
from app.lending.evaluations.schemas import IdentifiedEvidence


class Gathered(msgspec.Struct):
    """Items of evidence as a file would have them.

    Attributes:
        origins: the field of the request from which each item is.
        disagreements: amounts that two sources state differently.
    """

    items: list[dict[str, Any]] = []
    origins: list[str] = []
    files: list[ReadFile] = []
    disagreements: list[dict[str, Any]] = []

    def add(self, items: list[dict[str, Any]], *, origin: str) -> None:
        """Adds the items of a field."""
        self.items += items
        self.origins += [origin] * len(items)

    @property
    def of_ledger(self) -> list[str]:
        """The features that the ledger shows."""
        pairs = zip(self.items, self.origins, strict=True)
        return [item["feature"] for item, origin in pairs if origin == FROM_LEDGER]


async def gather(
    gateway: Gateway,
    case: Case,
    request: IdentifiedEvidence,
    *,
    card: Card,
    ledger_party_id: int,
) -> Gathered:
    """The evidence of a request, with what the ledger shows.

    Raises:
        BadInput: a file is wrong.
    """
    consent, subject = case.consent, case.row.subject
    gathered = Gathered()
    for place, item in enumerate(request.items):
        gathered.add([item_content(item, consent=consent)], origin=f"items.{place}")
    if request.salesFile is not None:
        try:
            items = sales_items(request.salesFile, card=card, consent=consent)
        except EvidenceInvalid as error:
            raise bad_evidence(error, [SALES_FILE]) from error
        gathered.add(items, origin=SALES_FILE)
    gathered.files = await read_files(
        gateway, request.files, card=card, rater=case.row.rater, subject=subject
    )
    for read in gathered.files:
        gathered.add(file_items(read, card=card, consent=consent), origin=read.field)
    gathered.disagreements = between_files(gathered.files, currency=card.currency)
    if request.fromLedger:

        def read_ledger(
            connection: Connection,
        ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
            on_ledger = subject_on_ledger(
                gateway, connection, card=card, ledger_party_id=ledger_party_id
            )
            return (
                ledger_items(connection, on_ledger, card=card, party=subject, consent=consent),
                with_ledger(connection, on_ledger, gathered.files, currency=card.currency),
            )

        items, disagreements = await gateway.storage.read(read_ledger)
        gathered.add(items, origin=FROM_LEDGER)
        gathered.disagreements += disagreements
    return gathered
