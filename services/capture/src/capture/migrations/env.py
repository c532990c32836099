"""Alembic's entry: the runtime brings the connection."""

from events.runtime.migrate import run_env

run_env()
