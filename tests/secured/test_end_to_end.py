"""The six services and `baton` on a Kafka and a PostgreSQL that let in nobody without TLS, a login and rights.

It starts all six, so it is one of `make drills`.
"""

import asyncio
import json
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from baton import kafka_apache
from baton.ports import LOOPBACK
from baton.processes import Program, Running
from baton.services import SERVICES, Service
from baton.stack_processes import answers_with_200, playbook_directory
from events.runtime import installation, topic_setup
from tests.e2e.conftest import free_base
from tests.secured.broker import SecuredKafka
from tests.secured.certificates import Authority
from tests.secured.postgres import SecuredPostgres, binaries

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not kafka_apache.can_run_apache_kafka() or shutil.which("openssl") is None or binaries() is None,
        reason="needs Java 17+, Maven, openssl and a PostgreSQL of the system's",
    ),
]

PATIENCE_SECONDS = 180.0
SOMEBODY = {
    "email": "ada@works.example",
    "first_name": "Ada",
    "last_name": "Long",
    "company": "Works",
    "job_title": "Head of Marketing",
    "country": "DE",
    "industry": "software",
    "employees": 250,
    "source": "web_form",
    "engagement": "demo_request",
}


@pytest.fixture
async def operator(tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """What an operator sets to use six services that run with their own logins and rights alone."""
    authority = Authority.make(tmp_path / "certificates")
    broker = SecuredKafka(tmp_path / "kafka", authority)
    server = SecuredPostgres(tmp_path / "postgres", authority)
    secret, key = secrets.token_hex(32), f"bk_{secrets.token_hex(6)}_{secrets.token_hex(24)}"
    base, running = free_base(), list[Running]()
    try:
        await asyncio.gather(asyncio.to_thread(broker.start), asyncio.to_thread(server.start))
        for service in SERVICES:
            await topic_setup.TopicSetup(
                servers=broker.internal, service=service.name, replication_factor=1, partitions=2,
                installed=installation.derive_installation_name(secret),
            ).create_missing()  # fmt: skip
            await broker.allow(service.name)
            password = await server.create_database(service.module)
            url = server.url(
                service.module, password, service.module, sslmode="verify-full", sslrootcert=str(authority.certificate)
            )
            environment = broker.login(service.name) | {
                "BATON_DATABASE_URL": url, "BATON_SECRET": secret, "BATON_BOOTSTRAP_KEY": key,
                "BATON_HOST": LOOPBACK, "BATON_PORT": str(service.port(base)), "BATON_SERVICE": service.name,
                "BATON_PLAYBOOK_DIR": str(playbook_directory()), "BATON_LOG_LEVEL": "WARNING", "BATON_API_KEY": key,
            }  # fmt: skip
            running.append(run(service, environment, tmp_path))
        await ready([f"{service.url(base)}/readyz" for service in SERVICES])
        yield {f"BATON_{service.short}_URL": service.url(base) for service in SERVICES} | {"BATON_API_KEY": key}
    finally:
        for each in running:
            each.stop(20.0)
        broker.stop()
        server.stop()


def run(service: Service, environment: dict[str, str], folder: Path) -> Running:
    program = Program(
        name=service.name, argv=(sys.executable, "-m", service.module), log=folder / f"{service.name}.log",
        environment={"PATH": "/usr/bin:/bin", **environment}, directory=folder,
    )  # fmt: skip
    return Running(program, program.spawn())


async def ready(urls: list[str]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while missing := [url for url in urls if not await asyncio.to_thread(answers_with_200, url, 5.0)]:
        assert time.monotonic() < deadline, missing
        await asyncio.sleep(0.2)


async def traced(operator: dict[str, str], contact: str, ce_type: str) -> None:
    """Ask for a contact's story until an event is in it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while ce_type not in (story := baton(operator, "trace", contact, "--json")).stdout:
        assert time.monotonic() < deadline, story.stdout + story.stderr
        await asyncio.sleep(0.5)


def baton(operator: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        (sys.executable, "-m", "baton", *arguments), env={"PATH": "/usr/bin:/bin", "HOME": "/nowhere"} | operator,
        capture_output=True, text=True, check=False, cwd="/",
    )  # fmt: skip


async def test_a_lead_reaches_a_rep_where_everything_is_encrypted_and_everybody_logs_in(
    operator: dict[str, str],
) -> None:
    """The first key, a key of one's own, a post, the assignment, its touch and the way back through all topics."""
    made = json.loads(baton(operator, "keys", "create", "Site", "--role", "admin", "--json").stdout)
    key = {"Authorization": f"Bearer {made['key']}"}
    async with httpx.AsyncClient(headers=key, timeout=30) as http:
        body = SOMEBODY | {"occurred_at": datetime.now(UTC).isoformat()}
        posted = await http.post(f"{operator['BATON_CAPTURE_URL']}/v1/contacts", json=body)
        assert posted.is_success, posted.text
        contact = posted.json()["contact_id"]
        await traced(operator, contact, "lead.assigned")
    parts = json.loads(baton(operator, "status", "--json").stdout)["parts"]
    assert all(part["ready"] and not part["parked"] for part in parts), parts
