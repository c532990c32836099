"""Capture's settings, from the environment."""

from events.runtime.settings import Settings


class CaptureSettings(Settings):
    """The common settings, and the limits of the endpoint that streams."""

    array_limit: int = 4_194_304
    """Bytes of a JSON array of contacts."""
    line_limit: int = 65_536
    """Bytes of one line of an NDJSON stream."""
    intake_at_once: int = 2
    """Transactions of a stream that overlap: while one waits for PostgreSQL, the next is prepared."""
    answers_limit: int = 8_388_608
    """Bytes of answers that wait for a client which sends its whole stream before it reads."""
    form_rate: str = "60/minute"
    """How often one address may submit forms (`limits` notation), for each process."""
    booking_url: str = ""
    """The address of routing's booking page: who wants to book chooses a free slot there; empty: a colleague writes."""
