"""Routing's decisions, pure: a lead, the routing context and the time go in; a `Decision` comes out."""

from routing.domain.absence_calendar import parse_absences
from routing.domain.accounts import EMPTY as NO_ACCOUNTS
from routing.domain.accounts import (
    Account,
    AccountDirectory,
    Claim,
    LastCycle,
    find_account,
    find_account_kind,
    find_company_domain,
    similar_name_key,
)
from routing.domain.booking import WANTS_SLOT, Slot, find_free_slots, seat_without_limits
from routing.domain.calendar_sources import PROBLEMS, brings_news, covered_until, may_be_unchanged, next_read_at
from routing.domain.campaigns import Campaign
from routing.domain.context import Decision, RoutingContext
from routing.domain.conversation_opener import find_content_read, find_nameable_campaigns
from routing.domain.from_events import (
    apply_contact_preference,
    apply_cooling,
    apply_escalation,
    apply_preferred_time,
    apply_regrade,
    apply_strengthening,
    apply_work,
    asks_for_rerouting,
    close_lead,
    may_reassign,
    refunds_turn,
    release_lead,
)
from routing.domain.from_own_events import apply_own_placement
from routing.domain.leads import ChoiceInputs, ContactIds, DecisionRecord, Lead, group_leads_by_person
from routing.domain.legal_basis import NONE as NO_PREFERENCES
from routing.domain.legal_basis import ContactPreferences, latest_schedule
from routing.domain.meeting_files import Meeting, write_invitation, write_meeting_feed
from routing.domain.placement import (
    assign_or_queue,
    assign_to_named_rep,
    place_lead,
    reserve_meeting,
    serve_from_queue,
)
from routing.domain.published_calendars import changed_calendar_events
from routing.domain.reassignment import (
    find_following_teams,
    find_managers,
    pass_lead_on,
    redistribute_lead,
    unassign_lead,
)
from routing.domain.recurrence_rules import TooMuchInCalendarError
from routing.domain.rehearsal import PastLead, RehearsalRun, rehearse_routing, run_rehearsal
from routing.domain.rep_choice import choose_rep, why_rep_unable
from routing.domain.replay import RotationSnapshot, inputs_from_json, list_seats_as_candidates, replay_choice
from routing.domain.reps import Rep, Seat, merge_roster, next_available_at
from routing.domain.requested_times import lead_with_requested_time
from routing.domain.rotation import Rotation
from routing.domain.rules import choose_queue_by_rules, with_account_kind
from routing.domain.transfers import BOOKED, assign_after_long_wait, hand_to_next_team, next_team_after_booking
from routing.domain.trial import TrialResult, try_placement
from routing.domain.working_hours import rep_calendar_of

__all__ = [
    "BOOKED",
    "NO_ACCOUNTS",
    "NO_PREFERENCES",
    "PROBLEMS",
    "WANTS_SLOT",
    "Account",
    "AccountDirectory",
    "Campaign",
    "ChoiceInputs",
    "Claim",
    "ContactIds",
    "ContactPreferences",
    "Decision",
    "DecisionRecord",
    "LastCycle",
    "Lead",
    "Meeting",
    "PastLead",
    "RehearsalRun",
    "Rep",
    "Rotation",
    "RotationSnapshot",
    "RoutingContext",
    "Seat",
    "Slot",
    "TooMuchInCalendarError",
    "TrialResult",
    "apply_contact_preference",
    "apply_cooling",
    "apply_escalation",
    "apply_own_placement",
    "apply_preferred_time",
    "apply_regrade",
    "apply_strengthening",
    "apply_work",
    "asks_for_rerouting",
    "assign_after_long_wait",
    "assign_or_queue",
    "assign_to_named_rep",
    "brings_news",
    "changed_calendar_events",
    "choose_queue_by_rules",
    "choose_rep",
    "close_lead",
    "covered_until",
    "find_account",
    "find_account_kind",
    "find_company_domain",
    "find_content_read",
    "find_following_teams",
    "find_free_slots",
    "find_managers",
    "find_nameable_campaigns",
    "group_leads_by_person",
    "hand_to_next_team",
    "inputs_from_json",
    "latest_schedule",
    "lead_with_requested_time",
    "list_seats_as_candidates",
    "may_be_unchanged",
    "may_reassign",
    "merge_roster",
    "next_available_at",
    "next_read_at",
    "next_team_after_booking",
    "parse_absences",
    "pass_lead_on",
    "place_lead",
    "redistribute_lead",
    "refunds_turn",
    "rehearse_routing",
    "release_lead",
    "rep_calendar_of",
    "replay_choice",
    "reserve_meeting",
    "run_rehearsal",
    "seat_without_limits",
    "serve_from_queue",
    "similar_name_key",
    "try_placement",
    "unassign_lead",
    "why_rep_unable",
    "with_account_kind",
    "write_invitation",
    "write_meeting_feed",
]
