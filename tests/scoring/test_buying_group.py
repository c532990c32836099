"""Several people of one account: what of them is news for whoever has the account's lead."""

from typing import Any
from uuid import UUID

from events.ids import derive_lead_id
from events.leads import InterestedAccount, LeadStrengthened
from scoring.domain import History, OpenLead, PublishedPerson, build_account_picture, strengthened_event
from tests.scoring.builders import ANN, IDEAL, PLAYBOOK, day, did, playbook_with
from tests.scoring.test_persons import of

CEO, BUYER, DEV, CYD = (UUID(int=number) for number in (1, 2, 3, 4))
TITLES = {CEO: "CEO", BUYER: "Marketing Manager", DEV: "Engineer", ANN: "Head of Marketing"}
LEAD = OpenLead(derive_lead_id(ANN, 1), ANN, 1)


def person(contact: UUID, engagement: str = "content_download", **facts: Any) -> History:
    known = IDEAL | {"job_title": TITLES.get(contact)} | facts
    return of(contact, did(engagement, 0, contact=contact, **known))


def shown(*people: History) -> InterestedAccount:
    found = build_account_picture("example.com", people, PLAYBOOK, day(0))
    assert found is not None
    return found


def news(now: InterestedAccount, *before: PublishedPerson) -> LeadStrengthened | None:
    return strengthened_event(LEAD, ANN, now, before, now=day(0), version="v")


def as_published(now: InterestedAccount) -> list[PublishedPerson]:
    main = now.main_contact_id
    return [PublishedPerson(each.contact_id, 1, tuple(each.roles), each.contact_id == main) for each in now.people]


def test_the_picture_says_who_in_which_role_and_which_roles_are_missing() -> None:
    found = shown(person(ANN), person(DEV, "product_used"), person(CEO))
    assert [(each.contact_id, each.roles) for each in found.people] == [
        (CEO, ["decision maker"]), (ANN, ["decision maker"]), (DEV, ["user"]),
    ]  # fmt: skip
    assert (found.main_contact_id, found.missing_roles, found.fit) == (CEO, ["champion"], "A")
    assert found.points == sum(each.readiness_points for each in found.people) == 25
    assert shown(person(BUYER), person(ANN)).missing_roles == ["user"]


def test_who_shows_no_interest_or_is_nobody_for_sales_is_left_out() -> None:
    student = person(DEV, job_title="Student")
    elsewhere = person(BUYER, email_domain="other.example")
    silent = person(CEO, "email_open")
    assert [each.contact_id for each in shown(person(ANN), student, elsewhere, silent).people] == [ANN]
    assert build_account_picture("example.com", [student], PLAYBOOK, day(0)) is None
    assert build_account_picture("example.com", [person(ANN)], playbook_with(buying_group=None), day(0)) is None


def test_an_untitled_person_is_named_as_such() -> None:
    event = news(shown(person(ANN), person(CYD)))
    assert event is not None
    assert event.because[0].why == "Somebody whose position is unknown of the same company shows interest too."


def test_only_what_changed_is_news() -> None:
    alone, both = shown(person(ANN)), shown(person(ANN), person(CEO))
    assert news(alone) is None
    first = news(both)
    assert first is not None
    assert (first.revision, first.joined) == (1, [CEO])
    assert [reason.why for reason in first.because] == [
        "CEO (decision maker) of the same company shows interest too.", "Speak with the most senior: CEO.",
    ]  # fmt: skip
    assert news(both, *as_published(both)) is None
    without = news(alone, *as_published(both))
    assert without is not None
    assert (without.revision, [reason.kind for reason in without.because]) == (2, ["left", "main_contact"])
    many = shown(person(ANN), person(CEO), person(DEV, "product_used"))
    fewer = news(alone, *as_published(many))
    assert fewer is not None
    assert fewer.because[0].why == "2 of the company show interest no more."


def test_somebody_who_turns_out_to_decide_is_news() -> None:
    before = as_published(shown(person(ANN), person(DEV)))
    event = news(shown(person(ANN), person(DEV, job_title="CEO")), *before)
    assert event is not None
    assert event.because[0].why == "CEO is known as: decision maker."
    lower = news(shown(person(ANN), person(DEV)), *as_published(shown(person(ANN), person(DEV, job_title="CEO"))))
    assert lower is not None
    assert lower.because[0].why == "Engineer is known as: no role of the buying group."
