"""Is a lead an SQL: is enough known, and is it confirmed by somebody who may?"""

from feedback.domain.commands import Confirm
from feedback.domain.lead import Lead
from feedback.domain.orders import CommandOrder
from feedback.domain.refusals import MayNotConfirm, TooLittleKnownForSql
from feedback.playbook import SqlRules


def check_confirmation(lead: Lead, order: CommandOrder, command: Confirm, rules: SqlRules) -> None:
    """Check a confirmation by the playbook's minimum.

    Whose key is bound to a rep or a manager was checked by the key's reach; anybody else must be a rep to whom routing
    assigned the lead, or be named in the playbook.

    Raises:
        MayNotConfirm: `by` has nothing to do with the lead.
        TooLittleKnownForSql: Too few answers are yes.
    """
    if order.reach is None and order.by not in {*lead.roles, *rules.confirmed_by}:
        raise MayNotConfirm("by")
    answers = command.bant.answers
    missing = sorted(name for name in rules.needs if not answers[name])
    others = sum(yes for name, yes in answers.items() if name not in rules.needs)
    if missing or others < rules.others:
        unanswered = sorted(name for name, yes in answers.items() if not yes)
        raise TooLittleKnownForSql(
            *(f"bant.{name}" for name in missing or unanswered), needs=sorted(rules.needs), others=rules.others
        )
