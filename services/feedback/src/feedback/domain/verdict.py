"""What a reason decides: back to which track and until when, closed, or routed again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from events.moments import EARLIEST_YEAR, LATEST_YEAR
from events.parts import Scalar
from feedback.domain.lead import Lead
from feedback.domain.lifecycle import State
from feedback.domain.refusals import ContextMissing, InstantOutOfRange, ReasonNotFitting, ReasonUnknown
from feedback.playbook import (
    AttemptRule,
    FeedbackPlaybook,
    ReasonRule,
    WakeAfterDays,
    WakeAtOnce,
    WakeBeforeFiscalYear,
    WakeBeforeRenewal,
    WakeOnCrossing,
    WakeOnEngagement,
    WakeOnSizeCheck,
)

FURTHEST = timedelta(days=3 * 365)


@dataclass(frozen=True, slots=True)
class ReasonVerdict:
    """Where a reason sends a lead."""

    to: State
    track: str | None = None
    wake_at: datetime | None = None
    wakes_on: str | None = None
    """`date`, `size` (the first known after the date that fits), `crossing`, `engagement` or `hand_raise`."""


@dataclass(frozen=True, slots=True)
class ReasonGiven:
    """A reason as a person named it, with its context."""

    reason: str
    at: datetime
    context: Mapping[str, Scalar]
    wake_at: datetime | None = None
    renewal_at: datetime | None = None
    routes_again: bool = False
    """Whether the lead may go to another rep by it: a rejection may, a return may not."""


def decide_by_reason(lead: Lead, given: ReasonGiven, rules: FeedbackPlaybook) -> ReasonVerdict:
    """Decide by a reason that a person gave; refuses an unknown one and one without its context."""
    reason = rules.reasons.get(given.reason)
    if reason is None:
        raise ReasonUnknown(list(rules.reasons))
    if reason.does == "route_again" and not given.routes_again:
        raise ReasonNotFitting("reason")
    _check_context_is_complete(lead, given, reason, rules.spell_minutes)
    return decide_by_complete_reason(lead, given, reason, rules)


def decide_by_complete_reason(
    lead: Lead, given: ReasonGiven, reason: ReasonRule, rules: FeedbackPlaybook
) -> ReasonVerdict:
    """Decide by a reason whose context is known to be complete, as when a timer gives it."""
    if reason.does == "route_again":
        return ReasonVerdict("mql")
    if reason.does == "disqualify":
        return ReasonVerdict("disqualified", wakes_on="hand_raise")
    if lead.cycle >= rules.max_cycles:
        return ReasonVerdict("recycled", reason.track, None, "hand_raise")
    asked = _requested_wake_date(given)
    wake_at = asked or compute_wake_date(given, reason, rules)
    return ReasonVerdict(
        "recycled", reason.track, wake_at, find_wake_condition(reason, wake_at, asked=asked is not None)
    )


def _check_context_is_complete(lead: Lead, given: ReasonGiven, reason: ReasonRule, spell_minutes: int) -> None:
    missing = [name for name in reason.needs if given.context.get(name) in (None, "")]
    if reason.needs_any and all(given.context.get(name) in (None, "") for name in reason.needs_any):
        missing += reason.needs_any
    if missing:
        raise ContextMissing(given.reason, missing)
    if reason.attempts is not None:
        _check_attempts(lead, given, reason.attempts, lead.count_attempts(spell_minutes))


def _check_attempts(lead: Lead, given: ReasonGiven, wanted: AttemptRule, recorded: int) -> None:
    """Check the attempts: those on record, a spell of touches each, or those that the rep reports in the context."""
    tried = max(recorded, _number_or_zero(given.context.get("attempts")))
    over = timedelta(days=min(max(0.0, _number_or_zero(given.context.get("days"))), timedelta.max.days))
    if lead.first_touched_at is not None and lead.last_touched_at is not None:
        over = max(over, lead.last_touched_at - lead.first_touched_at)
    missing = []
    if tried < wanted.at_least:
        missing.append("attempts")
    if over < timedelta(days=wanted.over_days):
        missing.append("days")
    if missing:
        raise ContextMissing(given.reason, missing, attempts=wanted.at_least, days=wanted.over_days, recorded=recorded)


def _number_or_zero(value: Scalar) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _requested_wake_date(given: ReasonGiven) -> datetime | None:
    if given.wake_at is None:
        return None
    if not given.at < given.wake_at <= given.at + FURTHEST:
        raise InstantOutOfRange("wake_at")
    return given.wake_at


def find_wake_condition(reason: ReasonRule, wake_at: datetime | None, *, asked: bool) -> str:
    """Return what wakes a lead: `size`, `date`, `crossing`, `engagement` or `hand_raise`.

    `asked` is whether a person named the date.
    """
    if isinstance(reason.wake, WakeOnSizeCheck) and not asked:
        return "size"
    if wake_at is not None:
        return "date"
    if isinstance(reason.wake, WakeOnCrossing):
        return "crossing"
    return "engagement" if isinstance(reason.wake, WakeOnEngagement) else "hand_raise"


def compute_wake_date(given: ReasonGiven, reason: ReasonRule, rules: FeedbackPlaybook) -> datetime | None:
    """Return the date that the rule names, but none within the cool-down; None where no date wakes."""
    wake, at = reason.wake, given.at
    if isinstance(wake, WakeAtOnce):
        return at
    if isinstance(wake, WakeAfterDays | WakeOnSizeCheck):
        asked = at + timedelta(days=wake.days)
    elif isinstance(wake, WakeBeforeFiscalYear):
        asked = _wake_date_before_fiscal_year(given, rules) - timedelta(days=wake.days_before)
    elif isinstance(wake, WakeBeforeRenewal):
        renewal = _renewal_date_given(given)
        asked = (
            at + timedelta(days=wake.unknown_days) if renewal is None else renewal - timedelta(days=wake.days_before)
        )
    else:
        return None
    return max(asked, at + timedelta(days=rules.cool_down_days))


def _wake_date_before_fiscal_year(given: ReasonGiven, rules: FeedbackPlaybook) -> datetime:
    own = given.context.get("fiscal_year_starts")
    text = own if isinstance(own, str) else rules.fiscal_year_starts
    try:
        start = date.fromisoformat(f"{given.at.year}-{text}")
    except ValueError:
        raise InstantOutOfRange("context.fiscal_year_starts") from None
    if start <= given.at.date():
        start = date(start.year + 1, start.month, min(start.day, 28))
    return datetime(start.year, start.month, start.day, tzinfo=UTC)


def _renewal_date_given(given: ReasonGiven) -> datetime | None:
    """Read the renewal date: its own field, or `context.renewal_at`; `unknown` is an answer too."""
    field, found = "renewal_at", given.renewal_at
    if found is None:
        field, found = "context.renewal_at", read_renewal_date(given.context)
    if found is not None and not given.at < found <= given.at + 3 * FURTHEST:
        raise InstantOutOfRange(field)
    return found


def read_renewal_date(context: Mapping[str, Scalar]) -> datetime | None:
    """Return the renewal date that a context has; None where it has none or says `unknown`.

    Raises:
        InstantOutOfRange: It is no date, or one far from now.
    """
    text = context.get("renewal_at")
    if text in (None, "", "unknown"):
        return None
    try:
        found = datetime.fromisoformat(str(text))
        found = (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InstantOutOfRange("context.renewal_at") from None
    if not EARLIEST_YEAR <= found.year < LATEST_YEAR:
        raise InstantOutOfRange("context.renewal_at")
    return found
