"""What a party signs, in words: title, sentence, and a row for each field.

Every field of the bytes is in `rows` or in `hidden`, which says why it is not shown. What no form
describes is a row with its name and its value as they are.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from app.chain.evm.error_words.formats import ENUMERATIONS
from app.chain.evm.hashing import checksum_address
from app.clear_signing.model import (
    CALL,
    CONTRACT,
    EITHER,
    FROM_CODE,
    FROM_CONTRACT,
    FROM_TOKEN,
    MONEY,
    PARTY,
    PRICE,
    QUANTITY,
    Currency,
    Field,
    Leaf,
)
from app.clear_signing.reading import Caution, Reading
from app.clear_signing.values import Names, Words, in_words
from app.domain.money import DIGITS, currency_in

RAW = "raw"
_CASH = "SettlementToken:"
_WAREHOUSE_RECEIPT = ENUMERATIONS["item"].index("warehouse receipt")
_FILED = {1: "loan", 2: "claim"}  # IFilings.FilingSubject
# Texts to translate.
UNKNOWN_TITLE = "Sign something that the ledger does not know"
UNKNOWN_SENTENCE = "Do not sign it, unless you know what it does"
NOT_CLEAR = "{field} is shown as it is, because its meaning is not known here."
NOT_OURS = "{field} is not a contract of the ledger."
RENDERING_TEXTS = (UNKNOWN_TITLE, UNKNOWN_SENTENCE, NOT_CLEAR, NOT_OURS)


class Thing(msgspec.Struct, frozen=True):
    """A thing of the ledger whose currency is needed, such as loan 7."""

    kind: str
    number: int


class Known(msgspec.Struct, frozen=True):
    """What is known besides the bytes.

    Attributes:
        currencies: codes by thing.
    """

    names: Names
    currencies: Mapping[Thing, str]


class Row(msgspec.Struct, frozen=True):
    """A field that is shown.

    Attributes:
        path: of the field; a place in a list is a number: `parts.0.value`.
        label: a text to translate.
        place: numbers of the list's elements that it is in, from 1.
        kind: of its value, or "raw".
        raw: the value as the bytes have it: decimal text, or 0x and digits.
        call: the call that it holds.
    """

    path: str
    label: str
    place: tuple[int, ...]
    kind: str
    words: Words
    raw: str
    call: Description | None = None


class Hidden(msgspec.Struct, frozen=True):
    """A field that is not shown, and why: a text to translate."""

    path: str
    label: str
    raw: str
    reason: str


class Description(msgspec.Struct, frozen=True):
    """A message or a call in words.

    Attributes:
        is_known: False: no form describes it, or the ledger would not accept it.
        sentence: `{path}` is the row of that path.
        arguments: the sentence's values.
    """

    is_known: bool
    contract: str | None
    address: str
    name: str
    title: str
    sentence: str
    arguments: Mapping[str, str]
    rows: tuple[Row, ...]
    hidden: tuple[Hidden, ...]
    warnings: tuple[Caution, ...]
    digest: str | None = None

    @property
    def text(self) -> str:
        """The sentence in English."""
        parts = string.Formatter().parse(self.sentence)
        return "".join(
            text + ("" if path is None else self.arguments[path]) for text, path, _, _ in parts
        )


def accounts_in(reading: Reading) -> set[str]:
    """The accounts whose names the description needs, lower case."""
    accounts = {
        value
        for leaf, value, _ in _values(reading)
        if leaf.field.kind in (PARTY, CONTRACT) and not leaf.field.hidden
    }
    return accounts.union(*(accounts_in(call) for call in reading.calls.values()))


def things_in(reading: Reading) -> set[Thing]:
    """The things whose currencies the description needs."""
    things = {
        thing
        for leaf, _, places in _values(reading)
        for thing in _things_of(leaf.field.currency, reading, places)
    }
    return things.union(*(things_in(call) for call in reading.calls.values()))


def describe(reading: Reading, known: Known) -> Description:
    """A message or a call in words."""
    if reading.form is None:
        return _unknown(reading)
    rows: list[Row] = []
    hidden: list[Hidden] = []
    for leaf, value, places in _values(reading):
        path, raw = _placed(leaf.path, places), _raw(value)
        if leaf.field.hidden:
            hidden.append(Hidden(path, leaf.field.label, raw, leaf.field.hidden))
            continue
        field = _plain(leaf, reading, places)
        words = _words(leaf, field, value, reading=reading, known=known, places=places)
        inner = reading.calls.get(leaf.path) if field.kind == CALL else None
        call = None if inner is None else describe(inner, known)
        place = tuple(number + 1 for number in places)
        rows.append(Row(path, field.label, place, field.kind, words, raw, call))
    rows += _unsigned_rows(reading)
    return Description(
        is_known=True,
        contract=reading.contract,
        address=checksum_address(reading.address),
        name=reading.name,
        title=reading.form.title,
        sentence=reading.form.sentence,
        arguments={row.path: row.words.text for row in rows if not row.place},
        rows=tuple(rows),
        hidden=tuple(hidden),
        warnings=(*reading.warnings, *_row_warnings(rows)),
        digest=reading.digest,
    )


def _row_warnings(rows: list[Row]) -> Iterator[Caution]:
    for row in rows:
        if row.kind == CONTRACT and not row.words.is_clear:
            yield Caution(NOT_OURS, {"field": row.label})
        elif not row.words.is_clear and row.kind != RAW:
            yield Caution(NOT_CLEAR, {"field": row.label})


def _unknown(reading: Reading) -> Description:
    rows = (
        Row(path, path, (), RAW, Words(_raw(value), is_clear=False), _raw(value))
        for path, value in _flat(reading.values)
    )
    return Description(
        is_known=False,
        contract=reading.contract,
        address=reading.address,
        name=reading.name,
        title=UNKNOWN_TITLE,
        sentence=UNKNOWN_SENTENCE,
        arguments={},
        rows=(*rows, *_unsigned_rows(reading)),
        hidden=(),
        warnings=reading.warnings,
        digest=reading.digest,
    )


def _unsigned_rows(reading: Reading) -> list[Row]:
    return [
        Row(path, path, (), RAW, Words(_raw(value), is_clear=False), _raw(value))
        for path, value in _flat(reading.unsigned)
    ]


def _flat(values: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    """Values by path, with structs and lists taken apart; an empty one is a value itself."""
    if isinstance(values, Mapping) and values:
        for name, value in values.items():
            yield from _flat(value, f"{above}.{name}" if above else str(name))
    elif isinstance(values, list) and values:
        for place, value in enumerate(values):
            yield from _flat(value, f"{above}.{place}")
    elif above:
        yield above, values


def _raw(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


# ------------------------------------------------------------------ values by path


def _values(reading: Reading) -> Iterator[tuple[Leaf, Any, tuple[int, ...]]]:
    """Each field with its value and its places in lists.

    The fields of a list's elements follow each other element by element.
    """
    form = reading.form
    if form is None:
        return
    leaves, start = form.leaves, 0
    while start < len(leaves):
        head, in_list, _ = leaves[start].path.partition(".[]")
        group = [leaves[start]]
        while in_list and start + len(group) < len(leaves):
            following = leaves[start + len(group)]
            if following.path.partition(".[]")[0] != head:
                break
            group.append(following)
        if in_list:
            for place in range(len(_at(reading.values, head, ()))):
                for leaf in group:
                    yield leaf, _at(reading.values, leaf.path, (place,)), (place,)
        else:
            yield leaves[start], _at(reading.values, leaves[start].path, ()), ()
        start += len(group)


def _at(values: Any, path: str, places: tuple[int, ...]) -> Any:
    """The value at a path; each `[]` takes the next place."""
    rest = list(places)
    for name in path.split("."):
        values = values[rest.pop(0)] if name == "[]" else values[name]
    return values


def _placed(path: str, places: tuple[int, ...]) -> str:
    for place in places:
        path = path.replace("[]", str(place), 1)
    return path


def _plain(leaf: Leaf, reading: Reading, places: tuple[int, ...]) -> Field:
    """The field; an amount of an item is goods or money, as the item's kind says."""
    if leaf.field.kind != EITHER:
        return leaf.field
    kind = _at(reading.values, f"{leaf.path.rpartition('.')[0]}.kind", places)
    return msgspec.structs.replace(
        leaf.field, kind=QUANTITY if kind == _WAREHOUSE_RECEIPT else MONEY
    )


def _words(
    leaf: Leaf,
    field: Field,
    value: Any,
    *,
    reading: Reading,
    known: Known,
    places: tuple[int, ...],
) -> Words:
    currency = item = None
    if field.currency is not None:
        currency = _code(field.currency, reading, known, places)
    if field.kind == PRICE:
        item = _at(reading.values, f"{_above(leaf.path)}item", places)
    return in_words(field, value, names=known.names, currency=currency, item=item)


def _above(path: str) -> str:
    head, dot, _ = path.rpartition(".")
    return head + dot


def _code(
    currency: Currency | None, reading: Reading, known: Known, places: tuple[int, ...]
) -> str | None:
    """The code of an amount's currency; None: it is not known."""
    if currency is None:
        return None
    if currency.source == FROM_CODE:
        code = currency_in(_at(reading.values, currency.path, places))
        if code is None and currency.otherwise is not None:
            return _code(currency.otherwise, reading, known, places)
        return code if code in DIGITS else None
    if currency.source in (FROM_TOKEN, FROM_CONTRACT):
        is_token = currency.source == FROM_TOKEN
        address = _at(reading.values, currency.path, places) if is_token else reading.address
        name = known.names.contracts.get(address, "")
        return name.removeprefix(_CASH) if name.startswith(_CASH) else None
    codes = {known.currencies.get(thing) for thing in _things_of(currency, reading, places)}
    return codes.pop() if len(codes) == 1 else None


def _things_of(currency: Currency | None, reading: Reading, places: tuple[int, ...]) -> list[Thing]:
    """The things whose currency an amount is in; none: its bytes say the currency."""
    if currency is None or currency.source in (FROM_TOKEN, FROM_CODE, FROM_CONTRACT):
        return []
    kind = currency.source
    if kind == "filing":
        subject = _at(reading.values, f"{_above(currency.path)}subject", places)
        if subject not in _FILED:
            return []
        kind = _FILED[subject]
    numbers = _at(reading.values, currency.path, places[: currency.path.count("[]")])
    return [Thing(kind, number) for number in (numbers if isinstance(numbers, list) else [numbers])]
