"""Alembic's entry point."""

from events.runtime.migrate import run_env

run_env()
