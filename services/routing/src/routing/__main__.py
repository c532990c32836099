"""Run routing: `python -m routing`."""

from routing.app import service

service.run()
