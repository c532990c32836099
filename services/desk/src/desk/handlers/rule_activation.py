"""Put a candidate in force in every service, go on where that stopped, or go back to the rules before it."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from desk import store
from desk.domain import Viewer, orders
from desk.domain.agreement import Candidate
from desk.domain.facts import Fact
from desk.domain.orders import Target
from desk.handlers.errors import ActionRefused, NotForYou, ServiceAway
from desk.handlers.rules import ENDED, load_rules_in_force, lock_candidate, make_kept_rules
from desk.handlers.upstream import UPSTREAM
from events.runtime.audit_log import record_action
from events.runtime.security import Caller

if TYPE_CHECKING:
    from desk.settings import PageSettings
    from events.runtime import Service


async def activate_candidate(
    service: "Service[PageSettings]",
    viewer: Viewer,
    candidate_id: UUID,
    leave_out: Collection[Target] = (),
    caller: Caller | None = None,
) -> dict[Target, bool]:
    """Put a candidate in force; return where that changed something.

    Asked again after a fault, or because services were left out, it goes on where it stopped.

    Raises:
        NotForYou: The viewer is neither an operator nor one of its approvers.
        ActionRefused: A signature is missing, a service does not answer or refuses its rules.
    """
    rules = await load_rules_in_force(service)
    async with service.transaction() as tx:
        candidate = await lock_candidate(tx, candidate_id, rules)
        _check_may_activate(candidate, viewer)
    _check_all_answer(rules)
    await _check_files(service, candidate, leave_out)
    async with service.transaction() as tx:
        candidate = await lock_candidate(tx, candidate_id, rules)
        _check_may_activate(candidate, viewer)
        before = {name: make_kept_rules(found) for name, found in rules.items() if found is not None}
        await store.rules.save_rules_before(tx, candidate_id, before)
    approvals = [each.name for each in candidate.signatures]
    changed: dict[Target, bool] = {}
    for name, was in before.items():
        if name in leave_out:
            continue
        texts = (candidate.definitions, candidate.bodies.get(name, was.body))
        order = orders.build_activate_rules_command(name, texts, viewer.by, approvals)
        try:
            done: Fact = await UPSTREAM.send_command(service, order, "")
        except ActionRefused as refused:
            raise ActionRefused(
                f"{_describe_stop(name, refused)} The candidate is in force in {_list_names(changed)} so far."
                " Put it in force again to finish, or go back to the rules before."
            ) from None
        changed[name] = bool(done["changed"])
    if not leave_out:
        await _mark(service, viewer, candidate_id, "activated", caller)
    return changed


async def restore_rules_before(service: "Service[PageSettings]", viewer: Viewer, candidate_id: UUID) -> list[Target]:
    """Put the rules in force again that were before a candidate.

    Returns:
        The services that kept the rules which somebody put in force there since: only where the candidate was in force
        in part, for else nothing could be done about it.

    Raises:
        NotForYou: The viewer is neither an operator nor one of its approvers.
        ActionRefused: It is not in force any more, or a service does not answer.
    """
    rules = await load_rules_in_force(service)
    async with service.transaction() as tx:
        candidate = await lock_candidate(tx, candidate_id, rules)
    if not viewer.decides_on_rules(candidate.approvers):
        raise NotForYou
    if candidate.before is None or not candidate.may_go_back(viewer):
        raise ActionRefused(ENDED)
    _check_all_answer(rules)
    newer = [name for name, found in rules.items() if found and not candidate.is_of(name, make_kept_rules(found))]
    if newer and not candidate.is_open:
        raise ActionRefused("Other rules were put in force since. Put these in force by a candidate of their own.")
    done: list[Target] = []
    for name, was in candidate.before.items():
        if name in newer:
            continue
        approvals = candidate.approvals_of(was)
        order = orders.build_activate_rules_command(name, (was.definitions, was.body), viewer.by, approvals)
        try:
            await UPSTREAM.send_command(service, order, "")
        except ActionRefused as refused:
            raise ActionRefused(
                f"{_describe_stop(name, refused)} The rules before are in force again in {_list_names(done)} so far."
                " Go back again to finish."
            ) from None
        done.append(name)
    await _mark(service, viewer, candidate_id, "ended")
    return newer


def _check_may_activate(candidate: Candidate, viewer: Viewer) -> None:
    if not viewer.decides_on_rules(candidate.approvers):
        raise NotForYou
    if not candidate.may_activate(viewer):
        raise ActionRefused(ENDED if not candidate.is_open else f"Not signed yet: {', '.join(candidate.missing)}.")


def _check_all_answer(rules: Mapping[Target, Fact | None]) -> None:
    if away := [name for name, found in rules.items() if found is None]:
        raise ActionRefused(f"Nothing was changed, for {', '.join(away)} does not answer just now.")


async def _check_files(service: "Service[PageSettings]", candidate: Candidate, leave_out: Collection[Target]) -> None:
    """Ask each service whether it would take its file, before the first of them has to."""
    for name, text in candidate.bodies.items():
        if name not in leave_out:
            found: Fact = await UPSTREAM.ask(service, orders.build_rules_check(name, text))
            if fields := [fault["field"] for fault in found["faults"]]:
                raise ActionRefused(f"Nothing was changed: the file of {name} is not valid ({', '.join(fields)}).")


def _describe_stop(name: Target, refused: ActionRefused) -> str:
    return f"{name} did not answer." if isinstance(refused, ServiceAway) else f"{name}: {refused.sentence}"


def _list_names(names: Collection[Target]) -> str:
    return ", ".join(names) or "no other service"


async def _mark(
    service: "Service[PageSettings]",
    viewer: Viewer,
    candidate_id: UUID,
    state: Literal["activated", "ended"],
    caller: Caller | None = None,
) -> None:
    async with service.transaction() as tx:
        await store.rules.mark_candidate(tx, candidate_id, state, tx.now)
        await record_action(tx.raw, caller, f"rules.{state}", candidate_id, by=viewer.user_id)
