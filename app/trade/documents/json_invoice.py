"""Invoices in our own JSON: what `Document.view` writes, `read_json` reads.

Numbers are text (`"1250.00"`), so that nothing between sender and us can round them. A key twice, a
key that we do not know, or a value of another type is refused by name.
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

MOST_MARKS = 1_000_000
MOST_DEPTH = 8
_SURROGATE = re.compile(rb"\\u[dD][89abABcdefCDEF]")
_TYPES = {dict: "an object", list: "a list", str: "text", bool: "true or false"}


class _Number(str):
    """A JSON number, kept as it was written; no field takes one."""


class _Twice(ValueError):
    """A key that an object has twice."""


def read_json(data: bytes) -> Document:
    """The document of our own JSON.

    Raises:
        DocumentError.
    """
    taken = _Object(_parsed(data), path="")
    currency = taken.text("currency")
    try:
        digits_of(currency)
    except CurrencyUnknown as error:
        raise FieldInvalid(
            str(error)[:200], name="currency-unknown", field="currency", fix="such as CNY or EUR"
        ) from error
    code = taken.maybe_text("typeCode")
    payee = taken.maybe_object("payee")
    negated = taken.maybe("negated", bool) or False
    # What `view` adds; it says where the document came from, not what it says.
    taken.maybe_text("format")
    taken.maybe("assignment", dict)
    document = Document(
        format="json",
        kind=_kind(taken.text("kind"), code, negated=negated),
        type_code=code,
        profile=taken.maybe_text("profile"),
        code=taken.maybe_text("code"),
        number=taken.text("number"),
        issue_date=day(taken.text("issueDate"), field="issueDate"),
        due_date=None
        if (due := taken.maybe_text("dueDate")) is None
        else day(due, field="dueDate"),
        currency=currency,
        payable_amount=taken.amount("payableAmount", currency),
        seller=_party(taken.object("seller")),
        buyer=_party(taken.object("buyer")),
        payee=None if payee is None else _party(payee),
        lines=tuple(
            _line(one, currency, place=place)
            for place, one in enumerate(taken.objects("lines"), start=1)
        ),
        adjustments=tuple(_adjustment(one, currency) for one in taken.objects("adjustments")),
        taxes=tuple(_tax(one, currency) for one in taken.objects("taxes")),
        totals=_totals(taken.maybe_object("totals"), currency),
        references=tuple(_reference(one) for one in taken.objects("references")),
        payment_terms=taken.maybe_text("paymentTerms"),
        instalments=tuple(_instalment(one, currency) for one in taken.objects("instalments")),
        notes=tuple(_note(one) for one in taken.objects("notes")),
        negated=negated,
    )
    taken.end()
    return document


def _parsed(data: bytes) -> Any:
    if sum(data.count(mark) for mark in (b",", b"[", b"{")) > MOST_MARKS:
        raise DocumentHostile(
            "the JSON has more values than any invoice",
            name="json-too-many-values",
            fix="send one invoice for each file",
        )

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            names = [name for name, _value in pairs]
            raise _Twice(next(name for name in names if names.count(name) > 1))
        return found

    def no_number(text: str) -> NoReturn:
        raise ValueError(f"{text} is no JSON")

    try:
        found = json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=once,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=no_number,
        )
    except _Twice as error:
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
            f"no JSON: {str(error)[:200]}", name="json-malformed", fix="send JSON in UTF-8"
        ) from error
    _check_depth(found)
    _check_text(data, found)
    return found


def _check_text(data: bytes, value: Any) -> None:
    """Half of a pair of surrogates is no text (RFC 8259, 8.2)."""
    if _SURROGATE.search(data) is None:
        return
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise DocumentMalformed(
            "the JSON holds half of a pair of surrogates, which is no character",
            name="json-malformed",
            fix="send the text in UTF-8, without \\u escapes",
        ) from error


def _too_deep() -> DocumentHostile:
    return DocumentHostile(
        f"the JSON is nested deeper than {MOST_DEPTH} values",
        name="json-too-deep",
        fix="send the invoice as the guide has it",
    )


def _check_depth(value: Any) -> None:
    level = [value]
    for _depth in range(MOST_DEPTH):
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
    """A JSON object whose members are taken one by one; `end` refuses what is left."""

    def __init__(self, value: Any, *, path: str) -> None:
        self.path = path
        if type(value) is not dict:
            if not path:
                raise FormatUnknown("the JSON is no object", fix="send one invoice as one object")
            raise _wrong_type(path, value, dict)
        self.left: dict[str, Any] = dict(value)

    def at(self, name: str) -> str:
        """The path of a member."""
        return f"{self.path}.{name}" if self.path else name

    def maybe(self, name: str, kind: type) -> Any:
        """A member, or None where it is absent or null."""
        value = self.left.pop(name, None)
        if value is not None and type(value) is not kind:
            raise _wrong_type(self.at(name), value, kind)
        return value

    def maybe_text(self, name: str) -> str | None:
        """Text, blanks folded; None where absent, null or empty."""
        value = self.maybe(name, str)
        return None if value is None else values.folded(value, field=self.at(name))

    def text(self, name: str) -> str:
        """Text that must be there."""
        value = self.maybe_text(name)
        if value is None:
            field = self.at(name)
            raise FieldMissing(f"{field} is missing or empty", field=field, fix=f"give {field}")
        return value

    def maybe_amount(self, name: str, currency: str) -> int | None:
        """Minor units."""
        text, field = self.maybe_text(name), self.at(name)
        if text is None:
            return None
        return values.amount(text, field=field, currency=currency)

    def amount(self, name: str, currency: str) -> int:
        """Minor units that must be there."""
        value = self.maybe_amount(name, currency)
        if value is None:
            field = self.at(name)
            raise FieldMissing(f"{field} is missing", field=field, fix=f"give {field}")
        return value

    def fine_amount(self, name: str, currency: str) -> tuple[int, Decimal | None]:
        """A part of a sum: minor units, and what it is exactly where it is finer."""
        return values.fine_amount(self.text(name), field=self.at(name), currency=currency)

    def maybe_decimal(self, name: str) -> Decimal | None:
        """An exact decimal."""
        text = self.maybe_text(name)
        return None if text is None else values.decimal(text, field=self.at(name))

    def maybe_object(self, name: str) -> _Object | None:
        """An object."""
        value = self.maybe(name, dict)
        return None if value is None else _Object(value, path=self.at(name))

    def object(self, name: str) -> _Object:
        """An object that must be there."""
        value = self.maybe_object(name)
        if value is None:
            field = self.at(name)
            raise FieldMissing(f"{field} is missing", field=field, fix=f"give {field}")
        return value

    def objects(self, name: str) -> list[_Object]:
        """A list of objects; none where absent."""
        value = self.maybe(name, list) or []
        return [_Object(one, path=f"{self.at(name)}.{index}") for index, one in enumerate(value)]

    def end(self) -> None:
        """Refuses a member that nobody took.

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


def _wrong_type(field: str, value: Any, wanted: type) -> FieldInvalid:
    found = "a number" if isinstance(value, _Number) else _TYPES.get(type(value), "null")
    fix = f"give {_TYPES[wanted]}"
    if isinstance(value, _Number) and wanted is str:
        fix = f'give it as text: "{value[:40]}"'
    return FieldInvalid(
        f"{field} is {found}, it must be {_TYPES[wanted]}",
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
            fix="say invoice or credit-note",
        )
    kind = INVOICE if text == INVOICE else CREDIT_NOTE
    if negated and kind != CREDIT_NOTE:
        raise FieldInvalid(
            "an invoice over less than nothing is a credit note",
            name="kind-contradictory",
            field="negated",
            fix="leave negated out, or say kind credit-note",
        )
    if code is not None and kind_of(code) != (INVOICE if negated else kind):
        raise FieldInvalid(
            f"kind is {kind}, type code {code} is that of the other",
            name="kind-contradictory",
            field="typeCode",
            fix="leave typeCode out or give the right one",
        )
    return kind


def _party(taken: _Object) -> Party:
    country = taken.maybe_text("country")
    name, trading_name = taken.text("name"), taken.maybe_text("tradingName")
    found = []
    value, scheme = taken.maybe_text("id"), taken.maybe_text("scheme")
    if value is not None:
        found.append(identifier(value, scheme=scheme, otherwise=PRIVATE, country=country))
    for other in taken.objects("otherIds"):
        found.append(Identifier(other.text("id"), other.text("scheme")))
        other.end()
    taken.end()
    return Party(name=name, trading_name=trading_name, country=country, identifiers=tuple(found))


def _line(taken: _Object, currency: str, *, place: int) -> Line:
    amount, exact = taken.fine_amount("amount", currency)
    found = Line(
        number=taken.maybe_text("number") or str(place),
        description=taken.text("description"),
        amount=amount,
        exact=exact,
        quantity=taken.maybe_decimal("quantity"),
        unit=taken.maybe_text("unit"),
        price=taken.maybe_decimal("price"),
        tax_category=taken.maybe_text("taxCategory"),
        tax_rate=taken.maybe_decimal("taxRate"),
    )
    taken.end()
    return found


def _adjustment(taken: _Object, currency: str) -> Adjustment:
    charge = taken.maybe("charge", bool)
    if charge is None:
        field = taken.at("charge")
        raise FieldMissing(f"{field} is missing", field=field, fix="say true for a charge")
    amount, exact = taken.fine_amount("amount", currency)
    found = Adjustment(
        charge=charge,
        amount=amount,
        exact=exact,
        reason=taken.maybe_text("reason"),
        tax_category=taken.maybe_text("taxCategory"),
        tax_rate=taken.maybe_decimal("taxRate"),
    )
    taken.end()
    return found


def _tax(taken: _Object, currency: str) -> Tax:
    taxable, taxable_exact = taken.fine_amount("taxable", currency)
    amount, exact = taken.fine_amount("amount", currency)
    found = Tax(
        taxable=taxable,
        taxable_exact=taxable_exact,
        amount=amount,
        exact=exact,
        category=taken.maybe_text("category"),
        rate=taken.maybe_decimal("rate"),
    )
    taken.end()
    return found


def _totals(taken: _Object | None, currency: str) -> Totals:
    if taken is None:
        return Totals()
    found = Totals(
        lines=taken.maybe_amount("lines", currency),
        allowances=taken.maybe_amount("allowances", currency),
        charges=taken.maybe_amount("charges", currency),
        tax_exclusive=taken.maybe_amount("taxExclusive", currency),
        tax=taken.maybe_amount("tax", currency),
        tax_inclusive=taken.maybe_amount("taxInclusive", currency),
        prepaid=taken.maybe_amount("prepaid", currency),
        rounding=taken.maybe_amount("rounding", currency),
        third_party=taken.maybe_amount("thirdParty", currency),
    )
    taken.end()
    return found


def _instalment(taken: _Object, currency: str) -> Instalment:
    found = Instalment(
        amount=taken.amount("amount", currency),
        due_date=day(taken.text("dueDate"), field=taken.at("dueDate")),
    )
    taken.end()
    return found


def _note(taken: _Object) -> Note:
    found = Note(text=taken.text("text"), subject=taken.maybe_text("subject"))
    taken.end()
    return found


def _reference(taken: _Object) -> Reference:
    issued = taken.maybe_text("issueDate")
    found = Reference(
        kind=taken.text("kind"),
        number=taken.text("number"),
        issue_date=None if issued is None else day(issued, field=taken.at("issueDate")),
    )
    taken.end()
    return found
