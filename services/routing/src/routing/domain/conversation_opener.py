"""What a rep opens the conversation with: what the contact last did or asked for, and what to send next."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from events.leads import LeadFacts, TimelineEntry
from events.parts import Scalar
from routing.domain.accounts import LastCycle
from routing.domain.campaigns import Campaign
from routing.playbook import OpenerPhrases

HAND_RAISERS = ("hand_raiser", "fast_track")
NOT_THEIR_OWN = ("wake_up", "account_use")
"""Engagements that Baton records itself: nobody opens a conversation with them."""


class OpenerMaterial(NamedTuple):
    """What the registers say of what the contact saw: names of campaigns, and how their last cycle ended."""

    campaign_names: Mapping[str, str] = MappingProxyType({})
    last: LastCycle | None = None


def write_opener(facts: LeadFacts, phrases: OpenerPhrases, known: OpenerMaterial) -> str:
    """Return the first sentences: what the contact asked for or last looked at, and what they want now.

    A request comes with the content that they read before it, a return with what came of the last time. Days are UTC.
    """
    subject = choose_subject(facts)
    sentences = [
        f"They {_engagement_sentence(subject, phrases, known)} on {_format_english_day(subject.occurred_at.date())}."
    ]
    read = find_content_read_last(facts, subject)
    if read is not None:
        sentences.append(f"Before that they {_engagement_sentence(read, phrases, known)}.")
    request = phrases.preferences.get(facts.preference or "")
    if request:
        at = f" ({facts.preferred_at:%Y-%m-%d %H:%M} UTC)" if facts.preferred_at else ""
        sentences.append(f"{request}{at}.")
    elif facts.lead_type == "fast_track":
        sentences.append(f"{phrases.asked_with_it}.")
    if known.last is not None and known.last.reason is not None:
        sentences.append(_last_cycle_sentence(known.last, known.last.reason, facts, phrases))
    return " ".join(sentences)


def _last_cycle_sentence(last: LastCycle, reason: str, facts: LeadFacts, phrases: OpenerPhrases) -> str:
    """Return who knew the contact, how it ended, and what was learned of a competitor then."""
    when = f", {_format_english_day(last.ended_at.date())}" if last.ended_at else ""
    phrase = phrases.last_time.get(reason, phrases.last_time_otherwise).format(reason=reason.replace("_", " "))
    competitor, renewal = facts.facts.get("competitor"), _date_or_none(facts.facts.get("renewal_at"))
    learned = [str(competitor)] if competitor else []
    learned += [f"contract until {_format_english_day(renewal)}"] if renewal else []
    found = f" ({', '.join(learned)})" if learned else ""
    return f"Last time ({last.rep_id}{when}) {phrase}{found}."


def _date_or_none(value: Scalar) -> date | None:
    """Return the day of a fact that is one; forms may have sent anything."""
    try:
        return datetime.fromisoformat(str(value)).date()
    except ValueError:
        return None


def _engagement_sentence(engaged: TimelineEntry, phrases: OpenerPhrases, known: OpenerMaterial) -> str:
    phrase = phrases.engagements.get(engaged.engagement, phrases.otherwise)
    campaign = engaged.campaign or "an event"
    return phrase.format(
        engagement=engaged.engagement.replace("_", " "),
        content=f"\u201c{engaged.content_title}\u201d" if engaged.content_title else engaged.content or "our material",
        campaign=known.campaign_names.get(campaign, campaign),
    )


def find_nameable_campaigns(facts: LeadFacts) -> set[str]:
    """Return the campaigns that an opener may name."""
    return {name for name in (facts.campaign, *(seen.campaign for seen in facts.timeline)) if name}


def find_content_read(facts: LeadFacts) -> set[str]:
    """Return what the contact read: suggestions may stand beside it in a campaign."""
    return {seen.content for seen in facts.timeline if seen.content}


@lru_cache(maxsize=1024)
def _format_english_day(day: date) -> str:
    """Return a day in English (`2 March 2026`); the leads of a batch share a few."""
    return f"{day.day} {day:%B %Y}"


def choose_subject(facts: LeadFacts) -> TimelineEntry:
    """Return the engagement to talk about; never one that the contact had no part in, where there is another."""
    read = _last_engagement_with_content(facts)
    if facts.lead_type not in HAND_RAISERS and facts.content is None and read is not None:
        return read
    own = [engaged for engaged in facts.timeline if engaged.engagement not in NOT_THEIR_OWN]
    if facts.engagement in NOT_THEIR_OWN and own:
        return max(own, key=lambda engaged: engaged.occurred_at)
    seen = next((seen for seen in facts.timeline if seen.engagement_id == facts.engagement_id), None)
    return TimelineEntry(
        engagement_id=facts.engagement_id,
        engagement=facts.engagement,
        occurred_at=seen.occurred_at if seen else facts.captured_at,
        content=facts.content,
        campaign=facts.campaign,
        content_title=seen.content_title if seen else None,
    )


def find_content_read_last(facts: LeadFacts, subject: TimelineEntry) -> TimelineEntry | None:
    """Return what the contact last read before they asked, where the request names nothing itself."""
    read = _last_engagement_with_content(facts)
    asked = facts.lead_type in HAND_RAISERS and subject.content is None and read is not subject
    return read if asked else None


def _last_engagement_with_content(facts: LeadFacts) -> TimelineEntry | None:
    read = [engaged for engaged in facts.timeline if engaged.content]
    return max(read, key=lambda engaged: engaged.occurred_at) if read else None


def suggest_content(facts: LeadFacts, campaigns: Mapping[str, Campaign], most: int) -> dict[str, str | None]:
    """Return at most `most` pieces that the contact has not seen, with their titles where those are known.

    They are of the contact's campaign. Where it has none left, they are of the campaigns that have what the contact
    read, what was read last first.
    """
    read = [seen.content for seen in sorted(facts.timeline, key=lambda seen: seen.occurred_at) if seen.content]
    found = _unseen_content(campaigns.get(facts.campaign or "", Campaign()), read)
    for content in () if found else reversed(read):
        for name in sorted(name for name, each in campaigns.items() if content in each.content):
            found |= _unseen_content(campaigns[name], read)
    return dict(list(found.items())[:most])


def _unseen_content(campaign: Campaign, read: Sequence[str]) -> dict[str, str | None]:
    return {content: campaign.titles.get(content) for content in campaign.content if content not in read}
