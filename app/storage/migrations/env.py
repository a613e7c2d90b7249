"""Alembic's entry: runs the migrations on the connection that `upgrade` hands over."""

from alembic import context

from app.storage import financing_tables, read_tables, tables

connection = context.config.attributes["connection"]
# Both modules put their tables into one metadata.
assert {"loans", "claims"} <= set(tables.metadata.tables), (financing_tables, read_tables)
context.configure(connection=connection, target_metadata=tables.metadata, render_as_batch=True)
context.run_migrations()
