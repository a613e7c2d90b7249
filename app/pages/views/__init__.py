"""One module for each area of pages; a new area needs one line here."""

from app.pages.views import claims, home, operations, preferences, receivables

AREAS = (
    home,
    claims,
    receivables,
    operations,
    preferences,
)
