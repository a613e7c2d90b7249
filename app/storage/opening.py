"""Opens the store of the settings; a failure gives an error of one line."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from app.config import SettingInvalid, Settings
from app.storage.engine import Storage, create_storage
from app.storage.errors import StorageError, StorageUnavailable, translate

_NAME = "CESSION_DATABASE_URL"


def open_storage(settings: Settings) -> Storage:
    """Opens the store and updates its schema to the newest version.

    Raises:
        SettingInvalid: the URL is not that of a store, or its file cannot be made.
        StorageUnavailable, StorageFull: the database does not answer as it should; the message
            names the variable and never the URL, which may contain a password.
    """
    try:
        storage = create_storage(settings.database_url, reads_each=settings.party_reads)
    except OSError as error:
        raise SettingInvalid(f"{_NAME}: {error.filename}: {error.strerror}") from error
    except (ValueError, SQLAlchemyError, ImportError) as error:
        raise SettingInvalid(f"{_NAME}: give sqlite:///path or postgresql+psycopg://…") from error
    try:
        storage.migrate()
    except Exception as error:
        storage.close()
        known = translate(error)
        if isinstance(known, StorageError):
            message = str(known).splitlines()[0] if str(known) else type(known).__name__
            raise type(known)(f"{_NAME}: {message}") from error
        if isinstance(error, SQLAlchemyError):
            origin = str(getattr(error, "orig", None) or error).splitlines()[0]
            raise StorageUnavailable(f"{_NAME}: {origin}") from error
        raise
    return storage
