"""`python -m capture`: serve until a signal to stop."""

from capture.app import service

service.run()
