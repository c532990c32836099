"""The words that open a conversation: about the contact, for the rep; and to the contact, in their own language."""

from string import Formatter
from typing import Annotated, Self

from babel import Locale, UnknownLocaleError
from pydantic import AfterValidator, Field, model_validator

from events.playbook import Section

OPENER_FACTS = frozenset({"engagement", "content", "campaign"})


class OpenerPhrases(Section):
    """Phrases for a rep's first sentence: what the contact did, and what they asked for."""

    engagements: dict[str, str]
    preferences: dict[str, str] = {}
    otherwise: str = "came to us through {engagement}"
    asked_with_it: str = "They asked to talk to sales"
    """Added where they ticked it on something else, such as a download."""
    last_time: dict[str, str] = {}
    """Why a returning contact's last cycle ended, in words, by the reason of the feedback playbook."""
    last_time_otherwise: str = "it ended with {reason}"

    @model_validator(mode="after")
    def _check_placeholders(self) -> Self:
        for phrase in (*self.engagements.values(), self.otherwise):
            if not _placeholder_names(phrase) <= OPENER_FACTS:
                raise ValueError("an opener may name {engagement}, {content} and {campaign} alone")
        for phrase in (*self.last_time.values(), self.last_time_otherwise):
            if not _placeholder_names(phrase) <= {"reason"}:
                raise ValueError("words about the last time may name {reason} alone")
        return self


class UnnamedPhrases(Section):
    """What stands where nothing has a name: of a title, a campaign, a competitor."""

    content: str
    campaign: str
    competitor: str


class FirstSentences(Section):
    """What a rep may say first in one language: whole sentences, to the contact."""

    engagements: dict[str, str]
    otherwise: str
    """Of an engagement that has no sentence of its own."""
    before: str
    """What they read before they asked: names {content}."""
    preferences: dict[str, str] = {}
    last_time: dict[str, str] = {}
    """By the reason of the last cycle; what a rep would not say to the contact has none."""
    unnamed: UnnamedPhrases

    @model_validator(mode="after")
    def _check_placeholders(self) -> Self:
        sentences = [
            *((each, {"day", "content", "campaign"}) for each in (*self.engagements.values(), self.otherwise)),
            (self.before, {"content"}),
            *((each, {"competitor"}) for each in self.last_time.values()),
            *((each, set()) for each in self.preferences.values()),
        ]
        for sentence, may in sentences:
            if not _placeholder_names(sentence) <= may:
                names = ", ".join(f"{{{name}}}" for name in sorted(may))
                raise ValueError(f"this may name {names or 'nothing'} alone: {sentence}")
        return self


def _placeholder_names(phrase: str) -> set[str]:
    """Return what a phrase names in braces, each with how it asks to have it written, which no phrase may."""
    parsed = Formatter().parse(phrase)
    return {f"{name}{spec}{conversion or ''}" for _, name, spec, conversion in parsed if name is not None}


def _check_language(tag: str) -> str:
    try:
        Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        raise ValueError(f"{tag} is no language") from None
    return tag


LanguageTag = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$"), AfterValidator(_check_language)]
