"""A Prometheus of our own with the project's configuration, and every query that the project asks."""

import json
import re
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import yaml

from baton import processes
from baton.ports import LOOPBACK, free_port
from baton.processes import Program, Running
from baton.stack import Stack

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "deploy" / "prometheus"
DASHBOARDS = ROOT / "deploy" / "grafana" / "dashboards"
CHOSEN = {
    "$__rate_interval": "30s",
    "$__range": "1h",
    "$service": ".*",
    "$team": ".*",
    "$policy": ".*",
    "$source": ".*",
}
"""What Grafana puts in the place of variables."""


class Query(NamedTuple):
    """One query of a panel or an annotation."""

    board: str
    title: str
    expression: str
    instant: bool = True


def queries() -> list[Query]:
    """Return every query of every panel and annotation, with its variables filled in."""
    boards = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(DASHBOARDS.glob("*.json"))]
    panels = [
        Query(board["title"], panel["title"], filled(target["expr"]), target["instant"])
        for board in boards
        for panel in board["panels"]
        for target in panel.get("targets", [])
    ]
    notes = [
        Query(board["title"], f"annotation {note['name']}", filled(note["expr"]))
        for board in boards
        for note in board["annotations"]["list"]
    ]
    return panels + notes


def filled(expression: str) -> str:
    """Return a query as Grafana sends it."""
    for name, value in CHOSEN.items():
        expression = expression.replace(name, value)
    assert not re.search(r"\$\w", expression), expression
    return expression


class Prometheus:
    """One server that scrapes a stack every second and evaluates the project's rules."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"http://{LOOPBACK}:{free_port()}"
        self._running: Running | None = None

    def start(self, stack: Stack) -> None:
        """Start with the shipped configuration; only addresses and intervals are others."""
        found = yaml.safe_load((RULES / "prometheus.yml").read_text(encoding="utf-8"))
        found["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        found["rule_files"] = [str(RULES / name) for name in found["rule_files"]]
        found.pop("alerting", None)
        for target in found["scrape_configs"][0]["static_configs"]:
            target["targets"] = [stack.urls[target["labels"]["service"]].removeprefix("http://")]
        self.folder.mkdir(parents=True, exist_ok=True)
        configuration = self.folder / "prometheus.yml"
        configuration.write_text(yaml.safe_dump(found))
        binary = shutil.which("prometheus")
        assert binary is not None
        program = Program(
            name="Prometheus",
            argv=(
                binary, f"--config.file={configuration}", f"--storage.tsdb.path={self.folder / 'data'}",
                f"--web.listen-address={self.url.removeprefix('http://')}",
            ),
            log=self.folder / "prometheus.log",
            directory=self.folder,
        )  # fmt: skip
        self._running = processes.start_program(program, self._is_ready, 60.0)

    def stop(self) -> None:
        """Stop it."""
        if self._running is not None:
            self._running.stop(20.0)

    def ask(self, query: Query) -> list[dict[str, Any]]:
        """Return the series of a query; of those over time, the last ten minutes."""
        if query.instant:
            return self._get("/api/v1/query", query=query.expression)["result"]  # type: ignore[no-any-return]
        now = float(self._get("/api/v1/query", query="time()")["result"][0])
        span = {"start": now - 600, "end": now, "step": 5}
        return self._get("/api/v1/query_range", query=query.expression, **span)["result"]  # type: ignore[no-any-return]

    def rules(self) -> list[dict[str, Any]]:
        """Return the rules with their health and their alerts."""
        return [rule for group in self._get("/api/v1/rules")["groups"] for rule in group["rules"]]

    def targets(self) -> list[dict[str, Any]]:
        """Return what is scraped."""
        return self._get("/api/v1/targets")["activeTargets"]  # type: ignore[no-any-return]

    def _get(self, path: str, **parameters: Any) -> Any:
        answer = httpx.get(f"{self.url}{path}", params=parameters, timeout=30)
        assert answer.status_code == 200, f"{parameters}: {answer.text}"
        return answer.json()["data"]

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/-/ready", timeout=1).status_code == 200
        except httpx.TransportError:
            return False
