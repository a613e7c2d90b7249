"""What is deployed, in which order, with which roles: data only, read by both ways of deploying.

Imports the standard library only, because Brownie's environment has nothing else of the gateway's.
An argument `@Name` is the address of what was deployed under that name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

ADMIN, REGISTRAR, REGULATOR, COURT, CASH_ISSUER, OPERATOR = range(6)
ROLE_NAMES = ("ADMIN", "REGISTRAR", "REGULATOR", "COURT", "CASH_ISSUER", "OPERATOR")
LIBRARIES = ("ReceivableLife", "ReceiverCheck")
HOUR, DAY = 3_600, 86_400
# Accounts of the development mnemonic.
DEPLOYER_PLACE, RELAYER_PLACES = 0, range(1, 9)
REGISTRAR_PLACE, REGULATOR_PLACES, CASH_ISSUER_PLACE, OPERATOR_PLACE = 9, (10, 11), 12, 13


@dataclass(frozen=True)
class Currency:
    """A currency with a settlement token; `digits` stand behind the point (ISO 4217)."""

    code: str
    name: str
    digits: int = 2


CURRENCIES = (
    Currency("CNY", "Deposit in yuan"),
    Currency("EUR", "Deposit in euro"),
    Currency("GBP", "Deposit in pounds"),
    Currency("USD", "Deposit in dollars"),
    Currency("JPY", "Deposit in yen", 0),
)


@dataclass(frozen=True)
class Parameters:
    """Who holds which role, and the ledger's settings.

    Attributes:
        deployer: pays for it; holds ADMIN at first and, unless it is `admin`, no longer at the end.
        court_delay: seconds between the issue of a court order and its execution.
        zone_offset: seconds that the ledger's day is ahead of UTC.
        write_off_days: after the due day, before a defaulted debt may be written off.
        role_delay: seconds between scheduling and executing what a role may do (AccessManager).
    """

    deployer: str
    admin: str
    registrar: str
    regulators: tuple[str, ...]
    cash_issuer: str
    operator: str
    currencies: tuple[Currency, ...] = CURRENCIES
    court_delay: int = DAY
    zone_offset: int = 8 * HOUR
    write_off_days: int = 180
    role_delay: int = 0


@dataclass(frozen=True)
class Creation:
    """A contract to be deployed. `name` is its key in the record, `artifact` its source name."""

    name: str
    artifact: str
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Selectors:
    """Selectors of functions of a contract, as an argument."""

    artifact: str
    functions: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """A view and what it must answer."""

    contract: str
    function: str
    arguments: tuple[Any, ...]
    answer: Any


@dataclass(frozen=True)
class Call:
    """A transaction after all contracts stand; not sent when `done` holds already."""

    contract: str
    function: str
    arguments: tuple[Any, ...]
    done: Question


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
    access = ("@AccessManager", "@ERC2771Forwarder")
    yield Creation("AccessManager", "AccessManager", (parameters.deployer,))
    yield Creation("ERC2771Forwarder", "ERC2771Forwarder", ("Cession Forwarder",))
    yield Creation("PartyRegistry", "PartyRegistry", access)
    yield Creation("CourtOrders", "CourtOrders", (*access, parameters.court_delay))
    days = (parameters.zone_offset, parameters.write_off_days)
    yield Creation("Receivables", "Receivables", (*access, "@PartyRegistry", *days))
    yield Creation("ClaimMarket", "ClaimMarket", ("@ERC2771Forwarder", "@Receivables"))
    for currency in parameters.currencies:
        given = (currency.name, currency.code, currency.digits)
        yield Creation(cash(currency.code), "SettlementToken", (*access, *given))


def _functions(parameters: Parameters) -> dict[str, dict[str, int]]:
    """Which role may call which function; everything else restricted is the administrator's."""
    return {
        "PartyRegistry": {
            "register": REGISTRAR,
            "setRoles": REGISTRAR,
            "setValidity": REGISTRAR,
            "freeze": COURT,
        },
        "CourtOrders": {"issue": REGULATOR, "execute": REGULATOR, "cancel": REGULATOR},
        "Receivables": {"forcedTransfer": COURT, "allowCurrency": OPERATOR},
    } | {cash(currency.code): {"mint": CASH_ISSUER} for currency in parameters.currencies}


def _grants(parameters: Parameters) -> Iterator[tuple[int, str]]:
    yield REGISTRAR, parameters.registrar
    for regulator in parameters.regulators:
        yield REGULATOR, regulator
    yield COURT, "@CourtOrders"
    yield CASH_ISSUER, parameters.cash_issuer
    yield OPERATOR, parameters.operator


def _calls(
    parameters: Parameters,
    functions: dict[str, dict[str, int]],
    grants: tuple[tuple[int, str], ...],
) -> Iterator[Call]:
    # Currencies come first, while allowCurrency is still the deployer's to call.
    handed_over = _role_of("Receivables", "allowCurrency", OPERATOR)
    for currency in parameters.currencies:
        yield Call("Receivables", "allowCurrency", (f"@{cash(currency.code)}", True), handed_over)
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
        delay = 0 if role == COURT else parameters.role_delay
        yield _grant(role, account, delay)
    if parameters.admin != parameters.deployer:
        yield _grant(ADMIN, parameters.admin, parameters.role_delay)
        gone = Question("AccessManager", "hasRole", (ADMIN, parameters.deployer), (False, 0))
        yield Call("AccessManager", "renounceRole", (ADMIN, parameters.deployer), gone)


def _role_of(contract: str, function: str, role: int) -> Question:
    selectors = Selectors(contract.partition(":")[0], (function,))
    return Question("AccessManager", "getTargetFunctionRole", (f"@{contract}", selectors), role)


def _grant(role: int, account: str, delay: int) -> Call:
    held = Question("AccessManager", "hasRole", (role, account), (True, delay))
    return Call("AccessManager", "grantRole", (role, account, delay), held)


def _wiring(parameters: Parameters) -> Iterator[Question]:
    """What the contracts must say of each other and of their settings."""
    managed = ["PartyRegistry", "CourtOrders", "Receivables"]
    tokens = [cash(currency.code) for currency in parameters.currencies]
    for name in (*managed, *tokens):
        yield Question(name, "authority", (), "@AccessManager")
    for name in (*managed, *tokens, "ClaimMarket"):
        yield Question(name, "trustedForwarder", (), "@ERC2771Forwarder")
    yield Question("Receivables", "registry", (), "@PartyRegistry")
    yield Question("Receivables", "zoneOffset", (), parameters.zone_offset)
    yield Question("Receivables", "writeOffDays", (), parameters.write_off_days)
    yield Question("ClaimMarket", "receivables", (), "@Receivables")
    yield Question("CourtOrders", "delay", (), parameters.court_delay)
    for currency in parameters.currencies:
        yield Question(cash(currency.code), "symbol", (), currency.code)
        yield Question(cash(currency.code), "decimals", (), currency.digits)


def resolve(value: Any, addresses: dict[str, str]) -> Any:
    """An argument with `@Name` replaced by the address."""
    if isinstance(value, str) and value.startswith("@"):
        return addresses[value[1:]]
    return value


def role_record(parameters: Parameters, addresses: dict[str, str]) -> dict[str, list[str]]:
    """Roles for the deployment record: name to accounts."""
    roles: dict[str, list[str]] = {"ADMIN": [parameters.admin]}
    for role, account in _grants(parameters):
        roles.setdefault(ROLE_NAMES[role], []).append(resolve(account, addresses))
    return roles
