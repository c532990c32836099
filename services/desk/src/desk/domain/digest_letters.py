"""The week's message: the numbers of feedback's digest, both halves of it, in the reader's language."""

from collections import Counter, defaultdict

from desk.domain.facts import Fact
from desk.domain.wording import CLOCKS, ENGLISH, STATES, Language, id_as_text

DAYS_FROM_HOURS = 72
NUMBERS = {"sal": "SAL", "sql": "SQL"}
"""Numbers of the digest that are written in another way than their names."""
THOUSANDS = {"de": ".", "es": ".", "pt": ".", "fr": "\N{NARROW NO-BREAK SPACE}"}
"""What stands between thousands, by language; else a comma."""
SUBJECT = "The hand-over in week {week}"
SPAN = "{first} to {last}, beside the week before:"
KEPT = "{clock}, {team}: {kept} of {all} kept"
AS_PROMISED = "{clock}, {team}: {kept} of {all} kept, as promised ({share})"
LESS_THAN_PROMISED = "{clock}, {team}: {kept} of {all} kept, less than promised ({share})"
UNTOUCHED = "Without a touch two days after hand-over: {teams}"
FIRST_TOUCH = "First touch after hand-over: half within {half}, nine of ten within {most}"
DAYS = "{number} days"
STUCK = "Stuck in {stage}: {stuck} of {leads}, longer than {days} days"
CAME_BACK = "Came back: {woken} woken, {again} qualified again by points"
THE_REST = "Every number with its list, reasons, campaigns and what changed: {address}"
TEXTS = (
    SUBJECT, SPAN, KEPT, AS_PROMISED, LESS_THAN_PROMISED, UNTOUCHED, FIRST_TOUCH, DAYS, STUCK, CAME_BACK, THE_REST,
    "nobody",
)  # fmt: skip
"""Every text of the message that stands nowhere else, for those who translate it."""


def write_digest_message(found: Fact, base: str, language: Language = ENGLISH) -> tuple[str, str]:
    """Return the subject and the text of the week's message, both halves of it; `found` is feedback's digest."""
    week = found["week"]
    lines = [language(SPAN, first=week["from"], last=week["to"]), ""]
    for name, number in found["numbers"].items():
        title = NUMBERS.get(name) or language(id_as_text(name).capitalize())
        lines.append(f"{title}: {_number(number['now'], language)} ({_number(number['before'], language)})")
    lines += ["", *_sales_half(found, base, language)]
    lines += ["", language(THE_REST, address=f"{base}/digest?week={week['name']}")]
    return language(SUBJECT, week=week["name"][6:].lstrip("0")), "\n".join(lines) + "\n"


def _number(value: float, language: Language) -> str:
    return f"{value:,.0f}".replace(",", THOUSANDS.get(language.code, ","))


def _promises(found: Fact, language: Language) -> list[str]:
    """Return how many promises each team kept, beside the share that sales promised to keep."""
    promises: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    promised: dict[str, float | None] = {}
    for promise in found["promises"]:
        counts = Counter({name: int(promise[name]) for name in ("kept", "missed")})
        promises[promise["team"] or language("nobody"), promise["clock"]] += counts
        promised[promise["clock"]] = promise["promised"]
    lines = []
    for (team, clock), counts in sorted(promises.items()):
        kept, wanted, text = counts["kept"], promised[clock], KEPT
        if wanted is not None:
            text = AS_PROMISED if kept >= round(wanted * counts.total(), 6) else LESS_THAN_PROMISED
        numbers = {"kept": _number(kept, language), "all": _number(counts.total(), language)}
        name = language(CLOCKS.get(clock, id_as_text(clock)))
        lines.append(language(text, clock=name, team=team, share=f"{wanted or 0:.0%}", **numbers))
    return lines


def _sales_half(found: Fact, base: str, language: Language) -> list[str]:
    """Return what was promised and kept, by team, what lies still and what came back; what needs work with its list."""
    lines, lists = _promises(found, language), f"{base}/digest"
    untouched = sorted(found["untouched"].items())
    if untouched:
        teams = ", ".join(f"{team or language('nobody')} {_number(count, language)}" for team, count in untouched)
        lines.append(language(UNTOUCHED, teams=teams))
        lines.append(f"  {lists}{found['untouched_list'].removeprefix('/v1')}")
    hours = found["hours_to_touch"]
    if hours["median"] is not None:
        half, most = (_span(n, language) for n in (hours["median"], hours["p90"]))
        lines.append(language(FIRST_TOUCH, half=half, most=most))
    for stage in found["stages"]:
        if stage["stuck"]:
            name = language(STATES.get(stage["stage"], id_as_text(stage["stage"])))
            numbers = {each: _number(stage[each], language) for each in ("stuck", "leads")}
            lines.append(language(STUCK, stage=name, days=stage["stuck_days"], **numbers))
            lines.append(f"  {lists}{stage['lists']['stuck'].removeprefix('/v1')}")
    woken, again = (_number(found["came_back"][name], language) for name in ("woken", "qualified_again"))
    return [*lines, language(CAME_BACK, woken=woken, again=again)]


def _span(hours: int, language: Language) -> str:
    if hours < DAYS_FROM_HOURS:
        return f"{hours} {language('h')}"
    return language(DAYS, number=f"{hours / 24:.0f}")
