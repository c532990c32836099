"""Run the service: `python -m feedback`."""

import sys

from events.runtime.lean_imports import hide_console_packages

with hide_console_packages():
    from feedback.app import service

service.run(sys.argv[1:])
