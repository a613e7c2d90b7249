"""Compare a file of cases with our own arithmetic.

Usage: python -m scripts.cases FILE

Ends with 1 if a figure of our own rule differs, and with 2 if the file is no file of cases.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from scripts.cases.checking import compare
from scripts.cases.reading import FileInvalid, read_cases


def _print_reasons(title: str, reasons: Counter[str]) -> None:
    if reasons:
        print(f"{title}:")
        for reason, count in reasons.most_common():
            print(f"  {count:>5}  {reason}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print failures, reasons and the summary; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m scripts.cases")
    parser.add_argument("file", type=Path)
    path = parser.parse_args(arguments).file
    try:
        result = compare(read_cases(path))
    except FileInvalid as error:
        print(f"make cases: {path}: {error}", file=sys.stderr)
        return 2
    for failure in result.failures:
        print(f"differs: {failure}")
    _print_reasons("Differ by convention", result.differ)
    _print_reasons("Unsupported", result.unsupported)
    if result.failures:
        print(f"{len(result.failures)} differ by our own rule")
    print(result.summary)
    return 1 if result.failures else 0


if __name__ == "__main__":
    sys.exit(main())
