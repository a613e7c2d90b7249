"""When the log cannot be written, only its lines are lost."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

from app.log_output import UnfailingOutput


class Fickle:
    """A stream whose writes fail while `failing` is set."""

    def __init__(self) -> None:
        self.text, self.failing = "", False

    def write(self, text: str) -> int:
        self._fail()
        self.text += text
        return len(text)

    def flush(self) -> None:
        self._fail()

    def _fail(self) -> None:
        if self.failing:
            raise OSError(28, "No space left on device")


def test_lines_that_cannot_be_written_are_dropped_and_counted() -> None:
    stream = Fickle()
    output = UnfailingOutput(stream)  # type: ignore[arg-type]
    print("one", file=output, flush=True)
    stream.failing = True
    for _ in range(3):
        print("two", file=output, flush=True)
    stream.failing = False
    print("three", file=output, flush=True)
    first, lost, last = stream.text.splitlines()
    assert (first, last) == ("one", "three")
    assert json.loads(lost)["event"] == "log.lost"
    assert json.loads(lost)["max_lost"] == 3


LOGS = """
import resource, structlog
from app.log_output import configure_logs
configure_logs(json_lines=True)
log = structlog.get_logger()
log.info("before")
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, most))
for _ in range(2000):
    log.info("a line while the disk is full")
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
log.info("after")
"""


def test_gateway_keeps_running_when_the_log_disk_is_full(tmp_path: Path) -> None:
    file = tmp_path / "log"
    with file.open("w") as log:
        done = subprocess.run([sys.executable, "-c", LOGS], stderr=log, check=False)
    assert done.returncode == 0
    events = [json.loads(line)["event"] for line in file.read_text().splitlines()]
    assert (events[0], events[-1]) == ("before", "after")
    assert "log.lost" in events and len(events) < 2000
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 0
