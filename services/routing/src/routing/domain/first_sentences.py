"""What a rep may say or write first, to the contact and in the contact's own language."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from babel import Locale
from babel.dates import format_date

from events.languages import choose_language
from events.leads import LeadFacts
from routing.domain.conversation_opener import NOT_THEIR_OWN, OpenerMaterial, choose_subject, find_content_read_last
from routing.playbook import FirstSentences

LANGUAGE = "language"
"""The fact that names the contact's language by its tag (`de`, `pt-BR`): a form that offers several says it."""


def write_first_sentences(
    facts: LeadFacts, by_language: Mapping[str, FirstSentences], known: OpenerMaterial
) -> tuple[str | None, str | None]:
    """Return the language and the sentences; None for both where the playbook has no words or nothing is to be said.

    The first language of the playbook is taken where the contact's own is not known or has no phrases. Days are UTC.
    """
    if not by_language:
        return None, None
    language = choose_language(list(by_language), str(facts.facts.get(LANGUAGE) or ""), "")
    phrases, sentences = by_language[language], list[str]()
    subject = choose_subject(facts)
    if subject.engagement not in NOT_THEIR_OWN:
        campaign = subject.campaign or ""
        sentences.append(
            phrases.engagements.get(subject.engagement, phrases.otherwise).format(
                day=_format_day_in_language(subject.occurred_at.date(), language),
                content=_quote_title(subject.content_title) or phrases.unnamed.content,
                campaign=known.campaign_names.get(campaign) or phrases.unnamed.campaign,
            )
        )
    read = find_content_read_last(facts, subject)
    if read is not None and read.content_title:
        sentences.append(phrases.before.format(content=_quote_title(read.content_title)))
    if facts.preference in phrases.preferences:
        sentences.append(phrases.preferences[facts.preference])
    last = known.last
    if last is not None and last.reason in phrases.last_time:
        competitor = facts.facts.get("competitor") or phrases.unnamed.competitor
        sentences.append(phrases.last_time[last.reason].format(competitor=competitor))
    return (language, " ".join(sentences)) if sentences else (None, None)


def _quote_title(title: str | None) -> str | None:
    return f"\u201c{title}\u201d" if title else None


@lru_cache(maxsize=1024)
def _format_day_in_language(day: date, language: str) -> str:
    """Return a day as it is written in a language; the leads of a batch share a few."""
    locale = Locale.parse("en-GB" if language == "en" else language, sep="-")
    return format_date(day, format="long", locale=locale)
