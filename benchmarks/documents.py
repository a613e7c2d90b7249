"""How long large papers take: processor time to read and check each, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from app.goods.stock.model import check, numbered
from app.goods.stock.reader import read_stock_file
from app.lending.payments.camt import read_statement
from app.trade.documents.checks import findings
from app.trade.documents.reader import read_document

SECONDS = 2.0
LINES, ELEMENTS, ENTRIES, MOVEMENTS = 12_000, 1_000_000, 12_000, 20_000
_SAMPLES = Path(__file__).resolve().parent.parent / "samples"
_ZONE = 8 * 3600
_ROUNDS = 3


def repeated(paper: bytes, start: str, end: str, number: str, *, count: int) -> bytes:
    """The paper with its first line many times.

    Args:
        start, end: tags around a line.
        number: of the line, with `{}` for it; each line gets its own. Empty: lines have none.
    """
    text = paper.decode()
    first, last = text.index(start), text.index(end) + len(end)
    line = text[first:last]
    if not number:
        return (text[:first] + line * count + text[last:]).encode()
    lines = (line.replace(number.format(1), number.format(n), 1) for n in range(10, 10 + count))
    return (text[:first] + "".join(lines) + text[last:]).encode()


def ubl(count: int) -> bytes:
    """UBL of so many lines, and one."""
    paper = (_SAMPLES / "ubl-invoice.xml").read_bytes()
    number = "<cbc:ID>{}</cbc:ID>"
    return repeated(paper, "<cac:InvoiceLine>", "</cac:InvoiceLine>", number, count=count)


def cii(count: int) -> bytes:
    """CII of so many lines."""
    paper = (_SAMPLES / "cii-invoice.xml").read_bytes()
    tag = "ram:IncludedSupplyChainTradeLineItem>"
    return repeated(paper, f"<{tag}", f"</{tag}", "<ram:LineID>{}</ram:LineID>", count=count)


def fapiao(count: int) -> bytes:
    """A Chinese electronic invoice of so many lines, and two."""
    paper = (_SAMPLES / "fapiao.xml").read_bytes()
    tag = "IssuItemInformation>"
    return repeated(paper, f"<{tag}", f"</{tag}", "", count=count)


def elements(count: int) -> bytes:
    """UBL with so many elements that say nothing."""
    paper = (_SAMPLES / "ubl-invoice.xml").read_bytes()
    return paper.replace(b"  <cac:TaxTotal>", b"<a/>" * count + b"<cac:TaxTotal>", 1)


def statement(count: int) -> bytes:
    """A camt.054 of so many entries."""
    entry = (
        '<Ntry><Amt Ccy="CNY">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        "<BookgDt><Dt>2026-11-20</Dt></BookgDt><AcctSvcrRef>R-{0}</AcctSvcrRef><BkTxCd/>"
        "<NtryDtls><TxDtls><Refs><EndToEndId>LOAN-{0}</EndToEndId></Refs></TxDtls></NtryDtls>"
        "</Ntry>"
    )
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn>'
        "<GrpHdr><MsgId>M</MsgId><CreDtTm>2026-11-20T10:00:00Z</CreDtTm></GrpHdr><Ntfctn>"
        "<Id>N</Id><Acct><Id><Othr><Id>1</Id></Othr></Id></Acct>"
        f"{''.join(entry.format(n) for n in range(1, count + 1))}"
        "</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    ).encode()


def epcis(count: int) -> bytes:
    """EPCIS events in JSON, without numbers."""
    events = [
        {
            "type": "ObjectEvent",
            "eventID": f"urn:uuid:{n}",
            "eventTime": f"2026-03-02T10:{n // 60 % 60:02}:{n % 60:02}.000+08:00",
            "action": "OBSERVE",
            "bizStep": "receiving",
            "quantityList": [
                {"epcClass": f"urn:epc:class:lgtin:0690123.456789.L{n % 50}", "quantity": 1}
            ],
        }
        for n in range(count)
    ]
    body = {"type": "EPCISDocument", "schemaVersion": "2.0", "epcisBody": {"eventList": events}}
    return json.dumps(body).encode()


def read_invoice(paper: bytes) -> int:
    """Reads and checks it; its lines."""
    document = read_document(paper)
    findings(document)
    return len(document.lines)


def read_entries(paper: bytes) -> int:
    """Entries of a bank's message."""
    return len(read_statement(paper).booked)


def read_movements(paper: bytes) -> int:
    """Movements of a stock file, checked by themselves."""
    file = read_stock_file(paper, zone_offset=_ZONE)
    check(numbered(file.movements, after=0), counts=file.counts)
    return len(file.movements)


# What it is, how it is made and how it is read.
PAPERS: dict[str, tuple[Callable[[int], bytes], int, Callable[[bytes], int]]] = {
    f"UBL of {LINES:,} lines": (ubl, LINES, read_invoice),
    f"CII of {LINES:,} lines": (cii, LINES, read_invoice),
    f"Chinese invoice of {LINES:,} lines": (fapiao, LINES, read_invoice),
    f"UBL with {ELEMENTS:,} more elements": (elements, ELEMENTS, read_invoice),
    f"camt.054 of {ENTRIES:,} entries": (statement, ENTRIES, read_entries),
    f"EPCIS of {MOVEMENTS:,} events": (epcis, MOVEMENTS, read_movements),
}


def measured() -> dict[str, float]:
    """Seconds of processor time for each, by its name."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.documents"], capture_output=True, check=True, text=True
    )
    return {str(name): float(value) for name, value in json.loads(done.stdout).items()}


def main() -> None:
    """Measures each, the best of three, and writes them to standard output as JSON."""
    found = {}
    for name, (make, count, read) in PAPERS.items():
        paper = make(count)
        best = []
        for _ in range(_ROUNDS):
            began = time.process_time()
            read(paper)
            best.append(time.process_time() - began)
        found[name] = min(best)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
