"""Whether somebody chose a Kafka, or the shell only has what `baton env` printed for another command."""

import os
from collections.abc import Mapping

PRINTED_FROM = "BATON_ENV_DATA"
"""What `baton env` prints always: the folder of the stack whose addresses it printed."""
PRINTED = "BATON_ENV_KAFKA"
"""What `baton env` prints beside `KAFKA_BOOTSTRAP_SERVERS`: by it, a later `up` knows that nobody chose this Kafka."""


def find_chosen_kafka(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the Kafka that somebody chose; None where there is none, or it is but what `baton env` printed."""
    servers = environ.get("KAFKA_BOOTSTRAP_SERVERS") or None
    return None if servers == environ.get(PRINTED) else servers
