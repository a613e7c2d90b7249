"""Writes the ERC-7730 descriptors of all contracts, and the page of what wallets show.

A descriptor in the repository is bound to no deployment: a ledger fills in its chain and its
addresses (`GET /v1/contracts/{contract}/clear-signing`).
"""

from __future__ import annotations

import json

from app.chain.evm.interfaces import Interfaces
from app.clear_signing.descriptors import descriptors_of
from app.clear_signing.forms import call_forms, message_form
from app.clear_signing.messages import MESSAGE_FORMS
from app.clear_signing.model import Form
from app.clear_signing.signed_calls import CALL_FORMS, UNSIGNED

FOLDER = "clear-signing"
_HEAD = (
    "# Clear signing: what a wallet shows\n\n"
    "`make reference` writes this page from the tables in `app/clear_signing`.\n"
    "It lists each message and each call that a party may sign, and what the gateway says of it.\n"
    "`{path}` stands for the value of a field.\n\n"
    "Each contract has its descriptors as files in `docs/reference/clear-signing`, in the form of "
    "[ERC-7730](https://eips.ethereum.org/EIPS/eip-7730), version 2 of its schema: `eip712-` for "
    "messages, `calldata-` for calls.\n"
    "A file is bound to no deployment, so no wallet applies it as it is.\n"
    "`GET /v1/contracts/{contract}/clear-signing` answers both with the ledger's chain and address "
    "filled in.\n\n"
    "`POST /v1/signing/description` describes typed data in words before a wallet signs it: title, "
    "sentence, a row for each field, and warnings.\n"
    "[Decision 64](../explanation/decisions/0064-clear-signing.md) says how, and what it does not "
    "promise.\n"
)


def descriptor_files(interfaces: Interfaces) -> dict[str, str]:
    """The descriptors by their paths below `docs/reference`."""
    files: dict[str, str] = {}
    for contract in sorted(CALL_FORMS):
        descriptors = descriptors_of(contract, interfaces.own(contract))
        for kind, descriptor in (
            ("eip712", descriptors["messages"]),
            ("calldata", descriptors["calls"]),
        ):
            if descriptor is not None:
                text = json.dumps(descriptor, indent=2, ensure_ascii=False)
                files[f"{FOLDER}/{kind}-{contract}.json"] = text + "\n"
    return files


def page(interfaces: Interfaces) -> str:
    """The page as Markdown."""
    lines = [_HEAD]
    files = descriptor_files(interfaces)
    for contract in sorted(CALL_FORMS):
        links = [
            f"[{kind}]({FOLDER}/{file}-{contract}.json)"
            for kind, file in (("messages", "eip712"), ("calls", "calldata"))
            if f"{FOLDER}/{file}-{contract}.json" in files
        ]
        messages = [
            message_form(name) for name, form in MESSAGE_FORMS.items() if form.contract == contract
        ]
        calls = sorted(
            call_forms(contract, interfaces.own(contract)).values(), key=lambda form: form.key
        )
        lines += [f"## {contract}", f"As ERC-7730: {', '.join(links)}.", ""]
        lines += _table("message", messages) + _table("call", calls)
        unsigned = sorted(UNSIGNED.get(contract, {}).items())
        if unsigned:
            reasons = "; ".join(f"`{name}`: {reason}" for name, reason in unsigned)
            lines += [f"No party signs a call of {reasons}.", ""]
    return "\n".join(lines).rstrip() + "\n"


def _table(head: str, forms: list[Form]) -> list[str]:
    if not forms:
        return []
    lines = [f"| {head} | title | sentence |", "| --- | --- | --- |"]
    for form in forms:
        types = f"({', '.join(leaf.path for leaf in form.leaves)})" if _is_overload(form) else ""
        lines.append(f"| `{form.name}{types}` | {form.title} | {form.sentence} |")
    return [*lines, ""]


def _is_overload(form: Form) -> bool:
    return form.name in ("approve", "transferFrom", "safeTransferFrom") and form.contract in (
        "Receivables",
        "WarehouseReceipts",
    )
