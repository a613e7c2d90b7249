"""Long lists: their order, the place where a page ends, and how many items there are.

A place is the last item's key and number, not its offset: so a page neither skips nor repeats an
item that stays where it is, however many come before it meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from fastapi import Query
from pydantic import Field
from sqlalchemy import Connection
from typing_extensions import TypedDict

from app.domain.money import AmountInvalid, CurrencyUnknown, minor_units
from app.domain.texts import say, text_of
from app.errors import BadInput
from app.gateway.gateway import Gateway
from app.gateway.money import MAX as MAX_AMOUNT
from app.gateway.money import with_token
from app.gateway.path_types import MAX
from app.storage import run

COUNTED = 1000
Sort = Literal["newest", "oldest", "due-soonest", "due-latest", "largest", "smallest"]
_BY_AMOUNT = ("largest", "smallest")
_DESCENDING = frozenset(("newest", "due-latest", "largest"))
_PLACE = re.compile(r"([0-9]{1,19})(?:\.([0-9]{1,19}))?")
SortOf = Annotated[
    Sort,
    Query(
        description="The order of the list; `largest` and `smallest` need a currency. The next "
        "pages need the same order and filters."
    ),
]
PageCursor = Annotated[
    str | None,
    Query(pattern=r"^[0-9]{1,19}(\.[0-9]{1,19})?$", description="`nextCursor` of the page before."),
]
CountItems = Annotated[
    bool, Query(description=f"Whether to count the items of all pages, up to {COUNTED:,}.")
]
CurrencyFilter = Annotated[
    str | None, Query(pattern="^[A-Z]{3}$", description="ISO 4217 code of the debts' currency.")
]
AmountFilter = Annotated[
    str | None,
    Query(max_length=40, description="Decimal text in `currency`, inclusive."),
]
NumberFilter = Annotated[
    str | None,
    Query(
        max_length=100,
        description="The beginning of the invoice's number, whatever the case; only seller, debtor "
        "and those who see all find by it.",
    ),
]
NextCursor = Annotated[
    int | str | None, Field(description="Of the next page; null: this is the last one.")
]


class Count(TypedDict):
    """How many items a list has on all its pages together."""

    count: Annotated[int, Field(description=f"{COUNTED:,} at most.")]
    more: Annotated[bool, Field(description="Whether there are more than were counted.")]


class Page(msgspec.Struct, frozen=True):
    """The order of a list, and which part of it a request wants.

    Attributes:
        key: the column to sort by, before the number; None: by the number alone.
        after: the key (None without `key`) and the number of the last item of the page before.
    """

    number: str
    key: str | None
    descending: bool
    after: tuple[int | None, int] | None
    limit: int
    count: bool

    def condition(self, *, of: str = "") -> tuple[list[str], list[Any]]:
        """The condition on items behind the place, with its values; `of` is an alias and a dot."""
        if self.after is None:
            return [], []
        sign = "<" if self.descending else ">"
        key, number = self.after
        if self.key is None:
            return [f"{of}{self.number} {sign} ?"], [number]
        return [f"({of}{self.key}, {of}{self.number}) {sign} (?, ?)"], [key, number]

    def order(self, *, of: str = "") -> str:
        """What stands after ORDER BY."""
        direction = " DESC" if self.descending else ""
        names = [name for name in (self.key, self.number) if name is not None]
        return ", ".join(f"{of}{name}{direction}" for name in names)

    def following(self, rows: Sequence[Any]) -> int | str | None:
        """The cursor behind the last of these rows; None: there is no further page."""
        if len(rows) < self.limit:
            return None
        number = int(getattr(rows[-1], self.number))
        return number if self.key is None else f"{int(getattr(rows[-1], self.key))}.{number}"


def page_of(
    sort: Sort,
    cursor: str | None,
    *,
    number: str,
    keys: Mapping[str, str],
    currency: str | None,
    limit: int,
    count: bool,
) -> Page:
    """The part of a list that a request wants.

    Args:
        number: the column with the items' numbers.
        keys: the columns of the due day and of the amount, under `due` and `amount`.
        currency: the currency that the list is bound to; None: it has several.

    Raises:
        BadInput: the cursor is of another order, or amounts of several currencies would be sorted.
    """
    if sort in _BY_AMOUNT and currency is None:
        raise BadInput(
            say("sort is {sort}, and the amounts may be in several currencies", sort=sort),
            name="currency-missing",
            field="currency",
            fix="name the currency, such as currency=CNY, or sort by another order",
        )
    key = keys["amount"] if sort in _BY_AMOUNT else keys["due"] if "due" in sort else None
    after = None
    if cursor is not None:
        place = _PLACE.fullmatch(cursor)
        parts = [] if place is None else [int(part) for part in place.groups() if part is not None]
        if len(parts) != (1 if key is None else 2) or max(parts) > MAX:
            raise BadInput(
                say("cursor is not a place in the order {sort}", sort=sort),
                name="cursor-invalid",
                field="cursor",
                fix="send nextCursor of the page before, with the same sort",
            )
        after = (None if key is None else parts[0], parts[-1])
    return Page(number, key, sort in _DESCENDING, after, limit, count)


def counted(connection: Connection, parts: Sequence[str], values: Sequence[Any]) -> Count:
    """How many different numbers some queries give together, without counting all of many.

    Args:
        parts: each selects one column of numbers.
        values: of the marks of all parts, in order.
    """
    bounded = " UNION ".join(
        f"SELECT * FROM ({part} LIMIT {COUNTED + 1}) AS part{place}"
        for place, part in enumerate(parts)
    )
    query = f"SELECT count(*) FROM ({bounded}) AS every"
    number = int(run(connection, query, tuple(values)).scalar())
    return {"count": min(number, COUNTED), "more": number > COUNTED}


def bounds_of(
    gateway: Gateway, *, currency: str | None, lowest: str | None, highest: str | None
) -> tuple[int | None, int | None]:
    """The bounds of an amount in minor units, from the parameters amountFrom and amountTo.

    Raises:
        BadInput.
    """
    if currency is not None:
        with_token(gateway, currency, field="currency")
    named = (("amountFrom", lowest), ("amountTo", highest))
    return _minor(named[0], currency), _minor(named[1], currency)


def _minor(named: tuple[str, str | None], currency: str | None) -> int | None:
    field, text = named
    if text is None:
        return None
    if currency is None:
        raise BadInput(
            say("{field} has no currency", field=field),
            name="currency-missing",
            field="currency",
            fix="name the currency, such as currency=CNY",
        )
    try:
        amount = minor_units(text, currency=currency)
    except (AmountInvalid, CurrencyUnknown) as error:
        raise BadInput(
            text_of(error), name="amount-invalid", field=field, fix="give an amount such as 1250.00"
        ) from error
    if not 0 <= amount <= MAX_AMOUNT:
        raise BadInput(
            say("{field} is {text}, which no debt can have", field=field, text=text),
            name="amount-out-of-range",
            field=field,
            fix="give an amount from 0 on",
        )
    return amount
