"""What was typed into a form stays, whatever comes between the form and its command."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest

from tests.support.visitor import Visitor, value_of
from tests.support.world import World


@pytest.fixture
def visitor(world: World) -> Iterator[Visitor]:
    with Visitor(world) as opened:
        opened.sign_in("supplier")
        yield opened


def box(page: str, name: str) -> str:
    """What a page shows in a field of several lines."""
    match = re.search(rf'<textarea[^>]* name="{name}"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL)
    assert match is not None, page
    return html.unescape(match[1])


@pytest.mark.parametrize("rows", [{}, {"parts.0.amount": "1.00"}])
def test_nothing_is_assigned_while_pasted_lines_are_not_filled_in(
    visitor: Visitor, rows: dict[str, str]
) -> None:
    _, claim = visitor.world.confirmed(amount="100.00")
    path = f"/app/claims/{claim}/assignments"
    if rows:
        rows = rows | {"parts.0.toPartyId": visitor.world.parties["castor"]}
    pasted = f"{visitor.world.parties['castor']},2.00\nPollux，3.00"
    answer = visitor.post(path, rows | {"pasted": pasted, "do": "assign"})
    assert answer.status_code == 422
    assert "Nothing was assigned" in answer.text
    assert box(answer.text, "pasted") == pasted
    if rows:
        assert value_of(answer.text, "parts.0.amount") == "1.00"
    held = visitor.world["supplier"].get(f"/v1/claims/{claim}").body["value"]["amount"]
    assert held == "100.00"


def test_lines_that_cannot_be_read_stay_in_the_box_by_number(visitor: Visitor) -> None:
    _, claim = visitor.world.confirmed(amount="100.00")
    path = f"/app/claims/{claim}/assignments"
    castor = visitor.world.parties["castor"]
    pasted = f'{castor}，10\n{castor}\n"{castor},20\n{castor};30'
    answer = visitor.post(path, {"pasted": pasted, "do": "paste"})
    assert answer.status_code == 422
    page = html.unescape(answer.text)
    assert f"line 2: “{castor}”" in page and f'line 3: “"{castor},20”' in page
    assert box(answer.text, "pasted") == f'{castor}\n"{castor},20'
    amounts = [value_of(answer.text, f"parts.{place}.amount") for place in range(2)]
    assert amounts == ["10", "30"]
