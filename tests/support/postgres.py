"""A private PostgreSQL server for the tests, from the machine's own binaries.

`initdb` and `pg_ctl` refuse to run as root, so they go through `runuser -u postgres` there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.chain.nodes.engines import free_port


def program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
        path = str(newest[-1]) if newest else None
    if path is None:
        pytest.fail(f"PostgreSQL's {name} is not on this machine")
    return str(Path(path).resolve())


def run_as_user(*command: str) -> None:
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*as_user, *command], check=True, cwd="/", stdout=subprocess.DEVNULL)


def start_server(data: str, *, folder: str, options: str = "") -> int:
    """Starts a server on a free port of loopback, with its socket and log in the folder."""
    for tries_left in (2, 1, 0):
        port = free_port()
        words = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 {options}"
        try:
            start = ("-l", f"{folder}/log", "-w", "-o", words, "start")
            run_as_user(program("pg_ctl"), "-D", data, *start)
        except subprocess.CalledProcessError:  # another process was first
            if tries_left == 0:
                raise
            continue
        return port
    raise AssertionError("unreachable")


def start_postgres() -> Iterator[str]:
    """Starts a server on a free port and yields its address without a database's name."""
    folder = tempfile.mkdtemp(prefix="cession-postgres-")
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    data = f"{folder}/data"
    try:
        run_as_user(
            program("initdb"), "-D", data, "-U", "cession", "-A", "trust", "-E", "UTF8", "-N"
        )
        port = start_server(data, folder=folder, options="-c fsync=off")
        try:
            yield f"postgresql+psycopg://cession@127.0.0.1:{port}"
        finally:
            run_as_user(program("pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        # Tens of thousands of files: minutes on some disks, for which nobody has to wait.
        subprocess.run(["sh", "-c", 'rm -rf "$0" > /dev/null 2>&1 &', folder], check=True)


def new_database(server: str, name: str) -> str:
    """Makes an empty database on the server; returns its address."""
    plain = server.replace("+psycopg", "")
    with psycopg.connect(f"{plain}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return f"{server}/{name}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server for the whole run."""
    yield from start_postgres()
