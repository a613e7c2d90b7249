"""Payment orders: what banks accept, and an independent bank's view."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree
from pydantic import ValidationError

from app.errors import BadInput
from app.lending.payments import sepa
from app.lending.payments.addresses import Address, PostalAddress
from app.lending.payments.camt import read_statement
from app.lending.payments.messages import Side, Transfer, pain001
from app.lending.payments.references import loan_named, new_end_to_end_id
from app.lending.payments.schemas import NewPayOuts
from app.lending.payments.sides import sides_of
from tests.support.bank import MONDAY, other_bank
from tests.support.bodies import Json
from tests.support.payment_orders import PAIN, checked_root, elements, texts

GERMAN, FRENCH = "DE89370400440532013000", "FR1420041010050500013M02606"
SWISS, CHINESE = "CH9300762011623852957", "330106000000002"
WHERE = Address(town="Frankfurt am Main", country="DE", street="Hauptstrasse", building_number="5")


def order(*transfers: Transfer, debtor: Side, currency: str = "EUR") -> etree._Element:
    """The root of an order; it must hold to the official schema."""
    content = pain001(
        message_id=uuid.uuid4().hex,
        created=datetime.datetime.now(datetime.UTC),
        on=MONDAY,
        debtor=debtor,
        transfers=transfers,
        currency=currency,
    )
    return checked_root(content)


def pay_out_body(**more: Any) -> NewPayOuts:
    """A request for one pay-out; `payOut` changes its members."""
    first = {"loanId": 7, "account": FRENCH} | more.pop("payOut", {})
    body = {"account": GERMAN, "executionDate": "2099-03-01", "payOuts": [first]}
    return NewPayOuts.model_validate(body | more)


def sides(body: NewPayOuts, *, currency: str = "EUR", lender: str = "Bank AG") -> Any:
    """Debtor and creditors of a request."""
    return sides_of(body, currency=currency, lender=lender, borrowers=["Linghu & Söhne"])


@pytest.mark.parametrize("currency", ["CNY", "JPY", "BHD", "EUR"])
def test_payment_order_fits_the_schema_and_its_sums_are_exact(currency: str) -> None:
    transfers = [
        Transfer(
            number,
            Side("Linghu & Sons <Castings>", GERMAN),
            10**11 + number,
            new_end_to_end_id(number),
        )
        for number in range(1, 40)
    ]
    debtor = Side("B" * 140, CHINESE, "ABOCCNBJ", WHERE)
    root = order(*transfers, debtor=debtor, currency=currency)
    amounts = elements(root, "p:InstdAmt")
    total = sum(Decimal(str(amount.text)) for amount in amounts)
    assert {Decimal(text) for text in texts(root, "p:CtrlSum")} == {total}
    assert {amount.get("Ccy") for amount in amounts} == {currency}
    names = texts(root, "p:EndToEndId")
    assert [loan_named([name], []) for name in names] == list(range(1, 40))
    assert len(set(names)) == 39
    # An account that is no IBAN takes part in no SEPA transfer.
    assert texts(root, "p:SvcLvl/p:Cd") == []


def test_sepa_transfer_has_its_service_level() -> None:
    debtor = Side("Bank AG", GERMAN)
    root = order(
        Transfer(1, Side("A", FRENCH), 1, "LOAN-1/A"),
        Transfer(2, Side("B", CHINESE), 1, "LOAN-2/A"),
        debtor=debtor,
    )
    first, second = elements(root, "p:CdtTrfTxInf")
    assert texts(root, "p:ChrgBr") == ["SLEV"]
    assert texts(first, "p:PmtTpInf/p:SvcLvl/p:Cd") == ["SEPA"]
    assert elements(second, "p:PmtTpInf") == []
    root = order(Transfer(1, Side("A", FRENCH), 1, "LOAN-1/A"), debtor=debtor, currency="CNY")
    assert texts(root, "p:SvcLvl/p:Cd") == []


def test_payment_order_is_refused_when_its_schema_refuses_it() -> None:
    with pytest.raises(BadInput, match=r"pain\.001\.001\.09: .*EndToEndId.*35.*line 2"):
        order(Transfer(1, Side("A", FRENCH), 1, "X" * 36), debtor=Side("B", GERMAN))


def test_no_two_end_to_end_ids_are_the_same_and_banks_take_them() -> None:
    names = {new_end_to_end_id(10**18 - 1) for _ in range(1_000)}
    assert len(names) == 1_000
    for name in names:
        assert len(name) <= 35
        assert sepa.latin(name, field="EndToEndId") == name


# -- addresses


@pytest.mark.parametrize(
    ("address_body", "elements"),
    [
        (
            {
                **{"street": "Hauptstraße", "buildingNumber": "5", "postCode": "60311"},
                **{"town": "Frankfurt am Main", "region": "Hessen", "country": "DE"},
            },
            [
                *[("StrtNm", "Hauptstrase"), ("BldgNb", "5"), ("PstCd", "60311")],
                *[("TwnNm", "Frankfurt am Main"), ("CtrySubDvsn", "Hessen"), ("Ctry", "DE")],
            ],
        ),
        (
            {"town": "Zürich", "country": "CH", "lines": ["Haus zum Löwen", "Hintereingang"]},
            [
                *[("TwnNm", "Zurich"), ("Ctry", "CH")],
                *[("AdrLine", "Haus zum Lowen"), ("AdrLine", "Hintereingang")],
            ],
        ),
    ],
)
def test_a_structured_or_hybrid_address_goes_into_the_order(
    address_body: Json, elements: list[tuple[str, str]]
) -> None:
    debtor, (creditor,) = sides(
        pay_out_body(address=address_body, payOut={"address": address_body})
    )
    root = order(Transfer(7, creditor, 100, "LOAN-7/A"), debtor=debtor)
    for side in ("Dbtr", "Cdtr"):
        address = root.find(f".//p:{side}/p:PstlAdr", PAIN)
        assert address is not None
        assert [(etree.QName(item).localname, item.text) for item in address] == elements


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ({"lines": ["Hauptstr. 5", "60311 Frankfurt"]}, "lacks town and country.*14 November 2026"),
        ({"lines": ["Hauptstr. 5"], "country": "DE"}, "lacks town: banks refuse"),
        ({"town": "Frankfurt"}, "country"),
        ({"town": "Frankfurt", "country": "Germany"}, "not a country"),
        ({"town": "Frankfurt", "country": "DE", "lines": ["a", "b", "c"]}, "at most 2"),
        ({"town": "F" * 36, "country": "DE"}, "at most 35"),
        ({"town": "Ulm", "country": "DE", "postCode": "89073", "lines": ["89073 ULM"]}, "repeats"),
        ({"town": "Ulm\u202e", "country": "DE"}, "visible"),
        ({"town": "Ulm", "country": "DE", "lines": ["x\x00"]}, "visible"),
    ],
)
def test_an_address_that_banks_refuse_is_refused(address: Json, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        PostalAddress.model_validate(address)


def test_address_line_may_contain_the_town_with_other_words() -> None:
    address = {"town": "London", "country": "GB", "lines": ["12 London Road"]}
    assert PostalAddress.model_validate(address).as_address().lines == ("12 London Road",)


def test_a_sepa_transfer_that_leaves_the_eea_needs_the_payers_address() -> None:
    body = {"payOut": {"account": SWISS}}
    with pytest.raises(BadInput) as caught:
        sides(pay_out_body(**body))
    assert caught.value.field == "address"
    sides(pay_out_body(**body, address={"town": "Frankfurt", "country": "DE"}))
    sides(pay_out_body(**body), currency="CHF")


# -- characters and lengths


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Linghu & Söhne", "Linghu + Sohne"),
        ("Ærø Łódź Đakovo Straße", "Aro Lodz Dakovo Strase"),
        ("Þór Guðmundsson", "THor Gudmundsson"),
        ("O’Neill [Dublin]; ‘B’", "O'Neill (Dublin), 'B'"),
        ("/a//b/", "a/b"),
        ("ﬁne №", "fine No"),
        ("灵湖铸件", None),
        ("Ωμέγα", None),
        ("a@b", None),
    ],
)
def test_letters_are_converted_to_the_banks_character_set_or_refused(
    text: str, plain: str | None
) -> None:
    if plain is not None:
        assert sepa.latin(text, field="name") == plain
        return
    with pytest.raises(BadInput) as caught:
        sepa.latin(text, field="name")
    assert (caught.value.field, caught.value.name) == ("name", "characters-not-taken")


def test_names_that_banks_do_not_take_are_refused_by_their_field() -> None:
    for body, field in (
        (pay_out_body(name="N" * 71), "name"),
        (pay_out_body(name="灵湖"), "name"),
        (pay_out_body(payOut={"name": "N" * 71}), "payOuts.0.name"),
        (pay_out_body(payOut={"name": "灵湖"}), "payOuts.0.name"),
        (
            pay_out_body(payOut={"address": {"town": "杭州", "country": "CN"}}),
            "payOuts.0.address.town",
        ),
        (
            pay_out_body(address={"town": "Ulm", "country": "DE", "lines": ["杭"]}),
            "address.lines.0",
        ),
    ):
        with pytest.raises(BadInput) as caught:
            sides(body)
        assert caught.value.field == field
    debtor, (creditor,) = sides(pay_out_body(name="灵湖银行"), currency="CNY")
    assert (debtor.name, creditor.name) == ("灵湖银行", "Linghu & Söhne")
    with pytest.raises(BadInput, match="banks take 140"):
        sides(pay_out_body(), currency="CNY", lender="N" * 141)


@pytest.mark.parametrize("amount", [0, 10**11])
def test_an_amount_that_no_sepa_transfer_carries_is_refused(amount: int) -> None:
    with pytest.raises(BadInput) as caught:
        sepa.require_amount(amount, field="payOuts.0.loanId")
    assert caught.value.field == "payOuts.0.loanId"
    sepa.require_amount(10**11 - 1, field="payOuts.0.loanId")


# -- another bank


def test_independent_bank_accepts_and_pays_the_order() -> None:
    with other_bank() as bank:
        address = {"town": "Zürich", "country": "CH", "lines": ["Haus zum Löwen"]}
        body = pay_out_body(
            account=bank.ibans["ACME"],
            bic="MOCKNL2A",
            address=address,
            payOut={"account": SWISS, "bic": "UBSWCHZH", "address": address},
        )
        debtor, (creditor,) = sides(body)
        root = order(
            Transfer(7, creditor, 500_00, "LOAN-7/A1"),
            Transfer(8, Side("B", GERMAN), 1, "LOAN-8/A1"),
            debtor=debtor,
        )
        answer = bank.send(etree.tostring(root))
        assert (answer["status"], answer["findings"]) == ("ACCP", [])
        assert [
            (payment["end_to_end_id"], payment["amount"]) for payment in answer["payments"]
        ] == [
            *(("LOAN-7/A1", 500_00), ("LOAN-8/A1", 1)),
        ]
        # The bank knows the message again.
        assert bank.send(etree.tostring(root))["status"] == "RJCT"


def test_independent_bank_refuses_orders_that_the_gateway_never_writes() -> None:
    """The independent bank refuses an end-to-end id that occurs twice."""
    with other_bank() as bank:
        debtor = Side("Bank AG", bank.ibans["ACME"], "MOCKNL2A")
        twice = [Transfer(7, Side("A", GERMAN), 1, "LOAN-7")] * 2
        answer = bank.send(etree.tostring(order(*twice, debtor=debtor)))
        assert answer["status"] != "ACCP"
        assert "AM05" in {payment["reason"] for payment in answer["payments"]} | {
            finding.get("code") for finding in answer["findings"]
        }


def test_pay_out_returned_by_an_independent_bank_is_reported() -> None:
    with other_bank() as bank:
        bank.behave("ACME", behaviour="return-later", parameters={"days": 1})
        debtor = Side("Bank AG", bank.ibans["ACME"], "MOCKNL2A")
        bank.send(
            etree.tostring(
                order(Transfer(7, Side("A", GERMAN), 500_00, "LOAN-7/A1"), debtor=debtor)
            )
        )
        assert [read_statement(message).booked for message in bank.messages("camt.054")] == [[]]
        bank.advance(days=2)
        statements = [read_statement(message) for message in bank.messages("camt.054")]
        (back,) = [item for each in statements for item in each.returned]
        assert (back.loan_id, back.end_to_end_id, back.amount) == (7, "LOAN-7/A1", 500_00)
        assert back.reason in ("AC04", "MD07")
        assert [item for each in statements for item in each.booked] == []
