"""Alembic's entry: the runtime knows how to run it."""

from events.runtime.alembic_upgrade import run_alembic_env

run_alembic_env()
