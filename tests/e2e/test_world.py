"""A served world: all stories are told, and each role finds work that is open today."""

from __future__ import annotations

import contextlib
import datetime
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.chain.nodes.nodes import ask
from app.demo.book import INVOICES_A_MONTH, MONTHS
from app.demo.logins import WORDS
from app.demo.stories import story_names
from app.demo.world import PROGRESS
from tests.support.bodies import Json
from tests.support.days import ledger_today

ROOT = Path(__file__).resolve().parents[2]
CESSION = str(Path(sys.executable).parent / "cession")
TELLING_SECONDS = 1_800  # a bound for a hanging process, not for a slow machine


class Served:
    """A process of `cession serve`."""

    def __init__(self, access: Json, log: Path) -> None:
        self.access = access
        self.log = log

    def get(self, who: str, path: str, **query: Any) -> Json:
        """An answer that a login reads."""
        answer = httpx.get(
            f"{self.access['url']}{path}",
            params=query,
            headers={"X-API-Key": self.access["apiKeys"][who]},
            timeout=60,
            trust_env=False,
        )
        assert answer.status_code == 200, answer.text
        body: Json = answer.json()
        return body

    def items(self, who: str, path: str, **query: Any) -> list[Json]:
        """All items of a list that a login reads, page by page."""
        items: list[Json] = []
        cursor: dict[str, Any] = {}
        while True:
            body = self.get(who, path, **query, **cursor)
            items += body["items"]
            if not body.get("nextCursor"):
                return items
            cursor = {"cursor": body["nextCursor"]}


@contextlib.contextmanager
def serving(folder: Path, *words: str) -> Iterator[Served]:
    """Serves until the block ends; starts the block when the gateway says that it is ready."""
    folder.mkdir(parents=True, exist_ok=True)
    file, log = folder / "serve.json", folder / "serve.log"
    file.unlink(missing_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [CESSION, "serve", "--write", str(file), *words],
            cwd=ROOT,
            stdout=output,
            stderr=output,
        )
    try:
        end = time.monotonic() + TELLING_SECONDS
        while not file.exists():
            assert process.poll() is None, log.read_text(errors="replace")[-3000:]
            assert time.monotonic() < end, log.read_text(errors="replace")[-3000:]
            time.sleep(0.1)
        yield Served(json.loads(file.read_text()), log)
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("world")


@pytest.fixture(scope="module")
def first_log(folder: Path) -> str:
    """What the start that tells the world prints."""
    with serving(folder, "--data-folder", str(folder / "data")) as served:
        return served.log.read_text(errors="replace")


@pytest.fixture(scope="module")
def world(first_log: str, folder: Path) -> Iterator[Served]:
    """The same world after a restart, when nothing is told again."""
    assert first_log
    with serving(folder, "--data-folder", str(folder / "data")) as served:
        yield served


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("empty"), "--empty") as served:
        yield served


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text[:10])


def test_all_stories_are_told_and_agree_to_the_cent(first_log: str, folder: Path) -> None:
    assert "All is told and agrees to the cent" in first_log, first_log[-3000:]
    told = (folder / "data" / PROGRESS).read_text().splitlines()
    assert told[:-1] == story_names()


def test_nothing_is_told_twice(world: Served, folder: Path) -> None:
    log = world.log.read_text(errors="replace")
    assert "The stories of this ledger were told before." in log
    told = (folder / "data" / PROGRESS).read_text().splitlines()
    assert len(told) == len(set(told))
    numbers = [each["id"] for each in world.items("auditor", "/v1/receivables", limit=200)]
    assert len(numbers) < 2 * MONTHS * INVOICES_A_MONTH


def test_the_table_names_each_login_and_the_pages(world: Served) -> None:
    log = world.log.read_text(errors="replace")
    assert f"Pages: {world.access['url']}/app" in log
    assert set(world.access["apiKeys"]) == set(WORDS)
    for name in WORDS:
        assert name in log


def test_the_chain_shows_today(world: Served) -> None:
    block = ask(world.access["rpcUrl"], "eth_getBlockByNumber", "latest", False)
    newest = datetime.datetime.fromtimestamp(int(block["timestamp"], 16), datetime.UTC)
    assert abs((newest.date() - ledger_today()).days) <= 1


def test_lists_are_worth_paging(world: Served) -> None:
    receivables = world.items("auditor", "/v1/receivables", limit=200)
    assert len(receivables) > MONTHS * INVOICES_A_MONTH
    dates = [day(each["dueDate"]) for each in receivables]
    assert min(dates).year < ledger_today().year < max(dates).year + 2
    assert len({each["seller"]["partyId"] for each in receivables}) >= 5
    assert len({each["debtor"]["partyId"] for each in receivables}) >= 4
    assert {"requested", "confirmed", "settled", "disputed"} <= {
        each["status"] for each in receivables
    }
    assert any(each["overdue"] for each in receivables)


def test_the_buyer_has_requests_to_confirm_and_a_dispute(world: Served) -> None:
    assert len(world.items("buyer", "/v1/receivables", status="requested")) >= 4
    assert world.items("buyer", "/v1/receivables", status="disputed")
    assert any(each["status"] == "requested" for each in world.items("buyer", "/v1/orders"))


def test_the_supplier_compares_offers_and_has_a_facility_to_sign_and_to_draw_on(
    world: Served,
) -> None:
    offers = [each for each in world.items("supplier", "/v1/offers") if each["state"] == "open"]
    assert len({each["price"]["amount"] for each in offers}) == 3
    proposals = world.items("supplier", "/v1/facility-proposals")
    assert any(each["state"] == "waiting" for each in proposals)
    loans = {each["facilityId"] for each in world.items("supplier", "/v1/loans")}
    facilities = world.items("supplier", "/v1/facilities")
    unused = [each for each in facilities if each["id"] not in loans]
    assert any(day(each["lastDate"]) > ledger_today() for each in unused)


def test_one_loan_is_due_soon_one_is_overdue_and_a_margin_is_called(world: Served) -> None:
    loans = world.items("bank", "/v1/loans", limit=200)
    running = [each for each in loans if each["status"] == "running"]
    ahead = [(day(each["lastDueDate"]) - ledger_today()).days for each in running]
    assert any(0 <= days <= 7 for days in ahead), ahead
    assert any(each["markedOverdue"] and each["daysPastDue"] > 0 for each in loans)
    assert world.items("bank", "/v1/margin-calls")


def test_goods_wait_for_release_and_a_price_for_confirmation(world: Served) -> None:
    receipts = world.items("warehouse", "/v1/warehouse-receipts", limit=200)
    assert any(each["releaseRequested"] for each in receipts)
    newest = world.get("second-appraiser", "/v1/prices")["items"][0]
    assert newest["inForce"] is False, "it was proposed, and waits for another appraiser"


def test_an_evaluation_is_under_way_and_a_campaign_is_open(world: Served) -> None:
    (case,) = world.items("rater", "/v1/credit/evaluations")
    assert case["nextStep"] == "analyse"
    campaigns = world.items("castor", "/v1/campaigns", limit=100)
    assert any(each["status"] == "funding" for each in campaigns)


def test_money_waits_for_its_owner(world: Served) -> None:
    (waiting,) = world.items("second-bank", "/v1/unclaimed")
    assert float(waiting["amount"]["amount"]) > 0


def test_an_operation_failed_with_its_reason(world: Served) -> None:
    failed = world.items("supplier", "/v1/operations", state="rejected")
    assert any((each["error"] or {}).get("name") == "LimitExceeded" for each in failed)


def test_the_watch_has_raised_an_alert(world: Served) -> None:
    end = time.monotonic() + 120
    while not world.get("bank", "/v1/watch/alerts")["items"]:
        assert time.monotonic() < end, "no alert was raised"
        time.sleep(0.5)
    borrowers = world.items("bank", "/v1/watch/borrowers")
    assert {each["level"] for each in borrowers} & {"warning", "alarm"}


def test_a_court_order_waits(world: Served) -> None:
    orders = world.items("second-regulator", "/v1/orders-of-court")
    assert any(each["state"] == "issued" for each in orders)


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("auditor", "/v1/receivables"),
        ("buyer", "/v1/orders"),
        ("supplier", "/v1/offers"),
        ("bank", "/v1/loans"),
        ("supplier", "/v1/facility-proposals"),
        ("bank", "/v1/margin-calls"),
        ("warehouse", "/v1/warehouse-receipts"),
        ("second-appraiser", "/v1/prices"),
        ("rater", "/v1/credit/evaluations"),
        ("bank", "/v1/campaigns"),
        ("second-bank", "/v1/unclaimed"),
        ("bank", "/v1/watch/alerts"),
        ("regulator", "/v1/orders-of-court"),
    ],
)
def test_an_empty_ledger_has_parties_and_nothing_else(empty: Served, who: str, path: str) -> None:
    assert empty.items(who, path) == []
    assert len(empty.items("auditor", "/v1/parties")) == 13


def test_demo_stays_up_with_logins_after_its_stories(tmp_path: Path) -> None:
    log = tmp_path / "demo.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [CESSION, "demo", "--serve"], cwd=ROOT, stdout=output, stderr=output
        )
    try:
        end = time.monotonic() + TELLING_SECONDS
        while "Up until interrupted" not in log.read_text(errors="replace"):
            assert process.poll() is None, log.read_text(errors="replace")[-3000:]
            assert time.monotonic() < end, log.read_text(errors="replace")[-3000:]
            time.sleep(0.2)
        text = log.read_text(errors="replace")
        assert "Every balance agrees to the cent." in text
        assert "not all is there" not in text, text[-3000:]
        assert all(name in text for name in WORDS)
        url = text.rpartition("Pages: ")[2].partition("/app")[0]
        assert httpx.get(f"{url}/livez", timeout=60, trust_env=False).status_code == 200
        process.terminate()
        assert process.wait(60) == 0
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(20)


def test_each_link_that_a_login_sees_leads_to_a_page(world: Served) -> None:
    """One link of each kind, from page to page; files are tried elsewhere."""
    faults = [fault for who in LOGINS for fault in _dead_links(world, who)]
    assert not faults, "\n".join(faults)


#: One of each kind that sees pages of its own.
LOGINS = ("supplier", "bank", "warehouse", "rater", "auditor", "operator")
#: Things that a page may name to one who is no party of them: a claim that one verifies, the
#: collateral of a shared loan, the order behind a lot.
OF_OTHERS = tuple(f"/app/{kind}/" for kind in ("claims", "receivables", "facilities", "orders"))


def _dead_links(world: Served, who: str) -> list[str]:
    http = httpx.Client(base_url=world.access["url"], timeout=60, trust_env=False)
    with http:
        token = re.findall(r'name="_csrf" value="([^"]+)"', http.get("/app/sign-in").text)[0]
        form = {"_csrf": token, "apiKey": world.access["apiKeys"][who], "next": ""}
        signed_in = http.post("/app/sign-in", data=form, headers={"Origin": world.access["url"]})
        assert signed_in.is_redirect, signed_in.text
        kinds, waiting, faults = {_kind_of("/app")}, [("/app", "/app")], []
        for path, source in waiting:
            answer = http.get(path, follow_redirects=True)
            # What others have is named here and there, and not shown.
            others = answer.status_code == 404 and path.startswith(OF_OTHERS)
            if answer.status_code != 200 and not others:
                faults.append(f"{who}: {path} on {source}: {answer.status_code}")
            for link in map(unescape, re.findall(r'<a [^>]*?href="(/app[^"#]*)"', answer.text)):
                if _kind_of(link) not in kinds and "format=" not in link:
                    kinds.add(_kind_of(link))
                    waiting.append((link, path))
        assert len(kinds) > 5, f"{who} sees no links"
    return faults


def _kind_of(link: str) -> str:
    """A link without its ids, and without the values of its query."""
    path, _, query = link.partition("?")
    path = re.sub(r"/([0-9a-f]{8}-[0-9a-f-]{27}|[0-9]+|0x[0-9a-f]+)(?=/|$)", "/*", path)
    return path + "?" + "&".join(sorted(pair.partition("=")[0] for pair in query.split("&")))
