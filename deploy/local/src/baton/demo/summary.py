"""What one reads at the end: the funnel beside the data, and what was played around it."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from baton.demo.figures import Figures
from baton.demo.tally import STAGES
from baton.tracing import decided

SNAPSHOTS = {"contact.profile.v1", "lead.lifecycle.v1"}
MOST_STORY = 60


def show(console: Console, figures: Figures, story: list[dict[str, Any]]) -> None:
    """Print everything that became of the year."""
    _funnel(console, figures)
    _nurture(console, figures)
    _promises(console, figures)
    _rotation(console, figures)
    _story(console, story)
    _checks(console, figures)


def _funnel(console: Console, figures: Figures) -> None:
    table = _table("The funnel by origin. Posted and won are the data's, the rest is played.")
    table.add_column("origin")
    for stage in STAGES:
        table.add_column(stage, justify="right")
    for name in ("posted", "won", ""):
        table.add_column(f"{name} in the data" if name else "", justify="right")
    counts = {stage: figures.heard.tally.by_origin(stage) for stage in STAGES}
    posted, won = figures.funnel.posted_by_origin(), figures.funnel.won_by_origin()
    for origin in sorted(posted, key=lambda origin: -posted[origin]):
        row = [counts[stage].get(origin, 0) for stage in STAGES]
        same = row[0] == posted[origin] and row[-1] == won.get(origin, 0)
        cells = [*row, posted[origin], won.get(origin, 0)]
        table.add_row(origin or "(blank)", *(f"{n:,}" for n in cells), "=" if same else "DIFFERS")
    totals = [sum(counts[stage].values()) for stage in STAGES]
    cells = [*totals, sum(posted.values()), sum(won.values())]
    table.add_section()
    table.add_row("all", *(f"{n:,}" for n in cells))
    console.print(table)


def _nurture(console: Console, figures: Figures) -> None:
    tally = figures.heard.tally
    table = _table("Returned to nurture, and why (played; `by review` is what day 90 decided)")
    _counted(table, ("reason", "returned"), tally.recycled)
    console.print(table)
    again = sum(count for cycle, count in tally.cycles.items() if cycle > 1)
    early, dated = tally.woken["early"], tally.woken["on its date"]
    console.print(
        f"Woken again: {dated:,} on their date, {early:,} by a new hand-raise; "
        f"{again:,} qualified once more. Disqualified: {tally.disqualified.total():,}.\n"
        f"Beside the data, {len(tally.colder):,} played colder contacts: scoring passed on "
        f"{len(tally.colder_qualified):,} of them.",
        highlight=False,
    )


def _promises(console: Console, figures: Figures) -> None:
    promises = figures.heard.promises
    table = _table("Promises (the clocks run on the play, by the default playbook)")
    for name in ("clock", "kept", "kept late", "missed", "taken back", "attainment"):
        table.add_column(name, justify="left" if name == "clock" else "right")
    for clock in sorted(promises.met | promises.breached):
        counts = (promises.met, promises.met_late, promises.breached, promises.rescinded)
        cells = (f"{count[clock]:,}" for count in counts)
        table.add_row(clock, *cells, f"{promises.attainment(clock):.0%}")
    console.print(table)
    escalated = ", ".join(f"{n:,} to {action}" for action, n in sorted(promises.escalated.items()))
    console.print(
        f"Warned {promises.warned:,} times, escalated {escalated or 'never'}; "
        f"{promises.reviews:,} reviews opened on day 60.",
        highlight=False,
    )


def _rotation(console: Console, figures: Figures) -> None:
    table = _table("Whose turn it was: first assignments, and the largest distance from a fair share")
    for name in ("team", "reps", "leads", "leads off the exact share, at most"):
        table.add_column(name, justify="left" if name == "team" else "right")
    for team, found in figures.rotation().items():
        table.add_row(team, f"{found['reps']:,}", f"{found['leads']:,}", f"{found['max_deviation']:.2f}")
    console.print(table)


def _story(console: Console, story: list[dict[str, Any]]) -> None:
    table = _table("One lead's whole story, as `baton trace` tells it (snapshots left out)")
    for name in ("when", "who", "what", "because"):
        table.add_column(name, no_wrap=True, overflow="ellipsis", ratio=1 if name == "because" else None)
    for event in [event for event in story if event["type"] not in SNAPSHOTS][:MOST_STORY]:
        when = f"{event['occurred_at']:%Y-%m-%d %H:%M}"
        table.add_row(when, event["service"], event["type"], decided(event))
    console.print(table)


def _checks(console: Console, figures: Figures) -> None:
    document = figures.document()
    for name, sentence in (
        ("lost_records", "lost records: every 202 has its events, every lead was qualified"),
        ("duplicate_effects", "double effects: topics and journals"),
        ("audit_residual", "audit residual: each lead is in exactly one place"),
    ):
        mark = "ok" if document[name] == 0 else "WRONG"
        console.print(f"{mark:>5}  {document[name]} {sentence}", highlight=False)
    for check in figures.audit["checks"]:
        if check["residual"]:
            console.print(
                f"       {check['service']}: {check['check']}: {check['residual']} {check['rows'][:2]}",
                highlight=False,
            )
    for what in figures.doubled[:5]:
        console.print(f"       {what}", highlight=False)
    won, real = sum(document["won_by_origin"].values()), sum(document["real"]["won_by_origin"].values())
    mark = "ok" if figures.is_right else "WRONG"
    console.print(
        f"{mark:>5}  {won:,} won of {document['leads_posted']:,} leads; the data says {real:,} of "
        f"{len(figures.funnel.leads):,}. {document['events_published']:,} events in "
        f"{figures.seconds:.1f} s and {figures.steps:,} steps"
        + (f", {figures.mended} breakdowns survived" if figures.mended else ""),
        highlight=False,
    )


def _counted(table: Table, names: Iterable[str], counts: Mapping[str, int]) -> None:
    for name in names:
        table.add_column(name, justify="left" if not table.columns else "right")
    for name, count in sorted(counts.items(), key=lambda pair: -pair[1]):
        table.add_row(name, f"{count:,}")


def _table(title: str) -> Table:
    return Table(title=f"\n{title}", title_justify="left", box=None, pad_edge=False)
