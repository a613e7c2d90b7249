"""Forms of all messages and calls: the tables of this package applied to types and interfaces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from app.chain.evm.abi import AbiItem, AbiParameter, selector_of, signature_of, type_of
from app.chain.evm.signed_structs import STRUCTS
from app.clear_signing.fields import A_HISTORY, A_NONCE, FIELDS, HISTORIES
from app.clear_signing.messages import MESSAGE_FIELDS, MESSAGE_FORMS
from app.clear_signing.model import (
    HASH,
    NUMBER,
    CallForm,
    Currency,
    Field,
    Form,
    Leaf,
)
from app.clear_signing.signed_calls import CALL_FORMS
from app.clear_signing.structs import STRUCT_FORMS


class FieldUnknown(KeyError):
    """A field that no table describes."""


def message_form(name: str) -> Form:
    """The form of a type of message.

    Raises:
        KeyError: it is not one of `STRUCTS`.
    """
    message, struct = MESSAGE_FORMS[name], STRUCTS[name]
    parts = [AbiParameter(name=field, type=kind) for field, kind in struct]
    own = CallForm(message.title, message.sentence, fields=MESSAGE_FIELDS.get(name, {}))
    inner = ",".join(f"{kind} {field}" for field, kind in struct)
    return Form(
        contract=message.contract,
        name=name,
        key=f"{name}({inner})",
        title=message.title,
        sentence=message.sentence,
        leaves=tuple(_leaves(parts, own, struct=name)),
    )


def call_form(contract: str, item: AbiItem) -> Form | None:
    """The form of a function; None: no party signs a call of it.

    Args:
        contract: name of the contract's source.

    Raises:
        FieldUnknown: a table lacks one of its arguments.
    """
    forms = CALL_FORMS.get(contract, {})
    own = forms.get(signature_of(item)) or forms.get(item["name"])
    if own is None:
        return None
    return Form(
        contract=contract,
        name=item["name"],
        key=f"{item['name']}({_named(item['inputs'])})",
        title=own.title,
        sentence=own.sentence,
        leaves=tuple(_leaves(item["inputs"], own)),
    )


def call_forms(contract: str, interface: Iterable[AbiItem]) -> dict[bytes, Form]:
    """The forms of a contract's functions by their selectors."""
    forms: dict[bytes, Form] = {}
    for item in interface:
        form = call_form(contract, item) if item["type"] == "function" else None
        if form is not None:
            forms[selector_of(item)] = form
    return forms


def _named(parts: Iterable[AbiParameter]) -> str:
    """Parameters as ERC-7730 writes them: `(uint256 id,address to) part,bytes data`."""
    return ",".join(f"{_named_type(part)} {part['name']}" for part in parts)


def _named_type(part: AbiParameter) -> str:
    if part["type"].startswith("tuple"):
        return f"({_named(part['components'])}){part['type'].removeprefix('tuple')}"
    return type_of(part)


def _leaves(
    parts: Iterable[AbiParameter],
    own: CallForm,
    *,
    struct: str = "",
    above: str = "",
    currency: Currency | None = None,
    hidden: str = "",
) -> Iterator[Leaf]:
    """The fields of a struct, or of a call's arguments, with inner structs taken apart.

    Args:
        above: the path of the struct, with a dot at its end.
        currency: of money, if the struct has none of its own.
        hidden: why none of the struct is shown.
    """
    form = STRUCT_FORMS.get(struct)
    if form is not None and form.currency is not None:
        currency = _below(form.currency, above)
    for part in parts:
        name, kind = part["name"], part["type"]
        path = f"{above}{name}" + (".[]" if kind.endswith("]") else "")
        unseen = hidden or (A_HISTORY if name in HISTORIES else "")
        if kind.startswith("tuple"):
            yield from _leaves(
                part["components"],
                own,
                struct=_struct_name(part),
                above=f"{path}.",
                currency=currency or own.currency,
                hidden=unseen,
            )
            continue
        if unseen:
            field = Field(name, NUMBER if kind.startswith(("uint", "int")) else HASH, hidden=unseen)
        else:
            field = _field(own, form.fields if form else {}, struct, path, name)
            field = _with_currency(field, path in own.fields, above, currency or own.currency)
        yield Leaf(path, kind.partition("[")[0], field)


def _struct_name(part: AbiParameter) -> str:
    """`FacilityTerms` of `struct IFacilities.FacilityTerms[]`."""
    return part.get("internalType", "").partition("[")[0].rpartition(".")[2]


def _field(
    own: CallForm, of_struct: Mapping[str, Field], struct: str, path: str, name: str
) -> Field:
    bare = path.removesuffix(".[]")
    for table, key in ((own.fields, path), (own.fields, bare), (of_struct, name), (FIELDS, name)):
        if key in table:
            field = table[key]
            is_nonce = name == "nonce" and table is FIELDS
            return msgspec.structs.replace(field, hidden=A_NONCE) if is_nonce else field
    raise FieldUnknown(f"{struct or 'call'}.{path}")


def _with_currency(field: Field, is_own: bool, above: str, currency: Currency | None) -> Field:
    """The field with its currency's whole path; a field of the call has whole paths already."""
    if field.currency is None:
        return msgspec.structs.replace(field, currency=currency)
    if is_own:
        return field
    return msgspec.structs.replace(field, currency=_below(field.currency, above))


def _below(currency: Currency, above: str) -> Currency:
    otherwise = None if currency.otherwise is None else _below(currency.otherwise, above)
    path = currency.path and f"{above}{currency.path}"
    return Currency(currency.source, path, otherwise)
