"""Fits scorecards to cases whose outcome is known, judges them, and writes a model card.

Without a file it takes simulated trade and public loans. Ends with 0 whoever wins, and with 2 if it
could not judge.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from app.domain.calendar import day_of
from app.domain.scoring.card_file import read_card
from app.domain.scoring.model import Card, Text
from app.domain.scoring.problems import Refused
from benchmarks.credit import hold_out, public
from benchmarks.credit.assumptions import Assumptions
from benchmarks.credit.cases import StudyCase, table_of
from benchmarks.credit.fitted import Fit
from benchmarks.credit.fitting import columns_of, fitted
from benchmarks.credit.generator import SizeRefused, trade_cases
from benchmarks.credit.metrics import OneOutcome
from benchmarks.credit.model_card import model_card
from benchmarks.credit.outcomes import read_outcomes
from benchmarks.credit.parts import PartsInvalid, parted
from benchmarks.credit.plots import plot_public, plot_trade
from benchmarks.credit.study import Look, Study, conditions, studied
from benchmarks.credit.tables import (
    Row,
    Tables,
    assumption_rows,
    bounds_of,
    decile_rows,
    markdown,
    rounded,
    seed_row,
    trade_tables,
    write_tables,
)
from benchmarks.credit.trade_card import file_of

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "credit-study"
SIMULATION = Text("simulated trade", "按模拟贸易数据拟合")
OUTCOMES = Text("outcomes of firms", "按企业实际结果拟合")


class OptionInvalid(ValueError):
    """An option cannot be read, or a file is not there."""


def seeds_of(text: str) -> tuple[int, ...]:
    """Seeds written as `1,2,3`; none if it is empty.

    Raises:
        OptionInvalid.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isdecimal() for part in parts) or len(set(parts)) < len(parts):
        raise OptionInvalid(f"--seeds {text!r}: write whole numbers, each once, like 1,2,3")
    return tuple(int(part) for part in parts)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.credit", description=__doc__)
    parser.add_argument("--outcomes", type=Path, help="CSV of cases with their outcomes")
    parser.add_argument("--card", type=Path, default=ROOT / "scorecards" / "trade.yaml")
    parser.add_argument("--seed", type=int, default=2027, help="of the simulated trade")
    parser.add_argument("--seeds", default="11,12,13,14", help="other markets, for stability")
    parser.add_argument("--size", type=int, default=600, help="firms of each cohort")
    parser.add_argument("--draws", type=int, default=300, help="for the bounds")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args(arguments)
    try:
        if options.draws < 100:  # noqa: PLR2004 - 95 % of fewer is a matter of two or three
            raise OptionInvalid(f"--draws {options.draws}: take 100 or more")
        if options.outcomes is not None:
            return _real(options)
        return _simulated(options)
    except Refused as error:
        for problem in error.problems:
            print(f"credit-study: {options.outcomes or options.card}: {problem}", file=sys.stderr)
    except OSError as error:
        print(f"credit-study: {error.filename}: {error.strerror}", file=sys.stderr)
    except (
        hold_out.HoldOutSpent,
        OneOutcome,
        OptionInvalid,
        PartsInvalid,
        SizeRefused,
        public.DataMissing,
    ) as error:
        print(f"credit-study: {error}", file=sys.stderr)
    return 2


def _simulated(options: argparse.Namespace) -> int:
    """Simulated trade, other seeds of it, and public loans."""
    began, given = time.process_time(), Assumptions()
    others = seeds_of(options.seeds)
    if options.seed in others:
        raise OptionInvalid(f"--seeds {options.seeds!r}: {options.seed} is the seed of the study")
    champion = read_card(options.card.read_bytes())
    folder = options.folder or FOLDER
    cases = trade_cases(options.seed, options.size, given)
    study = _study(cases, champion, SIMULATION)
    looks = _looks(study, options, folder)
    tables = trade_tables(study, looks, conditions(*looks, real=False))
    tables["seeds"] = [seed_row(options.seed, study, looks[-1])]
    for seed in others:
        _say(f"seed {seed}")
        other = _study(trade_cases(seed, options.size, given), champion, SIMULATION)
        tables["seeds"].append(seed_row(seed, other, other.look("hold-out", seed=seed, draws=0)))
    _public(tables, draws=options.draws)
    tables["assumptions"] = assumption_rows(given)
    about: Row = {
        "cases": "simulated trade",
        "seed": options.seed,
        "firms_of_a_cohort": options.size,
        "other_seeds": options.seeds,
        "draws": options.draws,
    }
    _write(folder, study, looks[-1], tables, about=about, source=SIMULATION, left_out={})
    plot_public(folder / "public.png", tables)
    print(f"{time.process_time() - began:.0f} s of processor time; in {folder}: model-card.md")
    return 0


def _real(options: argparse.Namespace) -> int:
    """Cases with outcomes from a file."""
    champion = read_card(options.card.read_bytes())
    today = day_of(date.today())
    read = read_outcomes(options.outcomes.read_bytes(), card=champion, today=today)
    folder = options.folder or FOLDER / "outcomes"
    study = _study(read.cases, champion, OUTCOMES)
    looks = _looks(study, options, folder)
    tables = trade_tables(study, looks, conditions(*looks, real=True))
    about: Row = {
        "cases": options.outcomes.name,
        "used": len(read.cases),
        "refused": read.refused,
        "too_young": read.too_young,
        "draws": options.draws,
    }
    left_out = {"refused": read.refused, "too_young": read.too_young}
    _write(folder, study, looks[-1], tables, about=about, source=OUTCOMES, left_out=left_out)
    print(f"In {folder}: model-card.md")
    return 0


def _study(cases: Sequence[StudyCase], champion: Card, source: Text) -> Study:
    columns = columns_of(champion)

    def fitter(train: Sequence[StudyCase], max_bins: int) -> Fit:
        return fitted(train, columns, max_bins=max_bins)

    return studied(parted(cases), champion=champion, fitter=fitter, source=source)


def _looks(study: Study, options: argparse.Namespace, folder: Path) -> tuple[Look, Look]:
    """The looks at the middle part and, once, at the hold-out."""
    middle = study.look("choose", seed=options.seed, draws=options.draws)
    hold_out.opened(folder, study)
    return middle, study.look("hold-out", seed=options.seed, draws=options.draws)


def _public(tables: Tables, *, draws: int) -> None:
    tables["public"], tables["public-calibration"] = [], []
    for source in public.SOURCES:
        _say(f"public data: {source.name}")
        result = public.study(source, draws=draws)
        for model in result.models:
            tables["public"].append(
                {
                    "data": source.name,
                    "package": source.package,
                    "model": model.name,
                    "hold_out": f"{result.parts[-1][0]} cases, {result.parts[-1][1]} bad",
                    **bounds_of("auc", model.auc),
                    **bounds_of("ks", model.ks),
                    **bounds_of("brier", model.brier),
                    "brier_of_rate": rounded(result.brier_of_rate),
                    "psi": rounded(result.drift) if model.name == "scorecard" else None,
                    "default": source.says,
                }
            )
        tables["public-calibration"] += decile_rows(source.name, result.deciles)


def _write(
    folder: Path,
    study: Study,
    last: Look,
    tables: Tables,
    *,
    about: Row,
    source: Text,
    left_out: dict[str, int],
) -> None:
    write_tables(folder, tables, about=about)
    card = file_of(
        study.chosen.fit, champion=study.champion.card, scale=study.champion.scale, source=source
    )
    (folder / "challenger.yaml").write_text(card, encoding="utf-8")
    every = [case for _, part in study.parts.named() for case in part]
    (folder / "cases.csv").write_text(table_of(every, study.champion.card), encoding="utf-8")
    page = model_card(study, tables, about=about, simulated=source is SIMULATION, left_out=left_out)
    (folder / "model-card.md").write_text(page, encoding="utf-8")
    title = f"Champion and challenger on the hold-out: {last.cases} cases, {last.defaults} defaults"
    plot_trade(folder / "trade.png", last, title)
    for name in ("cards", "tiers", "conditions", "seeds", "public"):
        if name in tables:
            print(f"\n{name}\n{markdown(tables[name])}")


def _say(text: str) -> None:
    print(f"credit-study: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
