"""`python -m sla_monitor`: serve until told to stop."""

import sys

from events.runtime.lean_imports import hide_console_packages

with hide_console_packages():
    from sla_monitor.app import service

service.run(sys.argv[1:])
