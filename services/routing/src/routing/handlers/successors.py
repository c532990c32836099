"""Which pools a transaction locks so that leads may go on to whoever follows their rep."""

from collections.abc import Iterable

from events.runtime import Transaction
from routing import domain, store
from routing.domain import Lead
from routing.playbook import RoutingPlaybook


async def successor_teams(
    tx: Transaction, leads: Iterable[tuple[Lead, str | None]], reps: Iterable[str | None] = ()
) -> set[str]:
    """Return the teams of everybody who may follow.

    Args:
        tx: The transaction.
        leads: Assigned leads with their facts, each with the reason of its rejection, if it was rejected.
        reps: Further reps whose teams are wanted.
    """
    playbook = tx.playbook(RoutingPlaybook)
    teams: set[str] = set()
    for lead, reason in leads:
        teams |= domain.teams_after(lead, playbook, reason=reason)
    people = domain.managers_of(teams, playbook) | {rep_id for rep_id in reps if rep_id}
    if people:
        teams |= {rep.team for rep in (await store.all_reps(tx, playbook)).values() if rep.rep_id in people}
    return teams
