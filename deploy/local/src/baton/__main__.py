"""`baton`, and `python -m baton`."""

import logging
import sys

from baton.cli import run


def main() -> None:
    """Run the command line and leave with its exit code.

    What a command has to say of an outage it says itself; the client's own log would only garble the screen.
    """
    logging.getLogger("aiokafka").addHandler(logging.NullHandler())
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
