"""What a party is called where it stands in plain text, such as a choice or a label."""

from __future__ import annotations

from app.pages.api import Json


def confusable(party: Json) -> bool:
    """Whether another party's name looks like this one's."""
    return bool(party.get("confusable") or party.get("confusableWith"))


def named(party: Json) -> str:
    """A party's name, or its account if it has none.

    The whole account stands beside a name that looks like another party's: a party chooses its
    account, and with it a few digits at the beginning and the end.
    """
    name, account = party.get("name"), str(party.get("account") or "")
    if not name:
        return account or "–"
    return f"{name} ({account})" if confusable(party) and account else str(name)
