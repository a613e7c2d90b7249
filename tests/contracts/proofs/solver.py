"""Answers a question of halmos: `python solver.py QUERY.smt2`, in the environment of `make proofs`.

yices goes first, which is quick at bits. What it cannot tell in time goes to cvc5 with words of
bits turned into whole numbers: it proves division by a constant in no time, which a solver of bits
does not end with.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SECONDS_FOR_BITS = 3.0


def asked_of_yices(query: str) -> str:
    """Its answer, with the values that break the assertion; nothing when time is up."""
    yices = Path(sys.executable).with_name("yices-smt2")
    command = [yices, "--smt2-model-format", "--bvconst-in-decimal", query]
    try:
        return subprocess.run(
            command, capture_output=True, text=True, timeout=SECONDS_FOR_BITS
        ).stdout
    except subprocess.TimeoutExpired:
        return ""


def asked_of_cvc5(query: str) -> str:
    """The same from whole numbers."""
    import cvc5  # not needed for most questions, and slow to load

    solver = cvc5.Solver(cvc5.TermManager())
    solver.setOption("solve-bv-as-int", "sum")
    solver.setOption("produce-models", "true")
    parser = cvc5.InputParser(solver)
    parser.setFileInput(cvc5.InputLanguage.SMT_LIB_2_6, query)
    answer = ""
    while not (command := parser.nextCommand()).isNull():
        answer += command.invoke(solver, parser.getSymbolManager())
        if answer.strip() in ("unsat", "unknown"):
            break
    return answer


def main(query: str) -> int:
    """Prints the answer."""
    answer = asked_of_yices(query)
    if answer.split(maxsplit=1)[:1] not in (["sat"], ["unsat"]):
        answer = asked_of_cvc5(query)
    print(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
