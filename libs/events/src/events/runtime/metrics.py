"""Every metric of the runtime, in one place that is also its documentation. Base units; never an id as a label."""

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Counter, Gauge, Histogram, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics
from pydantic.config import JsonDict

OPENMETRICS = "application/openmetrics-text"
"""The format in which a measurement may name its trace."""
CONTENT: JsonDict = {OPENMETRICS: {"schema": {"type": "string"}}}
"""What an OpenAPI document says of it."""

FINE = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LATE = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 3600.0)

RECORDS = Counter(
    "baton_records_total",
    "Records taken from a topic: applied, duplicate or parked.",
    ["topic", "outcome"],
)
UNREADABLE_BATCHES = Counter(
    "baton_unreadable_batches_total", "Batches of a topic that Kafka's client could not read whole.", ["topic"]
)
PARKED_BARE = Counter(
    "baton_parked_bare_total", "Records of which only their place could be parked: the bytes are on the topic alone."
)
WAITING = Gauge("baton_partitions_waiting", "Partitions that wait for a row which another session holds locked.")
PUBLISHED = Counter("baton_published_total", "Records sent to a topic and acknowledged.", ["topic"])
EMITTED = Counter("baton_emitted_total", "Events committed to the outbox.", ["type"])
BATCH_SECONDS = Histogram("baton_batch_seconds", "Time of one consumer transaction.", ["topic"], buckets=FINE)
ARRIVAL = Histogram(
    "baton_arrival_seconds",
    "Real time from the instant at which an event was committed by its producer until it was applied here: a hop.",
    ["topic"],
    buckets=LATE,
)
BATCH_RETRIES = Counter("baton_batch_retries_total", "Batches rolled back and tried again.", ["topic"])
OUTBOX_ROWS = Gauge("baton_outbox_rows", "Rows committed and not yet acknowledged by Kafka.")
OUTBOX_AGE = Gauge("baton_outbox_oldest_seconds", "Age of the oldest of them.")
RELAY_SECONDS = Histogram("baton_relay_seconds", "Time of one relay round that sent something.", buckets=FINE)
RELAY_FAILURES = Counter("baton_relay_failures_total", "Relay rounds that failed and were rolled back.")
RELAY_WAITING = Gauge(
    "baton_relay_waiting_partitions", "Partitions that Kafka does not let us write; their rows wait.", ["topic"]
)
OUTBOX_REFUSED = Counter(
    "baton_outbox_refused_total", "Records that Kafka refuses, set aside: a gap in `ce_sequence`.", ["topic", "error"]
)
SET_ASIDE = Gauge("baton_outbox_set_aside_records", "Of them, those that nobody has sent again or discarded.")
READBACK = Counter(
    "baton_readback_total",
    "Keys of a compacted topic whose last record was older than the state: republished, or gone from the journal.",
    ["topic", "outcome"],
)
NOT_RECOVERED = Counter(
    "baton_not_recovered_total",
    "Records of its own topics that the service could not take up at its start: named in the log.",
    ["topic"],
)
RECOVERED = Counter(
    "baton_recovered_total",
    "Records that the service had published and its restored database did not know: taken up at the start.",
    ["topic"],
)
LAG = Gauge(
    "baton_consumer_lag_records",
    "Records on the topic that the service has not applied: the log's ends minus the stored positions.",
    ["topic"],
)
LAG_SECONDS = Gauge("baton_consumer_lag_seconds", "Age of the oldest record that is not applied.", ["topic"])
LAG_LOOKED = Gauge("baton_consumer_lag_timestamp_seconds", "When the lag was measured last (Unix time).")
DATABASE_UP = Gauge("baton_database_up", "1 when PostgreSQL answered the last measurement, else 0.")
MEASURED_AT = Gauge(
    "baton_measured_timestamp_seconds",
    "When (seconds since 1970) the gauges that come from PostgreSQL were measured; 0 before the first time.",
)
STALLED = Gauge("baton_partitions_stalled", "Partitions on which records have waited for 60 s and none was applied.")
MISSED = Counter(
    "baton_records_missed_total", "Records that were deleted from a topic before this service applied them.", ["topic"]
)
GAPS_OPEN = Gauge("baton_gaps_open", "Ranges of missed records that are not sent again in full, nor accepted as lost.")
REBALANCES = Counter("baton_rebalances_total", "Partition assignments received.")
STOPPED = Gauge("baton_partitions_stopped", "Partitions stopped because too many of their records were parked.")
TIMERS = Counter("baton_timers_fired_total", "Timers that fell due and were carried out.", ["kind"])
TIMER_LATENESS = Histogram(
    "baton_timer_lateness_seconds", "Real time between due and carried out.", ["kind"], buckets=LATE
)
PARKED = Gauge("baton_parked_records", "Records parked and waiting for an operator.")
SPANS_LOST = Counter("baton_spans_lost_total", "Spans that the collector of traces did not take.")
TASK_FAILURES = Counter("baton_task_failures_total", "Side tasks (audit, maintenance) that failed.", ["task"])
AUDIT = Gauge("baton_audit_residual", "Rows that break an invariant; must be zero.")
HTTP = Counter("baton_http_requests_total", "Requests answered.", ["method", "route", "status"])
HTTP_SECONDS = Histogram("baton_http_request_seconds", "Time to answer.", ["method", "route"], buckets=FINE)
SHED = Counter("baton_http_shed_total", "Requests answered 503 at once because too many were open.")
CLOCK_SKEW = Gauge(
    "baton_clock_skew_seconds", "How far this machine's clock is ahead of PostgreSQL's; below zero: behind it."
)
LOOP_LAG = Gauge("baton_loop_lag_seconds", "How late the event loop is.")
POOL = Gauge("baton_database_connections", "Connections to PostgreSQL for requests and handlers.", ["state"])
POOL_WAIT = Histogram("baton_database_wait_seconds", "Time until a connection to PostgreSQL was free.", buckets=FINE)
BUILD = Gauge("baton_build_info", "1, with the version of Baton and of Python.", ["version", "python"])
REVIEW_OVERDUE = Gauge("baton_playbook_review_overdue", "1 when the playbook in force is past its review date.")


def render_metrics(accept: str) -> tuple[bytes, str]:
    """Return all metrics as whoever accepts these media types reads them, with the media type."""
    if OPENMETRICS in accept:
        body: bytes = openmetrics.generate_latest(REGISTRY)  # type: ignore[no-untyped-call]
        return body, openmetrics.CONTENT_TYPE_LATEST
    return generate_latest(), CONTENT_TYPE_LATEST
