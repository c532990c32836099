"""What one reads at the end: the funnel beside the data, and what was played around it."""

from rich.console import Console
from rich.table import Table

from baton.demo.figures import Figures
from baton.demo.tally import STAGES
from baton.tracing import TracedEvent, decided

SNAPSHOTS = {"contact.profile.v1", "lead.lifecycle.v1"}
MOST_STORY = 60


def show(console: Console, figures: Figures, story: list[TracedEvent]) -> None:
    """Print everything that became of the year."""
    _funnel(console, figures)
    _nurture(console, figures)
    _promises(console, figures)
    _rotation(console, figures)
    _story(console, story)
    _checks(console, figures)


def _funnel(console: Console, figures: Figures) -> None:
    _title(console, "The funnel by origin. Posted and won are the data's; what lies between is played.")
    table = _table("origin", *STAGES, "", "posted (data)", "won (data)", "")
    counts = {stage: figures.counts.tally.by_origin(stage) for stage in STAGES}
    posted, won = figures.funnel.posted_by_origin(), figures.funnel.won_by_origin()
    for origin in sorted(posted, key=lambda origin: -posted[origin]):
        row = [counts[stage].get(origin, 0) for stage in STAGES]
        real = [posted[origin], won.get(origin, 0)]
        same = [row[0], row[-1]] == real
        cells = [f"{n:,}" for n in row], [f"{n:,}" for n in real]
        table.add_row(origin or "(blank)", *cells[0], "|", *cells[1], "equal" if same else "DIFFERS")
    totals = [sum(counts[stage].values()) for stage in STAGES]
    real = [sum(posted.values()), sum(won.values())]
    cells = [f"{n:,}" for n in totals], [f"{n:,}" for n in real]
    table.add_row("all", *cells[0], "|", *cells[1], "")
    console.print(table)


def _nurture(console: Console, figures: Figures) -> None:
    tally = figures.counts.tally
    _title(console, "Returned to nurture, and why (played; without a decision day 90 decides).")
    table = _table("reason", "returned")
    for reason, count in tally.recycled.most_common():
        table.add_row(reason, f"{count:,}")
    console.print(table)
    woken, again = tally.woken, tally.again
    console.print(
        f"Woken: {woken['on its date, at marketing']:,} on their date for marketing to nurture, "
        f"{woken['on its date, at sales']:,} for sales, {woken['early']:,} by a new hand-raise. "
        f"Qualified once more: {again['with a sign']:,} with a sign of the person, "
        f"{again['by a reason']:,} by a reason of the playbook. "
        f"Disqualified: {tally.disqualified.total():,}.\n"
        f"Beside the data, {len(tally.colder):,} played colder contacts: scoring passed on "
        f"{len(tally.colder_qualified):,} of them.",
        highlight=False,
    )


def _promises(console: Console, figures: Figures) -> None:
    promises = figures.counts.promises
    _title(console, "Promises kept and missed (the default playbook's, by how the reps are played).")
    table = _table("clock", "kept", "kept late", "missed", "taken back", "attainment")
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
    _title(console, "Whose turn it was: turns of the rotation, and how far a rep is off the exact share.")
    table = _table("team", "reps", "leads", "off by at most")
    for team, found in figures.rotation().items():
        cells = f"{found['reps']:,}", f"{found['leads']:,}", f"{found['max_deviation']:.2f}"
        table.add_row(team, *cells)
    console.print(table)


def _story(console: Console, story: list[TracedEvent]) -> None:
    _title(console, "One lead's whole story, as `baton trace` tells it (snapshots left out).")
    for event in [event for event in story if event["type"] not in SNAPSHOTS][:MOST_STORY]:
        line = (
            f"{event['occurred_at']:%Y-%m-%d %H:%M}  {event['service']:<11}  "
            f"{event['type'].removesuffix('.v1'):<18}  {decided(event)}"
        )
        console.print(line, highlight=False, markup=False, no_wrap=True, overflow="ellipsis")


def _checks(console: Console, figures: Figures) -> None:
    _title(console, "Checked:")
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


def _title(console: Console, text: str) -> None:
    console.print(f"\n{text}", highlight=False, style="bold")


def _table(first: str, *columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(first)
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table
