"""Alembic's entry: runs the migrations on the connection that `upgrade` hands over."""

from alembic import context

from app.storage import financing_tables, goods_tables, read_tables, risk_tables, tables

connection = context.config.attributes["connection"]
# These modules put their tables into one metadata.
modules = (financing_tables, goods_tables, read_tables, risk_tables)
assert {"loans", "claims", "lots", "prices"} <= set(tables.metadata.tables), modules
context.configure(connection=connection, target_metadata=tables.metadata, render_as_batch=True)
context.run_migrations()
