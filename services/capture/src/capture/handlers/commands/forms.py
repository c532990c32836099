"""Forms as the playbook in force has them, and the next step that somebody chooses after submitting one."""

from capture.domain.arrival import make_event_key
from capture.domain.identity import IdentityHasher
from capture.domain.signatures import FormTicket
from capture.domain.submission import Submission, Values
from capture.handlers.commands.submissions import IncomingSubmission, capture_batch
from capture.playbook import Form
from capture.store import contacts, quarantine
from events.runtime import DomainError, Transaction

ASKED_AT_ONCE = 16
"""Next steps of one ticket that a query looks for; whoever changes their mind more often costs a query more."""


async def record_next_step(
    form: Form, ticket: FormTicket, choice: Values, hasher: IdentityHasher, tx: Transaction
) -> None:
    """Record how somebody wants to go on after a form: as an engagement, or with the quarantined submission.

    The choice that was made last, made again, is recorded once; one of before is a new one, so that the last counts.
    Somebody who was erased meanwhile has none.
    """
    known = (await contacts.load_profiles(tx, {ticket.contact_id})).get(ticket.contact_id)
    if known is None:
        await quarantine.add_next_step(tx, ticket.engagement_id, choice)
        return
    person = {name: text for name in ("email", "phone") if (text := getattr(known, name))}
    values = {
        **person,
        **choice,
        "source": form.source,
        "engagement": form.choices.engagement_of(choice["preference"]),
    }
    values |= {name: text for name in ("campaign", "content") if (text := getattr(form, name))}
    submission = Submission.model_validate(values)
    await contacts.lock_next_steps(tx, ticket.engagement_id)
    number, last = await _find_last_next_step(form.source, ticket, hasher, tx)
    if last == (submission.preference, submission.preferred_at):
        return
    submission = submission.model_copy(update={"event_id": _next_step_event_id(ticket, number)})
    (taken,) = await capture_batch(hasher, [IncomingSubmission(submission)], tx)
    if isinstance(taken, DomainError):
        raise taken


async def _find_last_next_step(
    source: str, ticket: FormTicket, hasher: IdentityHasher, tx: Transaction
) -> tuple[int, contacts.NextStep | None]:
    """Return how many next steps this ticket brought, and the last of them."""
    number, last = 0, None
    while True:
        keys = [
            make_event_key(source, _next_step_event_id(ticket, number + each), hasher) for each in range(ASKED_AT_ONCE)
        ]
        found = await contacts.load_next_steps(tx, keys)
        number, last = number + len(found), found[keys[len(found) - 1]] if found else last
        if len(found) < ASKED_AT_ONCE:
            return number, last


def _next_step_event_id(ticket: FormTicket, number: int) -> str:
    return f"wish:{ticket.engagement_id}:{number}"
