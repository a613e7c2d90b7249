"""The file of a backup: one tar with a manifest and a payload."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import tarfile
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.storage.backups.errors import BackupExists, BackupInvalid
from app.storage.durable import make_folder, sync_folder
from app.storage.engine import run

FORMAT = "cession-backup-1"
MANIFEST = "manifest.json"
PAYLOADS = {"sqlite": "store.sqlite", "postgresql": "store.dump"}
_PART = 1 << 20
_MAX_MANIFEST = 1 << 20


class Block(msgspec.Struct, frozen=True, rename="camel"):
    """A block of the chain. `timestamp` is UTC seconds."""

    number: int
    hash: str
    timestamp: int


class Manifest(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Describes a backup. Its values come from the same state of the store as the payload.

    Attributes:
        format: `cession-backup-1`.
        database: `sqlite` or `postgresql`.
        schema: revision of the schema's newest migration.
        made_at: UTC seconds.
        first_block: oldest block in the index; its hash identifies the chain.
        checkpoint: newest block in the index.
        nonce_space: the store's part of the forwarder's nonces, decimal; a restored store gets
            another one.
        counts: numbers of rows in the tables that no chain can restore.
        payload_bytes, payload_sha256: length and checksum of the payload.
    """

    format: str
    database: str
    schema: str
    made_at: float
    first_block: Block | None
    checkpoint: Block | None
    nonce_space: str | None
    counts: dict[str, int]
    payload_bytes: int
    payload_sha256: str


class Facts(msgspec.Struct, frozen=True):
    """The members of a manifest that come from the store itself; see `Manifest`."""

    schema: str
    first_block: Block | None
    checkpoint: Block | None
    nonce_space: str | None
    counts: dict[str, int]


COUNTED = (
    *("operations", "idempotency_keys", "custody_keys", "documents", "api_keys"),
    *("parties_directory", "quotes"),
)


def facts_of(connection: Connection) -> Facts:
    """What the manifest says that comes from the store itself."""

    def block(query: str) -> Block | None:
        row = run(connection, query).first()
        return None if row is None else Block(int(row.number), str(row.hash), int(row.timestamp))

    space = run(connection, "SELECT value FROM settings WHERE name = 'nonce_space'").scalar()
    query = "SELECT number, hash, timestamp FROM blocks ORDER BY number LIMIT 1"
    at = (
        "SELECT block_number AS number, block_hash AS hash, timestamp FROM checkpoints "
        "WHERE name = 'index'"
    )
    return Facts(
        schema=str(run(connection, "SELECT version_num FROM alembic_version").scalar()),
        first_block=block(query),
        checkpoint=block(at),
        nonce_space=None if space is None else bytes(space).decode(),
        counts={
            table: int(run(connection, f"SELECT count(*) FROM {table}").scalar())
            for table in COUNTED
        },
    )


def checksum(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal text."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_file(path: Path, *, payload: Path, manifest: Manifest) -> None:
    """Writes manifest and payload to the file: whole or not at all, and on the disk on return.

    Raises:
        BackupExists.
    """
    make_folder(path.parent)
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    draft.unlink(missing_ok=True)
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                _add(tar, MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=2))
                entry = _entry(PAYLOADS[manifest.database], payload.stat().st_size)
                with payload.open("rb") as source:
                    tar.addfile(entry, source)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # unlike a rename it never replaces a file
        except FileExistsError as error:
            raise BackupExists(f"{path} exists already; give another name") from error
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    tar.addfile(_entry(name, len(content)), io.BytesIO(content))


def read_manifest(path: Path) -> Manifest:
    """Reads the manifest of a backup.

    Raises:
        BackupInvalid, OSError.
    """
    with _opened(path) as tar:
        return _manifest(tar, path)


def unpack(path: Path, *, payload: Path) -> Manifest:
    """Writes the payload to a file and checks it against the manifest.

    Raises:
        BackupInvalid, OSError.
    """
    with _opened(path) as tar:
        manifest = _manifest(tar, path)
        name = PAYLOADS[manifest.database]
        source = _member(tar, name, path)
        with open(os.open(payload, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            while part := source.read(_PART):
                target.write(part)
            target.flush()
            os.fsync(target.fileno())
    size, digest = payload.stat().st_size, checksum(payload)
    if (size, digest) != (manifest.payload_bytes, manifest.payload_sha256):
        raise BackupInvalid(
            f"{path}: its content's checksum is {digest}, not {manifest.payload_sha256}: "
            "it is damaged; use another backup"
        )
    return manifest


@contextlib.contextmanager
def _opened(path: Path) -> Any:
    try:
        with tarfile.open(path, mode="r:") as tar:
            yield tar
    except (tarfile.TarError, EOFError) as error:
        raise BackupInvalid(
            f"{path} is not a backup of this program, or is cut off: {error}"
        ) from error


def _member(tar: tarfile.TarFile, name: str, path: Path) -> Any:
    try:
        source = tar.extractfile(name)
    except KeyError:
        source = None
    if source is None:
        raise BackupInvalid(f"{path} is not a backup of this program: {name} is not in it")
    return source


def _manifest(tar: tarfile.TarFile, path: Path) -> Manifest:
    content = _member(tar, MANIFEST, path).read(_MAX_MANIFEST)
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except msgspec.DecodeError as error:
        raise BackupInvalid(f"{path}: its manifest cannot be read: {error}") from error
    if manifest.format != FORMAT or manifest.database not in PAYLOADS:
        raise BackupInvalid(
            f"{path} is a {manifest.format} of {manifest.database}; this program reads {FORMAT}"
        )
    return manifest
