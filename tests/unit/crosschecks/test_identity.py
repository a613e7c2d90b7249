"""One finding has one name for as long as it lasts."""

from __future__ import annotations

from dataclasses import replace

from app.domain.crosschecks.detector import find
from app.domain.crosschecks.identity import DIGITS, basis_of, identities
from app.domain.crosschecks.records import Finding, Holding, Kind, Line, Market
from tests.support.trade_records import BEGIN, Records, quiet


def names(market: Market) -> dict[tuple[Kind, tuple[str, ...]], str]:
    """The name of each finding of a market, by kind and subjects."""
    result = find(market)
    everything = (*result.findings, *result.explained)
    invoices = {invoice.id: invoice for invoice in market.invoices}
    return {
        (finding.kind, finding.subjects): name
        for finding, name in zip(everything, identities(everything, invoices), strict=True)
    }


def controlled() -> Records:
    """A quiet market in which one person controls a seller and a buyer, and one copy."""
    records = quiet()
    for name in ("front", "back"):
        records.party(name, owners=(Holding("person", 700_000),))
    records.deal("front", "back", BEGIN + 200)
    copy = records.deal("s1", "b2", BEGIN + 210, quantity=77_777, number="K-1")
    records.deal(
        "s1",
        "b2",
        BEGIN + 211,
        quantity=77_777,
        number="K-I",
        order_id=records.invoices[copy].order_id,
        moved=None,
        known_to_tax=False,
        pays_after=None,
    )
    return records


def name_of(market: Market, kind: Kind) -> str:
    (name,) = {name for (of, _), name in names(market).items() if of is kind}
    return name


def test_name_lasts_while_other_trade_goes_on() -> None:
    records = controlled()
    control = name_of(records.market(), Kind.COMMON_CONTROL)
    copy = name_of(records.market(), Kind.DUPLICATE_INVOICE)
    assert control != copy
    assert len(control) == DIGITS
    records.deal("front", "back", BEGIN + 230)
    records.deal("s2", "b1", BEGIN + 231)
    records.pay("i00000", records.today)
    records.today += 1
    assert name_of(records.market(), Kind.COMMON_CONTROL) == control, "of the same parties"
    assert name_of(records.market(), Kind.DUPLICATE_INVOICE) == copy, "of the same invoices"


def test_names_are_unique_and_do_not_depend_on_order() -> None:
    records = controlled()
    once = names(records.market())
    assert len(set(once.values())) == len(once) >= 2
    records.invoices = dict(reversed(records.invoices.items()))
    assert names(records.market()) == once


def test_two_findings_about_the_same_parties_have_two_names() -> None:
    records = controlled()
    invoices = {invoice.id: invoice for invoice in records.market().invoices}
    (first, second) = [key for key, invoice in invoices.items() if invoice.seller == "s1"][:2]
    buyer_of = invoices[first].buyer
    invoices[second] = replace(invoices[second], buyer=buyer_of)
    pair = [
        Finding(Kind.NEW_PAIR_ROUND_SUMS, (subject,), 900_000, "round.")
        for subject in (first, second)
    ]
    assert len(set(identities(pair, invoices))) == 2


def test_basis_is_the_records_and_not_the_weight() -> None:
    finding = Finding(Kind.SPLIT_INVOICE, ("a", "b"), 900_000, "Split.", ("a", "b", "order"))
    same = replace(finding, weight=800_000, reason="Split, and more.")
    assert basis_of(same) == basis_of(finding)
    assert basis_of(replace(finding, evidence=("a", "b"))) != basis_of(finding)
    joined = replace(finding, subjects=("ab",), evidence=("a", "b", "order"))
    assert basis_of(joined) != basis_of(finding)


def test_invoices_without_quantities_are_alike_by_the_names_of_their_goods() -> None:
    records = quiet()
    ids = [
        records.deal("s1", "b2", BEGIN + 200 + at, quantity=77_777, number=f"N-{at}{at}{at}")
        for at in range(2)
    ]
    records.orders.clear()
    for invoice, goods in zip(ids, ("paint", "resin"), strict=True):
        records.change(invoice, lines=(Line(goods, 0, 0),), order_id=None)

    def copies() -> list[tuple[str, ...]]:
        everything = find(records.market())
        return [
            finding.subjects
            for finding in (*everything.findings, *everything.explained)
            if finding.kind is Kind.DUPLICATE_INVOICE and set(finding.subjects) == set(ids)
        ]

    records.movements.clear()
    records.payments.clear()
    records.tax_records.clear()
    records.tax_known = False
    assert copies() == []
    records.change(ids[1], lines=(Line("paint", 0, 0),))
    assert copies() == [tuple(sorted(ids))]


def test_goods_without_a_price_do_not_make_another_price_odd() -> None:
    records = quiet()
    ids = [records.deal("s1", "b2", BEGIN + 40 * at, goods="putty") for at in range(6)]
    for invoice in ids[:-1]:
        records.change(invoice, lines=(Line("putty", 0, 0),))
    result = find(records.market())
    assert not [
        finding
        for finding in (*result.findings, *result.explained)
        if finding.kind is Kind.UNUSUAL_AMOUNT and ids[-1] in finding.subjects
    ]


def test_a_finding_about_unconfirmed_invoices_takes_no_other_one_s_name() -> None:
    records = controlled()
    control = next(f for f in find(records.market()).findings if f.kind is Kind.COMMON_CONTROL)
    (invoice_id,) = control.subjects
    other = records.claim(invoice_id, "decoy")
    suspected = replace(control, subjects=(other,), weight=990_000)
    invoices = records.invoices
    (name,) = identities([control], invoices)
    assert identities([suspected, control], invoices)[1] == name
    assert identities([suspected, control], invoices)[0] != name
    assert identities([suspected], invoices) == [name], "it is the only one"
