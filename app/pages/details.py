"""Pages that show one list or one thing, from declared columns and facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from app.pages.api import Json
from app.pages.forms import Form
from app.pages.page import Page
from app.pages.tables import Column, Listing, rows

Actions = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Fact:
    """A term and its value.

    Attributes:
        label: English text, marked with `mark`.
        at: path of the value in the thing, such as `lot.unit`.
        shows: how `parts/kit.html` shows it, such as `money`, `day`, `party` or `link claim`.
    """

    label: str
    at: str
    shows: str = "text"


@dataclass(frozen=True)
class Part:
    """A table on the page of a thing.

    Attributes:
        title, none: English texts: the heading, and what stands where there is no row; no heading
            and no rows if `none` is "".
    """

    title: str
    columns: tuple[Column, ...]
    items: Sequence[Json]
    none: str = ""


@dataclass
class Detail:
    """The page of one thing.

    Attributes:
        title: the heading, translated.
        status: kind and name of its status, for `words.STATUSES`.
        actions: what the person can do: marked English label and path, the main one first.
        include: template that follows the facts; it reads `item`.
    """

    title: str
    item: Json
    facts: Sequence[Fact]
    status: tuple[str, str] | None = None
    actions: Actions = ()
    parts: Sequence[Part] = ()
    include: str = ""
    context: dict[str, Any] = field(default_factory=dict)


async def show(page: Page, detail: Detail) -> Response:
    """The page of a thing."""
    return await page.render(
        "detail.html", detail=detail, item=detail.item, form=Form(), **detail.context
    )


async def show_list(page: Page, listing: Listing, *, actions: Actions = ()) -> Response:
    """The page of a list."""
    return await page.render(
        "list.html", rows=await rows(page, listing), listing=listing, actions=actions
    )
