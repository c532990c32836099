"""`python -m scoring`: serve until stopped."""

import sys

from scoring.app import service

service.run(sys.argv[1:])
