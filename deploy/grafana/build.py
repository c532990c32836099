"""The dashboards as code: `boards.yaml` says what each panel asks, this writes what Grafana reads (`make docs`).

A panel is a question that an operator or a head of sales asks. Its query names metrics of the services only; tests hold
them against the code and run every one of them.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from events.yaml_text import load_yaml

FOLDER = Path(__file__).parent
HERE = FOLDER / "dashboards"
WIDTH = 24
HEIGHT = 8
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
CHOICES = {
    "service": 'label_values(up{job="baton"}, service)',
    "team": "label_values(baton_leads_with_reps, team)",
    "policy": "label_values(baton_clocks, policy)",
    "source": "label_values(baton_leads_qualified_total, source)",
}
"""What can be chosen above the panels, and where Grafana finds the values."""
ANNOTATIONS = {
    "Playbook activated": 'sum by (service) (increase(baton_emitted_total{type="playbook.activated.v1"}[1m])) > 0',
    "Service started": 'sum by (service) (changes(process_start_time_seconds{job="baton"}[1m])) > 0',
}


def boards() -> list[dict[str, Any]]:
    """Return the dashboards as they are written down."""
    found: list[dict[str, Any]] = load_yaml((FOLDER / "boards.yaml").read_text(encoding="utf-8"))
    return found


def render(board: dict[str, Any]) -> dict[str, Any]:
    """Return a dashboard as Grafana reads it, its panels laid out from left to right under the titles of their rows."""
    return {
        "uid": board["uid"],
        "title": board["title"],
        "description": board["says"],
        "tags": ["baton"],
        "editable": False,
        "schemaVersion": 41,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [_datasource(), _leads(), *(_choice(name, query) for name, query in CHOICES.items())]},
        "annotations": {"list": [_annotation(name, query) for name, query in ANNOTATIONS.items()]},
        "links": [
            {"type": "dashboards", "title": "Dashboards of Baton", "tags": ["baton"], "asDropdown": True},
            {"type": "link", "title": "List of leads", "url": "${leads}", "targetBlank": True},
        ],
        "panels": list(_panels(board)),
    }


def _panels(board: dict[str, Any]) -> Iterator[dict[str, Any]]:
    number, y = 0, 0
    for row in board["rows"]:
        number += 1
        at = {"x": 0, "y": y, "w": WIDTH, "h": 1}
        yield {"id": number, "type": "row", "title": row["title"], "collapsed": False, "gridPos": at, "panels": []}
        x, y = 0, y + 1
        for panel in row["panels"]:
            width = panel.get("width", 8)
            if x + width > WIDTH:
                x, y = 0, y + HEIGHT
            number += 1
            yield _panel(number, panel, {"x": x, "y": y, "w": width, "h": HEIGHT})
            x += width
        y += HEIGHT


def _panel(number: int, panel: dict[str, Any], position: dict[str, int]) -> dict[str, Any]:
    kind = panel.get("kind", "timeseries")
    least = {} if panel.get("signed") else {"min": 0}
    defaults: dict[str, Any] = {"unit": panel.get("unit", "short"), **least, "noValue": "0"}
    if "increase(" in panel["query"] and "unit" not in panel:
        defaults["decimals"] = 0  # Prometheus extrapolates: 74.4 contacts
    if "red_above" in panel:
        steps = [{"color": "green", "value": None}, {"color": "red", "value": panel["red_above"]}]
        defaults["thresholds"] = {"mode": "absolute", "steps": steps}
    target = {
        "refId": "A",
        "datasource": SOURCE,
        "expr": panel["query"],
        "legendFormat": panel.get("legend", "{{service}}"),
        "instant": kind != "timeseries",
        "format": "table" if kind == "table" else "time_series",
    }
    if "_bucket" in panel["query"] and target["instant"] is False:
        target["exemplar"] = True
    body: dict[str, Any] = {
        "id": number,
        "title": panel["title"],
        "description": f"{panel['says']}.",
        "type": kind,
        "datasource": SOURCE,
        "gridPos": position,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "targets": [target],
    }
    if kind == "bargauge":
        body["options"] = {"orientation": "horizontal", "displayMode": "basic"}
    return body


def _datasource() -> dict[str, Any]:
    return {
        "name": "datasource",
        "label": "Prometheus",
        "type": "datasource",
        "query": "prometheus",
        "current": {"text": "Prometheus", "value": "prometheus"},
    }


def _leads() -> dict[str, Any]:
    address = "http://127.0.0.1:8006"
    return {
        "name": "leads",
        "label": "Pages of Baton",
        "type": "textbox",
        "query": address,
        "current": {"text": address, "value": address},
    }


def _choice(name: str, query: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": query, "refId": name},
        "includeAll": True,
        "allValue": ".*",
        "multi": True,
        "current": {"text": "All", "value": "$__all"},
        "refresh": 2,
    }


def _annotation(name: str, query: str) -> dict[str, Any]:
    return {
        "name": name,
        "datasource": SOURCE,
        "enable": True,
        "expr": query,
        "titleFormat": f"{name}: {{{{service}}}}",
    }


def files() -> dict[str, str]:
    """Return each dashboard's JSON by its file name."""
    return {f"{board['uid']}.json": json.dumps(render(board), indent=2) + "\n" for board in boards()}


def main() -> int:
    """Write the dashboards, or only say whether they are fresh."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when stale")
    check = parser.parse_args().check
    stale = [
        name
        for name, text in files().items()
        if not (HERE / name).is_file() or (HERE / name).read_text(encoding="utf-8") != text
    ]
    if check:
        sys.stderr.writelines(f"{HERE / name} is stale: run `make docs`\n" for name in stale)
        return 1 if stale else 0
    for name in stale:
        (HERE / name).write_text(files()[name], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
