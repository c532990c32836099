"""Every fault that a chaos run injects; importing this package registers them."""

from tests.chaos.faults import broker, clocks, database, network, processes, records, storage, upgrades

__all__ = ["broker", "clocks", "database", "network", "processes", "records", "storage", "upgrades"]
