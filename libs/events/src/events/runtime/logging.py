"""Logs as JSON lines with static event names and an allow-list of keys: what is not on the list is not written.

The list is the guard against personal data in logs: a value can only be logged under a name that cannot hold any.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

from events.runtime import traces
from events.runtime.lean_imports import hide_console_packages

with hide_console_packages():
    import structlog

ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "service", "topic", "partition", "offset", "records", "events", "fresh",
        "parked", "duplicates", "attempt", "delay", "reason", "error", "kind", "fired", "rows", "seconds", "route",
        "method", "status", "version", "port", "ce_id", "ce_type", "contact_id", "lead_id", "lag", "topics", "where",
        "exception", "task", "partitions", "clock", "instant", "contacts", "items", "rep_id", "team", "queue", "count",
        "sqlstate",
        "from_offset", "to_offset", "consumer", "trace_id", "span_id",
    }
)  # fmt: skip


def _drop_fields_not_allowed(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value for key, value in line.items() if key in ALLOWED}


def add_trace_ids(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Return a log line with the ids of the trace on whose behalf it is written, if there is one."""
    caller = traces.current_caller()
    return line if caller is None else {**line, **traces.build_log_ids(caller.traceparent)}


def configure_logging(service: str, level: str) -> None:
    """Set up structlog and the standard library's logging for one service."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            add_trace_ids,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _drop_fields_not_allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    # aiokafka prints values on DEBUG, and its ERROR lines on a lost broker are told by our own metrics.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


def logger() -> Any:
    """Return the logger; `log.info("batch_applied", topic=..., records=...)`."""
    return structlog.get_logger()


def describe_error(error: BaseException) -> str:
    """Name an error and where it arose without its message, which may quote a person's data."""
    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f"{type(error).__name__} at {' < '.join(reversed(frames[-4:]))}"
