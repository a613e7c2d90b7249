"""`python -m tests.simulation`: runs seeds and says which failed.

make simulate SEEDS=10000           seeds 0 … 9999
make simulate SEED=4711             one seed, with what happened
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from tests.simulation.run import Outcome, simulate
from tests.simulation.scenarios import SCENARIOS, play
from tests.simulation.setting import Setting


def outcome_of(seed: int) -> Outcome:
    """One run; an error of the simulation itself counts as a problem."""
    try:
        return simulate(seed)
    except Exception as error:
        text = f"simulation: {type(error).__name__}: {error}\n{traceback.format_exc()}"
        return Outcome(str(seed), [text], "", {}, {}, 0.0, 0.0)


def main() -> int:
    """Runs the requested seeds or scenarios; returns 1 if one found a problem."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=100, help="how many")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, help="just this one, with its trace")
    parser.add_argument("--scenario", help="a kept one by its name, or all")
    parser.add_argument("--trace", action="store_true", help="print what happened")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--json", help="write all outcomes to this file")
    parser.add_argument("--kinds", default="", help="only seeds whose plan has one of these faults")
    parser.add_argument("--seconds", type=float, help="end after so many, and say how far it came")
    parser.add_argument("--stop", action="store_true", help="stop at the first problem")
    arguments = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(sys.executable, [sys.executable, "-m", "tests.simulation", *sys.argv[1:]])
    if arguments.seed is not None:
        outcome = simulate(arguments.seed, keep_trace=True)
        print("\n".join(line[:300] for line in outcome.lines))
        print_outcome(outcome)
        return int(bool(outcome.problems))
    if arguments.scenario is not None:
        return _scenarios(arguments)
    return _seeds(arguments)


def _scenarios(arguments: argparse.Namespace) -> int:
    """Plays stored scenarios; returns 1 if one found a problem."""
    chosen = SCENARIOS if arguments.scenario == "all" else (arguments.scenario,)
    failures = 0
    for name in chosen:
        outcome = play(name, keep_trace=arguments.trace)
        failures += bool(outcome.problems)
        if arguments.trace:
            print("\n".join(line[:300] for line in outcome.lines))
        print_outcome(outcome)
        if outcome.problems and arguments.stop:
            break
    return int(failures > 0)


def _seeds(arguments: argparse.Namespace) -> int:
    """Runs many seeds and sums them up; returns 1 if one found a problem."""
    seeds = [
        seed
        for seed in range(arguments.first, arguments.first + arguments.seeds)
        if not arguments.kinds
        or set(arguments.kinds.split(",")) & set(Setting.of(str(seed)).plan.kinds)
    ]
    outcomes, began = [], time.perf_counter()
    tally: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    pool = ProcessPoolExecutor(arguments.jobs) if arguments.jobs > 1 else None
    for outcome in pool.map(outcome_of, seeds, chunksize=8) if pool else map(outcome_of, seeds):
        outcomes.append(outcome)
        tally.update(outcome.tally)
        faults.update(outcome.faults)
        if outcome.problems:
            print_outcome(outcome)
            if arguments.stop:
                break
        if arguments.seconds is not None and time.perf_counter() - began > arguments.seconds:
            break
    failed = [outcome for outcome in outcomes if outcome.problems]
    kinds = Counter(problem.split(":")[0] for item in failed for problem in set(item.problems))
    if pool is not None:
        pool.shutdown(cancel_futures=True)
    spent = time.perf_counter() - began
    hours = sum(outcome.virtual_seconds for outcome in outcomes) / 3600
    print(f"{len(outcomes)} seeds, {len(failed)} with problems {dict(kinds) or ''}")
    print(f"{hours:.1f} simulated hours in {spent:.0f} s")
    print("commands:", _list(tally))
    print("faults:", _list(faults))
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump([_plain(outcome) for outcome in outcomes], file)
    return int(bool(failed))


def _list(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()))


def _plain(outcome: Outcome) -> dict[str, Any]:
    return {"seed": outcome.seed, "problems": outcome.problems, "trace": outcome.trace_hash}


def print_outcome(outcome: Outcome) -> None:
    """The outcome of a run in a few lines."""
    print(
        f"seed {outcome.seed}: {len(outcome.problems)} problems, trace {outcome.trace_hash}, "
        f"{outcome.virtual_seconds:.0f} simulated s in {outcome.seconds:.2f} s, {outcome.faults}",
        flush=True,
    )
    for problem in outcome.problems[:12]:
        print("   ", problem)


if __name__ == "__main__":
    sys.exit(main())
