"""`python -m scoring`: serve until told to stop."""

from scoring.app import service

service.run()
