"""The rules of engagement that scoring decides by, as the YAML writes them.

Everything a marketer may argue about is here and nowhere in the code: which companies we can help, what an engagement
is worth and for how long, which cells of the matrix are leads. A file that contradicts itself is refused when it is
read, so a bad file never decides about anybody.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from events.parts import Scalar
from events.playbook import Playbook, Section
from scoring.playbook.buying_group import BuyingGroupRules
from scoring.playbook.caution import list_cap_warnings
from scoring.playbook.criteria import Criterion, Facts, FitRules, PersonaCriterion, Tables, TitleCriterion, fold_terms
from scoring.playbook.enrichment import EnrichmentRules
from scoring.playbook.probability import ProbabilityModel
from scoring.playbook.reevaluation import ReevaluationRules
from scoring.playbook.thresholds import Cell, Level, SalesMotion, Strictness, Thresholds
from scoring.playbook.titles import TitleTable, fold_title
from scoring.playbook.worth import EngagementWorth, ReadinessRules

__all__ = [
    "BuyingGroupRules",
    "Cell",
    "Criterion",
    "EngagementWorth",
    "EnrichmentRules",
    "HardRule",
    "Level",
    "OutcomeRules",
    "ProbabilityModel",
    "ReadinessRules",
    "ReevaluationRules",
    "Ruling",
    "ScoringPlaybook",
    "SourcePrecedence",
    "Thresholds",
]

Ruling = Literal["excluded", "customer", "poor_fit"]
PERSONAL = frozenset(("rep", "reps", "rep_id", "rep_name", "per_rep", "owner", "owner_id", "assigned_to"))


class HandRaiseRule(Section):
    """What counts as asking to talk to sales; a tick on anything else ranks below it."""

    engagements: tuple[str, ...]
    sources: tuple[str, ...] = ()

    @cached_property
    def engagement_set(self) -> frozenset[str]:
        """The engagements, for a fast look-up."""
        return frozenset(self.engagements)


class HardRule(Section):
    """A fact that decides before any points are counted."""

    name: str
    fact: str
    table: str | None = None
    any_of: tuple[str | bool, ...] = Field(min_length=1)
    outcome: Ruling
    unless_hand_raised: bool = False
    unless_title: dict[str, tuple[str, ...]] = {}
    """Levels of the job title, by table, in whose presence it does not apply."""
    unless_known: tuple[str, ...] = ()
    """Facts of which none may be known for it to apply."""

    @cached_property
    def _wanted_terms(self) -> frozenset[str]:
        return fold_terms(self.any_of)

    def applies_to(self, value: Scalar, titles: Tables) -> bool:
        """Return whether the fact, which is known, is one of these."""
        if self.table is None:
            return fold_title(str(value)) in self._wanted_terms
        return (titles[self.table].find_level(str(value)) or "") in self._wanted_terms and not self._is_title_excepted(
            str(value), titles
        )

    def _is_title_excepted(self, title: str, titles: Tables) -> bool:
        return any(titles[name].find_level(title) in levels for name, levels in self.unless_title.items())


class CycleRules(Section):
    """How often a contact may become a lead without asking for it."""

    most: int = Field(ge=1)
    cool_down_days: float = Field(ge=0)
    no_cool_down_after: tuple[str, ...] = ()


class AccountUseRule(Section):
    """When product use by several people of one account makes one lead for the account."""

    users: int = Field(default=3, ge=2)
    within_days: float = Field(default=30, gt=0)
    seniority: str = "seniority"
    """The table of titles that says who is senior."""
    senior: tuple[str, ...] = ("director",)
    """The levels, highest first, of whom the lead is; else the most active user, who asks to meet leadership."""


class SourcePrecedence(Section):
    """Whose word counts where sources differ about a fact; of equal sources the latest counts."""

    best: tuple[str, ...] = ("sales",)
    last: tuple[str, ...] = ("import", "enrichment")
    """Sources named in neither (forms, scans, calls) stand between."""
    least_confidence: float = Field(default=0.5, ge=0, le=1)
    """Facts of which their source is less sure do not count."""

    def rank(self, source: str) -> int:
        """Return how much a source counts: 2 the most, 0 the least."""
        return 2 if source in self.best else int(source not in self.last)

    def trusts(self, confidence: Scalar) -> bool:
        """Return whether facts of such confidence count; those without one do."""
        return not isinstance(confidence, int | float) or confidence >= self.least_confidence


class CompanySegment(Section):
    """A name for companies from so many employees on, and the motion that sells to them."""

    name: str
    start: int = Field(alias="from")
    motion: str | None = None


class OutcomeRules(Section):
    """How returned leads are read when outcomes are counted (Q22)."""

    too_early: tuple[str, ...] = ("not_ready", "no_budget")
    too_late: tuple[str, ...] = ("competitor",)
    enough: int = Field(default=30, ge=1)
    """Below so many decided leads a rate is too little to learn from (Q18)."""


class ScoringPlaybook(Playbook):
    """The whole file."""

    timer_on_activation: ClassVar[str] = "reevaluate"
    """Set when a version is put in force: everybody near the line is evaluated again."""

    fit: FitRules
    readiness: ReadinessRules
    matrix: dict[Literal["A", "B", "C", "D"], dict[Level, Cell]]
    hand_raise: HandRaiseRule
    hard_rules: tuple[HardRule, ...]
    cycles: CycleRules
    segments: tuple[CompanySegment, ...]
    titles: dict[str, TitleTable]
    timeline: int = Field(default=20, ge=0)
    strictness: Strictness = Strictness()
    motions: dict[str, SalesMotion] = {}
    account_use: AccountUseRule | None = None
    buying_group: BuyingGroupRules | None = None
    knowledge: SourcePrecedence = SourcePrecedence()
    reevaluation: ReevaluationRules = ReevaluationRules()
    probability: ProbabilityModel | None = None
    enrichment: EnrichmentRules | None = None
    """None: nobody is asked."""
    buying_stages: tuple[str, ...] = ("awareness", "consideration", "decision")
    """The stages that content may have, from the earliest to the latest."""
    buying_stage_days: float = Field(default=90, gt=0)
    outcomes: OutcomeRules = OutcomeRules()

    @model_validator(mode="before")
    @classmethod
    def _check_no_personal_facts(cls, body: Any) -> Any:
        for name in _keys_and_fact_names(body):
            if name.rpartition(".")[2].casefold() in PERSONAL:
                raise ValueError(f"{name}: thresholds are agreed on for all, for segments and motions, never per rep")
        return body

    @model_validator(mode="after")
    def _check_names_are_defined(self) -> Self:
        if missing := sorted(set(self._title_table_names()) - set(self.titles)):
            raise ValueError(f"titles: no table named {', '.join(missing)}")
        for part in self.segments:
            if part.motion is not None and part.motion not in self.motions:
                raise ValueError(f"segments: no motion named {part.motion}")
        for criterion in self.fit.criteria:
            if criterion.group is not None and criterion.group not in self.fit.groups:
                raise ValueError(f"fit: no group named {criterion.group}")
        _ = self.common_thresholds, self.thresholds_by_segment  # built here, so that a bad one is refused now
        return self

    def _title_table_names(self) -> Iterator[str]:
        for rule in (*self.hard_rules, *self.fit.criteria):
            if isinstance(rule, PersonaCriterion):
                yield from (name for persona in rule.personas for name in persona.titles)
            elif isinstance(rule, HardRule | TitleCriterion) and rule.table:
                yield rule.table
                yield from rule.unless_title if isinstance(rule, HardRule) else ()
        for need in self.fit.needs:
            yield from need.titles
        if self.account_use is not None:
            yield self.account_use.seniority
        if self.buying_group is not None:
            yield from self.buying_group.title_table_names

    @cached_property
    def common_thresholds(self) -> Thresholds:
        """The thresholds for everybody whose segment has no motion of its own."""
        return self._thresholds_of_motion(SalesMotion())

    @cached_property
    def thresholds_by_segment(self) -> dict[str, Thresholds]:
        """The thresholds of each segment, by its name."""
        motions = {name: self._thresholds_of_motion(motion) for name, motion in self.motions.items()}
        return {part.name: motions[part.motion] if part.motion else self.common_thresholds for part in self.segments}

    def _thresholds_of_motion(self, motion: SalesMotion) -> Thresholds:
        levels = self.readiness.levels if motion.levels is None else motion.levels
        shift = self.strictness.adds[self.strictness.setting]
        return Thresholds(
            grades=self.fit.grades if motion.grades is None else motion.grades,
            levels={level: points + shift for level, points in levels.items()},
            matrix=self.matrix if motion.matrix is None else motion.matrix,
            cools_below=self.readiness.cools_below if motion.cools_below is None else motion.cools_below,
        )

    def thresholds_for(self, facts: Facts) -> Thresholds:
        """Return the thresholds that count for a contact, by its company's segment."""
        if not self.motions:
            return self.common_thresholds
        return self.thresholds_by_segment.get(self.segment_name(facts.get("employees")) or "", self.common_thresholds)

    def warnings(self) -> list[str]:
        """Return what the file may say and probably does not mean."""
        return list(
            list_cap_warnings(
                self.readiness, self.strictness, {**self.thresholds_by_segment, "": self.common_thresholds}
            )
        )

    @property
    def probability_version(self) -> str | None:
        """The version of the model of probability, if there is one."""
        return None if self.probability is None else self.probability.version

    @cached_property
    def lowest_mql_line(self) -> float:
        """Below so many readiness points nobody is an MQL, whatever the grade and the segment."""
        every = (self.common_thresholds, *self.thresholds_by_segment.values())
        return min((line for each in every for line in each.lead_lines.values()), default=float("inf"))

    @cached_property
    def fit_facts(self) -> frozenset[str]:
        """The facts that the criteria look at."""
        asked = {fact for criterion in self.fit.criteria for fact in criterion.fact_names}
        return frozenset(asked | ({"job_title"} if self.fit.needs else set()))

    @cached_property
    def _product_engagements(self) -> frozenset[str]:
        return frozenset(name for row in self.readiness.worth if row.lead_type == "product" for name in row.engagements)

    def is_about_product(self, engagement: str, source: str) -> bool:
        """Return whether such an engagement is the use of the product, or speaks of it."""
        return source == "product" or engagement in self._product_engagements

    def segment_name(self, employees: Scalar) -> str | None:
        """Name the segment of a company by its size."""
        if not isinstance(employees, int | float):
            return None
        fitting = [part for part in self.segments if part.start <= employees]
        return max(fitting, key=lambda part: part.start).name if fitting else None

    def with_strictness(self, setting: str) -> "ScoringPlaybook":
        """Return the same rules at another setting of the one lever."""
        strictness = {"setting": setting, "adds": self.strictness.adds}
        return type(self).model_validate({**self.model_dump(by_alias=True), "strictness": strictness})


def _keys_and_fact_names(body: Any) -> Iterator[str]:
    """Return every key of a file, and every fact that it names."""
    if isinstance(body, Mapping):
        for key, value in body.items():
            yield str(key)
            if key == "fact":
                yield str(value)
            yield from _keys_and_fact_names(value)
    elif isinstance(body, list | tuple):
        for value in body:
            yield from _keys_and_fact_names(value)
