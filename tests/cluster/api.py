"""What a cluster's API keeps, and who acts on what it is given."""

from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any, Protocol

Resource = dict[str, Any]

KINDS = {
    **dict.fromkeys(("Namespace", "Secret", "ConfigMap", "Service", "ServiceAccount"), "v1"),
    "StatefulSet": "apps/v1",
    "Job": "batch/v1",
    "PodDisruptionBudget": "policy/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    **dict.fromkeys(("Kafka", "KafkaNodePool", "KafkaTopic", "KafkaUser"), "kafka.strimzi.io/v1"),
    **dict.fromkeys(("Cluster", "Database"), "postgresql.cnpg.io/v1"),
}
"""What it knows: Kubernetes itself, Strimzi and CloudNativePG. Prometheus Operator and KEDA are not installed."""


class Refused(Exception):
    """What the API answers instead, in a line."""


class Controller(Protocol):
    """Acts on resources, as operators and the kubelet do."""

    async def applied(self, resource: Resource) -> None:
        """Do what a resource asks for, and return when it is done; raises `Refused` if that can never be."""


@dataclass
class Api:
    """One cluster."""

    controllers: list[Controller] = field(default_factory=list)
    kept: dict[tuple[str, str, str], Resource] = field(default_factory=dict)

    async def apply(self, resource: Resource, namespace: str = "default", *, new: bool = False) -> None:
        """Keep a resource and have the controllers act on it; with `new`, it must not be there yet."""
        kind, version = resource["kind"], resource["apiVersion"]
        if KINDS.get(kind) != version:
            raise Refused(f'no matches for kind "{kind}" in version "{version}"')
        metadata = resource["metadata"]
        metadata["namespace"] = "" if kind == "Namespace" else metadata.get("namespace", namespace)
        if metadata["namespace"]:
            self.get("Namespace", "", metadata["namespace"])
        place = (kind, metadata["namespace"], metadata["name"])
        if new and place in self.kept:
            raise Refused(f'{kind} "{metadata["name"]}" already exists')
        if kind == "Secret":
            _encode(resource)
        self.kept[place] = resource
        for controller in self.controllers:
            await controller.applied(resource)
        resource["status"] = {"applied": True, "conditions": [{"type": "Ready", "status": "True"}]}

    def get(self, kind: str, namespace: str, name: str) -> Resource:
        """Return a resource; raises `Refused` where there is none."""
        found = self.kept.get((kind, namespace, name))
        if found is None:
            raise Refused(f'{kind} "{name}" not found in "{namespace}"')
        return found

    def of_kind(self, kind: str, namespace: str) -> list[Resource]:
        """Return the resources of a kind in a namespace."""
        return [each for (its, space, _), each in self.kept.items() if (its, space) == (kind, namespace)]


def secret(name: str, **values: str) -> Resource:
    """Return a Secret with these values."""
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": values}


def _encode(resource: Resource) -> None:
    """Put `stringData` of a Secret into its `data`, as the API does."""
    written = {name: b64encode(value.encode()).decode() for name, value in resource.pop("stringData", {}).items()}
    resource["data"] = resource.get("data", {}) | written
