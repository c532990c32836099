"""The week's message: the numbers of feedback's digest, both halves of it."""

from collections import Counter, defaultdict

from desk.domain.facts import Fact
from desk.domain.wording import CLOCKS, STATES, id_as_text

DAYS_FROM_HOURS = 72
NUMBERS = {"sal": "SAL", "sql": "SQL"}
"""Numbers of the digest that are written in another way than their names."""


def write_digest_message(found: Fact, base: str) -> tuple[str, str]:
    """Return the subject and the text of the week's message, both halves of it; `found` is feedback's digest."""
    week = found["week"]
    lines = [f"{week['from']} to {week['to']}, beside the week before:", ""]
    for name, number in found["numbers"].items():
        lines.append(
            f"{NUMBERS.get(name, id_as_text(name).capitalize())}: {number['now']:,.0f} ({number['before']:,.0f})"
        )
    lines += ["", *_sales_half(found, base)]
    lines += ["", f"Every number with its list, reasons, campaigns and what changed: {base}/digest?week={week['name']}"]
    return f"The hand-over in week {week['name'][6:].lstrip('0')}", "\n".join(lines) + "\n"


def _promises(found: Fact) -> list[str]:
    """Return how many promises each team kept, beside the share that sales promised to keep."""
    promises: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    promised: dict[str, float | None] = {}
    for promise in found["promises"]:
        counts = Counter({name: int(promise[name]) for name in ("kept", "missed")})
        promises[promise["team"] or "nobody", promise["clock"]] += counts
        promised[promise["clock"]] = promise["promised"]
    lines = []
    for (team, clock), counts in sorted(promises.items()):
        line = f"{CLOCKS.get(clock, id_as_text(clock))}, {team}: {counts['kept']:,} of {counts.total():,} kept"
        wanted = promised[clock]
        if wanted is not None:
            enough = "as promised" if counts["kept"] >= round(wanted * counts.total(), 6) else "less than promised"
            line += f", {enough} ({wanted:.0%})"
        lines.append(line)
    return lines


def _sales_half(found: Fact, base: str) -> list[str]:
    """Return what was promised and kept, by team, what lies still and what came back; what needs work with its list."""
    lines, lists = _promises(found), f"{base}/digest"
    untouched = sorted(found["untouched"].items())
    if untouched:
        teams = ", ".join(f"{team or 'nobody'} {count:,}" for team, count in untouched)
        lines.append(f"Without a touch two days after hand-over: {teams}")
        lines.append(f"  {lists}{found['untouched_list'].removeprefix('/v1')}")
    hours = found["hours_to_touch"]
    if hours["median"] is not None:
        half, most = (
            f"{n} h" if n < DAYS_FROM_HOURS else f"{n / 24:.0f} days" for n in (hours["median"], hours["p90"])
        )
        lines.append(f"First touch after hand-over: half within {half}, nine of ten within {most}")
    for stage in found["stages"]:
        if stage["stuck"]:
            name = STATES.get(stage["stage"], id_as_text(stage["stage"]))
            stuck = f"{stage['stuck']:,} of {stage['leads']:,}, longer than {stage['stuck_days']} days"
            lines += [f"Stuck in {name}: {stuck}", f"  {lists}{stage['lists']['stuck'].removeprefix('/v1')}"]
    back = found["came_back"]
    return [*lines, f"Came back: {back['woken']:,} woken, {back['qualified_again']:,} qualified again by points"]
