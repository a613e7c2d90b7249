"""Rows of queries as structs, column by column under one name."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

Record = TypeVar("Record", bound=msgspec.Struct)


def record_of(kind: type[Record], row: Any, *, prefix: str = "", **decoded: Any) -> Record:
    """A row as a struct: each field takes the column of its name.

    Args:
        row: a row of `run`.
        prefix: what the query puts before the columns' names, where it joins tables.
        decoded: values of fields that are no columns, such as decoded JSON.

    Raises:
        AttributeError: the row has no column of a field's name.
    """
    columns = {
        field: getattr(row, prefix + field)
        for field in kind.__struct_fields__
        if field not in decoded
    }
    return kind(**columns, **decoded)
