"""What the reps do: played, because the data tells wins and nothing else.

A plan is a pure function of the dice (seed, person, cycle), the hand-over and the day of the win,
never of the order in which events arrived. The shares are made up; they are plausible, not true.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from baton.demo.dice import Dice
from baton.demo.hours import PlayedHours

PACE = {
    "hand_raiser": (5, 15),
    "fast_track": (30, 240),
    "referral": (60, 480),
    "event_qualified": (60, 480),
    "product": (240, 1_080),
}
"""Working minutes in which a diligent rep accepts and first touches a lead of the type."""
USUAL_PACE = (480, 1_080)

LONG_DAYS = 45.0
LONG_WINS = {"opportunity": 70, "comeback": 18, "plain": 12}
ENDS = {
    "returned": 30,
    "unreachable": 12,
    "lost": 9,
    "disqualified": 9,
    "rejected": 5,
    "meeting": 8,
    "silent": 27,
}
RETURNS = {
    "not_ready": 38,
    "no_budget": 22,
    "competitor": 18,
    "wrong_size": 12,
    "not_the_buyer": 10,
}
LOSSES = {"competitor": 40, "no_budget": 35, "not_ready": 25}
REJECTIONS = {"bad_data": 50, "wrong_territory": 20, "wrong_size": 30}
DISQUALIFICATIONS = {"wrong_icp": 35, "wrong_persona": 30, "student": 15, "vendor": 12, "spam": 8}
ATTEMPTS = {"no_answer": 45, "welcomed": 30, "stalled": 15, "brushed_off": 10}
TOPICS = ("integration", "price", "security", "onboarding", "support")
FIRST_TOUCH = "first touch"
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class RepMove:
    """One thing a rep does with a lead: `at` is when it happens, `recorded_at` when feedback receives it."""

    name: str
    verb: str
    at: datetime
    recorded_at: datetime
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlayedHandOver:
    """A lead as its first rep gets it; `won_at` is the data's, for the leads that it knows won."""

    dice: Dice
    at: datetime
    lead_type: str
    won_at: datetime | None = None

    @property
    def days_to_win(self) -> float:
        """Days from hand-over to win."""
        assert self.won_at is not None  # noqa: S101 - asked of winners alone
        return (self.won_at - self.at) / timedelta(days=1)

    @property
    def raises_hand_again(self) -> bool:
        """Return whether this winner is recycled first and raises a hand again before the win."""
        return (
            self.won_at is not None
            and self.days_to_win > LONG_DAYS
            and self.dice.choose_weighted("long win", LONG_WINS) == "comeback"
        )


def plan_acceptance(handed: PlayedHandOver, run: int, at: datetime, hours: PlayedHours) -> Iterator[RepMove]:
    """Yield the answer of the `run`-th rep (from 1) who got the lead at `at`: in time, late, none.

    The lead of a winner is never left lying for good.
    """
    dice, minutes = handed.dice, PACE.get(handed.lead_type, USUAL_PACE)[0]
    throw = dice.draw_number(f"accept {run}")
    if throw < 0.82:  # noqa: PLR2004 - shares of the play stand where they are used
        after = minutes * dice.between(f"accept after {run}", 0.2, 0.9)
    elif throw < 0.92 or run > 2 or handed.won_at:  # noqa: PLR2004
        after = minutes * dice.between(f"accept after {run}", 1.5, 12)
    else:
        return
    yield _build_action(f"accept {run}", "accept", hours.add_working_minutes(at, after))


def plan_work(handed: PlayedHandOver, hours: PlayedHours) -> list[RepMove]:
    """Return all that is done with the lead besides accepting it, the win left out."""
    moves = list(_plan_touches(handed, hours))
    if handed.won_at is not None:
        moves += _plan_winning_actions(handed, hours)
        return [move for move in moves if move.at < handed.won_at]
    tried = [move.at for move in moves if move.name == FIRST_TOUCH]
    if tried:
        moves += _plan_losing_actions(handed, tried[0], hours)
    return moves


def plan_comeback(handed: PlayedHandOver, hours: PlayedHours) -> datetime | None:
    """Return when somebody who was returned to nurture raises a hand again, if they do."""
    if handed.won_at is not None:
        days = handed.days_to_win - handed.dice.between("back before win", 4, 14)
        return hours.choose_morning_instant(handed.at, days, 0.3) if handed.raises_hand_again else None
    if handed.dice.happens("comes back", 0.06):
        return hours.choose_morning_instant(handed.at, handed.dice.between("back after", 45, 120), 0.4)
    return None


def _plan_touches(handed: PlayedHandOver, hours: PlayedHours) -> Iterator[RepMove]:
    """Yield the first touch, in time, late or never, and perhaps a second one."""
    dice, minutes = handed.dice, PACE.get(handed.lead_type, USUAL_PACE)[1]
    if dice.happens("automatic reply", 0.15):
        at = hours.add_working_minutes(handed.at, 1)
        yield _build_action("reply", "touches", at, kind="email", outcome="no_answer", automated=True, topics=[])
    throw = dice.draw_number("first touch")
    if throw > 0.88 and handed.won_at is None:  # noqa: PLR2004
        return
    slow = throw > 0.76  # noqa: PLR2004
    share = dice.between("first touch after", 1.3, 40) if slow else dice.draw_number("first touch after")
    first = hours.add_working_minutes(handed.at, minutes * (share if slow else 0.4 + 0.55 * share))
    recorded = first
    if not slow and dice.happens("told late", 0.04):
        recorded = hours.choose_afternoon_instant(first, 1, dice.draw_number("told at"))
    yield _build_touch(dice, FIRST_TOUCH, first, recorded)
    throw = dice.draw_number("second touch")
    if throw < 0.78:  # noqa: PLR2004
        days = (1.2, 5.5) if throw < 0.6 else (8.0, 26.0)  # noqa: PLR2004
        second = hours.choose_afternoon_instant(
            first + timedelta(days=1), dice.between("second", *days) - 1, dice.draw_number("2nd at")
        )
        yield _build_touch(dice, "second touch", max(second, first + timedelta(hours=25)))


def _plan_winning_actions(handed: PlayedHandOver, hours: PlayedHours) -> Iterator[RepMove]:
    """Yield the way of a winner: confirmed, met, an opportunity; or returned, to come back."""
    dice, days = handed.dice, handed.days_to_win
    way = dice.choose_weighted("long win", LONG_WINS) if days > LONG_DAYS else "opportunity"
    if way == "comeback":
        at = hours.choose_morning_instant(handed.at, dice.between("returned", 12, 30), 0.5)
        yield from _plan_recycle(handed, at)
    if way != "opportunity":
        return
    start = handed.at
    steps = (("confirm", 0.25, 20.0), ("meetings", 0.4, 32.0), ("opportunity", 0.6, 75.0))
    for verb, share, most in steps:
        jitter = dice.between(verb, 0.7, 1.0)
        at = hours.choose_afternoon_instant(start, min(days * share, most) * jitter, dice.between(f"{verb} at", 0, 1))
        yield from _plan_sales_step(dice, verb, max(at, hours.add_working_minutes(start, 90)))


def _plan_losing_actions(handed: PlayedHandOver, first: datetime, hours: PlayedHours) -> Iterator[RepMove]:
    """Yield how a lead ends that the data never saw won, seen from its first touch."""
    dice = handed.dice
    end = dice.choose_weighted("end", ENDS)
    days = dice.between("ends after", 3, 30)
    at = hours.choose_morning_instant(first, days, dice.draw_number("ends at"))
    if end == "returned":
        yield from _plan_recycle(handed, at)
    elif end == "unreachable":
        for attempt in range(3, 8):
            at = hours.choose_afternoon_instant(first, 2.2 * attempt, dice.draw_number(f"attempt {attempt}"))
            yield _build_touch(dice, f"attempt {attempt}", at, outcome="no_answer")
        given_up = hours.choose_morning_instant(at, 1, dice.draw_number("gives up"))
        yield _build_action("end", "recycle", given_up, reason="unreachable")
    elif end == "disqualified":
        yield _build_action("end", "disqualify", at, reason=dice.choose_weighted("disqualified", DISQUALIFICATIONS))
    elif end == "rejected":
        at = hours.add_working_minutes(first, dice.between("rejected after", 5, 300))
        yield _end_with_reason("end", "reject", at, dice.choose_weighted("rejected", REJECTIONS), dice)
    elif end == "meeting":
        yield from _plan_sales_step(dice, "meetings", at)
    elif end == "lost":
        for verb, after in (("confirm", 0.4), ("meetings", 0.7), ("opportunity", 1.0)):
            yield from _plan_sales_step(dice, verb, hours.choose_afternoon_instant(first, days * after + 1, 0.5))
        lost = hours.choose_morning_instant(first, days + dice.between("lost after", 5, 45), 0.7)
        yield _end_with_reason("end", "lost", lost, dice.choose_weighted("lost", LOSSES), dice)


def _plan_recycle(handed: PlayedHandOver, at: datetime) -> Iterator[RepMove]:
    yield _end_with_reason("end", "recycle", at, handed.dice.choose_weighted("returned", RETURNS), handed.dice)


def _end_with_reason(name: str, verb: str, at: datetime, reason: str, dice: Dice) -> RepMove:
    """Return an end with its reason and the context that feedback asks for with it."""
    fields: dict[str, Any] = {"reason": reason}
    if reason == "wrong_size":
        fields["context"] = {"employees": dice.whole_between("true size", 1, 9)}
    elif reason == "bad_data":
        fields["context"] = {"field": dice.choose("bad field", ("email", "phone"))}
    elif reason == "wrong_territory":
        fields["context"] = {"country": dice.choose("right country", ("DE", "FR", "US"))}
    elif reason == "competitor" and verb == "recycle" and dice.happens("renewal known", 0.7):
        renewal = at + timedelta(days=dice.whole_between("renewal", 150, 500))
        fields["renewal_at"] = renewal.isoformat()
    return _build_action(name, verb, at, **fields)


def _plan_sales_step(dice: Dice, verb: str, at: datetime) -> Iterator[RepMove]:
    if verb == "confirm":
        no = dice.choose_weighted("unanswered", {"": 40, "budget": 20, "authority": 20, "timing": 20})
        bant = {name: name != no for name in ("budget", "authority", "need", "timing")}
        yield _build_action("confirm", verb, at, bant=bant)
    elif verb == "meetings":
        meeting_at = at + timedelta(days=1)
        yield _build_action("book", verb, at, starts_at=meeting_at.isoformat(), outcome="booked")
        yield _build_action("meet", verb, meeting_at, starts_at=meeting_at.isoformat(), outcome="held")
    else:
        amount = dice.whole_between("amount", 10, 400) * 100
        yield _build_action("opportunity", verb, at, amount=amount, currency="BRL")


def _build_touch(
    dice: Dice, name: str, at: datetime, noted_at: datetime | None = None, outcome: str | None = None
) -> RepMove:
    outcome = outcome or dice.choose_weighted(f"{name} outcome", ATTEMPTS)
    kind = dice.choose_weighted(f"{name} kind", {"call": 70, "email": 22, "message": 8})
    fields: dict[str, Any] = {"kind": kind, "outcome": outcome, "automated": False}
    if kind == "call":
        fields["seconds"] = dice.whole_between(f"{name} seconds", 20, 900)
    if outcome in {"welcomed", "stalled"}:
        fields["topics"] = [dice.choose(f"{name} topic", TOPICS)]
    return RepMove(name, "touches", at, noted_at or at, fields)


def _build_action(name: str, verb: str, at: datetime, **fields: Any) -> RepMove:
    return RepMove(name, verb, at, at, fields)
