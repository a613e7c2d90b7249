"""One module for each area of pages; a new area needs one line here."""

from app.pages.views import (
    claims,
    documents,
    facilities,
    goods,
    home,
    live,
    loans,
    offers,
    operations,
    preferences,
    receivables,
    risk,
    search,
    verification,
)

AREAS = (
    home,
    claims,
    documents,
    receivables,
    offers,
    facilities,
    loans,
    goods,
    verification,
    risk,
    operations,
    search,
    live,
    preferences,
)
