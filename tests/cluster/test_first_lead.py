"""The way from an empty cluster to the first lead, typed as `deploy/helm/README.md` has it.

Helm is the real one; what it renders runs as processes, with the environment that the resources give them, against a
Kafka and a PostgreSQL that let in nobody without TLS, a login and rights.
"""

import argparse
import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from tempfile import gettempdir

import pytest

from baton import kafka_apache
from tests.cluster.api import Api, Refused
from tests.cluster.helm import HELM, Helm
from tests.cluster.kubectl import Kubectl
from tests.cluster.kubelet import PROGRAMS, Kubelet
from tests.cluster.operators import CloudNativePG, Strimzi
from tests.docs.pages import ROOT, commands_of
from tests.e2e.conftest import free_base
from tests.secured.postgres import binaries

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        HELM is None
        or not kafka_apache.can_run_apache_kafka()
        or shutil.which("openssl") is None
        or binaries() is None,
        reason="needs Helm (`make helm`), Java 17+, Maven, openssl and a PostgreSQL of the system's",
    ),
]

HEADING = "## From an empty cluster to the first lead\n"
SECONDS = 600
Program = Callable[[Sequence[str], Path, str], Awaitable[str]]


class Docker:
    """Builds and pushes nothing; only what was built and pushed under its name can be run."""

    def __init__(self, kubelet: Kubelet) -> None:
        self.built: set[str] = set()
        self.kubelet = kubelet

    async def __call__(self, arguments: Sequence[str], folder: Path, _: str) -> str:
        """Note the name of an image."""
        verb, *rest = arguments
        if verb == "build":
            file, name, context = re.fullmatch(r"--file (\S+) --tag (\S+) (\S+)", " ".join(rest)).groups()  # type: ignore[union-attr]
            assert (folder / context / file).exists()
            self.built.add(name)
        else:
            assert (verb, set(rest) <= self.built) == ("push", True)
            self.kubelet.images |= set(rest)
        return ""


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Callable[[list[str]], Awaitable[str]]]:
    """A shell before an empty cluster: takes commands, returns what they print."""
    api, names = Api(), dict[str, str]()
    kubelet, strimzi = Kubelet(api, names, tmp_path), Strimzi(api, names, tmp_path)
    postgres = CloudNativePG(api, names, tmp_path)
    api.controllers = [strimzi, postgres, kubelet]
    kubectl = Kubectl(api, kubelet)
    programs: dict[str, Program] = {"kubectl": kubectl, "helm": Helm(api, kubelet), "docker": Docker(kubelet)}
    lock = asyncio.Lock()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = json.loads(await reader.readline())
        output, code, wrong = "", 0, ""
        try:
            async with lock:
                output = await programs[asked["program"]](asked["arguments"], Path(asked["folder"]), asked["stdin"])
        except (Refused, AssertionError, argparse.ArgumentError, SystemExit) as error:
            code, wrong = 1, f"{asked['program']} {' '.join(asked['arguments'])}: {error!r}\n"
        writer.write(json.dumps({"stdout": output, "stderr": wrong, "code": code}).encode() + b"\n")
        writer.close()

    socket, folder = Path(gettempdir()) / f"cluster-{os.getpid()}", tmp_path / "checkout"
    (path := tmp_path / "bin").mkdir()
    for name in programs:
        (path / name).write_text(
            f'#!/bin/sh\nexec {sys.executable} -I {ROOT / "tests" / "cluster" / "ask.py"} {name} "$@"\n'
        )
        (path / name).chmod(0o755)
    folder.mkdir()
    (folder / "deploy").symlink_to(ROOT / "deploy")
    environment = {"PATH": f"{path}:{PROGRAMS}:/usr/bin:/bin", "HOME": str(folder), "CLUSTER": str(socket)}

    async def typed(commands: list[str]) -> str:
        script = "\n".join(["set -eo pipefail", *commands])
        done = await asyncio.to_thread(
            subprocess.run, ("bash", "-c", script), cwd=folder, env=environment, capture_output=True, text=True,
            check=False, timeout=SECONDS,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    server = await asyncio.start_unix_server(answer, socket)
    try:
        yield typed
    finally:
        server.close()
        socket.unlink()
        kubectl.close()
        await kubelet.stop(*kubelet.pods)
        await asyncio.to_thread(strimzi.broker.stop)
        await asyncio.to_thread(postgres.server.stop)


async def test_no_step_is_missing_between_an_empty_cluster_and_the_first_lead(
    shell: Callable[[list[str]], Awaitable[str]],
) -> None:
    _, _, section = (ROOT / "deploy" / "helm" / "README.md").read_text(encoding="utf-8").partition(HEADING)
    commands = commands_of("\n".join(map(textwrap.dedent, _blocks(section.partition("\n## ")[0]))))
    base = free_base()
    printed = await shell(
        [re.sub(r"\b800([0-6])\b", lambda found: str(base + int(found[1])), each) for each in commands]
    )
    assert "sla-monitor" in printed
    assert '"status":"accepted"' in printed
    assert "lead.assigned" in printed
    assert f"http://127.0.0.1:{base + 6}/in/" in printed.splitlines()[-1]


def _blocks(text: str) -> list[str]:
    """Return the blocks of commands, which stand indented within a list."""
    return re.findall(r"^ *```\n.+?```\n", text, re.DOTALL | re.MULTILINE)
