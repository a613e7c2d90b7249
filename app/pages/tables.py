"""Lists: declared columns and filters, pages by cursor, sorting by the API, saved views.

The browser's address holds the state of a list, so that it can be bookmarked and sent to others:
`sort`, the filters, `columns` (joined by commas), and `cursor`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import Connection

from app.gateway.gateway import Gateway
from app.pages.api import Json, Problem
from app.pages.languages import t
from app.pages.page import Page
from app.pages.paths import at
from app.storage import run

SIZES = (25, 50, 100, 200)
_SIZE = 50
_MAX_VIEWS, _MAX_VIEWS_OF_OWNER = 30, 500
_MAX_QUERY = 2_000
_MAX_NAME = 60
_REFUSED = 422


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        name: also the name of its block in the template, which gets the item.
        label: English text, marked with `mark`.
        numeric: aligned right, with figures of one width.
        sort: the API's names for sorting by it, up and down, such as `("oldest", "newest")`; None:
            the API does not sort by it.
        sort_in: path of the currency in an item, where the API sorts amounts of one currency only:
            to sort by the column then chooses the currency of the first row.
        extra: hidden until the person chooses it.
        shows: how `parts/kit.html` shows the value, such as `money`, `day`, `party` or
            `link claim`; "": the list's own template shows it.
        at: path of the value in the item; "": the column's name.
    """

    name: str
    label: str
    numeric: bool = False
    sort: tuple[str, str] | None = None
    sort_in: str = ""
    extra: bool = False
    shows: str = ""
    at: str = ""


@dataclass(frozen=True)
class Filter:
    """One filter: a select with `choices` (value and English label), or a text.

    Attributes:
        name: the API's query parameter.
        initial: the value that applies until the person chooses another.
        kind: `text`, `number`, `date`; a filter with choices is a select.
    """

    name: str
    label: str
    choices: tuple[tuple[str, str], ...] = ()
    initial: str = ""
    kind: str = "text"


@dataclass(frozen=True)
class Listing:
    """A list as its area declares it.

    Attributes:
        name: of the list, for saved views.
        source: path of the API.
        sort: how the list is sorted at first, such as `newest`; "" where the API does not sort.
        fixed: query parameters that the person does not choose.
        title: English text: the heading, where `list.html` shows the list.
        empty: English texts: what an empty list is called, and what it teaches.
    """

    name: str
    source: str
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...] = ()
    sort: str = ""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    empty: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class View:
    """A saved view of a list."""

    name: str
    address: str
    here: bool


@dataclass
class Rows:
    """One page of a list as templates show it."""

    listing: Listing
    items: list[dict[str, Any]]
    columns: list[Column]
    values: dict[str, str]
    sort: str
    size: int
    path: str
    state: dict[str, str]
    next: str | None
    first: str | None
    views: list[View]
    as_of: dict[str, Any] | None
    problem: Problem | None = None

    def sorted_by(self, column: Column) -> str:
        """`ascending`, `descending` or `none`, for aria-sort."""
        if column.sort is None or self.sort not in column.sort:
            return "none"
        return "ascending" if self.sort == column.sort[0] else "descending"

    def sort_address(self, column: Column) -> str:
        """The list sorted by a column; the other way round if it is so already."""
        assert column.sort is not None
        up, down = column.sort
        other = up if self.sort == down else down
        if column.sort_in and self.items and not self.values.get("currency"):
            return self._address(sort=other, currency=str(at(self.items[0], column.sort_in)))
        return self._address(sort=other)

    def _address(self, **more: str) -> str:
        return f"{self.path}?{urlencode(self.state | more)}"

    @property
    def filtered(self) -> bool:
        """Whether a filter is set that may hide items."""
        return any(self.values[item.name] != item.initial for item in self.listing.filters)


async def rows(page: Page, listing: Listing) -> Rows:
    """The page of the list that the address names.

    Raises:
        Problem.
    """
    query = {name: value for name, value in page.request.query_params.items() if value}
    values = {item.name: page.query(item.name, item.initial) for item in listing.filters}
    sort = query.get("sort", listing.sort) if listing.sort else ""
    size = int(query["size"]) if query.get("size") in {str(size) for size in SIZES} else _SIZE
    sent = dict(listing.fixed) | {name: value for name, value in values.items() if value != "any"}
    if sort:
        sent["sort"] = sort
    problem: Problem | None = None
    answer: Json = {"items": []}
    try:
        answer = await page.api.get(listing.source, cursor=query.get("cursor"), limit=size, **sent)
    except Problem as refused:
        if refused.status != _REFUSED:
            raise
        # A filter or an order: the person mends it in place.
        problem = refused.call_fields({item.name: t(item.label) for item in listing.filters})
    known = {"sort", "columns", "size", *values}
    state = {name: value for name, value in page.request.query_params.items() if name in known}
    columns = _columns(listing, page)
    if "columns" in state:
        state["columns"] = ",".join(column.name for column in columns)
    path = page.request.url.path
    following = answer.get("nextCursor")
    onward = None if following is None else f"{path}?{urlencode(state | {'cursor': following})}"
    return Rows(
        listing=listing,
        items=answer["items"],
        columns=columns,
        values=values,
        sort=sort,
        size=size,
        path=path,
        state=state,
        next=onward,
        first=f"{path}?{urlencode(state)}" if "cursor" in query else None,
        views=await views(page.gateway, page.person.owner, listing.name, path=path, state=state),
        as_of=answer.get("asOf"),
        problem=problem,
    )


def _columns(listing: Listing, page: Page) -> list[Column]:
    chosen = page.request.query_params.getlist("columns")
    names = {name for part in chosen for name in part.split(",") if name}
    shown = [column for column in listing.columns if column.name in names]
    return shown or [column for column in listing.columns if not column.extra]


async def views(
    gateway: Gateway, owner: str, name: str, *, path: str, state: dict[str, str]
) -> list[View]:
    """The saved views of a list."""
    stored = await gateway.storage.read(
        lambda c: run(
            c,
            "SELECT name, query FROM page_views WHERE owner = ? AND list = ? ORDER BY name",
            (owner, name),
        ).all()
    )
    return [
        View(
            row.name,
            f"{path}?{row.query}",
            dict(parse_qsl(row.query, keep_blank_values=True)) == state,
        )
        for row in stored
    ]


async def save_view(gateway: Gateway, owner: str, listing: str, name: str, query: str) -> None:
    """Stores the state of a list under a name, or replaces it; above the bounds it does nothing."""
    name = " ".join(name.split())[:_MAX_NAME] or t("my view")
    if len(query) > _MAX_QUERY or len(listing) > _MAX_NAME:
        return

    def write(connection: Connection) -> None:
        changed = run(
            connection,
            "UPDATE page_views SET query = ? WHERE owner = ? AND list = ? AND name = ?",
            (query, owner, listing, name),
        ).rowcount
        in_list, all_views = run(
            connection,
            "SELECT count(CASE WHEN list = ? THEN 1 END), count(*) FROM page_views WHERE owner = ?",
            (listing, owner),
        ).all()[0]
        if not changed and in_list < _MAX_VIEWS and all_views < _MAX_VIEWS_OF_OWNER:
            run(
                connection,
                "INSERT INTO page_views (owner, list, name, query, created_at) "
                "VALUES (?, ?, ?, ?, ?) ON CONFLICT (owner, list, name) DO UPDATE SET "
                "query = excluded.query",
                (owner, listing, name, query, time.time()),
            )

    await gateway.storage.write(write)


async def drop_view(gateway: Gateway, owner: str, listing: str, name: str) -> None:
    """Drops a saved view."""
    await gateway.storage.write(
        lambda c: run(
            c,
            "DELETE FROM page_views WHERE owner = ? AND list = ? AND name = ?",
            (owner, listing, name),
        )
    )
