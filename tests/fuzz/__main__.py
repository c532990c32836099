"""`make fuzz`: mutated bodies at every door of a service that takes any; no 5xx, no answer that does not come.

The service is a process of its own on a real PostgreSQL; it does without Kafka, for what is posted waits in its outbox.
"""

import argparse
import asyncio
import itertools
import json
import random
import sys
import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from baton import keys, postgres
from baton.data_dir import draw_api_key
from baton.ports import free_port
from tests.bad_input.doors import FORM, JSON, NDJSON, Door, doors_of
from tests.bench.parts import Parts
from tests.bench.processes import environment, running
from tests.fuzz import records
from tests.fuzz.mutating import mutants
from tests.fuzz.posting import Findings, Shot, fire

CONNECTIONS = 16
SHOWN = 10
START_SECONDS = 60.0
RICH = {
    "email": "ada@works.example", "first_name": "Ada", "last_name": "Long", "company": "Works", "country": "DE",
    "phone": "+4930901820", "employees": 300, "source": "webinar", "engagement": "webinar_attended",
    "occurred_at": "2026-03-02T08:00:00Z", "facts": {"seats": 25, "budget": "yes"}, "talk_to_sales": True,
    "consent": [{"purpose": "news", "granted": True, "wording_version": "1", "at": "2026-03-02T08:00:00Z"}],
    "utm": {"source": "fair"}, "event_id": "e-1", "preference": "call_me", "preferred_at": "2026-03-04T08:00:00Z",
}  # fmt: skip


def seeds_of(door: Door) -> Iterator[tuple[str, list[bytes]]]:
    """Return bodies that are in order, for each content type of a door."""
    plain = door.content() or b""
    rich = json.dumps(RICH).encode()
    if FORM in door.bodies:
        yield FORM, [plain, plain + b"&phone=%2B4930901820&country=DE&utm_source=x&consent.marketing_email=yes"]
    if JSON in door.bodies:
        takes_contacts = door.path in {"/v1/contacts", "/v1/contacts/batch"}
        many = [b"[" + b",".join([rich] * 3) + b"]"] if door.many else [rich]
        yield JSON, [plain, *(many if takes_contacts else [])]
    if NDJSON in door.bodies:
        lines = [plain.strip(b"[]"), rich] if door.path == "/v1/contacts/batch" else [plain.strip(b"[]")]
        yield NDJSON, [b"\n".join(lines * 3)]


def shots(service: str, bodies: int, seed: int) -> Iterator[Shot]:
    """Return so many shots, spread over the doors."""
    dice = random.Random(seed)  # noqa: S311 - the same seed, the same bodies
    targets = [
        (door.url(), kind, mutants(seeds, dice))
        for door in doors_of(service)
        if door.method == "POST" and door.bodies
        for kind, seeds in seeds_of(door)
    ]
    for path, kind, bent in itertools.islice(itertools.cycle(targets), bodies):
        yield Shot(path, kind, next(bent))


@asynccontextmanager
async def serving(service: str, database: postgres.Postgres, folder: Path) -> AsyncIterator[tuple[int, str]]:
    """Run the service; gives its port and a key."""
    url = await asyncio.to_thread(database.create_database, service)
    port = free_port()
    variables = environment(Parts(database, "127.0.0.1:1", folder), url, port) | {
        "BATON_FORM_RATE": "100000000/minute",
        "BATON_LOG_LEVEL": "ERROR",
    }
    async with (
        running(service, env=variables) as process,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http,
    ):
        async with asyncio.timeout(START_SECONDS):
            while not await _has_its_database(http):
                if process.returncode is not None:
                    raise RuntimeError(f"{service} ended with {process.returncode}")
                await asyncio.sleep(0.1)
        key = draw_api_key()
        await keys.store_key({service: url}, key, label="fuzz")
        yield port, key


async def _has_its_database(http: httpx.AsyncClient) -> bool:
    try:
        missing = (await http.get("/readyz")).json()["missing"]
    except httpx.TransportError:
        return False
    return all(reason.startswith("kafka: ") for reason in missing)


async def after(port: int, key: str) -> dict[str, object]:
    """Look whether the service still does its work: alive, nothing open, no broken invariant."""
    bearer = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=bearer, timeout=30) as http:
        alive = await http.get("/livez")
        status = (await http.get("/status")).json()
        audit = (await http.get("/audit")).json()
    return {"alive": alive.is_success, "open_commands": status["open_commands"], "audit_residual": audit["residual"]}


async def fuzz(service: str, bodies: int, seed: int) -> dict[str, object]:
    """Fire at one service; gives the figures."""
    with tempfile.TemporaryDirectory(prefix="baton-fuzz-") as name:
        folder = Path(name)
        database = await asyncio.to_thread(postgres.start_postgres, folder / "postgres", durable=False)
        try:
            async with serving(service, database, folder) as (port, key):
                findings, stream = Findings(), shots(service, bodies, seed)
                started = time.perf_counter()
                await asyncio.gather(*(fire(port, key, stream, findings) for _ in range(CONNECTIONS)))
                seconds = time.perf_counter() - started
                state = await after(port, key)
        finally:
            await asyncio.to_thread(database.stop)
    for fault, shot in findings.broken[:SHOWN]:
        sys.stderr.write(f"{fault} {shot.path} {shot.kind} {shot.body[:300]!r}\n")
    return {
        "service": service,
        "bodies": sum(findings.statuses.values()) + sum(isinstance(fault, str) for fault, _ in findings.broken),
        "statuses": dict(sorted(findings.statuses.items())),
        "broken": len(findings.broken),
        "slowest_seconds": round(findings.slowest, 3),
        "seconds": round(seconds, 1),
        **state,
    }


def main() -> int:
    """Fuzz what is asked for; exit 1 where anything broke."""
    warnings.simplefilter("ignore")
    if sys.argv[1:2] == ["records"]:
        return records.main(sys.argv[2:])
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument(
        "service", nargs="*", default=["capture"], help="capture, scoring, routing, sla_monitor, feedback, desk"
    )
    parser.add_argument("--bodies", type=int, default=100_000, help="for each service")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    sound = True
    for service in asked.service:
        figures = asyncio.run(fuzz(service, asked.bodies, asked.seed))
        sys.stdout.write(json.dumps(figures) + "\n")
        sound = sound and not figures["broken"] and bool(figures["alive"]) and not figures["open_commands"]
        sound = sound and not figures["audit_residual"]
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
