"""`python -m scoring`: serve until stopped."""

import sys

from events.runtime.lean_imports import hide_console_packages

with hide_console_packages():
    from scoring.app import service

service.run(sys.argv[1:])
