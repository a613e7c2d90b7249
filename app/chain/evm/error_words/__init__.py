"""Each custom error of the contracts in words: what is wrong, with the values, and what to do.

A key is the error's name, or the name with its arguments' names where two contracts have an error
of one name with different arguments: "StateForbids(loanId,status)". A test holds the table to the
ABIs. Values are written as `app.chain.evm.error_words.formats` says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.chain.evm.error_words.access import ACCESS
from app.chain.evm.error_words.assets import ASSETS
from app.chain.evm.error_words.formats import Format
from app.chain.evm.error_words.language import LANGUAGE
from app.chain.evm.error_words.lending import LENDING
from app.chain.evm.error_words.market import MARKET
from app.chain.evm.error_words.registry import REGISTRY
from app.chain.evm.error_words.tokens import TOKENS

Words = tuple[str, str]
TABLE: dict[str, Words] = {
    **ACCESS,
    **ASSETS,
    **LANGUAGE,
    **LENDING,
    **MARKET,
    **REGISTRY,
    **TOKENS,
}


def template(name: str, arguments: dict[str, Any]) -> Words | None:
    """The sentence and the fix of an error, with its values as fields; None where it has none."""
    return TABLE.get(f"{name}({','.join(arguments)})") or TABLE.get(name)


def in_words(
    name: str,
    arguments: dict[str, Any],
    *,
    name_at: Callable[[str], str | None] = lambda _: None,
) -> Words:
    """What is wrong and what to do.

    Args:
        name_at: the name of the ledger's contract at an address, such as "SettlementToken:CNY".
    """
    found = template(name, arguments)
    write = Format(name_at, term=str(arguments.get("term", "")))
    try:
        if found is not None:
            return write.vformat(found[0], (), arguments), write.vformat(found[1], (), arguments)
    except (KeyError, ValueError, TypeError):
        pass  # another contract's error of that name, with other values
    inner = ", ".join(f"{key}={value}" for key, value in arguments.items())
    return f"{name}({inner})", ""
