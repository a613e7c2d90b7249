"""Money on a lender's bank account, and what became of it on a loan."""

from __future__ import annotations

import datetime
import uuid

from tests.support.bank_files import entry, notification, uploaded
from tests.support.bodies import Json
from tests.support.world import World


def on_day(text: str, day: str) -> str:
    """The entry, booked on 20 November, with this value date."""
    booked = "<BookgDt><Dt>2026-11-20</Dt></BookgDt>"
    return text.replace(booked, f"{booked}<ValDt><Dt>{day}</Dt></ValDt>")


def days_after(first: str, days: int) -> str:
    """A date this many days after another."""
    return (datetime.date.fromisoformat(first) + datetime.timedelta(days=days)).isoformat()


def loan_of(world: World, loan: int, *, by: str = "bank") -> Json:
    """A loan as a party sees it."""
    return dict(world[by].get(f"/v1/loans/{loan}").body)


def came_in(world: World, loan: int, amount: str, day: str, *, by: str = "bank") -> tuple[str, str]:
    """Money on the bank's account: the entry's path and the bank's reference."""
    mark = uuid.uuid4().hex[:20]
    content = notification(on_day(entry(amount, reference=mark, remittance=f"LOAN-{loan}"), day))
    (item,) = uploaded(world, content, by=by)["items"]
    assert item["valueDate"] == day
    return f"/v1/bank-entries/{item['id']}", mark


def taken_back(amount: str, reference: str) -> str:
    """The entry by which the bank reverses the one with this reference."""
    debit = entry(amount, reference=reference, side="DBIT")
    return debit.replace("</CdtDbtInd>", "</CdtDbtInd><RvslInd>true</RvslInd>")


def name_of(problem: Json) -> str:
    """The name of a problem document."""
    return str(problem["type"]).rpartition(":")[2]


def kinds(world: World, loan: int) -> list[str]:
    """What happened to a loan, by kind."""
    return [item["kind"] for item in loan_of(world, loan)["entries"]]
