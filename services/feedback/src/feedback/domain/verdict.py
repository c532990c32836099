"""What a reason decides: back to which track and until when, closed, or routed again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from events.envelope import Scalar
from feedback.domain.lead import Lead
from feedback.domain.lifecycle import State
from feedback.domain.refusals import ContextMissing, NotAfter, ReasonNotFitting, ReasonUnknown
from feedback.playbook import After, AtOnce, Attempts, Crossing, Engaging, FeedbackPlaybook, FiscalYear, Reason, Renewal

FURTHEST = timedelta(days=3 * 365)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where a reason sends a lead."""

    to: State
    track: str | None = None
    wake_at: datetime | None = None
    wakes_on: str | None = None
    """`date`, `crossing`, `engagement` or `hand_raise`."""


@dataclass(frozen=True, slots=True)
class Plea:
    """A reason as somebody gave it."""

    reason: str
    at: datetime
    context: Mapping[str, Scalar]
    wake_at: datetime | None = None
    renewal_at: datetime | None = None
    routes_again: bool = False
    """Whether the lead may go to another rep by it: a rejection may, a return may not."""


def judge(lead: Lead, plea: Plea, rules: FeedbackPlaybook) -> Verdict:
    """Decide by a reason that a person gave; refuses an unknown one and one without its context."""
    reason = rules.reasons.get(plea.reason)
    if reason is None:
        raise ReasonUnknown(list(rules.reasons))
    if reason.does == "route_again" and not plea.routes_again:
        raise ReasonNotFitting("reason")
    _check_context(lead, plea, reason)
    return sentence(lead, plea, reason, rules)


def sentence(lead: Lead, plea: Plea, reason: Reason, rules: FeedbackPlaybook) -> Verdict:
    """Decide by a reason whose context is known to be complete, as when a timer gives it."""
    if reason.does == "route_again":
        return Verdict("mql")
    if reason.does == "disqualify":
        return Verdict("disqualified", wakes_on="hand_raise")
    if lead.cycle >= rules.max_cycles:
        return Verdict("recycled", reason.track, None, "hand_raise")
    wake_at = _asked(plea) or _wake_date(plea, reason, rules)
    return Verdict("recycled", reason.track, wake_at, "date" if wake_at else _wakes_on(reason))


def _check_context(lead: Lead, plea: Plea, reason: Reason) -> None:
    missing = [name for name in reason.needs if plea.context.get(name) in (None, "")]
    if missing:
        raise ContextMissing(plea.reason, missing)
    if reason.attempts is not None:
        _check_attempts(lead, plea, reason.attempts)


def _check_attempts(lead: Lead, plea: Plea, wanted: Attempts) -> None:
    """Accept the touches on record, or what the rep says of tries that nobody recorded."""
    tried = max(lead.touches, _number(plea.context.get("attempts")))
    over = timedelta(days=_number(plea.context.get("days")))
    if lead.first_touched_at is not None and lead.last_touched_at is not None:
        over = max(over, lead.last_touched_at - lead.first_touched_at)
    missing = []
    if tried < wanted.at_least:
        missing.append("attempts")
    if over < timedelta(days=wanted.over_days):
        missing.append("days")
    if missing:
        raise ContextMissing(
            plea.reason, missing, attempts=wanted.at_least, days=wanted.over_days, recorded=lead.touches
        )


def _number(value: Scalar) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _asked(plea: Plea) -> datetime | None:
    if plea.wake_at is None:
        return None
    if not plea.at < plea.wake_at <= plea.at + FURTHEST:
        raise NotAfter("wake_at")
    return plea.wake_at


def _wakes_on(reason: Reason) -> str:
    if isinstance(reason.wake, Crossing):
        return "crossing"
    return "engagement" if isinstance(reason.wake, Engaging) else "hand_raise"


def _wake_date(plea: Plea, reason: Reason, rules: FeedbackPlaybook) -> datetime | None:
    """Give the date that the rule names, but none within the cool-down; None where no date wakes."""
    wake, at = reason.wake, plea.at
    if isinstance(wake, AtOnce):
        return at
    if isinstance(wake, After):
        asked = at + timedelta(days=wake.days)
    elif isinstance(wake, FiscalYear):
        asked = _next_fiscal_year(plea, rules) - timedelta(days=wake.days_before)
    elif isinstance(wake, Renewal):
        renewal = _renewal(plea)
        asked = (
            at + timedelta(days=wake.unknown_days) if renewal is None else renewal - timedelta(days=wake.days_before)
        )
    else:
        return None
    return max(asked, at + timedelta(days=rules.cool_down_days))


def _next_fiscal_year(plea: Plea, rules: FeedbackPlaybook) -> datetime:
    told = plea.context.get("fiscal_year_starts")
    text = told if isinstance(told, str) else rules.fiscal_year_starts
    try:
        start = date.fromisoformat(f"{plea.at.year}-{text}")
    except ValueError:
        raise NotAfter("context.fiscal_year_starts") from None
    if start <= plea.at.date():
        start = date(start.year + 1, start.month, min(start.day, 28))
    return datetime(start.year, start.month, start.day, tzinfo=UTC)


def _renewal(plea: Plea) -> datetime | None:
    """Read the renewal date: its own field, or `context.renewal_at`; `unknown` is an answer too."""
    field, found = "renewal_at", plea.renewal_at
    told = plea.context.get("renewal_at")
    if found is None and told not in (None, "", "unknown"):
        field = "context.renewal_at"
        try:
            found = datetime.fromisoformat(str(told))
        except ValueError:
            raise NotAfter(field) from None
        if found.tzinfo is None:
            found = found.replace(tzinfo=UTC)
    if found is not None and not plea.at < found <= plea.at + 3 * FURTHEST:
        raise NotAfter(field)
    return found
