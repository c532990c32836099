"""`python -m capture`: serve until a signal to stop; `migrate` behind it only upgrades the database."""

import sys

from capture.app import service

service.run(sys.argv[1:])
