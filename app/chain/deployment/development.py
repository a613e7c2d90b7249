"""Accounts of the development mnemonic: publicly known, for chains on one machine only."""

from __future__ import annotations

from functools import cache

from eth_account.hdaccount import key_from_seed, seed_from_mnemonic

from app.chain.deployment.parameters import HOUR
from app.chain.deployment.plan import (
    OFFICIAL_PLACES,
    Plan,
    development_parameters,
    plan,
)
from app.chain.evm.mnemonic import MNEMONIC
from app.chain.evm.signers import LocalSigner


@cache
def development_key(place: int) -> LocalSigner:
    """The key of an account of the development mnemonic."""
    return LocalSigner(bytes(key_from_seed(_seed(), f"m/44'/60'/0'/0/{place}")))


@cache
def _seed() -> bytes:
    return bytes(seed_from_mnemonic(MNEMONIC, passphrase=""))


def development_plan(*, court_delay: int = HOUR, zone_offset: int = 8 * HOUR) -> Plan:
    """The deployment plan that gives the roles to accounts of the development mnemonic."""
    accounts = {place: development_key(place).address for place in OFFICIAL_PLACES}
    return plan(development_parameters(accounts, court_delay=court_delay, zone_offset=zone_offset))
