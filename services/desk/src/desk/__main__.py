"""`python -m desk`: serve until told to stop."""

from desk.app import service

service.run()
