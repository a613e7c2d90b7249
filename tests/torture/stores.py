"""The gateways' store: a SQLite file, or a PostgreSQL server that can be restarted."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.support.postgres import new_database, start_server
from tests.support.postgres import program as binary
from tests.support.postgres import run_as_user as run


def let_write(pid: int | None, may: bool) -> None:
    """Lets a process write to files or not; if not, each write fails as on a full disk.

    The limit on the length of files does that (RLIMIT_FSIZE); it needs Linux, and no privilege.
    """
    if pid is None:
        return
    with contextlib.suppress(ProcessLookupError):
        _, maximum = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (maximum if may else 0, maximum))


class SqliteStore:
    """A file."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder}/cession.sqlite"

    def restart(self, *, crash: bool) -> None:
        """There is no server."""

    def full(self) -> None:
        """There is no server: the gateway writes itself."""

    def room(self) -> None:
        """There is no server."""

    def stop(self) -> None:
        """There is no server."""


class PostgresStore:
    """A private server from the machine's own binaries."""

    name = "postgresql"

    def __init__(self, folder: Path) -> None:
        # Below /tmp: a socket's path is short, and the server's user reaches it.
        self._folder = tempfile.mkdtemp(prefix="cession-torture-")
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres", "postgres")
        self._data = f"{self._folder}/data"
        run(binary("initdb"), "-D", self._data, "-U", "cession", "-A", "trust", "-E", "UTF8", "-N")
        port = start_server(self._data, folder=self._folder)
        self._options = f"-p {port} -k {self._folder} -c listen_addresses=127.0.0.1"
        self.url = new_database(f"postgresql+psycopg://cession@127.0.0.1:{port}", "torture")

    def begin(self) -> None:
        """Starts the server."""
        log = f"{self._folder}/log"
        run(binary("pg_ctl"), "-D", self._data, "-l", log, "-w", "-o", self._options, "start")

    def restart(self, *, crash: bool) -> None:
        """Ends the server, at once or in order, and starts it again."""
        self.end(crash=crash)
        self.begin()

    def full(self) -> None:
        """No process of the server can write any more."""
        self._limit("0")

    def room(self) -> None:
        """There is room again: a server that has ended for want of it is started."""
        self._limit("unlimited")
        with contextlib.suppress(subprocess.CalledProcessError):
            run(binary("pg_ctl"), "-D", self._data, "status")
            return
        self.begin()

    def _limit(self, bytes_each: str) -> None:
        """Sets how long a file each process of the server may write, where it runs."""
        for pid in self._processes():
            # As the server's user, because one may not limit the processes of another user.
            with contextlib.suppress(subprocess.CalledProcessError):  # it has ended
                run("sh", "-c", f"prlimit --pid {pid} --fsize={bytes_each}: 2>/dev/null")

    def _processes(self) -> list[int]:
        with contextlib.suppress(OSError):
            first = int(Path(self._data, "postmaster.pid").read_text().split("\n", 1)[0])
            children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
            return [first, *map(int, children)]
        return []

    def end(self, *, crash: bool) -> None:
        """Ends the server, at once or in order."""
        mode = "immediate" if crash else "fast"
        run(binary("pg_ctl"), "-D", self._data, "-m", mode, "-w", "stop")

    def stop(self) -> None:
        """Ends the server, where it runs, and removes its data."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self.end(crash=True)
        shutil.rmtree(self._folder, ignore_errors=True)


Store = SqliteStore | PostgresStore
STORES: dict[str, type[SqliteStore] | type[PostgresStore]] = {
    "sqlite": SqliteStore,
    "postgresql": PostgresStore,
}
