"""A sentence for each custom error of the contracts: what is wrong, with the values, and a fix.

A key is the error's name. If two contracts have errors of one name with different arguments, the
key names the arguments too: "StateForbids(loanId,status)". A test compares the table with the ABIs.
`app.chain.evm.error_words.formats` defines how values are written.
"""

from __future__ import annotations

from collections.abc import Callable

from app.chain.evm.abi import DecodedValues
from app.chain.evm.error_words.access import ACCESS
from app.chain.evm.error_words.assets import ASSETS
from app.chain.evm.error_words.collateral import COLLATERAL
from app.chain.evm.error_words.formats import Format
from app.chain.evm.error_words.language import LANGUAGE
from app.chain.evm.error_words.lending import LENDING
from app.chain.evm.error_words.loans import LOANS
from app.chain.evm.error_words.market import MARKET
from app.chain.evm.error_words.notices import NOTICES
from app.chain.evm.error_words.registry import REGISTRY
from app.chain.evm.error_words.tokens import TOKENS

Words = tuple[str, str]
TABLE: dict[str, Words] = {
    **ACCESS,
    **ASSETS,
    **COLLATERAL,
    **LANGUAGE,
    **LENDING,
    **LOANS,
    **MARKET,
    **NOTICES,
    **REGISTRY,
    **TOKENS,
}


def template(name: str, arguments: DecodedValues) -> Words | None:
    """The sentence and the fix of an error, with fields for its values; None for other errors."""
    return TABLE.get(f"{name}({','.join(arguments)})") or TABLE.get(name)


def in_words(
    name: str,
    arguments: DecodedValues,
    *,
    name_at: Callable[[str], str | None] = lambda _: None,
) -> Words:
    """What is wrong and what to do, with the error's values.

    Args:
        name_at: returns the name of the ledger's contract at an address, such as
            "SettlementToken:CNY", or None.
    """
    words = template(name, arguments)
    write = Format(name_at, term=str(arguments.get("term", "")))
    try:
        if words is not None:
            message, fix = words
            return write.vformat(message, (), arguments), write.vformat(fix, (), arguments)
    except (KeyError, ValueError, TypeError):
        pass  # an error of this name with other arguments, from another contract
    inner = ", ".join(f"{key}={value}" for key, value in arguments.items())
    return f"{name}({inner})", ""
