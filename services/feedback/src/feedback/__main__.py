"""Run the service: `python -m feedback`."""

import sys

from feedback.app import service

service.run(sys.argv[1:])
