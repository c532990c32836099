"""`python -m capture`: serve until told to stop."""

from capture.app import service

service.run()
