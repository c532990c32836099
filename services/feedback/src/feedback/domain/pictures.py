"""Pictures for people who read a digest: plain SVG, drawn on the server, that needs no script and no font."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 24, 28
NAMES, ROW = 150, 30
LEAST = 4.0
"""The top of an axis of counts, at least: its four lines are whole numbers, also in an empty week."""
BLUE, GREEN, GREY, LINE = "#2563eb", "#16a34a", "#9ca3af", "#e5e7eb"


@dataclass(frozen=True, slots=True)
class Series:
    """Values by label, in one colour."""

    name: str
    values: Sequence[float]
    colour: str
    lists: Sequence[str | None] = ()
    """Where each value's list is."""


@dataclass(frozen=True, slots=True)
class RatePoint:
    """A rate with its interval; None where there was nothing to divide by."""

    label: str
    rate: float | None
    low: float = 0.0
    high: float = 0.0
    qualified: int = 0
    sql: int = 0
    lists: Mapping[str, str] = field(default_factory=dict)


def draw_columns(labels: Sequence[str], series: Sequence[Series], title: str) -> str:
    """Draw groups of columns, one a label."""
    most = _round_up_axis_maximum(max((value for each in series for value in each.values), default=0.0))
    most = max(most, LEAST)
    step = (WIDTH - LEFT - RIGHT) / max(1, len(labels))
    wide = step * 0.8 / max(1, len(series))
    parts = _draw_axis(most, "{:g}".format)
    for n, label in enumerate(labels):
        x = LEFT + n * step
        for m, each in enumerate(series):
            tall = _bar_height(each.values[n], most)
            at = x + step * 0.1 + m * wide
            text = escape(f"{label}: {each.values[n]:g} {each.name}")
            column = (
                f'<rect x="{at:.1f}" y="{HEIGHT - BOTTOM - tall:.1f}" width="{wide:.1f}" height="{tall:.1f}"'
                f' fill="{each.colour}" rx="1.5"><title>{text}</title></rect>'
            )
            parts.append(_link_to(column, each.lists[n] if each.lists and each.values[n] else None, text))
        parts.append(_draw_label(x + step / 2, label))
    return _wrap_in_svg(parts + _draw_legend([(each.name, each.colour) for each in series]), title)


def draw_rate_line(points: Sequence[RatePoint], title: str, lists: Sequence[str | None] = ()) -> str:
    """Draw rates as a line, with their intervals as a band; `lists` are behind the points."""
    most = min(1.0, _round_up_axis_maximum(max((each.high for each in points if each.rate is not None), default=0.1)))
    step = (WIDTH - LEFT - RIGHT) / max(1, len(points))
    addresses = dict(zip((each.label for each in points), lists, strict=False))
    known = [(LEFT + (n + 0.5) * step, each, each.rate) for n, each in enumerate(points) if each.rate is not None]
    parts = _draw_axis(most, "{:.0%}".format)
    band = [f"{x:.1f},{_y(each.high, most):.1f}" for x, each, _ in known]
    band += [f"{x:.1f},{_y(each.low, most):.1f}" for x, each, _ in reversed(known)]
    parts.append(f'<polygon points="{" ".join(band)}" fill="{BLUE}" opacity="0.12"/>')
    path = " ".join(f"{x:.1f},{_y(share, most):.1f}" for x, _, share in known)
    parts.append(f'<polyline points="{path}" fill="none" stroke="{BLUE}" stroke-width="2"/>')
    for x, each, share in known:
        text = escape(f"{each.label}: {share:.1%} (95 %: {each.low:.1%} to {each.high:.1%})")
        point = f'<circle cx="{x:.1f}" cy="{_y(share, most):.1f}" r="3" fill="{BLUE}"><title>{text}</title></circle>'
        parts.append(_link_to(point, addresses.get(each.label) if each.sql else None, text))
    parts += [_draw_label(LEFT + (n + 0.5) * step, each.label) for n, each in enumerate(points)]
    return _wrap_in_svg(parts, title)


def draw_bars(rows: Sequence[tuple[str, float, float]], title: str, lists: Sequence[str | None] = ()) -> str:
    """Draw horizontal bars of (name, now, before), in the order in which they come; `lists` are behind what is now."""
    most = max((max(now, before) for _, now, before in rows), default=0.0) or 1.0
    length = WIDTH - NAMES - 80
    parts = []
    for n, (name, now, before) in enumerate(rows):
        y = 26 + n * ROW
        parts.append(f'<text x="{NAMES}" y="{y + 13}" text-anchor="end">{escape(name)}</text>')
        for value, at, high, colour in ((now, y + 2, 12, BLUE), (before, y + 16, 6, GREY)):
            wide = length * value / most
            parts.append(
                f'<rect x="{NAMES + 8}" y="{at}" width="{wide:.1f}" height="{high}" fill="{colour}" rx="1.5"/>'
            )
        number = f'<text x="{NAMES + 14 + length * now / most:.1f}" y="{y + 13}">{now:g}</text>'
        parts.append(_link_to(number, lists[n] if lists and now else None, f"{name}: {now:g}"))
    parts += _draw_legend([("this week", BLUE), ("the week before", GREY)])
    return _wrap_in_svg(parts, title, 34 + max(1, len(rows)) * ROW)


def _link_to(part: str, address: str | None, label: str) -> str:
    return part if address is None else f'<a href="{escape(address)}" aria-label="{escape(label)}">{part}</a>'


def _round_up_axis_maximum(value: float) -> float:
    """Return a round number at or above a value, for the top of an axis."""
    power = 0.01
    while power * 10 < value:
        power *= 10
    return next(step * power for step in (1, 1.6, 2, 2.4, 3, 4, 6, 8, 10) if step * power >= value - 1e-9)


def _bar_height(value: float, most: float) -> float:
    return (HEIGHT - TOP - BOTTOM) * min(value, most) / most


def _y(value: float, most: float) -> float:
    return HEIGHT - BOTTOM - _bar_height(value, most)


def _draw_axis(most: float, text: Callable[[float], str]) -> list[str]:
    parts = []
    for n in range(5):
        y = _y(most * n / 4, most)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{LINE}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{text(round(most * n / 4, 6))}</text>')
    return parts


def _draw_label(x: float, text: str) -> str:
    return f'<text x="{x:.1f}" y="{HEIGHT - 10}" text-anchor="middle">{escape(text)}</text>'


def _draw_legend(names: Sequence[tuple[str, str]]) -> list[str]:
    parts = []
    x = WIDTH - RIGHT
    for name, colour in reversed(names):
        x -= 7 * len(name) + 22
        parts.append(f'<rect x="{x}" y="2" width="10" height="10" fill="{colour}" rx="2"/>')
        parts.append(f'<text x="{x + 14}" y="11">{escape(name)}</text>')
    return parts


def _wrap_in_svg(parts: Sequence[str], title: str, height: int = HEIGHT) -> str:
    drawn = "".join(parts)
    role = "group" if "<a " in drawn else "img"
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="{role}" aria-label="{escape(title)}"'
        f' xmlns="http://www.w3.org/2000/svg">{drawn}</svg>'
    )
