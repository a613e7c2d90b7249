"""Finds the store that an operator means, and prints a backup's manifest."""

from __future__ import annotations

import datetime
from pathlib import Path

from app.config import SettingInvalid, store_url
from app.storage.backups import Manifest

STORE_FILE = "cession.sqlite"


def url_of(data_folder: Path | None) -> str:
    """URL of the store in a data folder, or else `CESSION_DATABASE_URL`.

    No secret is needed: a backup holds the store's content, sealed as in the store.

    Raises:
        SettingInvalid.
    """
    if data_folder is None:
        return store_url()
    if not data_folder.is_dir():
        raise SettingInvalid(f"--data-folder: there is no folder {data_folder}")
    return f"sqlite:///{data_folder / STORE_FILE}"


def lines_of(manifest: Manifest) -> list[str]:
    """A backup's manifest as readable text."""
    made_at = datetime.datetime.fromtimestamp(manifest.made_at, datetime.UTC)
    at = manifest.checkpoint
    lines = [
        f"made      {made_at:%Y-%m-%d %H:%M:%S} UTC, {manifest.database}, schema {manifest.schema}",
        f"chain     up to block {at.number} ({at.hash})" if at else "chain     nothing indexed yet",
    ]
    rows = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in manifest.counts.items())
    return [
        *lines,
        f"rows      {rows}",
        f"checksum  sha256 {manifest.payload_sha256} over {manifest.payload_bytes} bytes",
    ]
