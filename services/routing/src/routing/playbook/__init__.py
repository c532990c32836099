"""The agreement about who follows up which leads: teams, queues, rules, the roster, suppression."""

from routing.playbook.agreement import AccountFirst, Basis, Openers, RoutingPlaybook, Silence, TurnRules
from routing.playbook.names import Name
from routing.playbook.people import FOREVER, Absence, Capacity, Day, RosterEntry, Status, Team, Weight, Zone
from routing.playbook.rules import FACT, Asked, Booking, Queue, Rule, Span, When

__all__ = [
    "FACT",
    "FOREVER",
    "Absence",
    "AccountFirst",
    "Asked",
    "Basis",
    "Booking",
    "Capacity",
    "Day",
    "Name",
    "Openers",
    "Queue",
    "RosterEntry",
    "RoutingPlaybook",
    "Rule",
    "Silence",
    "Span",
    "Status",
    "Team",
    "TurnRules",
    "Weight",
    "When",
    "Zone",
]
