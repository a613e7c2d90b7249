"""The fields of a filing, exported for the lender to enter in the public register."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from app.chain.evm.hashing import checksum_address
from app.domain.calendar import add_months, date_of
from app.domain.rule_sets import Rules
from app.domain.texts import say
from app.errors import Conflict, Forbidden
from app.gateway.callers import Caller
from app.gateway.downloads import file_name
from app.gateway.gateway import Gateway
from app.gateway.money import MoneyView, money_view
from app.gateway.read_as_of import business_day, moment
from app.gateway.rules import rules_of_place
from app.gateway.sheets import Cell, Sheet, csv_text
from app.gateway.views import Names, party_view
from app.lending import access
from app.lending.collateral import repository as collateral
from app.lending.collateral.values import Items
from app.lending.collateral.views import item_views
from app.lending.filings.schemas import FilingFields, FilingProperty, FilingSide
from app.lending.filings.service import own_claim, rules_of_loan
from app.parties.registry import repository as parties
from app.parties.registry.repository import PartyRow
from app.parties.registry.service import legal_id_of
from app.storage.checkpoint import read_checkpoint
from app.trade.claims import repository as claims
from app.trade.documents import repository as documents
from app.trade.documents.service import reading
from app.trade.receivables import repository as receivables
from app.trade.receivables.projection import ReceivableRow

HALF_YEAR = 6  # months
MAX_MONTHS = 360
_KINDS = {
    "claim": "claim-lien",
    "order": "order-lien",
    "warehouse-receipt": "warehouse-receipt-lien",
}
COLUMNS = (
    *("register", "required", "reference", "kind"),
    *("registrant", "registrant id", "registrant account"),
    *("grantor", "grantor id", "grantor account"),
    *("secured amount", "currency", "start date", "due date", "months", "end date"),
    *("property", "number", "receivable", "debtor", "invoice number", "face amount"),
    *("amount", "due date of the debt", "fingerprint", "document root"),
    *("lot", "goods", "grade", "quantity", "unit", "warehouse"),
)


async def of_loan(gateway: Gateway, caller: Caller, loan_id: int) -> FilingFields:
    """The fields of the filing of a loan, for its lender or entruster.

    Raises:
        NotFound, Forbidden, Conflict.
    """
    row = await access.loan(gateway, caller, loan_id)
    if caller.account is None or caller.account not in (row.lender, row.entruster):
        raise Forbidden("only the lender may export the fields of a filing", name="not-lender")
    if row.collateral == "none" or row.status == "Repaid":
        raise Conflict(
            say("loan {loan_id} has no collateral to file", loan_id=loan_id),
            name="nothing-to-file",
            fix="there is nothing to do",
        )
    rules = await rules_of_loan(gateway, row.facility_id)
    now, _ = await gateway.storage.read(moment)
    last_due = row.calendar_day(row.last_due_day, business_day(gateway, now))
    items = await gateway.storage.read(lambda connection: collateral.items(connection, [loan_id]))
    held = items[loan_id]
    if not held and row.collateral_id is not None:
        held = [(row.collateral, row.collateral_id)]
    right = _Right(
        reference=f"loan-{loan_id}",
        kind=row.collateral,
        registrant=caller.account,
        grantor=row.borrower,
        amount=row.outstanding,
        currency=row.currency,
        first_day=row.start_day,
        due_day=last_due,
        items=held,
    )
    return await _fields(gateway, rules, right)


async def of_claim(gateway: Gateway, caller: Caller, claim_id: int) -> FilingFields:
    """The fields of the filing of a claim, for its assignee or lienholder.

    Raises:
        NotFound.
    """
    currency = await own_claim(gateway, caller, claim_id)
    assert caller.account is not None

    def find(connection: Connection) -> tuple[str, int, bool, ReceivableRow]:
        claim = claims.by_id(connection, claim_id)
        assert claim is not None
        debt = receivables.by_id(connection, claim.claim.receivable_id)
        assert debt is not None
        is_lien = claim.claim.lienholder == caller.account
        grantor = claim.claim.owner if is_lien else debt.seller
        return grantor, claim.claim.value, is_lien, debt

    grantor, value, is_lien, debt = await gateway.storage.read(find)
    now, _ = await gateway.storage.read(moment)
    right = _Right(
        reference=f"claim-{claim_id}",
        kind="claim" if is_lien else "factoring",
        registrant=caller.account,
        grantor=grantor,
        amount=value,
        currency=currency,
        first_day=business_day(gateway, now),
        due_day=debt.due_day,
        items=[("claim", claim_id)],
    )
    return await _fields(gateway, rules_of_place(), right)


class _Right(msgspec.Struct, frozen=True):
    """A right that is to be filed.

    Attributes:
        kind: of its collateral, or factoring.
        grantor: account against whom it is filed.
        currency: address of the settlement token.
        first_day: of the debt that it secures; `due_day` is the last day on which it falls due.
    """

    reference: str
    kind: str
    registrant: str
    grantor: str
    amount: int
    currency: str
    first_day: int
    due_day: int
    items: Items


async def _fields(gateway: Gateway, rules: Rules | None, right: _Right) -> FilingFields:
    code, kind = gateway.currency_at(right.currency), right.kind
    at = await gateway.storage.read(read_checkpoint)
    views = await item_views(gateway, at, right.items, currency=code)
    described = [
        await _property(gateway, FilingProperty(**view), currency=code)  # type: ignore[typeddict-item]
        for view in views
    ]
    registrant, grantor = right.registrant, right.grantor
    rule = None if rules is None else rules.filing
    collateral_kind = "claim" if kind == "factoring" else kind

    def find(connection: Connection) -> FilingFields:
        now, as_of = moment(connection)
        today = business_day(gateway, now)
        first_months = HALF_YEAR if rule is None else rule.months.min
        months = _months(today, right.due_day, first=first_months)
        return {
            "register": None if rule is None else rule.register_name,
            "required": rule is not None and collateral_kind in rule.required,
            "reference": f"{right.reference} on chain {gateway.chain_id}",
            "kind": _KINDS.get(kind, kind),
            "registrant": side(gateway, parties.by_account(connection, registrant), registrant),
            "grantor": side(gateway, parties.by_account(connection, grantor), grantor),
            "securedAmount": money_view(right.amount, currency=code),
            "startDate": date_of(right.first_day).isoformat(),
            "dueDate": date_of(right.due_day).isoformat(),
            "months": months,
            "endDate": date_of(add_months(today, months)).isoformat(),
            "property": described,
            "asOf": as_of,
        }

    return await gateway.storage.read(find)


def _months(today: int, due_day: int, *, first: int) -> int:
    """The shortest time in half years, from a first number of months, that reaches the due day."""
    months = first
    while months < MAX_MONTHS and add_months(today, months) <= due_day:
        months += HALF_YEAR
    return min(months, MAX_MONTHS)


def side(gateway: Gateway, row: PartyRow | None, account: str) -> FilingSide:
    """A party as the register asks for it: its name and its legal id."""
    return {
        "name": None if row is None else row.name,
        "legalIdScheme": None if row is None else row.legal_id_scheme,
        "legalId": None if row is None else legal_id_of(gateway, row),
        "account": checksum_address(account),
    }


async def _property(gateway: Gateway, view: FilingProperty, *, currency: str) -> FilingProperty:
    """Adds the debt behind a claim: its debtor, invoice and due day."""
    receivable_id = view.get("receivableId")
    if not receivable_id:
        return view

    def find(connection: Connection) -> tuple[ReceivableRow | None, Names]:
        row = receivables.by_id(connection, receivable_id)
        return row, {} if row is None else parties.names(connection, {row.debtor})

    debt, names = await gateway.storage.read(find)
    if debt is None:
        return view
    document = await gateway.storage.read(
        lambda connection: documents.behind(connection, receivable_id)
    )
    invoice = None if document is None else await reading(gateway, document)
    view["debtor"] = party_view(debt.debtor, names)
    view["faceAmount"] = money_view(debt.face_amount, currency=currency)
    view["dueDate"] = date_of(debt.due_day).isoformat()
    view["invoiceNumber"] = None if invoice is None else invoice["number"]
    view["fingerprint"] = debt.fingerprint
    view["documentRoot"] = debt.document_root
    return view


def as_csv(fields: FilingFields) -> tuple[str, str]:
    """The fields as CSV, one line for each claim, order or warehouse receipt, and the file's name.

    No cell starts a formula (`app.gateway.sheets`).
    """
    registrant, grantor = fields["registrant"], fields["grantor"]
    head: list[Cell] = [
        *(fields["register"], "yes" if fields["required"] else "no"),
        *(fields["reference"], fields["kind"]),
        *(registrant["name"], registrant["legalId"], registrant["account"]),
        *(grantor["name"], grantor["legalId"], grantor["account"]),
        *(_amount(fields["securedAmount"]), fields["securedAmount"]["currency"]),
        *(fields["startDate"], fields["dueDate"], fields["months"], fields["endDate"]),
    ]
    rows = [[*head, *_cells(item)] for item in fields["property"]]
    name = file_name("filing", fields["reference"], day=None, ending="csv")
    return csv_text(Sheet("filing", COLUMNS, rows)), name


def _cells(item: FilingProperty) -> list[Cell]:
    debtor, goods, warehouse = item.get("debtor"), item.get("goods"), item.get("warehouse")
    receivable_id, lot_id = item.get("receivableId"), item.get("lotId")
    return [
        *(item["kind"], str(item["id"]), None if receivable_id is None else str(receivable_id)),
        debtor and (debtor["name"] or debtor["account"]),
        *(item.get("invoiceNumber"), _amount(item.get("faceAmount"))),
        *(_amount(item.get("amount")), item.get("dueDate")),
        *(item.get("fingerprint"), item.get("documentRoot")),
        None if lot_id is None else str(lot_id),
        *(goods and goods["sku"], goods and goods["grade"], item.get("quantity")),
        *(item.get("unit"), warehouse and (warehouse["name"] or warehouse["account"])),
    ]


def _amount(money: MoneyView | None) -> str | None:
    return None if money is None else str(money["amount"])
