"""Forms as the playbook in force has them, and the wish that somebody adds after submitting one."""

from capture.domain.forms import Ticket
from capture.domain.identity import Keyring
from capture.domain.submission import Submission, Values
from capture.handlers.commands.submissions import Incoming, capture
from capture.playbook import Form
from capture.store import contacts, quarantine
from events.runtime import DomainError, Transaction


async def record_next_step(form: Form, ticket: Ticket, choice: Values, keyring: Keyring, tx: Transaction) -> None:
    """Record how somebody wants to go on after a form: as an engagement, or with the quarantined submission.

    The same choice twice is recorded once; somebody who was erased meanwhile has none.
    """
    known = (await contacts.load_profiles(tx, {ticket.contact_id})).get(ticket.contact_id)
    if known is None:
        await quarantine.add(tx, ticket.engagement_id, choice)
        return
    person = {name: text for name in ("email", "phone") if (text := getattr(known, name))}
    values = {
        **person,
        **choice,
        "source": form.source,
        "engagement": form.choices.engagement_of(choice["preference"]),
        "event_id": f"wish:{ticket.engagement_id}:{choice['preference']}",
    }
    values |= {name: text for name in ("campaign", "content") if (text := getattr(form, name))}
    (taken,) = await capture(keyring, [Incoming(Submission.model_validate(values))], tx)
    if isinstance(taken, DomainError):
        raise taken
