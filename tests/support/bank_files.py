"""Messages of a bank about payments on a loan, and their upload."""

from __future__ import annotations

from app.lending.payments.messages import CAMT_NAMESPACE
from tests.support.bodies import Json
from tests.support.world import World

ENTRY = """\
<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts><Cd>{status}</Cd></Sts>
<BookgDt><Dt>2026-11-20</Dt></BookgDt>{reference}<BkTxCd/>{details}</Ntry>"""


def entry(
    amount: str = "100.00",
    *,
    currency: str = "CNY",
    side: str = "CRDT",
    status: str = "BOOK",
    reference: str = "R-1",
    remittance: str = "repays LOAN-7",
    more: str = "",
) -> str:
    """One entry of a notification."""
    details = (
        "<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>"
        f"<RmtInf><Ustrd>{remittance}</Ustrd></RmtInf></TxDtls></NtryDtls>"
    )
    named = f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else ""
    return ENTRY.format(
        **{"currency": currency, "amount": amount, "side": side, "status": status},
        **{"reference": named, "details": more or details},
    )


def notification(*entries: str, namespace: str = CAMT_NAMESPACE, extra: str = "") -> bytes:
    """A camt.054 of these entries."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{extra}<Document xmlns="{namespace}">'
        "<BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>M1</MsgId>"
        "<CreDtTm>2026-11-20T10:00:00Z</CreDtTm></GrpHdr><Ntfctn><Id>N1</Id>"
        "<Acct><Id><Othr><Id>110105</Id></Othr></Id></Acct>"
        f"{''.join(entries)}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    ).encode()


def as_statement(content: bytes) -> bytes:
    """The notification as a statement (camt.053), which has a balance."""
    balance = (
        b"<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp>"
        b'<Amt Ccy="CNY">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-20</Dt></Dt></Bal>'
    )
    text = content.replace(b"camt.054", b"camt.053").replace(
        b"BkToCstmrDbtCdtNtfctn", b"BkToCstmrStmt"
    )
    text = text.replace(b"<Ntfctn>", b"<Stmt>").replace(b"</Ntfctn>", b"</Stmt>")
    return text.replace(b"</Acct>", b"</Acct>" + balance)


def uploaded(world: World, content: bytes, *, by: str = "bank") -> Json:
    """The answer to a notification."""
    answer = world[by].upload(
        "/v1/bank-notifications", name="camt.xml", content=content, media_type="application/xml"
    )
    return dict(answer.body)
