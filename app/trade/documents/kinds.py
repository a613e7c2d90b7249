"""Kinds of documents: copies, tests, profiles, and what a type code says.

The codes (UNTDID 1001, as in EN 16931 and PINT) are invoices, credit notes, or no debt.
"""

from __future__ import annotations

from typing import NoReturn

from app.domain.texts import say
from app.trade.documents.errors import FieldInvalid
from app.trade.documents.model import CREDIT_NOTE, INVOICE, Kind

_CREDIT_NOTES = "81 83 261 262 296 308 381 396 420 458 502 503 532"
_INVOICES = (
    "71 80 82 84 102 130 202 203 204 211 218 219 295 326 331 380 382 383 384 385 386 387 388 389 "
    "390 393 394 395 456 457 471 472 473 480 500 501 527 553 575 623 633 780 817 870 875 876 877 "
    "935"
)
CREDIT_NOTES, INVOICES = frozenset(_CREDIT_NOTES.split()), frozenset(_INVOICES.split())
NO_DEBTS = {"325": "a pro-forma invoice", "751": "information for accounting only"}
# An invoice that replaces an earlier one.
CORRECTIVE = frozenset(("384", "471", "472", "473"))
_XRECHNUNG_EXTENSION = "kosit:extension:xrechnung"


def has_third_parties(profile: str | None) -> bool:
    """Whether a profile adds payments for third parties to what is payable (BR-DEX-09)."""
    return _XRECHNUNG_EXTENSION in (profile or "").lower()


def refuse_test() -> NoReturn:
    """Refuses a document that says that it is a test.

    Raises:
        FieldInvalid.
    """
    raise FieldInvalid(
        "the document says that it is a test",
        name="document-test",
        field="test",
        fix="send the invoice itself, without a test indicator",
    )


def refuse_copy() -> NoReturn:
    """Refuses a document that says that it is a copy.

    Raises:
        FieldInvalid.
    """
    raise FieldInvalid(
        "the document says that it is a copy",
        name="document-copy",
        field="copy",
        fix="send the original, without a copy indicator",
    )


def kind_of(code: str, *, field: str = "typeCode") -> Kind:
    """Invoice or credit note.

    Raises:
        FieldInvalid: the code is no type of invoice, or one that is no debt.
    """
    if code in CREDIT_NOTES:
        return CREDIT_NOTE
    if code in INVOICES:
        return INVOICE
    meaning = NO_DEBTS.get(code, "no type of invoice or credit note")
    raise FieldInvalid(
        say("the document's type is {code}: {meaning}", code=repr(code[:20]), meaning=meaning),
        name="type-code-invalid",
        field=field,
        fix="send the invoice itself (380) or the credit note (381)",
    )
