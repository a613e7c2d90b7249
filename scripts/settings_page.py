"""Writes the page of the settings from `app.config.Settings`: names, kinds, defaults and bounds."""

from __future__ import annotations

import inspect
import re
from typing import Any, get_args

import msgspec

from app.config import BOUNDS, Settings, variable

_HEAD = (
    "# Configuration\n\n"
    "`make reference` writes this page from the settings that the gateway reads "
    "(`app/config.py`).\n"
    "Each setting is a variable of the environment.\n"
    "Every setting may also stand in a file: `<VARIABLE>_FILE` names it.\n"
    "Give secrets that way.\n"
    "A command refuses a variable that begins with `CESSION_` and is not in this table, and a "
    "value that is not valid.\n"
    "It then prints one line that begins with the variable, and ends with exit status 2.\n\n"
    "[Operations](../guides/operations.md#settings) says which settings to decide on, and what "
    "happens at each bound.\n"
    "`cession serve` and `cession demo` set the store, the chain and the secrets themselves.\n"
)
_KINDS = {"int": "whole number", "float": "number", "bool": "`true` or `false`", "str": "text"}
_SECRETS = ("ledger_key", "master_key", "keystore_password")


def page() -> str:
    """The page as Markdown: one row a setting, in the order of the code."""
    meanings = described(Settings)
    lines = [_HEAD, "| variable | value | default | meaning |", "| --- | --- | --- | --- |"]
    for field in msgspec.structs.fields(Settings):
        meaning = meanings[field.name].replace("|", "\\|")
        default = _default(field.name, field.default)
        lines.append(
            f"| `{variable(field.name)}` | {_kind(field.name, field.type)} | {default} "
            f"| {meaning[0].upper()}{meaning[1:]} |"
        )
    return "\n".join(lines) + "\n"


def described(settings: type) -> dict[str, str]:
    """What the docstring's `Attributes:` say of each field."""
    text = inspect.getdoc(settings) or ""
    meanings: dict[str, str] = {}
    name = ""
    for line in text.partition("Attributes:\n")[2].splitlines():
        opening = re.fullmatch(r" {4}(\w+): (.+)", line)
        if opening:
            name, meanings[opening[1]] = opening.groups()
        else:
            meanings[name] += f" {line.strip()}"
    return meanings


def _kind(name: str, annotation: Any) -> str:
    choices = [choice for choice in get_args(annotation) if isinstance(choice, str)]
    if choices:
        return " or ".join(f"`{choice}`" for choice in choices)
    parts = [part for part in get_args(annotation) or (annotation,) if part is not type(None)]
    kind = _KINDS[parts[0].__name__]
    if name in BOUNDS:
        minimum, maximum = BOUNDS[name]
        kind += f", {_number(minimum)} to {_number(maximum)}"
    return kind


LONG = 9  # a power of ten with that many zeros is written as a power


def _number(value: float) -> str:
    power = len(f"{value:.0f}") - 1
    if power >= LONG and value == 10**power:
        return f"10^{power}"
    return f"{value:.0f}" if value == int(value) else f"{value:g}"


def _default(name: str, default: Any) -> str:
    if name in _SECRETS:
        return "required"
    if default is None or default == "":
        return ""
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"
