"""The market: the same for the same seed, with fraud at its rates, and no sign of which it is."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import pytest

from app.domain.crosschecks.records import Kind, Market
from benchmarks.fraud.drafts import MILLION, SizeRefused, Skill
from benchmarks.fraud.generator import Secrets, generate, market
from benchmarks.fraud.records import fingerprint
from benchmarks.fraud.schemes import RATES

ROOT = Path(__file__).resolve().parents[3]
SIZE = 120
SEEDS = (1, 2, 3, 4)
PRINT = (
    "from benchmarks.fraud.generator import market\n"
    "from benchmarks.fraud.records import fingerprint\n"
    "records, labels = market(7, 60)\n"
    "print(fingerprint(records), sorted(labels.items()))"
)


@cache
def generated(seed: int) -> tuple[Market, Secrets]:
    return generate(seed, SIZE)


def test_a_seed_gives_the_same_bytes_in_each_process() -> None:
    printed = {
        subprocess.run(
            [sys.executable, "-c", PRINT],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(printed) == 1


def test_market_gives_the_records_and_labels_of_generate() -> None:
    records, labels = market(1, SIZE)
    assert fingerprint(records) == fingerprint(generated(1)[0])
    assert labels == generated(1)[1].labels


def test_another_seed_or_size_gives_another_market() -> None:
    prints = {fingerprint(market(seed, size)[0]) for seed, size in ((1, 60), (2, 60), (1, 61))}
    assert len(prints) == 3


@pytest.mark.parametrize("size", [0, 59, 5_001])
def test_a_size_out_of_bounds_is_refused(size: int) -> None:
    with pytest.raises(SizeRefused, match=f"size {size}: take 60 to 5000"):
        market(1, size)


@pytest.mark.parametrize("seed", range(30, 36))
def test_the_least_market_can_be_made(seed: int) -> None:
    records, labels = market(seed, 60)
    assert len(records.invoices) > 1_000
    assert labels


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_has_its_rate(kind: Kind) -> None:
    for seed in SEEDS:
        records, secrets = generated(seed)
        of_goods = kind is Kind.GOODS_COUNTED_TWICE
        listed = records.receipts if of_goods else records.invoices
        honest = sum(1 for one in listed if one.id not in secrets.labels)
        wanted = honest * RATES[kind] / MILLION
        labelled = sum(1 for label in secrets.labels.values() if label is kind)
        # A case is whole: the last may bring some more; some invoices of the honest are later.
        assert 0.95 * wanted - 1 <= labelled <= 1.1 * wanted + 14, (seed, wanted, labelled)


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_is_done_in_each_skill(kind: Kind) -> None:
    for seed in SEEDS:
        _, secrets = generated(seed)
        skills = {secrets.skills[one] for one, label in secrets.labels.items() if label is kind}
        assert skills == set(Skill)


def test_fraud_is_a_few_per_cent_of_invoices() -> None:
    for seed in SEEDS:
        records, secrets = generated(seed)
        fraud = sum(1 for invoice in records.invoices if invoice.id in secrets.labels)
        assert 0.03 < fraud / len(records.invoices) < 0.06


def test_labels_are_of_records_of_the_market() -> None:
    for seed in SEEDS:
        records, secrets = generated(seed)
        invoices = {invoice.id for invoice in records.invoices}
        receipts = {receipt.id for receipt in records.receipts}
        for one, label in secrets.labels.items():
            assert one in (receipts if label is Kind.GOODS_COUNTED_TWICE else invoices)
        assert secrets.labels.keys() == secrets.skills.keys() == secrets.cases.keys()
        assert secrets.labels.keys().isdisjoint(secrets.honest)
        kinds_of_case = {(secrets.cases[one], label) for one, label in secrets.labels.items()}
        assert len(kinds_of_case) == len({case for case, _ in kinds_of_case})


def test_where_the_tax_authority_was_not_asked_there_is_no_fraud_with_it() -> None:
    records, labels = market(5, 60)
    assert not records.tax_known
    assert not records.tax_records
    assert Kind.TAX_MISMATCH not in labels.values()
    assert set(labels.values()) == set(Kind) - {Kind.TAX_MISMATCH}


# ------------------------------------------------------------------------- nothing tells a label


def spread(ranks: Sequence[float]) -> float:
    """How many standard deviations the mean rank (0 to 1) is from that of chance."""
    return abs(sum(ranks) / len(ranks) - 0.5) * math.sqrt(12 * len(ranks))


def ranks_of(ids: Sequence[str], labelled: Iterable[str]) -> list[float]:
    marked = set(labelled)
    return [place / len(ids) for place, one in enumerate(ids) if one in marked]


def test_neither_ids_nor_order_tell_a_label() -> None:
    by_place, by_id, receipts_by_place, receipts_by_id = [], [], [], []
    for seed in SEEDS:
        records, secrets = generated(seed)
        ids = [invoice.id for invoice in records.invoices]
        receipts = [receipt.id for receipt in records.receipts]
        by_place += ranks_of(ids, secrets.labels)
        by_id += ranks_of(sorted(ids), secrets.labels)
        receipts_by_place += ranks_of(receipts, secrets.labels)
        receipts_by_id += ranks_of(sorted(receipts), secrets.labels)
    for ranks in (by_place, by_id, receipts_by_place, receipts_by_id):
        assert len(ranks) > 30
        assert spread(ranks) < 4


def test_the_ranks_of_records_that_are_appended_would_be_noticed() -> None:
    ids = [str(place) for place in range(1_000)]
    assert spread(ranks_of(ids, ids[-40:])) > 10


def test_ids_have_one_form_and_occur_once() -> None:
    records, _ = generated(1)
    for letter, listed in (
        ("p", records.parties),
        ("o", records.orders),
        ("i", records.invoices),
        ("m", records.movements),
        ("r", records.receipts),
        ("b", records.payments),
        ("a", records.assignments),
    ):
        ids = [one.id for one in listed]
        assert len(set(ids)) == len(ids)
        assert all(re.fullmatch(rf"{letter}[0-9a-f]{{15}}", one) for one in ids)


def test_numbers_occur_once_with_a_seller() -> None:
    for seed in SEEDS:
        records, _ = generated(seed)
        numbers = Counter((invoice.seller, invoice.number) for invoice in records.invoices)
        assert max(numbers.values()) == 1


def spelling(number: str) -> frozenset[str]:
    """In which ways a number is written otherwise than sellers write theirs."""
    signs = {
        "small letters": r"[a-z]",
        "space": r"\s",
        "letter for a digit": r"\dO|O\d",
        "letter at the end": r"\dA$",
        "mark of a replacement": r"-R$|/2$",
        "no separator": r"^[^-/ ]+$",
    }
    plain = number.replace("No", "N")
    return frozenset(name for name, sign in signs.items() if re.search(sign, plain))


def test_every_spelling_of_a_number_that_fraud_has_is_honest_too() -> None:
    fraud: set[frozenset[str]] = set()
    honest: set[frozenset[str]] = set()
    for seed in SEEDS:
        records, secrets = generated(seed)
        for invoice in records.invoices:
            labelled = invoice.id in secrets.labels
            (fraud if labelled else honest).add(spelling(invoice.number))
    assert len(fraud) > 3
    assert fraud <= honest


def test_numbers_follow_the_days_of_issue_for_fraud_as_for_others() -> None:
    """A number out of its place would give an invoice away."""
    steps: dict[bool, list[int]] = {True: [], False: []}
    records, secrets = generated(1)
    by_seller: dict[str, list[tuple[int, int, bool]]] = {}
    for invoice in records.invoices:
        plain = re.fullmatch(r"(?:INV-|No-\d\d|[A-Z]{2}-\d{4}-|[A-Z]{2}\d\d/)(\d+)", invoice.number)
        if plain:
            entry = int(plain[1]), invoice.issue_day, invoice.id in secrets.labels
            by_seller.setdefault(invoice.seller, []).append(entry)
    for entries in by_seller.values():
        days = sorted(day for _, day, _ in entries)
        for (_, day, fraud), usual in zip(sorted(entries), days, strict=True):
            steps[fraud].append(abs(day - usual))
    assert len(steps[True]) > 60
    for ranked in steps.values():
        assert max(ranked) <= 4


def test_fraud_is_financed_more_often_and_not_always() -> None:
    records, secrets = generated(1)
    passed = {assignment.invoice_id for assignment in records.assignments}
    invoices = {invoice.id for invoice in records.invoices}
    fraud = invoices & secrets.labels.keys()
    assert 0.7 < len(passed & fraud) / len(fraud) < 0.95
    assert 0.35 < len(passed - fraud) / len(invoices - fraud) < 0.55


def test_the_page_gives_the_rates_of_the_generator() -> None:
    page = (ROOT / "docs" / "explanation" / "fraud-benchmark.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z-]+) \| ([\d,]+)", page, re.MULTILINE)
    rates = {kind: int(rate.replace(",", "")) for kind, rate in rows if kind in set(Kind)}
    assert rates == RATES
