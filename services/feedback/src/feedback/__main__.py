"""Run the service: `python -m feedback`."""

from feedback.app import service

service.run()
