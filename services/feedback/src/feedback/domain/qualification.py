"""Is a lead an SQL: is enough known, and is it confirmed by somebody who may?"""

from feedback.domain.commands import Confirm
from feedback.domain.lead import Lead
from feedback.domain.orders import Order
from feedback.domain.refusals import NotConfirmable, NotEnoughKnown
from feedback.playbook import SqlRules


def check_confirmation(lead: Lead, order: Order, command: Confirm, rules: SqlRules) -> None:
    """Check a confirmation by the playbook's minimum.

    Whose key is bound to a rep or a manager was checked by the key's reach; anybody else must be a rep to whom routing
    assigned the lead, or be named in the playbook.

    Raises:
        NotConfirmable: `by` has nothing to do with the lead.
        NotEnoughKnown: Too few answers are yes.
    """
    if order.reach is None and order.by not in {*lead.roles, *rules.confirmed_by}:
        raise NotConfirmable("by")
    answers = command.bant.answers
    missing = sorted(name for name in rules.needs if not answers[name])
    others = sum(yes for name, yes in answers.items() if name not in rules.needs)
    if missing or others < rules.others:
        unanswered = sorted(name for name, yes in answers.items() if not yes)
        raise NotEnoughKnown(
            *(f"bant.{name}" for name in missing or unanswered), needs=sorted(rules.needs), others=rules.others
        )
