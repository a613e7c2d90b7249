"""A document's fields as a Merkle tree: its root goes on the ledger, chosen fields are disclosed.

Each field has its own salt, so that nobody can guess a hidden field from its hash. The tree
is OpenZeppelin's StandardMerkleTree over the rows `[DOMAIN, field, value, salt]` of the types
`bytes32, string, string, bytes32`: leaves are hashed twice, pairs are sorted, and the contracts'
`MerkleProof.verify` and the npm package `@openzeppelin/merkle-tree` check the same proofs.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eth_abi.abi import encode

from app.chain.evm.hashing import keccak

DOMAIN = keccak(b"cession.document.field.v1")
TYPES = ("bytes32", "string", "string", "bytes32")
WORD = 32


def field_leaf(field: str, value: str, salt: bytes) -> bytes:
    """The leaf of a field.

    Raises:
        ValueError: the salt does not have 32 bytes.
    """
    if len(salt) != WORD:
        raise ValueError(f"the salt of {field} has {len(salt)} bytes, not {WORD}")
    return keccak(keccak(encode(TYPES, (DOMAIN, field, value, salt))))


def fresh_salts(fields: Mapping[str, str]) -> dict[str, bytes]:
    """A random salt for each field; salts are as secret as the document and are kept with it."""
    return {field: secrets.token_bytes(WORD) for field in fields}


@dataclass(frozen=True)
class DocumentTree:
    """The tree of one document.

    Attributes:
        root: 32 bytes, for the ledger.
        proofs: for each field, the sibling hashes from leaf to root.
    """

    root: bytes
    proofs: Mapping[str, tuple[bytes, ...]]

    @classmethod
    def build(cls, fields: Mapping[str, str], *, salts: Mapping[str, bytes]) -> DocumentTree:
        """Builds the tree.

        Raises:
            ValueError: no fields, or a field without a salt of 32 bytes.
        """
        missing = [field for field in fields if field not in salts]
        if missing:
            raise ValueError(f"there is no salt for {missing[0]}")
        names = list(fields)
        leaves = [field_leaf(name, fields[name], salts[name]) for name in names]
        root, proofs = tree_of(leaves)
        return cls(root=root, proofs=dict(zip(names, proofs, strict=True)))


def tree_of(leaves: Sequence[bytes]) -> tuple[bytes, list[tuple[bytes, ...]]]:
    """Root and proofs of hashed leaves, in OpenZeppelin's layout: sorted, from the end.

    Raises:
        ValueError: no leaves.
    """
    if not leaves:
        raise ValueError("a tree needs a leaf")
    size = 2 * len(leaves) - 1
    nodes = [b""] * size
    places = [0] * len(leaves)
    order = sorted(range(len(leaves)), key=lambda index: leaves[index])
    for rank, index in enumerate(order):
        places[index] = size - 1 - rank
        nodes[places[index]] = leaves[index]
    for place in range(size - 1 - len(leaves), -1, -1):
        nodes[place] = _pair(nodes[2 * place + 1], nodes[2 * place + 2])
    return nodes[0], [_proof(nodes, place) for place in places]


def verify_disclosure(
    *, root: bytes, field: str, value: str, salt: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether a document with this root has this value in this field.

    A malformed proof or salt gives False; it raises nothing.
    """
    if len(salt) != WORD or any(len(sibling) != WORD for sibling in proof):
        return False
    node = field_leaf(field, value, salt)
    for sibling in proof:
        node = _pair(node, sibling)
    return hmac.compare_digest(node, root)


def _pair(first: bytes, second: bytes) -> bytes:
    return keccak(first + second if first < second else second + first)


def _proof(nodes: Sequence[bytes], place: int) -> tuple[bytes, ...]:
    siblings = []
    while place:
        siblings.append(nodes[place + 1 if place % 2 else place - 1])
        place = (place - 1) // 2
    return tuple(siblings)
