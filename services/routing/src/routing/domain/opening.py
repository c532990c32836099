"""What a rep gets to open the conversation with: what the contact last did or asked for, and what to send next."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache

from events.leads import Engaged, LeadFacts
from routing.playbook import Openers

ASKED = ("hand_raiser", "fast_track")


def opener(facts: LeadFacts, words: Openers) -> str:
    """Write the first sentence: what they asked for, or else the last content they looked at."""
    what, content, campaign, when = _subject(facts)
    phrase = words.engagements.get(what, words.otherwise)
    did = phrase.format(
        engagement=what.replace("_", " "), content=content or "our material", campaign=campaign or "an event"
    )
    sentence = f"They {did} on {_day(when.date())}."
    wish = words.preferences.get(facts.preference or "")
    if not wish:
        return sentence
    at = f" ({facts.preferred_at:%Y-%m-%d %H:%M} UTC)" if facts.preferred_at else ""
    return f"{sentence} {wish}{at}."


@lru_cache(maxsize=1024)
def _day(day: date) -> str:
    """Write a day; leads of one batch share a few."""
    return f"{day.day} {day:%B %Y}"


def _subject(facts: LeadFacts) -> tuple[str, str | None, str | None, datetime]:
    """Pick the engagement to talk about: (engagement, content, campaign, when)."""
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
    """Suggest what of a campaign's material the contact has not seen yet."""
    seen = {engaged.content for engaged in timeline}
    return [content for content in material if content not in seen][:most]
