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
    """The program's path, of the server's major version or a later one.

    Raises:
        ToolMissing.
    """
    on_path = shutil.which(name)
    places = [on_path] if on_path else []
    places += [str(place) for place in sorted(_DEBIAN.glob(f"*/bin/{name}"), reverse=True)]
    versions = []
    for place in places:
        said = subprocess.run([place, "--version"], capture_output=True, text=True).stdout
        found = re.search(r"\) (\d+)", said)
        if found is None:
            continue
        if int(found[1]) >= server:
            return place
        versions.append(found[1])
    older = f"; only version {', '.join(versions)} is here" if versions else ""
    raise ToolMissing(
        f"{name} of PostgreSQL {server} is not on this machine{older}: install the client programs "
        f"of the server's version (Debian: postgresql-client-{server})"
    )


def _target(url: str) -> tuple[str, dict[str, str]]:
    """The address for `libpq` without the password, and the environment that has it."""
    parsed = make_url(url).set(drivername="postgresql")
    environment = dict(os.environ)
    if parsed.password is not None:
        environment["PGPASSWORD"] = str(parsed.password)
    return parsed.set(password=None).render_as_string(hide_password=False), environment


def dump(url: str, payload: Path, *, snapshot: str, server: int) -> None:
    """Writes the state that `snapshot` names, in `pg_dump`'s custom format.

    Raises:
        ToolMissing, BackupError.
    """
    address, environment = _target(url)
    command = [tool("pg_dump", server=server), "--format=custom", "--no-owner", "--no-privileges"]
    command += ["--schema=public", f"--snapshot={snapshot}", f"--file={payload}"]
    _run([*command, f"--dbname={address}"], environment, what="pg_dump")


def load(url: str, payload: Path, *, server: int) -> None:
    """Fills an empty database, all of it or nothing, except the schema's version.

    No gateway works on a store without that: who called writes it, together with what makes the
    store a restored one.

    Raises:
        ToolMissing, BackupError, BackupInvalid.
    """
    address, environment = _target(url)
    program = tool("pg_restore", server=server)
    listed = _run([program, "--list", str(payload)], environment, what="pg_restore")
    lines = listed.splitlines()
    kept = [line for line in lines if _VERSION not in line and " SCHEMA - public " not in line]
    if not any(_VERSION in line for line in lines):
        raise BackupInvalid("the dump has no schema version: it is no store of this program")
    wanted = payload.with_name(f"{payload.name}.list")
    wanted.write_text("\n".join(kept) + "\n")
    try:
        command = [program, "--single-transaction", "--no-owner", "--no-privileges"]
        command += ["--exit-on-error", f"--use-list={wanted}", f"--dbname={address}"]
        _run([*command, str(payload)], environment, what="pg_restore")
    finally:
        wanted.unlink(missing_ok=True)


def _run(command: list[str], environment: dict[str, str], *, what: str) -> str:
    ended = subprocess.run(command, env=environment, capture_output=True, text=True)
    if ended.returncode:
        words = " ".join(ended.stderr.split())[-500:]
        raise BackupError(f"{what} failed: {words}")
    return ended.stdout
