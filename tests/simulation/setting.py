"""What kind of world a run has: drawn from the seed, or a scenario's own."""

from __future__ import annotations

import random
from dataclasses import dataclass

from tests.simulation.faults import Plan


@dataclass
class Setting:
    """What kind of world a run has."""

    gateways: int
    finality: str
    final_depth: int
    block_seconds: float
    patience: float
    node_urls: int
    agreement: int
    plan: Plan
    parties: int
    steps: int
    wallets: bool

    @classmethod
    def of(cls, seed: str) -> Setting:
        """Draws the setting from the seed."""
        source = random.Random(f"{seed}/setting")
        finality, depth = source.choice(
            (("instant", 0), ("finalized", 4), ("finalized", 8), ("3", 3), ("6", 6))
        )
        nodes, agreement = source.choice(((1, 1), (1, 1), (2, 1), (3, 2)))
        return cls(
            gateways=source.choice((1, 1, 2, 3)),
            finality=finality,
            final_depth=depth,
            block_seconds=source.choice((0.5, 1.0, 2.0)),
            patience=source.choice((1.0, 1.0, 0.6)),
            node_urls=nodes,
            agreement=agreement,
            plan=Plan.of(source, until=source.choice((15.0, 30.0, 60.0))),
            parties=source.choice((2, 3)),
            steps=source.choice((1, 2, 3)),
            wallets=source.random() < 0.3,
        )
