"""`python -m sla_monitor`: serve until told to stop."""

import sys

from sla_monitor.app import service

service.run(sys.argv[1:])
