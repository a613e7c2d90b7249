"""A number has one spelling: in bodies a whole JSON number, in addresses digits alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi._compat import ModelField
from fastapi.dependencies.models import Dependant

from tests.support.described import routes
from tests.support.world import World, refused

OTHER_SPELLINGS = (
    "07",
    "+7",
    " 7",
    "7 ",
    "7.0",
    "7.000",
    "1_0",
    "0_7",
    "1e1",
    "１",
    "-0",
    "00",
    "",
)
_ANY_JSON = ".python_schema.choices.int"  # of any JSON at all: only a number gets there
OTHER_KINDS = ("7", "72.000", "1_0", 7.0, True, " 7")


def _parameters(dependant: Dependant, place: str) -> Iterator[ModelField]:
    yield from getattr(dependant, f"{place}_params")
    for inner in dependant.dependencies:
        yield from _parameters(inner, place)


def _integers(schema: Any, *, path: str = "") -> Iterator[tuple[str, bool]]:
    """Each integer in a validator: where it stands, and whether it takes numbers alone."""
    if isinstance(schema, dict):
        if schema.get("type") == "int" and not path.endswith(_ANY_JSON):
            yield path, bool(schema.get("strict"))
        for name, part in schema.items():
            if name not in ("metadata", "serialization"):
                yield from _integers(part, path=f"{path}.{name}")
    elif isinstance(schema, (list, tuple)):
        for place, part in enumerate(schema):
            yield from _integers(part, path=f"{path}.{place}")


def test_every_integer_of_a_body_is_a_json_number() -> None:
    integers = [
        (f"{method} {path}", where, strict)
        for method, path, route in routes()
        for field in _parameters(route.dependant, "body")
        for where, strict in _integers(field._type_adapter.core_schema)
    ]
    assert len(integers) > 50
    assert [place for *place, strict in integers if not strict] == []


@pytest.mark.parametrize("place", ["path", "query"])
def test_a_number_in_an_address_has_one_spelling(place: str) -> None:
    taken, numbers = [], 0
    for method, path, route in routes():
        for field in _parameters(route.dependant, place):
            if not list(_integers(field._type_adapter.core_schema)):
                continue
            numbers += 1
            for text in OTHER_SPELLINGS:
                _, errors = field.validate(text, {}, loc=(place, field.alias))
                taken += [] if errors else [f"{method} {path}: {field.alias} = {text!r}"]
            _, errors = field.validate("7", {}, loc=(place, field.alias))
            assert not errors or "greater than" in str(errors), (path, field.alias)
    assert numbers > 50
    assert taken == []


@pytest.mark.parametrize("value", OTHER_KINDS)
def test_a_rate_that_is_no_number_is_refused_at_its_field(world: World, value: Any) -> None:
    body = {"item": "USD", "currency": "CNY", "price": "7.1", "haircut": value}
    problem = refused(world["first-appraiser"], "/v1/prices", {"prices": [body]})
    assert (problem["status"], problem["field"]) == (422, "prices.0.haircut")


@pytest.mark.parametrize("number", ["0_1", "+1", "%201", "01", "1.0", "%EF%BC%91"])
def test_another_spelling_of_an_id_leads_to_nothing(world: World, number: str) -> None:
    for path in (
        f"/v1/claims/{number}",
        f"/v1/warehouse-receipts/{number}",
        f"/v1/loans/{number}/statement",
        f"/v1/receivables?limit={number}",
    ):
        answer = world.http.get(path, headers=world["auditor"].headers)
        assert answer.status_code in (404, 422), (path, answer.status_code)
