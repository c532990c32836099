"""A bad agreement is refused, and says why."""

from typing import Any

import pytest
from pydantic import ValidationError

from sla_monitor.playbook import SlaPlaybook
from tests.sla_monitor.domain_harness import DEFAULT, playbook


def test_the_default_agreement_survives_being_written_and_read() -> None:
    assert SlaPlaybook.model_validate_json(DEFAULT.model_dump_json()) == DEFAULT


@pytest.mark.parametrize("name", ["transactional", "enterprise"])
def test_the_profiles_that_come_along_are_whole_agreements(name: str) -> None:
    """D8."""
    chosen = playbook(profile=name)
    assert chosen.review != DEFAULT.review
    assert chosen.policies != DEFAULT.policies
    assert not list(chosen.warnings())


def test_a_promise_of_business_hours_that_looks_like_a_mistake_is_warned_of() -> None:
    """48 business hours are about six days; 48 hours are two."""
    assert not list(DEFAULT.warnings())
    policies = [{"name": "all", "first_touch": "2880b", "second_touch": "30d"}]
    (warning,) = playbook(policies=policies).warnings()
    assert "2880b is 48 business hours, about 6 days" in warning
    assert not list(playbook(policies=[{"name": "all", "first_touch": {"working_days": 2}}]).warnings())


def test_a_clock_that_no_policy_promises_is_warned_of() -> None:
    demo = {"demo": {"starts": "meeting_booked", "met_by": ["meeting_held"]}}
    assert list(playbook(clocks=demo).warnings()) == ["demo: no policy promises it, so it never runs"]


def test_an_agreement_says_no_more_than_was_written() -> None:
    """What is shown and signed is brief; what was said of one promise is shown with it."""
    promises = {"accept": "5b", "first_touch": {"target": "15b", "warn_at": [0.5]}}
    shown = playbook(policies=[{"name": "all", **promises}]).policies[0].model_dump(mode="json")
    assert (shown["accept"], shown["first_touch"]) == ("5b", {"target": "15b", "warn_at": [0.5]})


@pytest.mark.parametrize("text", ["15", "15m", "b", "0h", "-1h", "1.5h", "1 h", 48, None, "1234567h", "٣h"])
def test_a_duration_is_a_number_and_a_unit(text: Any) -> None:
    with pytest.raises(ValidationError):
        playbook(policies=[{"name": "all", "first_touch": text}])


@pytest.mark.parametrize("block", ["9-18", "09:00-08:00", "09:00-09:00", "09:00-24:01", "09:60-10:00", 900])
def test_a_block_lies_within_one_day(block: Any) -> None:
    with pytest.raises(ValidationError):
        playbook(calendars={"office": {"zone": "UTC", "mon": [block]}})


@pytest.mark.parametrize(
    "calendar",
    [
        {"zone": "UTC"},
        {"zone": "Europe/Nowhere", "mon": ["09:00-18:00"]},
        {"zone": "../etc/passwd", "mon": ["09:00-18:00"]},
        {"zone": "UTC", "mon": ["09:00-13:00", "12:00-18:00"]},
        {"zone": "UTC", "moon": ["09:00-13:00"]},
    ],
)
def test_a_calendar_has_a_zone_and_working_hours_that_do_not_overlap(calendar: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        playbook(calendars={"office": calendar})


@pytest.mark.parametrize(
    "changes",
    [
        {"calendar": "elsewhere"},
        {"team_calendars": {"inbound": "elsewhere"}},
        {"policies": []},
        {"policies": [{"name": "a", "first_touch": "1h", "when": {"lead_type": ["content"]}}]},
        {"policies": [{"name": "a", "first_touch": "1h"}, {"name": "a", "first_touch": "2h"}]},
        {"policies": [{"name": "a", "first_touch": "1h", "when": {"lead_type": ["lukewarm"]}}]},
        {"policies": [{"name": "a"}]},
        {"review": {"opens": "90d", "decides": "60d"}},
        {"touches": {"second_after": "8b"}},
        {"warn_at": 1},
        {"warnat": 0.5},
        {"escalations": {"first_touch": [{"action": "shout"}]}},
        {"warn_at": [0.9, 0.5]},
        {"rep_calendars": {"ann": "elsewhere"}},
        {"preferred_time_pauses": "2w"},
        {"absence_pauses": "2w"},
        {"clocks": {"first_touch": {"starts": "captured"}}},
        {"clocks": {"first_touch": {"calendar": "elsewhere"}}},
        {"clocks": {"demo": {"starts": "meeting_booked"}}},
        {"clocks": {"demo": {"starts": "meeting_booked", "met_by": ["captured"]}}},
        {"clocks": {"Demo": {"starts": "meeting_booked", "met_by": ["won"]}}},
        {"policies": [{"name": "a", "first_touch": "1h", "own": {"demo": "1h"}}]},
        {"policies": [{"name": "a", "first_touch": {"target": "1h", "calendar": "elsewhere"}}]},
        {"policies": [{"name": "a", "first_touch": {"working_days": 0}}]},
        {
            "policies": [
                {"name": "a", "first_touch": {"target": "1h", "pauses": [{"state": "queued", "at_most": "1w"}]}}
            ]
        },
        {
            "policies": [
                {"name": "a", "first_touch": {"target": "1h", "pauses": [{"state": "asleep", "at_most": "1h"}]}}
            ]
        },
        {"policies": [{"name": "a", "first_touch": "1h", "review": {"opens": "90d", "decides": "60d"}}]},
        {"sales": {"attainment": {"demo": 0.9}}},
        {"sales": {"attainment": {"first_touch": 1.1}}},
        {"marketing": {"volume": [{"name": "many", "per_month": 0}]}},
        {"marketing": {"context": {"facts": ["shoe_size"]}}},
        {"marketing": {"grades": {"E": 0.5}}},
        {"suspicions": {"returns": 1}},
        {"profile": "elsewhere"},
        {"profile": "odd", "profiles": {"odd": {"warn_at": 2}}},
        {"profiles": {"odd": {"warn_at": 2}}},
    ],
)
def test_an_agreement_that_does_not_hang_together_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        playbook(**changes)


def test_a_policy_may_be_chosen_by_source_segment_and_grade() -> None:
    """L3."""
    agreement = playbook(
        policies=[
            {"name": "scans", "when": {"source": ["event_scan"], "fit": ["A"]}, "first_touch": "1h"},
            {"name": "large", "when": {"segment": ["enterprise"]}, "first_touch": "2h"},
            {"name": "rest", "first_touch": "3h"},
        ]
    )
    assert agreement.policy_for("event", "event_scan", None, "A").name == "scans"
    assert agreement.policy_for("event", "event_scan", "enterprise", "B").name == "large"
    assert agreement.policy_for("event", "event_scan", None, "B").name == "rest"
