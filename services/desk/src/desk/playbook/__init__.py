"""What the teams agreed on about messages and sessions."""

from desk.playbook.messages import BundleRule, DeskPlaybook, MessageRule, QuietHours

__all__ = ["BundleRule", "DeskPlaybook", "MessageRule", "QuietHours"]
