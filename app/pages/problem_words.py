"""What a problem says, for people: no names of the API, no paths, values of the API in words.

The API speaks to programs too, so its sentences name fields and endpoints. A page calls a field as
its own label does, and names the page where an endpoint would be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.gateway.languages import ENGLISH
from app.gateway.naming import plain
from app.pages.languages import current, t
from app.pages.names import in_words, known_names, path_in_words
from app.pages.navigation import ENTRIES
from app.pages.words import STYLES

_CALL = r"(?P<method>GET|POST|PUT|PATCH|DELETE) (?P<path>/v1/[^\s,;，；。)）]*)"
_ASIDE = re.compile(rf"\s?[(（][^()（）]*{_CALL}[)）]")
_AFTER_COLON = re.compile(rf"[:：]\s?{_CALL}")
_ANYWHERE = re.compile(r"(?:(?:GET|POST|PUT|PATCH|DELETE) )?(?P<path>/v1/[^\s,;，；。)）]*)")
_CAMEL = re.compile(r"(?<![\w./'-])[a-z]+(?:[A-Z][a-z0-9]*)+(?:\.[\w.]+)?(?![\w/'-])")
_STYLE = re.compile(
    r"(?<![\w-])(?:equal-principal|equal-instalment|billing-cycle|interest-only)(?![\w-])"
)
_LONE_SPACE = re.compile(r"(?<=[\u4e00-\u9fff“”]) (?=[\u4e00-\u9fff“”])")
#: Names of single things by their folder, of the pages and of the API; `site.install` fills it.
KINDS: dict[str, str] = {}
Labels = Mapping[str, str]
#: How a sentence goes on after the field that it is about.
_FAULTS = (": ", " is ", " has ")


def for_people(text: str, *, labels: Labels, fields: tuple[str, ...] = ()) -> str:
    """A sentence of a problem as a page says it.

    Args:
        labels: of the page's fields, by their names in the API.
        fields: names in the API of the fields that the problem is about.
    """
    text = _without_calls(text)
    text = _with_labels(text, {field: label_of(field, labels) for field in fields})
    text = _CAMEL.sub(lambda match: _named(match[0], labels), text)
    text = _STYLE.sub(lambda match: _quoted(t(STYLES[match[0]])), text)
    return text if current.get() == ENGLISH else _LONE_SPACE.sub("", text)


def label_of(field: str, labels: Labels) -> str:
    """What a page calls a field: its label there, or its name in words."""
    path = field
    while path:
        if path in labels:
            return labels[path]
        path = path.rpartition(".")[0]
    words = path_in_words(re.sub(r"\b(\w+)\.\1$", r"\1", field))  # `amount.amount` of money
    return words[:1].upper() + words[1:]


def _with_labels(text: str, by_field: Labels) -> str:
    """The text with labels in place of the names of fields, and of the last parts of their paths.

    In English a name such as `limit` is also a word: there only the first one, before what is wrong
    with it, is surely the field's.
    """
    names = {field.rpartition(".")[2]: label for field, label in reversed(list(by_field.items()))}
    names = {name: label for name, label in names.items() if not name.isdecimal()} | dict(by_field)
    if not names:
        return text

    def label(match: re.Match[str]) -> str:
        name, first = match[0], match.start() == 0
        is_word = current.get() == ENGLISH and name.isalpha() and name.islower()
        if is_word and not (first and text.startswith(_FAULTS, match.end())):
            return name
        return names[name] if first else _inside(names[name])

    alternatives = sorted(map(re.escape, names), key=len, reverse=True)
    return re.sub(rf"(?<![\w.])(?:{'|'.join(alternatives)})(?![\w.:]*\w)", label, text)


def _inside(label: str) -> str:
    return (
        label if current.get() != ENGLISH or label[1:2].isupper() else label[:1].lower() + label[1:]
    )


def _named(name: str, labels: Labels) -> str:
    first = name.partition(".")[0]
    if first in labels:
        return _inside(labels[first])
    return in_words(first) if plain(first) in known_names() else name


def _without_calls(text: str) -> str:
    text = _ASIDE.sub("", text)
    text = _AFTER_COLON.sub(_after_colon, text)
    return _ANYWHERE.sub(lambda match: _place(match["path"]), text)


def _after_colon(match: re.Match[str]) -> str:
    colon = match[0][: match[0].index(match["method"])]
    return colon + _place(match["path"]) if match["method"] == "GET" else ""


def _place(path: str) -> str:
    """Where a page shows what an endpoint answers, in words."""
    folder, *inner = path.partition("?")[0].removeprefix("/v1/").split("/")
    kind = KINDS.get(folder)
    if kind is not None and inner and inner[0] and not inner[0].startswith("{"):
        return f"{t(kind)} {inner[0]}"
    titles = {entry.path: entry.label for entry in ENTRIES}
    page = titles.get(f"/app/{folder}")
    return _quoted(t(page) if page is not None else in_words(folder))


def _quoted(words: str) -> str:
    return f"“{words}”"
