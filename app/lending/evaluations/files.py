"""Files of a party: read, of the party that is judged, and about no relation of the rater's."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.domain.calendar import date_of
from app.domain.evaluation import Consent
from app.domain.hidden_text import shown
from app.domain.names import skeleton
from app.domain.numbering import letters_and_digits
from app.domain.scoring.evidence_files import FILE_KINDS
from app.domain.scoring.file_figures import FileFigures
from app.domain.scoring.model import Card
from app.domain.scoring.problems import EvidenceInvalid
from app.domain.scoring.values import percent_text
from app.domain.texts import say
from app.errors import BadInput
from app.gateway.gateway import Gateway
from app.lending.evaluations.bad_evidence import FILES, bad_evidence
from app.lending.evaluations.items import consent_content
from app.lending.evaluations.schemas import EvidenceFile
from app.parties.registry import repository as directory
from app.parties.registry import service as parties
from app.parties.registry.repository import PartyRow

_MAX_SOURCE = 400
_OF_RATER = {
    "company": "the company itself",
    "owner": "an owner of the company",
    "controller": "a controller of the company",
    "holding": "a company that it owns a part of",
}


class ReadFile(msgspec.Struct):
    """A file of a request and what it shows.

    Attributes:
        field: of the request.
        digest: SHA-256 of its bytes, 0x and 64 digits.
    """

    field: str
    file: EvidenceFile
    figures: FileFigures
    digest: str


class Sides(msgspec.Struct):
    """Who judges whom."""

    rater: PartyRow
    subject: PartyRow


async def read_files(
    gateway: Gateway, files: list[EvidenceFile], *, card: Card, rater: str, subject: str
) -> list[ReadFile]:
    """The files of a request, all of which are about the subject.

    Args:
        rater, subject: ids in the directory of parties.

    Raises:
        BadInput: a file is wrong, or about another company, or shows that the rater would judge
            itself, its owner or a company that it owns.
    """
    if not files:
        return []
    sides = Sides(await parties.party(gateway, rater), await parties.party(gateway, subject))
    results = []
    for place, file in enumerate(files):
        field = f"{FILES}.{place}"
        data = file.content.encode()
        read = FILE_KINDS[file.kind].read
        try:
            figures = await gateway.documents.run(read, data, currency=card.currency)
        except EvidenceInvalid as error:
            raise bad_evidence(error, [field]) from error
        digest = "0x" + hashlib.sha256(data).hexdigest()
        result = ReadFile(field, file, figures, digest)
        _require_subject(gateway, sides, result)
        results.append(result)
    await gateway.storage.read(
        lambda connection: _require_strangers(gateway, connection, sides, results)
    )
    return results


def file_items(read: ReadFile, *, card: Card, consent: Consent) -> list[dict[str, Any]]:
    """What a file shows of the card's features, as evidence writes it."""
    source = f"{read.file.source}: {read.figures.basis}"[:_MAX_SOURCE]
    return [
        {
            "feature": feature,
            "value": figure.value,
            "party": read.file.partyId,
            "source": source,
            "asOf": date_of(figure.as_of).isoformat(),
            "hash": read.digest,
            "consent": consent_content(consent),
        }
        for feature, figure in read.figures.figures.items()
        if card.feature(feature) is not None
    ]


def file_summary(read: ReadFile, *, card: Card) -> dict[str, Any]:
    """What a file showed, what it does not show, and what the card does not ask for."""
    figures = read.figures.figures
    return {
        "kind": read.file.kind,
        "hash": read.digest,
        "known": [name for name in figures if card.feature(name) is not None],
        "unknown": [name for name in FILE_KINDS[read.file.kind].features if name not in figures],
        "notInCard": [name for name in figures if card.feature(name) is None],
    }


def _require_subject(gateway: Gateway, sides: Sides, read: ReadFile) -> None:
    """The company of the file is the subject, and not the rater.

    Raises:
        BadInput.
    """
    number, plain = read.figures.company, letters_and_digits(read.figures.company)
    content = f"{read.field}.content"
    if plain == _number_of(gateway, sides.rater):
        raise BadInput(
            say(
                "the {kind:words} file is about the company {number}, the rater itself",
                kind=read.file.kind,
                number=shown(number),
            ),
            name="rater-is-rated",
            field=content,
            fix="let another rater judge the party",
        )
    if plain != _number_of(gateway, sides.subject):
        raise BadInput(
            say(
                "the {kind:words} file is about the company {number}, which is not the party that "
                "is judged",
                kind=read.file.kind,
                number=shown(number),
            ),
            name="of-another-party",
            field=content,
            fix="give files of the party itself, with its registered number",
        )


def _require_strangers(
    gateway: Gateway, connection: Connection, sides: Sides, files: list[ReadFile]
) -> None:
    """The rater neither owns nor controls the subject, nor does the subject own a part of it.

    Raises:
        BadInput.
    """
    relations = [(read.field, each) for read in files for each in read.figures.relations]
    if not relations:
        return
    controlled = directory.under_control_with(connection, sides.rater.id)
    names = {skeleton(party.name) for party in controlled}
    numbers = {_number_of(gateway, party) for party in controlled}
    for field, relation in relations:
        # By its number, or by its name, whatever number stands there.
        is_named = skeleton(relation.name) in names
        if not is_named and letters_and_digits(relation.id) not in numbers:
            continue
        share = "" if relation.share is None else f", with {percent_text(relation.share)}"
        raise BadInput(
            say(
                "row {row} names {of_rater}{share}: {name}, which is the rater or under one "
                "control with it",
                row=relation.row,
                of_rater=_OF_RATER[relation.record],
                share=share,
                name=shown(relation.name),
            ),
            name="rater-is-rated",
            field=f"{field}.content",
            fix="let another rater judge the party",
        )


def _number_of(gateway: Gateway, party: PartyRow) -> str:
    """A party's legal id, without punctuation and spaces."""
    return letters_and_digits(parties.legal_id_of(gateway, party))
