"""Alembic's entry: the runtime knows how."""

from events.runtime.migrate import run_env

run_env()
