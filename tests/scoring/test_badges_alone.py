"""A badge that named nobody waits for the organiser's list, whatever its scan said; then it counts as of that day."""

from typing import Any

import pytest

from events.leads import LeadQualified
from scoring.domain import compute_score, decide_contact
from tests.scoring.builders import IDEAL, PLAYBOOK, day, did, history

PERSON: dict[str, Any] = {**IDEAL, "reachable": True}
PHONE: dict[str, Any] = {"employees": 200, "country": "DE", "industry": "Software", "reachable": True}


@pytest.mark.parametrize("scan", [{"facts": {"has_project": "yes"}}, {"talk_to_sales": True}])
@pytest.mark.parametrize("known", [PERSON, PHONE])
@pytest.mark.parametrize("source", ["import", "event_scan"])
def test_a_bare_badge_is_a_lead_from_the_day_on_which_the_list_came(
    scan: dict[str, Any], known: dict[str, Any], source: str
) -> None:
    person = history(did("event_scan", 0, source="event_scan", reachable=False, **scan))
    assert decide_contact(person, PLAYBOOK, now=day(1), version="v").events == []
    found = compute_score(person, PLAYBOOK, day(1))
    assert found.outcome == "excluded"
    assert found.because[0].rule == "waits for the attendee list"
    person.add_engagement(did("imported", 2, source=source, **known))
    (event,) = decide_contact(person, PLAYBOOK, now=day(2), version="v").events
    assert isinstance(event, LeadQualified)
    assert (event.captured_at, event.engagement) == (day(2), "event_scan")


def test_who_left_an_address_waits_for_no_list() -> None:
    person = history(did("event_scan", 0, source="event_scan", talk_to_sales=True, **PERSON))
    (event,) = decide_contact(person, PLAYBOOK, now=day(0), version="v").events
    assert isinstance(event, LeadQualified)
    assert event.captured_at == day(0)


def test_a_list_that_does_not_make_a_grade_makes_no_lead() -> None:
    person = history(did("event_scan", 0, source="event_scan", reachable=False, facts={"has_project": "yes"}))
    poor = {"employees": 2, "industry": "Fishing", "country": "ZZ", "job_title": "Cook", "email_kind": "free"}
    person.add_engagement(did("imported", 2, source="import", reachable=True, **poor))
    assert decide_contact(person, PLAYBOOK, now=day(2), version="v").events == []
