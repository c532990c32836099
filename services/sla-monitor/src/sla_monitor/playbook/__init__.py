"""The agreement that sales and marketing signed about time: which promise a lead gets, and on whose calendar."""

from sla_monitor.playbook.agreement import SlaPlaybook
from sla_monitor.playbook.rules import USUAL, ClockConduct, EscalationStep, Happening, Policy, PromiseRule, ReviewRule

__all__ = ["USUAL", "ClockConduct", "EscalationStep", "Happening", "Policy", "PromiseRule", "ReviewRule", "SlaPlaybook"]
