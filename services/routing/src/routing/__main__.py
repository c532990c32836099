"""Run routing: `python -m routing`."""

import sys

from events.runtime.lean_imports import hide_console_packages

with hide_console_packages():
    from routing.app import service

service.run(sys.argv[1:])
