"""What kubelets would run: the container of each Job and of each StatefulSet's first pod, as a process of this machine.

Names within the cluster and mounted paths stand for addresses and folders of this machine; else the environment is
what the resource, the Secrets and the image say.
"""

import asyncio
import re
import shlex
import sys
import time
from base64 import b64decode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baton.ports import LOOPBACK, free_port
from baton.processes import Program, Running
from baton.stack_processes import answers_with_200
from tests.cluster.api import Api, Refused, Resource
from tests.docs.pages import ROOT
from tests.e2e.conftest import A_MONDAY

PATIENCE_SECONDS = 180.0
PROGRAMS = Path(sys.executable).parent
CLOCK = {"BATON_CLOCK": "stepped", "BATON_CLOCK_START": A_MONDAY}
"""A working hour of the reps, whenever the test runs."""


@dataclass
class Pod:
    """A container that runs."""

    template: Resource
    port: int
    running: Running


class Kubelet:
    """The only one."""

    def __init__(self, api: Api, names: dict[str, str], folder: Path) -> None:
        self.api = api
        self.names = names
        """Which address of this machine a name within the cluster stands for."""
        self.folder = folder
        self.images: set[str] = set()
        """What the registry has."""
        self.pods: dict[str, Pod] = {}

    async def applied(self, resource: Resource) -> None:
        """Run what a Job asks for to its end; give a Service an address; start what a StatefulSet asks for."""
        name, kind = resource["metadata"]["name"], resource["kind"]
        if kind == "Job":
            await self._finish(resource)
        elif kind == "Service":
            self.names[f"http://{name}"] = f"http://{LOOPBACK}:{free_port()}"
        elif kind == "StatefulSet":
            await self.restart(resource)

    async def restart(self, stateful: Resource) -> None:
        """Start the first pod, after ending the one before."""
        name = stateful["metadata"]["name"]
        await self.stop(name)
        template = stateful["spec"]["template"]
        port = self.port_of(self._service_of(template, stateful["metadata"]["namespace"]))
        self.pods[name] = Pod(template, port, self._spawn(stateful, f"{name}-0", {"BATON_PORT": str(port)}))

    async def stop(self, *names: str) -> None:
        """End pods, each in its own time; those without a name of theirs too."""
        ending = [self.pods.pop(name).running for name in names if name in self.pods]
        await asyncio.gather(*(asyncio.to_thread(each.stop, 25.0) for each in ending))

    async def ready(self, name: str) -> None:
        """Return when all probes of a pod succeed."""
        pod, deadline = self.pods[name], time.monotonic() + PATIENCE_SECONDS
        (container,) = pod.template["spec"]["containers"]
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            path = container[probe]["httpGet"]["path"]
            while not await asyncio.to_thread(answers_with_200, f"http://{LOOPBACK}:{pod.port}{path}", 5.0):
                if not pod.running.is_alive() or time.monotonic() > deadline:
                    raise Refused(f"{probe} of {name}-0: {_end_of(pod.running.program.log)}")
                await asyncio.sleep(0.2)

    def port_of(self, service: Resource) -> int:
        """Return where a Service is on this machine."""
        return int(self.names[f"http://{service['metadata']['name']}"].rpartition(":")[2])

    def _service_of(self, template: Resource, namespace: str) -> Resource:
        labels = template["metadata"]["labels"].items()
        services = self.api.of_kind("Service", namespace)
        (found,) = [each for each in services if each["spec"]["selector"].items() <= labels]
        (container,) = template["spec"]["containers"]
        (port,) = found["spec"]["ports"]
        listens = {each["name"]: each["containerPort"] for each in container["ports"]}
        assert listens[port["targetPort"]] == int(of_image()["BATON_PORT"])
        return found

    async def _finish(self, job: Resource) -> None:
        running = self._spawn(job, job["metadata"]["name"], {})
        went = await asyncio.to_thread(running.wait_stopped, PATIENCE_SECONDS)
        if not went or running.process.returncode != 0:
            raise Refused(f"Job {job['metadata']['name']} failed: {_end_of(running.program.log)}")

    def _spawn(self, owner: Resource, pod: str, own: dict[str, str]) -> Running:
        """Start the container of a Job or StatefulSet."""
        namespace, spec = owner["metadata"]["namespace"], owner["spec"]["template"]["spec"]
        if "serviceAccountName" in spec:
            self.api.get("ServiceAccount", namespace, spec["serviceAccountName"])
        (container,) = spec["containers"]
        if container["image"] not in self.images:
            raise Refused(f"ErrImagePull: {container['image']}")
        meant = {"/etc/baton/playbook": str(ROOT / "deploy" / "playbook")} | self._mounted(namespace, pod, spec)
        program, *arguments = (self._here(each, meant) for each in container["command"])
        variables = {
            name: self._here(value, meant)
            for name, value in (of_image() | self._variables(namespace, pod, container)).items()
        }
        here = {"PATH": f"{PROGRAMS}:/usr/bin:/bin", "BATON_HOST": LOOPBACK}
        started = Program(
            name=pod, argv=(str(PROGRAMS / program), *arguments), log=self.folder / f"{pod}.log",
            environment=variables | CLOCK | here | own, directory=self.folder,
        )  # fmt: skip
        return Running(started, started.spawn())

    def _variables(self, namespace: str, pod: str, container: Resource) -> dict[str, str]:
        """Return the environment as the kubelet makes it: `envFrom` in its order, then `env`."""
        found: dict[str, str] = {}
        for each in container.get("envFrom", ()):
            found |= self._values(namespace, each["secretRef"]) or {}
        for each in container.get("env", ()):
            source = each.get("valueFrom", {})
            if "secretKeyRef" in source:
                value = (self._values(namespace, source["secretKeyRef"]) or {}).get(source["secretKeyRef"]["key"])
                if value is None and not source["secretKeyRef"].get("optional"):
                    raise Refused(f"CreateContainerConfigError: {source['secretKeyRef']}")
                found |= {} if value is None else {each["name"]: value}
            elif source:
                assert source == {"fieldRef": {"fieldPath": "metadata.name"}}
                found[each["name"]] = pod
            else:
                found[each["name"]] = each["value"]
        return found

    def _values(self, namespace: str, reference: Resource) -> dict[str, str] | None:
        """Return the values of a Secret; None where an optional one is not there."""
        name = reference.get("name") or reference["secretName"]
        if reference.get("optional") and ("Secret", namespace, name) not in self.api.kept:
            return None
        data = self.api.get("Secret", namespace, name)["data"]
        return {key: b64decode(value).decode() for key, value in data.items()}

    def _mounted(self, namespace: str, pod: str, spec: Resource) -> dict[str, str]:
        """Write what is mounted; return which folder here each path there stands for."""
        (container,) = spec["containers"]
        volumes, found = {each["name"]: each for each in spec["volumes"]}, {}
        for mount in container["volumeMounts"]:
            files = self._files(namespace, volumes[mount["name"]])
            if files is None:
                continue
            folder = self.folder / "mounted" / pod / mount["name"]
            folder.mkdir(parents=True, exist_ok=True)
            for name, text in files.items():
                (folder / name).write_text(text)
            found[mount["mountPath"]] = str(folder)
        return found

    def _files(self, namespace: str, volume: Resource) -> dict[str, str] | None:
        if "secret" in volume:
            return self._values(namespace, volume["secret"])
        if "configMap" in volume:
            files: dict[str, str] = self.api.get("ConfigMap", namespace, volume["configMap"]["name"])["data"]
            return files
        assert volume["emptyDir"] == {}
        return None

    def _here(self, text: str, meant: dict[str, str]) -> str:
        """Return a text of a resource with what its names and paths stand for on this machine."""
        known = self.names | meant
        longest_first = sorted(known, key=len, reverse=True)
        return re.sub("|".join(map(re.escape, longest_first)), lambda found: known[found[0]], str(text))


def of_image() -> dict[str, str]:
    """Return the variables that the image sets."""
    *_, last = re.split(r"^FROM ", (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    (written,) = re.findall(r"^ENV ((?:.*\\\n)*.*)$", last, re.MULTILINE)
    found: dict[str, Any] = dict(each.split("=", 1) for each in shlex.split(written.replace("\\\n", " ")))
    return found


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text().splitlines()[-5:])
