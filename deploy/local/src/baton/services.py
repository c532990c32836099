"""The five services as the stack sees them: a module to run, a database, a port."""

from dataclasses import dataclass

from baton.ports import LOOPBACK


@dataclass(frozen=True)
class Service:
    """One service; `place` is its port's distance from the base, `short` its name in variables."""

    name: str
    module: str
    place: int
    short: str

    def port(self, base: int) -> int:
        """Return the port it listens on."""
        return base + self.place

    def url(self, base: int) -> str:
        """Return where its HTTP interface is."""
        return f"http://{LOOPBACK}:{self.port(base)}"


SERVICES = (
    Service("capture", "capture", 1, "CAPTURE"),
    Service("scoring", "scoring", 2, "SCORING"),
    Service("routing", "routing", 3, "ROUTING"),
    Service("sla-monitor", "sla_monitor", 4, "SLA"),
    Service("feedback", "feedback", 5, "FEEDBACK"),
)
BY_NAME = {service.name: service for service in SERVICES}
