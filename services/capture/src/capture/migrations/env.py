"""Alembic's entry: the runtime brings the connection."""

from events.runtime.alembic_upgrade import run_alembic_env

run_alembic_env()
