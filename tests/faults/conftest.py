"""Capture as a process on a PostgreSQL of its own, which the tests stop, freeze, close and break."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import psutil
import pytest

from baton import postgres, processes
from baton.data_dir import draw_api_key
from baton.ports import free_port

PLAYBOOKS = Path(__file__).parents[2] / "deploy" / "playbook"
OUTCOME_SECONDS = 60.0
ANSWER_SECONDS = 10.0
"""Far more than is promised: the machine is shared, and what this catches is a request that hangs."""


@dataclass
class Answers:
    """What a sender was answered: every 202 by its event, and how long the longest answer took."""

    taken: list[str] = field(default_factory=list)
    deferred: int = 0
    longest: float = 0.0


@dataclass
class Site:
    """The process, its database server, and what operators may do to it."""

    server: postgres.StartedPostgres
    folder: Path
    port: int = field(default_factory=free_port)
    key: str = field(default_factory=draw_api_key)
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.folder / "capture.log"

    @property
    def passfile(self) -> Path:
        return self.folder / "pgpass"

    def allow(self, password: str) -> None:
        """Write the password where the service reads it for each connection."""
        self.passfile.write_text(f"*:*:*:*:{password}\n")
        self.passfile.chmod(0o600)

    def start(self, **more: str) -> None:
        url = f"postgresql://capture@127.0.0.1:{self.server.port}/capture?passfile={self.passfile}"
        environment = {
            **os.environ,
            "BATON_DATABASE_URL": url,
            "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
            "BATON_SECRET": "a secret for tests alone",
            "BATON_PORT": str(self.port),
            "BATON_PLAYBOOK_DIR": str(PLAYBOOKS),
            **more,
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen((sys.executable, "-m", "capture"), env=environment, stdout=log, stderr=log)

    def start_server(self) -> None:
        self.server.prepare()
        self.server.running = processes.start_program(
            self.server.program(), self.server.is_ready, postgres.START_SECONDS
        )

    def server_processes(self) -> list[psutil.Process]:
        main = psutil.Process(self.server.running.pid)
        return [main, *main.children(recursive=True)]

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"Authorization": f"Bearer {self.key}"},
            timeout=ANSWER_SECONDS,
        )

    async def post(self, http: httpx.AsyncClient, answers: Answers) -> int:
        """Post one contact: it is taken, or the sender is asked to come again; nothing else."""
        event = uuid4().hex
        began = asyncio.get_running_loop().time()
        answer = await http.post(
            "/v1/contacts",
            json={
                "email": f"{event}@example.org",
                "source": "web_form",
                "engagement": "demo_request",
                "event_id": event,
            },
        )
        answers.longest = max(answers.longest, asyncio.get_running_loop().time() - began)
        assert answer.status_code in {202, 503}, answer.text
        if answer.status_code == 202:
            answers.taken.append(event)
        else:
            assert int(answer.headers["retry-after"]) > 0
            answers.deferred += 1
        return answer.status_code

    @asynccontextmanager
    async def load(self) -> AsyncIterator[Answers]:
        """Keep four senders posting; at the end the process is the same, and each 202 is kept once."""
        answers, going_on = Answers(), True

        async def send() -> None:
            async with self.client() as http:
                while going_on:
                    await self.post(http, answers)
                    await asyncio.sleep(0.01)

        assert self.process is not None
        senders = [asyncio.create_task(send()) for _ in range(4)]
        try:
            yield answers
            before = len(answers.taken)
            await self.until(lambda: len(answers.taken) > before or any(task.done() for task in senders))
        finally:
            going_on = False
            ended = await asyncio.gather(*senders, return_exceptions=True)
        assert ended == [None] * 4
        assert self.process.poll() is None, self.log.read_text()
        found = self.server.execute("select event_id, count(*) from engagements group by 1", "capture")
        kept = dict(line.split("|") for line in found.splitlines())
        assert {event: kept.get(event) for event in answers.taken} == dict.fromkeys(answers.taken, "1")
        assert "Traceback" not in self.log.read_text()

    async def until(self, question: Callable[[], bool], seconds: float = OUTCOME_SECONDS) -> None:
        async with asyncio.timeout(seconds):
            while not question():  # noqa: ASYNC110 - an outcome in another process
                await asyncio.sleep(0.02)

    async def answers(self, path: str) -> int:
        async with self.client() as http:
            try:
                return (await http.get(path)).status_code
            except httpx.TransportError:
                return 0

    async def ready(self) -> None:
        async with asyncio.timeout(OUTCOME_SECONDS):
            while await self.answers("/readyz") != 200:  # noqa: ASYNC110 - an outcome in another process
                await asyncio.sleep(0.05)

    async def metric(self, name: str) -> float:
        """Scrape one gauge."""
        async with self.client() as http:
            lines = (await http.get("/metrics")).text.splitlines()
        return float(next(line.split()[-1] for line in lines if line.startswith(f"{name} ")))

    async def measures(self, up: float) -> None:
        """Wait until the scrape shows whether the database is up."""
        async with asyncio.timeout(OUTCOME_SECONDS):
            while await self.metric("baton_database_up") != up:  # noqa: ASYNC110 - an outcome in another process
                await asyncio.sleep(0.05)

    async def deferred(self, answers: Answers, more: int = 8) -> None:
        """Wait until the senders were asked to come again."""
        before = answers.deferred
        await self.until(lambda: answers.deferred >= before + more)

    @asynccontextmanager
    async def superuser(self) -> AsyncIterator[asyncpg.Connection]:
        raw = await asyncpg.connect(self.server.url(postgres.ADMIN, self.server.password, "capture"))
        try:
            yield raw
        finally:
            await raw.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("faults")
    with postgres.start_postgres(folder / "postgres", durable=False) as server:
        made = Site(server, folder)
        server.create_database("capture", "first")
        made.allow("first")
        server.stop()
        made.start()
        yield made
        if made.process is not None:
            made.process.terminate()
            made.process.wait(30)
