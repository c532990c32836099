"""The Helm chart: rendered, valid for Kubernetes, and its names, ports and rules those of the code."""

import json
import re
import runpy
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from baton import playbook
from events.runtime import metrics
from events.runtime.openapi import OPEN
from events.runtime.settings import Settings
from events.topics import SERVICES, TOPICS

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "deploy" / "helm" / "baton"
KUBERNETES = ROOT / "deploy" / "kubernetes"
HELM = shutil.which("helm") or shutil.which("helm", path=ROOT / ".venv" / "bin")
VERSIONS = ("1.29", "1.33")
OF_OPERATORS = {"PodMonitor", "PrometheusRule", "ScaledObject"}
"""Kinds that come with their operators; Kubernetes itself has no schema of them."""
EVERYTHING = (
    "autoscaling.enabled=true", "ingress.enabled=true", "playbook.activate.enabled=true",
    "playbook.activate.approvedBy={ann,max}", "otlpEndpoint=http://collector:4318",
    "bookingUrl=https://meet.example.com", "services.capture.replicas=4", "image.pullSecrets={registry}",
)  # fmt: skip

pytestmark = pytest.mark.skipif(HELM is None, reason="no helm here (`make helm`): the chart was not rendered")

Resource = dict[str, Any]


def helm(*arguments: str) -> str:
    assert HELM is not None
    done = subprocess.run((HELM, *arguments), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@cache
def rendered(*settings: str) -> tuple[Resource, ...]:
    """What would be installed, hooks included."""
    given = [part for setting in settings for part in ("--set", setting)]
    text = helm("template", "baton", str(CHART), "--namespace", "baton", *given)
    return tuple(each for each in yaml.safe_load_all(text) if each)


def of_kind(kind: str, *settings: str) -> dict[str, Resource]:
    return {each["metadata"]["name"]: each for each in rendered(*settings) if each["kind"] == kind}


def pod_of(resource: Resource) -> Resource:
    found: Resource = resource["spec"]["template"]["spec"]
    return found


def container_of(resource: Resource) -> Resource:
    (container,) = pod_of(resource)["containers"]
    found: Resource = container
    return found


def variables_of(resource: Resource) -> dict[str, Resource]:
    return {each["name"]: each for each in container_of(resource)["env"]}


def module_of(service: str) -> str:
    return service.replace("-", "_")


def known_to(service: str) -> set[str]:
    """The variables that a service reads."""
    settings = import_module(f"{module_of(service)}.settings")
    classes = [each for each in vars(settings).values() if isinstance(each, type) and issubclass(each, Settings)]
    return {
        str(getattr(field.validation_alias, "choices", [f"BATON_{name.upper()}"])[0])
        for each in classes
        for name, field in each.model_fields.items()
    }


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("settings", [(), EVERYTHING], ids=["as it comes", "everything"])
def test_each_resource_is_valid(settings: tuple[str, ...], version: str) -> None:
    found = rendered(*settings)
    names = [(each["kind"], each["metadata"]["name"]) for each in found]
    assert len(set(names)) == len(names)
    for resource in found:
        if resource["kind"] not in OF_OPERATORS:
            kubernetes_validate.validate(resource, version, strict=True)


def test_the_chart_has_no_warnings() -> None:
    helm("lint", "--strict", str(CHART))


@pytest.mark.parametrize("setting", ["kafka.bootstrapServers=", "publicUrl=baton", "replicaCount=3", "logLevel=loud"])
def test_a_value_that_is_none_is_refused(setting: str) -> None:
    assert HELM is not None
    done = subprocess.run(
        (HELM, "template", "baton", CHART, "--set", setting), capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert setting.split("=", maxsplit=1)[0].rsplit(".", maxsplit=1)[-1] in done.stderr


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_runs_as_with_kustomize(service: str) -> None:
    """Same container, same probes, same limits; what differs is the ConfigMap of the rules and the account."""
    base, *_ = yaml.safe_load_all((KUBERNETES / "base" / "service.yaml").read_text(encoding="utf-8"))
    stateful = of_kind("StatefulSet")[service]
    container, expected = container_of(stateful), container_of(base)
    assert container["command"] == ["python", "-m", module_of(service)]
    for name in ("ports", "startupProbe", "livenessProbe", "readinessProbe", "resources", "securityContext"):
        assert container[name] == expected[name], name
    for name in ("automountServiceAccountToken", "enableServiceLinks", "terminationGracePeriodSeconds"):
        assert pod_of(stateful)[name] == pod_of(base)[name]
    assert pod_of(stateful)["securityContext"] == pod_of(base)["securityContext"]
    assert {each["name"] for each in expected["volumeMounts"]} < {each["name"] for each in container["volumeMounts"]}
    assert stateful["spec"]["replicas"] == base["spec"]["replicas"]
    overlay = yaml.safe_load((KUBERNETES / service / "kustomization.yaml").read_text(encoding="utf-8"))
    patches = json.dumps(overlay["patches"])
    assert f"{service}-database-url" in patches
    _, for_all, own = expected["envFrom"]
    own["secretRef"]["name"] = f"baton-kafka-{service}"
    assert container["envFrom"] == [for_all, own], "the later counts: a service logs in to Kafka as itself"
    assert f"/envFrom/2/secretRef/name, value: {own['secretRef']['name']}" in patches
    named = set(re.findall(r"name: (BATON_\w+)", patches)) | {each["name"] for each in expected["env"]}
    shared = {"KAFKA_BOOTSTRAP_SERVERS", "BATON_REPLICATION_FACTOR", "BATON_LOG_LEVEL"}
    assert variables_of(stateful).keys() == named | shared


@pytest.mark.parametrize("service", SERVICES)
def test_a_pod_gets_only_what_its_service_reads(service: str) -> None:
    stateful = of_kind("StatefulSet", *EVERYTHING)[service]
    own, _ = yaml.safe_load_all((KUBERNETES / "secret.example.yaml").read_text(encoding="utf-8"))
    variables = variables_of(stateful)
    assert variables.keys() <= known_to(service)
    secrets = [
        each["valueFrom"]["secretKeyRef"] for each in variables.values() if "secretKeyRef" in each.get("valueFrom", {})
    ]
    assert {each["key"] for each in secrets} <= own["stringData"].keys()
    assert {each["name"] for each in secrets} == {own["metadata"]["name"]}
    assert variables["BATON_DATABASE_URL"]["valueFrom"]["secretKeyRef"]["key"] == f"{service}-database-url"


def test_every_service_is_reached_protected_and_named_alike() -> None:
    services = set(SERVICES)
    for kind in ("StatefulSet", "Service", "PodDisruptionBudget", "ServiceAccount"):
        assert of_kind(kind).keys() == services
    for name, stateful in of_kind("StatefulSet").items():
        labels = stateful["spec"]["template"]["metadata"]["labels"].items()
        selector = of_kind("Service")[name]["spec"]["selector"]
        assert selector.items() <= labels
        assert stateful["spec"]["selector"]["matchLabels"] == selector
        assert of_kind("PodDisruptionBudget")[name]["spec"]["selector"]["matchLabels"] == selector
        assert pod_of(stateful)["serviceAccountName"] == name
        others = [of_kind("Service")[other]["spec"]["selector"] for other in services - {name}]
        assert not any(other.items() <= labels for other in others)
    assert {probe for each in of_kind("StatefulSet").values() for probe in probes(each)} <= set(OPEN)


def probes(stateful: Resource) -> list[str]:
    return [part["httpGet"]["path"] for name, part in container_of(stateful).items() if name.endswith("Probe")]


def test_addresses_within_lead_to_services() -> None:
    found = [each for each in rendered(*EVERYTHING) if each["kind"] in {"StatefulSet", "Job"}]
    addresses = {
        each["value"].removeprefix("http://")
        for resource in found
        for each in container_of(resource)["env"]
        if each["name"].endswith("_URL") and each.get("value", "").startswith("http://")
    }
    assert addresses == set(SERVICES)
    ports = {each["metadata"]["name"]: each["spec"]["ports"] for each in of_kind("Service").values()}
    assert all(each == [{"name": "http", "port": 80, "targetPort": "http"}] for each in ports.values())


def test_each_pod_may_pull_its_image() -> None:
    for each in rendered(*EVERYTHING):
        if each["kind"] in {"StatefulSet", "Job"}:
            assert pod_of(each)["imagePullSecrets"] == [{"name": "registry"}]


def test_databases_are_migrated_before_anything_else() -> None:
    jobs = of_kind("Job")
    assert jobs.keys() == {f"{service}-migration" for service in SERVICES}
    for service in SERVICES:
        job = jobs[f"{service}-migration"]
        assert container_of(job)["command"] == ["python", "-m", module_of(service), "migrate"]
        assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
        assert variables_of(job).keys() <= known_to(service)
        volumes = {each["name"]: each for each in pod_of(job)["volumes"]}
        assert "configMap" not in json.dumps(volumes), "before an installation there is no ConfigMap"
        assert "serviceAccountName" not in pod_of(job), "nor an account"


def test_the_rules_are_whole_and_activated_by_addresses_and_a_key(tmp_path: Path) -> None:
    for name, text in of_kind("ConfigMap")["baton-playbook"]["data"].items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert {each.name for each in tmp_path.iterdir()} == {each.name for each in (ROOT / "deploy/playbook").iterdir()}
    sources, faults = playbook.check_folder(tmp_path)
    assert not faults
    assert sources == playbook.check_folder(ROOT / "deploy" / "playbook")[0]
    job = of_kind("Job", *EVERYTHING)["playbook-activation"]
    command = container_of(job)["command"]
    assert command[:4] == ["baton", "playbook", "activate", "/etc/baton/playbook"]
    assert command[4:] == ["--by=helm", "--approved-by=ann", "--approved-by=max"]
    assert "/etc/baton/playbook" in {each["mountPath"] for each in container_of(job)["volumeMounts"]}
    names = import_module("baton.services").SERVICES
    assert variables_of(job).keys() == {"BATON_API_KEY", *(f"BATON_{each.short}_URL" for each in names)}
    assert "playbook-activation" not in of_kind("Job")


def test_alerts_and_dashboards_are_the_same_as_everywhere(tmp_path: Path) -> None:
    rules = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yml").read_text(encoding="utf-8"))
    rule = of_kind("PrometheusRule")["baton"]
    assert rule["spec"] == rules
    boards = runpy.run_path(str(ROOT / "deploy" / "grafana" / "build.py"))["files"]()
    found = [each for name, each in of_kind("ConfigMap").items() if name.endswith("-dashboard")]
    assert {name: json.loads(text) for each in found for name, text in each["data"].items()} == {
        name: json.loads(text) for name, text in boards.items()
    }
    assert all(each["metadata"]["labels"]["grafana_dashboard"] == "1" for each in found)
    promtool = shutil.which("promtool")
    if promtool is not None:
        (tmp_path / "rules.yml").write_text(yaml.safe_dump(rule["spec"]))
        subprocess.run((promtool, "check", "rules", tmp_path / "rules.yml"), check=True, capture_output=True)


def test_pods_are_scraped_as_dashboards_ask() -> None:
    monitor = of_kind("PodMonitor")["baton"]["spec"]
    kustomized = yaml.safe_load((KUBERNETES / "monitoring" / "podmonitor.yaml").read_text(encoding="utf-8"))["spec"]
    assert monitor == kustomized
    for stateful in of_kind("StatefulSet").values():
        assert monitor["selector"]["matchLabels"].items() <= stateful["spec"]["template"]["metadata"]["labels"].items()


def test_copies_follow_the_lag_and_are_no_more_than_partitions() -> None:
    scaled, by_cpu = of_kind("ScaledObject", *EVERYTHING), of_kind("HorizontalPodAutoscaler", *EVERYTHING)
    assert scaled.keys() | by_cpu.keys() == set(SERVICES)
    assert not scaled.keys() & by_cpu.keys()
    (sample,) = metrics.LAG_SECONDS.collect()
    for name, each in scaled.items():
        (trigger,) = each["spec"]["triggers"]
        assert trigger["metadata"]["query"] == f'max({sample.name}{{job="baton",service="{name}"}})'
        fewest = min(topic.partitions for topic in TOPICS if name in topic.consumers and topic.partitions > 1)
        assert each["spec"]["maxReplicaCount"] <= fewest
    for each in [*scaled.values(), *by_cpu.values()]:
        target = each["spec"]["scaleTargetRef"]
        assert (target["kind"], target["name"]) == ("StatefulSet", each["metadata"]["name"])
    assert all("replicas" not in each["spec"] for each in of_kind("StatefulSet", *EVERYTHING).values())


def test_the_network_lets_out_to_the_brokers_that_are_named() -> None:
    """Managed ones listen elsewhere: who is not let out to them waits for an answer for ever."""
    brokers = r"kafka.bootstrapServers=b-1.msk.example:9096\,b-2.msk.example:9097"
    assert opened(of_kind("NetworkPolicy", brokers)["baton"]) >= {9096, 9097, 5432}


def test_the_network_lets_in_who_is_meant_to_come() -> None:
    policies = of_kind("NetworkPolicy", *EVERYTHING)
    outside = of_kind("Ingress", *EVERYTHING)["baton"]["spec"]["rules"]
    named = {path["backend"]["service"]["name"] for rule in outside for path in rule["http"]["paths"]}
    assert policies.keys() == {"baton", *(f"{name}-from-outside" for name in named)}
    assert named <= set(SERVICES)
    routes = {path["path"] for rule in outside for path in rule["http"]["paths"] if "routing" in str(path)}
    assert routes == {"/book/", "/calendars/"}, "docs/operations.md: let nothing else of routing be reached"
    assert of_kind("NetworkPolicy").keys() == {"baton"}
    ports = [rule["ports"] for rule in policies["baton"]["spec"]["ingress"]]
    assert ports == [[{"port": "http"}]]


def test_examples_have_a_database_and_a_login_for_each_service() -> None:
    found = list(yaml.safe_load_all((KUBERNETES / "examples" / "postgres.yaml").read_text(encoding="utf-8")))
    cluster, *databases = found
    modules = {module_of(service) for service in SERVICES}
    assert {role["name"] for role in cluster["spec"]["managed"]["roles"]} == modules
    assert {(each["spec"]["name"], each["spec"]["owner"]) for each in databases} == {(name, name) for name in modules}
    assert {each["spec"]["cluster"]["name"] for each in databases} == {cluster["metadata"]["name"]}
    pool, kafka = yaml.safe_load_all((KUBERNETES / "examples" / "kafka.yaml").read_text(encoding="utf-8"))
    assert pool["metadata"]["labels"]["strimzi.io/cluster"] == kafka["metadata"]["name"] == "baton"
    (listener,) = kafka["spec"]["kafka"]["listeners"]
    assert listener["authentication"] == {"type": "scram-sha-512"}
    assert opened(of_kind("NetworkPolicy")["baton"]) >= {listener["port"], 5432}


def opened(policy: Mapping[str, Any]) -> set[Any]:
    return {port["port"] for rule in policy["spec"]["egress"] for port in rule["ports"]}
