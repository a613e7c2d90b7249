"""The judge counts findings that were written by hand, and the command refuses what it cannot."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from app.domain.crosschecks.records import Finding, Invoice, Kind, Market, Receipt
from benchmarks.fraud import judge
from benchmarks.fraud.__main__ import SeedsInvalid, main, seeds
from benchmarks.fraud.drafts import Honest, Skill
from benchmarks.fraud.generator import Secrets
from benchmarks.fraud.judge import Count, FindingInvalid, Run
from benchmarks.fraud.report import report, verdicts, write

COPY, SPLIT, TWICE = Kind.DUPLICATE_INVOICE, Kind.SPLIT_INVOICE, Kind.GOODS_COUNTED_TWICE
SECRETS = Secrets(
    labels={"copy": COPY, "part-1": SPLIT, "part-2": SPLIT, "lot": TWICE},
    skills={
        "copy": Skill.CAREFUL,
        "part-1": Skill.CLUMSY,
        "part-2": Skill.CLUMSY,
        "lot": Skill.TRAINED,
    },
    cases={"copy": 1, "part-1": 2, "part-2": 2, "lot": 3},
    honest={"weekly": Honest.RECURRING},
)


def said(kind: Kind, *subjects: str, weight: int = 700_000) -> Finding:
    return Finding(kind, subjects, weight, "A reason.")


def run(*findings: Finding, seed: int = 1, secrets: Secrets = SECRETS) -> Run:
    return Run(seed=seed, secrets=secrets, findings=findings, invoices=100, days=10)


MIXED = run(
    said(COPY, "source", "copy", weight=900_000),  # true: a subject bears the label
    said(COPY, "weekly", "source", weight=600_000),  # a false alarm
    said(SPLIT, "part-1", weight=400_000),  # true, one of two parts
    said(COPY, "part-2", weight=300_000),  # fraud, though of another kind
    said(TWICE, "lot", weight=200_000),  # true
)


def test_a_finding_is_true_if_a_subject_bears_a_label() -> None:
    assert judge.count(MIXED, 0) == Count(
        findings=5, true=4, labelled=4, caught=4, false_alarms=1, days=10
    )


def test_a_threshold_counts_findings_of_that_weight_and_above() -> None:
    assert judge.count(MIXED, 600_000) == Count(2, 1, 4, 1, 1, 10)
    assert judge.count(MIXED, 600_001) == Count(1, 1, 4, 1, 0, 10)
    assert judge.count(MIXED, 1_000_000) == Count(0, 0, 4, 0, 0, 10)


def test_a_kind_counts_only_its_own_labels_and_findings() -> None:
    assert judge.count(MIXED, 0, COPY) == Count(3, 1, 1, 1, 1, 10)
    assert judge.count(MIXED, 0, SPLIT) == Count(1, 1, 2, 1, 0, 10)
    assert judge.count(MIXED, 0, TWICE) == Count(1, 1, 1, 1, 0, 10)
    assert judge.count(MIXED, 0, Kind.OVERSOLD) == Count(0, 0, 0, 0, 0, 10)


def test_a_record_that_another_check_noticed_is_caught_by_any() -> None:
    assert judge.caught_by_any([MIXED], 0, SPLIT) == Count(labelled=2, caught=2)


def test_a_record_is_caught_once_however_many_findings_name_it() -> None:
    twice = run(said(COPY, "copy"), said(COPY, "copy", "source"))
    assert judge.count(twice, 0).caught == 1


def test_ratios_are_none_where_nothing_was_counted() -> None:
    empty = Count()
    assert (empty.precision, empty.recall, empty.alarms_a_day, empty.balance) == (None,) * 3 + (0,)
    whole = Count(findings=4, true=3, labelled=6, caught=2, false_alarms=1, days=10)
    assert whole.precision == 3 / 4
    assert whole.recall == 1 / 3
    assert whole.alarms_a_day == 1 / 10
    assert whole.balance == pytest.approx(2 * (3 / 4) * (1 / 3) / (3 / 4 + 1 / 3))


def test_the_threshold_is_that_of_highest_recall_at_the_target_of_precision() -> None:
    runs = [
        run(
            *(said(COPY, "copy", weight=900_000) for _ in range(4)),
            said(SPLIT, "part-1", "part-2", weight=500_000),
            said(COPY, "weekly", weight=450_000),
            *(said(COPY, "weekly", weight=200_000) for _ in range(9)),
            said(TWICE, "lot", weight=150_000),
        )
    ]
    # At 450,000 five of six are true; below, all alarms are read for one more record.
    assert judge.choose_threshold(runs) == 500_000


def test_the_threshold_balances_both_where_no_precision_is_enough() -> None:
    runs = [
        run(
            said(COPY, "weekly", weight=900_000),
            said(COPY, "copy", weight=600_000),
            *(said(COPY, "weekly", weight=100_000) for _ in range(9)),
        )
    ]
    assert judge.choose_threshold(runs) == 600_000


def test_bounds_are_those_of_drawing_seeds_again() -> None:
    good = Count(findings=10, true=10, labelled=10, caught=10, days=1)
    bad = Count(findings=10, true=0, labelled=10, caught=0, days=1)

    def recall(count: Count) -> float | None:
        return count.recall

    assert judge.interval([good] * 5, recall) == (1, 1)
    low, high = judge.interval([good] * 5 + [bad] * 5, recall) or (9, 9)
    assert low == pytest.approx(0.2, abs=0.1)
    assert high == pytest.approx(0.8, abs=0.1)
    assert judge.interval([good] * 5 + [bad] * 5, recall) == (low, high)
    assert judge.interval([Count()], recall) is None


def test_false_alarms_are_counted_by_what_made_honest_records_odd() -> None:
    alarms = run(
        said(COPY, "weekly", "x"), said(COPY, "weekly"), said(SPLIT, "x"), said(COPY, "copy")
    )
    assert judge.false_alarms([alarms], 0) == {
        (COPY, Honest.RECURRING.value): 2,
        (SPLIT, judge.PLAIN): 1,
    }


def test_recall_is_counted_by_skill() -> None:
    assert judge.caught_by_skill([MIXED], 400_000) == {
        (COPY, Skill.CAREFUL): Count(labelled=1, caught=1),
        (SPLIT, Skill.CLUMSY): Count(labelled=2, caught=1),
        (TWICE, Skill.TRAINED): Count(labelled=1, caught=0),
    }


def test_one_finding_that_names_everything_shows() -> None:
    honest = tuple(f"honest-{place}" for place in range(96))
    swept = run(said(COPY, *SECRETS.labels, *honest))
    assert judge.count(swept, 0).precision == 1
    assert judge.subjects_named([swept], 0) == (100, 4)


MARKET = Market(
    today=20_000,
    review_limit=1,
    tax_known=True,
    invoices=(Invoice("i1", "1", "a", "b", "CNY", 5, 1, 2, 1),),
    receipts=(Receipt("r1", "w", "a", "wheat", 5, 1),),
)


@pytest.mark.parametrize(
    ("finding", "fault"),
    [
        (said(COPY), "no subjects"),
        (said(COPY, "i2"), "subject 'i2' is no invoice"),
        (said(COPY, "r1"), "subject 'r1' is no invoice"),
        (said(TWICE, "i1"), "subject 'i1' is no receipt"),
        (said(COPY, "i1", weight=-1), "weight -1"),
        (said(COPY, "i1", weight=1_000_001), "weight 1000001"),
    ],
)
def test_a_finding_that_says_nothing_of_the_market_is_refused(finding: Finding, fault: str) -> None:
    good = said(COPY, "i1"), said(TWICE, "r1")
    assert judge.check(good, MARKET) == good
    with pytest.raises(FindingInvalid, match=rf"finding 2 \({finding.kind}\): {fault}"):
        judge.check([*good, finding], MARKET)


def test_working_days_are_mondays_to_fridays() -> None:
    assert judge.working_days(4, 10) == 5  # day 4 is Monday, 5 January 1970
    assert judge.working_days(2, 3) == 0


def test_the_report_judges_at_the_threshold_of_the_other_seeds(tmp_path: Path) -> None:
    chosen = [run(said(COPY, "copy", weight=900_000), said(COPY, "weekly", weight=100_000))]
    result = report(chosen, [MIXED], size=60, detector="a:b")
    assert result.threshold == 900_000
    assert [row["findings"] for row in result.tables["overall"]] == [1, 1]
    assert result.row("kinds", kind=COPY)["recall"] == 1
    assert result.row("kinds", kind=SPLIT)["recall"] == 0
    assert verdicts(result) == [
        "precision over all: 1.000, target 0.8: met",
        "recall over all: 0.250, target 0.9: missed",
        "recall of the weakest kind (split-invoice): 0.000, target 0.6: missed",
    ]
    write(tmp_path, result)
    stored = json.loads((tmp_path / "fraud-bench.json").read_text())
    for name, rows in result.tables.items():
        with (tmp_path / f"{name}.csv").open() as file:
            assert len(list(csv.DictReader(file))) == len(rows) == len(stored[name])


# --------------------------------------------------------------------------------- the command


def test_seeds_are_ranges_or_lists() -> None:
    assert seeds("11-13") == (11, 12, 13)
    assert seeds("4, 1,7-8") == (4, 1, 7, 8)


@pytest.mark.parametrize("text", ["", "a", "3-", "5-4", "1,1", "1-3,2", "-4", "1-99999"])
def test_other_seeds_are_refused(text: str) -> None:
    with pytest.raises(SeedsInvalid, match="seeds"):
        seeds(text)


def command(folder: Path, detector: str, *more: str) -> int:
    return main(
        [
            *("--seeds", "2", "--choose", "1", "--size", "60"),
            *("--detector", detector, "--folder", str(folder), *more),
        ]
    )


def test_the_command_judges_and_puts_an_earlier_run_beside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    assert command(first, "tests.support.detectors:nothing") == 0
    stored = json.loads((first / "fraud-bench.json").read_text())
    assert stored["overall"][1]["recall"] == 0
    assert stored["overall"][1]["precision"] is None
    earlier = str(first / "fraud-bench.json")
    assert command(second, "tests.support.detectors:everything", "--beside", earlier) == 0
    stored = json.loads((second / "fraud-bench.json").read_text())
    judged = stored["overall"][1]
    assert judged["findings"] == judged["invoices"]
    assert 0.02 < judged["precision"] < 0.1
    assert {path.name for path in second.iterdir()} == {
        *(f"{name}.csv" for name in stored if isinstance(stored[name], list) and name[-2:] != "on"),
        *("fraud-bench.json", "fraud-bench.png"),
    }
    assert (second / "fraud-bench.png").read_bytes().startswith(b"\x89PNG")
    seconds = [row["seconds"] for row in stored["seeds"]]
    assert len(seconds) == 2
    assert all(row["peak_megabytes"] >= row["market_megabytes"] > 1 for row in stored["seeds"])
    assert "over all" in capsys.readouterr().out


def test_the_projects_own_checks_are_judged_unless_another_is_named(tmp_path: Path) -> None:
    words = ("--seeds", "2", "--choose", "1", "--size", "60", "--folder", str(tmp_path))
    assert main(words) == 0
    stored = json.loads((tmp_path / "fraud-bench.json").read_text())
    assert stored["overall"][1]["recall"] > 0


@pytest.mark.parametrize(
    ("detector", "more", "fault"),
    [
        ("tests.support.detectors:missing", (), "detector 'tests.support.detectors:missing'"),
        ("tests.support.nowhere:find", (), "name one as module:function"),
        ("tests.support.detectors", (), "name one as module:function"),
        ("tests.support.detectors:nothing", ("--choose", "2"), "seed 2 would choose"),
        ("tests.support.detectors:nothing", ("--size", "3"), "size 3: take 60 to 5000"),
        ("tests.support.detectors:strangers", (), "subject 'i-elsewhere' is no invoice"),
    ],
)
def test_the_command_says_what_it_cannot_judge(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    detector: str,
    more: tuple[str, ...],
    fault: str,
) -> None:
    assert command(tmp_path / "none", detector, *more) == 2
    assert fault in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_an_earlier_run_of_other_markets_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nothing = "tests.support.detectors:nothing"
    assert command(tmp_path, nothing) == 0
    earlier = str(tmp_path / "fraud-bench.json")
    assert command(tmp_path / "none", nothing, "--seeds", "3", "--beside", earlier) == 2
    assert "other markets than these" in capsys.readouterr().err
    assert command(tmp_path / "none", nothing, "--beside", str(tmp_path / "kinds.csv")) == 2
    assert "no report of make fraud-bench" in capsys.readouterr().err
