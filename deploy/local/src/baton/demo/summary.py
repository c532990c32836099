"""What one reads at the end: the funnel beside the data, and what was played around it."""

from rich.console import Console
from rich.table import Table

from baton.demo.figures import DemoFigures
from baton.demo.tally import STAGES
from baton.tracing import TracedEvent, describe_decision

SNAPSHOTS = {"contact.profile.v1", "lead.lifecycle.v1", "lead.promised.v1"}
MOST_STORY = 60


def print_summary(console: Console, figures: DemoFigures, story: list[TracedEvent]) -> None:
    """Print everything that became of the year."""
    _print_funnel(console, figures)
    _print_nurture(console, figures)
    _print_promises(console, figures)
    _print_rotation(console, figures)
    _print_story(console, story)
    _print_checks(console, figures)


def _print_funnel(console: Console, figures: DemoFigures) -> None:
    _print_title(console, "The funnel by origin. Posted and won are the data's; what lies between is played.")
    table = _make_table("origin", *STAGES, "", "posted (data)", "won (data)", "")
    counts = {stage: figures.counts.tally.count_by_origin(stage) for stage in STAGES}
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


def _print_nurture(console: Console, figures: DemoFigures) -> None:
    tally = figures.counts.tally
    _print_title(console, "Returned to nurture, and why (played; without a decision day 90 decides).")
    table = _make_table("reason", "returned")
    for reason, count in tally.recycled.most_common():
        table.add_row(reason, f"{count:,}")
    console.print(table)
    woken, again = tally.woken, tally.again
    _print_title(console, "Who came back, and whether they gave a sign of their own.")
    table = _make_table("", "people")
    for what, count in (
        ("woken on their date, for marketing to nurture", woken["on its date, at marketing"]),
        ("woken on their date, for sales", woken["on its date, at sales"]),
        ("woken early, by a new hand-raise", woken["early"]),
        ("qualified again with a sign of theirs", again["with a sign"]),
        ("qualified again without one, by a reason that the playbook names", again["by a reason"]),
    ):
        table.add_row(what, f"{count:,}")
    console.print(table)
    console.print(
        f"Disqualified: {tally.disqualified.total():,}. Beside the data, {len(tally.colder_contacts):,} played colder "
        f"contacts: scoring passed on {len(tally.colder_qualified):,} of them.",
        highlight=False,
    )


def _print_promises(console: Console, figures: DemoFigures) -> None:
    promises = figures.counts.promises
    _print_title(console, "Promises kept and missed (the default playbook's, by how the reps are played).")
    table = _make_table("clock", "kept", "kept late", "missed", "taken back", "attainment")
    for clock in sorted(promises.met | promises.breached):
        counts = (promises.met, promises.met_late, promises.breached, promises.rescinded)
        cells = (f"{count[clock]:,}" for count in counts)
        table.add_row(clock, *cells, f"{promises.compute_share_kept(clock):.0%}")
    console.print(table)
    escalated = ", ".join(f"{n:,} to {action}" for action, n in sorted(promises.escalated.items()))
    console.print(
        f"Warned {promises.warned:,} times, escalated {escalated or 'never'}; "
        f"{promises.reviews:,} reviews opened on day 60.",
        highlight=False,
    )


def _print_rotation(console: Console, figures: DemoFigures) -> None:
    _print_title(console, "Whose turn it was: turns of the rotation, and how far a rep is off the exact share.")
    table = _make_table("team", "reps", "leads", "off by at most")
    for team, found in figures.measure_rotation_deviation().items():
        cells = f"{found['reps']:,}", f"{found['leads']:,}", f"{found['max_deviation']:.2f}"
        table.add_row(team, *cells)
    console.print(table)


def _print_story(console: Console, story: list[TracedEvent]) -> None:
    _print_title(console, "One lead's whole story, as `baton trace` tells it (snapshots left out).")
    for event in [event for event in story if event["type"] not in SNAPSHOTS][:MOST_STORY]:
        line = (
            f"{event['occurred_at']:%Y-%m-%d %H:%M}  {event['service']:<11}  "
            f"{event['type'].removesuffix('.v1'):<18}  {describe_decision(event)}"
        )
        console.print(line, highlight=False, markup=False, no_wrap=True, overflow="ellipsis")


def _print_checks(console: Console, figures: DemoFigures) -> None:
    _print_title(console, "Checked:")
    document = figures.as_report()
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
    simulated = figures.simulated
    mark = "ok" if simulated.is_whole else "WRONG"
    console.print(
        f"{mark:>5}  {simulated.agreeing:,} of {simulated.published:,} leads come out again, one by one, where "
        "`baton playbook simulate` decides upon the year",
        highlight=False,
    )
    for what in simulated.differing[:5]:
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


def _print_title(console: Console, text: str) -> None:
    console.print(f"\n{text}", highlight=False, style="bold")


def _make_table(first: str, *columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(first)
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table
