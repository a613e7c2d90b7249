"""The schema's history (Alembic). `upgrade` runs what is missing, under a lock on PostgreSQL.

After a change of the tables write the next migration with `revise` (until the first release, make
the first one anew: remove it and revise an empty store), then `ruff format`.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine


def configuration() -> Config:
    """Alembic's settings, without a file of their own."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(engine: Engine, *, revision: str = "head") -> None:
    """Brings the database to `revision` in one transaction."""
    with engine.connect() as connection, connection.begin():
        upgrade_on(connection, revision=revision)


def upgrade_on(connection: Connection, *, revision: str = "head") -> None:
    """The same within a transaction that the caller has begun."""
    config = configuration()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(20250923)")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def known_revisions() -> set[str]:
    """Revisions of the schema that this version can bring to the newest."""
    script = ScriptDirectory.from_config(configuration())
    return {script_file.revision for script_file in script.walk_revisions()}


def revise(message: str, *, identifier: str, url: str) -> None:
    """Writes the next migration: what the tables in the code have and the store at `url` has not.

    Read it before you commit it.
    """
    config = configuration()
    engine = create_engine(url)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.revision(config, message, autogenerate=True, rev_id=identifier)
    engine.dispose()
