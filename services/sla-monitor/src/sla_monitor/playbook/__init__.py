"""The agreement that sales and marketing signed about time: which promise a lead gets, and on whose calendar."""

from sla_monitor.playbook.agreement import SlaPlaybook
from sla_monitor.playbook.rules import USUAL, Conduct, Happening, Policy, Promise, Review, Step

__all__ = ["USUAL", "Conduct", "Happening", "Policy", "Promise", "Review", "SlaPlaybook", "Step"]
