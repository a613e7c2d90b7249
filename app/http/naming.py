"""Names as the API writes them: `receivableId`, in paths as in bodies."""

from __future__ import annotations

import re


def camel(name: str) -> str:
    """`receivable_id` as `receivableId`; a name that has no underscore stays as it is."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def camel_path(path: str) -> str:
    """A path with its parameters named so; a server takes them by their place."""
    return re.sub(r"{(\w+)}", lambda found: "{" + camel(found[1]) + "}", path)
