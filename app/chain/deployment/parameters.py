"""The parameters of a deployment: the accounts that have roles, and the ledger's settings.

It imports only the standard library, as `money` does, because Brownie's environment has nothing
else of the gateway.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypedDict

from app.domain.money import CurrencyUnknown, digits_of

HOUR, DAY = 3_600, 86_400
_HASH_DIGITS, _ADDRESS_DIGITS = 64, 40
_MIN_PERSONS = 2


class ParametersInvalid(ValueError):
    """The parameters allow no plan; the message names the field."""


class CurrencyDocument(TypedDict):
    """A `Currency` in JSON."""

    code: str
    name: str
    digits: int
    court: bool


class FirstProductDocument(TypedDict):
    """A `FirstProduct` in JSON."""

    code: str
    currency: str
    reserve_cap: int
    terms: dict[str, object]
    goods: dict[str, object]
    floating: dict[str, object]
    evidence: dict[str, object]


class ParametersDocument(TypedDict):
    """`Parameters` in JSON, as in the deployment record and in a plan's file."""

    deployer: str
    admin: str
    registrar: str
    regulators: list[str]
    cash_issuer: str
    operators: list[str]
    ledger_key_hash: str
    currencies: list[CurrencyDocument]
    court_delay: int
    zone_offset: int
    write_off_days: int
    role_delay: int
    products: list[FirstProductDocument]
    holidays: list[list[int | str]]


@dataclass(frozen=True)
class Currency:
    """A currency with a settlement token.

    Attributes:
        digits: digits after the decimal point, as in ISO 4217; gateways and wallets use them to
            write amounts.
        court: whether court orders apply to it, as its issuer's terms say.

    Raises:
        ParametersInvalid: ISO 4217 does not have the code, or has other digits.
    """

    code: str
    name: str
    digits: int = 2
    court: bool = False

    def __post_init__(self) -> None:
        try:
            digits = digits_of(self.code)
        except (CurrencyUnknown, TypeError) as error:
            raise ParametersInvalid(f"currencies: {error}") from error
        if type(self.digits) is not int or self.digits != digits:
            raise ParametersInvalid(
                f"currencies: {self.code} has {digits} digits after the point (ISO 4217), not "
                f'{self.digits!r}: give "digits": {digits}'
            )

    def as_json(self) -> CurrencyDocument:
        """The currency as in the deployment record and in a plan's file."""
        return {
            "code": self.code,
            "name": self.name,
            "digits": self.digits,
            "court": self.court,
        }


CURRENCIES = (
    Currency("CNY", "Deposit in yuan"),
    Currency("EUR", "Deposit in euro"),
    Currency("GBP", "Deposit in pounds"),
    Currency("USD", "Deposit in dollars"),
    Currency("JPY", "Deposit in yen", 0),
)


@dataclass(frozen=True)
class FirstProduct:
    """The first version of a product of the catalogue.

    Attributes:
        code: 32 bytes, 0x and 64 digits.
        terms: fields of `IProducts.ProductTerms` in order.
        goods: fields of `IProducts.GoodsTerms` in order.
        floating: fields of `IProducts.FloatingTerms` in order.
        evidence: fields of `IProducts.EvidenceTerms` in order.
        reserve_cap: in minor units; 0 for no reserve.
    """

    code: str
    currency: str
    reserve_cap: int
    terms: Mapping[str, object]
    goods: Mapping[str, object]
    floating: Mapping[str, object]
    evidence: Mapping[str, object]

    def as_json(self) -> FirstProductDocument:
        """The product as in the deployment record and in a plan's file."""
        return {
            "code": self.code,
            "currency": self.currency,
            "reserve_cap": self.reserve_cap,
            "terms": dict(self.terms),
            "goods": dict(self.goods),
            "floating": dict(self.floating),
            "evidence": dict(self.evidence),
        }


@dataclass(frozen=True)
class Parameters:
    """The accounts that have roles, and the ledger's settings.

    Attributes:
        deployer: account that pays for the deployment. It has ADMIN at first and, unless it is
            `admin`, gives it up at the end.
        ledger_key_hash: hash of the ledger's key (`LedgerKey.commitment`); it never changes.
        court_delay: seconds between the issue of a court order and its execution.
        zone_offset: seconds by which the ledger's day is ahead of UTC.
        write_off_days: days after the due day until a defaulted debt may be written off.
        role_delay: seconds between scheduling and executing a call of a role (AccessManager).
        products: the catalogue, in the order of the products' numbers.
        holidays: holidays as `Products.setHolidays` takes them: word and bits (0x text).
    """

    deployer: str
    admin: str
    registrar: str
    regulators: tuple[str, ...]
    cash_issuer: str
    operators: tuple[str, ...]
    ledger_key_hash: str
    currencies: tuple[Currency, ...] = CURRENCIES
    court_delay: int = DAY
    zone_offset: int = 8 * HOUR
    write_off_days: int = 180
    role_delay: int = 0
    products: tuple[FirstProduct, ...] = ()
    holidays: tuple[tuple[int, str], ...] = ()

    def as_json(self) -> ParametersDocument:
        """The parameters as in the deployment record and in a plan's file."""
        return {
            "deployer": self.deployer,
            "admin": self.admin,
            "registrar": self.registrar,
            "regulators": list(self.regulators),
            "cash_issuer": self.cash_issuer,
            "operators": list(self.operators),
            "ledger_key_hash": self.ledger_key_hash,
            "currencies": [currency.as_json() for currency in self.currencies],
            "court_delay": self.court_delay,
            "zone_offset": self.zone_offset,
            "write_off_days": self.write_off_days,
            "role_delay": self.role_delay,
            "products": [product.as_json() for product in self.products],
            "holidays": [list(word) for word in self.holidays],
        }

    @classmethod
    def from_json(
        cls, document: Mapping[str, object], *, deployer: str | None = None
    ) -> Parameters:
        """Parameters from a record or a plan's file; `deployer` replaces the deployer in it.

        Raises:
            ParametersInvalid: a field is missing, unknown or of the wrong kind.
        """
        if unknown := document.keys() - {item.name for item in fields(cls)}:
            raise ParametersInvalid(f"unknown: {', '.join(sorted(unknown))}")
        return cls(
            deployer=_address(
                "deployer", document.get("deployer") if deployer is None else deployer
            ),
            admin=_address("admin", document.get("admin")),
            registrar=_address("registrar", document.get("registrar")),
            cash_issuer=_address("cash_issuer", document.get("cash_issuer")),
            regulators=_two("regulators", document.get("regulators"), "a court order"),
            operators=_two("operators", document.get("operators"), "a change of a product"),
            ledger_key_hash=_key_hash(document.get("ledger_key_hash")),
            currencies=(
                _currencies(document["currencies"]) if "currencies" in document else CURRENCIES
            ),
            court_delay=_whole_number(document, "court_delay", default=cls.court_delay),
            zone_offset=_whole_number(document, "zone_offset", default=cls.zone_offset),
            write_off_days=_whole_number(document, "write_off_days", default=cls.write_off_days),
            role_delay=_whole_number(document, "role_delay", default=cls.role_delay),
            products=_products(document.get("products", ())),
            holidays=_holidays(document.get("holidays", ())),
        )


def _whole_number(document: Mapping[str, object], name: str, *, default: int) -> int:
    value = document.get(name, default)
    if type(value) is not int or value < 0:
        raise ParametersInvalid(f"{name}: give a whole number, not {value!r}")
    return value


def _list(name: str, value: object, *, of: str) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        raise ParametersInvalid(f"{name}: give a list of {of}")
    return list(value)


def _currencies(value: object) -> tuple[Currency, ...]:
    try:
        return tuple(Currency(**row) for row in _list("currencies", value, of="currencies"))
    except TypeError as error:
        raise ParametersInvalid(f"currencies: {error}") from error


def _products(value: object) -> tuple[FirstProduct, ...]:
    try:
        return tuple(FirstProduct(**row) for row in _list("products", value, of="products"))
    except TypeError as error:
        raise ParametersInvalid(f"products: {error}") from error


def _holidays(value: object) -> tuple[tuple[int, str], ...]:
    try:
        words = _list("holidays", value, of="pairs: a word's number and its bits")
        return tuple((int(word), hex(int(bits, 16))) for word, bits in words)
    except (TypeError, ValueError) as error:
        raise ParametersInvalid(f"holidays: {error}") from error


def _two(name: str, value: object, what: str) -> tuple[str, ...]:
    listed = _list(name, value, of="two or more accounts")
    accounts = tuple(_address(name, account) for account in listed)
    if len(set(accounts)) < _MIN_PERSONS:
        raise ParametersInvalid(f"{name}: {what} needs two persons; give two accounts")
    return accounts


def _key_hash(value: object) -> str:
    text = value.lower() if isinstance(value, str) else ""
    digits = text.removeprefix("0x")
    whole = len(text) == 2 + _HASH_DIGITS and len(digits) == _HASH_DIGITS
    if not whole or set(digits) - set("0123456789abcdef"):
        raise ParametersInvalid(
            "ledger_key_hash: give the hash of the ledger's key (0x and 64 digits); "
            f"`cession keys ledger` makes a key and prints its hash, not {value!r}"
        )
    if not digits.strip("0"):
        raise ParametersInvalid("ledger_key_hash: zero is the hash of no key")
    return text


def _address(name: str, value: object) -> str:
    text = value.lower() if isinstance(value, str) else ""
    whole = len(text) == 2 + _ADDRESS_DIGITS and text.startswith("0x")
    if not whole or set(text[2:]) - set("0123456789abcdef"):
        raise ParametersInvalid(f"{name}: give an address (0x and 40 digits), not {value!r}")
    return text
