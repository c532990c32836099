"""The six services as the stack sees them: a module to run, a database, a port."""

from dataclasses import dataclass

from baton.ports import LOOPBACK


@dataclass(frozen=True)
class Service:
    """One service; `port_offset` is its port's distance from the base, `short` its name in variables.

    On a machine that is too busy the visitor's answer comes first, then the hand-over to a rep, then all else:
    `niceness` says how far behind capture a service stands.
    """

    name: str
    module: str
    port_offset: int
    short: str
    niceness: int = 0

    def port(self, base: int) -> int:
        """Return the port it listens on."""
        return base + self.port_offset

    def url(self, base: int) -> str:
        """Return where its HTTP interface is."""
        return f"http://{LOOPBACK}:{self.port(base)}"


SERVICES = (
    Service("capture", "capture", 1, "CAPTURE"),
    Service("scoring", "scoring", 2, "SCORING", 1),
    Service("routing", "routing", 3, "ROUTING", 1),
    Service("sla-monitor", "sla_monitor", 4, "SLA", 8),
    Service("feedback", "feedback", 5, "FEEDBACK", 8),
    Service("desk", "desk", 6, "DESK", 10),
)
BY_NAME = {service.name: service for service in SERVICES}
