"""`python -m newcomer`: serve until told to stop."""

import sys

from events.runtime.lean_imports import hide_console_packages

with hide_console_packages():
    from newcomer.app import service

service.run(sys.argv[1:])
