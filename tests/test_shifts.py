"""No bare shift stands in the contracts outside of `contracts/types/`.

Each word that is packed by hand has a type there. The type draws the layout and names the offsets.
Any other shift uses a named constant.
"""

from __future__ import annotations

import re

from scripts.compile import sources

NAMED = r"\(?[A-Z][A-Z_]*\b"


def has_bare_shift(line: str) -> bool:
    """Whether code of one line shifts by something without a name."""
    code = re.sub(r"//.*", "", line)
    return " constant " not in code and bool(re.search(rf"(<<|>>)=?(?!=?\s*{NAMED})", code))


def test_shift_by_a_number_or_a_variable_counts_as_bare() -> None:
    assert has_bare_shift("return uint8(word >> 40);")
    assert has_bare_shift("bits |= 1 << place;")
    assert has_bare_shift("word >>= 8;")


def test_shift_by_a_name_or_outside_code_does_not_count_as_bare() -> None:
    assert not has_bare_shift("return amount >> FINE_BITS;")
    assert not has_bare_shift("return held >> (BYTE_BITS * count);")
    assert not has_bare_shift("uint256 private constant REMOVED = 1 << 255;")
    assert not has_bare_shift("/// bit n of word n >> 8")


def test_only_types_shift_bits_of_packed_words() -> None:
    bare = [
        f"{file}:{number}: {line.strip()}"
        for file, text in sources().items()
        if not file.startswith("contracts/types/")
        for number, line in enumerate(text.splitlines(), 1)
        if has_bare_shift(line)
    ]
    assert bare == []
