"""Alembic's entry: the runtime knows how to run it."""

from events.runtime.migrate import run_env

run_env()
