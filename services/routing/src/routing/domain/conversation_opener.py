"""What a rep opens the conversation with: what the contact last did or asked for, and what to send next."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache

from events.leads import Engaged, LeadFacts
from routing.playbook import Openers

ASKED = ("hand_raiser", "fast_track")


def opener(facts: LeadFacts, phrases: Openers) -> str:
    """Return the first sentence: what the contact asked for, or the last content they looked at. Days are in UTC."""
    engagement, content, campaign, when = _subject(facts)
    phrase = phrases.engagements.get(engagement, phrases.otherwise)
    did = phrase.format(
        engagement=engagement.replace("_", " "), content=content or "our material", campaign=campaign or "an event"
    )
    sentence = f"They {did} on {_day(when.date())}."
    request = phrases.preferences.get(facts.preference or "")
    if not request:
        return sentence
    at = f" ({facts.preferred_at:%Y-%m-%d %H:%M} UTC)" if facts.preferred_at else ""
    return f"{sentence} {request}{at}."


@lru_cache(maxsize=1024)
def _day(day: date) -> str:
    """Return a day in English (`2 March 2026`); the leads of a batch share a few."""
    return f"{day.day} {day:%B %Y}"


def _subject(facts: LeadFacts) -> tuple[str, str | None, str | None, datetime]:
    """Return the engagement to talk about: (engagement, content, campaign, when)."""
    with_content = [engaged for engaged in facts.timeline if engaged.content]
    if facts.lead_type not in ASKED and facts.content is None and with_content:
        last = max(with_content, key=lambda engaged: engaged.occurred_at)
        return last.engagement, last.content, last.campaign, last.occurred_at
    at = next(
        (seen.occurred_at for seen in facts.timeline if seen.engagement_id == facts.engagement_id),
        facts.captured_at,
    )
    return facts.engagement, facts.content, facts.campaign, at


def suggestions(material: Sequence[str], timeline: Sequence[Engaged], most: int) -> list[str]:
    """Return at most `most` pieces of a campaign's material that the contact has not seen."""
    seen = {engaged.content for engaged in timeline}
    return [content for content in material if content not in seen][:most]
