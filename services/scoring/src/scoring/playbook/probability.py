"""What points mean as a probability that a lead is confirmed or won: learned from outcomes, and versioned."""

import math

from pydantic import Field

from events.playbook import Section


class ProbabilityModel(Section):
    """Log-odds by the points of both axes. `baton playbook calibrate --from-history` writes it.

    It stands beside the points and decides nothing.
    """

    version: str = Field(min_length=1, max_length=64)
    intercept: float
    fit: float
    """For each point of fit."""
    readiness: float
    """For each point of readiness."""
    asked: float = 0.0
    """Where the contact asked to talk to sales."""
    leads: int = Field(ge=1)
    """Of so many leads it was learned, of which"""
    converted: int = Field(ge=0)
    """so many were confirmed or won."""
    auc: float | None = Field(default=None, ge=0, le=1)
    """How it ranked leads that it had not seen."""

    def probability_of(self, fit_points: float, readiness_points: float, *, asked: bool) -> float:
        """Return the probability, to four digits."""
        odds = self.intercept + self.fit * fit_points + self.readiness * readiness_points + self.asked * asked
        return round(1 / (1 + math.exp(-max(-50.0, min(50.0, odds)))), 4)
