"""One module for each area of pages; a new area needs one line here."""

<<<<<<< HEAD
from app.pages.views import (
    claims,
    documents,
    home,
    operations,
    preferences,
    receivables,
    verification,
)
=======
from app.pages.views import claims, home, live, operations, preferences, search
>>>>>>> refs/heads/frame

AREAS = (
    home,
    claims,
    documents,
    receivables,
    verification,
    operations,
    preferences,
    live,
    search,
)
