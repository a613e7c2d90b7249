"""Both commands on small example files: their output, and their errors for a bad file."""

from __future__ import annotations

import csv
import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import application
from app.domain.valuation.studies.commodities import COMMODITIES
from app.domain.valuation.studies.files import opened, rows

ROOT = Path(__file__).resolve().parents[3]
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
START = date(2011, 1, 1)


def line(
    invoice: str, code: str, quantity: int | str, day: date | str, price: str, name: str = "TEA"
) -> str:
    """One line of a shop's file."""
    return f'{invoice},{code},"{name}, LOOSE",{quantity},{day} 08:26:00,{price},17850.0,France'


def shop_lines(days: int = 250) -> list[str]:
    """One kind of goods that sells every day, one that stops, a return, a loss and postage."""
    lines = []
    for step in range(days):
        day = START + timedelta(days=step)
        lines.append(line(f"5{step:05}", "10001a", 10, day, "2.55"))
        if step < 100:
            lines.append(line(f"6{step:05}", "20002", 4, day, "1.25", "EGG CUP"))
    lines.append(line("C70000", "10001A", -3, START + timedelta(days=70), "2.55"))
    lines.append(line("C70001", "20002", -9999, START, "1.25"))
    lines.append(line("700002", "10001A", -5, START + timedelta(days=80), "0.0"))
    lines.append(line("700003", "POST", 1, START, "18.0"))
    return lines


def written(path: Path, *lines: str) -> Path:
    """A file of these lines, gzipped where its name says so."""
    data = ("\n".join(lines) + "\n").encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def test_a_file_that_begins_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    for name in ("sales.csv", "sales.csv.gz"):
        path = written(tmp_path / name, "\ufeff" + HEADER, *shop_lines())
        with opened(path) as text:
            first = next(rows(text, path=path, columns=["InvoiceNo", "UnitPrice"]))
        assert first == (2, ("500000", "2.55"))


def run(*arguments: object) -> tuple[int, str, str]:
    """Exit status and what was printed, in the way of a console."""
    result = CliRunner().invoke(application, ["valuation", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def test_the_back_test_writes_tables_a_plot_and_explained_values(tmp_path: Path) -> None:
    file = written(tmp_path / "shop.csv.gz", HEADER, *shop_lines())
    folder = tmp_path / "out"
    status, printed, _ = run("back-test", file, "--folder", folder)
    assert status == 0
    names = {"back-test.md", "back-test.json", "back-test.png"}
    assert {path.name for path in folder.iterdir()} == names | {
        *("lots.csv", "values.csv", "values.json", "walk-forward.md", "walk-forward.json"),
    }
    assert "| A | 100% | fewer than 30 lots |" in printed
    report = json.loads((folder / "back-test.json").read_text())
    assert report["months"] == ["2011-03", "2011-04", "2011-05"]
    assert report["counts"]["returns of goods that the file never shows sold, left out"] == 1
    assert (folder / "back-test.png").read_bytes().startswith(b"\x89PNG")
    valued = json.loads((folder / "values.json").read_text())
    assert [item["sku"] for item in valued] == ["10001A"]
    assert valued[0]["figures"][0]["value"] == 255_000


def test_missing_plot_library_gives_one_line_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("plots", "replay_plot"):
        monkeypatch.delitem(sys.modules, f"app.domain.valuation.studies.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for command in ("back-test", "replay"):
        status, _, complaint = run(command, tmp_path / "none.csv")
        assert status == 1
        assert "pip install cession[studies]" in complaint and complaint.count("\n") == 1


def test_a_lot_of_the_back_test_can_be_followed(tmp_path: Path) -> None:
    file = written(tmp_path / "shop.csv", HEADER, *shop_lines())
    assert run("back-test", file, "--folder", tmp_path)[0] == 0
    with (tmp_path / "lots.csv").open() as stream:
        lots = {(row["valued"], row["sku"]): row for row in csv.DictReader(stream)}
    steady = lots["2011-03-31", "10001A"]
    # 840 sold and three back; sixty days of that pace.
    assert (steady["sold"], steady["lot"]) == ("837000", str(837_000 * 60 // 84))
    assert (steady["left"], steady["grade"]) == ("0", "A")
    # It stopped on 10 April: 40 of a lot of 240 sold after March.
    stopped = lots["2011-03-31", "20002"]
    assert (stopped["lot"], stopped["left"]) == ("240000", "200000")
    proceeds = (40_000 + 200_000 // 4) * 125_000
    assert stopped["proceeds"] == str(proceeds)


def test_the_same_file_gives_the_same_tables(tmp_path: Path) -> None:
    file = written(tmp_path / "shop.csv", HEADER, *shop_lines())
    for name in ("one", "two"):
        assert run("back-test", file, "--folder", tmp_path / name)[0] == 0
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def column_lost(text: str) -> str:
    """The header without a column that is needed."""
    return text.replace("UnitPrice", "Price")


BAD_SHOPS: dict[str, tuple[list[str], str]] = {
    "nothing in it": ([], "is empty"),
    "a column missing": (
        [column_lost(HEADER)],
        "line 1: no column 'UnitPrice'; the columns are Invoice",
    ),
    "a field too few": ([HEADER, "1,2,3"], "line 2: 3 fields, but 8 columns"),
    "no number": (
        [HEADER, line("1", "10001", "many", START, "1.0")],
        "line 2, column Quantity: 'many' is not a whole number",
    ),
    "a quantity of nothing": (
        [HEADER, line("1", "10001", 0, START, "1.0")],
        "line 2, column Quantity: '0' is not a quantity",
    ),
    "no price": (
        [HEADER, line("1", "10001", 1, START, "1"), line("1", "10001", 1, START, "free")],
        "line 3, column UnitPrice: 'free' is not a price",
    ),
    "a price that is infinite": (
        [HEADER, line("1", "10001", 1, START, "Infinity")],
        "line 2, column UnitPrice: 'Infinity' is not a price",
    ),
    "a price below zero": (
        [HEADER, line("1", "10001", 1, START, "-1.0")],
        "line 2, column UnitPrice: '-1.0' is not a price of goods",
    ),
    "no date": (
        [HEADER, line("1", "10001", 1, "31/3/2011", "1.0")],
        "line 2, column InvoiceDate: '31/3/2011 08:26:00' is not a date",
    ),
    "less than nothing sold": (
        [HEADER, line("1", "10001", -1, START, "1.0")],
        "line 2, column Quantity: '-1' is not a quantity for this InvoiceNo",
    ),
    "no goods": ([HEADER, line("1", "POST", 1, START, "1.0")], "no line has a StockCode of goods"),
    "too few days": ([HEADER, *shop_lines(days=120)], "have no month's end"),
}


@pytest.mark.parametrize("case", BAD_SHOPS.values(), ids=BAD_SHOPS.keys())
def test_back_test_names_the_fault_of_a_file(case: tuple[list[str], str], tmp_path: Path) -> None:
    lines, words = case
    file = tmp_path / "shop.csv"
    file.write_text("".join(f"{item}\n" for item in lines))
    status, _, complaint = run("back-test", file, "--folder", tmp_path / "out")
    assert status == 1
    assert words in complaint
    assert not (tmp_path / "out").exists()


def test_a_cut_off_gzip_file_is_named(tmp_path: Path) -> None:
    file = written(tmp_path / "shop.csv.gz", HEADER, *shop_lines())
    file.write_bytes(file.read_bytes()[:-200])
    status, _, complaint = run("back-test", file)
    assert status == 1
    assert "cannot be unpacked" in complaint


def test_back_test_names_a_missing_file_and_an_unknown_currency(tmp_path: Path) -> None:
    assert "No such file" in run("back-test", tmp_path / "none.csv")[2]
    file = written(tmp_path / "shop.csv", HEADER, *shop_lines())
    status, _, complaint = run("back-test", file, "--currency", "XXY")
    assert (status, "not a currency of ISO 4217" in complaint) == (1, True)


def months() -> list[date]:
    """From 2003 to 2016."""
    return [date(year, month, 1) for year in range(2003, 2017) for month in range(1, 13)]


def price_lines(price: Callable[[date], str]) -> list[str]:
    """A file of prices in which all goods cost the same."""
    columns = ",".join(["Date", *(f'"{item.column}"' for item in COMMODITIES)])
    rows = [",".join([day.isoformat(), *[price(day)] * len(COMMODITIES)]) for day in months()]
    return [columns, *rows]


def halved(day: date) -> str:
    """A price that moves a little, and halves in October of 2008."""
    return f"{(50 if day >= date(2008, 10, 1) else 100) + day.month % 2}.5"


def test_replay_writes_every_event(tmp_path: Path) -> None:
    file = written(tmp_path / "prices.csv.gz", *price_lines(halved))
    status, printed, _ = run("replay", file, "--folder", tmp_path / "out")
    assert status == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"replay.md", "replay.json", "replay.csv", "replay.png"}
    report = json.loads((tmp_path / "out" / "replay.json").read_text())
    rows = {(row["commodity"], row["period"], row["conduct"]): row for row in report["summaries"]}
    # Opened from November 2007 to September 2008, and open when the price halved; without rules
    # the one of October 2007 too, which fell due that day.
    assert rows["oil", "2008", "every call cured"]["liquidations"] == 11
    assert rows["oil", "2008", "no rule set"]["losses"] == 12
    assert rows["oil", "2014 to 2016", "no rule set"]["losses"] == 0
    assert report["headline"] in printed
    with (tmp_path / "out" / "replay.csv").open() as stream:
        lines = [row for row in csv.DictReader(stream) if row["happening"] == "liquidation"]
    assert {row["day"] for row in lines if row["conduct"] == "every call cured"} == {"2008-10-04"}


BAD_PRICES: dict[str, tuple[Callable[[list[str]], list[str]], str]] = {
    "a column missing": (
        lambda lines: [lines[0].replace("Rubber", "Gum"), *lines[1:]],
        "line 1: no column 'Rubber'",
    ),
    "a month missing": (
        lambda lines: lines[:5] + lines[6:],
        "line 6, column Date: '2003-06-01' is not the month after 2003-04-01",
    ),
    "a day within the month": (
        lambda lines: [lines[0], lines[1].replace("2003-01-01", "2003-01-15"), *lines[2:]],
        "line 2, column Date: '2003-01-15' is not the first day of a month",
    ),
    "a hole in the prices": (
        lambda lines: [*lines[:9], "2003-09-01,,1,1,1,1", *lines[10:]],
        "line 10, column Copper: '' is not a price as a decimal number",
    ),
    "a price of nothing": (
        lambda lines: [*lines[:9], "2003-09-01,1,1,0,1,1", *lines[10:]],
        "line 10, column Cotton: '0' is not a price above zero",
    ),
    "too short a past": (lambda lines: [lines[0], *lines[30:]], "at least 36 are needed"),
    "too early an end": (lambda lines: lines[:100], "no price for 2013-01-01; it has 99 months"),
    "an empty column": (
        lambda lines: [lines[0], *(f"{item[:10]},1,1,1,1," for item in lines[1:])],
        "column Crude Oil - petroleum-simple average of three spot prices has no price",
    ),
}


@pytest.mark.parametrize("case", BAD_PRICES.values(), ids=BAD_PRICES.keys())
def test_replay_names_the_fault_of_a_file(
    case: tuple[Callable[[list[str]], list[str]], str], tmp_path: Path
) -> None:
    change, words = case
    file = written(tmp_path / "prices.csv", *change(price_lines(halved)))
    status, _, complaint = run("replay", file, "--folder", tmp_path / "out")
    assert status == 1
    assert words in complaint


@pytest.mark.parametrize("target", ["back-test", "replay"])
def test_make_names_the_missing_data_file(target: str, tmp_path: Path) -> None:
    done = subprocess.run(
        ["make", "--no-print-directory", "-o", "setup", target, f"DATA={tmp_path}/none.csv"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert f"give one: make {target} DATA=" in done.stderr
