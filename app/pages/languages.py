"""Texts of the pages; see `app.gateway.languages`. Each area has a catalogue in `locales/`."""

from __future__ import annotations

from pathlib import Path

from app.gateway.languages import (
    CHINESE,
    ENGLISH,
    KEYWORDS,
    LANGUAGES,
    add_catalogues,
    catalogue,
    chosen,
    ct,
    ct_markup,
    current,
    mark,
    nt,
    nt_markup,
    t,
    t_markup,
    together,
)

__all__ = [
    "CHINESE",
    "ENGLISH",
    "KEYWORDS",
    "LANGUAGES",
    "LOCALES",
    "catalogue",
    "chosen",
    "ct",
    "ct_markup",
    "current",
    "mark",
    "nt",
    "nt_markup",
    "t",
    "t_markup",
    "together",
]

LOCALES = Path(__file__).parent / "locales"
add_catalogues(LOCALES)
