"""`python -m sla_monitor`: serve until told to stop."""

from sla_monitor.app import service

service.run()
