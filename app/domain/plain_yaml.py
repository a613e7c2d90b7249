"""YAML as people read it: each key once, plain numbers, and nothing that is more than it looks.

A document has bounded depth and size and names no types, and one from others repeats no part of
itself: a small file costs little to read, and every reader reads it alike.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from app.domain.hidden_text import shown

MAX_DEPTH = 12
# A scorecard of forty features with eight bins each, and its examples, has about 8,000.
MAX_PARTS = 10_000
_MAX_SHOWN = 40
_PREFIX = "tag:yaml.org,2002:"
_INTEGER, _FLOAT = f"{_PREFIX}int", f"{_PREFIX}float"
# Left as text: a date, so that an error about it names its field; and `<<` and `=`.
_LEFT_AS_TEXT = frozenset(f"{_PREFIX}{name}" for name in ("timestamp", "int", "merge", "value"))
_ODD = "!odd"
_DIGITS = "-+0123456789"
# At most eighteen digits: a number of 64 bits, which every reader holds.
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})$")
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}$")
# What YAML 1.1 or Python read as whole numbers, but the core schema of YAML 1.2 does not: octal,
# hexadecimal, binary and base-60 numbers, and digits in groups; and numbers that are too long.
_ODD_NUMBER = re.compile(
    r"(?:[-+]?(?:[0-9]{2,}|0[xob][0-9a-fA-F_]+|[0-9]*_[0-9_]*|[0-9]+(?::[0-9]+)+))$"
)
_MERGE = "<<"


class YamlRefused(yaml.MarkedYAMLError):
    """YAML of a kind that is not read: too deep or large, repeated parts, or named types.

    Attributes:
        name: alias, tag, too-deep or too-large.
        fix: what to do.
    """

    def __init__(self, name: str, words: str, fix: str, mark: yaml.Mark | None) -> None:
        super().__init__(None, None, words, mark)
        self.name = name
        self.fix = fix


@dataclass(frozen=True)
class Document:
    """A document that was read.

    Attributes:
        root: of its parts; None: it is empty.
    """

    value: Any
    root: yaml.Node | None

    def line_of(self, path: Sequence[str | int]) -> int | None:
        """The line, from 1, of the part that a path of keys and places leads to.

        If the path leads nowhere, the line of its last part that exists. None: it is empty.
        """
        node = self.root
        line: int | None = None if node is None else node.start_mark.line + 1
        for part in path:
            if isinstance(node, yaml.MappingNode):
                pair = next((pair for pair in node.value if pair[0].value == part), None)
                if pair is None:
                    break
                line, node = pair[0].start_mark.line + 1, pair[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
                if part >= len(node.value):
                    break
                node = node.value[part]
                line = node.start_mark.line + 1
            else:
                break
        return line


class _Loader(yaml.SafeLoader):
    """Counts and judges each part before it goes into it."""

    def __init__(self, text: str, *, aliases: bool) -> None:
        super().__init__(text)
        self._aliases = aliases
        self._parts = 0
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """A part with its own parts."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        mark = event.start_mark
        if isinstance(event, yaml.AliasEvent):
            if self._aliases:
                return super().compose_node(parent, index)
            words = "the file repeats parts by *name"
            raise YamlRefused("alias", words, "write them out", mark)
        if event.tag is not None:
            words = f"the type {shown(event.tag[:_MAX_SHOWN])} is named"
            raise YamlRefused("tag", words, "leave out what begins with `!`", mark)
        self._parts += 1
        if self._parts > MAX_PARTS:
            words = f"the file has more than {MAX_PARTS:,} keys and values"
            raise YamlRefused("too-large", words, "shorten it", mark)
        if self._depth == MAX_DEPTH:
            words = f"it is nested deeper than {MAX_DEPTH} parts"
            raise YamlRefused("too-deep", words, "write it as the examples do", mark)
        self._depth += 1
        node: yaml.Node | None = super().compose_node(parent, index)
        self._depth -= 1
        return node


def _resolvers(first: str) -> list[tuple[str, re.Pattern[str]]]:
    """What a plain text that begins so may be."""
    resolvers = []
    for tag, shape in yaml.SafeLoader.yaml_implicit_resolvers[first]:
        if tag == _FLOAT:
            resolvers += [(_FLOAT, _DECIMAL), (_ODD, shape)]
        elif tag not in _LEFT_AS_TEXT:
            resolvers.append((tag, shape))
    return resolvers


_Loader.yaml_implicit_resolvers = {
    first: _resolvers(first) for first in yaml.SafeLoader.yaml_implicit_resolvers
}
_Loader.add_implicit_resolver(_INTEGER, _WHOLE, list(_DIGITS))
_Loader.add_implicit_resolver(_ODD, _ODD_NUMBER, ["_", *_DIGITS])


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    first: dict[Any, yaml.Mark] = {}
    for key_node, _value in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise _wrong(f"the key {_cut(repr(key))} is not text", key_node)
        if key == _MERGE:
            raise _wrong(f"{_MERGE} adds keys that are elsewhere: write them out", key_node)
        if key in first:
            words = f"{_cut(key)} occurs twice, first in line {first[key].line + 1}"
            raise _wrong(words, key_node)
        first[key] = key_node.start_mark
    pairs: dict[Any, Any] = loader.construct_mapping(node, deep=True)
    return pairs


def _odd(_loader: _Loader, node: yaml.ScalarNode) -> Any:
    raise _wrong(f"{_cut(node.value)} is not a plain decimal number: write it like 10 or 3", node)


def _cut(text: str) -> str:
    return shown(text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…")


def _wrong(words: str, node: yaml.Node) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, words, node.start_mark)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
_Loader.add_constructor(_ODD, _odd)


def read_document(data: bytes, *, aliases: bool = False) -> Document:
    """A YAML document in UTF-8.

    Args:
        aliases: it may repeat a part of itself by `*name`, and so be larger than its text.

    Raises:
        yaml.MarkedYAMLError: not YAML, a repeated key, or a number that is not plain; names the
            line. `YamlRefused` is one of them.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n")
        raise _at(line, "it is not UTF-8: save the file as UTF-8") from error
    loader = None
    try:
        loader = _Loader(text, aliases=aliases)
        root = loader.get_single_node()
        return Document(None if root is None else loader.construct_document(root), root)
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n")
        raise _at(line, f"the character U+{error.character:04X} is not allowed") from error
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # PyYAML lets errors of Python through, such as for "\UFFFFFFFF" or a version of YAML with
        # thousands of digits.
        line = 0 if loader is None else loader.get_mark().line
        raise _at(line, f"it cannot be read: {shown(str(error)[:200])}") from error
    finally:
        if loader is not None:
            loader.dispose()


def _at(line: int, words: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(None, None, words, yaml.Mark("file", 0, line, 0, None, 0))


def read_yaml(data: bytes) -> Any:
    """The value of a file of the operator's own, which may repeat parts of itself.

    Raises:
        yaml.MarkedYAMLError: see `read_document`.
    """
    return read_document(data, aliases=True).value
