"""What of a week needs attention: who is stuck or ignored, which promise fell short, which rate dipped."""

from collections.abc import Iterable
from datetime import timedelta
from html import escape
from typing import Literal

from feedback.api.links import ListLinks
from feedback.domain.figure_lists import UNKNOWN, build_list_address
from feedback.domain.rates import LoosenedVersion, RateDip
from feedback.handlers.digest import UNTOUCHED_DAYS, Digest


def attention_html(found: Digest, to: ListLinks) -> str:
    """Write what needs attention, or that nothing does."""
    flags, is_latest = found.flags, found.week.last >= found.as_of.date() - timedelta(days=7)
    lines = [
        f"{to.of(row['stuck'], row['lists'].get('stuck'))} of {to.of(row['leads'], row['lists'].get('leads'))} stuck in"
        f" {escape(row['stage'].replace('_', ' '))}: longer than {row['stuck_days']} days there"
        for row in found.stages
        if row["stuck"] and is_latest
    ]
    lines += [
        f"{to.of(f'{number:,}', build_list_address(untouched_days=str(UNTOUCHED_DAYS), team=team or UNKNOWN))}"
        f" lead{'s'[: number != 1]}{f' of {escape(team)}' if team else ''} without a touch two days after hand-over"
        for team, number in found.untouched.items()
        if is_latest
    ]
    lines += [
        f"{escape(f'{row.clock} of {row.policy}'.replace('_', ' '))}{f' by {escape(row.team)}' if row.team else ''}:"
        f" {to.of(format_percent(row.share), row.clocks['kept'], row.kept)} kept,"
        f" {format_percent(row.promised)} promised"
        for row in found.promises
        if row.is_kept is False
    ]
    lines += [
        f"{dip.step.replace('_', ' ')} fell from {_dip_html(dip, 'before', to)} to {_dip_html(dip, 'now', to)},"
        f" more than chance explains"
        for dip in flags.dips
    ]
    lines += [_loosened_html(each, to) for each in flags.loosened]
    if not lines:
        now = ", no lead stuck or ignored" if is_latest else ""
        text = f"No promise fell short, no conversion drop{now}, no threshold loosened."
        return f"<section class='card ok wide'>{text}</section>"
    return f"<section class='card flag wide'><h2>Needs attention</h2>{list_html(lines)}</section>"


def _dip_html(dip: RateDip, when: Literal["now", "before"], to: ListLinks) -> str:
    share = dip.now if when == "now" else dip.before
    counts = {"counted": dip.now_counted, "of": dip.now_of}
    if when == "before":
        counts = {"counted": dip.before_counted, "of": dip.before_of}
    counted, of = (to.of(f"{number:,}", dip.lists[f"{when}_{name}"], number) for name, number in counts.items())
    return f"{share:.1%} ({counted} of {of})"


def _loosened_html(found: LoosenedVersion, to: ListLinks) -> str:
    now, before = (
        to.of(f"{number:,}", found.lists[name], number)
        for name, number in (("leads", found.leads), ("leads_before", found.leads_before))
    )
    return (
        f"version {found.version} of the rules began {found.since:%d %B}, shortly before the period's end,"
        f" and makes {found.a_day:g} leads a day instead of {found.a_day_before:g}: {now} so far, {before} before"
    )


def list_html(lines: Iterable[str]) -> str:
    """Write lines as a list."""
    return f"<ul>{''.join(f'<li>{each}</li>' for each in lines)}</ul>"


def format_percent(share: float | None) -> str:
    """Return a share in per cent; empty where there is none."""
    return "" if share is None else f"{share:.1%}"
