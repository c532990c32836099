"""Forms as the playbook in force has them, and the wish that somebody adds after submitting one."""

from typing import Any

from capture.domain.forms import Ticket
from capture.domain.identity import Keyring
from capture.domain.submission import Submission
from capture.handlers.errors import FormUnknown
from capture.handlers.intake import Incoming, capture
from capture.playbook import CapturePlaybook, Form
from capture.store import intake, quarantine
from events.runtime import DomainError, Transaction


def form_in_force(name: str, tx: Transaction) -> Form:
    """Give a form by its name."""
    found = tx.playbook(CapturePlaybook).forms.get(name)
    if found is None:
        raise FormUnknown
    return found


async def wish(form: Form, ticket: Ticket, said: dict[str, Any], keyring: Keyring, tx: Transaction) -> None:
    """Take in what somebody wishes after submitting a form: a further engagement of theirs, or a word in quarantine.

    The same wish twice is one. Who was erased meanwhile wishes nothing any more.
    """
    known = (await intake.load_profiles(tx, {ticket.contact_id})).get(ticket.contact_id)
    if known is None:
        await quarantine.add(tx, ticket.engagement_id, said)
        return
    person = {name: text for name in ("email", "phone") if (text := getattr(known, name))}
    told = {
        **person,
        **said,
        "source": form.source,
        "engagement": getattr(form.choices, said["preference"]),
        "event_id": f"wish:{ticket.engagement_id}:{said['preference']}",
    }
    told |= {name: text for name in ("campaign", "content") if (text := getattr(form, name))}
    (taken,) = await capture(keyring, [Incoming(Submission.model_validate(told))], tx)
    if isinstance(taken, DomainError):
        raise taken
