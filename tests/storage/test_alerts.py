"""Alerts in the store: told once, by whichever gateway, and never taken back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import Connection

from app.domain.calendar import ZONE_OFFSET_SECONDS, start_of
from app.domain.catalogue_files import read_catalogue
from app.domain.product_terms import terms_of
from app.domain.rule_sets import Rules, WatchRule
from app.domain.watch.model import Level
from app.gateway.gateway import Gateway
from app.gateway.rules import rules_of_place
from app.oversight.watch import alert_rows, proposal_rows, proposing
from app.oversight.watch.alert_rows import AcknowledgementRow, AlertRow, Filter
from app.oversight.watch.following import Follower
from app.oversight.watch.proposal_rows import ProposalRow
from app.places import CATALOGUE
from app.storage import RowConflict, Storage, create_storage, run
from app.storage.tables.chain import blocks, checkpoints
from app.storage.tables.lending import facilities, loans, product_versions
from app.storage.tables.parties import accounts
from tests.support.book import on
from tests.support.rows import put, row

BANK, FUND, VEGA, LYRA = (f"0x{number:040x}" for number in range(1, 5))
TOKEN = "0x" + "c" * 40
DAY, MINUTE = 86_400, 60
TODAY = on("2026-10-15")
NOON = start_of(TODAY, zone_offset=ZONE_OFFSET_SECONDS) + 43_200
MINUTES = 15
NOT_LATE = -30  # days: it falls due later


class Pool:
    """Runs the work at once; `before` may let somebody else go first."""

    def __init__(self) -> None:
        self.before: Callable[[], Awaitable[Any]] | None = None

    async def run(self, function: Callable[..., Any], *values: Any) -> Any:
        if self.before is not None:
            go_first, self.before = self.before, None
            await go_first()
        return function(*values)


@dataclass
class Parts:
    """What the watch needs of a gateway."""

    storage: Storage
    reached_head: bool = True
    zone_offset: int = ZONE_OFFSET_SECONDS
    documents: Pool = field(default_factory=Pool)
    settings: Any = field(default_factory=lambda: SimpleNamespace(watch_minutes=MINUTES))

    @property
    def indexer(self) -> Any:
        return SimpleNamespace(reached_head=self.reached_head)

    @property
    def contracts(self) -> Any:
        return SimpleNamespace(address=lambda _: TOKEN)

    def currencies(self) -> list[str]:
        return ["CNY"]


def follower(storage: Storage, **values: Any) -> tuple[Follower, Parts]:
    parts = Parts(storage, **values)
    return Follower(cast(Gateway, parts)), parts


def step(follower: Follower) -> None:
    asyncio.run(follower.step())


def block(storage: Storage, number: int, timestamp: int, *, fork: str = "a") -> str:
    """The newest block from now on; those above it are no longer part of the chain."""
    block_hash = f"0x{fork}{number}"

    def write(connection: Connection) -> None:
        run(connection, "DELETE FROM blocks WHERE number >= ?", (number,))
        run(connection, "DELETE FROM checkpoints")

    storage.write_now(write)
    put(
        storage,
        (blocks, [row(blocks, number=number, hash=block_hash, timestamp=timestamp)]),
        (
            checkpoints,
            [
                row(
                    checkpoints,
                    name="index",
                    block_number=number,
                    block_hash=block_hash,
                    timestamp=timestamp,
                )
            ],
        ),
    )
    return block_hash


def loan(number: int, *, late: int = NOT_LATE, lender: str = BANK, borrower: str = VEGA) -> Any:
    return row(
        loans,
        loan_id=number,
        facility_id=4,
        product_id=2,
        lender=lender,
        borrower=borrower,
        currency=TOKEN,
        status="Running",
        collateral="none",
        stops_json="[]",
        outstanding=1_000,
        oldest_unpaid_day=TODAY - late,
    )


def owed_since(storage: Storage, number: int, days: int) -> None:
    """A loan's oldest unpaid instalment was due so many days before 2026-10-15."""
    storage.write_now(
        lambda connection: run(
            connection,
            "UPDATE loans SET oldest_unpaid_day = ? WHERE loan_id = ?",
            (TODAY - days, number),
        )
    )


def alerts(storage: Storage, **which: Any) -> list[AlertRow]:
    return storage.read_now(
        partial(alert_rows.listed, which=Filter(**which), after=None, limit=200)
    )


def said(rows: list[AlertRow]) -> list[tuple[str, int, str, str]]:
    """Subject, number, and the levels before and after, of each alert."""
    return [
        (
            item.subject,
            item.subject_key,
            Level(item.level_before).name,
            Level(item.level_after).name,
        )
        for item in rows
    ]


@pytest.fixture
def book(storage: Storage) -> Storage:
    """Two loans of the bank, one of the fund; none is late. The newest block is at noon."""
    put(
        storage,
        (
            accounts,
            [(account, n, 0, 1, 1) for n, account in enumerate((BANK, FUND, VEGA, LYRA), 101)],
        ),
        (loans, [loan(1), loan(2, borrower=LYRA), loan(3, lender=FUND)]),
    )
    block(storage, 10, NOON)
    return storage


RISE = [
    ("borrower", 103, "CLEAR", "ALARM"),
    ("product", 2, "CLEAR", "ALARM"),
    ("portfolio", 0, "CLEAR", "ALARM"),
]


def test_level_that_rises_is_told_once_with_reason_block_and_lender(book: Storage) -> None:
    owed_since(book, 1, 40)
    own, _ = follower(book)
    step(own)
    told = alerts(book)
    assert said(told) == RISE
    assert [item.id for item in told] == [1, 2, 3]
    first = told[0]
    assert (first.lender, first.account) == (BANK, VEGA)
    assert (first.block_number, first.block_hash, first.timestamp) == (10, "0xa10", NOON)
    assert first.undone_hash is None
    (signal,) = first.reasons.signals
    assert (signal.id, signal.values[0].number) == ("late-loan:loan:1", 40)
    assert "40 days" in signal.reason
    step(own)
    step(follower(book)[0])
    assert alerts(book) == told, "nothing is told twice, before and after a restart"


def test_lenders_hear_of_their_own_loans_only(book: Storage) -> None:
    owed_since(book, 3, 40)
    step(follower(book)[0])
    assert {item.lender for item in alerts(book)} == {FUND}
    assert alerts(book, lender=BANK) == []
    assert len(alerts(book, lender=FUND)) == 3


def test_nothing_is_told_before_the_index_has_reached_the_head(book: Storage) -> None:
    owed_since(book, 1, 40)
    behind, parts = follower(book, reached_head=False)
    step(behind)
    assert alerts(book) == []
    parts.reached_head = True
    step(behind)
    assert said(alerts(book)) == RISE


@pytest.mark.parametrize(
    ("later", "told"),
    [(MINUTES * MINUTE - 1, False), (MINUTES * MINUTE, True), (43_199, True)],
)
def test_levels_are_computed_anew_after_the_minutes_of_the_setting(
    book: Storage, later: int, told: bool
) -> None:
    own, _ = follower(book)
    step(own)
    owed_since(book, 1, 40)
    block(book, 11, NOON + later)
    step(own)
    assert bool(alerts(book)) is told


def test_levels_are_computed_anew_on_a_new_day(book: Storage) -> None:
    block(book, 11, NOON + 43_199)  # one second before midnight
    own, _ = follower(book)
    step(own)
    owed_since(book, 1, 40)
    block(book, 12, NOON + 43_200)
    step(own)
    assert said(alerts(book)) == RISE


def test_new_lender_is_assessed_at_the_next_round(book: Storage) -> None:
    own, _ = follower(book)
    step(own)
    put(book, (loans, [loan(9, late=40, lender=LYRA)]))
    block(book, 11, NOON + MINUTES * MINUTE)
    step(own)
    assert {item.lender for item in alerts(book)} == {LYRA}


def test_loans_that_are_repaid_are_told_as_a_fall(book: Storage) -> None:
    owed_since(book, 1, 40)
    own, _ = follower(book)
    step(own)
    book.write_now(lambda c: run(c, "UPDATE loans SET status = 'Repaid' WHERE lender = ?", (BANK,)))
    block(book, 11, NOON + DAY)
    step(own)
    fall = alerts(book)[3:]
    assert said(fall) == [(kind, key, "ALARM", "CLEAR") for kind, key, _, _ in RISE]
    assert [signal.id for signal in fall[0].reasons.ended] == ["late-loan:loan:1"]
    block(book, 12, NOON + 2 * DAY)
    step(own)
    assert len(alerts(book)) == 6


def test_reorganisation_that_undoes_a_reason_is_told_and_takes_nothing_back(book: Storage) -> None:
    own, _ = follower(book)
    step(own)
    owed_since(book, 1, 40)
    undone = block(book, 11, NOON + DAY)
    step(own)
    told = alerts(book)
    assert said(told) == RISE
    owed_since(book, 1, NOT_LATE)
    block(book, 11, NOON + DAY, fork="b")
    step(own)
    after = alerts(book)
    assert after[:3] == told, "what was told stands"
    assert said(after[3:]) == [(kind, key, "ALARM", "CLEAR") for kind, key, _, _ in RISE]
    assert {item.undone_hash for item in after[3:]} == {undone}
    hashes = {item.block_hash for item in after}
    assert book.read_now(lambda c: alert_rows.undone(c, hashes)) == {undone}
    # And back: the first fork wins after all.
    owed_since(book, 1, 40)
    block(book, 11, NOON + DAY)
    step(own)
    assert said(alerts(book)[6:]) == RISE


def test_reorganisation_that_changes_no_reason_tells_nothing(book: Storage) -> None:
    owed_since(book, 1, 40)
    own, _ = follower(book)
    step(own)
    block(book, 10, NOON, fork="b")
    step(own)
    assert said(alerts(book)) == RISE


def test_two_gateways_on_one_store_tell_everything_once(book: Storage, storage_url: str) -> None:
    """The slower one has read and judged when the faster one has stored its alerts."""
    owed_since(book, 1, 40)
    other = create_storage(storage_url)
    slow, parts = follower(book)
    fast, _ = follower(other)
    parts.documents.before = fast.step
    try:
        step(slow)
        assert said(alerts(book)) == RISE
        # The same for an assessment that follows another one.
        owed_since(book, 2, 40)
        block(book, 11, NOON + DAY)
        parts.documents.before = fast.step
        step(slow)
        assert len(alerts(book)) == len(
            {(a.subject, a.subject_key, a.assessment) for a in alerts(book)}
        )
        assert said(alerts(book)[3:]) == [("borrower", 104, "CLEAR", "ALARM")]
    finally:
        other.close()


def test_list_goes_on_after_an_alert_and_filters(book: Storage) -> None:
    owed_since(book, 1, 40)
    owed_since(book, 2, 1)
    step(follower(book)[0])
    whole = alerts(book)
    assert [item.id for item in whole] == [1, 2, 3, 4]

    def some(*, after: int | None = None, limit: int = 200, **which: Any) -> list[int]:
        read = partial(alert_rows.listed, which=Filter(**which), after=after, limit=limit)
        return [item.id for item in book.read_now(read)]

    assert some(after=2) == [3, 4]
    assert some(after=1, limit=2) == [2, 3]
    assert some(after=4) == []
    assert some(subject="borrower") == [1, 2]
    assert some(account=LYRA) == [2]
    assert some(product=2) == [3]
    assert some(product=9) == []
    assert some(min_level=int(Level.WARNING)) == [1, 3, 4]
    acknowledge(book, 3)
    assert some(acknowledged=True) == [3]
    assert some(acknowledged=False) == [1, 2, 4]


def acknowledge(storage: Storage, alert: int, *, identifier: str = "n1") -> None:
    new = AcknowledgementRow(identifier, alert, "li", 1.0, b"x")
    storage.write_now(partial(alert_rows.acknowledge, row=new))


def test_alert_is_acknowledged_once(book: Storage) -> None:
    acknowledge(book, 1)
    with pytest.raises(RowConflict):
        acknowledge(book, 1, identifier="n2")
    found = book.read_now(partial(alert_rows.acknowledgements, alerts=[1, 2]))
    assert found == {1: AcknowledgementRow("n1", 1, "li", 1.0, b"x")}


# -- proposed steps


def rules(level: str = "alarm") -> Rules:
    """The rule set of the place, which allows the step from a level on."""
    steps = [{"level": level, "step": "propose-suspension", "hours": 72}]
    rule = {"steps": steps, "source": "a test's own rule", "lawyer": False}
    return rules_of_place().model_copy(update={"watch": WatchRule.model_validate(rule)})


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Lets the rule set allow the step; without a call of this, none allows it."""

    def allow(level: str) -> None:
        monkeypatch.setattr(proposing, "rules_of", lambda _: rules(level))

    yield allow


def facility(number: int, **values: Any) -> Any:
    fields = {"product_id": 2, "version": 1, "lender": BANK, "borrower": VEGA}
    return row(facilities, facility_id=number, **fields | values)


FACILITIES = [
    facility(4),
    facility(5),
    facility(6, closed=1),
    facility(7, suspended_by=1),
    facility(8, suspended_by=2),
    facility(9, lender=FUND),
    facility(10, borrower=LYRA),
]
PRODUCT, RULES = read_catalogue(CATALOGUE)
TERMS = terms_of(PRODUCT[0], currency=TOKEN, legal_text_hash="0x02", rules=RULES)
VERSION = row(product_versions, product_id=2, version=1, terms_json=json.dumps(TERMS))


def proposals(storage: Storage, state: str | None = None) -> list[ProposalRow]:
    return storage.read_now(
        partial(proposal_rows.listed, lender=None, state=state, before=None, limit=50)
    )


def outcomes(storage: Storage) -> list[str]:
    identifiers = [item.id for item in proposals(storage)]
    found = storage.read_now(partial(proposal_rows.decisions, proposals=identifiers))
    return sorted(item.outcome for items in found.values() for item in items)


def test_nothing_is_proposed_unless_the_rule_set_allows_it(book: Storage) -> None:
    assert rules_of_place().watch is None
    put(book, (facilities, FACILITIES), (product_versions, [VERSION]))
    owed_since(book, 1, 40)
    step(follower(book)[0])
    assert said(alerts(book))[0] == RISE[0]
    assert proposals(book) == []


def test_rise_to_the_level_proposes_for_each_open_facility_of_lender_and_borrower(
    book: Storage, allowed: Callable[[str], None]
) -> None:
    allowed("alarm")
    put(book, (facilities, FACILITIES), (product_versions, [VERSION]))
    owed_since(book, 1, 40)
    own, _ = follower(book)
    step(own)
    made = proposals(book)
    assert sorted(item.facility_id for item in made) == [4, 5, 8]
    for item in made:
        assert (item.alert_id, item.lender, item.borrower) == (1, BANK, VEGA)
        assert (item.state, item.operation_id, item.rule_set) == ("proposed", None, "cn")
        assert (item.level, item.source) == (int(Level.ALARM), "a test's own rule")
        assert item.expires_at - item.created_at == 72 * 3_600
    block(book, 11, NOON + DAY)
    step(own)
    assert proposals(book) == made, "the level stays, so nothing is proposed again"


@pytest.mark.parametrize(("level", "count"), [("alarm", 0), ("warning", 2)])
def test_level_below_the_rules_proposes_nothing(
    book: Storage, allowed: Callable[[str], None], level: str, count: int
) -> None:
    allowed(level)
    put(book, (facilities, FACILITIES[:2]), (product_versions, [VERSION]))
    owed_since(book, 1, 8)
    step(follower(book)[0])
    assert said(alerts(book))[0] == ("borrower", 103, "CLEAR", "WARNING")
    assert len(proposals(book)) == count


def test_proposal_ends_when_its_level_falls_and_comes_again_with_the_level(
    book: Storage, allowed: Callable[[str], None]
) -> None:
    allowed("warning")
    put(book, (facilities, FACILITIES[:1]), (product_versions, [VERSION]))
    owed_since(book, 1, 40)
    own, _ = follower(book)
    step(own)
    owed_since(book, 1, 8)
    block(book, 11, NOON + MINUTES * MINUTE)
    step(own)
    assert [item.state for item in proposals(book)] == ["proposed"], "still at warning"
    owed_since(book, 1, NOT_LATE)
    block(book, 12, NOON + 2 * MINUTES * MINUTE)
    step(own)
    assert [item.state for item in proposals(book)] == ["expired"]
    assert outcomes(book) == ["level-fell"]
    owed_since(book, 1, 40)
    block(book, 13, NOON + 3 * MINUTES * MINUTE)
    step(own)
    assert sorted(item.state for item in proposals(book)) == ["expired", "proposed"]


def test_proposal_expires_after_its_hours_and_once(
    book: Storage, allowed: Callable[[str], None]
) -> None:
    allowed("alarm")
    put(book, (facilities, FACILITIES[:1]), (product_versions, [VERSION]))
    owed_since(book, 1, 40)
    own, _ = follower(book)
    step(own)
    (made,) = proposals(book)
    block(book, 11, made.expires_at - 1)
    step(own)
    assert [item.state for item in proposals(book)] == ["proposed"]
    block(book, 12, made.expires_at)
    step(own)
    step(own)
    assert [item.state for item in proposals(book)] == ["expired"]
    assert outcomes(book) == ["expired"]
