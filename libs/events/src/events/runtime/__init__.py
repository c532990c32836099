"""The runtime that keeps the guarantees: PostgreSQL is the truth, Kafka the transport.

Five concepts: Event, Topic, Transaction, Handler, Service.
"""

from events.runtime.batcher import Batcher
from events.runtime.errors import DomainError, Reject
from events.runtime.service import Service
from events.runtime.settings import Settings
from events.runtime.transaction import DueTimer, Transaction

__all__ = ["Batcher", "DomainError", "DueTimer", "Reject", "Service", "Settings", "Transaction"]
