"""Routing's decisions, pure: a lead, a floor and the time go in; the lead, the floor and an event come out."""

from routing.domain.accounts import EMPTY as EMPTY_BOOK
from routing.domain.accounts import Account, Book, Claim, account_of, block_of, domain_of
from routing.domain.basis import NONE as NO_WISHES
from routing.domain.basis import Wishes
from routing.domain.choosing import choose, why_unable
from routing.domain.handing import BOOKED, expire, hand_over, next_team, redistribute
from routing.domain.hours import calendar_of
from routing.domain.leads import Campaign, Decision, Floor, Grounds, Lead, Record
from routing.domain.leave import CalendarUnreadable, absences_of
from routing.domain.news import (
    close,
    cool,
    escalate,
    gives_turn_back,
    hear,
    heed,
    is_to_be_routed_again,
    may_change_hands,
    release,
)
from routing.domain.placing import assign, draw, hand_to, pass_on, place
from routing.domain.rehearsing import Past, rehearse
from routing.domain.replaying import Scene, candidates, grounds_of, replay
from routing.domain.reps import Rep, Seat, next_chance, roster
from routing.domain.rotation import Rotation
from routing.domain.rules import route

__all__ = [
    "BOOKED",
    "EMPTY_BOOK",
    "NO_WISHES",
    "Account",
    "Book",
    "CalendarUnreadable",
    "Campaign",
    "Claim",
    "Decision",
    "Floor",
    "Grounds",
    "Lead",
    "Past",
    "Record",
    "Rep",
    "Rotation",
    "Scene",
    "Seat",
    "Wishes",
    "absences_of",
    "account_of",
    "assign",
    "block_of",
    "calendar_of",
    "candidates",
    "choose",
    "close",
    "cool",
    "domain_of",
    "draw",
    "escalate",
    "expire",
    "gives_turn_back",
    "grounds_of",
    "hand_over",
    "hand_to",
    "hear",
    "heed",
    "is_to_be_routed_again",
    "may_change_hands",
    "next_chance",
    "next_team",
    "pass_on",
    "place",
    "redistribute",
    "rehearse",
    "release",
    "replay",
    "roster",
    "route",
    "why_unable",
]
