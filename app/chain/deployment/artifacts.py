"""The compiled contracts, as `make compile` wrote them or as the package contains them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from app.chain.deployment.record import DeploymentError
from app.places import ARTIFACTS

# The compiler's output for one contract, which no caller changes.
Artifact = Mapping[str, Any]


class ArtifactMissing(DeploymentError):
    """A contract is not compiled."""


@cache
def load_artifact(name: str, *, folder: Path = ARTIFACTS) -> Artifact:
    """The artifact of one contract: `abi`, `bytecode`, link references and more.

    Raises:
        ArtifactMissing.
    """
    try:
        artifact: Artifact = json.loads((folder / f"{name}.json").read_bytes())
    except (OSError, ValueError) as error:
        raise ArtifactMissing(f"{name} is not compiled: run `make compile` ({error})") from error
    return artifact
