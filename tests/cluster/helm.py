"""`helm upgrade --install`: the real Helm renders, and the cluster gets what comes of it in Helm's order."""

import argparse
import asyncio
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import yaml

from tests.cluster.api import Api, Refused, Resource
from tests.cluster.kubelet import Kubelet
from tests.docs.pages import ROOT

HELM = shutil.which("helm") or shutil.which("helm", path=ROOT / ".venv" / "bin")
HOOK = "helm.sh/hook"


class Helm:
    """The commands of Helm that a page may have."""

    def __init__(self, api: Api, kubelet: Kubelet) -> None:
        self.api = api
        self.kubelet = kubelet

    async def __call__(self, arguments: Sequence[str], folder: Path, _: str) -> str:
        """Carry out one."""
        parser = argparse.ArgumentParser("helm", exit_on_error=False)
        parser.add_argument("verb", choices=["upgrade"])
        parser.add_argument("release")
        parser.add_argument("chart")
        parser.add_argument("--install", action="store_true", required=True)
        parser.add_argument("--wait", action="store_true", required=True)
        parser.add_argument("--namespace", required=True)
        parser.add_argument("--timeout")
        parser.add_argument("--set", action="append", default=[])
        given = parser.parse_args(arguments)
        assert HELM is not None
        settings = [part for each in given.set for part in ("--set", each)]
        command = (HELM, "template", given.release, given.chart, "--namespace", given.namespace, *settings)
        done = await asyncio.to_thread(subprocess.run, command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Refused(done.stderr)
        await self._install([each for each in yaml.safe_load_all(done.stdout) if each], given.namespace)
        return f'Release "{given.release}" has been upgraded.\n'

    async def _install(self, rendered: list[Resource], namespace: str) -> None:
        """Apply what belongs before an installation, the rest, and what belongs after it."""
        for each in _hooks(rendered, "pre-install"):
            await self.api.apply(each, namespace)
        for each in rendered:
            if HOOK not in each["metadata"].get("annotations", {}):
                await self.api.apply(each, namespace)
        for name in self.kubelet.pods:
            await self.kubelet.ready(name)
        for each in _hooks(rendered, "post-install"):
            await self.api.apply(each, namespace)


def _hooks(rendered: list[Resource], when: str) -> list[Resource]:
    """Return the resources of a hook in Helm's order."""

    def order(resource: Resource) -> tuple[int, str]:
        return int(resource["metadata"]["annotations"].get("helm.sh/hook-weight", 0)), resource["metadata"]["name"]

    found = [each for each in rendered if when in each["metadata"].get("annotations", {}).get(HOOK, "").split(",")]
    return sorted(found, key=order)
