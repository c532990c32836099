"""Routing's decisions, pure: a lead, the routing context and the time go in; a `Decision` comes out."""

from routing.domain.absence_calendar import absences_of
from routing.domain.accounts import EMPTY as NO_ACCOUNTS
from routing.domain.accounts import (
    Account,
    AccountDirectory,
    Claim,
    LastCycle,
    account_of,
    block_of,
    domain_of,
    kind_of,
)
from routing.domain.booking import WANTS_SLOT, Slot, free_slots
from routing.domain.context import Campaign, Decision, RoutingContext
from routing.domain.conversation_opener import campaigns_of
from routing.domain.from_events import (
    apply_contact_preference,
    apply_work,
    asks_for_rerouting,
    close,
    cool,
    escalate,
    may_reassign,
    refunds_turn,
    regrade,
    release,
    strengthen,
)
from routing.domain.from_own_events import apply_own_placement
from routing.domain.leads import ChoiceInputs, DecisionRecord, Lead
from routing.domain.legal_basis import NONE as NO_PREFERENCES
from routing.domain.legal_basis import ContactPreferences
from routing.domain.meeting_files import Meeting, feed, invitation
from routing.domain.placement import (
    assign_or_queue,
    assign_to_named_rep,
    place,
    reserve_meeting,
    serve_from_queue,
)
from routing.domain.published_calendars import changed_calendars
from routing.domain.reassignment import managers_of, pass_on, redistribute, teams_after, unassign
from routing.domain.rehearsal import PastLead, Rehearsal, play, rehearse
from routing.domain.rep_choice import choose_rep, why_unable
from routing.domain.replay import RotationSnapshot, candidates, inputs_from_json, replay
from routing.domain.reps import Rep, Seat, next_available_at, roster
from routing.domain.rotation import Rotation
from routing.domain.rules import find_route, with_account_kind
from routing.domain.transfers import BOOKED, expire, hand_to_next_team, next_team
from routing.domain.trial import Trial, try_out
from routing.domain.working_hours import calendar_of

__all__ = [
    "BOOKED",
    "NO_ACCOUNTS",
    "NO_PREFERENCES",
    "WANTS_SLOT",
    "Account",
    "AccountDirectory",
    "Campaign",
    "ChoiceInputs",
    "Claim",
    "ContactPreferences",
    "Decision",
    "DecisionRecord",
    "LastCycle",
    "Lead",
    "Meeting",
    "PastLead",
    "Rehearsal",
    "Rep",
    "Rotation",
    "RotationSnapshot",
    "RoutingContext",
    "Seat",
    "Slot",
    "Trial",
    "absences_of",
    "account_of",
    "apply_contact_preference",
    "apply_own_placement",
    "apply_work",
    "asks_for_rerouting",
    "assign_or_queue",
    "assign_to_named_rep",
    "block_of",
    "calendar_of",
    "campaigns_of",
    "candidates",
    "changed_calendars",
    "choose_rep",
    "close",
    "cool",
    "domain_of",
    "escalate",
    "expire",
    "feed",
    "find_route",
    "free_slots",
    "hand_to_next_team",
    "inputs_from_json",
    "invitation",
    "kind_of",
    "managers_of",
    "may_reassign",
    "next_available_at",
    "next_team",
    "pass_on",
    "place",
    "play",
    "redistribute",
    "refunds_turn",
    "regrade",
    "rehearse",
    "release",
    "replay",
    "reserve_meeting",
    "roster",
    "serve_from_queue",
    "strengthen",
    "teams_after",
    "try_out",
    "unassign",
    "why_unable",
    "with_account_kind",
]
