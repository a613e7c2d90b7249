"""What is shown derives from the bytes that are signed, and nothing of them is left out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.chain.evm.signed_structs import STRUCTS
from app.chain.evm.typed_data import typed_data_digest
from app.clear_signing.reading import MessageInvalid, read_call, read_message
from app.clear_signing.rendering import Description, Known, Thing, describe, things_in
from app.clear_signing.signed_calls import CALL_FORMS
from tests.support.bodies import Json
from tests.support.signing import (
    BANK,
    CNY,
    JPY,
    SUPPLIER,
    address_of,
    calldata,
    contracts,
    domain_of,
    ledger,
    message_of,
    names_on,
    signed_functions,
    typed,
)

CONTRACTS = contracts()
LEDGER = ledger(CONTRACTS)
CURRENCIES = {
    Thing(kind, number): "CNY"
    for kind in ("loan", "facility", "product", "limit", "claim", "receivable", "order", "campaign")
    for number in range(1, 10)
}
KNOWN = Known(names_on(CONTRACTS), CURRENCIES)


def described(document: Any, known: Known = KNOWN) -> Description:
    return describe(read_message(document, LEDGER), known)


def described_call(contract: str, function: str, arguments: list[Any]) -> Description:
    data = CONTRACTS.encode(contract, function, arguments)
    return describe(read_call(CONTRACTS.address(contract), "0x" + data.hex(), LEDGER), KNOWN)


def texts(description: Description) -> dict[str, str]:
    return {row.path: row.words.text for row in description.rows}


def values(description: Description) -> list[tuple[str, str]]:
    rows = [(row.path, row.raw) for row in description.rows]
    return rows + [(row.path, row.raw) for row in description.hidden]


def warnings(description: Description) -> list[str]:
    return [caution.text.format(**caution.arguments) for caution in description.warnings]


def leaves(value: Any, above: str = "") -> list[str]:
    if isinstance(value, dict) and value:
        inner = ((f"{above}.{name}" if above else name, part) for name, part in value.items())
        return [path for name, part in inner for path in leaves(part, name)]
    if isinstance(value, list) and value:
        return [path for n, part in enumerate(value) for path in leaves(part, f"{above}.{n}")]
    return [above]


# ------------------------------------------------------------------ nothing is left out


@pytest.mark.parametrize("name", sorted(STRUCTS))
def test_every_field_of_a_message_is_shown_or_says_why_not(name: str) -> None:
    description = described(typed(name))
    assert description.is_known
    paths = [row.path for row in description.rows] + [row.path for row in description.hidden]
    assert sorted(paths) == sorted(field for field, _ in STRUCTS[name])
    assert all(row.reason for row in description.hidden)
    assert "{" not in description.text
    assert not warnings(description)


@pytest.mark.parametrize("contract", sorted(CALL_FORMS))
def test_every_argument_of_a_call_is_shown_or_says_why_not(contract: str) -> None:
    name = CNY if contract == "SettlementToken" else contract
    for owner, item in signed_functions(CONTRACTS):
        if owner != contract:
            continue
        data = calldata(item)
        reading = read_call(CONTRACTS.address(name), "0x" + data.hex(), LEDGER)
        description = describe(reading, KNOWN)
        assert description.is_known, item["name"]
        paths = [row.path for row in description.rows] + [row.path for row in description.hidden]
        assert sorted(paths) == sorted(leaves(dict(reading.values))), item["name"]
        assert "{" not in description.text


@pytest.mark.parametrize("name", sorted(STRUCTS))
def test_the_digest_is_of_the_values_that_are_shown(name: str) -> None:
    document = typed(name)
    expected = typed_data_digest(domain_of(name), name, document["message"])
    assert described(document).digest == "0x" + expected.hex()


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(STRUCTS)), st.data())
def test_another_value_gives_another_row(name: str, data: st.DataObject) -> None:
    document: Json = json.loads(json.dumps(typed(name)))
    field, kind = data.draw(st.sampled_from(STRUCTS[name]))
    before = described(document)
    if kind.startswith(("uint", "int")):
        bits = int(kind.removeprefix("u")[3:]) - kind.startswith("int")
        document["message"][field] = str(data.draw(st.integers(0, 2**bits - 1)))
    elif kind == "bool":
        document["message"][field] = data.draw(st.booleans())
    elif kind != "bytes":
        size = 20 if kind == "address" else int(kind[5:])
        document["message"][field] = "0x" + data.draw(st.binary(min_size=size, max_size=size)).hex()
    after = described(document)
    same = before.digest == after.digest
    assert same == (values(before) == values(after))


# ------------------------------------------------------------------ values in words


def test_terms_are_in_words() -> None:
    document = typed(
        "FacilityTerms",
        {
            "lender": BANK,
            "borrower": SUPPLIER,
            "entruster": "0x" + "00" * 20,
            "limit": 50_000_000,
            "annualRate": 43_500,
            "spread": -2_500,
            "coolingOffHours": 0,
            "correctionDays": 1,
            "endEvents": 5,
            "firstDay": 20_454,
        },
    )
    shown = texts(described(document))
    assert shown["lender"] == "Harbour Bank" and shown["entruster"] == "nobody"
    assert shown["limit"] == "500,000.00 CNY"
    assert (shown["annualRate"], shown["spread"]) == ("4.35%", "-0.25%")
    assert (shown["coolingOffHours"], shown["correctionDays"]) == ("none", "1 day")
    assert shown["endEvents"] == (
        "a loan of the borrower is overdue; the borrower's credit tier is worse or stale"
    )
    assert shown["firstDay"] == "2026-01-01"
    assert shown["deadline"] == "2030-03-17 17:46:40 UTC"
    assert described(document).text.startswith(
        "Harbour Bank lends Lotus Textiles up to 500,000.00 CNY from 2026-01-01 to "
    )


def test_an_amount_has_the_digits_of_its_currency() -> None:
    for token, text in ((CNY, "1,234.56 CNY"), (JPY, "123,456 JPY")):
        document = typed("OrderTerms", {"currency": address_of(token), "amount": 123_456})
        row = next(row for row in described(document).rows if row.path == "amount")
        assert row.words.text == text
        assert row.words.currency == token[-3:] and row.raw == "123456"


def test_an_amount_whose_currency_is_not_known_is_in_minor_units_with_a_warning() -> None:
    description = described(typed("Costs", {"amount": 123_456}), Known(KNOWN.names, {}))
    assert texts(description)["amount"] == "123,456 minor units"
    assert warnings(description) == [
        "Costs is shown as it is, because its meaning is not known here."
    ]


def test_loans_of_two_currencies_leave_the_amount_in_minor_units() -> None:
    data = "0x" + CONTRACTS.encode("Facilities", "repayMany", [[1, 2], 500]).hex()
    reading = read_call(CONTRACTS.address("Facilities"), data, LEDGER)
    assert things_in(reading) == {Thing("loan", 1), Thing("loan", 2)}
    mixed = Known(KNOWN.names, {Thing("loan", 1): "CNY", Thing("loan", 2): "USD"})
    assert texts(describe(reading, mixed))["amount"] == "500 minor units"
    assert texts(describe(reading, KNOWN))["amount"] == "5.00 CNY"


@pytest.mark.parametrize(
    ("amount", "currency", "shown", "warned"),
    [
        (0, "0x000000", "none", False),
        (1_234_56, "0x" + b"EUR".hex(), "1,234.56", False),
        (1_234_56, "0x000000", "123,456 minor units", True),
    ],
)
def test_a_document_without_an_amount_has_no_currency(
    amount: int, currency: str, shown: str, warned: bool
) -> None:
    hashes = ["0x" + "11" * 32, "0x" + "22" * 32]
    document = [1, *hashes, 20_000, amount, currency]
    description = described_call("Facilities", "submitDocuments", [7, [document]])
    assert shown in texts(description)["documents.0.amount"]
    assert bool(warnings(description)) is warned


def test_an_approval_without_a_limit_says_so() -> None:
    spender = CONTRACTS.address("Facilities")
    shown = texts(described_call(CNY, "approve", [spender, 2**256 - 1]))
    assert shown == {"spender": "Facilities", "value": "unlimited"}
    assert texts(described_call(CNY, "approve", [spender, 100]))["value"] == "1.00 CNY"
    assert texts(described(typed("Permit", {"value": 2**255})))["value"] == "unlimited"


def test_an_approval_of_a_stranger_is_a_warning() -> None:
    description = described_call(CNY, "approve", [SUPPLIER, 100])
    assert warnings(description) == ["Contract that may take it is not a contract of the ledger."]
    assert texts(description)["spender"].lower() == SUPPLIER, "the address, not a party's name"


def test_goods_and_money_behind_a_loan_are_told_apart() -> None:
    request = [1, 100_000, 0, 90, 0, 0, 0]
    items = [[3, 4, 2_500], [1, 5, 2_500], [3, 6, 0]]
    description = described_call("Facilities", "drawOnGoods", [request, items])
    shown = texts(description)
    assert shown["items.0.kind"] == "warehouse receipt" and shown["items.0.value"] == "2.500"
    assert shown["items.1.kind"] == "claim" and shown["items.1.value"] == "25.00 CNY"
    assert shown["items.2.value"] == "all"
    assert [row.place for row in description.rows if row.path == "items.1.id"] == [(2,)]


def test_prices_rates_months_and_codes_are_in_words() -> None:
    usd = "0x" + b"USD".ljust(32, b"\0").hex()
    hashed = "0x" + "5f" * 32
    price = [usd, "0x434e59", 7_123_400, 100_000, 1_900_000_000, 2**40 - 1, hashed]
    shown = texts(described_call("PriceFeed", "post", [[price]]))
    assert shown["prices.0.item"] == "USD" and shown["prices.0.value"] == "7.1234 CNY"
    assert shown["prices.0.haircut"] == "10%" and shown["prices.0.validUntil"] == "no end"
    report = [SUPPLIER, address_of(CNY), 2026 * 12 + 10, 1_000, 0]
    assert texts(described_call("Facilities", "reportTrade", [report]))["tradeReport.month"] == (
        "2026-11"
    )
    rate = ["0x" + b"LPR-1Y".ljust(16, b"\0").hex(), 20_454, 20_484, 30_000, hashed]
    assert described_call("ReferenceRates", "post", [rate]).text == (
        "LPR-1Y is 3% a year from 2026-01-01 to 2026-01-31"
    )
    assert texts(described_call("PartyRegistry", "setRoles", [7, 5]))["roles"] == (
        "supplier; financier"
    )


def test_a_corrected_payment_is_taken_apart() -> None:
    word = 2 | 20_454 << 8 | 20_455 << 32 | 12_345 << 56
    shown = texts(described(typed("Correction", {"posting": word, "toLoanId": 0})))
    assert shown["posting"] == ("123.45 CNY, counted from 2026-01-01, recorded on 2026-01-02")
    assert shown["toLoanId"] == "it is reversed"


def test_a_value_outside_its_kind_is_raw_with_a_warning() -> None:
    far = described(typed("ReceivableTerms", {"dueDay": 2**32 - 1}))
    assert texts(far)["dueDay"] == str(2**32 - 1)
    strange = described(typed("Restructuring", {"style": 200}))
    assert texts(strange)["style"] == "unknown: 200"
    coin = described(typed("ReceivableTerms", {"currency": SUPPLIER}))
    assert texts(coin)["currency"].lower() == SUPPLIER
    assert texts(coin)["faceAmount"] == "1 minor units"
    for description in (far, strange, coin):
        assert any("as it is" in text for text in warnings(description))


def test_a_name_that_looks_like_a_sentence_stays_an_argument() -> None:
    names = names_on(CONTRACTS)
    sly = "Bank} for {price} {seller.__class__} 0.01 CNY"
    known = Known(type(names)({BANK: sly, SUPPLIER: "B"}, names.contracts), CURRENCIES)
    description = described(typed("Quote", {"funder": BANK}), known)
    assert description.arguments["funder"] == sly
    assert description.text == f"{sly} buys claim 1 of 0.01 CNY from B for 0.01 CNY"


# ------------------------------------------------------------------ calls


def test_an_intent_shows_the_call_that_it_orders() -> None:
    data = (
        "0x" + CONTRACTS.encode("Receivables", "assign", [3, BANK, 70_000, "0x" + "5f" * 32]).hex()
    )
    document = typed("Intent", {"to": CONTRACTS.address("Receivables"), "data": data})
    description = described(document)
    row = next(row for row in description.rows if row.path == "data")
    assert row.call is not None and row.raw == data
    assert row.call.contract == "Receivables" and row.call.title == "Transfer a claim"
    assert row.call.text == "700.00 CNY of claim 3 goes to Harbour Bank"
    assert {row.path for row in description.hidden} == {"gas", "nonce", "operation"}


def test_an_order_of_a_court_shows_the_call_that_it_orders() -> None:
    forced = CONTRACTS.encode("Receivables", "forcedTransfer", [3, BANK, 100, "0x" + "5f" * 32])
    issue = [CONTRACTS.address("Receivables"), "0x" + forced.hex(), "0x" + "5f" * 32]
    data = "0x" + CONTRACTS.encode("CourtOrders", "issue", issue).hex()
    description = described(typed("Intent", {"to": CONTRACTS.address("CourtOrders"), "data": data}))
    outer = next(row.call for row in description.rows if row.path == "data")
    assert outer is not None
    inner = next(row.call for row in outer.rows if row.path == "call")
    assert inner is not None and inner.text == "1.00 CNY of claim 3 goes to Harbour Bank"


@pytest.mark.parametrize(
    ("to", "data", "warning"),
    [
        ("Receivables", "0xdeadbeef", "does not know what this call does"),
        ("Receivables", "0x", "does not know what this call does"),
        (None, "0xdeadbeef", "is not a contract of the ledger"),
    ],
)
def test_an_unknown_call_is_shown_raw_with_a_warning(
    to: str | None, data: str, warning: str
) -> None:
    address = SUPPLIER if to is None else CONTRACTS.address(to)
    description = described(typed("Intent", {"to": address, "data": data}))
    call = next(row.call for row in description.rows if row.path == "data")
    assert call is not None and not call.is_known
    assert texts(call) == {"data": data}
    assert any(warning in text for text in warnings(call))


def test_a_call_with_bytes_after_its_arguments_is_not_vouched_for() -> None:
    data = CONTRACTS.encode(CNY, "approve", [CONTRACTS.address("Facilities"), 100])
    for altered in (data + b"\0", data + bytes(32), data[:-1]):
        reading = read_call(CONTRACTS.address(CNY), "0x" + altered.hex(), LEDGER)
        call = describe(reading, KNOWN)
        assert not call.is_known
        assert warnings(call) == ["The call has bytes that do not belong to its arguments."]
        assert texts(call) == {"data": "0x" + altered.hex()}


def test_a_function_that_no_party_signs_is_unknown() -> None:
    call = described_call("Facilities", "onImpaired", [4])
    assert not call.is_known and warnings(call)


# ------------------------------------------------------------------ other messages


def altered(name: str, **changes: Any) -> Json:
    document: Json = json.loads(json.dumps(typed(name)))
    for path, value in changes.items():
        head, _, key = path.partition("__")
        document[head][key] = value
    return document


@pytest.mark.parametrize(
    ("document", "warning"),
    [
        (altered("Costs", domain__chainId=1), "chain 1, not for the ledger's chain 31337"),
        (
            altered("Costs", domain__verifyingContract=CONTRACTS.address("Receivables")),
            "is not the ledger's contract Facilities",
        ),
        (altered("Costs", domain__verifyingContract=SUPPLIER), "is not the ledger's contract"),
        (altered("Costs", domain__name="Cession Faciiities"), "The domain is Cession Faciiities"),
        (altered("Costs", domain__version="2"), "The domain is Cession Facilities 2"),
        (
            altered("Costs", types__Costs=[{"name": "amount", "type": "uint64"}]),
            "The fields of Costs are not those of the ledger's type.",
        ),
    ],
)
def test_a_message_that_the_ledger_would_refuse_is_raw_with_a_warning(
    document: Json, warning: str
) -> None:
    description = described(document)
    assert not description.is_known
    assert any(warning in text for text in warnings(description))
    assert {row.kind for row in description.rows} == {"raw"}
    assert set(texts(description)) == set(message_of("Costs")), "none is left out"


def test_an_unknown_type_is_raw_with_a_warning() -> None:
    document = {
        "types": {
            "EIP712Domain": [{"name": "name", "type": "string"}],
            "Mail": [{"name": "to", "type": "Person[]"}, {"name": "contents", "type": "string"}],
            "Person": [{"name": "wallet", "type": "address"}],
        },
        "primaryType": "Mail",
        "domain": {"name": "Elsewhere"},
        "message": {"to": [{"wallet": BANK}, {"wallet": SUPPLIER}], "contents": "all my money"},
    }
    description = described(document)
    assert not description.is_known and description.contract is None
    assert texts(description) == {
        "to.0.wallet": BANK,
        "to.1.wallet": SUPPLIER,
        "contents": "all my money",
    }
    assert warnings(description) == ["The ledger does not know this type of message: Mail."]


def test_a_field_outside_the_type_is_shown_as_not_signed() -> None:
    description = described(altered("Costs", message__discount="90%"))
    assert texts(description)["discount"] == "90%"
    assert "discount is not part of what is signed." in warnings(description)


def test_a_domain_whose_fields_have_another_order_is_not_vouched_for() -> None:
    document = altered("Costs")
    document["types"]["EIP712Domain"].reverse()
    description = described(document)
    assert not description.is_known
    assert warnings(description) == ["A wallet would read these values in another way."]


def test_a_domain_that_lacks_a_field_of_its_type_is_refused() -> None:
    document = altered("Costs")
    document["types"]["EIP712Domain"] = document["types"]["EIP712Domain"][:1]
    with pytest.raises(MessageInvalid, match="do not match"):
        described(document)


@pytest.mark.parametrize("value", [1.5, "1.5", "1e3", "0x64", " 5", True, None, [5], 2**64, -1])
def test_a_number_that_wallets_may_read_differently_is_refused_or_raw(value: Any) -> None:
    try:
        description = described(altered("Costs", message__amount=value))
    except MessageInvalid:
        return
    assert not description.is_known


def test_a_missing_field_is_refused() -> None:
    document = altered("Costs")
    del document["message"]["amount"]
    with pytest.raises(MessageInvalid):
        described(document)


def test_big_numbers_may_be_text() -> None:
    description = described(altered("Costs", message__amount="18446744073709551615"))
    assert texts(description)["amount"] == "184,467,440,737,095,516.15 CNY"


def test_an_address_in_capitals_is_the_same_party() -> None:
    document = altered("Quote", message__funder="0x" + BANK[2:].upper())
    assert texts(described(document))["funder"] == "Harbour Bank"


def test_values_nested_without_end_are_refused() -> None:
    deep: Any = []
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(MessageInvalid, match="levels"):
        described(altered("Costs", message__discount=deep))
