"""`cession backup`, `restore`, `reconcile`: each ends with 0, or with 1 (2: a setting is wrong)
and the reason."""

from __future__ import annotations

import sys
from pathlib import Path

from app.config import SettingInvalid
from app.recovery.stores import lines_of, url_of
from app.storage import StorageError
from app.storage.backups import make_backup


def backup(*, file: Path, data_folder: Path | None) -> int:
    """Writes a backup while the gateway runs."""
    try:
        manifest = make_backup(url_of(data_folder), file)
    except (SettingInvalid, StorageError, OSError) as error:
        return _failed("backup", error)
    print("\n".join(lines_of(manifest)))
    return 0


def _failed(command: str, error: Exception) -> int:
    print(f"{command}: {error}", file=sys.stderr)
    return 2 if isinstance(error, SettingInvalid) else 1
