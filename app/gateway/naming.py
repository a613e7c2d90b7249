"""Names as the API writes them: `receivableId`, in paths as in bodies; states as `written-off`."""

from __future__ import annotations

import re


def camel(name: str) -> str:
    """`receivable_id` as `receivableId`; a name that has no underscore stays as it is."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def camel_path(path: str) -> str:
    """A path with its parameters named so; a server takes them by their place."""
    return re.sub(r"{(\w+)}", lambda found: "{" + camel(found[1]) + "}", path)


def state_name(name: str) -> str:
    """A state as the contracts call it, `WrittenOff`, as the API does: `written-off`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def stored_state(name: str) -> str:
    """A state as the API calls it, as the contracts and the read tables do."""
    return "".join(part.capitalize() for part in name.split("-"))
