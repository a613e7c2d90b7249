"""The catalogue in a deployment: first versions of its products, and its holidays.

They are deployment parameters, so the record holds them, a second run finds them done, and the
check verifies them. After the deployment, `cession products` changes the catalogue. This module
needs only YAML and pydantic, because Brownie's environment has them too.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.chain.deployment.parameters import FirstProduct, Parameters, ParametersDocument
from app.chain.deployment.plan import cash
from app.chain.deployment.record import Hash
from app.domain.catalogue import reserve_cap_of
from app.domain.catalogue_files import read_calendar, read_catalogue
from app.domain.holidays import words_of
from app.domain.product_terms import (
    code_word,
    evidence_terms_of,
    floating_terms_of,
    goods_terms_of,
    terms_of,
)
from app.places import CATALOGUE as CATALOGUE
from app.places import LEGAL_TEXT, text_of


def legal_text_hash(keccak: Hash) -> str:
    """Hash of the legal text in the gateway's settings; the products' terms refer to it."""
    file = text_of(os.environ.get("CESSION_LEGAL_TEXT", LEGAL_TEXT))
    return "0x" + bytes(keccak(file.read_bytes())).hex()


def with_catalogue(
    parameters: Parameters,
    path: Path,
    *,
    legal_text_hash: str,
    standing: ParametersDocument | None = None,
) -> Parameters:
    """The parameters with a catalogue.

    For an existing deployment (`standing` are its recorded parameters) it is the recorded
    catalogue; otherwise the parameters' own if they have one (as copies from a record do);
    otherwise the file's. Rows of the file whose currency is not deployed are left out.

    Raises:
        CatalogueInvalid.
    """
    if standing is not None:
        known = Parameters.from_json(standing)
        return replace(parameters, products=known.products, holidays=known.holidays)
    if parameters.products:
        return parameters
    rows, rules = read_catalogue(path)
    codes = {currency.code for currency in parameters.currencies}
    products = tuple(
        FirstProduct(
            code=code_word(row.code),
            currency=row.currency,
            reserve_cap=reserve_cap_of(row),
            terms=terms_of(
                row,
                currency=f"@{cash(row.currency)}",
                legal_text_hash=legal_text_hash,
                rules=rules,
            ),
            goods=goods_terms_of(row),
            floating=floating_terms_of(row, max_total_cost=rules.max_total_cost),
            evidence=evidence_terms_of(row),
        )
        for row in rows
        if row.currency in codes
    )
    calendar = read_calendar(path)
    words = {} if calendar is None else words_of(calendar.closed)
    holidays = tuple((word, hex(bits)) for word, bits in sorted(words.items()))
    return replace(parameters, products=products, holidays=holidays)


def codes_and_currencies(path: Path) -> Sequence[tuple[str, str]]:
    """Code and currency of each row of the catalogue file.

    Raises:
        CatalogueInvalid.
    """
    rows, _ = read_catalogue(path)
    return [(row.code, row.currency) for row in rows]
