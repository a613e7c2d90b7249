"""Settings of one gateway, from the environment (`CESSION_…`) or from files it names.

A secret is given as `CESSION_<NAME>` or, better, as `CESSION_<NAME>_FILE`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

PREFIX = "CESSION_"
MEGABYTE = 1_000_000


class SettingInvalid(ValueError):
    """A setting is missing or does not hold; the message names the variable."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a gateway runs.

    Attributes:
        database_url: `sqlite:///path` or `postgresql+psycopg://…`.
        rpc_url: the chain's JSON-RPC.
        rpc_timeout: seconds that one call of the node may take in all.
        deployment: the deployment record's file; default `deployments/<chainId>.json`.
        master_key: at least 32 characters; papers, legal ids and fingerprints are keyed with it.
        keystore_password: opens the keys in custody.
        relay_keystores: files of encrypted JSON keys that pay the fees, joined by commas.
        scrypt_cost: of new keys in custody (geth's is 262144).
        finality: `instant`, `finalized`, or a number of confirmations.
        verify_receipts: prove each block's receipts against its `receiptsRoot`.
        document_limit, request_limit: most bytes of an upload and of any other request.
        rate_limit, rate_burst: requests a second for each caller and how many at once; 0: no limit.
        oidc_issuer, oidc_audience, oidc_keys_url: bearer tokens are taken when all three are set.
        legal_text: file of the text that terms, quotes and confirmations refer to.
        json_logs: structured logs as JSON lines.
        approvals: how parties in custody approve the ledger's contracts: `unlimited`, each once, or
            `exact`, each command what it needs.
    """

    database_url: str = "sqlite:///build/cession.sqlite"
    rpc_url: str = "http://127.0.0.1:8545"
    rpc_timeout: float = 10.0
    deployment: str | None = None
    master_key: str = ""
    keystore_password: str = ""
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
    legal_text: str = "docs/legal/terms.md"
    json_logs: bool = True
    approvals: Literal["unlimited", "exact"] = "unlimited"

    def __post_init__(self) -> None:
        if len(self.master_key) < 32:
            raise SettingInvalid("CESSION_MASTER_KEY: give at least 32 characters of random text")
        if not self.keystore_password:
            raise SettingInvalid("CESSION_KEYSTORE_PASSWORD: missing")
        if not 0.1 <= self.rpc_timeout <= 600:
            raise SettingInvalid("CESSION_RPC_TIMEOUT: give seconds, from 0.1 to 600")
        cost = self.scrypt_cost
        if cost < 2 or cost & (cost - 1):
            raise SettingInvalid("CESSION_SCRYPT_COST: give a power of two")

    @property
    def finality_rule(self) -> str | int:
        """`finality` as the indexer wants it."""
        return int(self.finality) if self.finality.isdigit() else self.finality

    @property
    def oidc(self) -> bool:
        """Whether bearer tokens are taken."""
        return bool(self.oidc_issuer and self.oidc_audience and self.oidc_keys_url)


def settings_from(environment: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """Settings out of the environment; `given` come first.

    Raises:
        SettingInvalid: a variable is unknown, unreadable or does not hold.
    """
    environment = os.environ if environment is None else environment
    known = {field.name for field in msgspec.structs.fields(Settings)}
    values: dict[str, Any] = {}
    for variable, text in environment.items():
        if not variable.startswith(PREFIX):
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name.endswith("_file") and name.removesuffix("_file") in known:
            name = name.removesuffix("_file")
            try:
                text = Path(text).read_text().rstrip("\r\n")
            except OSError as error:
                raise SettingInvalid(f"{variable}: {error}") from error
        if name not in known:
            raise SettingInvalid(f"{variable}: there is no such setting")
        values[name] = text
    try:
        return msgspec.convert(values | given, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingInvalid(str(error)) from error
