"""One noun for each concept: names and prose do not use the words that `vocabulary.toml` bans.

The glossary (docs/reference/glossary.md) says what each right word means. The test reads sources
and imports the gateway. It starts no chain and opens no connection.

Each rule has its scopes:

- `solidity`: public names of the contracts, EIP-712 types, and words that errors carry
- `sql`: tables and columns
- `json`: schemas, their fields, the keys of the dictionaries that answers are built from, and words
  with hyphens: names of problems, kinds of operations
- `url`: paths and parameters
- `python`: identifiers in `app/` and `scripts/`
- `prose`: Markdown, docstrings, comments and texts of the contracts

What still breaks a rule stands in `[allowed]`: by name for public names, by number for `python` and
`prose`. It may only shrink: the test fails where a file has more, and also where it has less.
After mending a file run `python -m tests.test_vocabulary`, which writes what is left.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import io
import json
import re
import tokenize
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel

ROOT = Path(__file__).resolve().parent.parent
GLOSSARY = ROOT / "docs" / "reference" / "glossary.md"
TABLE = Path(__file__).with_name("vocabulary.toml")
PUBLIC = ("solidity", "sql", "json", "url")
COUNTED = ("python", "prose")
MARK = "# What still breaks a rule. `python -m tests.test_vocabulary` writes what follows.\n"


@dataclass(frozen=True)
class Rule:
    """Words that are banned, and what to write instead."""

    write: str
    scopes: frozenset[str]
    files: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]
    names: frozenset[str]
    unless_after: frozenset[str]
    phrases: re.Pattern[str] | None

    def bans(self, name: str) -> bool:
        """Whether an identifier breaks the rule."""
        if name in self.names:
            return True
        words = words_of(name)
        return any(
            tuple(words[at : at + len(banned)]) == banned
            and not (at and words[at - 1] in self.unless_after)
            for banned in self.words
            for at in range(len(words))
        )

    def applies(self, scope: str, file: str) -> bool:
        return scope in self.scopes and matches(file, self.files)


@dataclass(frozen=True)
class Exemption:
    """A use that is right, with the reason. `name` and `files` are patterns, as in a shell."""

    name: str
    scopes: frozenset[str]
    files: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Breach:
    """A banned word where it stands."""

    file: str
    name: str
    write: str

    def __str__(self) -> str:
        return f"{self.file}: {self.name!r}: write {self.write}"


def matches(file: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(file, pattern) for pattern in patterns)


@cache
def table() -> dict[str, Any]:
    return tomllib.loads(TABLE.read_text())


@cache
def rules() -> list[Rule]:
    return [
        Rule(
            write=entry["write"],
            scopes=frozenset(entry["scopes"]),
            files=tuple(entry.get("files", ("*",))),
            words=tuple(tuple(words.split()) for words in entry.get("words", ())),
            names=frozenset(entry.get("names", ())),
            unless_after=frozenset(entry.get("unless_after", ())),
            phrases=pattern_of(entry.get("phrases", [])),
        )
        for entry in table()["rule"]
    ]


@cache
def exemptions() -> list[Exemption]:
    return [
        Exemption(
            name=entry["name"],
            scopes=frozenset(entry["scopes"]),
            files=tuple(entry.get("files", ("*",))),
            reason=entry["reason"],
        )
        for entry in table()["exemption"]
    ]


def pattern_of(phrases: list[str]) -> re.Pattern[str] | None:
    """Any of the phrases, also where a line ends within one, in a comment too."""
    if not phrases:
        return None
    gap = r"[\s/*#>]+"
    longest_first = sorted(phrases, key=len, reverse=True)
    choices = "|".join(gap.join(map(re.escape, phrase.split())) for phrase in longest_first)
    return re.compile(rf"\b(?:{choices})\b", re.IGNORECASE)


@cache
def words_of(name: str) -> list[str]:
    """The words of an identifier: of `maxJumpOf` and `max_jump_of` they are max, jump, of."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]


@cache
def verdicts(scope: str, name: str) -> list[Rule]:
    """The rules of a scope that a name breaks in some file."""
    return [rule for rule in rules() if scope in rule.scopes and rule.bans(name)]


# ---------------------------------------------------------------------------------- what is read


def sources(*patterns: str) -> list[Path]:
    return sorted({file for pattern in patterns for file in ROOT.glob(pattern)})


def path_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@cache
def text_of(file: Path) -> str:
    return file.read_text()


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(text_of(file))


COMMENT_OR_TEXT = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:[^"\\\n]|\\.)*"', re.DOTALL)
TYPED = re.compile(r"\b(?:u?int\d+|address|bool|bytes\d*|string|[A-Z]\w*) (\w+)[,)]")
DECLARATION = re.compile(
    r"\b(?:contract|interface|library|type)\s+(?P<unit>\w+)"
    r"|\b(?:struct|enum)\s+(?P<struct>\w+)\s*\{(?P<members>[^{}]*)\}"
    r"|\b(?:event|error)\s+(?P<report>\w+)\s*\((?P<arguments>[^()]*)\)"
    r"|\bfunction\s+(?P<function>\w+)\s*\((?P<inputs>[^()]*)\)(?P<tail>[^{};]*)[{;]"
    r"|\bpublic\s+(?:(?:constant|immutable|override)\s+)*(?P<getter>\w+)\s*[=;]"
)


def parts_of(file: Path) -> tuple[str, list[str], list[str]]:
    """Code without comments and texts, the texts, and the comments of a Solidity file."""
    parts = COMMENT_OR_TEXT.findall(text_of(file))
    texts = [part[1:-1] for part in parts if part.startswith('"')]
    comments = [part for part in parts if part.startswith("/")]
    return COMMENT_OR_TEXT.sub(" ", text_of(file)), texts, comments


def names_declared(code: str) -> Iterator[str]:
    """Names that others see: those of functions that nobody outside calls are left out."""
    for match in DECLARATION.finditer(code):
        yield from filter(None, match.group("unit", "struct", "report", "getter"))
        yield from last_words(re.split("[,;]", match["members"] or ""))
        yield from last_words((match["arguments"] or "").split(","))
        if match["function"] and re.search(r"\b(?:external|public)\b", match["tail"]):
            yield match["function"]
            yield from last_words(match["inputs"].split(","))
            results = re.search(r"\breturns\s*\(([^()]*)\)", match["tail"])
            yield from last_words(results[1].split(",") if results else ())


def last_words(declarations: Iterable[str]) -> Iterator[str]:
    """The names of declarations: of `uint96 indexed value` it is value."""
    for declaration in declarations:
        yield from re.findall(r"\w+", declaration)[-1:]


def is_name(text: str) -> bool:
    return re.fullmatch(r"\w+", text) is not None


def is_kebab(text: str) -> bool:
    """Whether it looks like the name of a problem or the kind of an operation."""
    return re.fullmatch(r"[a-z]+(?:-[a-z]+)+", text) is not None


def in_contracts() -> Iterator[tuple[str, str]]:
    for file in sources("contracts/**/*.sol"):
        code, texts, _ = parts_of(file)
        names = [*names_declared(code), *filter(is_name, texts)]
        for text in texts:
            names += TYPED.findall(text)
        yield from ((path_of(file), name) for name in names)


def in_tables() -> Iterator[tuple[str, str]]:
    for file in sources("app/storage/*tables.py"):
        importlib.import_module(f"app.storage.{file.stem}")
    for name, sql_table in importlib.import_module("app.storage.tables").metadata.tables.items():
        yield f"table {name}", name
        yield from ((f"table {name}", column.name) for column in sql_table.columns)


def in_json() -> Iterator[tuple[str, str]]:
    for file in sources("app/**/schemas.py"):
        path = path_of(file)
        module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
        for name, model in inspect.getmembers(module, inspect.isclass):
            if issubclass(model, BaseModel) and model.__module__ == module.__name__:
                yield path, name
                for key, info in model.model_fields.items():
                    yield path, info.alias or key
    for file in sources("app/**/*.py"):
        for node in ast.walk(tree_of(file)):
            if isinstance(node, ast.Dict):
                keys = [
                    constant.value for constant in node.keys if isinstance(constant, ast.Constant)
                ]
                yield from ((path_of(file), key) for key in map(str, keys) if is_name(key))
            elif isinstance(node, ast.Constant) and is_kebab(str(node.value)):
                yield path_of(file), str(node.value)


def in_urls() -> Iterator[tuple[str, str]]:
    for router in importlib.import_module("app.main").ROUTERS:
        for route in router.routes:
            for part in re.findall(r"[\w-]+", route.path):
                yield route.path, part.replace("-", "_")
            for name in parameters_of(route.dependant):
                yield route.path, name


def parameters_of(dependant: Dependant) -> Iterator[str]:
    for parameter in (*dependant.query_params, *dependant.path_params):
        yield parameter.alias
    for inner in dependant.dependencies:
        yield from parameters_of(inner)


def in_python() -> Iterator[tuple[str, str]]:
    for file in sources("app/**/*.py", "scripts/**/*.py"):
        path = path_of(file)
        for token in tokenize.generate_tokens(io.StringIO(text_of(file)).readline):
            if token.type == tokenize.NAME:
                yield path, token.string


def in_prose() -> Iterator[tuple[str, str]]:
    for file in sources("README.md", "docs/**/*.md", "contracts/**/*.md"):
        if path_of(file) not in table()["skipped"]:
            yield path_of(file), text_of(file)
    for file in sources("app/**/*.py", "scripts/**/*.py"):
        for node in ast.walk(tree_of(file)):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield path_of(file), ast.get_docstring(node) or ""
    for file in sources("contracts/**/*.sol"):
        _, texts, comments = parts_of(file)
        sentences = [text for text in texts if " " in text]
        yield path_of(file), "\n".join([*comments, *sentences])


# ---------------------------------------------------------------------------------- what breaks

NAMES = {
    "solidity": in_contracts,
    "sql": in_tables,
    "json": in_json,
    "url": in_urls,
    "python": in_python,
}


@cache
def uses(scope: str) -> list[Breach]:
    """Every use of a banned word, also where an exemption allows it."""
    if scope == "prose":
        return list(uses_in_prose())
    return [
        Breach(file, name, rule.write)
        for file, name in NAMES[scope]()
        for rule in verdicts(scope, name)
        if rule.applies(scope, file)
    ]


def uses_in_prose() -> Iterator[Breach]:
    for file, text in in_prose():
        for rule in rules():
            if rule.phrases is not None and rule.applies("prose", file):
                for match in rule.phrases.finditer(text):
                    excerpt = text[max(0, match.start() - 30) : match.end() + 30]
                    yield Breach(file, " ".join(excerpt.split()), rule.write)


def allows(exemption: Exemption, scope: str, use: Breach) -> bool:
    return (
        scope in exemption.scopes
        and fnmatchcase(use.name, exemption.name)
        and matches(use.file, exemption.files)
    )


@cache
def breaches(scope: str) -> list[Breach]:
    """The uses that no exemption allows."""
    return [
        use
        for use in uses(scope)
        if not any(allows(exemption, scope, use) for exemption in exemptions())
    ]


def in_files(scope: str) -> dict[str, list[Breach]]:
    by_file: dict[str, list[Breach]] = {}
    for breach in breaches(scope):
        by_file.setdefault(breach.file, []).append(breach)
    return by_file


# ---------------------------------------------------------------------------------- tests


@pytest.mark.parametrize("scope", PUBLIC)
def test_public_names_are_words_of_the_glossary(scope: str) -> None:
    allowed = table()["allowed"].get(scope, {})
    fail_on(
        str(breach)
        for breach in dict.fromkeys(breaches(scope))
        if breach.name not in allowed.get(breach.file, ())
    )


@pytest.mark.parametrize("scope", COUNTED)
def test_a_file_has_no_more_banned_words_than_before(scope: str) -> None:
    allowed = table()["allowed"].get(scope, {})
    fail_on(
        "\n  ".join(
            [
                f"{file}: {len(here)} banned words, {allowed.get(file, 0)} allowed",
                *(f"{count} times {breach}" for breach, count in Counter(here).items()),
            ]
        )
        for file, here in in_files(scope).items()
        if len(here) > allowed.get(file, 0)
    )


@pytest.mark.parametrize("scope", PUBLIC)
def test_allowance_of_a_public_name_ends_with_its_last_use(scope: str) -> None:
    names = {(breach.file, breach.name) for breach in breaches(scope)}
    fail_on(
        f"{file}: {name!r} is mended; run python -m tests.test_vocabulary"
        for file, allowed in table()["allowed"].get(scope, {}).items()
        for name in allowed
        if (file, name) not in names
    )


@pytest.mark.parametrize("scope", COUNTED)
def test_allowance_of_a_file_equals_its_count(scope: str) -> None:
    left = Counter(breach.file for breach in breaches(scope))
    fail_on(
        f"{file}: {allowed} allowed, {left[file]} left; run python -m tests.test_vocabulary"
        for file, allowed in table()["allowed"].get(scope, {}).items()
        if left[file] < allowed
    )


def fail_on(faults: Iterable[str]) -> None:
    listed = list(faults)
    if listed:
        pytest.fail("\n" + "\n".join(listed), pytrace=False)


def test_every_exemption_is_used() -> None:
    unused = [
        exemption
        for exemption in exemptions()
        for scope in sorted(exemption.scopes)
        if not any(allows(exemption, scope, use) for use in uses(scope))
    ]
    fail_on(f"take {exemption} out of {TABLE.name}" for exemption in unused)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.write)
def test_a_rule_bans_its_words_in_every_spelling(rule: Rule) -> None:
    for words in rule.words:
        camel = "".join(word.capitalize() for word in ("new", *words, "id"))
        assert rule.bans("_".join(words))
        assert rule.bans(camel)
        assert not rule.bans("".join(("re", *words)))
    for name in rule.names:
        assert rule.bans(name)
    assert rule.scopes <= {*PUBLIC, *COUNTED}
    assert ("prose" in rule.scopes) == (rule.phrases is not None)


def test_word_is_allowed_after_a_word_that_makes_it_precise() -> None:
    rule = next(rule for rule in rules() if "receipt" in {w for words in rule.words for w in words})
    assert rule.bans("receiptId")
    assert rule.bans("loan_of_receipt")
    assert not rule.bans("warehouseReceiptId")
    assert not rule.bans("warehouse_receipts")


def test_public_names_of_a_contract_are_read() -> None:
    code = """
    interface IThing is IOther {
        enum Kind { None, Good }
        struct Terms { address seller; uint96 value; }
        type ThingId is uint256;
        event Changed(ThingId indexed thingId, uint96 left);
        error TooMuch(uint256 asked);
        function change(Terms calldata terms, address) external returns (uint96 taken);
        function helper(uint256 hidden) internal returns (uint256 alsoHidden) { uint256 local; }
        mapping(uint256 => uint256) public counts;
        bytes32 private constant SECRET = 0;
    }
    """
    names = set(names_declared(code))
    assert {"IThing", "Kind", "Good", "Terms", "seller", "value", "ThingId"} < names
    assert {"Changed", "thingId", "left", "TooMuch", "asked"} < names
    assert {"change", "terms", "taken", "counts"} < names
    assert not names & {"helper", "hidden", "alsoHidden", "local", "SECRET"}


@pytest.mark.parametrize(
    ("scope", "name"),
    [
        ("solidity", "documentRoot"),  # a field
        ("solidity", "evidenceHash"),  # in an EIP-712 type
        ("solidity", "IFacilities"),
        ("sql", "warehouse_receipts"),
        ("sql", "lienholder"),
        ("json", "lienholderPartyId"),
        ("json", "blockNumber"),  # a key of a dictionary
        ("json", "draw-loan"),
        ("url", "warehouse_receipts"),
        ("url", "underMyLien"),
        ("python", "names_declared_nowhere"),
    ],
)
def test_each_scope_reads_its_names(scope: str, name: str) -> None:
    names = {read for _, read in NAMES[scope]()}
    assert (name in names) == (name != "names_declared_nowhere")
    assert len(names) > 100


def test_the_code_has_every_name_that_the_glossary_gives() -> None:
    names = {name for scope in NAMES for _, name in NAMES[scope]()}
    for router in importlib.import_module("app.main").ROUTERS:
        names |= {route.path for route in router.routes}
    rows = [line.split("|") for line in text_of(GLOSSARY).splitlines() if line.startswith("|")]
    terms = [row for row in rows if len(row) == 8 and row[1].strip(" -") not in ("", "term")]
    assert len(terms) > 100
    fail_on(
        f"{path_of(GLOSSARY)}: {row[1].strip()}: the code has no {name}"
        for row in terms
        for name in re.findall("`(.+?)`", row[4])
        if name not in names
    )
    fail_on(
        f"{path_of(GLOSSARY)}: {term} stands twice"
        for term, count in Counter(row[1].strip() for row in terms).items()
        if count > 1
    )


# ---------------------------------------------------------------------------------- the allowances


def lowered() -> str:
    """The allowances as they are left: each as it was, or less."""
    lines = []
    for scope in PUBLIC + COUNTED:
        lines.append(f"\n[allowed.{scope}]")
        here = in_files(scope)
        for file, allowed in sorted(table()["allowed"].get(scope, {}).items()):
            names = {breach.name for breach in here.get(file, ())}
            if scope in COUNTED and file in here:
                lines.append(f'"{file}" = {min(allowed, len(here[file]))}')
            if scope in PUBLIC and names & set(allowed):
                lines.append(f'"{file}" = {json.dumps(sorted(names & set(allowed)))}')
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    TABLE.write_text(TABLE.read_text().partition(MARK)[0] + MARK + lowered())
