"""Run routing: `python -m routing`."""

import sys

from routing.app import service

service.run(sys.argv[1:])
