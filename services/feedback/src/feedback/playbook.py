"""The rules by which leads come back: reasons with their tracks and wake-ups, and the stages that both teams signed."""

from datetime import date
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from events.playbook import Playbook, Section

Side = Literal["marketing", "sales", "customer_success", "nobody"]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Days = Annotated[int, Field(ge=1, le=1095)]

DECIDED_BY_BATON = ("cooled", "not_followed_up", "unreachable", "no_outcome")
"""Reasons that timers give, so every playbook must have them."""


class WakeAfterDays(Section):
    """Wake so many days after the return."""

    kind: Literal["after"]
    days: Days


class WakeBeforeFiscalYear(Section):
    """Wake so many days before the contact's next fiscal year."""

    kind: Literal["fiscal_year"]
    days_before: Days


class WakeBeforeRenewal(Section):
    """Wake so many days before the renewal of the competitor's contract, or after `unknown_days` without its date."""

    kind: Literal["renewal"]
    days_before: Days
    unknown_days: Days


class WakeAtOnce(Section):
    """Wake with the return itself: nobody gave the lead its chance. The cool-down does not delay it."""

    kind: Literal["at_once"]


class WakeOnCrossing(Section):
    """No date: the next crossing of the line, which scoring sees, opens the next cycle."""

    kind: Literal["crossing"]


class WakeOnEngagement(Section):
    """No date: whatever the contact does next brings fresh data, and wakes."""

    kind: Literal["engagement"]


class WakeOnHandRaise(Section):
    """No date: a hand-raise alone wakes."""

    kind: Literal["hand_raise"]


class WakeOnSizeCheck(Section):
    """Ask for the company's size again after so many days, and wake once the size known then fits."""

    kind: Literal["size_check"]
    days: Days
    at_least: Annotated[int, Field(ge=0)] = 0
    at_most: Annotated[int, Field(ge=1)] | None = None

    def fits(self, employees: int) -> bool:
        """Check whether so many employees are neither too few nor too many."""
        return self.at_least <= employees and (self.at_most is None or employees <= self.at_most)


Wake = Annotated[
    WakeAfterDays
    | WakeBeforeFiscalYear
    | WakeBeforeRenewal
    | WakeOnSizeCheck
    | WakeAtOnce
    | WakeOnCrossing
    | WakeOnEngagement
    | WakeOnHandRaise,
    Field(discriminator="kind"),
]


class AttemptRule(Section):
    """How hard somebody must have tried before a contact is called unreachable; a spell of touches is one attempt."""

    at_least: Annotated[int, Field(ge=1)]
    over_days: Annotated[int, Field(ge=0)]


class ReasonRule(Section):
    """What a reason decides: return to nurture, close, or route again."""

    does: Literal["recycle", "disqualify", "route_again"]
    says: str
    track: Slug | None = None
    wake: Wake = WakeOnHandRaise(kind="hand_raise")
    needs: list[Slug] = []
    """Keys that `context` must hold."""
    needs_any: list[Slug] = []
    """Keys of which `context` must hold at least one."""
    attempts: AttemptRule | None = None
    wakes_at: Literal["marketing", "sales"] = "marketing"
    """Where a dated wake-up starts: at sales only where the reason itself is one to talk, such as a renewal."""

    @model_validator(mode="after")
    def _check_recycling_reason_has_track(self) -> Self:
        if (self.does == "recycle") != (self.track is not None):
            msg = "a reason that recycles has a track, and no other has one"
            raise ValueError(msg)
        return self


class HandRaiseRule(Section):
    """What counts as asking for sales; a hand-raise always wakes."""

    engagements: frozenset[Slug]
    sources: frozenset[Slug]
    talk_to_sales: bool = True


class FieldMapping(Section):
    """Where a record of another system says something: a dotted path, and what its values mean here."""

    at: Annotated[str, Field(min_length=1, max_length=200)]
    values: Annotated[dict[str, str | bool], Field(alias="words")] = {}
    """Its values, in lower case, as ours; a value that is not here is taken as it is. In the file: `words`."""
    default: str | bool | None = None
    divide: Annotated[float, Field(gt=0)] = 1.0
    """Numbers are divided by it: 1000 where they are milliseconds."""


class ActivityMapping(Section):
    """How one system writes its activities: calls, e-mails and meetings."""

    id: FieldMapping
    occurred_at: FieldMapping
    by: FieldMapping
    kind: FieldMapping
    outcome: FieldMapping
    automated: FieldMapping | None = None
    seconds: FieldMapping | None = None
    crm_id: FieldMapping | None = None
    email: FieldMapping | None = None
    phone: FieldMapping | None = None
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    """Where its national phone numbers are."""


Criterion = Literal["budget", "authority", "need", "timing"]


class SqlRules(Section):
    """The least that must be known before a lead is an SQL, and who may say so beside those who have it."""

    needs: frozenset[Criterion] = frozenset({"need"})
    others: Annotated[int, Field(ge=0, le=4)] = 2
    """How many of the other answers must be yes too."""
    confirmed_by: frozenset[Annotated[str, Field(max_length=64)]] = frozenset()
    """Ids of people who may confirm any lead, such as the head of sales."""


class FunnelRules(Section):
    """How the funnel is read: when a cohort is ripe, who gets the credit, what is flagged."""

    mature_days: Annotated[int, Field(ge=0, le=730)] = 90
    """A cohort's rates count once it is so old: by then every lead was decided."""
    half_life_days: Annotated[float, Field(gt=0, le=365)] = 7.0
    """Of a touch's credit, in the model that decays with time."""
    dip_days: Annotated[int, Field(ge=7, le=366)] = 28
    """The ripe cohorts of so many days are compared with those of four times as many before them."""
    dip_at_least: Annotated[int, Field(ge=1)] = 30
    """Leads on both sides of a comparison, or nothing is reported."""
    period_months: Literal[1, 3, 12] = 3
    near_end_days: Annotated[int, Field(ge=1, le=60)] = 14
    """A version begun so shortly before a period's end is looked at."""
    loosened_from: Annotated[float, Field(gt=1.0)] = 1.2
    """So many times the leads a day, and the threshold is called loosened."""
    cold_days: Annotated[int, Field(ge=1)] = 30
    """An open lead is cold after so many days without an engagement or an answered touch."""


class FeedbackPlaybook(Playbook):
    """The playbook of this service, `feedback.yaml`."""

    max_cycles: Annotated[int, Field(ge=1)]
    cool_down_days: Annotated[int, Field(ge=0)]
    fiscal_year_starts: Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$")]
    """Month and day, where the contact's own is not known."""
    sal_taken_by: frozenset[Slug]
    """Roles whose accept is a sales-accepted lead, because they will own the deal."""
    clock_skew_seconds: Annotated[int, Field(ge=0)]
    """How far in the future `at` may lie; it is taken as now."""
    spell_minutes: Annotated[int, Field(ge=1, le=7 * 1440)] = 60
    """Touches within so long of each other are one attempt to reach the contact."""
    hand_raises: HandRaiseRule
    fills_gaps: frozenset[Slug] = frozenset({"import", "enrichment"})
    """Sources that never correct what a person wrote or sales found out, as in scoring's `knowledge.last`."""
    no_signs: frozenset[Slug] = frozenset()
    """Engagements that show no interest of the person, such as an e-mail that a privacy proxy opened."""
    reasons: dict[Slug, ReasonRule]
    sql: SqlRules = SqlRules()
    funnel: FunnelRules = FunnelRules()
    activities: dict[Slug, ActivityMapping] = {}
    """The systems that send activities, each with its mapping."""
    currencies: frozenset[Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]]

    @model_validator(mode="after")
    def _check_timer_reasons_recycle(self) -> Self:
        for name in DECIDED_BY_BATON:
            if name not in self.reasons or self.reasons[name].does != "recycle":
                msg = f"the reason {name} must be there and recycle: timers give it"
                raise ValueError(msg)
        return self


class StageDefinition(Section):
    """One stage of a lead: what it means, who owns it, and how long a lead may stay there."""

    means: str
    side: Side
    open: bool
    limit_days: Annotated[int, Field(ge=1)] | None = None
    """How long a lead may stay here; None for stages where it may rest."""
    at_limit: Literal["recycle", "audit"] = "audit"
    """What happens then: it returns to nurture by itself, or the audit lists it for people."""
    goal: str | None = None
    target: Annotated[float, Field(ge=0, le=1)] | None = None
    """The share of the leads here that should end as revenue."""
    stuck_days: Annotated[int, Field(ge=1)] | None = None
    """After so long a lead is listed as stuck; half the limit unless said."""
    event: str | None = None
    """What brings a lead here."""

    @model_validator(mode="after")
    def _check_open_stage_has_limit(self) -> Self:
        if self.open and self.limit_days is None:
            msg = "an open stage has a limit"
            raise ValueError(msg)
        return self

    @property
    def stuck_after_days(self) -> int | None:
        """The days after which a lead is listed as stuck here."""
        return self.stuck_days or (self.limit_days and max(1, self.limit_days // 2))


class TermDefinition(Section):
    """A term and what both teams mean by it."""

    term: str
    means: str


class Definitions(Section):
    """The terms and stages that all services share, `definitions.yaml`."""

    version_name: str
    approvers: list[str]
    """Approvers from marketing and from sales, by role: `marketing:…`, `sales:…`."""
    review_by: date
    north_star: str
    stages: dict[Slug, StageDefinition]
    prospect_from: Annotated[int, Field(ge=1)] = 2
    """A contact without a lead is a suspect, and from so many engagements on a prospect; each only if it is a stage."""
    terms: list[TermDefinition] = []
    tracks: dict[Slug, str] = {}
    """The nurture tracks, and what each is for."""
    campaigns: dict[str, str] = {}
    content: dict[str, str] = {}
    """The campaigns and the content that the rules may name, and what each is."""

    @cached_property
    def return_days_by_stage(self) -> dict[str, int]:
        """The days after which a lead returns from a stage by itself."""
        return {
            name: stage.limit_days
            for name, stage in self.stages.items()
            if stage.open and stage.at_limit == "recycle" and stage.limit_days is not None
        }

    @cached_property
    def stage_names(self) -> frozenset[str]:
        """The stages by name."""
        return frozenset(self.stages)

    @model_validator(mode="after")
    def _check_both_sides_approve(self) -> Self:
        signed = {name.partition(":")[0] for name in self.approvers}
        if not {"marketing", "sales"} <= signed:
            msg = "definitions are approved by marketing and by sales"
            raise ValueError(msg)
        return self
