"""YAML as people read it: each key once, and only numbers that every reader reads alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import yaml

_TIMESTAMP, _INTEGER = "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:int"
_ODD = "!odd"
# What YAML 1.1 or Python read as whole numbers, but the core schema of YAML 1.2 does not: octal,
# hexadecimal, binary and base-60 numbers, and digits in groups.
_ODD_NUMBER = re.compile(
    r"[-+]?(?:0[0-9_]+|0[xob][0-9a-fA-F_]+|[0-9_]*_[0-9_]*|[0-9]+(?::[0-9]+)+)"
)
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)$")


class _Loader(yaml.SafeLoader):
    """Leaves dates as text, so that an error about a date names its field."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, shape) for tag, shape in known if tag not in {_TIMESTAMP, _INTEGER}]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_INTEGER, _WHOLE, list("-+0123456789"))
_Loader.add_implicit_resolver(
    _ODD, re.compile(f"(?:{_ODD_NUMBER.pattern})$"), list("-+_0123456789")
)


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    first: dict[Any, yaml.Mark] = {}
    for key_node, _value in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise _wrong(f"the key {key!r} is not text", key_node)
        if key in first:
            raise _wrong(f"{key} occurs twice, first in line {first[key].line + 1}", key_node)
        first[key] = key_node.start_mark
    loader.flatten_mapping(node)
    pairs: dict[Any, Any] = loader.construct_mapping(node, deep=True)
    return pairs


def _odd(_loader: _Loader, node: yaml.ScalarNode) -> Any:
    raise _wrong(f"{node.value} is not a plain decimal number: write it like 10 or 3", node)


def _wrong(words: str, node: yaml.Node) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, words, node.start_mark)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
_Loader.add_constructor(_ODD, _odd)


def read_yaml(data: bytes) -> Any:
    """The value of a YAML document.

    Raises:
        yaml.YAMLError: not YAML, a repeated key, or a number that is not plain; names the line.
    """
    return yaml.load(data, Loader=_Loader)


def line_of(data: bytes, path: Sequence[str | int]) -> int | None:
    """The line, from 1, of the part of a document that a path of keys and places leads to.

    If the path leads nowhere, the line of its last part that exists. None: not YAML, or empty.
    """
    try:
        node = yaml.compose(data, Loader=_Loader)
    except yaml.YAMLError:
        return None
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


def has_alias(data: bytes) -> bool:
    """Whether a document repeats a part of itself by `*name`, so that it is larger than its text.

    Raises:
        yaml.YAMLError: not YAML.
    """
    return any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(data, Loader=_Loader))
