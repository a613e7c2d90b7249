"""Invoices in our own JSON: what `Document.view` writes, `read_json` reads.

Numbers are text (`"1250.00"`), so that no program on the way can round them. The reader refuses a
repeated key, an unknown key or a value of another type, and names it.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, NoReturn

from app.domain.money import CurrencyUnknown, digits_of
from app.trade.documents import values
from app.trade.documents.errors import (
    DocumentHostile,
    DocumentMalformed,
    FieldInvalid,
    FieldMissing,
    FormatUnknown,
)
from app.trade.documents.kinds import kind_of
from app.trade.documents.model import (
    CREDIT_NOTE,
    INVOICE,
    Adjustment,
    Document,
    Identifier,
    Instalment,
    Kind,
    Line,
    Note,
    Party,
    Reference,
    Tax,
    Totals,
)
from app.trade.documents.parties import PRIVATE, identifier
from app.trade.documents.values import day

MAX_MARKS = 1_000_000
MAX_DEPTH = 8
_SURROGATE = re.compile(rb"\\u[dD][89abABcdefCDEF]")
_TYPES = {dict: "an object", list: "a list", str: "text", bool: "true or false"}


class _Number(str):
    """A JSON number as written; no field accepts one."""


class _DuplicateKey(ValueError):
    """An object has a key twice."""


def read_json(data: bytes) -> Document:
    """The document of our own JSON.

    Raises:
        DocumentError.
    """
    invoice = _Object(_parse(data), path="")
    currency = invoice.text("currency")
    try:
        digits_of(currency)
    except CurrencyUnknown as error:
        raise FieldInvalid(
            str(error)[:200], name="currency-unknown", field="currency", fix="such as CNY or EUR"
        ) from error
    code = invoice.maybe_text("typeCode")
    payee = invoice.maybe_object("payee")
    negated = invoice.maybe("negated", bool) or False
    # `view` adds these. They say where the document came from, and are no part of its content.
    invoice.maybe_text("format")
    invoice.maybe("assignment", dict)
    document = Document(
        format="json",
        kind=_kind(invoice.text("kind"), code, negated=negated),
        type_code=code,
        profile=invoice.maybe_text("profile"),
        code=invoice.maybe_text("code"),
        number=invoice.text("number"),
        issue_date=day(invoice.text("issueDate"), field="issueDate"),
        due_date=None
        if (due := invoice.maybe_text("dueDate")) is None
        else day(due, field="dueDate"),
        currency=currency,
        payable_amount=invoice.amount("payableAmount", currency),
        seller=_party(invoice.object("seller")),
        buyer=_party(invoice.object("buyer")),
        payee=None if payee is None else _party(payee),
        lines=tuple(
            _line(member, currency, place=place)
            for place, member in enumerate(invoice.objects("lines"), start=1)
        ),
        adjustments=tuple(
            _adjustment(member, currency) for member in invoice.objects("adjustments")
        ),
        taxes=tuple(_tax(member, currency) for member in invoice.objects("taxes")),
        totals=_totals(invoice.maybe_object("totals"), currency),
        references=tuple(_reference(member) for member in invoice.objects("references")),
        payment_terms=invoice.maybe_text("paymentTerms"),
        instalments=tuple(
            _instalment(member, currency) for member in invoice.objects("instalments")
        ),
        notes=tuple(_note(member) for member in invoice.objects("notes")),
        negated=negated,
    )
    invoice.end()
    return document


def _parse(data: bytes) -> Any:
    if sum(data.count(mark) for mark in (b",", b"[", b"{")) > MAX_MARKS:
        raise DocumentHostile(
            "the JSON has more values than any invoice has",
            name="json-too-many-values",
            fix="send one invoice for each file",
        )

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            names = [name for name, _value in pairs]
            raise _DuplicateKey(next(name for name in names if names.count(name) > 1))
        return members

    def no_number(text: str) -> NoReturn:
        raise ValueError(f"{text} is not JSON")

    try:
        value = json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=once,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=no_number,
        )
    except _DuplicateKey as error:
        raise DocumentMalformed(
            f"the key {str(error)[:80]!r} is there twice in one object",
            name="duplicate-key",
            field=str(error)[:80].encode(errors="replace").decode(),
            fix="give it once",
        ) from error
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise DocumentMalformed(
            f"the document is not JSON: {str(error)[:200]}",
            name="json-malformed",
            fix="send JSON in UTF-8",
        ) from error
    _check_depth(value)
    _check_text(data, value)
    return value


def _check_text(data: bytes, value: Any) -> None:
    """Refuses half of a surrogate pair, which is no character (RFC 8259, 8.2)."""
    if _SURROGATE.search(data) is None:
        return
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise DocumentMalformed(
            "the JSON holds half of a surrogate pair, which is no character",
            name="json-malformed",
            fix="send the text in UTF-8, without \\u escapes",
        ) from error


def _too_deep() -> DocumentHostile:
    return DocumentHostile(
        f"the JSON is nested deeper than {MAX_DEPTH} values",
        name="json-too-deep",
        fix="send the invoice as the guide shows it",
    )


def _check_depth(value: Any) -> None:
    level = [value]
    for _depth in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return
    raise _too_deep()


class _Object:
    """A JSON object whose members are read one by one; `end` refuses members that nobody read."""

    def __init__(self, value: Any, *, path: str) -> None:
        self.path = path
        if type(value) is not dict:
            if not path:
                raise FormatUnknown(
                    "the JSON is not an object", fix="send one invoice as one object"
                )
            raise _wrong_type(path, value, dict)
        self.left: dict[str, Any] = dict(value)

    def at(self, name: str) -> str:
        """The path of a member."""
        return f"{self.path}.{name}" if self.path else name

    def maybe(self, name: str, kind: type) -> Any:
        """A member; None if it is absent or null."""
        value = self.left.pop(name, None)
        if value is not None and type(value) is not kind:
            raise _wrong_type(self.at(name), value, kind)
        return value

    def maybe_text(self, name: str) -> str | None:
        """Text, blanks folded; None if absent, null or empty."""
        value = self.maybe(name, str)
        return None if value is None else values.folded(value, field=self.at(name))

    def text(self, name: str) -> str:
        """Required text."""
        value = self.maybe_text(name)
        if value is None:
            field = self.at(name)
            raise FieldMissing(f"{field} is missing or empty", field=field, fix=f"give {field}")
        return value

    def maybe_amount(self, name: str, currency: str) -> int | None:
        """An amount in minor units; None if absent, null or empty."""
        text, field = self.maybe_text(name), self.at(name)
        if text is None:
            return None
        return values.amount(text, field=field, currency=currency)

    def amount(self, name: str, currency: str) -> int:
        """A required amount in minor units."""
        value = self.maybe_amount(name, currency)
        if value is None:
            field = self.at(name)
            raise FieldMissing(f"{field} is missing", field=field, fix=f"give {field}")
        return value

    def fine_amount(self, name: str, currency: str) -> tuple[int, Decimal | None]:
        """A part of a sum: minor units, and the exact number if it is finer."""
        return values.fine_amount(self.text(name), field=self.at(name), currency=currency)

    def maybe_decimal(self, name: str) -> Decimal | None:
        """An exact decimal; None if absent, null or empty."""
        text = self.maybe_text(name)
        return None if text is None else values.decimal(text, field=self.at(name))

    def maybe_object(self, name: str) -> _Object | None:
        """An object; None if absent or null."""
        value = self.maybe(name, dict)
        return None if value is None else _Object(value, path=self.at(name))

    def object(self, name: str) -> _Object:
        """A required object."""
        value = self.maybe_object(name)
        if value is None:
            field = self.at(name)
            raise FieldMissing(f"{field} is missing", field=field, fix=f"give {field}")
        return value

    def objects(self, name: str) -> list[_Object]:
        """A list of objects; empty if absent or null."""
        value = self.maybe(name, list) or []
        return [
            _Object(member, path=f"{self.at(name)}.{index}") for index, member in enumerate(value)
        ]

    def end(self) -> None:
        """Refuses a member that nobody read.

        Raises:
            FieldInvalid.
        """
        for name in self.left:
            field = self.at(name)[:120]
            raise FieldInvalid(
                f"there is no field {field!r}",
                name="field-unknown",
                field=field,
                fix="leave it out",
            )


def _wrong_type(field: str, value: Any, expected: type) -> FieldInvalid:
    actual = "a number" if isinstance(value, _Number) else _TYPES.get(type(value), "null")
    fix = f"give {_TYPES[expected]}"
    if isinstance(value, _Number) and expected is str:
        fix = f'give it as text: "{value[:40]}"'
    return FieldInvalid(
        f"{field} is {actual}, it must be {_TYPES[expected]}",
        name="type-wrong",
        field=field,
        fix=fix,
    )


def _kind(text: str, code: str | None, *, negated: bool) -> Kind:
    if text not in (INVOICE, CREDIT_NOTE):
        raise FieldInvalid(
            f"kind is {text[:40]!r}",
            name="kind-invalid",
            field="kind",
            fix="give invoice or credit-note",
        )
    kind = INVOICE if text == INVOICE else CREDIT_NOTE
    if negated and kind != CREDIT_NOTE:
        raise FieldInvalid(
            "negated is true, but kind is not credit-note",
            name="kind-contradictory",
            field="negated",
            fix="leave negated out, or give kind credit-note",
        )
    if code is not None and kind_of(code) != (INVOICE if negated else kind):
        raise FieldInvalid(
            f"kind is {kind}, but type code {code} is of the other kind",
            name="kind-contradictory",
            field="typeCode",
            fix="leave typeCode out or give the right one",
        )
    return kind


def _party(members: _Object) -> Party:
    country = members.maybe_text("country")
    name, trading_name = members.text("name"), members.maybe_text("tradingName")
    identifiers = []
    value, scheme = members.maybe_text("id"), members.maybe_text("scheme")
    if value is not None:
        identifiers.append(identifier(value, scheme=scheme, otherwise=PRIVATE, country=country))
    for other_id in members.objects("otherIds"):
        identifiers.append(Identifier(other_id.text("id"), other_id.text("scheme")))
        other_id.end()
    members.end()
    return Party(
        name=name, trading_name=trading_name, country=country, identifiers=tuple(identifiers)
    )


def _line(members: _Object, currency: str, *, place: int) -> Line:
    amount, exact = members.fine_amount("amount", currency)
    line = Line(
        number=members.maybe_text("number") or str(place),
        description=members.text("description"),
        amount=amount,
        exact=exact,
        quantity=members.maybe_decimal("quantity"),
        unit=members.maybe_text("unit"),
        price=members.maybe_decimal("price"),
        tax_category=members.maybe_text("taxCategory"),
        tax_rate=members.maybe_decimal("taxRate"),
    )
    members.end()
    return line


def _adjustment(members: _Object, currency: str) -> Adjustment:
    charge = members.maybe("charge", bool)
    if charge is None:
        field = members.at("charge")
        raise FieldMissing(
            f"{field} is missing", field=field, fix="give true for a charge, false for an allowance"
        )
    amount, exact = members.fine_amount("amount", currency)
    adjustment = Adjustment(
        charge=charge,
        amount=amount,
        exact=exact,
        reason=members.maybe_text("reason"),
        tax_category=members.maybe_text("taxCategory"),
        tax_rate=members.maybe_decimal("taxRate"),
    )
    members.end()
    return adjustment


def _tax(members: _Object, currency: str) -> Tax:
    taxable, taxable_exact = members.fine_amount("taxable", currency)
    amount, exact = members.fine_amount("amount", currency)
    tax = Tax(
        taxable=taxable,
        taxable_exact=taxable_exact,
        amount=amount,
        exact=exact,
        category=members.maybe_text("category"),
        rate=members.maybe_decimal("rate"),
    )
    members.end()
    return tax


def _totals(members: _Object | None, currency: str) -> Totals:
    if members is None:
        return Totals()
    totals = Totals(
        lines=members.maybe_amount("lines", currency),
        allowances=members.maybe_amount("allowances", currency),
        charges=members.maybe_amount("charges", currency),
        tax_exclusive=members.maybe_amount("taxExclusive", currency),
        tax=members.maybe_amount("tax", currency),
        tax_inclusive=members.maybe_amount("taxInclusive", currency),
        prepaid=members.maybe_amount("prepaid", currency),
        rounding=members.maybe_amount("rounding", currency),
        third_party=members.maybe_amount("thirdParty", currency),
    )
    members.end()
    return totals


def _instalment(members: _Object, currency: str) -> Instalment:
    instalment = Instalment(
        amount=members.amount("amount", currency),
        due_date=day(members.text("dueDate"), field=members.at("dueDate")),
    )
    members.end()
    return instalment


def _note(members: _Object) -> Note:
    note = Note(text=members.text("text"), subject=members.maybe_text("subject"))
    members.end()
    return note


def _reference(members: _Object) -> Reference:
    issued = members.maybe_text("issueDate")
    reference = Reference(
        kind=members.text("kind"),
        number=members.text("number"),
        issue_date=None if issued is None else day(issued, field=members.at("issueDate")),
    )
    members.end()
    return reference
