"""Names as the API writes them: `receivableId`, in paths and bodies; states like `written-off`."""

from __future__ import annotations

import re

_PARTS = re.compile(r"[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+")


def camel(name: str) -> str:
    """`receivable_id` as `receivableId`; a name without underscores stays as it is."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def camel_path(path: str) -> str:
    """A path whose parameters are in camel case; the server matches them by place."""
    return re.sub(r"{(\w+)}", lambda match: "{" + camel(match[1]) + "}", path)


def plain(name: str) -> str:
    """A name in English words: `receivableId` as `receivable id`."""
    parts = _PARTS.findall(name)
    return " ".join(part if len(part) > 1 and part.isupper() else part.lower() for part in parts)


def state_name(name: str) -> str:
    """A contract's state, `WrittenOff`, as the API writes it: `written-off`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def stored_state(name: str) -> str:
    """A state of the API as the contracts and the read tables write it."""
    return "".join(part.capitalize() for part in name.split("-"))
