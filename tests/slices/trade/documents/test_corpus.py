"""Real documents, documents of kinds that once failed (if their folder exists), and large ones.

The files are no part of the project: `../shared`, or the folder that `SHARED_PAPERS` names.
"""

from __future__ import annotations

import cProfile
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.catalogue_files import CatalogueInvalid, read_catalogue
from app.domain.csv_rows import TableInvalid
from app.domain.valuation.studies.files import opened, rows
from app.goods.stock.reader import read_stock_file
from app.lending.payments.messages import camt054
from app.trade.documents.checks import findings
from app.trade.documents.errors import DocumentError
from app.trade.documents.model import view
from app.trade.documents.reader import read_document
from benchmarks.documents import PAPERS
from tests.support.bodies import Json
from tests.support.documents import TODAY

ROOT = Path(__file__).parents[4]
SHARED = Path(os.environ.get("SHARED_PAPERS", ROOT.parent / "shared"))
CASES = SHARED / "cases" / "documents"
INVOICES = SHARED / "data" / "invoices"
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="the cases are not here")
needs_invoices = pytest.mark.skipif(not INVOICES.is_dir(), reason="the invoices are not here")
ZONE = 8 * 3600


def told(content: bytes) -> Json:
    """The view of a document, or the code of its error."""
    try:
        document = read_document(content)
    except DocumentError as error:
        return {"refused": error.code, "fix": error.fix}
    wrong = findings(document, today=TODAY)
    if wrong:
        return {"refused": wrong[0].code, "fix": wrong[0].fix}
    return dict(view(document))


HALVES = [
    {"amount": "59.50", "dueDate": "2026-05-31"},
    {"amount": "59.50", "dueDate": "2026-08-31"},
]


@needs_cases
@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("01", {"dueDate": None}),
        ("02", {"dueDate": None}),
        ("03", {"dueDate": None, "instalments": HALVES}),
        ("05", {"dueDate": "2026-06-30"}),
        ("30", {"assignment": {"basis": ["type-code", "payee"], "payee": "Example Factor SA"}}),
        ("31", {"assignment": {"basis": ["note", "payee"], "payee": "Example Factor SA"}}),
        ("32", {"refused": "document-test"}),
        ("33", {"number": "CORR-1", "typeCode": "384"}),
        ("37", {"refused": "xml-encoding"}),
        ("39", {"refused": "totals-mismatch"}),
        ("50", {"payableAmount": "69.00"}),
        ("51", {"dueDate": "2026-05-31"}),
        ("64", {"format": "factur-x", "number": "T-1"}),
        ("65", {"currency": "XCG"}),
        ("67", {"payableAmount": "100.00"}),
        ("68", {"payableAmount": "149.00"}),
        ("70", {"refused": "amount-negative"}),
        ("72", {"format": "ubl"}),
    ],
)
def test_each_case_is_read_or_refused_as_it_must_be(name: str, members: Json) -> None:
    result = told(next(iter(CASES.glob(f"{name}-*.[xp][md][lf]"))).read_bytes())
    assert {key: result.get(key) for key in members} == members


@needs_cases
def test_the_cases_of_parties_and_texts_are_read() -> None:
    seller = told((CASES / "06-ubl-tax-scheme-not-vat.xml").read_bytes())["seller"]
    assert (seller["id"], seller["scheme"]) == ("SE556677889901", "VAT")
    assert seller["otherIds"] == [{"id": "Godkänd för F-skatt", "scheme": "TAX"}]
    content = (CASES / "20-json-lone-surrogate.json").read_bytes()
    assert told(content)["refused"] == "json-malformed"


@needs_cases
def test_the_cases_of_banks_are_read() -> None:
    def loans(name: str) -> list[tuple[str, int, int | None]]:
        content = next(iter(CASES.glob(f"{name}-*.xml"))).read_bytes()
        return [(entry.reference, entry.amount, entry.loan_id) for entry in camt054(content)]

    assert loans("08") == [("BANKREF1", 100_00, None)]
    (first,), (second,) = loans("09a"), loans("09b")
    assert (first[1:], second[1:]) == ((100_00, 1), (100_00, 2))
    assert first[0] != second[0]
    assert loans("56") == [("BANKREF1 1", 60_00, 1), ("BANKREF1 2", 40_00, 2)]
    assert [loan[0] for loan in loans("58")] == ["G1", "G3"]
    assert loans("59") == [("BANKREF1", 100_00, 7)]


@needs_cases
def test_the_cases_of_stock_products_and_sales_are_read() -> None:
    (moved,) = read_stock_file(
        (CASES / "61-epcis-no-uom.json").read_bytes(), zone_offset=ZONE
    ).movements
    assert (moved.quantity, moved.unit) == (10_000, "H87")
    with pytest.raises(TableInvalid, match="EventList: is missing or empty"):
        read_stock_file((CASES / "63-epcis.xml").read_bytes(), zone_offset=ZONE)
    with pytest.raises(CatalogueInvalid, match="penalty occurs twice"):
        read_catalogue(CASES / "12-products-duplicate-key.yaml")
    path = CASES / "69-valuation-bom.csv"
    with opened(path) as text:
        assert next(rows(text, path=path, columns=["InvoiceNo"])) == (2, ("536365",))


@needs_invoices
def test_every_real_invoice_is_read_and_comes_back_from_its_json() -> None:
    files = sorted(INVOICES.glob("*.xml"))
    assert files
    for path in files:
        document = read_document(path.read_bytes())
        assert findings(document) == [], path.name
        shown = view(document)
        assert view(read_document(json.dumps(shown).encode())) == shown | {"format": "json"}


# -- large documents: the work grows with their size, and no faster; `make bench` has the seconds


def _calls(read: Callable[[bytes], int], content: bytes) -> int:
    """How many functions are called to read a document."""
    profile = cProfile.Profile()
    profile.runcall(read, content)
    return sum(int(entry.callcount) for entry in profile.getstats())


@pytest.mark.parametrize("name", PAPERS)
def test_reading_takes_work_in_proportion_to_the_documents_size(name: str) -> None:
    make, _, read = PAPERS[name]
    small, large = make(300), make(600)
    assert read(large) - read(small) in (0, 300)
    assert _calls(read, large) < 2.2 * _calls(read, small)
