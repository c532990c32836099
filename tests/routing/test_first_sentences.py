"""What a rep may say first: in the contact's language, of what they did, and nothing that one would not say (14.5)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from events.ids import derive_id
from events.leads import LeadAssigned, TimelineEntry
from routing.domain import NO_ACCOUNTS, Campaign, LastCycle
from tests.routing.builders import DEFAULT, MONDAY, contact, context, event_of, placed, playbook, qualified, rep

EN: dict[str, Any] = DEFAULT["first_sentences"]["en"]
READ = TimelineEntry(
    engagement_id=derive_id(1),
    engagement="content_download",
    occurred_at=MONDAY,
    content="pumps-7",
    content_title="Pumps",
)


def sentences_of(
    last: LastCycle | None = None, phrases: Mapping[str, Any] | None = None, **facts: Any
) -> tuple[Any, Any]:
    """Return the language and the first sentences of a lead's assignment."""
    cycles = {} if last is None else {contact("ada"): last}
    rules = playbook() if phrases is None else playbook(first_sentences=phrases)
    known = {"expo-26": Campaign(name="Expo 2026")}
    on = context(rep("inbound-1"), rep("development-1", team="development"), rules=rules, campaigns=known,
                 directory=replace(NO_ACCOUNTS, last_cycles=cycles))  # fmt: skip
    event = event_of(placed(qualified(**facts), on), LeadAssigned)
    return event.language, event.first_sentences


@pytest.mark.parametrize(
    ("tag", "language", "phrases"),
    [
        (None, "en", "You asked for a demo on 2 March 2026."),
        ("de", "de", "Sie haben am 2. M\u00e4rz 2026 um eine Vorf\u00fchrung gebeten."),
        ("fr-CH", "fr", "Vous avez demand\u00e9 une d\u00e9monstration le 2 mars 2026."),
        ("ES", "es", "El 2 de marzo de 2026 pidi\u00f3 una demostraci\u00f3n."),
        ("pt-BR", "pt", "No dia 2 de mar\u00e7o de 2026 pediu uma demonstra\u00e7\u00e3o."),
        ("fi", "en", "You asked for a demo on 2 March 2026."),
        (True, "en", "You asked for a demo on 2 March 2026."),
    ],
)
def test_they_are_in_the_language_of_the_contact_else_in_the_first(tag: object, language: str, phrases: str) -> None:
    assert sentences_of(facts={} if tag is None else {"language": tag}) == (language, phrases)


def test_they_name_what_was_read_before_and_what_was_wished() -> None:
    assert sentences_of(timeline=[READ], preference="call_me")[1] == (
        "You asked for a demo on 2 March 2026. Before that you looked at \u201cPumps\u201d. "
        "You would like to be called."
    )
    nameless = READ.changed(content_title=None)
    assert sentences_of(timeline=[nameless])[1] == "You asked for a demo on 2 March 2026."


def test_what_has_no_name_or_no_sentence_is_spoken_of_in_general() -> None:
    scan: dict[str, Any] = {
        "lead_type": "event",
        "outcome": "mql",
        "engagement": "event_scan",
        "engagement_id": derive_id(9),
    }
    assert sentences_of(**scan, campaign="expo-26")[1] == "We met at Expo 2026 on 2 March 2026."
    assert sentences_of(**scan, campaign="expo-27")[1] == "We met at our event on 2 March 2026."
    assert (
        sentences_of(engagement="bike_ride", engagement_id=derive_id(9))[1]
        == "Thank you for your interest in what we do."
    )
    paper: dict[str, Any] = {"lead_type": "content", "outcome": "mql", "engagement": "content_download", "content": "x"}
    assert sentences_of(**paper, engagement_id=derive_id(9))[1] == "On 2 March 2026 you took our material with you."


def test_the_last_time_is_spoken_of_as_one_would_to_the_contact() -> None:
    woken: dict[str, Any] = {
        "lead_type": "content",
        "outcome": "mql",
        "engagement": "wake_up",
        "cycle": 2,
        "timeline": [],
    }
    asked = datetime(2025, 9, 1, tzinfo=UTC)
    lost = LastCycle("nora", "competitor", asked)
    assert sentences_of(lost, facts={"competitor": "Rival"}, cycle=2)[1] == (
        "You asked for a demo on 2 March 2026. When we last spoke you worked with Rival: how is that going?"
    )
    assert sentences_of(lost, **woken)[1] == "When we last spoke you worked with another product: how is that going?"
    assert sentences_of(LastCycle("nora", "unreachable", asked), **woken) == (None, None), (
        "that is nothing to say to somebody"
    )


def test_a_playbook_without_words_has_none() -> None:
    assert sentences_of(phrases={}) == (None, None)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"otherwise": "You came from {source}."}, "may name {campaign}, {content}, {day} alone"),
        ({"otherwise": "On {day:%A} you came."}, "alone"),
        ({"otherwise": "On {day!r} you came."}, "alone"),
        ({"otherwise": "On {} you came."}, "alone"),
        ({"preferences": {"book": "On {day}."}}, "may name nothing alone"),
        ({"before": "On {day}."}, "may name {content} alone"),
        ({"last_time": {"no_budget": "{reason}"}}, "may name {competitor} alone"),
    ],
)
def test_words_that_cannot_be_filled_in_are_refused(change: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=r"this .*alone") as refused:
        playbook(first_sentences={"en": EN | change})
    assert why in str(refused.value)


def test_a_tag_that_names_no_language_is_refused() -> None:
    with pytest.raises(ValidationError, match="qq is no language"):
        playbook(first_sentences={"qq": EN})


def test_each_language_has_a_sentence_for_the_same() -> None:
    for phrases in DEFAULT["first_sentences"].values():
        assert phrases.keys() == EN.keys()
        for part in ("engagements", "preferences", "last_time", "unnamed"):
            assert phrases[part].keys() == EN[part].keys()
