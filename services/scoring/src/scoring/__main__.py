"""`python -m scoring`: serve until stopped."""

from scoring.app import service

service.run()
