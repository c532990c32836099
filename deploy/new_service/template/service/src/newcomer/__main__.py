"""`python -m newcomer`: serve until told to stop."""

from newcomer.app import service

service.run()
