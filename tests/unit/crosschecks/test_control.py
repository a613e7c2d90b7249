"""Buyer and seller under one control."""

from __future__ import annotations

from app.domain.crosschecks.detector import find
from app.domain.crosschecks.parameters import Control, Parameters
from app.domain.crosschecks.records import Finding, Holding, Kind
from tests.support.trade_records import BEGIN, Records, of_kind, quiet, subjects

KIND = Kind.COMMON_CONTROL


def trade(records: Records) -> set[str]:
    """Deals of `front` and `back`, which are in the register."""
    return {records.deal("front", "back", BEGIN + 150 + 40 * at) for at in range(4)}


def findings(records: Records) -> list[Finding]:
    return of_kind(find(records.market()), KIND)


def test_one_person_behind_both_through_another_company_is_found() -> None:
    records = quiet()
    records.party("front", owners=(Holding("person", 700_000),))
    records.party("shell", owners=(Holding("person", 1_000_000),))
    records.party("back", owners=(Holding("shell", 600_000),))
    invoices = trade(records)
    (finding,) = findings(records)
    assert set(finding.subjects) == invoices
    assert "person controls both through shell" in finding.reason
    assert {"person", "shell", "front", "back"} <= set(finding.evidence)


def test_shares_of_several_controlled_companies_add_up() -> None:
    records = quiet()
    records.party("front", owners=(Holding("person", 700_000),))
    for shell in ("left", "right"):
        records.party(shell, owners=(Holding("person", 800_000),))
    records.party("back", owners=(Holding("left", 300_000), Holding("right", 250_000)))
    trade(records)
    assert len(findings(records)) == 1


def test_a_common_director_with_a_common_contact_is_found() -> None:
    records = quiet()
    for name in ("front", "back"):
        records.party(name, directors=("director",), contacts=("telephone",))
    trade(records)
    (finding,) = findings(records)
    assert "director director is of both; contact telephone is of both" in finding.reason


def test_an_agent_and_an_office_service_of_many_are_honest() -> None:
    records = quiet()
    for name in ("front", "back", "x1", "x2", "x3", "x4"):
        records.party(name, directors=("agent",), contacts=("office",))
    trade(records)
    assert findings(records) == []


def test_small_shares_of_one_investor_are_honest() -> None:
    records = quiet()
    for name in ("front", "back"):
        records.party(name, owners=(Holding("investor", 100_000),))
    trade(records)
    assert findings(records) == []


def test_a_group_that_trades_openly_is_not_reported_unless_an_officer_says_so() -> None:
    records = quiet()
    records.party("holding", owners=(Holding("person", 1_000_000),))
    for name in ("front", "back"):
        records.party(name, owners=(Holding("holding", 900_000),), directors=("director",))
    invoices = trade(records)
    assert findings(records) == []
    parameters = Parameters(control=Control(open_group=0))
    assert subjects(find(records.market(), parameters=parameters), KIND) == invoices


def test_a_group_that_bears_its_name_openly_is_honest() -> None:
    records = quiet()
    for name, trade_name in (("front", "Lanhua Steel"), ("back", "Lanhua Machines")):
        records.party(name, name=trade_name, owners=(Holding("person", 900_000),))
    trade(records)
    assert findings(records) == []


def test_a_ring_of_shares_ends() -> None:
    records = quiet()
    records.party("front", owners=(Holding("back", 600_000),))
    records.party("back", owners=(Holding("front", 600_000),))
    trade(records)
    assert findings(records) == []


def test_a_town_at_the_beginning_of_both_names_makes_no_open_group() -> None:
    records = quiet()
    for name, trade_name in (("front", "Wuhu Steel"), ("back", "Wuhu Machines"), ("x", "Wuhu Inn")):
        persons = () if name == "x" else ("director",)
        records.party(name, name=trade_name, directors=persons, contacts=persons)
    trade(records)
    assert len(findings(records)) == 1
