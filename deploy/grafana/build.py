"""The dashboards as code: what each panel asks, in one table a dashboard; `make docs` writes the JSON.

A panel is a question that an operator or a head of sales asks. Its query names metrics of the services
only; a test holds them against the code.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "dashboards"
WIDTH = 24
HEIGHT = 8
CHOSEN = 'service=~"$service"'


@dataclass(frozen=True)
class Panel:
    """One question and the query that answers it; `legend` names the lines."""

    title: str
    query: str
    legend: str = "{{service}}"
    unit: str = "short"
    kind: str = "timeseries"
    width: int = 8
    red_above: float | None = None


def rate(metric: str, by: str, where: str = CHOSEN) -> str:
    """Events per second, summed by labels."""
    return f"sum by ({by}) (rate({metric}{{{where}}}[$__rate_interval]))"


def quantile(metric: str, share: float, by: str, where: str = CHOSEN) -> str:
    """The quantile of a histogram, by labels."""
    inner = rate(f"{metric}_bucket", f"{by}, le", where)
    return f"histogram_quantile({share}, {inner})"


def typed(*types: str) -> str:
    """How many events of these types were said in the chosen range, by type."""
    return f'sum by (type) (increase(baton_emitted_total{{type=~"{"|".join(types)}"}}[$__range]))'


MACHINERY = [
    Panel("Answering", f'up{{job="baton", {CHOSEN}}}', kind="stat", width=6),
    Panel(
        "Rows that break an invariant",
        f"baton_audit_residual{{{CHOSEN}}}",
        kind="stat",
        width=6,
        red_above=1,
    ),
    Panel("Parked records", f"baton_parked_records{{{CHOSEN}}}", kind="stat", width=6, red_above=1),
    Panel(
        "Stopped partitions",
        f"baton_partitions_stopped{{{CHOSEN}}}",
        kind="stat",
        width=6,
        red_above=1,
    ),
    Panel("Records taken", rate("baton_records_total", "service, outcome"), "{{service}} {{outcome}}"),
    Panel("Records published", rate("baton_published_total", "topic"), "{{topic}}"),
    Panel("Behind", f"baton_consumer_lag_records{{{CHOSEN}}}", "{{service}} {{topic}}"),
    Panel("Waiting in the outbox", f"baton_outbox_rows{{{CHOSEN}}}"),
    Panel("Age of the oldest in the outbox", f"baton_outbox_oldest_seconds{{{CHOSEN}}}", unit="s"),
    Panel("A relay round, 99 of 100 under", quantile("baton_relay_seconds", 0.99, "service"), unit="s"),
    Panel(
        "A consumer transaction, 99 of 100 under",
        quantile("baton_batch_seconds", 0.99, "service, topic"),
        "{{service}} {{topic}}",
        unit="s",
    ),
    Panel(
        "Batches rolled back",
        rate("baton_batch_retries_total", "service, topic"),
        "{{service}} {{topic}}",
    ),
    Panel("Relay rounds that failed", rate("baton_relay_failures_total", "service")),
    Panel(
        "Timers carried out",
        rate("baton_timers_fired_total", "service, kind"),
        "{{service}} {{kind}}",
    ),
    Panel(
        "Timers late, 99 of 100 under",
        quantile("baton_timer_lateness_seconds", 0.99, "service"),
        unit="s",
    ),
    Panel("Partition assignments in an hour", f"increase(baton_rebalances_total{{{CHOSEN}}}[1h])"),
    Panel("Requests", rate("baton_http_requests_total", "service, status"), "{{service}} {{status}}"),
    Panel(
        "Answers, 99 of 100 under",
        quantile("baton_http_request_seconds", 0.99, "service, route"),
        "{{service}} {{route}}",
        unit="s",
    ),
    Panel("Side tasks that failed", rate("baton_task_failures_total", "service, task"), "{{service}} {{task}}"),
    Panel("Event loop late", f"baton_loop_lag_seconds{{{CHOSEN}}}", unit="s"),
]

FLOW = [
    Panel(
        "From a post to an assigned lead",
        typed(
            "contact.captured.v1",
            "lead.qualified.v1",
            "lead.queued.v1",
            "lead.assigned.v1",
            "lead.accepted.v1",
            "lead.confirmed.v1",
            "opportunity.opened.v1",
            "lead.won.v1",
        ),
        "{{type}}",
        kind="bargauge",
        width=12,
    ),
    Panel(
        "What came back",
        typed(
            "lead.recycled.v1",
            "lead.disqualified.v1",
            "lead.lost.v1",
            "lead.cooled.v1",
            "lead.woken.v1",
        ),
        "{{type}}",
        kind="bargauge",
        width=12,
    ),
    Panel(
        "Promises",
        typed("clock.met.v1", "clock.warned.v1", "clock.breached.v1", "clock.rescinded.v1"),
        "{{type}}",
        kind="bargauge",
        width=12,
    ),
    Panel(
        "Escalations and reviews",
        typed("clock.escalated.v1", "review.opened.v1"),
        "{{type}}",
        kind="bargauge",
        width=12,
    ),
    Panel(
        "Contacts captured",
        rate("baton_emitted_total", "type", 'type="contact.captured.v1"'),
        "{{type}}",
    ),
    Panel(
        "Leads qualified, upgraded, cooled",
        rate("baton_emitted_total", "type", 'type=~"lead.(qualified|upgraded|cooled).v1"'),
        "{{type}}",
    ),
    Panel(
        "Leads queued, assigned, released",
        rate("baton_emitted_total", "type", 'type=~"lead.(queued|assigned|released).v1"'),
        "{{type}}",
    ),
    Panel(
        "Work on leads",
        rate(
            "baton_emitted_total",
            "type",
            'type=~"(lead.(touched|accepted|rejected|confirmed)|meeting.changed).v1"',
        ),
        "{{type}}",
    ),
    Panel(
        "Clocks warned, breached, met",
        rate("baton_emitted_total", "type", 'type=~"clock.*"'),
        "{{type}}",
    ),
    Panel(
        "Playbooks past their review date",
        "baton_playbook_review_overdue",
        kind="stat",
        red_above=1,
    ),
]


def render(uid: str, title: str, panels: list[Panel]) -> dict[str, Any]:
    """Return a dashboard as Grafana reads it, its panels laid out from left to right."""
    placed, x, y = [], 0, 0
    for number, panel in enumerate(panels, start=1):
        if x + panel.width > WIDTH:
            x, y = 0, y + HEIGHT
        placed.append(_panel(number, panel, x, y))
        x += panel.width
    return {
        "uid": uid,
        "title": title,
        "tags": ["baton"],
        "editable": False,
        "schemaVersion": 41,
        "refresh": "10s",
        "time": {"from": "now-1h", "to": "now"},
        "templating": {"list": [_service_choice()]},
        "panels": placed,
    }


def _panel(number: int, panel: Panel, x: int, y: int) -> dict[str, Any]:
    source = {"type": "prometheus", "uid": "prometheus"}
    defaults: dict[str, Any] = {"unit": panel.unit, "min": 0}
    if panel.red_above is not None:
        steps = [{"color": "green", "value": None}, {"color": "red", "value": panel.red_above}]
        defaults["thresholds"] = {"mode": "absolute", "steps": steps}
    body: dict[str, Any] = {
        "id": number,
        "title": panel.title,
        "type": panel.kind,
        "datasource": source,
        "gridPos": {"x": x, "y": y, "w": panel.width, "h": HEIGHT},
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "targets": [
            {
                "refId": "A",
                "datasource": source,
                "expr": panel.query,
                "legendFormat": panel.legend,
                "instant": panel.kind != "timeseries",
            }
        ],
    }
    if panel.kind == "bargauge":
        body["options"] = {"orientation": "horizontal", "displayMode": "basic"}
    return body


def _service_choice() -> dict[str, Any]:
    return {
        "name": "service",
        "type": "query",
        "datasource": {"type": "prometheus", "uid": "prometheus"},
        "query": {"query": 'label_values(up{job="baton"}, service)', "refId": "services"},
        "includeAll": True,
        "multi": True,
        "current": {"text": "All", "value": "$__all"},
        "refresh": 2,
    }


def files() -> dict[str, str]:
    """Return each dashboard's JSON by its file name."""
    dashboards = [
        render("baton-flow", "Baton: the flow of leads", FLOW),
        render("baton-machinery", "Baton: the machinery", MACHINERY),
    ]
    return {f"{board['uid']}.json": json.dumps(board, indent=2) + "\n" for board in dashboards}


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
