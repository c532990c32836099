"""Who follows up leads: teams, the roster, when each rep works, and how much they take."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field, model_validator

from events.business_time import Calendar, Duration
from events.leads import Role
from events.parts import JsonObject
from events.playbook import Section
from routing.playbook.names import UrlSafeName

WRITTEN_DAY = len("2026-12-24")
FOREVER = datetime(9000, 1, 1, tzinfo=UTC)


def _check_time_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("not a time zone of the IANA database") from None


Zone = Annotated[str, AfterValidator(_check_time_zone)]


class Team(Section):
    """People who follow up the same kind of lead. Their days begin in `zone`."""

    role: Role
    zone: Zone = "UTC"
    works: Calendar | None = None
    """When those of its reps work who have no calendar of their own; absent: always."""
    hands_over_to: UrlSafeName | None = None
    """The team that gets a lead when a meeting is booked (BDR then AE); absent: these reps close deals themselves."""
    manager: UrlSafeName | None = None
    """The rep to whom missed promises and leads that waited too long are raised; `paused` is out of the rotation."""
    queue_expires: Duration | None = None
    """After so long in line (elapsed time) a lead goes to the manager; absent: it waits on."""

    @model_validator(mode="after")
    def _check_queue_expiry_is_elapsed(self) -> Self:
        if self.queue_expires is not None and self.queue_expires.is_working_time:
            raise ValueError("a line expires after elapsed time (h or d)")
        return self


class Capacity(Section):
    """How much a rep takes: open leads, and new leads a day and a week (from Monday). None is no limit."""

    open: Annotated[int, Field(strict=True, ge=0, le=100_000)] | None = None
    per_day: Annotated[int, Field(strict=True, ge=0, le=100_000)] | None = None
    per_week: Annotated[int, Field(strict=True, ge=0, le=100_000)] | None = None


def _check_date_text(value: object) -> object:
    """Check that a day is written as a date; pydantic alone also takes a number as seconds since 1970."""
    if isinstance(value, datetime):
        raise ValueError("a day has no time")  # noqa: TRY004 - pydantic listens to ValueError
    if isinstance(value, date) or (isinstance(value, str) and "-" in value and len(value) == WRITTEN_DAY):
        return value
    raise ValueError("a day is written as YYYY-MM-DD")


def _check_instant_text(value: object) -> object:
    if isinstance(value, datetime) or (isinstance(value, str) and "T" in value):
        return value
    raise ValueError("an instant is written as YYYY-MM-DDTHH:MM:SS with a zone")


Day = Annotated[date, BeforeValidator(_check_date_text)]
Moment = Annotated[
    Day | Annotated[AwareDatetime, BeforeValidator(_check_instant_text)], Field(union_mode="left_to_right")
]


class Absence(Section):
    """When a rep gets no new leads: days, first and last included, in the rep's zone; or between two instants."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    first: Annotated[Moment, Field(alias="from")]
    last: Annotated[Moment, Field(alias="to")]
    imported: Annotated[bool, Field(strict=True)] = False
    """Whether it came with a calendar file; the next file replaces it."""

    @model_validator(mode="after")
    def _check_start_before_end(self) -> Self:
        if isinstance(self.first, datetime) != isinstance(self.last, datetime):
            raise ValueError("an absence is written in days or in instants, not in one of each")
        if self.last < self.first:
            raise ValueError("an absence ends on or after the day it begins")
        return self

    def as_json(self) -> JsonObject:
        """Return the absence as the API takes and shows it."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    def ends_at(self, zone: ZoneInfo) -> datetime:
        """Return the instant from which on the rep is back; `FOREVER` for an absence without an end."""
        if self.last.year >= FOREVER.year:
            return FOREVER
        if isinstance(self.last, datetime):
            return self.last
        return datetime.combine(self.last + timedelta(days=1), time(), zone).astimezone(UTC)

    def covers(self, now: datetime, zone: ZoneInfo) -> bool:
        """Whether the rep is absent at an instant."""
        if isinstance(self.first, datetime):
            return self.first <= now < self.ends_at(zone)
        return self.first <= now.astimezone(zone).date() and now < self.ends_at(zone)


Status = Literal["active", "paused", "left"]
Weight = Annotated[float, Field(ge=0.01, le=100)]


class RosterEntry(Section):
    """A rep of a fresh install; `PUT /v1/reps/{rep_id}` adds others and overrides these."""

    team: UrlSafeName
    role: Role | None = None
    weight: Weight = 1.0
    capacity: Capacity = Capacity()
    works: Calendar | None = None
    """When they work; absent: as their team does."""
    absences: tuple[Absence, ...] = ()
    status: Status = "active"
