"""Templates: Jinja2 with autoescape, and the functions that templates may call."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.pages import descriptions, formats, words
from app.pages.assets import asset
from app.pages.forms import with_query
from app.pages.languages import LANGUAGES, ct_markup, nt_markup, t_markup
from app.pages.named import confusable, named
from app.pages.paths import at
from app.pages.things import kind_name, path_of

TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment() -> Environment:
    """The templates of all areas."""
    jinja = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.globals.update(
        t=t_markup,
        ct=ct_markup,
        nt=nt_markup,
        url=asset,
        languages=LANGUAGES,
        with_query=with_query,
        at=at,
        words=words,
        path_of=path_of,
        kind_name=kind_name,
        descriptions=descriptions,
    )
    jinja.filters.update(
        money=formats.money,
        short_money=formats.short_money,
        number=formats.number,
        percent=formats.percent,
        quantity=formats.quantity,
        basis_points=formats.basis_points,
        rate=formats.rate,
        day=formats.day,
        numbered_day=formats.numbered_day,
        instant=formats.instant,
        short_hash=formats.short_hash,
        named=named,
        confusable=confusable,
        yes_or_no=formats.yes_or_no,
        in_words=words.plain,
    )
    return jinja


def rendered(name: str, context: dict[str, Any]) -> str:
    """The text of a template."""
    return environment().get_template(name).render(context)
