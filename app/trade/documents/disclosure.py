"""Packs of chosen fields, each with the proof that it is in a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from typing_extensions import TypedDict

from app.domain.texts import say
from app.errors import BadInput
from app.trade.documents.merkle import DocumentTree


class FieldWithProof(TypedDict):
    """One field with the proof that it is in the document; `DisclosedField` describes it."""

    field: str
    value: str
    salt: str
    proof: list[str]


class Disclosure(TypedDict):
    """A pack as the gateway answers it; `DocumentPack` describes it, and takes it again."""

    root: str
    fields: list[FieldWithProof]


def disclosure(
    root: str,
    fields: Mapping[str, str],
    *,
    salts: Mapping[str, bytes],
    names: Sequence[str],
    what: str,
) -> Disclosure:
    """A pack of chosen fields with their proofs.

    Args:
        root: of the fields, 0x and 64 digits.
        fields: all fields of the document.
        salts: of the fields, by name.
        names: of the chosen fields.
        what: what error texts call the document, such as "the document".

    Raises:
        BadInput: there is no such field.
    """
    unknown = [name for name in names if name not in fields]
    if unknown:
        raise BadInput(
            say("{what} has no field {unknown}", what=what, unknown=unknown[0]),
            field="fields",
            fix="name fields that `known` lists",
            known=sorted(fields),
        )
    tree = DocumentTree.build(fields, salts=salts)
    return {
        "root": root,
        "fields": [
            {
                "field": name,
                "value": fields[name],
                "salt": "0x" + salts[name].hex(),
                "proof": ["0x" + sibling.hex() for sibling in tree.proofs[name]],
            }
            for name in dict.fromkeys(names)
        ],
    }
