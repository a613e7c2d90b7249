"""Answers a question of halmos: `python solver.py QUERY.smt2`, in the environment of `make proofs`.

yices is quick at bits and answers most questions at once. Where it does not, cvc5 tries beside it
with words of bits turned into whole numbers: it proves division by a constant in no time, which a
solver of bits does not end with. The first answer counts.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

SECONDS_ALONE = 1.0


def answered(text: str) -> bool:
    """Whether it is an answer, and not that there is none."""
    return text.split(maxsplit=1)[:1] in (["sat"], ["unsat"])


def whole_numbers(query: str) -> str:
    """cvc5's answer, with the values that break the assertion."""
    import cvc5  # slow to load

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


def first_answer(query: str) -> str:
    """Of both solvers; nothing when neither has one. halmos ends this process when time is up."""
    yices = str(Path(sys.executable).with_name("yices-smt2"))
    commands = [
        [yices, "--smt2-model-format", "--bvconst-in-decimal", query],
        [sys.executable, __file__, "--whole-numbers", query],
    ]
    running: list[subprocess.Popen[str]] = []
    begun = time.monotonic()
    try:
        while commands or running:
            alone = time.monotonic() - begun < SECONDS_ALONE
            if commands and not (running and alone):
                running.append(
                    subprocess.Popen(
                        commands.pop(0),
                        stdout=subprocess.PIPE,
                        stderr=subprocess.DEVNULL,
                        text=True,
                    )
                )
            for process in running[:]:
                if process.poll() is not None:
                    running.remove(process)
                    answer = process.communicate()[0]
                    if answered(answer):
                        return answer
            time.sleep(0.005)
    finally:
        for process in running:
            process.kill()
            process.wait()
    return "unknown"


def main(words: list[str]) -> int:
    """Prints the answer."""
    print(whole_numbers(words[1]) if words[0] == "--whole-numbers" else first_answer(words[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
