"""Draw what the dashboards show, as SVG: each panel's query through Prometheus, without Grafana.

`python deploy/grafana/draw.py --prometheus http://127.0.0.1:9090 --out pictures` writes a file for each dashboard.
"""

import argparse
import json
import math
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import httpx

BOARDS = Path(__file__).parent / "dashboards"
COLUMN, UNIT, TITLE = 52, 30, 44
"""Pixels of a column and of a unit of height of Grafana's grid, and of a board's title."""
COLORS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b", "#17becf", "#7f7f7f")
MOST_LINES = 8
LETTER = 0.53
"""The width of a letter, of its size."""
LARGE = 100.0
"""Numbers from here on are written without decimals."""
SPANS = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"))
CHOSEN = {"$__rate_interval": "1m", "$__range": "1h", "$service": ".*", "$team": ".*", "$policy": ".*", "$source": ".*"}

Series = tuple[str, list[tuple[float, float]]]


def ask(server: str, panel: dict[str, Any], minutes: float) -> list[Series]:
    """Return the lines of a panel: the legend and its points (Unix time, value) of the last `minutes`."""
    target = panel["targets"][0]
    expression = target["expr"]
    for name, value in CHOSEN.items():
        expression = expression.replace(name, value)
    now = float(_get(server, "query", query="time()")["result"][0])
    if target["instant"]:
        found = _get(server, "query", query=expression)["result"]
    else:
        span = {"start": now - minutes * 60, "end": now, "step": max(1.0, minutes / 4)}
        found = _get(server, "query_range", query=expression, **span)["result"]
    return sorted(
        (_legend(target["legendFormat"], each["metric"]), _points(each.get("values") or [each["value"]]))
        for each in found
    )


def _points(values: list[Any]) -> list[tuple[float, float]]:
    return [(float(at), float(value)) for at, value in values if math.isfinite(float(value))]


def _legend(pattern: str, labels: dict[str, str]) -> str:
    return re.sub(r"\{\{(\w+)\}\}", lambda found: labels.get(found[1], ""), pattern)


def _get(server: str, path: str, **parameters: Any) -> Any:
    return httpx.get(f"{server}/api/v1/{path}", params=parameters, timeout=30).raise_for_status().json()["data"]


def board(server: str, described: dict[str, Any], minutes: float) -> str:
    """Return one dashboard as SVG."""
    places = [panel["gridPos"] for panel in described["panels"]]
    height = TITLE + UNIT * max(place["y"] + place["h"] for place in places)
    parts = [_text(12, 28, described["title"], 20)]
    for panel in described["panels"]:
        place = panel["gridPos"]
        x, y = place["x"] * COLUMN, TITLE + place["y"] * UNIT
        if panel["type"] == "row":
            parts.append(_text(x + 12, y + 20, panel["title"], 15))
            continue
        lines = ask(server, panel, minutes)
        parts.append(f'<g transform="translate({x},{y})">{"".join(_panel(panel, lines))}</g>')
    size = f'width="{24 * COLUMN}" height="{height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif">\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _panel(panel: dict[str, Any], lines: list[Series]) -> Iterator[str]:
    place, unit = panel["gridPos"], panel["fieldConfig"]["defaults"]["unit"]
    width, height = place["w"] * COLUMN - 12, place["h"] * UNIT - 8
    yield f'<rect x="6" y="2" width="{width}" height="{height}" fill="#fafafa" stroke="#ccc"/>'
    yield _text(14, 20, panel["title"], 13)
    shown = [line for line in lines if line[1]]
    if panel["fieldConfig"]["defaults"].get("decimals") == 0:
        shown = [(name, [(at, float(round(value))) for at, value in values]) for name, values in shown]
    if not shown:
        yield _text(14, 50, "0", 22)
    elif panel["type"] == "timeseries":
        yield from _curves(shown, width, height, unit)
    else:
        yield from _bars(shown, width, unit)


def _bars(lines: list[Series], width: int, unit: str) -> Iterator[str]:
    lines = sorted(lines, key=lambda line: -line[1][-1][1])
    most = 1.0 if unit == "percentunit" else max(values[-1][1] for _, values in lines) or 1.0
    left = min(230, width // 2)
    shown = lines if len(lines) <= MOST_LINES else lines[: MOST_LINES - 1]
    for number, (name, values) in enumerate(shown):
        y, value = 34 + number * 24, values[-1][1]
        length = value / most * (width - left - 70)
        yield _text(14, y + 14, _cut(name, left - 20, 11), 11)
        yield f'<rect x="{left}" y="{y}" width="{max(length, 1):.1f}" height="18" fill="{COLORS[0]}"/>'
        yield _text(left + 6 + length, y + 14, written(value, unit), 11)
    if more := len(lines) - len(shown):
        yield _text(14, 48 + len(shown) * 24, f"and {more} more", 10)


def _curves(lines: list[Series], width: int, height: int, unit: str) -> Iterator[str]:
    """Draw the lines; the legend names those that reached highest, with what they are now."""
    lines = sorted(lines, key=lambda line: -max(value for _, value in line[1]))
    at = [point[0] for _, values in lines for point in values]
    first, last = min(at), max(at)
    most = max(point[1] for _, values in lines for point in values) or 1.0
    bottom, plot = height - 14, height - 130
    yield _text(14, 38, written(most, unit), 10)
    yield f'<rect x="14" y="{44 + plot}" width="{width - 28}" height="1" fill="#ccc"/>'
    for number, (name, values) in enumerate(lines):
        color = COLORS[number % len(COLORS)]
        points = " ".join(
            f"{14 + (when - first) / ((last - first) or 1) * (width - 28):.1f},{44 + plot * (1 - value / most):.1f}"
            for when, value in values
        )
        yield f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="1.5"/>'
        if number < MOST_LINES:
            x, y = 14 + number % 2 * width / 2, bottom - 54 + number // 2 * 16
            value = written(values[-1][1], unit)
            yield f'<rect x="{x}" y="{y - 8}" width="9" height="9" fill="{color}"/>'
            yield _text(x + 13, y, f"{_cut(name, width / 2 - 30 - len(value) * 6, 10)} {value}", 10)


def _cut(name: str, width: float, size: int) -> str:
    """Return as much of a name as fits into a width, in pixels."""
    most = int(width / (size * LETTER))
    return name if len(name) <= most else f"{name[: most - 1]}…"


def written(value: float, unit: str) -> str:
    """Return a number as people read it."""
    if unit == "percentunit":
        return f"{value:.1%}"
    if unit == "s":
        length, name = next((each for each in SPANS if value >= each[0]), (1.0, "s"))
        return f"{value / length:.3g} {name}"
    return f"{value:,.0f}" if value == int(value) or value >= LARGE else f"{value:,.3g}"


def _text(x: float, y: float, what: str, size: int) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}">{escape(what)}</text>'


def draw(server: str, out: Path, minutes: float = 60.0) -> list[Path]:
    """Write a picture for each dashboard; return the files."""
    out.mkdir(parents=True, exist_ok=True)
    written_to = []
    for path in sorted(BOARDS.glob("*.json")):
        picture = out / f"{path.stem}.svg"
        picture.write_text(board(server, json.loads(path.read_text(encoding="utf-8")), minutes), encoding="utf-8")
        written_to.append(picture)
    return written_to


def main() -> None:
    """Draw the dashboards of a running Prometheus."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prometheus", default="http://127.0.0.1:9090", help="its address")
    parser.add_argument("--out", type=Path, default=Path("pictures"), help="the folder to write to")
    parser.add_argument("--minutes", type=float, default=60.0, help="how far back")
    given = parser.parse_args()
    for path in draw(given.prometheus, given.out, given.minutes):
        print(path)  # noqa: T201 - its output


if __name__ == "__main__":
    main()
