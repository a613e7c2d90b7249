"""Change the contracts one fault at a time, and see whether the tests notice.

`make mutants` runs two kinds of mutants. The *named* ones are data
(`tests/contracts/mutants/named.toml`): a file, a text that occurs in it once, and what stands in
its place. The *mechanical* ones are made here by the operators that slither-mutate uses too
(relational, logical, arithmetic, a removed check, a removed statement); `PER_FILE` of each file
are run, chosen by a hash, so that the choice stays the same while the line does.

A mutant is *killed* when a test fails, *invalid* when it does not compile, *stale* when its text
is no longer there. `tests/contracts/mutants/explained.toml` names the survivors that no test could
notice, with the reason of each. The run fails where a mutant is stale, where a named one survives
unexplained, where an explanation is no longer needed, and where fewer than 90 % are killed.

Usage: python -m scripts.mutants [--filter TEXT] [--resume] [--jobs N] [--per-file N] [--list]
"""

import argparse
import hashlib
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "tests/contracts/mutants"
RESULTS = ROOT / "build/mutants.json"
WORK = ROOT / "build/mutants"
PER_FILE = 2
MIN_KILLED = 0.9
TIMEOUT = 1_800
# Unit and fuzz tests in two parts: the compiler's memory holds no more than some half at a time.
LENDING = "tests/contracts/lending/**"
OTHERS = "tests/contracts/{gas,proofs,invariants,lending}/**"

# Tests that are closest to each folder run first: most mutants die there.
NEAREST = {
    "math/ClaimShares": "tests/contracts/{math,receivables,tokens}/*",
    "math/": "tests/contracts/{math,lending}/*",
    "tokens/": "tests/contracts/{tokens,receivables,warehouse}/*",
    "receivables/": "tests/contracts/{receivables,tokens}/*",
    "orders/": "tests/contracts/{orders,lending}/*",
    "warehouse/": "tests/contracts/warehouse/*",
    "registry/": "tests/contracts/registry/*",
    "access/": "tests/contracts/{access,registry}/*",
    "market/": "tests/contracts/market/*",
    "risk/PriceFeed": "tests/contracts/{risk,lending}/*",
    "risk/ReferenceRates": "tests/contracts/{risk,lending}/*",
    "risk/": "tests/contracts/risk/*",
    "lending/": "tests/contracts/lending/*",
    "cash/": "tests/contracts/{receivables,risk,lending}/*",
}


@dataclass(frozen=True)
class Mutant:
    """One fault: `text` of `file`, at `offset` where it was made mechanically, replaced."""

    kind: str
    name: str
    file: str
    text: str
    replacement: str
    offset: int = -1

    @property
    def key(self) -> str:
        """Stable while the line is: independent of what else is in the file."""
        parts = (self.kind, self.file, self.name, self.text, self.replacement)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]

    def applied(self, source: str) -> str | None:
        """The file with the fault in it; None where the text is not there just once."""
        if self.offset >= 0:
            end = self.offset + len(self.text)
            if source[self.offset : end] != self.text:
                return None
            return source[: self.offset] + self.replacement + source[end:]
        if source.count(self.text) != 1:
            return None
        return source.replace(self.text, self.replacement)


def named(path: Path) -> list[Mutant]:
    """The mutants that are kept as data."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]
    return [
        Mutant("named", row["name"], row["file"], row["text"], row["replacement"]) for row in rows
    ]


def explained(path: Path) -> dict[str, str]:
    """Reason of each survivor that is explained, by `file: name`."""
    rows = tomllib.loads(path.read_text(encoding="utf-8")).get("survivor", [])
    return {f"{row['file']}: {row['name']}": row["reason"] for row in rows}


# ------------------------------------------------------------------ mechanical mutants

_SWAPS = [
    ("relational", r" (<=) ", [" < "]),
    ("relational", r" (>=) ", [" > "]),
    ("relational", r" (<) ", [" <= "]),
    ("relational", r" (>) ", [" >= "]),
    ("relational", r" (==) ", [" != "]),
    ("relational", r" (!=) ", [" == "]),
    ("logical", r" (&&) ", [" || "]),
    ("logical", r" (\|\|) ", [" && "]),
    ("arithmetic", r" (\+) ", [" - "]),
    ("arithmetic", r" (-) ", [" + "]),
    ("arithmetic", r" (\*) ", [" / "]),
    ("arithmetic", r" (\+=) ", [" -= ", " = "]),
    ("arithmetic", r" (-=) ", [" += "]),
]
_CHECK = re.compile(r"^( *)if \((.*)\) (revert\b.*|\{)$")
_STATEMENT = re.compile(
    r"^ +(?!return\b|revert\b|emit\b|if\b|for\b|else\b|assembly\b|_;|continue;|break;)"
    r"(?:delete [^;]+|[\w.\[\]()]+ (?:[+\-|&]?=) [^;]+|[\w.\[\]]+\([^;]*\)|(?:\+\+|--)[\w.\[\]]+);$"
)


def mechanical(file: str, source: str) -> Iterator[Mutant]:
    """Every mutant that the operators make of a file."""
    offset = 0
    in_assembly = False
    lines = source.splitlines(keepends=True)
    for number, raw in enumerate(lines):
        line = raw.rstrip("\n")
        here, offset = offset, offset + len(raw)
        code = line.strip()
        if code.startswith("assembly"):
            in_assembly = True
        if in_assembly:
            in_assembly = line.rstrip() != line[: len(line) - len(line.lstrip())] + "}"
            continue
        if not code or code.startswith(
            ("//", "*", "/*", "import", "event", "error", "emit", "pragma")
        ):
            continue
        if code.startswith(
            ("using", "struct", "enum", "function", "contract", "library", "interface")
        ):
            continue
        body = line.split(" // ")[0]
        name = f"{' '.join(code.split())[:70]}"
        check = _CHECK.match(body)
        following = lines[number + 1].strip() if number + 1 < len(lines) else ""
        if check and (check[3] != "{" or following.startswith("revert")):
            start = here + body.index("(") + 1
            yield Mutant("mechanical", f"check removed: {name}", file, check[2], "false", start)
        for operator, pattern, replacements in _SWAPS:
            for match in re.finditer(pattern, body):
                for replacement in replacements:
                    title = (
                        f"{operator} {match[1]} to {replacement.strip()} at {match.start()}: {name}"
                    )
                    yield Mutant(
                        "mechanical", title, file, match[0], replacement, here + match.start()
                    )
        if _STATEMENT.match(body) and not re.match(
            r"^ +\w[\w.\[\]]* (memory|storage|calldata|\w+) ", body
        ):
            start = here + len(body) - len(body.lstrip())
            text = body.strip()
            yield Mutant("mechanical", f"statement removed: {name}", file, text, "", start)


def chosen(file: str, source: str, per_file: int) -> list[Mutant]:
    """As many of a file's mechanical mutants, by their hashes."""
    unique = {mutant.key: mutant for mutant in mechanical(file, source)}
    return [unique[key] for key in sorted(unique)[:per_file]]


def all_mutants(per_file: int) -> list[Mutant]:
    """Named ones first, then the mechanical ones of each file with code."""
    mutants = named(DATA / "named.toml")
    for path in sorted((ROOT / "contracts").rglob("*.sol")):
        file = path.relative_to(ROOT).as_posix()
        if re.fullmatch(r"I[A-Z]\w+", path.stem) or path.stem in {"Ids", "Roles"}:
            continue
        mutants += chosen(file, path.read_text(encoding="utf-8"), per_file)
    return mutants


# ------------------------------------------------------------------ running them


class Worker:
    """A copy of what forge needs, in which one mutant after another is compiled and tested."""

    def __init__(self, number: int) -> None:
        """Copy the sources; the compiler's cache of an earlier run is kept."""
        self.root = WORK / str(number)
        (self.root / "build").mkdir(parents=True, exist_ok=True)
        for folder in ("contracts", "tests/contracts"):
            shutil.rmtree(self.root / folder, ignore_errors=True)
            shutil.copytree(ROOT / folder, self.root / folder)
        shutil.rmtree(self.root / "tests/contracts/gas")
        shutil.rmtree(self.root / "tests/contracts/proofs")
        shutil.copy(ROOT / "foundry.toml", self.root)
        for link in ("node_modules", "build/solc", "build/node"):
            target = self.root / link
            if not target.is_symlink() and (ROOT / link).exists():
                target.symlink_to(ROOT / link)
        self.forge = next((ROOT / "node_modules/@foundry-rs").glob("forge-*/bin/forge"))
        self.environment = os.environ | {
            "FOUNDRY_OPTIMIZER": "false",
            "FOUNDRY_LINT_ON_BUILD": "false",
            "FOUNDRY_DYNAMIC_TEST_LINKING": "true",
            "FOUNDRY_FUZZ_SEED": "0x5eed",
            "FOUNDRY_FUZZ_RUNS": "32",
            "FOUNDRY_INVARIANT_RUNS": "24",
        }

    def test(self, *arguments: str) -> tuple[str, str]:
        """Run forge: `passed`, `failed` or `invalid`, and the first test that failed."""
        command: list[str | Path] = [
            self.forge,
            "test",
            "--fail-fast",
            "--threads",
            "1",
            *arguments,
        ]
        # Sizes are not those of the optimizer.
        command += ["--no-match-test", "code_size_limit"]
        try:
            done = subprocess.run(
                command,
                cwd=self.root,
                env=self.environment,
                capture_output=True,
                text=True,
                timeout=TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return "failed", "timeout"
        output = done.stdout + done.stderr
        failure = re.search(
            r"^\[FAIL[^\n]*\n?[^\n]*?(\b(?:test|invariant)\w*|setUp)\(", output, re.M
        )
        if done.returncode == 0:
            return "passed", ""
        if "Compil" in output and re.search(r"^Error(?: \(\d+\))?:", output, re.M) and not failure:
            return "invalid", re.search(r"^Error[^\n]*", output, re.M)[0]  # type: ignore[index]
        return "failed", failure[1] if failure else output.strip()[-200:]

    def stages(self, file: str) -> Iterator[tuple[str, list[str]]]:
        """The nearest tests, then all unit and fuzz tests, then the invariants."""
        inner = file.removeprefix("contracts/")
        for prefix, glob in NEAREST.items():
            if inner.startswith(prefix):
                yield "nearest", ["--match-path", glob]
                break
        yield "unit", ["--match-path", LENDING]
        yield "unit", ["--no-match-path", OTHERS]
        yield "invariant", ["--match-path", "tests/contracts/invariants/*"]

    def baseline(self) -> None:
        """Without a fault, all tests pass; else each mutant would look killed."""
        for stage, arguments in self.stages("tests"):
            result, why = self.test(*arguments)
            if result != "passed":
                raise SystemExit(f"mutants: without a mutant the {stage} tests fail: {why}")

    def run(self, mutant: Mutant) -> dict[str, object]:
        """Outcome of one mutant."""
        path = self.root / mutant.file
        original = path.read_text(encoding="utf-8")
        mutated = mutant.applied(original)
        began = time.monotonic()
        outcome, by = "survived", ""
        if mutated is None:
            outcome = "stale"
        else:
            path.write_text(mutated, encoding="utf-8")
            try:
                for stage, arguments in self.stages(mutant.file):
                    result, why = self.test(*arguments)
                    if result != "passed":
                        outcome = "killed" if result == "failed" else "invalid"
                        by = f"{stage}: {why}"
                        break
            finally:
                path.write_text(original, encoding="utf-8")
        return {
            "key": mutant.key,
            "kind": mutant.kind,
            "file": mutant.file,
            "name": mutant.name,
            "outcome": outcome,
            "by": by,
            "seconds": round(time.monotonic() - began, 1),
            "source": digest(original),
        }


def digest(text: str) -> str:
    """Short hash of a file, to know whether an earlier result still stands."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def run_all(mutants: list[Mutant], jobs: int, done: list[dict[str, object]]) -> None:
    """Run the mutants on `jobs` workers; results are written after each."""
    waiting: queue.Queue[Mutant] = queue.Queue()
    for mutant in mutants:
        waiting.put(mutant)
    lock = threading.Lock()
    faults: list[BaseException] = []

    def work(number: int) -> None:
        try:
            worker = Worker(number)
            worker.baseline()
            while not faults:
                try:
                    mutant = waiting.get_nowait()
                except queue.Empty:
                    return
                result = worker.run(mutant)
                with lock:
                    done.append(result)
                    RESULTS.write_text(json.dumps(done, indent=1) + "\n", encoding="utf-8")
                    print(
                        f"{len(done):4} {result['outcome']:<9} {result['seconds']:>6} s "
                        f"{mutant.file}: {mutant.name} [{result['by']}]",
                        flush=True,
                    )
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def source_digest(file: str) -> str:
    """The digest of a file as it is now; "" where it is gone."""
    path = ROOT / file
    return digest(path.read_text(encoding="utf-8")) if path.exists() else ""


# ------------------------------------------------------------------ the verdict


def verdict(done: list[dict[str, object]], reasons: dict[str, str], whole: bool) -> list[str]:
    """What is wrong with the results; `whole` when no filter left mutants out."""
    faults = []
    titles = {f"{row['file']}: {row['name']}": row["outcome"] for row in done}
    for title, outcome in titles.items():
        if outcome == "stale":
            faults.append(f"stale, its text is no longer there just once: {title}")
        if outcome == "killed" and title in reasons:
            faults.append(f"killed, and explained as a survivor: {title}")
    for row in done:
        title = f"{row['file']}: {row['name']}"
        if row["kind"] == "named" and row["outcome"] == "survived" and title not in reasons:
            faults.append(f"survived: {title}")
    if whole:
        faults += [
            f"explained, and no such mutant: {title}" for title in reasons if title not in titles
        ]
    killed, counted = score(done, reasons)
    if counted and killed < MIN_KILLED * counted:
        faults.append(f"{killed} of {counted} killed, fewer than {MIN_KILLED:.0%}")
    return faults


def score(done: list[dict[str, object]], reasons: dict[str, str]) -> tuple[int, int]:
    """Killed mutants, and those that a test could notice: all but invalid, stale, explained."""
    killed = sum(row["outcome"] == "killed" for row in done)
    survived = sum(
        row["outcome"] == "survived" and f"{row['file']}: {row['name']}" not in reasons
        for row in done
    )
    return killed, killed + survived


def report(done: list[dict[str, object]], reasons: dict[str, str]) -> None:
    """Table by file, and the survivors."""
    print("\nMutants by file: killed, survived, explained, invalid, stale")
    for file in sorted({str(row["file"]) for row in done}):
        rows = [row for row in done if row["file"] == file]
        outcomes = Counter(str(row["outcome"]) for row in rows)
        known = sum(
            row["outcome"] == "survived" and f"{file}: {row['name']}" in reasons for row in rows
        )
        print(
            f"  {file:<45} {outcomes['killed']:>4} {outcomes['survived'] - known:>4} "
            f"{known:>4} {outcomes['invalid']:>4} {outcomes['stale']:>4}"
        )
    for row in sorted(done, key=lambda row: (str(row["file"]), str(row["name"]))):
        title = f"{row['file']}: {row['name']}"
        if row["outcome"] == "survived" and title not in reasons:
            print(f"  survived: {title}")
    killed, counted = score(done, reasons)
    print(f"\n{killed} of {counted} killed" + (f", {killed / counted:.1%}" if counted else ""))


def main() -> int:
    """Run the mutants that the options choose, and judge the results."""
    parser = argparse.ArgumentParser(description="run the mutants of the contracts")
    parser.add_argument(
        "--filter", default="", help="only mutants whose `file: name` has this text"
    )
    parser.add_argument(
        "--resume", action="store_true", help="keep results while the file is as it was"
    )
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument(
        "--per-file", type=int, default=PER_FILE, help="mechanical mutants of each file"
    )
    parser.add_argument("--list", action="store_true", help="name the mutants, run none")
    options = parser.parse_args()
    mutants = all_mutants(options.per_file)
    mutants = [mutant for mutant in mutants if options.filter in f"{mutant.file}: {mutant.name}"]
    if options.list:
        for mutant in mutants:
            source = (ROOT / mutant.file).read_text(encoding="utf-8")
            print(f"{'' if mutant.applied(source) else 'STALE '}{mutant.file}: {mutant.name}")
        return 0
    done: list[dict[str, object]] = []
    if options.resume and RESULTS.exists():
        earlier = json.loads(RESULTS.read_text(encoding="utf-8"))
        done = [row for row in earlier if row["source"] == source_digest(str(row["file"]))]
    known = {row["key"] for row in done}
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    run_all([mutant for mutant in mutants if mutant.key not in known], options.jobs, done)
    reasons = explained(DATA / "explained.toml")
    report(done, reasons)
    faults = verdict(done, reasons, whole=not options.filter)
    for fault in faults:
        print(f"mutants: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
