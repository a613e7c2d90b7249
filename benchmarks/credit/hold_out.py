"""The record of the one look at a hold-out."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.credit.cases import fingerprint
from benchmarks.credit.study import Study

RECORD = "hold-out.json"


class HoldOutSpent(RuntimeError):
    """The hold-out was looked at before, with other cards."""


def opened(folder: Path, study: Study) -> None:
    """Writes down that these cards look at this hold-out.

    Raises:
        HoldOutSpent: it was looked at before with other cards, so it is no longer unseen.
    """
    path = folder / RECORD
    look = {
        "champion": study.champion.card.digest,
        "challenger": study.challenger.card.digest,
    }
    cases = fingerprint(study.parts.hold_out, study.champion.card)
    looks = _read(path)
    before = looks.setdefault(cases, look)
    if before != look:
        raise HoldOutSpent(
            f"{path}: this hold-out was looked at before, with other cards, so it is no longer "
            "unseen; judge the new choice on another SEED or on later outcomes, or in another "
            "--folder if you say so beside the figures"
        )
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(looks, indent=1) + "\n", encoding="utf-8")


def _read(path: Path) -> dict[str, dict[str, str]]:
    if not path.exists():
        return {}
    try:
        looks = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise HoldOutSpent(f"{path}: is not a record of looks at a hold-out: {error}") from error
    if not isinstance(looks, dict):
        raise HoldOutSpent(f"{path}: is not a record of looks at a hold-out")
    return looks
