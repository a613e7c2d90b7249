"""What a rule set lets the gateway propose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from app.domain.catalogue_files import CatalogueInvalid, read_rules
from app.places import ROOT

STEP = {"level": "alarm", "step": "propose-suspension", "hours": 72}


def written(folder: Path, *steps: dict[str, Any], **more: Any) -> Path:
    """A rule set with these steps."""
    path = folder / "here.yaml"
    watch = {"steps": list(steps), "source": "a source that says so", "lawyer": False}
    rules = {"name": "here", "version": 1, "title": "Here", "limits": []}
    path.write_text(yaml.safe_dump(rules | {"watch": watch | more}))
    return path


def test_shipped_rule_sets_let_the_gateway_propose_nothing() -> None:
    files = sorted((ROOT / "rules").glob("*.yaml"))
    assert files
    assert [read_rules(path).watch for path in files] == [None] * len(files)


def test_rule_set_names_step_level_and_hours(tmp_path: Path) -> None:
    watch = read_rules(written(tmp_path, STEP)).watch
    assert watch is not None
    (step,) = watch.steps
    assert (step.level, step.step, step.hours) == ("alarm", "propose-suspension", 72)


@pytest.mark.parametrize(
    ("steps", "more", "word"),
    [
        ([STEP | {"level": "watch"}], {}, "level"),
        ([STEP | {"step": "suspend"}], {}, "step"),
        ([STEP | {"hours": 0}], {}, "hours"),
        ([STEP | {"hours": 721}], {}, "hours"),
        ([STEP | {"subject": "debtor"}], {}, "subject"),
        ([STEP, STEP | {"level": "warning"}], {}, "each step once"),
        ([STEP], {"source": "none"}, "source"),
    ],
)
def test_step_that_cannot_be_meant_is_refused_by_name(
    tmp_path: Path, steps: list[dict[str, Any]], more: dict[str, Any], word: str
) -> None:
    with pytest.raises(CatalogueInvalid, match=word):
        read_rules(written(tmp_path, *steps, **more))
