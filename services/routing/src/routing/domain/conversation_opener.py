"""What a rep opens the conversation with: what the contact last did or asked for, and what to send next."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from events.leads import Engaged, LeadFacts
from routing.playbook import Openers

ASKED = ("hand_raiser", "fast_track")
NOT_THEIR_OWN = ("wake_up", "account_use")
"""Engagements that Baton records itself: nobody opens a conversation with them."""


def opener(facts: LeadFacts, phrases: Openers) -> str:
    """Return the first sentences: what the contact asked for or last looked at, and what they want now.

    A request comes with the content that they read before it. Days are in UTC.
    """
    subject = _subject(facts)
    sentences = [f"They {_did(subject, phrases)} on {_day(subject.occurred_at.date())}."]
    read = _last_content(facts)
    if facts.lead_type in ASKED and subject.content is None and read is not None and read is not subject:
        sentences.append(f"Before that they {_did(read, phrases)}.")
    request = phrases.preferences.get(facts.preference or "")
    if request:
        at = f" ({facts.preferred_at:%Y-%m-%d %H:%M} UTC)" if facts.preferred_at else ""
        sentences.append(f"{request}{at}.")
    elif facts.lead_type == "fast_track":
        sentences.append(f"{phrases.asked_with_it}.")
    return " ".join(sentences)


def _did(engaged: Engaged, phrases: Openers) -> str:
    phrase = phrases.engagements.get(engaged.engagement, phrases.otherwise)
    return phrase.format(
        engagement=engaged.engagement.replace("_", " "),
        content=engaged.content or "our material",
        campaign=engaged.campaign or "an event",
    )


@lru_cache(maxsize=1024)
def _day(day: date) -> str:
    """Return a day in English (`2 March 2026`); the leads of a batch share a few."""
    return f"{day.day} {day:%B %Y}"


def _subject(facts: LeadFacts) -> Engaged:
    """Return the engagement to talk about; never one that the contact had no part in, where there is another."""
    read = _last_content(facts)
    if facts.lead_type not in ASKED and facts.content is None and read is not None:
        return read
    own = [engaged for engaged in facts.timeline if engaged.engagement not in NOT_THEIR_OWN]
    if facts.engagement in NOT_THEIR_OWN and own:
        return max(own, key=lambda engaged: engaged.occurred_at)
    at = next(
        (seen.occurred_at for seen in facts.timeline if seen.engagement_id == facts.engagement_id),
        facts.captured_at,
    )
    return Engaged(
        engagement_id=facts.engagement_id,
        engagement=facts.engagement,
        occurred_at=at,
        content=facts.content,
        campaign=facts.campaign,
    )


def _last_content(facts: LeadFacts) -> Engaged | None:
    read = [engaged for engaged in facts.timeline if engaged.content]
    return max(read, key=lambda engaged: engaged.occurred_at) if read else None


def suggestions(material: Sequence[str], timeline: Sequence[Engaged], most: int) -> list[str]:
    """Return at most `most` pieces of a campaign's material that the contact has not seen."""
    seen = {engaged.content for engaged in timeline}
    return [content for content in material if content not in seen][:most]
