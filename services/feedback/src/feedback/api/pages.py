"""The digest as a page: one file, its pictures inside, readable in a mail client and on paper."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from feedback.domain.digest import Change, PromiseShare
from feedback.domain.funnel_report import ListedLine
from feedback.domain.pictures import BLUE, GREEN, Series, bars, columns, line
from feedback.handlers.digest import CameBack, Digest
from feedback.store.proposals import AnsweredProposal
from feedback.store.reports import Activation

NAMES = {
    "qualified": "Qualified", "accepted": "Accepted", "sql": "SQL", "opportunity": "Opportunities", "won": "Won",
    "revenue": "Revenue", "returned": "Returned",
}  # fmt: skip
MILLIONS_FROM, THOUSANDS_FROM = 1e6, 1e4
WORSE_WHEN_MORE = frozenset({"returned", "lost"})

STYLE = """
:root{color-scheme:light}body{margin:0;background:#f3f4f6;color:#111827;font:15px/1.5 system-ui,sans-serif}
main{max-width:960px;margin:0 auto;padding:32px 24px 48px}h1{font-size:26px;margin:0}h2{font-size:16px;margin:0 0 2px}
.sub{color:#4b5563;margin:2px 0 24px}.sub2{color:#4b5563;font-size:13px;margin:0 0 10px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(118px,1fr));gap:12px;margin-bottom:16px}
.card{background:#fff;border:1px solid #e5e7eb;border-radius:10px;padding:14px 16px}
.tile b{display:block;font-size:23px;line-height:1.25;font-variant-numeric:tabular-nums;white-space:nowrap}
.tile span,.tile small{color:#4b5563;font-size:13px}.tile small{display:block}.tile i{font-style:normal;font-size:13px}
.up{color:#15803d}.down{color:#b91c1c}.same{color:#4b5563}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(400px,100%),1fr));gap:16px;margin-bottom:16px}
.wide{margin-bottom:16px}svg{width:100%;height:auto;display:block}
svg text{font:12.5px system-ui,sans-serif;fill:#374151}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th{color:#4b5563;font-weight:500;text-align:right;border-bottom:1px solid #e5e7eb;padding:4px 8px}
td{text-align:right;padding:5px 8px;border-bottom:1px solid #f3f4f6}
th:first-child,td:first-child{text-align:left;padding-left:0}
.flag{border-left:4px solid #d97706}.ok{border-left:4px solid #16a34a}ul{margin:6px 0 0;padding-left:20px}
.two>*{min-width:0}@media(max-width:640px){main{padding:20px 12px}}
.scroll{overflow-x:auto}
.none{color:#4b5563}@media print{body{background:#fff}.card{break-inside:avoid}}
"""


def page(found: Digest) -> str:
    """Write the digest as HTML."""
    week = found.week
    volume = columns(
        found.weeks,
        [Series("qualified", found.qualified, BLUE), Series("SQL", found.sql, GREEN)],
        "Leads qualified and confirmed in each of the last twelve weeks",
    )
    rates = line(found.mql_to_sql, "Share of qualified leads that became SQL, by the week they qualified in")
    title = f"The hand-over, week {week.name[6:].lstrip('0')} of {week.name[:4]}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body><main>'
        f"<h1>{title}</h1><p class=sub>{week.first:%d %B} to {week.last:%d %B %Y}, beside the week before."
        f" For marketing and sales alike.</p>"
        f"{_tiles(found.numbers)}{_flags(found)}"
        f"<div class=two>{_card('Volume', 'Leads by the week in which it happened', volume)}"
        f"{_card('Quality', _headline(found.mature, found.early), rates)}</div>"
        f"<div class=two>{_card('Why leads came back', 'Reasons given this week', _bars(found.reasons))}"
        f"{_card('What contacts ask about', 'Topics raised in calls and meetings', _bars(found.topics))}</div>"
        f"{_card('Promises', 'Due this week, by what was promised and by team', _promises(found.promises), 'wide')}"
        f"<div class=two>{_card('First touch', 'From hand-over to the first touch by a person', _touches(found))}"
        f"{_card('Came back', 'Returned leads', _came_back(found.came_back))}</div>"
        f"{_card('Campaigns', 'Leads qualified in the last 13 weeks, and what they cost', _campaigns(found), 'wide')}"
        f"{_card('Sources', 'Volume beside quality, leads qualified in the last 13 weeks', _sources(found), 'wide')}"
        f"<div class=two>{_card('Where leads are today', 'And how many have been there too long', _stages(found))}"
        f"{_card('What marketing changed', 'Because of feedback from sales', _answered(found.answered))}</div>"
        f"{_card('Rules', 'Versions that came into force this week', _changed(found.changed), 'wide')}"
        "</main></body></html>"
    )


def _card(title: str, sub: str, body: str, kind: str = "") -> str:
    return f'<section class="card {kind}"><h2>{escape(title)}</h2><p class=sub2>{escape(sub)}</p>{body}</section>'


def _tiles(numbers: Mapping[str, Change]) -> str:
    tiles = []
    for name, label in NAMES.items():
        number = numbers[name]
        tiles.append(
            f"<div class='card tile'><span>{label}</span><b>{_short(number['now'])}</b>{_moved(name, number)}</div>"
        )
    return f"<div class=tiles>{''.join(tiles)}</div>"


def _moved(name: str, number: Change) -> str:
    change, before = number["change"], f"<small>before {_short(number['before'])}</small>"
    if change is None:
        return f"<i class=same>new</i>{before}"
    better = (change > 0) != (name in WORSE_WHEN_MORE)
    kind = "same" if change == 0 else "up" if better else "down"
    arrow = "→" if change == 0 else "▲" if change > 0 else "▼"
    return f"<i class={kind}>{arrow} {abs(change):.0%}</i>{before}"


def _short(value: float) -> str:
    if value >= MILLIONS_FROM:
        return f"{value / 1e6:.1f}\N{NO-BREAK SPACE}M"
    return f"{value / 1e3:.1f}\N{NO-BREAK SPACE}k" if value >= THOUSANDS_FROM else f"{value:,.0f}"


def _headline(mature: ListedLine, early: ListedLine) -> str:
    share, within = mature["rates"]["mql_to_sql"], mature["intervals"]["mql_to_sql"]
    if share is None or within is None:
        return f"MQL to SQL by the week of the MQL; no cohort is complete yet{_early(early)}"
    return (
        f"MQL to SQL by the week of the MQL: {share:.1%} of complete cohorts (95 %: {within[0]:.1%} to {within[1]:.1%})"
    )


def _early(early: ListedLine) -> str:
    share, within = early["rates"]["mql_to_sql"], early["intervals"]["mql_to_sql"]
    if share is None or within is None:
        return ""
    return f"; so far {share:.1%} of {early['qualified']:,} younger leads (95 %: {within[0]:.1%} to {within[1]:.1%})"


def _flags(found: Digest) -> str:
    flags = found.flags
    lines = [
        f"{row['stuck']:,} of {row['leads']:,} stuck in {row['stage'].replace('_', ' ')}: longer than"
        f" {row['stuck_days']} days there"
        for row in found.stages
        if row["stuck"]
    ]
    lines += [
        f"{number:,} leads{f' of {team}' if team else ''} without a touch two days after hand-over"
        for team, number in found.untouched.items()
    ]
    lines += [
        f"{dip.step.replace('_', ' ')} fell from {dip.before:.1%} to {dip.now:.1%}, more than chance explains"
        for dip in flags.dips
    ]
    lines += [
        f"version {each.version} of the rules began {each.since:%d %B}, shortly before the period's end,"
        f" and makes {each.a_day:g} leads a day instead of {each.a_day_before:g}"
        for each in flags.loosened
    ]
    if not lines:
        text = "No conversion drop this week, no lead stuck or ignored, no threshold loosened."
        return f"<section class='card ok wide'>{text}</section>"
    return f"<section class='card flag wide'><h2>Needs attention</h2>{_list(lines)}</section>"


def _list(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(each)}</li>' for each in lines)}</ul>"


def _bars(rows: Sequence[tuple[str, float, float]]) -> str:
    shown = [(name.replace("_", " "), now, before) for name, now, before in rows]
    return bars(shown, "This week beside the week before") if shown else "<p class=none>None this week.</p>"


def _sources(found: Digest) -> str:
    rows = [
        (
            row["source"] or "unknown", f"{row['qualified']:,}", _percent(row["rates"]["lead_to_sql"]),
            _percent(row["rates"]["lead_to_won"]), _percent(row["poor_fit_share"]), _short(row["pipeline"]),
            _short(row["won_amount"]),
        )
        for row in found.sources
    ]  # fmt: skip
    return _table(("source", "qualified", "to SQL", "to won", "poor fit", "pipeline", "revenue"), rows)


def _stages(found: Digest) -> str:
    rows = [
        (
            row["stage"],
            row["side"].replace("_", " "),
            f"{row['leads']:,}",
            f"{row['stuck']:,} of {row['leads']:,}" if row["stuck"] else "",
        )
        for row in found.stages
    ]
    return _table(("stage", "owner", "leads", "stuck"), rows)


def _promises(rows: Sequence[PromiseShare]) -> str:
    if not rows:
        return "<p class=none>No promise was due this week.</p>"
    cells = [
        (
            row.clock.replace("_", " "), row.policy.replace("_", " "), row.team or "", f"{row.kept:,}",
            f"{row.missed:,}", f"{row.late:,}", _percent(row.share),
        )
        for row in rows
    ]  # fmt: skip
    return _table(("promise", "leads", "team", "kept", "missed", "of these late", "kept in time"), cells)


def _touches(found: Digest) -> str:
    hours = found.hours_to_touch
    if not hours["leads"]:
        return "<p class=none>No first touch this week.</p>"
    half, most = hours["median"], hours["p90"]
    return f"<p>{hours['leads']:,} leads: half of them within {half} h, nine of ten within {most} h.</p>"


def _came_back(counts: CameBack) -> str:
    return f"<p>{counts['woken']:,} woken, {counts['qualified_again']:,} qualified again.</p>"


def _campaigns(found: Digest) -> str:
    rows = [
        (
            row["name"] or row["campaign"], f"{row['qualified']:,}", _percent(row["rates"]["lead_to_sql"]),
            "" if row["spend"] is None else _short(row["spend"]),
            "" if not row["cost_per"]["sql"] else _short(row["cost_per"]["sql"]),
        )
        for row in found.campaigns
    ]  # fmt: skip
    return _table(("campaign", "qualified", "to SQL", "spend", "per SQL"), rows)


def _changed(rows: Sequence[Activation]) -> str:
    if not rows:
        return "<p class=none>No rule changed this week.</p>"
    return _list(f"{row.service}: version {row.version} since {row.activated_at:%d %B}" for row in rows)


def _answered(answered: Sequence[AnsweredProposal]) -> str:
    if not answered:
        return "<p class=none>No rule was changed because of feedback this week.</p>"
    return _list(f"{each.change} ({each.service}, for {each.sources} feedback items)" for each in answered)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    scroll = f"<div class=scroll tabindex=0 role=region aria-label='Table: by {escape(head[0])}'>"
    return f"{scroll}<table><tr>{top}</tr>{body}</table></div>"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"
