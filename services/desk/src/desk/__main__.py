"""`python -m desk`: serve until told to stop."""

import sys

from desk.app import service

service.run(sys.argv[1:])
