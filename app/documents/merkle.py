"""Documents as Merkle trees of salted fields: the root goes on the ledger, fields are shown alone.

A leaf is keccak(keccak(salt ‖ keccak(field) ‖ keccak(value))): hashed twice, so that no inner node
passes for a leaf. Inner nodes hash their two children in order of size, as OpenZeppelin's
MerkleProof does, so that contracts can check proofs too.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from app.chain.hashing import keccak

SALT_BYTES = 32


def leaf(*, field: str, value: str, salt: bytes) -> bytes:
    """Hash of one salted field."""
    return keccak(keccak(salt + keccak(field.encode()) + keccak(value.encode())))


def _pair(one: bytes, other: bytes) -> bytes:
    return keccak(one + other if one < other else other + one)


class DocumentTree:
    """The tree of one document's fields."""

    def __init__(self, fields: Mapping[str, str], salts: Mapping[str, bytes]) -> None:
        if not fields:
            raise ValueError("a document has at least one field")
        hashes = {
            name: leaf(field=name, value=value, salt=salts[name]) for name, value in fields.items()
        }
        self._hashes = hashes
        self._levels = [sorted(hashes.values())]
        while len(self._levels[-1]) > 1:
            level = self._levels[-1]
            above = [
                _pair(level[place], level[place + 1]) if place + 1 < len(level) else level[place]
                for place in range(0, len(level), 2)
            ]
            self._levels.append(above)

    @property
    def root(self) -> bytes:
        """32 bytes that stand for the whole document."""
        return self._levels[-1][0]

    def proof(self, field: str) -> list[bytes]:
        """The siblings on the way from the field to the root.

        Raises:
            KeyError: no such field.
        """
        place = self._levels[0].index(self._hashes[field])
        found = []
        for level in self._levels[:-1]:
            sibling = place ^ 1
            if sibling < len(level):
                found.append(level[sibling])
            place //= 2
        return found


def new_salts(fields: Mapping[str, str]) -> dict[str, bytes]:
    """Fresh salts, so that a hidden field cannot be guessed from its hash."""
    return {name: os.urandom(SALT_BYTES) for name in fields}


def verify_disclosure(
    *, root: bytes, field: str, value: str, salt: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether this field with this value is in the document behind the root."""
    found = leaf(field=field, value=value, salt=salt)
    for sibling in proof:
        found = _pair(found, sibling)
    return found == root
