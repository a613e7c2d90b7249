"""Runs a detector on markets, each in a process of its own, so that memory is that market's."""

from __future__ import annotations

import importlib
import resource
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol, cast

from app.domain.crosschecks.records import Finding, Market
from benchmarks.fraud.generator import FIRST, generate
from benchmarks.fraud.judge import Run, check, working_days
from benchmarks.fraud.records import fingerprint

DETECTOR = "app.domain.crosschecks.detector:find"


class Result(Protocol):
    """What a detector gives."""

    @property
    def findings(self) -> Sequence[Finding]:
        """What does not fit."""


class Detector(Protocol):
    """Reads a market."""

    def __call__(self, market: Market) -> Result:
        """What does not fit in it."""


class DetectorMissing(ValueError):
    """The name leads to nothing that can be called."""


def detector(name: str) -> Detector:
    """The function under a name, `module:function`.

    Raises:
        DetectorMissing: there is none.
    """
    module, _, function = name.partition(":")
    try:
        value = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise DetectorMissing(f"detector {name!r}: {error}; name one as module:function") from error
    if not callable(value):
        raise DetectorMissing(f"detector {name!r} is no function; name one as module:function")
    return cast(Detector, value)


def peak_bytes() -> int:
    """The most memory that this process had."""
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def run_one(seed: int, *, size: int, name: str) -> Run:
    """Makes a market and lets the detector read it.

    Raises:
        DetectorMissing: no such detector.
        SizeRefused: such a market cannot be made.
        FindingInvalid: a finding says nothing of the market.
    """
    find = detector(name)
    market, secrets = generate(seed, size)
    before, mark = peak_bytes(), fingerprint(market)
    began = time.process_time()
    findings = find(market).findings
    seconds = time.process_time() - began
    return Run(
        seed=seed,
        secrets=secrets,
        findings=check(findings, market),
        invoices=len(market.invoices),
        days=working_days(FIRST, market.today),
        seconds=seconds,
        market_bytes=before,
        peak_bytes=peak_bytes(),
        fingerprint=mark,
    )


def run_all(seeds: Sequence[int], *, size: int, name: str, jobs: int = 1) -> list[Run]:
    """The runs of all seeds, in their order."""
    context = get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, max_tasks_per_child=1) as pool:
        return list(pool.map(partial(run_one, size=size, name=name), seeds))
