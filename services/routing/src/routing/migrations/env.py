"""Alembic's entry: the runtime does the work."""

from events.runtime.migrate import run_env

run_env()
