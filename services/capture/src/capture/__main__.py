"""`python -m capture`: serve until a signal to stop; `migrate` behind it only upgrades the database."""

import sys

from events.runtime.lean_imports import hide_console_packages

with hide_console_packages():
    from capture.app import service

service.run(sys.argv[1:])
