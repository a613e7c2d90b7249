"""Writes the page of the command line from its parser."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from app.cli import application

_HEAD = (
    "# Command line\n\n"
    "`make reference` writes this page from the parser of `cession`.\n"
    "`cession COMMAND --help` prints the same.\n"
    "Settings come from the environment: see [configuration](configuration.md).\n\n"
    "A command that is used wrongly prints one line and ends with exit status 2.\n"
)
_KINDS = {
    **{Path: "path", str: "text", int: "whole number", float: "number"},
    list[str]: "text, may be repeated",
}


def page(program: str = "cession") -> str:
    """The page as Markdown: each command with its arguments and options."""
    root: Any = typer.main.get_command(application)
    commands = list(_commands(root, program))
    lines = [_HEAD, "| command | what it does |", "| --- | --- |"]
    for name, command in commands:
        lines.append(f"| [`{name}`](#{_anchor(name)}) | {_words(command.help)} |")
    for name, command in commands:
        lines += ["", f"## {name}", _words(command.help), "", f"    {_usage(name, command)}"]
        lines += _table("argument", [p for p in command.params if _is_argument(p)])
        lines += _table("option", [p for p in command.params if not _is_argument(p)])
    return "\n".join(lines) + "\n"


def _commands(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Each command by the words that call it, in the order of the alphabet."""
    for name in sorted(group.commands):
        command = group.commands[name]
        if hasattr(command, "commands"):
            yield from _commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def _anchor(heading: str) -> str:
    return heading.lower().replace(" ", "-")


def _words(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


def _is_argument(parameter: Any) -> bool:
    return str(parameter.param_type_name) == "argument"


def _usage(name: str, command: Any) -> str:
    words = [name]
    for parameter in command.params:
        if _is_argument(parameter):
            label = parameter.name.upper()
            words.append(label if parameter.required else f"[{label}]")
        elif parameter.required:
            words.append(f"{parameter.opts[0]} {_kind(parameter).upper()}")
    if any(not _is_argument(parameter) and not parameter.required for parameter in command.params):
        words.append("[OPTIONS]")
    return " ".join(words)


def _table(heading: str, parameters: list[Any]) -> list[str]:
    if not parameters:
        return []
    lines = ["", f"| {heading} | value | default | meaning |", "| --- | --- | --- | --- |"]
    for parameter in parameters:
        names = (
            [parameter.name.upper()]
            if _is_argument(parameter)
            else [*parameter.opts, *parameter.secondary_opts]
        )
        called = ", ".join(f"`{name}`" for name in names)
        value = "flag" if getattr(parameter, "is_flag", False) else _kind(parameter)
        default = "required" if parameter.required else _default(parameter)
        lines.append(f"| {called} | {value} | {default} | {_words(parameter.help)} |")
    return lines


def _kind(parameter: Any) -> str:
    annotation = parameter.type_descriptor.annotation
    if issubclass(annotation, enum.Enum):
        return " or ".join(f"`{choice.value}`" for choice in annotation)
    if issubclass(annotation, datetime.datetime):
        return "date"
    kind = _KINDS[annotation]
    if parameter.min is None:
        return kind
    if parameter.max is None:
        return f"{kind}, from {parameter.min}"
    return f"{kind}, {parameter.min} to {parameter.max}"


def _default(parameter: Any) -> str:
    default = parameter.default
    if default is None or default is False:
        return ""
    return f"`{getattr(default, 'value', default)}`"
