"""The commands `cession valuation back-test FILE` and `cession valuation replay FILE`.

Both return an exit status: 0, or 1 when the file is not valid.
"""

from __future__ import annotations

import sys
from pathlib import Path

from app.domain.money import CurrencyUnknown
from app.domain.valuation.lots import SellingTerms
from app.domain.valuation.margin import MarginTerms
from app.domain.valuation.studies.back_test import back_test
from app.domain.valuation.studies.back_test_report import headline, write_back_test
from app.domain.valuation.studies.commodities import read_commodities
from app.domain.valuation.studies.files import FileInvalid
from app.domain.valuation.studies.replay import replay
from app.domain.valuation.studies.replay_report import headline as replay_headline
from app.domain.valuation.studies.replay_report import write_replay
from app.domain.valuation.studies.retail import read_shop
from app.domain.valuation.studies.walk_forward import soundness
from app.domain.valuation.studies.walk_forward_report import write_walk_forward

_DRAWING = "install the package's extra `studies`, for example `pip install cession[studies]`"


def run_back_test(
    file: Path, *, folder: Path, currency: str, count: int, terms: SellingTerms, hold_out: bool
) -> int:
    """Reads a retailer's sales, writes tables and a plot, and prints the haircuts."""
    try:
        from app.domain.valuation.studies.plots import plot_back_test
    except ModuleNotFoundError as error:
        return _complain(ImportError(f"{error}: {_DRAWING}"))
    try:
        shop = read_shop(file, currency=currency)
        result = back_test(shop, terms=terms, count=count)
        sound = soundness(shop, result, count=count, hold_out=hold_out)
        folder.mkdir(parents=True, exist_ok=True)
        text = write_back_test(folder, result, currency=currency, source=file.name)
        walked = write_walk_forward(folder, sound)
        plot_back_test(folder / "back-test.png", result)
    except (FileInvalid, CurrencyUnknown, OSError) as error:
        return _complain(error)
    print(text.split("## At the haircuts as shipped")[0])
    print(f"{headline(result)}.\n")
    print(walked)
    print(
        f"In {folder}: walk-forward.md .json, back-test.md .json .png, lots.csv, values.csv .json"
    )
    return 0


def run_replay(file: Path, *, folder: Path, terms: MarginTerms) -> int:
    """Reads monthly prices, writes tables and a plot, and prints the losses."""
    try:
        from app.domain.valuation.studies.replay_plot import plot_replay
    except ModuleNotFoundError as error:
        return _complain(ImportError(f"{error}: {_DRAWING}"))
    try:
        series = read_commodities(file)
        loans = replay(series, terms=terms)
        folder.mkdir(parents=True, exist_ok=True)
        text = write_replay(folder, loans, series, terms=terms)
        plot_replay(folder / "replay.png", loans, series)
    except (FileInvalid, OSError) as error:
        return _complain(error)
    print(text.split("## Each commodity")[0])
    print(f"{replay_headline(loans)}.")
    print(f"In {folder}: replay.md .json .png .csv")
    return 0


def _complain(error: Exception) -> int:
    print(f"cession: {error}", file=sys.stderr)
    return 1
