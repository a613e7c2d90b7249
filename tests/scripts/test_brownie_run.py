"""Brownie's artifacts of moved files are removed."""

from __future__ import annotations

import json
from pathlib import Path

from scripts.brownie_run import forget_moved_sources


def test_artifacts_of_moved_sources_are_removed_and_others_stay(tmp_path: Path) -> None:
    here, gone = "contracts/types/Ids.sol", "contracts/types/Moved.sol"
    for name, sources in (("Ids", {"1": here}), ("User", {"1": here, "2": gone})):
        (tmp_path / f"{name}.json").write_text(json.dumps({"allSourcePaths": sources}))
    forget_moved_sources(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["Ids.json"]
