"""The compiled contracts, as `make compile` wrote them or as the package contains them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from app.chain.deployment.record import DeploymentError
from app.places import ARTIFACTS


class ArtifactMissing(DeploymentError):
    """A contract is not compiled."""


@cache
def load_artifact(name: str, *, folder: Path = ARTIFACTS) -> dict[str, Any]:
    """The artifact of one contract: `abi`, `bytecode`, link references and more.

    Raises:
        ArtifactMissing.
    """
    try:
        artifact: dict[str, Any] = json.loads((folder / f"{name}.json").read_bytes())
    except (OSError, ValueError) as error:
        raise ArtifactMissing(f"{name} is not compiled: run `make compile` ({error})") from error
    return artifact
