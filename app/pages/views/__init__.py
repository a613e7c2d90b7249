"""One module for each area of pages; a new area needs one line here."""

from app.pages.views import claims, home, live, operations, preferences, search

AREAS = (
    home,
    claims,
    operations,
    preferences,
    live,
    search,
)
