"""What is played: the same in every run, inside working hours, and never against the data."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from baton.demo import colder_contacts, funnel, people, play
from baton.demo.agenda import Agenda, AgendaItem
from baton.demo.dice import Dice
from baton.demo.hours import PlayedHours

HOURS = PlayedHours(ZoneInfo("UTC"))
LONG_BEFORE = timedelta(days=1)

instants = st.datetimes(datetime(2017, 6, 1), datetime(2018, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001
names = st.text("abcdef0123456789", min_size=4, max_size=12)


def test_the_year_is_the_one_that_was_published() -> None:
    """Counted here from the files, so that the demonstration is compared with them and not with us."""
    year = funnel.load_funnel(8_000)

    assert len(year.leads) == 8_000
    assert sum(year.won_by_origin().values()) == 842
    assert year.posted_by_origin()["unknown"] == 1_099
    assert year.posted_by_origin()[funnel.BLANK] == 60
    assert year.won_by_origin()["organic search"] == 271


def test_one_lead_was_won_before_it_came_and_some_only_after_a_year() -> None:
    """Such rows are in the data, so they are handled and not dropped."""
    days = [
        (lead.won_at - datetime.combine(lead.first_contact, datetime.min.time(), UTC)).days
        for lead in funnel.load_funnel(8_000).leads
        if lead.won_at
    ]

    assert min(days) < 0
    assert max(days) > 365


@given(names, st.floats(0, 1))
def test_a_throw_is_the_same_whoever_asks_first(subject: str, chance: float) -> None:
    first, second = Dice.for_subject(1, subject), Dice.for_subject(1, subject)
    second.draw_number("something else")

    assert first.draw_number("a") == second.draw_number("a")
    assert first.happens("a", chance) == (first.draw_number("a") < chance)


def test_weights_are_kept_roughly() -> None:
    thrown = Counter(Dice.for_subject(n).choose_weighted("x", {"often": 3, "seldom": 1}) for n in range(4_000))

    assert 2_800 < thrown["often"] < 3_200


@given(instants, st.floats(0, 4_000))
def test_people_act_in_working_hours(at: datetime, minutes: float) -> None:
    then = HOURS.add_working_minutes(at, minutes)

    assert then.weekday() < 5
    assert 9 <= then.hour < 18
    assert then >= at


@given(instants, st.floats(0, 100), st.floats(0, 1, exclude_max=True))
def test_a_day_is_found_whatever_hour_it_is_asked_at(at: datetime, days: float, share: float) -> None:
    then = HOURS.choose_afternoon_instant(at, days, share)

    assert then.weekday() < 5
    assert 9 <= then.hour < 18


@given(names, instants, st.integers(1, 420))
def test_nothing_is_played_after_a_win(subject: str, at: datetime, days: int) -> None:
    """The win is the data's: what is played leads to it and ends there."""
    won_at = at + timedelta(days=days)
    handed = play.PlayedHandOver(Dice.for_subject(subject), at, "hand_raiser", won_at)

    moves = play.plan_work(handed, HOURS)

    assert all(at <= move.at < won_at for move in moves)
    assert "won" not in {move.verb for move in moves}
    assert moves == play.plan_work(handed, HOURS)


@given(names, instants)
def test_no_other_lead_is_ever_won(subject: str, at: datetime) -> None:
    moves = play.plan_work(play.PlayedHandOver(Dice.for_subject(subject), at, "hand_raiser"), HOURS)

    assert "won" not in {move.verb for move in moves}
    assert len({move.name for move in moves}) == len(moves)


def test_every_lead_has_an_account_of_its_own() -> None:
    """Two leads of one firm would be one account, and the rotation would not turn."""
    year = funnel.load_funnel(2_000)

    domains = {
        people.make_played_contact(lead.mql_id, Dice.for_subject(lead.mql_id))["email"].split("@")[1]
        for lead in year.leads
    }

    assert len(domains) == 2_000


def test_colder_contacts_stay_out_of_the_data() -> None:
    found = list(colder_contacts.make_colder_contacts(1, 300, date(2017, 6, 14), date(2018, 5, 31)))

    facts = [body["facts"] for contact in found for _, body in contact.submissions]
    assert facts
    assert not any("mql_id" in fact or "origin" in fact for fact in facts)
    assert {contact.account["kind"] for contact in found if contact.account} == {"customer", "competitor"}


@given(st.lists(st.tuples(instants, names), max_size=30))
def test_the_agenda_gives_each_item_once_in_order(items: list[tuple[datetime, str]]) -> None:
    agenda = Agenda()
    for at, key in items + items:
        agenda.add(AgendaItem(at, key, "command", "somebody", {}))

    taken = agenda.take_due(datetime(2020, 1, 1, tzinfo=UTC))

    assert [item.at for item in taken] == sorted(item.at for item in taken)
    assert {item.key for item in taken} == {key for _, key in items}
    assert len(taken) == len({key for _, key in items})
    assert agenda.next_due_at() is None
