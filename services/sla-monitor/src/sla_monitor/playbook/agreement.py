"""The agreement as a whole: what fits together is accepted, everything else is refused with its reason."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cached_property, lru_cache
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from events.business_time import Calendar, Duration, parse_duration
from events.playbook import Playbook
from sla_monitor.playbook.rules import (
    FIELD_OF,
    ClockConduct,
    ClockRule,
    EscalationRules,
    PauseRule,
    Policy,
    PolicyCondition,
    PromiseRule,
    ReviewRule,
    Shares,
    TouchRules,
)
from sla_monitor.playbook.sides import MarketingPromises, SalesPromises, SuspicionRules

_MET_BY_NOBODY = frozenset({"captured", "qualified", "handed_over", "assigned"})
_KINDS = ("team", "rep", "always")
ALWAYS = Calendar(zone="UTC", **dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), ((0, 24 * 60),)))


class SlaPlaybook(Playbook):
    """The whole agreement of sla-monitor."""

    calendars: dict[str, Calendar]
    calendar: str
    """The calendar of a team that names none."""
    team_calendars: dict[str, str] = {}
    rep_calendars: dict[str, str] = {}
    """Calendars of reps for whom routing publishes no hours, and who work others than their team."""
    warn_at: Shares = (0.75,)
    """The shares of a promise after which the rep is warned."""
    preferred_time_pauses: Duration | None = parse_duration("14d")
    """The usual clocks wait for the time at which the contact asked to be called or to meet, at most so long; absent:
    never."""
    absence_pauses: Duration | None = parse_duration("3d")
    """A promise in working time waits for a rep who is absent, at most so long; absent: never."""
    touches: TouchRules = TouchRules()
    review: ReviewRule = ReviewRule()
    escalations: EscalationRules = EscalationRules()
    clocks: dict[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,49}$")], ClockRule] = {}
    """How clocks run where it is not the usual way; those of your own in full."""
    policies: tuple[Policy, ...] = Field(min_length=1)
    marketing: MarketingPromises = MarketingPromises()
    sales: SalesPromises = SalesPromises()
    suspicions: SuspicionRules = SuspicionRules()
    profile: str | None = None
    """The profile whose chapters hold instead of those above."""
    profiles: dict[str, dict[str, Any]] = {}

    @model_validator(mode="before")
    @classmethod
    def _apply_chosen_profile(cls, data: Any) -> Any:
        """Replace the usual sections by those of the chosen profile."""
        if not isinstance(data, dict) or data.get("profile") is None:
            return data
        chapters = data.get("profiles", {}).get(data["profile"])
        if not isinstance(chapters, dict):
            raise ValueError("a profile is chosen that is not defined")  # noqa: TRY004 - pydantic turns it into a fault
        return data | chapters

    @model_validator(mode="after")
    def _check_names_are_defined(self) -> Self:
        for name in (self.calendar, *self.team_calendars.values(), *self.rep_calendars.values()):
            if name not in self.calendars:
                raise ValueError("a calendar is named that is not defined")
        if any(
            pause is not None and pause.is_working_time for pause in (self.preferred_time_pauses, self.absence_pauses)
        ):
            raise ValueError("a pause is capped in elapsed time (h or d)")
        if any(it.calendar not in (None, *_KINDS, *self.calendars) for it in self._yield_clock_conducts()):
            raise ValueError("a clock runs by a calendar that is not defined; or by team, rep or always")
        names = [policy.name for policy in self.policies]
        if len(set(names)) < len(names):
            raise ValueError("two policies have one name")
        if self.policies[-1].when != PolicyCondition():
            raise ValueError("the last policy takes every lead, so that none is without a promise")
        if any(name not in self.own_clocks for policy in self.policies for name in policy.own):
            raise ValueError("a policy promises a clock that is not defined")
        if self.sales.attainment.keys() - {*FIELD_OF, "review", *self.own_clocks}:
            raise ValueError("sales promises to keep a clock that is not defined")
        return self

    @model_validator(mode="after")
    def _check_own_clocks_are_complete(self) -> Self:
        for name, rule in self.clocks.items():
            if name in FIELD_OF or name == "review":
                if rule.starts or rule.met_by:
                    raise ValueError("what starts and meets the five usual clocks is not up to a playbook")
            elif rule.starts is None or not rule.met_by or set(rule.met_by) & _MET_BY_NOBODY:
                raise ValueError("a clock of your own names what starts it, and what people do that meets it")
        return self

    @model_validator(mode="after")
    def _check_every_profile_is_valid(self) -> Self:
        if self.profile is None:
            given = {name: getattr(self, name) for name in self.model_fields_set - {"profiles"}}
            for chapters in self.profiles.values():
                SlaPlaybook.model_validate(given | chapters)
        return self

    def _yield_clock_conducts(self) -> Iterator[ClockConduct]:
        yield from self.clocks.values()
        for policy in self.policies:
            yield from policy.promises.values()

    @property
    def promised_shares(self) -> dict[str, float]:
        """How large a share of its promises sales promises to keep, by clock, as it is published."""
        return dict(self.sales.attainment)

    @cached_property
    def own_clocks(self) -> dict[str, ClockRule]:
        """The clocks that this playbook itself names."""
        return {name: rule for name, rule in self.clocks.items() if rule.starts}

    def policy_for(self, lead_type: str, source: str, segment: str | None, fit: str, team: str | None = None) -> Policy:
        """Choose the first policy that fits; the last one always does."""
        return self._cached_policy_choice(lead_type, source, segment, fit, team)

    @cached_property
    def _cached_policy_choice(self) -> Callable[[str, str, str | None, str, str | None], Policy]:
        @lru_cache(maxsize=4096)
        def first_that_fits(lead_type: str, source: str, segment: str | None, fit: str, team: str | None) -> Policy:
            return next(policy for policy in self.policies if policy.when.fits(lead_type, source, segment, fit, team))

        return first_that_fits

    def conduct_for(self, clock: str, promise: ClockConduct) -> ClockConduct:
        """Return how a clock runs under a promise, with every rule filled in."""
        key = (clock, id(promise))
        if key not in self._cached_conducts:
            self._cached_conducts[key] = self._fill_conduct(clock, promise)
        return self._cached_conducts[key]

    @cached_property
    def _cached_conducts(self) -> dict[tuple[str, int], ClockConduct]:
        """By the identity of promises, which live as long as their playbook does."""
        return {}

    def _fill_conduct(self, clock: str, promise: ClockConduct) -> ClockConduct:
        usual = self.clocks.get(clock, ClockConduct())

        def first_set(name: str, otherwise: Any) -> Any:
            return next((it for of in (promise, usual) if (it := getattr(of, name)) is not None), otherwise)

        calendar = first_set("calendar", "team" if clock == "review" else "rep")
        in_working_time = isinstance(promise, PromiseRule) and promise.target.is_working_time and calendar == "rep"
        return ClockConduct(
            warn_at=first_set("warn_at", self.warn_at),
            calendar=calendar,
            pauses=first_set("pauses", tuple(self._yield_usual_pauses(clock, absences=in_working_time))),
            automated_count=first_set("automated_count", self.touches.automated_count),
            escalations=first_set("escalations", getattr(self.escalations, clock, ())),
        )

    def _yield_usual_pauses(self, clock: str, *, absences: bool) -> Iterator[PauseRule]:
        if self.preferred_time_pauses and clock not in self.own_clocks:
            yield PauseRule(state="preferred_time", at_most=self.preferred_time_pauses)
        if self.absence_pauses and absences:
            yield PauseRule(state="absent", at_most=self.absence_pauses)

    def calendar_for(self, team: str | None, kind: str = "team", rep_id: str | None = None) -> Calendar:
        """Return the calendar that a clock runs by; a name that this version does not have falls back to the team's."""
        if kind == "always":
            return ALWAYS
        if kind in self.calendars:
            return self.calendars[kind]
        of_rep = self.rep_calendars.get(rep_id or "") if kind == "rep" else None
        return self.calendars[of_rep or self.team_calendars.get(team or "", self.calendar)]

    @cached_property
    def working_time_rules(self) -> tuple[object, ...]:
        """Everything that decides when anybody works."""
        return self.calendars, self.calendar, self.team_calendars, self.rep_calendars

    def warnings(self) -> Iterator[str]:
        """Yield what is allowed and probably not meant."""
        for policy in self.policies:
            for promise in policy.promises.values():
                target = promise.target
                if target.unit == "b" and target.length >= timedelta(hours=40):
                    hours = target.length / timedelta(hours=1)
                    yield (
                        f"{policy.name}: {target.text} is {hours:g} business hours, about {hours / 8:.0f} days of an"
                        " office; working days are written with w, and elapsed hours with h"
                    )
        for name in self.own_clocks:
            if not any(name in policy.own for policy in self.policies):
                yield f"{name}: no policy promises it, so it never runs"
