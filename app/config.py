"""Settings of one gateway, from the environment (`CESSION_…`) or from files that it names.

A secret is given as `CESSION_<NAME>` or, better, as `CESSION_<NAME>_FILE`.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from app.domain.ledger_key import LedgerKey, LedgerKeyInvalid
from app.domain.money import minor_units

PREFIX = "CESSION_"
MEGABYTE = 1_000_000
GWEI = 10**9
OIDC = ("oidc_issuer", "oidc_audience", "oidc_keys_url")
# The minimum and the maximum of each number.
BOUNDS: dict[str, tuple[float, float]] = {
    "document_limit": (1_000, 1_000 * MEGABYTE),
    "request_limit": (1_000, 1_000 * MEGABYTE),
    "rate_limit": (0, 1e9),
    "rate_burst": (1, 1e9),
    "rpc_timeout": (0.1, 600),
    "block_age_limit": (0, 1e9),
    "operation_age_limit": (0, 1e9),
    "relay_balance_low": (0, 10**30),
    "connection_limit": (1, 1_000_000),
    "address_connection_limit": (1, 1_000_000),
    "header_limit": (1_024, MEGABYTE),
    "header_seconds": (0.1, 3_600),
    "body_seconds": (0.1, 3_600),
    "answer_seconds": (0.1, 3_600),
    "party_reads": (1, 1_000),
    "document_workers": (1, 256),
    "pdf_workers": (1, 256),
    "key_workers": (1, 256),
    "worker_queue": (1, 100_000),
    "fee_ceiling": (1, 10**30),
    "idempotency_days": (30, 36_500),
    "watch_minutes": (1, 1_440),
    "history_part": (1, 800),
}
_EXPECTED = {
    "Expected `int`": "give a whole number",
    "Expected `float`": "give a number",
    "Expected `bool`": "give true or false",
}
_PLACE = re.compile(r" - at `\$\.(\w+)`$")
DATABASE_URL = "sqlite:///build/cession.sqlite"
MIN_MASTER_KEY = 32  # characters
_MIN_SCRYPT_COST = 2


class SettingInvalid(ValueError):
    """A setting is missing or not valid; the message names the variable."""


def is_scrypt_cost(cost: int) -> bool:
    """Whether scrypt takes this cost: a power of two above 1 (RFC 7914, section 2)."""
    return cost >= _MIN_SCRYPT_COST and cost.bit_count() == 1


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a gateway runs.

    Attributes:
        database_url: `sqlite:///path` or `postgresql+psycopg://…`.
        rpc_url: the chain's JSON-RPC; several nodes are joined by commas. Write a comma in a
            password as `%2C`. No message and no log shows user, password, path or query.
        rpc_agreement: how many of the nodes must give the same block for it to be the head.
        rpc_timeout: maximum seconds of one call to the node.
        block_age_limit: maximum age of the newest block in seconds before `/readyz` answers 503; 0:
            no limit, for chains that make blocks on demand. Set it on every other chain.
        operation_age_limit: maximum seconds that an operation may be under way before `/readyz`
            answers 503; 0: no limit.
        relay_balance_low: wei below which the balance of a relay account counts as low.
        deployment: the file of the deployment record; default `deployments/<chainId>.json`.
        ledger_key: the ledger's key, 64 hex digits, the same at all its gateways; identities and
            fingerprints are keyed with it. It cannot be changed.
        master_key: at least 32 characters; documents and legal ids are encrypted with it, and are
            lost with it.
        keystore_password: opens the keys in custody and the files of the relay accounts.
        master_key_before: the previous master key, while everything is encrypted again.
        keystore_password_before: the previous keystore password, while everything is encrypted
            again.
        relay_keystores: files of the relay accounts' encrypted JSON keys, joined by commas.
        scrypt_cost: scrypt cost of new keys in custody, a power of two (geth's is 262144).
        finality: `instant`, `finalized`, or a number of confirmations.
        verify_receipts: prove each block's transaction receipts against its `receiptsRoot`.
        document_limit: maximum bytes of an upload.
        request_limit: maximum bytes of any other request.
        rate_limit: requests a second for each caller; 0: no limit. Gateways on one PostgreSQL share
            it.
        rate_burst: requests that a caller may send at once.
        oidc_issuer: issuer of bearer tokens. The gateway accepts tokens if issuer, audience and
            keys are set, and refuses to start with only some of them.
        oidc_audience: audience of bearer tokens.
        oidc_keys_url: URL of the keys that sign bearer tokens.
        oidc_client_id: client id of the pages at the OIDC issuer; without it the pages offer no
            sign-in by OIDC.
        oidc_client_secret: secret of that client, if the issuer gave one.
        oidc_scope: scopes that the pages ask for, separated by blanks.
        pages_url: address at which browsers reach the pages, such as `https://desk.example.com`.
            Set it wherever a proxy stands before the gateway. Default: the request's own address;
            people then sign in with their wallets on this machine alone.
        trusted_proxies: addresses or blocks of addresses (such as `10.0.4.0/24`) of the reverse
            proxies before the gateway, joined by commas. From these alone the gateway takes the
            sender's address and scheme of `X-Forwarded-For` and `X-Forwarded-Proto`: the last
            address in it that is no proxy of yours. Each proxy must append to `X-Forwarded-For` or
            replace it. Default: none, and the address of the connection counts.
        legal_text: file of the text whose hash terms, quotes and confirmations carry: one that came
            with the gateway, or one in the folder where it runs.
        json_logs: write logs as JSON lines.
        approvals: how parties in custody approve the ledger's contracts: `unlimited`, each contract
            once, or `exact`, each command the amount that it needs.
        connection_limit: maximum connections of all callers.
        address_connection_limit: maximum connections of one address.
        header_limit: maximum bytes of a request's first line and headers.
        header_seconds: maximum seconds until a request's headers are complete.
        body_seconds: maximum seconds until a request's body is complete.
        answer_seconds: maximum seconds for which a caller may leave an answer unread.
        party_reads: reads of the store that one party may have running at once.
        document_workers: threads that read documents and tables.
        pdf_workers: threads that read PDFs, each with a process of its own.
        key_workers: threads that open and write keystores.
        worker_queue: jobs that may wait for each of these pools.
        fee_ceiling: maximum wei for a unit of gas that the relayer offers.
        cors_origins: origins whose pages may call the API from a browser, joined by commas;
            default: none.
        idempotency_days: days for which the answer to a command is stored for its idempotency key.
        review_limit: amount above which a person looks at an invoice, such as `500000.00 CNY`; the
            cross-checks then look for invoices that were split to stay below it. Default: unknown.
        watch_minutes: minutes of the chain's clock after which the warning levels of all loans are
            computed anew; on each new day they are too.
        webhook_loopback: let webhooks go to this machine, and by http; for tests only.
        history_part: maximum number of a loan's postings that one transaction runs again; the
            history of a loan with more runs in parts before it is corrected.
    """

    database_url: str = DATABASE_URL
    rpc_url: str = "http://127.0.0.1:8545"
    rpc_timeout: float = 10.0
    rpc_agreement: int = 1
    block_age_limit: float = 0.0
    operation_age_limit: float = 900.0
    relay_balance_low: int = 50_000_000 * GWEI
    deployment: str | None = None
    ledger_key: str = ""
    master_key: str = ""
    keystore_password: str = ""
    master_key_before: str | None = None
    keystore_password_before: str | None = None
    relay_keystores: str = ""
    scrypt_cost: int = 262_144
    finality: str = "finalized"
    verify_receipts: bool = True
    document_limit: int = 20 * MEGABYTE
    request_limit: int = 1 * MEGABYTE
    rate_limit: float = 500.0
    rate_burst: int = 1000
    oidc_issuer: str | None = None
    oidc_audience: str | None = None
    oidc_keys_url: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: str | None = None
    oidc_scope: str = "openid"
    pages_url: str | None = None
    trusted_proxies: str = ""
    legal_text: str = "docs/legal/terms.md"
    json_logs: bool = True
    approvals: Literal["unlimited", "exact"] = "unlimited"
    connection_limit: int = 1024
    address_connection_limit: int = 256
    header_limit: int = 32_768
    header_seconds: float = 10.0
    body_seconds: float = 60.0
    answer_seconds: float = 60.0
    party_reads: int = 2
    document_workers: int = 2
    pdf_workers: int = 2
    key_workers: int = 2
    worker_queue: int = 64
    fee_ceiling: int = 1000 * GWEI
    idempotency_days: int = 400
    watch_minutes: int = 15
    webhook_loopback: bool = False
    history_part: int = 400
    cors_origins: str = ""
    review_limit: str = ""

    def __post_init__(self) -> None:
        self._check_nodes()
        try:
            LedgerKey(self.ledger_key)
        except LedgerKeyInvalid as error:
            raise SettingInvalid(f"CESSION_LEDGER_KEY: {error}") from None
        if len(self.master_key) < MIN_MASTER_KEY:
            raise SettingInvalid(
                f"CESSION_MASTER_KEY: give at least {MIN_MASTER_KEY} characters of random text"
            )
        if not self.keystore_password:
            raise SettingInvalid("CESSION_KEYSTORE_PASSWORD: missing; give a password")
        if not is_scrypt_cost(self.scrypt_cost):
            raise SettingInvalid("CESSION_SCRYPT_COST: give a power of two")
        if not (self.finality in ("instant", "finalized") or self.finality.isdecimal()):
            raise SettingInvalid(
                "CESSION_FINALITY: give `instant`, `finalized`, or a number of confirmations"
            )
        if not self.database_url.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise SettingInvalid(
                "CESSION_DATABASE_URL: give sqlite:///path or postgresql+psycopg://…"
            )
        for name, (minimum, maximum) in BOUNDS.items():
            value = getattr(self, name)
            if not minimum <= value <= maximum:
                raise SettingInvalid(
                    f"{variable(name)}: {value:g} is out of range; give {minimum:g} to {maximum:g}"
                )
        self._check_oidc()
        self._check_web()
        if self.review_limit:
            _check_limit(self.review_limit)

    def _check_web(self) -> None:
        """Where browsers are, and which proxies are before the gateway."""
        for origin in self.origins:
            _check_origin(origin)
        if self.pages_url:
            _check_origin(self.pages_url, name="pages_url")
        for block in self.proxies:
            _check_block(block)

    def _check_oidc(self) -> None:
        """All of OIDC or none: a part of it would look as if tokens were accepted."""
        values = {name: getattr(self, name) for name in OIDC}
        lacking = [name for name, value in values.items() if not value]
        if lacking and len(lacking) < len(values):
            raise SettingInvalid(
                f"{variable(lacking[0])}: missing; bearer tokens need all of "
                f"{', '.join(variable(name) for name in OIDC)}"
            )
        if self.oidc_client_id and not self.oidc_issuer:
            raise SettingInvalid(
                "CESSION_OIDC_CLIENT_ID: the pages sign in with bearer tokens; set "
                f"{', '.join(variable(name) for name in OIDC)} too"
            )
        keys = self.oidc_keys_url
        if keys and not keys.startswith(("https://", "http://")):
            raise SettingInvalid("CESSION_OIDC_KEYS_URL: give a URL that begins with https://")

    def _check_nodes(self) -> None:
        for url in self.rpc_urls:
            _check_address(url)
        if not self.rpc_urls:
            raise SettingInvalid("CESSION_RPC_URL: give the address of at least one node")
        if not 1 <= self.rpc_agreement <= max(len(self.rpc_urls), 1):
            raise SettingInvalid(
                f"CESSION_RPC_AGREEMENT: {self.rpc_agreement} nodes of {len(self.rpc_urls)} "
                "cannot agree; give 1 to the number of nodes in CESSION_RPC_URL"
            )

    @property
    def finality_rule(self) -> str | int:
        """`finality` in the form that the indexer needs."""
        return int(self.finality) if self.finality.isdigit() else self.finality

    @property
    def rpc_urls(self) -> tuple[str, ...]:
        """The nodes of `rpc_url`, the preferred one first."""
        return tuple(url.strip() for url in self.rpc_url.split(",") if url.strip())

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins of `cors_origins`."""
        return tuple(origin.strip() for origin in self.cors_origins.split(",") if origin.strip())

    @property
    def proxies(self) -> tuple[str, ...]:
        """The addresses and blocks of `trusted_proxies`."""
        return tuple(item.strip() for item in self.trusted_proxies.split(",") if item.strip())

    @property
    def oidc(self) -> bool:
        """Whether bearer tokens are accepted."""
        return bool(self.oidc_issuer and self.oidc_audience and self.oidc_keys_url)


def variable(name: str) -> str:
    """The environment's name for a setting."""
    return f"{PREFIX}{name.upper()}"


def _check_limit(text: str) -> None:
    amount, _, currency = text.partition(" ")
    try:
        positive = minor_units(amount, currency=currency) > 0
    except ValueError:
        positive = False
    if not positive:
        raise SettingInvalid(
            f"CESSION_REVIEW_LIMIT: {text[:40]!r} is no amount above zero; give an amount and the "
            "code of its currency, such as 500000.00 CNY"
        )


def _check_address(url: str) -> None:
    """Refuses text that is not a node's address, without quoting it: it may hold a password."""
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return
    except ValueError:  # the error's text may quote a password
        pass
    raise SettingInvalid(
        "CESSION_RPC_URL: give http(s)://HOST:PORT, several joined by commas; write special "
        "characters of a user or password as %XX"
    )


def _check_block(block: str) -> None:
    """Refuses what is no block of addresses, and one that holds them all."""
    try:
        if ipaddress.ip_network(block).prefixlen:
            return
    except ValueError:
        pass
    raise SettingInvalid(
        f"CESSION_TRUSTED_PROXIES: {block[:60]!r} is no block of addresses; give addresses or "
        "blocks such as 10.0.4.0/24, joined by commas"
    )


def _check_origin(origin: str, *, name: str = "cors_origins") -> None:
    """Refuses text that no browser would send as a page's origin."""
    try:
        parts = urlsplit(origin)
        port = "" if parts.port is None else f":{parts.port}"
        if (
            parts.scheme in ("http", "https")
            and origin == f"{parts.scheme}://{parts.hostname}{port}"
        ):
            return
    except ValueError:
        pass
    raise SettingInvalid(
        f"{variable(name)}: give origins such as https://desk.example.com, joined by commas, "
        "in lower case, without path or final slash; * is not allowed"
    )


def settings_from(environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Settings from the environment; `overrides` take precedence.

    Raises:
        SettingInvalid: a variable is unknown, unreadable or not valid.
    """
    environment = os.environ if environment is None else environment
    known = {field.name for field in msgspec.structs.fields(Settings)}
    values: dict[str, object] = {}
    for variable_name, text in environment.items():
        if not variable_name.startswith(PREFIX):
            continue
        name = variable_name.removeprefix(PREFIX).lower()
        if name.endswith("_file") and name.removesuffix("_file") in known:
            values[name.removesuffix("_file")] = _text_of_file(variable_name, Path(text))
        elif name in known:
            values[name] = text
        else:
            raise SettingInvalid(f"{variable_name}: there is no such setting")
    try:
        return msgspec.convert(values | overrides, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise _invalid(error) from error


def _text_of_file(variable_name: str, file: Path) -> str:
    """What the file that a variable names contains, without the last line's end."""
    try:
        return file.read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingInvalid(f"{variable_name}: {_reason(error)}") from error


def _reason(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "the file that it names is not UTF-8 text"
    return f"the file {error.filename} cannot be read: {error.strerror}"


def _invalid(error: msgspec.ValidationError) -> SettingInvalid:
    """One line that begins with the variable's name."""
    if isinstance(error.__cause__, SettingInvalid):
        return error.__cause__
    text = str(error)
    place = _PLACE.search(text)
    if place is None:
        return SettingInvalid(text)
    words = text[: place.start()]
    for kind, expected in _EXPECTED.items():
        if words.startswith(kind):
            words = expected
    return SettingInvalid(f"{variable(place[1])}: {words}")


def store_url(environment: Mapping[str, str] | None = None) -> str:
    """`database_url` alone, for commands that need no secret.

    Raises:
        SettingInvalid: its file cannot be read, or it does not name a store.
    """
    environment = os.environ if environment is None else environment
    name = f"{PREFIX}DATABASE_URL"
    url, file = environment.get(name, DATABASE_URL), environment.get(f"{name}_FILE")
    if file is not None:
        try:
            url = Path(file).read_text().rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingInvalid(f"{name}_FILE: {_reason(error)}") from error
    if url.partition("://")[0] not in ("sqlite", "postgresql+psycopg"):
        raise SettingInvalid(f"{name}: give sqlite:///path or postgresql+psycopg://…")
    return url
