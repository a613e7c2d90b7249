"""What is deployed, in which order, with which roles: data only, for both ways of deploying.

It imports only the standard library, as `parameters`, `ledger_key` and `money` do, because
Brownie's environment has nothing else of the gateway. An argument `@Name` is the address of the
contract of that name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.chain.deployment.parameters import HOUR, Parameters
from app.chain.evm.hashing import ZERO_ADDRESS
from app.domain.ledger_key import DEVELOPMENT_LEDGER_KEY, LedgerKey

# 2, 3 and 6 are not used: CourtOrders has its own list of regulators, and contracts that may move
# money know each other by address.
ADMIN, REGISTRAR, CASH_ISSUER, OPERATOR = 0, 1, 4, 5
ROLE_NAMES = {
    ADMIN: "ADMIN",
    REGISTRAR: "REGISTRAR",
    CASH_ISSUER: "CASH_ISSUER",
    OPERATOR: "OPERATOR",
}
# The record's name for the accounts that are regulators in CourtOrders.
REGULATORS = "REGULATOR"
LIBRARIES = (
    *("ReceivableLife", "ReceivableMoney", "ReceiverCheck", "TokenRights", "LotLife"),
    # A library comes before those that link it.
    *("TokenPages", "ReceivablePages", "WarehouseReceiptPages"),
    *("CollateralItems", "CollateralValue", "MarginCall", "GoodsAuction"),
    *(
        "LoanFees",
        "FacilityAgreement",
        "DrawControl",
        "TradeRecord",
        "DrawEvidence",
        "LoanProceeds",
        "LoanMoney",
        "LoanBatch",
        "LoanHistory",
        "LoanRerun",
        "LoanChanges",
        "LoanRestatement",
        "LoanRates",
        "LoanDraw",
        "LoanCorrections",
        "LoanWaivers",
        "RestructuringTerms",
        "LoanRestructuring",
        "LoanLoss",
        "LoanUnclaimed",
        "LoanSales",
        "LoanParticipations",
        "SaleBuyBacks",
    ),
    *("Conversion", "GoodsSale", "LoanGoods", "LoanInKind", "LoanLiquidation", "LoanBuyBack"),
    *("IdleLiens", "LoanHedges"),
    "RiskAgreements",
)
# Facilities is a party of the registry, because a lienholder must be one. Its identity is its name.
FACILITIES_IDENTITY = "0x" + hashlib.sha256(b"Cession Facilities").hexdigest()
LEDGER_ROLE, FOR_EVER = 256, 2**64 - 1
# Accounts of the development mnemonic.
DEPLOYER_PLACE, RELAYER_PLACES = 0, range(1, 9)
REGISTRAR_PLACE, REGULATOR_PLACES, CASH_ISSUER_PLACE, OPERATOR_PLACES = 9, (10, 11), 12, (13, 99)
OFFICIAL_PLACES = (
    DEPLOYER_PLACE,
    REGISTRAR_PLACE,
    *REGULATOR_PLACES,
    CASH_ISSUER_PLACE,
    *OPERATOR_PLACES,
)


def development_parameters(accounts: Mapping[int, str], **changes: Any) -> Parameters:
    """Parameters that give the roles to accounts of the development mnemonic.

    Args:
        accounts: addresses by their place in the mnemonic.
        changes: other values for fields of `Parameters`.
    """
    parameters = Parameters(
        deployer=accounts[DEPLOYER_PLACE],
        admin=accounts[DEPLOYER_PLACE],
        registrar=accounts[REGISTRAR_PLACE],
        regulators=tuple(accounts[place] for place in REGULATOR_PLACES),
        cash_issuer=accounts[CASH_ISSUER_PLACE],
        operators=tuple(accounts[place] for place in OPERATOR_PLACES),
        ledger_key_hash=LedgerKey(DEVELOPMENT_LEDGER_KEY).commitment,
        court_delay=HOUR,
    )
    return replace(parameters, **changes)


@dataclass(frozen=True)
class Creation:
    """A contract to deploy. `name` is its key in the record, `artifact` its source name."""

    name: str
    artifact: str
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Selectors:
    """An argument: selectors of functions of a contract."""

    artifact: str
    functions: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """A view and the answer that it must give."""

    contract: str
    function: str
    arguments: tuple[Any, ...]
    answer: Any


@dataclass(frozen=True)
class LastEvent:
    """The last event with this name and first indexed address, and the word that it must have.

    For state that the contract shows only in an event.
    """

    contract: str
    event: str
    key: str
    answer: int


@dataclass(frozen=True)
class Call:
    """A transaction after all contracts are created; not sent if `done` holds already.

    With `first_run` it is not sent once the deployment was complete: from then on only the role
    that may call the function changes what it sets.
    """

    contract: str
    function: str
    arguments: tuple[Any, ...]
    done: Question | LastEvent
    first_run: bool = False


@dataclass(frozen=True)
class Plan:
    """The whole deployment."""

    parameters: Parameters
    creations: tuple[Creation, ...]
    calls: tuple[Call, ...]
    wiring: tuple[Question, ...]
    functions: dict[str, dict[str, int]] = field(default_factory=dict)
    grants: tuple[tuple[int, str], ...] = ()


def plan(parameters: Parameters) -> Plan:
    """The plan for these parameters."""
    grants = tuple(_grants(parameters))
    functions = _functions(parameters)
    return Plan(
        parameters=parameters,
        creations=tuple(_creations(parameters)),
        calls=tuple(_calls(parameters, functions, grants)),
        wiring=tuple(_wiring(parameters)),
        functions=functions,
        grants=grants,
    )


def cash(code: str) -> str:
    """Name of a currency's settlement token in the record."""
    return f"SettlementToken:{code}"


def _creations(parameters: Parameters) -> Iterator[Creation]:
    for library in LIBRARIES:
        yield Creation(library, library)
    access = ("@AccessManager", "@Forwarder")
    yield Creation("AccessManager", "AccessManager", (parameters.deployer,))
    yield Creation("Forwarder", "Forwarder")
    court = ("@Forwarder", parameters.court_delay, parameters.regulators, parameters.deployer)
    yield Creation("CourtOrders", "CourtOrders", court)
    registry = (*access, "@CourtOrders", parameters.ledger_key_hash)
    yield Creation("PartyRegistry", "PartyRegistry", registry)
    days = (parameters.zone_offset, parameters.write_off_days)
    owed = (*access, "@PartyRegistry", *days)
    yield Creation("ReceivablesModule", "ReceivablesModule", owed)
    yield Creation("Receivables", "Receivables", (*owed, "@ReceivablesModule"))
    stored = (*access, "@PartyRegistry", parameters.zone_offset)
    yield Creation("WarehouseReceiptsModule", "WarehouseReceiptsModule", stored)
    yield Creation("WarehouseReceipts", "WarehouseReceipts", (*stored, "@WarehouseReceiptsModule"))
    yield Creation("ClaimMarket", "ClaimMarket", ("@Forwarder", "@Receivables"))
    yield Creation("CreditRegistry", "CreditRegistry", ("@Forwarder", "@PartyRegistry"))
    yield Creation("PurchaseOrders", "PurchaseOrders", ("@Forwarder", "@Receivables"))
    rates = (*access, "@PartyRegistry", parameters.zone_offset)
    yield Creation("ReferenceRates", "ReferenceRates", rates)
    yield Creation("Products", "Products", (*access, "@PartyRegistry", "@ReferenceRates"))
    yield Creation("RiskReserve", "RiskReserve", (*access, "@PartyRegistry"))
    yield Creation("PriceFeed", "PriceFeed", (*access, "@PartyRegistry"))
    campaigns = ("@Forwarder", "@PartyRegistry", parameters.zone_offset)
    yield Creation("Campaigns", "Campaigns", campaigns)
    context = (
        *("@CreditRegistry", "@Products", "@Receivables", "@PurchaseOrders", "@RiskReserve"),
        *("@PriceFeed", "@WarehouseReceipts"),
    )
    lent = ("@Forwarder", *context)
    yield Creation("FacilitiesModule", "FacilitiesModule", lent)
    yield Creation("LoansModule", "LoansModule", lent)
    yield Creation("Facilities", "Facilities", (*lent, "@FacilitiesModule", "@LoansModule"))
    yield Creation("Notices", "Notices", ("@Forwarder", "@Facilities"))
    for currency in parameters.currencies:
        arguments = (*access, currency.name, currency.code, currency.digits)
        name = cash(currency.code)
        if currency.court:
            yield Creation(name, "CourtSettlementToken", (*arguments, "@CourtOrders"))
        else:
            yield Creation(name, "SettlementToken", arguments)


def _functions(parameters: Parameters) -> dict[str, dict[str, int]]:
    """The role that may call each function; all other restricted functions are ADMIN's."""
    return {
        "PartyRegistry": {
            "register": REGISTRAR,
            "setRoles": REGISTRAR,
            "setValidity": REGISTRAR,
            "setGroup": REGISTRAR,
        },
        "Receivables": {"allowCurrency": OPERATOR},
        "WarehouseReceipts": {"stopNewLiens": OPERATOR},
        "Products": dict.fromkeys(("add", "propose", "approve", "close", "setHolidays"), OPERATOR),
        "RiskReserve": {
            "bind": ADMIN,
            **dict.fromkeys(("setCap", "agreeSharing", "endSharing"), OPERATOR),
        },
        "PriceFeed": dict.fromkeys(("setCurrency", "list"), OPERATOR),
        "ReferenceRates": {"list": OPERATOR},
    } | {cash(currency.code): {"mint": CASH_ISSUER} for currency in parameters.currencies}


def _grants(parameters: Parameters) -> Iterator[tuple[int, str]]:
    yield REGISTRAR, parameters.registrar
    yield CASH_ISSUER, parameters.cash_issuer
    for operator in parameters.operators:
        yield OPERATOR, operator


def holders(planned: Plan, addresses: Mapping[str, str]) -> dict[tuple[int, str], int]:
    """Accounts by role at the end, with the delay of their calls in seconds."""
    parameters = planned.parameters
    delays = {(ADMIN, parameters.admin): parameters.role_delay}
    for role, account in planned.grants:
        delays[role, resolve(account, addresses)] = parameters.role_delay
    return delays


def _calls(
    parameters: Parameters,
    functions: dict[str, dict[str, int]],
    grants: tuple[tuple[int, str], ...],
) -> Iterator[Call]:
    bound = Question("CourtOrders", "registry", (), "@PartyRegistry")
    yield Call("CourtOrders", "bind", ("@PartyRegistry",), bound)
    # Currencies, party and catalogue come first, while the deployer may still call these functions.
    party = (FACILITIES_IDENTITY, LEDGER_ROLE, FOR_EVER, "@Facilities")
    registered = Question("PartyRegistry", "isValid", ("@Facilities",), True)
    yield Call("PartyRegistry", "register", party, registered)
    bound = Question("RiskReserve", "facilities", (), "@Facilities")
    yield Call("RiskReserve", "bind", ("@Facilities",), bound)
    for currency in parameters.currencies:
        token = f"@{cash(currency.code)}"
        allowed = LastEvent("Receivables", "CurrencyAllowed", token, 1)
        yield Call("Receivables", "allowCurrency", (token, True), allowed)
        code = "0x" + currency.code.encode().hex()
        known = Question("PriceFeed", "currencyOf", (token,), code)
        yield Call("PriceFeed", "setCurrency", (token, code), known)
    yield from _catalogue_calls(parameters)
    for contract, roles in functions.items():
        for function, role in roles.items():
            selectors = Selectors(contract.partition(":")[0], (function,))
            yield Call(
                "AccessManager",
                "setTargetFunctionRole",
                (f"@{contract}", selectors, role),
                _role_of(contract, function, role),
            )
    for role, account in grants:
        yield _grant(role, account, parameters.role_delay)
    yield _grant(ADMIN, parameters.admin, parameters.role_delay)
    if parameters.admin != parameters.deployer:
        gone = Question("AccessManager", "hasRole", (ADMIN, parameters.deployer), (False, 0))
        yield Call("AccessManager", "renounceRole", (ADMIN, parameters.deployer), gone)


def _catalogue_calls(parameters: Parameters) -> Iterator[Call]:
    for number, product in enumerate(parameters.products, start=1):
        listed = Question("Products", "withCode", (product.code,), number)
        added = (product.code, product.terms, product.goods, product.floating, product.evidence)
        yield Call("Products", "add", added, listed, first_run=True)
        if product.reserve_cap:
            token = f"@{cash(product.currency)}"
            room = Question("RiskReserve", "room", (number, token), product.reserve_cap)
            capped = (number, token, product.reserve_cap)
            yield Call("RiskReserve", "setCap", capped, room, first_run=True)
    if parameters.holidays:
        words = tuple(word for word, _ in parameters.holidays)
        bits = tuple(int(text, 16) for _, text in parameters.holidays)
        day = words[0] * 256 + bits[0].bit_length() - 1
        off = Question("Products", "isHoliday", (day,), True)
        yield Call("Products", "setHolidays", (words, bits), off, first_run=True)


def _role_of(contract: str, function: str, role: int) -> Question:
    selectors = Selectors(contract.partition(":")[0], (function,))
    return Question("AccessManager", "getTargetFunctionRole", (f"@{contract}", selectors), role)


def _grant(role: int, account: str, delay: int) -> Call:
    held = Question("AccessManager", "hasRole", (role, account), (True, delay))
    return Call("AccessManager", "grantRole", (role, account, delay), held)


def _wiring(parameters: Parameters) -> Iterator[Question]:
    """The answers that the contracts must give about each other and their settings."""
    managed = ["PartyRegistry", "Receivables", "Products", "RiskReserve"]
    managed += ["PriceFeed", "ReferenceRates", "WarehouseReceipts"]
    forwarded = ["CourtOrders", "ClaimMarket", "CreditRegistry", "PurchaseOrders", "Campaigns"]
    forwarded.append("Notices")
    tokens = [cash(currency.code) for currency in parameters.currencies]
    for name in (*managed, *tokens):
        yield Question(name, "authority", (), "@AccessManager")
    for name in (*managed, *tokens, *forwarded):
        yield Question(name, "trustedForwarder", (), "@Forwarder")
    yield from _module_wiring(parameters)
    yield Question("Receivables", "registry", (), "@PartyRegistry")
    yield Question("Receivables", "zoneOffset", (), parameters.zone_offset)
    for name in ("Campaigns", "WarehouseReceipts", "ReferenceRates"):
        yield Question(name, "zoneOffset", (), parameters.zone_offset)
    yield Question("Receivables", "writeOffDays", (), parameters.write_off_days)
    for name in ("ClaimMarket", "PurchaseOrders", "Notices"):
        yield Question(name, "receivables", (), "@Receivables")
    yield Question("Notices", "facilities", (), "@Facilities")
    registered = ("CreditRegistry", "PurchaseOrders", "RiskReserve", "PriceFeed", "Campaigns")
    for name in (
        *(*registered, "WarehouseReceipts", "Products", "ReferenceRates", "CourtOrders"),
        "Notices",
    ):
        yield Question(name, "registry", (), "@PartyRegistry")
    yield Question("Products", "rates", (), "@ReferenceRates")
    yield Question("RiskReserve", "facilities", (), "@Facilities")
    yield Question("CourtOrders", "delay", (), parameters.court_delay)
    yield Question("PartyRegistry", "court", (), "@CourtOrders")
    yield Question("PartyRegistry", "ledgerKeyHash", (), parameters.ledger_key_hash)
    for number, product in enumerate(parameters.products, start=1):
        yield Question("Products", "withCode", (product.code,), number)
        yield Question("Products", "terms", (number, 1), product.terms)
        yield Question("Products", "goodsTerms", (number, 1), product.goods)
        yield Question("Products", "floatingTerms", (number, 1), product.floating)
        yield Question("Products", "evidenceTerms", (number, 1), product.evidence)
    for currency in parameters.currencies:
        yield Question(cash(currency.code), "symbol", (), currency.code)
        yield Question(cash(currency.code), "decimals", (), currency.digits)
        court = "@CourtOrders" if currency.court else ZERO_ADDRESS
        yield Question(cash(currency.code), "court", (), court)


def _module_wiring(parameters: Parameters) -> Iterator[Question]:
    """A module runs on another contract's storage; its settings must equal that contract's."""
    for token in ("Receivables", "WarehouseReceipts"):
        yield Question(token, "module", (), f"@{token}Module")
        yield Question(f"{token}Module", "registry", (), "@PartyRegistry")
        yield Question(f"{token}Module", "trustedForwarder", (), "@Forwarder")
        yield Question(f"{token}Module", "zoneOffset", (), parameters.zone_offset)
    yield Question("ReceivablesModule", "writeOffDays", (), parameters.write_off_days)
    yield Question("Facilities", "module", (), "@FacilitiesModule")
    yield Question("Facilities", "loansModule", (), "@LoansModule")
    for lending in ("Facilities", "FacilitiesModule", "LoansModule"):
        yield Question(lending, "trustedForwarder", (), "@Forwarder")
        for view, name in (
            *(("registry", "PartyRegistry"), ("receivables", "Receivables")),
            *(("credit", "CreditRegistry"), ("products", "Products"), ("orders", "PurchaseOrders")),
            *(("reserve", "RiskReserve"), ("prices", "PriceFeed")),
            ("warehouseReceipts", "WarehouseReceipts"),
        ):
            yield Question(lending, view, (), f"@{name}")
        yield Question(lending, "writeOffDays", (), parameters.write_off_days)


def resolve(value: Any, addresses: Mapping[str, str]) -> Any:
    """An argument with each `@Name` replaced by the address, also within structs and lists."""
    if isinstance(value, str) and value.startswith("@"):
        return addresses[value[1:]]
    if isinstance(value, Mapping):
        return {name: resolve(item, addresses) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(resolve(item, addresses) for item in value)
    return value


def role_record(planned: Plan, addresses: Mapping[str, str]) -> dict[str, list[str]]:
    """Roles for the deployment record: accounts by role name."""
    roles: dict[str, list[str]] = {}
    for role, account in holders(planned, addresses):
        roles.setdefault(ROLE_NAMES[role], []).append(account)
    roles[REGULATORS] = list(planned.parameters.regulators)
    return roles
