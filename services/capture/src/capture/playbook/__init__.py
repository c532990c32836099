"""What marketing has agreed on about taking people in: the sources, the engagements, what counts as a repeat.

Names that somebody will want to change live here and in `capture.yaml`, not in code; a name that the playbook does not
know is refused on arrival, so that scoring never meets an engagement without points.
"""

from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Literal

from phonenumbers import SUPPORTED_REGIONS
from pydantic import Field, model_validator

from capture.playbook.forms import ConsentBox as ConsentBox
from capture.playbook.forms import Form as Form
from capture.playbook.forms import FormQuestion as FormQuestion
from capture.playbook.forms import Label as Label
from capture.playbook.forms import Sentence
from capture.playbook.names import SnakeName
from capture.playbook.visits import VisitRules as VisitRules
from events.playbook import Playbook, Section


class SourceRule(Section):
    """Where people come from, and what they did when the sender does not say."""

    engagement: SnakeName
    skew_minutes: Annotated[int, Field(ge=0, le=60 * 24 * 7)] | None = None
    """How far the clocks of these senders may be ahead, where it is not as for all."""
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = None
    """Where a phone number is that comes without a country; absent: such a number is refused."""

    @model_validator(mode="after")
    def _check_country_has_phone_numbers(self) -> "SourceRule":
        if self.country is not None and self.country not in SUPPORTED_REGIONS:
            raise ValueError(f"no country has the numbers of {self.country}")
        return self


class EmailAddressRules(Section):
    """Which addresses are shared (`role`, local parts) and which domains are private mail (`free`)."""

    free: list[str]
    role: list[str]
    plus_tags: Literal["kept", "ignored"] = "kept"
    """Whether `ada+news@` is somebody else than `ada@`; holds for whom is met first from then on."""

    @cached_property
    def free_domains(self) -> frozenset[str]:
        """The domains of free mail providers, in lower case, as a set."""
        return frozenset(self.free)

    @cached_property
    def role_local_parts(self) -> frozenset[str]:
        """The shared local parts, to look one up."""
        return frozenset(self.role)


class WithheldFacts(Section):
    """Which facts stay with capture: by their key, or because so long a text is free text."""

    keys: list[str]
    longer_than: Annotated[int, Field(ge=20, le=1000)]

    @cached_property
    def lower_case_keys(self) -> frozenset[str]:
        """The keys in lower case, to look one up."""
        return frozenset(key.lower() for key in self.keys)


class AudienceRules(Section):
    """Whom marketing means to reach. Who is out of it is flagged, never refused."""

    countries: list[Annotated[str, Field(pattern="^[A-Z]{2}$")]] = Field(default_factory=list)
    """None: all."""
    email_kinds_out: list[Literal["corporate", "free", "disposable", "role"]] = ["disposable"]
    titles_out: list[Annotated[str, Field(min_length=2, max_length=100)]] = ["student", "intern", "job seeker"]
    """Words that stand together in a job title."""

    @cached_property
    def titles_out_in_lower_case(self) -> tuple[str, ...]:
        """The same in lower case, with the spaces around them."""
        return tuple(f" {terms.casefold()} " for terms in self.titles_out)


class CapturePlaybook(Playbook):
    """The whole of `capture.yaml`."""

    repeat_minutes: Annotated[int, Field(ge=0, le=60 * 24 * 30)]
    """Equal submissions of one person within this time (business time) are one; 0 turns it off."""
    skew_minutes: Annotated[int, Field(ge=0, le=60 * 24)]
    """How far the clock of a sender may be ahead; such a time is taken as now."""
    sources: Annotated[dict[SnakeName, SourceRule], Field(min_length=1)]
    default_source: SnakeName
    engagements: Annotated[list[SnakeName], Field(min_length=1)]
    email: EmailAddressRules
    withheld_facts: WithheldFacts
    audience: AudienceRules = AudienceRules()
    double_opt_in: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(default_factory=list)
    """Purposes to which a ticked box is not yet a yes: the answer waits until it is confirmed."""
    product_use: list[SnakeName] = ["trial_started", "seats_added", "colleagues_invited", "product_used"]
    """Engagements that make somebody a user, counted per account and month."""
    quarantine_days: Annotated[int, Field(ge=1, le=3650)] = 90
    """How long a quarantined submission waits for a decision (business time) before it is discarded."""
    scan_questions: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")], Sentence] = {}
    """What is asked at the booth: the fact that a yes becomes, and the words on the scanner's page."""
    scan_consents: list[ConsentBox] = []
    """What visitors may agree to at the booth, each with a box on the scanner's page that nobody has ticked yet."""
    forms: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")], Form] = {}
    visits: VisitRules | None = None
    """What page views that come with a form are; None: they are not taken."""

    @model_validator(mode="after")
    def _check_sources_name_known_engagements(self) -> "CapturePlaybook":
        if self.default_source not in self.sources:
            raise ValueError("default_source is none of the sources")
        unknown = {source.engagement for source in self.sources.values()} - self.engagement_set
        if unknown:
            raise ValueError(f"engagements lack {', '.join(sorted(unknown))}")
        return self

    @model_validator(mode="after")
    def _check_visits_use_known_names(self) -> "CapturePlaybook":
        rules = self.visits
        named = {rules.engagement, *(page.engagement for page in rules.pages)} if rules else set()
        if unknown := named - self.engagement_set:
            raise ValueError(f"visits: engagements lack {', '.join(sorted(unknown))}")
        return self

    @model_validator(mode="after")
    def _check_forms_use_known_names(self) -> "CapturePlaybook":
        for name, form in self.forms.items():
            if form.source not in self.sources:
                raise ValueError(f"form {name}: {form.source} is none of the sources")
            meant = {form.engagement, *form.choices.model_dump().values()} - self.engagement_set
            if meant:
                raise ValueError(f"form {name}: engagements lack {', '.join(sorted(meant))}")
        return self

    @cached_property
    def engagement_set(self) -> frozenset[str]:
        """The engagements, to look one up."""
        return frozenset(self.engagements)

    def country_of_source(self, source: str | None) -> str | None:
        """Return the country of the national numbers that a source sends, if it was agreed on."""
        named = self.sources.get(source or self.default_source)
        return None if named is None else named.country

    def repeat_window_start(self, now: datetime) -> datetime:
        """Return the instant (UTC) since which an equal submission counts as a repeat."""
        return now - timedelta(minutes=self.repeat_minutes)

    def latest_allowed_time(self, now: datetime, source: str | None = None) -> datetime:
        """Return the latest `occurred_at` (UTC) that a sender may send."""
        named = self.sources.get(source or self.default_source)
        minutes = self.skew_minutes if named is None or named.skew_minutes is None else named.skew_minutes
        return now + timedelta(minutes=minutes)
