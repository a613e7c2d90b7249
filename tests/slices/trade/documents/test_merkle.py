"""Fields are disclosed one by one, and nothing else can pass as a field."""

from __future__ import annotations

from functools import partial

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from app.chain.evm.hashing import keccak
from app.trade.documents.merkle import (
    DocumentTree,
    field_leaf,
    fresh_salts,
    tree_of,
    verify_disclosure,
)
from app.trade.documents.model import fields
from app.trade.documents.reader import read_document
from tests.support.documents import UBL

FIELDS = st.dictionaries(st.text(max_size=12), st.text(max_size=20), min_size=1, max_size=24)


def salts_of(names: dict[str, str]) -> dict[str, bytes]:
    """Salts that a test can repeat."""
    return {name: keccak(b"salt" + name.encode()) for name in names}


@given(FIELDS)
def test_every_field_of_any_document_can_be_shown(values: dict[str, str]) -> None:
    salts = salts_of(values)
    tree = DocumentTree.build(values, salts=salts)
    for name, value in values.items():
        holds = partial(
            verify_disclosure,
            root=tree.root,
            field=name,
            salt=salts[name],
            proof=tree.proofs[name],
        )
        assert holds(value=value)
        assert not holds(value=value + "0")


@given(FIELDS, st.data())
def test_a_proof_serves_no_other_field_salt_or_root(
    values: dict[str, str], data: st.DataObject
) -> None:
    salts = salts_of(values)
    tree = DocumentTree.build(values, salts=salts)
    name = data.draw(st.sampled_from(sorted(values)))
    holds = partial(
        verify_disclosure,
        root=tree.root,
        field=name,
        value=values[name],
        salt=salts[name],
        proof=tree.proofs[name],
    )
    assert holds()
    assert not holds(field=name + "x")
    assert not holds(salt=keccak(salts[name]))
    assert not holds(salt=salts[name][:-1])
    assert not holds(root=keccak(tree.root))
    assert not holds(proof=(*tree.proofs[name], bytes(32)))
    assert not holds(proof=(*tree.proofs[name], b"short"))


@given(FIELDS)
def test_the_order_of_fields_makes_no_difference(values: dict[str, str]) -> None:
    salts = salts_of(values)
    turned = dict(reversed(values.items()))
    assert (
        DocumentTree.build(values, salts=salts).root == DocumentTree.build(turned, salts=salts).root
    )


def test_the_tree_is_the_one_that_openzeppelin_publishes() -> None:
    rows = (
        ("0x1111111111111111111111111111111111111111", 5 * 10**18),
        ("0x2222222222222222222222222222222222222222", 25 * 10**17),
    )
    leaves = [keccak(keccak(encode(("address", "uint256"), row))) for row in rows]
    root, _proofs = tree_of(leaves)
    assert root.hex() == "d4dee0beab2d53f2cc83e567171bd2820e49898130a22622b10ead383e90bd77"


def test_inner_node_is_never_a_leaf() -> None:
    values = {"a": "1", "b": "2", "c": "3"}
    salts = salts_of(values)
    leaves = {name: field_leaf(name, value, salts[name]) for name, value in values.items()}
    assert len({*leaves.values(), keccak(leaves["a"] + leaves["b"])}) == 4
    # Bytes cannot move between field and value: each has its length.
    assert field_leaf("ab", "c", bytes(32)) != field_leaf("a", "bc", bytes(32))


def test_fresh_salts_never_repeat_and_give_equal_documents_different_roots() -> None:
    values = fields(read_document(UBL))
    first, second = fresh_salts(values), fresh_salts(values)
    assert len({*first.values(), *second.values()}) == 2 * len(values)
    trees = [DocumentTree.build(values, salts=salts) for salts in (first, second)]
    assert trees[0].root != trees[1].root


def test_a_field_without_its_salt_and_a_tree_without_fields_are_refused() -> None:
    with pytest.raises(ValueError, match="salt for b"):
        DocumentTree.build({"a": "1", "b": "2"}, salts={"a": bytes(32)})
    with pytest.raises(ValueError, match="bytes"):
        DocumentTree.build({"a": "1"}, salts={"a": bytes(31)})
    with pytest.raises(ValueError, match="leaf"):
        DocumentTree.build({}, salts={})


def test_every_value_of_a_document_is_a_field() -> None:
    values = fields(read_document(UBL))
    assert values["payableAmount"] == "8395.05"
    assert values["seller.id"] == "9845004FNRDHARBOUR67"
    assert values["lines.1.price"] == "312.25"
    assert values["adjustments.0.charge"] == "false"
