"""Routing's decisions, pure: a lead, a floor and the time go in; the lead, the floor and an event come out."""

from routing.domain.choosing import why_unable
from routing.domain.leads import Campaign, Decision, Floor, Lead, Record
from routing.domain.news import close, cool, escalate, hear, is_to_be_routed_again, release
from routing.domain.placing import assign, draw, hand_to, pass_on, place
from routing.domain.reps import Rep, Seat, next_chance, roster
from routing.domain.rotation import Rotation
from routing.domain.rules import route

__all__ = [
    "Campaign",
    "Decision",
    "Floor",
    "Lead",
    "Record",
    "Rep",
    "Rotation",
    "Seat",
    "assign",
    "close",
    "cool",
    "draw",
    "escalate",
    "hand_to",
    "hear",
    "is_to_be_routed_again",
    "next_chance",
    "pass_on",
    "place",
    "release",
    "roster",
    "route",
    "why_unable",
]
