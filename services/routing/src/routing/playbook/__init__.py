"""The agreement about who follows up which leads: teams, queues, rules, the roster, suppression."""

from routing.playbook.agreement import AccountClaimRules, ChannelSilence, LegalBasisRule, RoutingPlaybook, TurnRules
from routing.playbook.names import UrlSafeName
from routing.playbook.openers import FirstSentences, OpenerPhrases
from routing.playbook.rules import FACT, BookingRule, FactConditions, NumberRange, Queue, RoutingRule, RuleCondition
from routing.playbook.teams_and_reps import FOREVER, Absence, Capacity, Day, RosterEntry, Status, Team, Weight, Zone

__all__ = [
    "FACT",
    "FOREVER",
    "Absence",
    "AccountClaimRules",
    "BookingRule",
    "Capacity",
    "ChannelSilence",
    "Day",
    "FactConditions",
    "FirstSentences",
    "LegalBasisRule",
    "NumberRange",
    "OpenerPhrases",
    "Queue",
    "RosterEntry",
    "RoutingPlaybook",
    "RoutingRule",
    "RuleCondition",
    "Status",
    "Team",
    "TurnRules",
    "UrlSafeName",
    "Weight",
    "Zone",
]
