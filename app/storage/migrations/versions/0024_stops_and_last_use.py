"""An index of the events that change breakers and stops; when an API key was used last."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

_STOPS = sa.text(
    "name IN ('NewRiskStop', 'ResumptionProposed', 'NewRiskResumed', 'ProductAdded', "
    "'ProductChangeProposed', 'ProductChanged', 'ProductOpened', 'NewLiensStopped')"
)


def upgrade() -> None:
    op.create_index(
        "ix_events_stops",
        "events",
        ["position"],
        unique=False,
        sqlite_where=_STOPS,
        postgresql_where=_STOPS,
    )
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.add_column(sa.Column("last_used_at", sa.Double(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.drop_column("last_used_at")
    op.drop_index("ix_events_stops", table_name="events")
