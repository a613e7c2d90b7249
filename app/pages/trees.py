"""The tree of a receivable's claims as a drawing that stays readable: places, lines, and groups.

A claim with many parts shows those of the highest value; the rest stand together, and lead to a
drawing of that claim alone.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from app.pages.api import Json
from app.pages.formats import short_hash

WIDTH, HEIGHT = 200, 40
_GAP_ACROSS, _GAP_DOWN, _MARGIN = 56, 12, 8
MAX_PARTS, MAX_NODES = 8, 60
_COLUMNS = 22  # Latin letters that fit in a box; a Chinese one takes two


@dataclass(frozen=True)
class Box:
    """A claim, or several that stand together, at its place.

    Attributes:
        claim: the claim; None: a group.
        parent: claim that the group's claims were split from.
        count: claims below the group.
    """

    x: int
    y: int
    claim: Json | None
    parent: int | None = None
    count: int = 0

    @property
    def words(self) -> str:
        """The claim's number and its holder, as far as they fit."""
        if self.claim is None:
            return ""
        owner = self.claim["owner"]
        return fitting(f"{self.claim['claimId']} · {owner['name'] or short_hash(owner['account'])}")


def fitting(text: str, *, columns: int = _COLUMNS) -> str:
    """The start of a text that fits into so many columns, with a sign where it was cut."""
    wide = [2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text]
    if sum(wide) <= columns:
        return text
    end, free = 0, columns - 1
    while wide[end] <= free:
        free -= wide[end]
        end += 1
    return f"{text[:end]}…"


@dataclass(frozen=True)
class Line:
    """From the right side of one box to the left side of another."""

    x1: int
    y1: int
    x2: int
    y2: int


@dataclass
class Drawing:
    """Boxes and lines, and the size that they need."""

    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    width: int = 0
    height: int = 0
    top: Json | None = None


def drawing(nodes: Sequence[Json], *, top: int | None = None) -> Drawing:
    """Places the claims below `top`, or all, from left to right.

    Args:
        nodes: claims with `claimId` and `parentId`, each parent before its parts.
    """
    parts: dict[int | None, list[Json]] = {}
    for node in nodes:
        parts.setdefault(node["parentId"], []).append(node)
    by_id = {node["claimId"]: node for node in nodes}
    drawn = Drawing(top=by_id.get(top) if top is not None else None)
    roots = [drawn.top] if drawn.top is not None else parts.get(None, [])
    shown = _shown(roots, parts)
    y = _MARGIN
    for root in roots:
        y = _place(drawn, root, parts, shown, x=_MARGIN, y=y)[1]
    right = max((box.x for box in drawn.boxes), default=0)
    drawn.width, drawn.height = right + WIDTH + _MARGIN, y + _MARGIN
    return drawn


def _shown(roots: Sequence[Json], parts: dict[int | None, list[Json]]) -> set[int]:
    """The claims that get a box of their own: level by level, parts of the highest value first."""
    shown = {root["claimId"] for root in roots}
    level = list(roots)
    while level and len(shown) < MAX_NODES:
        following = []
        for node in level:
            listed = sorted(parts.get(node["claimId"], []), key=_worth, reverse=True)
            # A group of one would take as much room as the claim itself.
            shown_parts = MAX_PARTS if len(listed) > MAX_PARTS + 1 else len(listed)
            for part in listed[:shown_parts]:
                if len(shown) < MAX_NODES:
                    shown.add(part["claimId"])
                    following.append(part)
        level = following
    return shown


def _worth(node: Json) -> Decimal:
    return Decimal(node["value"]["amount"]) + Decimal(node["collectedPrincipal"]["amount"])


def _place(
    drawn: Drawing,
    node: Json,
    parts: dict[int | None, list[Json]],
    shown: set[int],
    *,
    x: int,
    y: int,
) -> tuple[int, int]:
    """Places a claim and what is below it; returns its own y and the next free one."""
    across = x + WIDTH + _GAP_ACROSS
    below = parts.get(node["claimId"], [])
    places, free = [], y
    for part in below:
        if part["claimId"] in shown:
            place, free = _place(drawn, part, parts, shown, x=across, y=free)
            places.append(place)
    hidden = [part for part in below if part["claimId"] not in shown]
    if hidden:
        drawn.boxes.append(
            Box(across, free, None, parent=node["claimId"], count=_count(hidden, parts))
        )
        places.append(free)
        free += HEIGHT + _GAP_DOWN
    own = (places[0] + places[-1]) // 2 if places else y
    drawn.boxes.append(Box(x, own, node))
    middle = HEIGHT // 2
    drawn.lines += [Line(x + WIDTH, own + middle, across, place + middle) for place in places]
    return own, max(free, own + HEIGHT + _GAP_DOWN)


def _count(nodes: Sequence[Json], parts: dict[int | None, list[Json]]) -> int:
    count, waiting = 0, list(nodes)
    while waiting:
        node = waiting.pop()
        count += 1
        waiting += parts.get(node["claimId"], [])
    return count
