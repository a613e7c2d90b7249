"""`cession valuation back-test FILE` and `cession valuation replay FILE`."""

from __future__ import annotations

import sys
from pathlib import Path

from app.core.money import CurrencyUnknown
from app.valuation.lots import SellingTerms
from app.valuation.studies.back_test import back_test
from app.valuation.studies.back_test_report import headline, report, write_back_test
from app.valuation.studies.files import FileInvalid
from app.valuation.studies.plots import plot_back_test
from app.valuation.studies.retail import read_shop


def run_back_test(
    file: Path, *, folder: Path, currency: str, count: int, terms: SellingTerms
) -> int:
    """Reads a retailer's sales, writes tables and a plot, and prints the haircuts.

    Returns:
        The exit status: 0, or 1 when the file does not hold.
    """
    try:
        shop = read_shop(file, currency=currency)
        result = back_test(shop, terms=terms, count=count)
        folder.mkdir(parents=True, exist_ok=True)
        write_back_test(folder, result, currency=currency, source=file.name)
        plot_back_test(folder / "back-test.png", result)
    except (FileInvalid, CurrencyUnknown, OSError) as error:
        print(f"cession: {error}", file=sys.stderr)
        return 1
    text = report(result, currency=currency, source=file.name)
    print(text.split("## At the haircuts as shipped")[0])
    print(
        f"{headline(result)}.\nIn {folder}: back-test.md, .json, .png, lots.csv, values.csv, .json"
    )
    return 0
