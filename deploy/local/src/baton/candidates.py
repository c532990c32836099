"""The candidate that the desk keeps: the one record of who approved which rules, on its page and by command."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from baton import playbook
from baton.exit_codes import FoundWrongError
from baton.service_client import ReachableServices, open_service_clients
from baton.services import SERVICES
from baton_client import AsyncBaton, Refused
from events.runtime.playbooks import PlaybookText

if TYPE_CHECKING:
    from baton_client.generated.answers.desk import OpenCandidateAnswer, ProposedRulesAnswer

NOT_FOUND = 404


async def propose(services: ReachableServices, sources: Mapping[str, PlaybookText], by: str) -> "ProposedRulesAnswer":
    """Make files the candidate; one that is not in force yet ends by that."""
    async with open_service_clients(services) as baton:
        return await _submit_candidate(baton, sources, await _load_rules_in_force(baton), by)


async def approve(services: ReachableServices, sources: Mapping[str, PlaybookText], by: str) -> "OpenCandidateAnswer":
    """Sign exactly these files for a person whom the pages know; who signed before changes nothing.

    Where nothing is proposed, the files become the candidate.

    Raises:
        FoundWrongError: Other files are the candidate, or the person may not sign.
    """
    async with open_service_clients(services) as baton:
        return await _approve_as_persons(baton, sources, await _load_rules_in_force(baton), [by], by)


async def activate(
    services: ReachableServices, sources: Mapping[str, PlaybookText], by: str, approved_by: Sequence[str] = (),
    scoring: Callable[[list[str]], Awaitable[bool]] | None = None,
) -> dict[str, bool]:  # fmt: skip
    """Put approved files in force in every service; return where that changed something.

    `approved_by` are persons who sign now. `scoring` puts scoring's rules in force by another way, with those who
    approved.

    Raises:
        FoundWrongError: An approval of exactly these files is missing, or a service refuses its file.
    """
    async with open_service_clients(services) as baton:
        now = await _load_rules_in_force(baton)
        if all(now[name].version == source.version for name, source in sources.items()):
            await _close_candidate_if_in_force(baton, sources, now, by)
            return dict.fromkeys(sources, False)
        found = await _find_matching_candidate(baton, sources, now)
        if approved_by:
            found = await _approve_as_persons(baton, sources, now, approved_by, by)
        missing = playbook.list_approvers(sources) if found is None else found.missing
        if found is None or missing:
            raise FoundWrongError(f"not approved yet by {', '.join(missing)} (`baton playbook approve`)")
        changed: dict[str, bool] = {}
        if scoring is not None:
            changed = (await baton.desk.activate(found.candidate_id, by=by, leave_out=["scoring"])).changed
            changed["scoring"] = await scoring([each.name for each in found.signatures])
        return (await baton.desk.activate(found.candidate_id, by=by)).changed | changed


async def _close_candidate_if_in_force(
    baton: AsyncBaton, sources: Mapping[str, PlaybookText], now: Mapping[str, Any], by: str
) -> None:
    """Note that the candidate is in force where all services have its rules, as after a last call that failed."""
    try:
        found = await _find_matching_candidate(baton, sources, now)
    except FoundWrongError:
        return
    if found is not None and not found.missing:
        await baton.desk.activate(found.candidate_id, by=by)


async def _load_rules_in_force(baton: AsyncBaton) -> dict[str, Any]:
    return {service.name: await baton.service(service.name).show_playbook() for service in SERVICES}


async def _submit_candidate(
    baton: AsyncBaton, sources: Mapping[str, PlaybookText], now: Mapping[str, Any], by: str
) -> "ProposedRulesAnswer":
    """Send the definitions and those files that differ from what is in force."""
    bodies: Any = {name: source.body for name, source in sources.items() if source.body != now[name].body}
    definitions = next(iter(sources.values())).definitions
    return await baton.desk.propose(definitions=definitions, bodies=bodies, by=by)


async def _approve_as_persons(
    baton: AsyncBaton, sources: Mapping[str, PlaybookText], now: Mapping[str, Any], persons: Iterable[str], by: str
) -> "OpenCandidateAnswer":
    found = await _find_matching_candidate(baton, sources, now)
    if found is None:
        await _submit_candidate(baton, sources, now, by)
        found = await _find_matching_candidate(baton, sources, now)
    if found is None:
        raise FoundWrongError("these rules are in force already: there is nothing to approve")
    for person in persons:
        try:
            found = await baton.desk.sign(found.candidate_id, by=person)
        except Refused as refused:
            if refused.codes.get("") != "signed_already":
                raise
    return found


async def _find_matching_candidate(
    baton: AsyncBaton, sources: Mapping[str, PlaybookText], now: Mapping[str, Any]
) -> "OpenCandidateAnswer | None":
    """Return the candidate, whose texts must be those of the files; None where there is none that changes something."""
    try:
        found = await baton.desk.show_open_candidate()
    except Refused as refused:
        if refused.status == NOT_FOUND:
            return None
        raise
    texts = {name: (found.definitions, found.bodies.get(name, rules.body)) for name, rules in now.items()}
    if texts == {name: (source.definitions, source.body) for name, source in sources.items()}:
        return found
    if texts == {name: (rules.definitions, rules.body) for name, rules in now.items()}:
        return None
    raise FoundWrongError(
        f"other rules are the candidate, proposed by {found.proposed_by}: `baton playbook propose` puts these in"
        " their place, to be approved anew"
    )
