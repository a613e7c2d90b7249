"""Problems on pages are for people: labels, pages and amounts; no patterns, paths or API names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any, get_args

import pytest

from app.chain.evm.error_words import in_words
from app.chain.evm.error_words.formats import ENUMERATIONS
from app.chain.index.evidence import EVIDENCE
from app.domain.draw_terms import DrawInvalid
from app.domain.texts import say, text_of
from app.gateway.field_faults import PATTERNS
from app.gateway.languages import CHINESE, ENGLISH, current, translated
from app.gateway.naming import plain
from app.gateway.said import language as language_of_answers
from app.gateway.said import localized
from app.lending.agreements.kinds import KINDS
from app.lending.loans.statement_words import ENTRIES
from app.pages.names import known_names
from app.pages.problem_words import for_people
from app.pages.views.running import TASKS
from app.pages.words import STATES, STATUSES
from app.trade.orders.schemas import Status as OrderStatus
from scripts import answer_texts
from scripts.api_page import description
from tests.support.evaluations import identified, opened
from tests.support.lending import lent
from tests.support.visitor import Visitor
from tests.support.world import World

ROOT = Path(__file__).resolve().parents[2]
_TAGS = re.compile(r"<[^>]+>")
_CALL = re.compile(r"/v1/|\b(?:GET|POST|DELETE)\b")
_CAMEL = re.compile(r"(?<![\w./'-])[a-z]+(?:[A-Z][a-z0-9]*)+(?![\w/'-])")
#: Camel case that is no name of the API.
_OTHERS = frozenset(("eIDAS", "iOS"))


@pytest.fixture(params=[ENGLISH, CHINESE])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    spoken = current.set(request.param)
    yield request.param
    current.reset(spoken)


@cache
def answers() -> tuple[tuple[str, str], ...]:
    """Every text of the API's answers, with its file; to read them takes seconds."""
    return tuple(answer_texts.texts())


@pytest.fixture(scope="module")
def api() -> dict[str, Any]:
    return description()


def inner(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a description."""
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from inner(each)
    elif isinstance(value, list):
        for each in value:
            yield from inner(each)


def problem_of(page: str) -> str:
    """The text of the problem that a page shows."""
    match = re.search(r'<div class="problem".*?</div>', page, re.DOTALL)
    assert match is not None, page[:2000]
    return unescape(_TAGS.sub(" ", match[0]))


def test_every_pattern_of_a_text_in_a_request_has_words(api: dict[str, Any]) -> None:
    patterns = {item["pattern"] for item in inner(api) if isinstance(item.get("pattern"), str)}
    assert "^[A-Z]{3}$" in patterns
    assert patterns - PATTERNS.keys() == set()


def test_no_problem_shows_an_endpoint_on_a_page(language: str) -> None:
    texts = [text for _, text in answers() if "/v1/" in text]
    assert len(texts) > 20
    shown = {text: for_people(translated("answer", text), labels={}) for text in texts}
    assert {text: words for text, words in shown.items() if _CALL.search(words)} == {}
    assert {text: words for text, words in shown.items() if re.search(r"[:：(（]\s*$", words)} == {}


def test_every_name_of_the_api_in_a_problem_has_words() -> None:
    names = {name for _, text in answers() for name in _CAMEL.findall(re.sub("{[^}]*}", "", text))}
    assert "allFinanciers" in names
    assert {name for name in names - _OTHERS if plain(name) not in known_names()} == set()


def test_every_field_that_a_request_has_is_named_in_chinese(api: dict[str, Any]) -> None:
    parameters = {
        item["name"]
        for methods in api["paths"].values()
        for method in methods.values()
        for item in method.get("parameters", ())
        if item["in"] != "header"
    }
    bodies = [
        content["schema"]
        for methods in api["paths"].values()
        for method in methods.values()
        for content in method.get("requestBody", {}).get("content", {}).values()
    ]
    seen: set[str] = set()
    fields: set[str] = set()
    while bodies:
        for item in inner(bodies.pop()):
            fields |= set(item.get("properties", ()))
            name = str(item.get("$ref", "")).rpartition("/")[2]
            if name and name not in seen:
                seen.add(name)
                bodies.append(api["components"]["schemas"][name])
    assert {"currency", "financierPartyIds"} <= parameters | fields
    assert {name for name in parameters | fields if plain(name) not in known_names()} == set()


def test_every_status_that_the_api_answers_has_words(api: dict[str, Any]) -> None:
    states = {
        value
        for schema in api["components"]["schemas"].values()
        for name, field in schema.get("properties", {}).items()
        if name in ("state", "status")
        for item in inner(field)
        for value in item.get("enum", ())
    }
    known = {name for kind in STATUSES.values() for name in kind} | STATES.keys()
    assert "confirmed" in states
    assert {name for name in states - known if plain(name) not in known_names()} == set()


@pytest.mark.parametrize("kind", ["receivable", "order", "loan", "condition"])
def test_every_status_of_a_thing_on_the_ledger_has_words(kind: str) -> None:
    names = {name.replace(" ", "-") for name in ENUMERATIONS[kind]} - {"none"}
    assert names - STATUSES[kind].keys() == set()
    assert set(get_args(OrderStatus)) <= STATUSES["order"].keys()


def _operations() -> Iterator[str]:
    """Kinds of operations as the code names them where it makes them."""
    for path in (ROOT / "app").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            maker = getattr(call.func, "attr", None) or getattr(call.func, "id", "")
            if maker not in ("NewOperation", "carry_out"):
                continue
            first = call.args[:1] if maker == "NewOperation" else []
            by_name = [word.value for word in call.keywords if word.arg == "kind"]
            for value in first + by_name:
                starred = isinstance(value, ast.Starred) and isinstance(value.value, ast.Tuple)
                kind = value.value.elts[0] if starred else value  # type: ignore[attr-defined]
                if isinstance(kind, ast.Constant):
                    yield str(kind.value)


def test_every_operation_and_every_entry_of_a_loan_has_words() -> None:
    operations = {*_operations(), *(f"agree-{kind}" for kind in KINDS), *EVIDENCE}
    assert {"confirm-receivable", "apply-credit-note", "agree-loan-sale"} <= operations
    only_in_statements = {"run", "penalty-run"}
    names = operations | {*ENTRIES} - only_in_statements
    assert sorted(name for name in names if plain(name) not in known_names()) == []


def test_every_task_of_the_gateways_own_work_has_words(world: World) -> None:
    tasks = world.http.get("/readyz").json()["checks"]["ownWork"]["tasks"]
    assert "key-use" in tasks
    assert tasks.keys() - TASKS.keys() == set()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/app/claims?currency=yuan", "it must be a currency's code of three letters"),
        (
            "/app/history/changes?kind=receivable&id=1&from=x&to=y",
            "it must be a block's number, or a date",
        ),
    ],
)
def test_a_filter_says_what_it_takes_and_no_pattern(world: World, path: str, expected: str) -> None:
    with Visitor(world) as auditor:
        auditor.sign_in("auditor")
        text = problem_of(auditor.get(path).text)
        assert expected in text and "^" not in text and "match pattern" not in text


def test_values_too_large_are_told_by_the_label_of_their_field(language: str) -> None:
    words = for_people(
        "validDays: it must be at most 3660" if language == ENGLISH else "validDays: 须不大于 3660",
        labels={"validDays": "Valid for days" if language == ENGLISH else "有效天数"},
        fields=("validDays",),
    )
    assert words in ("Valid for days: it must be at most 3660", "有效天数: 须不大于 3660")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "look at the order (GET /v1/orders/9) for what happened",
            "look at the order for what happened",
        ),
        ("look at it: GET /v1/orders/9", "look at it: Order 9"),
        ("upload it first: POST /v1/documents", "upload it first"),
        ("choose an order: GET /v1/orders?status=confirmed", "choose an order: “Orders”"),
        ("give financierPartyIds or allFinanciers", "give financier party ids or all financiers"),
        ("style is billing-cycle; it must be bullet", "style is “on a bill”; it must be bullet"),
    ],
)
def test_what_is_for_programs_is_put_into_words(text: str, words: str) -> None:
    assert for_people(text, labels={}) == words


def test_an_amount_in_a_row_is_named_once() -> None:
    field = "parts.0.amount.amount"
    words = for_people(f"{field}: it must be a text", labels={}, fields=(field,))
    assert words == "Parts 1 · amount: it must be a text"


def test_a_draw_that_its_product_does_not_allow_is_refused_in_chinese() -> None:
    style = say("{style:words}", style="billing-cycle")
    refused = DrawInvalid("style", style, allowed=say("{style:words}", style="bullet"))
    heard, spoken = language_of_answers.set(CHINESE), current.set(CHINESE)
    try:
        words = for_people(localized(text_of(refused)), labels={}, fields=("style",))
    finally:
        language_of_answers.reset(heard)
        current.reset(spoken)
    assert not re.search("[A-Za-z]", words), words


def test_a_refused_transfer_shows_amount_and_party_on_each_page(world: World) -> None:
    name = world["supplier"].get(f"/v1/parties/{world.parties['supplier']}").body["name"]
    with Visitor(world) as supplier:
        supplier.sign_in("supplier")
        fields = {
            "toPartyId": world.parties["buyer"],
            "amount": "99999999.50",
        }
        answer = supplier.post("/app/money/CNY/transfers", fields)
        assert answer.status_code == 303, answer.text[:500]
        shown = unescape(_TAGS.sub(" ", supplier.get(answer.headers["location"]).text))
        assert "CN¥99,999,999.50" in shown and "minor units" not in shown
        assert name in shown
    with Visitor(world) as operator:
        operator.sign_in("operator")
        health = unescape(_TAGS.sub(" ", operator.get("/app/running").text))
        assert "CN¥99,999,999.50" in health and "minor units" not in health


@pytest.mark.parametrize(
    "words",
    ["ReceivableRequested", "receivable requested", "Receivable requested", "应收账款已请求确认"],
)
def test_history_takes_the_words_of_an_event_as_its_pages_show_them(
    world: World, words: str
) -> None:
    world.confirmed()
    with Visitor(world) as auditor:
        auditor.sign_in("auditor")
        page = auditor.http.get("/app/history", params={"event": words}).text
        assert "ReceivableRequested" in page and 'class="problem"' not in page
        unknown = problem_of(auditor.get("/app/history?event=zzz").text)
        assert "receivable requested" in unknown and "ReceivableRequested" not in unknown


def test_a_credit_case_shows_in_chinese_what_the_ledger_counted(world: World) -> None:
    world.confirmed(amount="3000.00")
    identifier = opened(world, "supplier", tradingSince=None)
    case = identified(world, identifier, [], fromLedger=True)
    sources = [each["source"] for each in case["steps"][-1]["inputs"]["items"]]
    assert sources
    with Visitor(world) as rater:
        rater.sign_in("rater")
        rater.post("/app/preferences", {"language": CHINESE, "next": "/app"})
        page = rater.get(f"/app/credit/{identifier}").text
    shown = unescape(_TAGS.sub(" ", page))
    assert "一年内确认的发票" in shown and not any(source in shown for source in sources)
    confidence = case["steps"][-1]["result"]["confidence"]
    assert confidence > 1000 and f" {confidence} " not in shown


def test_search_takes_the_names_of_things_as_pages_show_them(world: World) -> None:
    _, claim = world.confirmed()
    with Visitor(world) as auditor:
        auditor.sign_in("auditor")
        auditor.post("/app/preferences", {"language": CHINESE, "next": "/app"})
        for words in (f"债权 {claim}", f"债权{claim}", f"claim {claim}"):
            answer = auditor.http.get("/app/search", params={"q": words})
            assert answer.headers["location"] == f"/app/claims/{claim}", words
        box = auditor.get("/app").text
        assert 'name="q" type="search" maxlength="100"' in box
        assert auditor.http.get("/app/search", params={"q": "x" * 150}).status_code == 200


def test_expected_losses_have_no_tier_where_there_is_none(world: World) -> None:
    lent(world)
    with Visitor(world) as bank:
        bank.sign_in("bank")
        page = bank.get("/app/risk").text
    table = page[page.index("Expected losses in a year") :]
    rows = re.findall(r"<tr>.*?</tr>", table[: table.index("</table>")], re.DOTALL)[1:]
    assert rows
    assert [
        row for row in rows if re.search(r">\s*0\s*</t[dh]>", row.split("</t")[0] + "</td>")
    ] == []
    assert "none" in rows[0]


@pytest.mark.parametrize("count", [1, 2])
def test_a_single_loan_is_not_several(count: int) -> None:
    words, _ = in_words("FacilityOverdue", {"facilityId": 23, "overdueLoans": count})
    assert words == f"facility 23 has {['1 loan', '2 loans'][count - 1]} overdue"
