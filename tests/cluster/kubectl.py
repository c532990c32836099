"""`kubectl`, as far as a page needs it: what is not here ends the page with an error."""

import argparse
import asyncio
import json
import re
from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import yaml

from baton.ports import LOOPBACK
from tests.cluster.api import Api, Refused, Resource
from tests.cluster.kubelet import Kubelet

KINDS = {
    "kafka": "Kafka", "kafkatopic": "KafkaTopic", "kafkauser": "KafkaUser", "cluster.postgresql.cnpg.io": "Cluster",
    "database.postgresql.cnpg.io": "Database", "statefulset": "StatefulSet", "svc": "Service",
}  # fmt: skip


class Kubectl:
    """The commands of kubectl that a page may have."""

    def __init__(self, api: Api, kubelet: Kubelet) -> None:
        self.api = api
        self.kubelet = kubelet
        self.forwarded: dict[str, asyncio.Server] = {}

    async def __call__(self, arguments: Sequence[str], folder: Path, given: str) -> str:
        """Carry out one command; return what it prints."""
        parsed = _parser().parse_args(arguments)
        self.namespace: str = parsed.n
        done: str = await getattr(self, f"_{parsed.verb.replace('-', '_')}")(parsed, folder, given)
        return done

    async def _apply(self, asked: argparse.Namespace, folder: Path, given: str) -> str:
        text = given if asked.f == "-" else (folder / asked.f).read_text(encoding="utf-8")
        for each in yaml.safe_load_all(text):
            await self.api.apply(each, self.namespace)
        return "applied\n"

    async def _create(self, asked: argparse.Namespace, folder: Path, _: str) -> str:
        if asked.words[0] == "namespace":
            (_, name) = asked.words
            await self.api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, new=True)
            return "created\n"
        (*kind, name) = asked.words
        assert kind == ["secret", "generic"]
        values = [each.split("=", 1) for each in asked.from_literal]
        values += [(Path(each).name, (folder / each).read_text()) for each in asked.from_file]
        for each in asked.from_env_file:
            values += [line.split("=", 1) for line in (folder / each).read_text().splitlines()]
        made = {
            "apiVersion": "v1", "kind": "Secret", "type": asked.type, "metadata": {"name": name},
            "stringData": dict(values),
        }  # fmt: skip
        await self.api.apply(made, self.namespace, new=True)
        return "created\n"

    async def _get(self, asked: argparse.Namespace, _: Path, __: str) -> str:
        (kind, name) = asked.words
        assert kind == "secret"
        (key,) = re.fullmatch(r"jsonpath=\{\.data\.(.+)\}", asked.o).groups()  # type: ignore[union-attr]
        found: str = self.api.get("Secret", self.namespace, name)["data"][key.replace("\\.", ".")]
        return found

    async def _wait(self, asked: argparse.Namespace, _: Path, __: str) -> str:
        (target,) = asked.words
        kind, _, name = target.partition("/")
        if asked.all:
            found = self.api.of_kind(KINDS[kind], self.namespace)
        else:
            found = [self.api.get(KINDS[kind], self.namespace, name)]
        if not found:
            raise Refused("no matching resources found")
        assert asked.condition in {"condition=Ready", "jsonpath={.status.applied}=true"}
        assert all(each["status"]["applied"] for each in found)
        return "condition met\n"

    async def _patch(self, asked: argparse.Namespace, _: Path, __: str) -> str:
        (kind, name) = asked.words
        assert kind == "secret"
        (named,) = json.loads(asked.p).items()
        assert named[0] == "stringData"
        encoded = {key: b64encode(value.encode()).decode() for key, value in named[1].items()}
        self.api.get("Secret", self.namespace, name)["data"] |= encoded
        return "patched\n"

    async def _rollout(self, asked: argparse.Namespace, _: Path, __: str) -> str:
        (verb, target) = asked.words
        kind, _, name = target.partition("/")
        stateful = self.api.get(KINDS[kind], self.namespace, name)
        if verb == "restart":
            if name in self.forwarded:
                self.forwarded.pop(name).close()
            await self.kubelet.restart(stateful)
        else:
            await self.kubelet.ready(name)
        return f"{verb}\n"

    async def _port_forward(self, asked: argparse.Namespace, _: Path, __: str) -> str:
        """Listen, and return at once: it ends with the pod, as the command does."""
        (target, ports) = asked.words
        kind, _, name = target.partition("/")
        service: Resource = self.api.get(KINDS[kind], self.namespace, name)
        local, _, port = ports.partition(":")
        assert int(port) in [each["port"] for each in service["spec"]["ports"]]
        there = self.kubelet.port_of(service)

        async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(OSError):
                its_reader, its_writer = await asyncio.open_connection(LOOPBACK, there)
                await asyncio.gather(_copy(reader, its_writer), _copy(its_reader, writer))

        self.forwarded[name] = await asyncio.start_server(forward, LOOPBACK, int(local))
        return "Forwarding\n"

    def close(self) -> None:
        """Forward no longer."""
        for each in self.forwarded.values():
            each.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send on what comes until the end."""
    with suppress(OSError):
        while came := await reader.read(65_536):
            writer.write(came)
            await writer.drain()
    writer.close()


def _parser() -> argparse.ArgumentParser:
    """Return what reads each command; an option that is not here is an error."""
    parser = argparse.ArgumentParser("kubectl", exit_on_error=False)
    parser.add_argument("-n", default="default")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("apply").add_argument("-f", required=True)
    create, get, wait, patch, rollout, forward = (
        verbs.add_parser(name) for name in ("create", "get", "wait", "patch", "rollout", "port-forward")
    )
    for each in (create, get, wait, patch, rollout, forward):
        each.add_argument("words", nargs="+")
    create.add_argument("--type", default="Opaque")
    for option in ("--from-literal", "--from-file", "--from-env-file"):
        create.add_argument(option, action="append", default=[])
    get.add_argument("-o", required=True)
    wait.add_argument("--for", dest="condition", required=True)
    wait.add_argument("--all", action="store_true")
    for each in (wait, rollout):
        each.add_argument("--timeout")
    patch.add_argument("-p", required=True)
    return parser
