"""What the teams agreed on about messages and sessions."""

from desk.playbook.messages import Bundle, DeskPlaybook, QuietHours, Rule

__all__ = ["Bundle", "DeskPlaybook", "QuietHours", "Rule"]
