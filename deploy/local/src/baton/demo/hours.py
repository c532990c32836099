"""When the played people work: an instant that falls outside moves to the next opening."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

FRIDAY = 4


@dataclass(frozen=True)
class PlayedHours:
    """Monday to Friday, from `opens` to `closes` on the clocks of `zone`."""

    zone: ZoneInfo
    opens: time = time(9)
    closes: time = time(18)

    def next_open(self, at: datetime) -> datetime:
        """Return `at` if people work then, else the next opening (UTC)."""
        local = at.astimezone(self.zone)
        if local.weekday() <= FRIDAY and self.opens <= local.time() < self.closes:
            return at.astimezone(UTC)
        day = local.date()
        if local.time() >= self.closes:
            day += timedelta(days=1)
        while day.weekday() > FRIDAY:
            day += timedelta(days=1)
        return datetime.combine(day, self.opens, self.zone).astimezone(UTC)

    def add_working_minutes(self, at: datetime, minutes: float) -> datetime:
        """Return the instant `minutes` of working time after `at` (UTC)."""
        left = timedelta(minutes=minutes)
        at = self.next_open(at)
        while True:
            local = at.astimezone(self.zone)
            closing = datetime.combine(local.date(), self.closes, self.zone).astimezone(UTC)
            if at + left < closing:
                return at + left
            left -= closing - at
            at = self.next_open(closing)

    def choose_morning_instant(self, at: datetime, days: float, share: float) -> datetime:
        """Return an instant in the first third of the working day `days` after `at`.

        `share` (0 to 1) says how much of that third is gone.
        """
        return self.add_working_minutes(self._next_opening(at, days), 2 + share * 175)

    def choose_afternoon_instant(self, at: datetime, days: float, share: float) -> datetime:
        """Return an instant in the rest of that working day; `share` (0 to 1) of it gone."""
        return self.add_working_minutes(self._next_opening(at, days), 182 + share * 355)

    def _next_opening(self, at: datetime, days: float) -> datetime:
        local = (at + timedelta(days=days)).astimezone(self.zone)
        return self.next_open(datetime.combine(local.date(), self.opens, self.zone))
