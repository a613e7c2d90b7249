"""PostgreSQL's own programs: `pg_dump` and `pg_restore`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import make_url

from app.storage.backups.errors import BackupError, BackupInvalid, ToolMissing

_DEBIAN = Path("/usr/lib/postgresql")
_VERSION = "TABLE DATA public alembic_version"


def tool(name: str, *, server: int) -> str:
    """Path of the program in the server's major version or a later one.

    Raises:
        ToolMissing.
    """
    on_path = shutil.which(name)
    places = [on_path] if on_path else []
    places += [str(place) for place in sorted(_DEBIAN.glob(f"*/bin/{name}"), reverse=True)]
    versions = []
    for place in places:
        ended = subprocess.run([place, "--version"], capture_output=True, text=True, check=False)
        match = re.search(r"\) (\d+)", ended.stdout)
        if match is None:
            continue
        if int(match[1]) >= server:
            return place
        versions.append(match[1])
    older = f"; it has only version {', '.join(versions)}" if versions else ""
    raise ToolMissing(
        f"{name} of PostgreSQL {server} is not on this machine{older}: install the client programs "
        f"of the server's version (Debian: postgresql-client-{server})"
    )


def _target(url: str) -> tuple[str, dict[str, str]]:
    """The URL for `libpq` without the password, and an environment with the password."""
    parsed = make_url(url).set(drivername="postgresql")
    environment = dict(os.environ)
    if parsed.password is not None:
        environment["PGPASSWORD"] = str(parsed.password)
    return parsed.set(password=None).render_as_string(hide_password=False), environment


def dump(url: str, payload: Path, *, snapshot: str, server: int) -> None:
    """Dumps the state of `snapshot`, in `pg_dump`'s custom format.

    Raises:
        ToolMissing, BackupError.
    """
    address, environment = _target(url)
    command = [tool("pg_dump", server=server), "--format=custom", "--no-owner", "--no-privileges"]
    command += ["--schema=public", f"--snapshot={snapshot}", f"--file={payload}"]
    _run([*command, f"--dbname={address}"], environment, what="pg_dump")


def load(url: str, payload: Path, *, server: int) -> None:
    """Fills an empty database, wholly or not at all, except for the schema's version.

    No gateway uses a store without a schema version. The caller writes it together with the rows
    that mark the store as restored.

    Raises:
        ToolMissing, BackupError, BackupInvalid.
    """
    address, environment = _target(url)
    program = tool("pg_restore", server=server)
    listed = _run([program, "--list", str(payload)], environment, what="pg_restore")
    lines = listed.splitlines()
    items = [line for line in lines if _VERSION not in line and " SCHEMA - public " not in line]
    if not any(_VERSION in line for line in lines):
        raise BackupInvalid("the dump has no schema version, so it is not a store of this program")
    list_file = payload.with_name(f"{payload.name}.list")
    list_file.write_text("\n".join(items) + "\n")
    try:
        command = [program, "--single-transaction", "--no-owner", "--no-privileges"]
        command += ["--exit-on-error", f"--use-list={list_file}", f"--dbname={address}"]
        _run([*command, str(payload)], environment, what="pg_restore")
    finally:
        list_file.unlink(missing_ok=True)


def _run(command: list[str], environment: dict[str, str], *, what: str) -> str:
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode:
        message = " ".join(ended.stderr.split())[-500:]
        raise BackupError(f"{what} failed: {message}")
    return ended.stdout
