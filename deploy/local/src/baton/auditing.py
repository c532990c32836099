"""`baton audit`: the ledger over all six databases and the topics, and what each service finds in itself."""

import asyncio
import json
import os
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from baton import clusters, ledger
from baton.access import ServiceAddresses, load_stack_unless_remote
from baton.data_dir import DataDir
from baton.database import Connection, connect
from baton.ledger import LedgerReport, Watermark
from baton.ledger.report import SHOWN_ROWS, AuditDocument, CheckDocument
from baton.service_client import open_service_clients, wait_for_restart
from baton.services import SERVICES
from baton.stack import Stack
from baton_client import ClientError
from events.parts import JsonObject

if TYPE_CHECKING:
    from baton_client.generated.async_operations.common import AsyncCommon

OWN = "its own invariants"
WATERMARK = "ledger.json"
"""The file in the data directory that says how far the journals were examined."""
WAIT_NEEDS = "this asks databases and Kafka: set all of BATON_*_DATABASE_URL and KAFKA_BOOTSTRAP_SERVERS too"
FEW = 50_000
"""Contacts up to which everything is examined each time: it takes seconds."""
_FEW = "select count(*) < $1 from (select from profiles limit $1) p"


@dataclass(frozen=True)
class AuditSources:
    """Where everything is that an audit reads, or somebody who waits looks at."""

    databases: Mapping[str, str]
    """Each service's database URL, by name."""
    bootstrap: str
    services: ServiceAddresses
    kept: Path
    """The file with the watermark."""
    rung: str = "given"
    """Whose Kafka it is: one that was given may need a login."""

    @property
    def urls(self) -> Mapping[str, str]:
        """Each service's HTTP address, by name."""
        return self.services.urls

    @property
    def api_key(self) -> str:
        """A key for all services."""
        return self.services.api_key

    @classmethod
    def find(cls, directory: Path) -> "AuditSources":
        """Return what the environment names, else the stack that is up in `directory`."""
        databases, bootstrap = cls.databases_from_environment(), os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
        if databases and bootstrap:
            return cls(
                databases,
                bootstrap,
                ServiceAddresses.find(directory),
                DataDir.of_folder(directory).directory / WATERMARK,
            )
        return cls.of_stack(load_stack_unless_remote(directory, WAIT_NEEDS))

    @staticmethod
    def databases_from_environment() -> dict[str, str]:
        """Return the databases that the environment names; nothing unless it names all."""
        named = {each.name: url for each in SERVICES if (url := os.environ.get(f"BATON_{each.short}_DATABASE_URL"))}
        return named if len(named) == len(SERVICES) else {}

    @classmethod
    def of_stack(cls, stack: Stack) -> "AuditSources":
        """Return those of a stack that is up."""
        services = ServiceAddresses(stack.urls, stack.secrets.api_key)
        return cls(stack.databases, stack.bootstrap, services, stack.data_dir.directory / WATERMARK, stack.rung)


async def audit(stack: Stack | AuditSources, *, full: bool = True, restarts: bool = False) -> AuditDocument:
    """Return each check with its residual and the first rows that break it.

    Args:
        stack: What is audited.
        full: Examine everything. Without it an installation of many contacts is examined by what changed since the last
            time (see `baton.ledger.watermark`); a small one is examined whole all the same.
        restarts: Wait for a service that does not answer: something breaks them, and something starts them again.
    """
    places = AuditSources.of_stack(stack) if isinstance(stack, Stack) else stack
    async with AsyncExitStack() as opened:
        databases: dict[str, Connection] = {}
        for name, url in places.databases.items():
            databases[name] = await connect(url)
            opened.push_async_callback(databases[name].close)
        report = await _run_ledger_audit(places, databases, full=full)
    found = report.as_dict()
    found["checks"] += await _run_service_audits(places.services, restarts=restarts)
    found["residual"] = sum(check["residual"] for check in found["checks"])
    return found


async def audit_by_services(services: ServiceAddresses) -> AuditDocument:
    """Return what each service finds in its own tables: comparing them with each other takes their databases."""
    checks = await _run_service_audits(services)
    residual = sum(check["residual"] for check in checks)
    return {"scope": "each service by itself, without their databases", "checks": checks, "residual": residual}


async def _run_service_audits(services: ServiceAddresses, *, restarts: bool = False) -> list[CheckDocument]:
    async with open_service_clients(services) as baton:
        own = (_run_service_audit(name, baton.service(name), restarts=restarts) for name in services.urls)
        return await asyncio.gather(*own)


async def _run_ledger_audit(places: AuditSources, databases: Mapping[str, Connection], *, full: bool) -> LedgerReport:
    kafka = clusters.client_arguments(places.bootstrap, places.rung)
    begun, kept = await Watermark.begin_now(databases), places.kept
    before = None if full or await databases["capture"].fetchval(_FEW, FEW) else _load_watermark(kept)
    if before is None:
        report = await ledger.examine_until_settled(databases, kafka)
    else:
        report = await ledger.examine_until_settled(
            databases, kafka, await before.choose_scopes(databases), topics=False
        )
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.touch(mode=0o600)
    kept.write_text(json.dumps((before or begun).next_watermark(report, begun).as_dict()))
    return report


def _load_watermark(kept: Path) -> Watermark | None:
    """Return where the last examination ended; None where there was none or it cannot be read."""
    try:
        return Watermark.from_json(json.loads(kept.read_text()))
    except (OSError, ValueError, KeyError, TypeError):
        return None


async def _run_service_audit(name: str, service: "AsyncCommon", *, restarts: bool) -> CheckDocument:
    try:
        answer = await (wait_for_restart(service.audit) if restarts else service.audit())
    except ClientError as error:
        row: JsonObject = {"what": str(error), "next": f"`baton status`; then the log of {name}"}
        return {"service": name, "check": OWN, "residual": 1, "rows": [row]}
    rows = [_as_ledger_row(name, row) for row in answer.rows[:SHOWN_ROWS]]
    return {"service": name, "check": OWN, "residual": answer.residual, "rows": rows}


def _as_ledger_row(service: str, row: JsonObject) -> JsonObject:
    """Write a service's row like the ledger's; its own columns stay beside."""
    about = next((row[name] for name in ("lead_id", "contact_id", "clock_id", "id") if row.get(name)), None)
    details = ", ".join(f"{name} {value}" for name, value in row.items() if name != "rule" and value is not None)
    step = f"`baton trace {about}`" if about else f"`GET /audit` of {service}"
    return {**row, "id": about, "what": f"{row.get('rule', OWN)}: {details}", "next": step}
