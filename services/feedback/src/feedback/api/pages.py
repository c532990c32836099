"""The digest as a page: one file, its pictures inside, readable in a mail client and on paper."""

from collections.abc import Iterable, Sequence
from html import escape

from feedback.api.attention import attention_html, format_percent, list_html
from feedback.api.links import ListLinks
from feedback.domain.digest import ChangeFromWeekBefore, PromiseCounts
from feedback.domain.figure_lists import reached_list_address
from feedback.domain.funnel_report import FunnelLineWithLists
from feedback.domain.pictures import BLUE, GREEN, Series, draw_bars, draw_columns, draw_rate_line
from feedback.handlers.digest import ChangeFromFeedback, Digest, WokenLeadCounts
from feedback.store.reports import ActivatedVersion

NAMES = {
    "qualified": "Qualified", "accepted": "Accepted", "sql": "SQL", "opportunity": "Opportunities", "won": "Won",
    "revenue": "Revenue", "returned": "Returned",
}  # fmt: skip
MILLIONS_FROM, THOUSANDS_FROM, DAYS_FROM_HOURS = 1e6, 1e4, 72
WORSE_WHEN_MORE = frozenset({"returned", "lost"})

STYLE = """
:root{color-scheme:light}body{margin:0;background:#f3f4f6;color:#111827;font:15px/1.5 system-ui,sans-serif}
main{max-width:960px;margin:0 auto;padding:32px 24px 48px}h1{font-size:26px;margin:0}h2{font-size:16px;margin:0 0 2px}
.sub{color:#4b5563;margin:2px 0 24px}.sub2{color:#4b5563;font-size:13px;margin:0 0 10px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(118px,1fr));gap:12px;margin-bottom:16px}
.card{background:#fff;border:1px solid #e5e7eb;border-radius:10px;padding:14px 16px}
.tile b{display:block;font-size:23px;line-height:1.25;font-variant-numeric:tabular-nums;white-space:nowrap}
.tile span,.tile small{color:#4b5563;font-size:13px}.tile small{display:block}.tile i{font-style:normal;font-size:13px}
a{color:inherit;text-decoration:underline #9ca3af;text-underline-offset:3px}a:hover{text-decoration-color:currentColor}
td i{font-style:normal}.up{color:#15803d}.down{color:#b91c1c}.same{color:#4b5563}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(400px,100%),1fr));gap:16px;margin-bottom:16px}
.wide{margin-bottom:16px}svg{width:100%;height:auto;display:block}
svg text{font:12.5px system-ui,sans-serif;fill:#374151}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th{color:#4b5563;font-weight:500;text-align:right;border-bottom:1px solid #e5e7eb;padding:4px 8px}
td{text-align:right;padding:5px 8px;border-bottom:1px solid #f3f4f6}
th:first-child,td:first-child{text-align:left;padding-left:0}
.flag{border-left:4px solid #d97706}.ok{border-left:4px solid #16a34a}ul{margin:6px 0 0;padding-left:20px}
.two>*{min-width:0}@media(max-width:640px){main{padding:20px 12px}svg text{font-size:16px}}
.scroll{overflow-x:auto}
.back{font-size:13px;margin:0 0 8px}.none{color:#4b5563}
@media print{.back{display:none}body{background:#fff}.card{break-inside:avoid}}
"""


def render_digest(found: Digest, lists: str | None = None) -> str:
    """Write the digest as HTML.

    Args:
        found: The week.
        lists: The path below which whoever shows the page has the lists behind its numbers; None: our own API.
    """
    week, to = found.week, ListLinks(lists)
    rates = draw_rate_line(
        found.mql_to_sql,
        "Share of qualified leads that became SQL, by the week they qualified in",
        [to.address(each.lists.get("sql")) for each in found.mql_to_sql],
    )
    title = f"The hand-over, week {week.name[6:].lstrip('0')} of {week.name[:4]}"
    span = f"{week.first.day} {week.first:%B} to {week.last.day} {week.last:%B %Y}"
    today = f"On {found.as_of.day} {found.as_of:%B %Y}, and how many have been there too long"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body><main>'
        f"<h1>{title}</h1><p class=sub>{span}, beside the week before."
        f" For marketing and sales alike.</p>"
        f"{_tiles_html(found, to)}{attention_html(found, to)}"
        f"<div class=two>{_card('Volume', 'Leads by the week in which it happened', _volume_html(found, to))}"
        f"{_card('Quality', _headline_html(found.mature, found.early, to), rates)}</div>"
        f"<div class=two>{_card('Why leads came back', 'Reasons given this week', _reasons_html(found, to))}"
        f"{_card('What contacts ask about', 'How often topics were raised', _topics_html(found, to))}</div>"
        f"{_card('Promises', 'Due this week, beside what sales promised to keep', _promises_html(found, to), 'wide')}"
        f"<div class=two>{_card('First touch', 'From hand-over to the first touch by a person', _hours(found, to))}"
        f"{_card('Came back', 'Returned leads', _woken_html(found.came_back, to))}</div>"
        f"{_card('Campaigns', 'Qualified in the last 13 weeks, and what they cost', _spend_html(found, to), 'wide')}"
        f"{_card('Sources', 'Volume beside quality, qualified in the last 13 weeks', _sources_html(found, to), 'wide')}"
        f"<div class=two>{_card('Where leads are today', today, _stages_html(found, to))}"
        f"{_card('What marketing changed', 'Because of feedback from sales', _answered_html(found.answered, to))}</div>"
        f"{_card('Rules', 'Versions that came into force this week', _versions_html(found.changed), 'wide')}"
        "</main></body></html>"
    )


def _card(title: str, sub: str, body: str, kind: str = "") -> str:
    return f'<section class="card {kind}"><h2>{escape(title)}</h2><p class=sub2>{sub}</p>{body}</section>'


def _tiles_html(found: Digest, to: ListLinks) -> str:
    tiles = []
    for name, label in NAMES.items():
        number, reached = found.numbers[name], "won" if name == "revenue" else name
        now, before = (
            to.of(_format_short_number(value), reached_list_address(reached, week.first, week.last), value)
            for value, week in ((number["now"], found.week), (number["before"], found.before))
        )
        tiles.append(
            f"<div class='card tile'><span>{label}</span><b>{now}</b>{_change_html(name, number)}"
            f"<small>before {before}</small></div>"
        )
    return f"<div class=tiles>{''.join(tiles)}</div>"


def _change_html(name: str, number: ChangeFromWeekBefore) -> str:
    change = number["change"]
    if change is None:
        return "<i class=same>new</i>" if number["now"] else ""
    better = (change > 0) != (name in WORSE_WHEN_MORE)
    kind = "same" if change == 0 else "up" if better else "down"
    arrow = "→" if change == 0 else "▲" if change > 0 else "▼"
    return f"<i class={kind}>{arrow} {abs(change):.0%}</i>"


def _format_short_number(value: float) -> str:
    if value >= MILLIONS_FROM:
        return f"{value / 1e6:.1f}\N{NO-BREAK SPACE}M"
    return f"{value / 1e3:.1f}\N{NO-BREAK SPACE}k" if value >= THOUSANDS_FROM else f"{value:,.0f}"


def _volume_html(found: Digest, to: ListLinks) -> str:
    lists = {name: list(map(to.address, addresses)) for name, addresses in found.week_lists.items()}
    series = [
        Series("qualified", found.qualified, BLUE, lists["qualified"]), Series("SQL", found.sql, GREEN, lists["sql"]),
    ]  # fmt: skip
    return draw_columns(found.weeks, series, "Leads qualified and confirmed in each of the last twelve weeks")


def _headline_html(mature: FunnelLineWithLists, early: FunnelLineWithLists, to: ListLinks) -> str:
    share = _sql_share_text(mature, "leads in complete cohorts", to) or "no cohort is complete yet"
    so_far = _sql_share_text(early, "younger leads", to)
    return f"MQL to SQL by the week of the MQL: {share}{f'; so far {so_far}' if so_far else ''}"


def _sql_share_text(line: FunnelLineWithLists, whom: str, to: ListLinks) -> str | None:
    share, within = line["rates"]["mql_to_sql"], line["intervals"]["mql_to_sql"]
    if share is None or within is None:
        return None
    part, (whole,) = to.of(f"{share:.1%}", line["lists"]["sql"], line["sql"]), to.figures(line, "qualified")
    return f"{part} of {whole} {whom} (95 %: {within[0]:.1%} to {within[1]:.1%})"


def _reasons_html(found: Digest, to: ListLinks) -> str:
    return _bars_html(found.reasons, [to.address(found.reason_lists[name]["now"]) for name, *_ in found.reasons])


def _topics_html(found: Digest, to: ListLinks) -> str:
    return _bars_html(found.topics, [to.address(found.topic_lists[name]["now"]) for name, *_ in found.topics])


def _bars_html(rows: Sequence[tuple[str, float, float]], lists: Sequence[str | None]) -> str:
    shown = [(name.replace("_", " "), now, before) for name, now, before in rows]
    return draw_bars(shown, "This week beside the week before", lists) if shown else "<p class=none>None this week.</p>"


def _sources_html(found: Digest, to: ListLinks) -> str:
    rows = []
    for row in found.sources:
        lists = row["lists"]
        rows.append(
            (
                escape((row["source"] or "unknown").replace("_", " ")), *to.figures(row, "qualified"),
                to.of(format_percent(row["rates"]["lead_to_sql"]), lists["sql"], row["sql"]),
                to.of(format_percent(row["rates"]["lead_to_won"]), lists["won"], row["won"]),
                to.of(format_percent(row["poor_fit_share"]), lists["poor_fit"], row["poor_fit_share"] or 0),
                to.of(_format_short_number(row["pipeline"]), lists["open"], row["pipeline"]),
                to.of(_format_short_number(row["won_amount"]), lists["won"], row["won_amount"]),
            )
        )  # fmt: skip
    return _table_html(("source", "qualified", "to SQL", "to won", "poor fit", "pipeline", "revenue"), rows)


def _stages_html(found: Digest, to: ListLinks) -> str:
    rows = []
    for row in found.stages:
        leads = to.of(f"{row['leads']:,}", row["lists"].get("leads"), row["leads"])
        stuck = to.of(f"{row['stuck']:,}", row["lists"].get("stuck"), row["stuck"])
        of_all = f"{stuck} of {leads}" if row["stuck"] else ""
        rows.append((escape(row["stage"]), row["side"].replace("_", " "), leads, of_all))
    return _table_html(("stage", "owner", "leads", "stuck"), rows)


def _promises_html(found: Digest, to: ListLinks) -> str:
    if not found.promises:
        return "<p class=none>No promise was due this week.</p>"
    cells = [
        (
            escape(row.clock.replace("_", " ")), escape(row.policy.replace("_", " ")), escape(row.team or ""),
            to.of(f"{row.kept:,}", row.clocks["kept"], row.kept),
            to.of(f"{row.missed:,}", row.clocks["missed"], row.missed),
            to.of(f"{row.late:,}", row.clocks["late"], row.late),
            to.of(format_percent(row.share), row.clocks["kept"], row.kept), format_percent(row.promised),
            _outcome_html(row),
        )
        for row in found.promises
    ]  # fmt: skip
    head = ("promise", "leads", "team", "kept", "missed", "of these late", "kept in time", "promised", "as promised?")
    return _table_html(head, cells)


def _outcome_html(row: PromiseCounts) -> str:
    if row.is_kept is None:
        return "no share promised"
    return "<i class=up>yes</i>" if row.is_kept else f"<i class=down>no, {row.short:,} short</i>"


def _hours(found: Digest, to: ListLinks) -> str:
    hours = found.hours_to_touch
    if not hours["leads"]:
        return "<p class=none>No first touch this week.</p>"
    half, most = _format_hours(hours["median"] or 0), _format_hours(hours["p90"] or 0)
    leads = to.of(f"{hours['leads']:,}", hours["lists"]["leads"])
    if hours["leads"] == 1:
        return f"<p>{leads} lead, within {half}.</p>"
    return f"<p>{leads} leads: half of them within {half}, nine of ten within {most}.</p>"


def _format_hours(hours: int) -> str:
    if hours < 1:
        return "an hour"
    return f"{hours} h" if hours < DAYS_FROM_HOURS else f"{hours / 24:.0f} days"


def _woken_html(counts: WokenLeadCounts, to: ListLinks) -> str:
    woken, again = (
        to.of(f"{count:,}", counts["lists"][name], count)
        for name, count in (("woken", counts["woken"]), ("qualified_again", counts["qualified_again"]))
    )
    return f"<p>{woken} woken, {again} qualified again by points; who asked again is among the hand-raisers.</p>"


def _spend_html(found: Digest, to: ListLinks) -> str:
    rows = [
        (
            escape(row["name"] or row["campaign"]), *to.figures(row, "qualified"),
            to.of(format_percent(row["rates"]["lead_to_sql"]), row["lists"]["sql"], row["sql"]),
            "" if row["spend"] is None else _format_short_number(row["spend"]),
            "" if not row["cost_per"]["sql"] else _format_short_number(row["cost_per"]["sql"]),
        )
        for row in found.campaigns
    ]  # fmt: skip
    return _table_html(("campaign", "qualified", "to SQL", "spend", "per SQL"), rows)


def _versions_html(rows: Sequence[ActivatedVersion]) -> str:
    if not rows:
        return "<p class=none>No rule changed this week.</p>"
    return list_html(escape(f"{row.service}: version {row.version} since {row.activated_at:%d %B}") for row in rows)


def _answered_html(answered: Sequence[ChangeFromFeedback], to: ListLinks) -> str:
    if not answered:
        return "<p class=none>No rule was changed because of feedback this week.</p>"
    return list_html(
        f"{escape(f'{each.change} ({each.service}')}, for"
        f" {to.of(f'{each.sources:,}', each.lists['sources'], each.sources)} feedback item{'s'[: each.sources != 1]})"
        for each in answered
    )


def _table_html(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    scroll = f"<div class=scroll tabindex=0 role=region aria-label='Table: by {escape(head[0])}'>"
    return f"{scroll}<table><tr>{top}</tr>{body}</table></div>"
