"""When somebody of ours is disturbed: by their rules, their zone, their hours and absences, and what is urgent."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.domain.quiet_times import Sending, WorkTimes, decide_sending, find_open_moment, find_time_left
from desk.playbook import QuietHours
from desk.playbook.messages import Wakes
from events.business_time import Calendar
from events.rep_calendars import NOBODY_KNOWS

MINUTE = timedelta(minutes=1)
WEEK = ("mon", "tue", "wed", "thu", "fri")
NIGHT = QuietHours.model_validate({"from": "19:00", "to": "07:30"})
NEVER = QuietHours.model_validate({"from": "00:00", "to": "00:00"})
BERLIN = Calendar.model_validate(
    {"zone": "Europe/Berlin", "public_holidays": "DE"} | dict.fromkeys(WEEK, ("09:00-12:30", "13:15-17:00"))
)
TEN = datetime(2026, 3, 3, 9, tzinfo=UTC)
"""Ten o'clock in Berlin on a Tuesday."""
QUARTER = timedelta(minutes=15)


def decide(at: datetime, wakes: Wakes = "urgent", left: timedelta | None = None, **more: Any) -> Sending:
    return decide_sending(
        at, wakes, left, more.get("quiet", NIGHT), more.get("zone", "Europe/Berlin"),
        WorkTimes(more.get("calendar", BERLIN), more.get("absences", ())),
    )  # fmt: skip


def test_a_hand_raiser_reaches_a_rep_at_work_at_once_and_a_sleeping_one_in_the_morning() -> None:
    """Their fifteen minutes begin with the working day, so nobody is called out of bed for them."""
    assert decide(TEN, left=QUARTER) == Sending(TEN)
    midnight = datetime(2026, 3, 2, 23, tzinfo=UTC)
    nine = datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert decide(midnight, left=nine + QUARTER - midnight) == Sending(nine)
    assert decide(midnight, left=nine - midnight) == Sending(midnight)
    assert decide(midnight, left=None) == Sending(nine)
    assert decide(midnight, False, left=MINUTE) == Sending(nine)
    assert decide(midnight, True) == Sending(midnight)


def test_a_rep_on_leave_reads_it_on_return_and_others_are_notified_of_what_is_urgent() -> None:
    back = TEN + timedelta(days=14)
    leave = ((TEN - timedelta(days=1), back),)
    assert decide(TEN, left=timedelta(days=3), absences=leave) == Sending(back, stand_in=True)
    assert decide(TEN, left=None, absences=leave) == Sending(back)
    unknown = ((TEN, NOBODY_KNOWS),)
    assert decide(TEN, left=QUARTER, absences=unknown).stand_in
    assert decide(TEN, absences=unknown).at >= NOBODY_KNOWS


def test_who_is_in_a_meeting_for_an_hour_is_at_work() -> None:
    hour = ((TEN - MINUTE, TEN + timedelta(hours=1)),)
    assert decide(TEN, left=QUARTER, absences=hour) == Sending(TEN)
    assert decide(TEN, absences=hour) == Sending(TEN + timedelta(hours=1))


def test_an_absence_that_goes_past_midnight_ends_where_it_ends() -> None:
    late = datetime(2026, 3, 3, 22, tzinfo=UTC)
    absences = (
        (late, datetime(2026, 3, 4, 10, tzinfo=UTC)),
        (datetime(2026, 3, 4, 9, 30, tzinfo=UTC), late + timedelta(hours=14)),
    )
    assert decide(late, absences=absences) == Sending(datetime(2026, 3, 4, 12, 15, tzinfo=UTC))


def test_own_quiet_hours_win_over_hours_of_work() -> None:
    lunch = QuietHours.model_validate({"from": "10:00", "to": "11:00"})
    assert decide(TEN, quiet=lunch) == Sending(TEN + timedelta(hours=1))
    assert decide(TEN, quiet=lunch, left=QUARTER) == Sending(TEN)


def test_without_hours_in_routing_there_are_only_the_quiet_hours() -> None:
    sunday = datetime(2026, 3, 1, 11, tzinfo=UTC)
    assert decide(sunday, calendar=None) == Sending(sunday)
    night = datetime(2026, 3, 1, 22, tzinfo=UTC)
    assert decide(night, calendar=None) == Sending(datetime(2026, 3, 2, 6, 30, tzinfo=UTC))
    assert decide(night, calendar=None, zone="Mars/Olympus") == Sending(datetime(2026, 3, 2, 7, 30, tzinfo=UTC))
    assert decide(night, calendar=None, quiet=NEVER) == Sending(night)


def test_who_works_at_night_alone_is_reached_at_night() -> None:
    guard = Calendar.model_validate({"zone": "UTC"} | dict.fromkeys(WEEK, ("21:00-23:00",)))
    assert decide(TEN, calendar=guard, zone="UTC") == Sending(datetime(2026, 3, 3, 21, tzinfo=UTC))


def test_hours_that_are_over_for_ever_hold_nothing_back() -> None:
    over = Calendar.model_construct(zone="UTC", special_days={date(2020, 1, 1): ((540, 600),)})
    assert decide(TEN, calendar=over) == Sending(TEN)


def test_more_absences_than_anybody_has_end_the_search() -> None:
    absences = tuple((TEN + nth * MINUTE, TEN + (nth + 1) * MINUTE) for nth in range(300))
    assert TEN < decide(TEN, absences=absences, calendar=None).at <= TEN + 300 * MINUTE


def test_the_promise_that_ends_next_counts_and_a_review_is_no_reps() -> None:
    clocks: list[dict[str, Any]] = [
        {"clock": "first_touch", "due_at": (TEN + QUARTER).isoformat()}, {"clock": "acceptance", "due_at": None},
        {"clock": "second_touch", "due_at": (TEN + 2 * QUARTER).isoformat()},
        {"clock": "review", "due_at": (TEN + MINUTE).isoformat()},
        {"clock": "acceptance", "due_at": (TEN - MINUTE).isoformat()},
    ]  # fmt: skip
    assert find_time_left(clocks, TEN) == QUARTER
    assert find_time_left([], TEN) is None


class Note(NamedTuple):
    """A message to a rep: in which minute it was made, and in which its promise ends."""

    made: int
    ends: int | None


class Revision(NamedTuple):
    """What becomes known of a rep, and in which minute."""

    known: int
    hours: tuple[str, ...] | None
    absences: tuple[tuple[int, int], ...]


SPRING, FALL = datetime(2026, 3, 27, 12, tzinfo=UTC), datetime(2026, 10, 23, 12, tzinfo=UTC)
"""The Fridays before the clocks are changed in Europe."""
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
HOURS = (("09:00-17:00",), ("01:30-03:30", "08:00-12:00"), ("00:00-02:30", "22:00-24:00"))
QUIETS = (("19:00", "07:30"), ("02:00", "03:00"), ("12:00", "13:00"), ("00:00", "00:00"), ("22:30", "02:15"))
LENGTH, LAST = 3 * 1440, 9 * 1440
MINUTES = st.integers(0, LENGTH - 1)
NOTES = st.builds(Note, MINUTES, st.none() | st.integers(0, 2 * LENGTH))
AWAY = st.builds(lambda begins, length: (begins, begins + length), MINUTES, st.sampled_from([50, 700, 1440, 3000]))
REVISIONS = st.builds(Revision, MINUTES, st.none() | st.sampled_from(HOURS), st.lists(AWAY, max_size=2).map(tuple))
UNKNOWN = Revision(0, None, ())


@lru_cache(maxsize=64)
def make_calendar(zone: str, hours: tuple[str, ...]) -> Calendar:
    return Calendar.model_validate({"zone": zone} | {day: list(hours) for day in (*WEEK, "sat", "sun")})


@lru_cache(maxsize=64)
def walls(start: datetime, zone: str) -> list[str]:
    """What the clock on the wall shows, minute by minute."""
    return [f"{(start + minute * MINUTE).astimezone(ZoneInfo(zone)):%H:%M}" for minute in range(LAST)]


def shows(wall: str, begins: str, ends: str) -> bool:
    return begins <= wall < ends if begins <= ends else wall >= begins or wall < ends


class World(NamedTuple):
    """A rep in a zone, under rules; says of a minute by itself whether they may be disturbed."""

    start: datetime
    zone: str
    quiet: tuple[str, str]

    def is_open(self, minute: int, known: Revision) -> bool:
        wall = walls(self.start, self.zone)[minute]
        works = known.hours is None or any(shows(wall, *block.split("-")) for block in known.hours)
        awake = not shows(wall, *self.quiet) or self.quiet[0] == self.quiet[1] or not self.meet(known.hours)
        return works and awake and not any(begins <= minute < ends for begins, ends in known.absences)

    @lru_cache(maxsize=64)  # noqa: B019 - a tuple of values, of which there are few
    def meet(self, hours: tuple[str, ...] | None) -> bool:
        """Whether some minute of a day is work and no quiet hour; who has none is disturbed when they work."""
        day = [f"{minute // 60:02}:{minute % 60:02}" for minute in range(1440)]
        return hours is None or any(
            any(shows(wall, *block.split("-")) for block in hours) and not shows(wall, *self.quiet) for wall in day
        )

    def decide(self, minute: int, note: Note, known: Revision, wakes: Wakes) -> int:
        left = None if note.ends is None or note.ends <= minute else (note.ends - minute) * MINUTE
        away = tuple((self.start + begins * MINUTE, self.start + ends * MINUTE) for begins, ends in known.absences)
        times = WorkTimes(make_calendar(self.zone, known.hours) if known.hours else None, away)
        rules = QuietHours.model_validate({"from": self.quiet[0], "to": self.quiet[1]})
        found = decide_sending(self.start + minute * MINUTE, wakes, left, rules, self.zone, times)
        return int((found.at - self.start) / MINUTE)


def work(world: World, notes: list[Note], arrivals: list[tuple[int, Revision]], wakes: Wakes) -> list[list[int]]:
    """Return in which minutes each note is sent: the worker of `handlers.sending` in small.

    It looks at what is due, and sends it or puts it off; a revision that is newer lets it look again at what waits.
    """
    due, sent = [note.made for note in notes], [[] for _ in notes]  # type: list[int], list[list[int]]
    known, minute = UNKNOWN, 0
    while minute < LAST:
        for at, revision in arrivals:
            if at == minute and revision.known >= known.known:
                known = revision
                due = [min(each, max(minute, note.made)) for each, note in zip(due, notes, strict=True)]
        for nth, note in enumerate(notes):
            if due[nth] == minute and not sent[nth]:
                due[nth] = world.decide(minute, note, known, wakes)
                if due[nth] == minute:
                    sent[nth].append(minute)
        later = [each for nth, each in enumerate(due) if not sent[nth]] + [at for at, _ in arrivals if at > minute]
        minute = min(later, default=LAST)
    return sent


@settings(max_examples=100, deadline=None)
@given(
    st.builds(World, st.sampled_from([SPRING, FALL]), st.sampled_from(ZONES), st.sampled_from(QUIETS)),
    st.lists(NOTES, min_size=1, max_size=4), st.lists(REVISIONS, max_size=3), st.data(),
    st.sampled_from(["urgent", False]),
)  # fmt: skip
def test_each_is_sent_once_in_the_first_open_minute_and_before_only_where_it_is_urgent(
    world: World, notes: list[Note], revisions: list[Revision], data: st.DataObject, wakes: Wakes
) -> None:
    """However late the hours come, in which order and how often; an oracle looks at every minute by itself."""
    delays = data.draw(st.lists(st.integers(0, 600), min_size=len(revisions), max_size=len(revisions)))
    arrivals = [(each.known + delay, each) for each, delay in zip(revisions, delays, strict=True)]
    arrivals += data.draw(st.lists(st.sampled_from(arrivals), max_size=3)) if arrivals else []
    arrivals = data.draw(st.permutations(arrivals))
    known = [UNKNOWN] * LAST
    for when, revision in sorted(arrivals, key=lambda each: each[1].known):
        known[when:] = [revision] * (LAST - when)
    is_open = [world.is_open(minute, each) for minute, each in enumerate(known)]
    for note, sent in zip(notes, work(world, notes, arrivals, wakes), strict=True):
        (at,) = sent
        assert not any(is_open[note.made : at])
        if not is_open[at]:
            assert wakes == "urgent"
            assert note.ends is not None
            assert not any(world.is_open(minute, known[at]) for minute in range(at, min(note.ends, LAST)))


@pytest.mark.parametrize(("start", "night"), [(SPRING, "2026-03-29"), (FALL, "2026-10-25")])
def test_quiet_hours_end_where_the_clocks_are_changed(start: datetime, night: str) -> None:
    """Half past two is not there in March, and twice in October."""
    quiet = QuietHours.model_validate({"from": "22:00", "to": "02:30"})
    asleep = datetime.fromisoformat(f"{night}T00:10:00+00:00")
    found = find_open_moment(asleep, quiet, "Europe/Berlin", WorkTimes())
    there = {"2026-03-29": "01:00", "2026-10-25": "00:30"}[night]
    assert f"{found:%H:%M}" == there
    assert start < found
