"""What operators read and what pages them names only what there is, and all of it."""

import importlib
import inspect
import json
import re
import runpy
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

from events.runtime.kafka import KafkaSecurity
from events.runtime.settings import Settings
from events.topics import EVENT_TYPES
from tests.architecture.code import ROOT, SERVICE_SOURCES, ServiceSource, named

OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
PROMETHEUS = ROOT / "deploy" / "prometheus"
DASHBOARDS = sorted((ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"))
PAPERS = [
    path
    for folder in ("docs", "services", "deploy", "data", ".")
    for path in sorted((ROOT / folder).glob("*.md" if folder == "." else "**/*.md"))
]


def metric_names() -> set[str]:
    """Our metrics as they are scraped: counters with `_total`, histograms by their base name."""
    importlib.import_module("events.runtime.metrics")
    for service in SERVICE_SOURCES:
        importlib.import_module(f"{service.module}.app")
    families = [family for family in REGISTRY.collect() if family.name.startswith("baton_")]
    return {f"{family.name}_total" if family.type == "counter" else family.name for family in families}


def asked_for(text: str) -> set[str]:
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\bbaton_\w+", text)}


def variable(name: str, settings: type[Settings]) -> str:
    alias = settings.model_fields[name].validation_alias
    return str(getattr(alias, "choices", [f"BATON_{name.upper()}"])[0])


def settings_classes() -> list[type[Settings]]:
    found = [Settings]
    for service in SERVICE_SOURCES:
        module = importlib.import_module(f"{service.module}.settings")
        found += [
            each
            for _, each in inspect.getmembers(module, inspect.isclass)
            if issubclass(each, Settings) and each is not Settings
        ]
    return found


def test_every_metric_is_explained_to_operators() -> None:
    chapter = OPERATIONS.partition("## Metrics")[2].partition("\n## ")[0]
    assert asked_for(chapter) == metric_names()


def test_every_setting_is_explained_to_operators() -> None:
    chapter = OPERATIONS.partition("### Settings")[2].partition("\n### ")[0]
    explained = set(re.findall(r"`((?:BATON|KAFKA|OTEL)_\w+)`", chapter))
    known = {variable(name, each) for each in settings_classes() for name in each.model_fields}
    known = known - {"BATON_KAFKA_SECURITY"} | {f"KAFKA_{name.upper()}" for name in KafkaSecurity.model_fields}
    assert explained == known


def test_secrets_have_no_default() -> None:
    for each in settings_classes():
        for name, field in each.model_fields.items():
            if "Secret" in str(field.annotation):
                assert field.is_required() or field.default is None, name


def test_the_example_environment_is_what_compose_asks_for() -> None:
    """No secret has a default, neither in the code nor in the composition."""
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    offered = dict(re.findall(r"^(\w+)=(.*)$", example, re.MULTILINE))
    assert set(offered) == set(re.findall(r"\$\{(\w+)", compose))
    assert not any(offered.values())


@pytest.mark.parametrize("service", SERVICE_SOURCES, ids=lambda service: service.name)
def test_a_service_is_watched_and_deployed_like_every_other(service: ServiceSource) -> None:
    scraped = (PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8")
    assert f"labels: {{service: {service.name}}}" in scraped
    kubernetes = ROOT / "deploy" / "kubernetes"
    overlay = (kubernetes / service.name / "kustomization.yaml").read_text(encoding="utf-8")
    assert f"value: [python, -m, {service.module}]" in overlay
    key = f"{service.name}-database-url"
    assert key in overlay
    secret, _ = yaml.safe_load_all((kubernetes / "secret.example.yaml").read_text(encoding="utf-8"))
    assert key in secret["stringData"]
    every = yaml.safe_load((kubernetes / "kustomization.yaml").read_text(encoding="utf-8"))
    assert service.name in every["resources"]


def test_pods_get_what_the_code_reads_and_are_scraped_as_dashboards_ask() -> None:
    """Names of variables, secrets, ports and labels on Kubernetes are those of the code and of each other."""
    kubernetes = ROOT / "deploy" / "kubernetes"
    pods, *_ = yaml.safe_load_all((kubernetes / "base" / "service.yaml").read_text(encoding="utf-8"))
    (container,) = pods["spec"]["template"]["spec"]["containers"]
    own, login = yaml.safe_load_all((kubernetes / "secret.example.yaml").read_text(encoding="utf-8"))
    known = {f"KAFKA_{name.upper()}" for name in KafkaSecurity.model_fields}
    assert set(login["stringData"]) <= known
    assert {"secretRef": {"name": login["metadata"]["name"], "optional": True}} in container["envFrom"]
    asked = {each["name"]: each["valueFrom"].get("secretKeyRef", {}).get("key") for each in container["env"]}
    assert set(asked) - {variable(name, Settings) for name in Settings.model_fields} == set()
    assert asked["BATON_BOOTSTRAP_KEY"] in own["stringData"]
    monitor = yaml.safe_load((kubernetes / "monitoring" / "podmonitor.yaml").read_text(encoding="utf-8"))
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    assert endpoint["port"] in {port["name"] for port in container["ports"]}
    assert {each["targetLabel"] for each in endpoint["relabelings"]} == {"job", "service"}
    assert monitor["spec"]["selector"]["matchLabels"].items() <= pods["spec"]["template"]["metadata"]["labels"].items()


@pytest.mark.parametrize("path", [*DASHBOARDS, PROMETHEUS / "alerts.yml"], ids=named)
def test_queries_ask_for_metrics_that_exist(path: Path) -> None:
    asked = asked_for(path.read_text(encoding="utf-8"))
    assert asked
    assert asked <= metric_names()


def test_dashboards_are_fresh() -> None:
    written = runpy.run_path(str(ROOT / "deploy" / "grafana" / "build.py"))["files"]()
    assert {path.name: path.read_text(encoding="utf-8") for path in DASHBOARDS} == written


def panels() -> list[dict[str, Any]]:
    boards = [json.loads(path.read_text(encoding="utf-8")) for path in DASHBOARDS]
    return [panel for board in boards for panel in board["panels"] if panel["type"] != "row"]


def test_event_types_on_dashboards_exist() -> None:
    for panel in panels():
        for target in panel["targets"]:
            for asked in re.findall(r'[{ ]type=~?"([^"]+)"', target["expr"]):
                for each in asked.split("|") if "(" not in asked else [asked]:
                    assert [name for name in EVENT_TYPES if re.fullmatch(each, name)], each


def test_each_panel_says_what_it_shows_and_in_which_unit() -> None:
    """A title of its own on its board, a description that adds to it; rows, choices and annotations."""
    for path in DASHBOARDS:
        board = json.loads(path.read_text(encoding="utf-8"))
        titles = [panel["title"] for panel in board["panels"]]
        assert len(set(titles)) == len(titles)
        assert board["panels"][0]["type"] == "row"
        assert {each["name"] for each in board["templating"]["list"]} >= {"datasource", "team", "policy", "source"}
        assert {each["name"] for each in board["annotations"]["list"]} == {"Playbook activated", "Service started"}
    for panel in panels():
        assert panel["description"].rstrip(".") not in {"", panel["title"]}
        assert panel["fieldConfig"]["defaults"]["unit"]


def alerts() -> list[dict[str, Any]]:
    rules = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text(encoding="utf-8"))
    return [rule for group in rules["groups"] for rule in group["rules"]]


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert["alert"])
def test_each_alert_says_how_urgent_it_is_and_what_to_do(alert: dict[str, Any]) -> None:
    assert alert["labels"]["severity"] in {"page", "ticket"}
    paper, _, anchor = alert["annotations"]["runbook_url"].partition("#")
    assert anchor == alert["alert"].lower()
    assert f"\n### {alert['alert']}\n" in (ROOT / paper).read_text(encoding="utf-8")


def test_every_entry_of_the_runbook_has_its_alert() -> None:
    chapter = OPERATIONS.partition("## What to do when")[2].partition("\n## ")[0]
    assert re.findall(r"^### (\w+)$", chapter, re.MULTILINE) == [rule["alert"] for rule in alerts()]


def test_the_alert_rules_pass_their_own_tests() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not on the PATH: deploy/prometheus/alerts_test.yml did not run")
    done = subprocess.run(
        [promtool, "test", "rules", "alerts_test.yml"],
        cwd=PROMETHEUS,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_links_lead_somewhere(paper: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[\w-]+)?\)", paper.read_text(encoding="utf-8")):
        if "://" not in target and not target.startswith("mailto:"):
            assert (paper.parent / target).exists(), f"{named(paper)} -> {target}"


def test_decisions_are_numbered_in_one_shape_and_listed() -> None:
    folder = ROOT / "docs" / "adr"
    records = sorted(folder.glob("[0-9]*.md"))
    assert len({path.name[:4] for path in records}) == len(records), "a number is given once; gaps are reserved"
    listed = (folder / "README.md").read_text(encoding="utf-8")
    for path in records:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {path.name[:4]} ")
        titles = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert titles == ["Context", "Decision", "Consequences", "Alternatives"], path.name
        assert re.search(r"## Decision\n\*\*.+?\*\*", text, re.DOTALL), path.name
        assert f"({path.name})" in listed
