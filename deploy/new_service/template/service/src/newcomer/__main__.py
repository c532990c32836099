"""`python -m newcomer`: serve until told to stop."""

import sys

from newcomer.app import service

service.run(sys.argv[1:])
