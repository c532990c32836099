"""The agreement: what is in force, a candidate beside it, signing as oneself, putting it in force, going back."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple
from uuid import UUID, uuid4

from desk import store
from desk.domain import Viewer, orders
from desk.domain.agreement import Candidate, KeptRules, Signature, list_who_must_sign
from desk.domain.facts import Fact
from desk.domain.orders import Target
from desk.domain.rule_changes import RuleChange, diff_candidate
from desk.handlers.errors import ActionRefused, NotForYou, PersonUnknown, SignedAlready, SignsForNobody, TooFewApprovers
from desk.handlers.operating import TARGETS
from desk.handlers.upstream import UPSTREAM
from desk.store.pages import PageLead
from events.runtime import Transaction
from events.runtime.activation import parse_rules_yaml
from events.runtime.audit_log import record_action
from events.runtime.playbooks import list_named_approvers
from events.runtime.security import Caller
from events.yaml_text import load_yaml

if TYPE_CHECKING:
    from desk.settings import PageSettings
    from events.runtime import Service

SHOWN_LEADS = 100
FEWEST = 2
"""Both teams must have agreed."""
SIGNED_FOR_ANOTHER = "You have signed for another approver: nobody signs for two."
IN_PROGRESS = "A candidate is just being put in force. Try again in a moment."
ENDED = "Another candidate took its place meanwhile, or it is over. Look at the page again."


class ServiceRules(NamedTuple):
    """By which rules a service decides, None where it does not answer, and what its own file says."""

    found: Fact | None
    terms: Fact


class LastRun(NamedTuple):
    """What scoring's run after its last change of rules made of those known already: its counts, and some of whom."""

    counts: Fact
    leads: list[tuple[str, PageLead]]
    """The change and the lead, as far as the reader may see it; what was only listed is no lead."""


class Agreement(NamedTuple):
    """What the page shows: the rules of each service, the candidate and what it would change, by file."""

    rules: Mapping[Target, ServiceRules]
    definitions: Fact
    approvers: list[str]
    candidate: Candidate | None
    changes: Mapping[str, list[RuleChange]]
    last_run: LastRun | None
    now: datetime


async def load_rules_in_force(service: "Service[PageSettings]") -> Mapping[Target, Fact | None]:
    """Return by which rules each service decides now; None for one that does not answer."""
    found = await asyncio.gather(*(UPSTREAM.fetch(service, name, "/v1/playbook") for name in TARGETS))
    return dict(zip(TARGETS, found, strict=True))


async def load_agreement(service: "Service[PageSettings]", viewer: Viewer) -> Agreement:
    """Return the rules in force, the candidate with what it would change, and what the last change made of leads."""
    rules = await load_rules_in_force(service)
    last_run = await _load_last_run(service, viewer)
    async with service.transaction() as tx:
        candidate = await store.rules.load_latest_candidate(tx)
        now = tx.now
    first = next((found for found in rules.values() if found), None)
    definitions = _terms(first["definitions"]) if first else {}
    return Agreement(
        {name: ServiceRules(found, _terms(found["body"]) if found else {}) for name, found in rules.items()},
        definitions,
        list_named_approvers(definitions),
        candidate,
        diff_candidate(candidate, rules) if candidate and candidate.is_open else {},
        last_run,
        now,
    )


async def _load_last_run(service: "Service[PageSettings]", viewer: Viewer) -> LastRun | None:
    runs = await UPSTREAM.fetch_list(service, "scoring", "/v1/reevaluations?limit=1")
    if not runs:
        return None
    path = f"/v1/reevaluations/{runs[0]['reevaluation_id']}/leads?limit={SHOWN_LEADS}"
    changes = {
        UUID(item["lead_id"]): str(item["change"]) for item in await UPSTREAM.fetch_list(service, "scoring", path)
    }
    async with service.transaction() as tx:
        leads = await store.pages.load_leads_by_id(tx, viewer, changes)
    return LastRun(runs[0], sorted(((changes[lead.lead_id], lead) for lead in leads), key=_by_change))


def _by_change(listed: tuple[str, PageLead]) -> tuple[str, str]:
    return listed[0], listed[1].name or ""


async def propose_rules(tx: Transaction, definitions: str, bodies: Mapping[Target, str], by: str) -> UUID:
    """Keep rules as the candidate that both teams are asked to sign, or leave the same ones it, and return its id.

    Raises:
        Problem: A file cannot be read.
        TooFewApprovers: The definitions name fewer than two.
        ActionRefused: Another candidate is just being put in force.
    """
    defined = parse_rules_yaml(definitions, "definitions")
    for name, body in bodies.items():
        parse_rules_yaml(body, f"bodies.{name}")
    approvers = tuple(dict.fromkeys(list_named_approvers(defined if isinstance(defined, Mapping) else {})))
    if len(approvers) < FEWEST:
        raise TooFewApprovers(field="definitions")
    await store.rules.lock_candidates(tx)
    in_force = list_named_approvers(_terms(await store.rules.load_definitions_in_force(tx)))
    signing = list_who_must_sign(in_force, approvers)
    latest = await store.rules.load_latest_candidate(tx)
    if latest is not None and latest.is_open:
        if latest.is_same_as(definitions, bodies, signing):
            return latest.candidate_id
        if latest.before is not None:
            raise ActionRefused(IN_PROGRESS)
    candidate = Candidate(uuid4(), definitions, bodies, signing, by, tx.now)
    await store.rules.save_candidate(tx, candidate)
    return candidate.candidate_id


async def load_open_candidate(service: "Service[PageSettings]") -> Candidate | None:
    """Return the candidate that is being signed; None where there is none."""
    async with service.transaction() as tx:
        latest = await store.rules.load_latest_candidate(tx)
    return latest if latest is not None and latest.is_open else None


async def load_signer(service: "Service[PageSettings]", user_id: str) -> Viewer:
    """Return who signs by a command, as the pages know them.

    Raises:
        PersonUnknown: Nobody of that name may sign in.
    """
    async with service.transaction() as tx:
        found = await store.access.load_user(tx, user_id)
    if found is None:
        raise PersonUnknown(field="by")
    return found


async def sign_candidate(
    service: "Service[PageSettings]", viewer: Viewer, candidate_id: UUID, caller: Caller | None = None
) -> Candidate:
    """Sign a candidate as oneself, and return it; `caller` is whose key sent it, None for who is signed in.

    Raises:
        SignsForNobody: The viewer is none of its approvers.
        ActionRefused: It is over, or they signed already.
    """
    async with service.transaction() as tx:
        candidate = await _locked(tx, candidate_id)
        if viewer.signs_as not in candidate.approvers:
            raise SignsForNobody(field="by")
        if not candidate.is_open:
            raise ActionRefused(ENDED)
        if not candidate.may_sign(viewer):
            if viewer.signs_as in candidate.missing:
                raise ActionRefused(SIGNED_FOR_ANOTHER)
            raise SignedAlready("It is signed for you already.")
        key = await store.access.load_key_name(tx, caller.key_id) if caller is not None else None
        signature = Signature(viewer.signs_as, viewer.user_id, tx.now.isoformat(), key)
        signed = replace(candidate, signatures=(*candidate.signatures, signature))
        await store.rules.save_signatures(tx, candidate_id, signed.signatures)
        await record_action(tx.raw, caller, "rules.signed", candidate_id, viewer.signs_as, by=viewer.user_id)
    return signed


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
    async with service.transaction() as tx:
        _check_may_activate(await _locked(tx, candidate_id), viewer)
    rules = await load_rules_in_force(service)
    async with service.transaction() as tx:
        candidate = await _locked(tx, candidate_id)
        _check_may_activate(candidate, viewer)
        _check_all_answer(rules)
        _check_signed_by_those_in_force(candidate, rules)
        before = {name: _kept(found) for name, found in rules.items() if found is not None}
        await store.rules.save_rules_before(tx, candidate_id, before)
    approvals = [each.name for each in candidate.signatures]
    changed: dict[Target, bool] = {}
    for name, was in before.items():
        if name not in leave_out:
            texts = (candidate.definitions, candidate.bodies.get(name, was.body))
            done: Fact = await UPSTREAM.send_command(
                service, orders.build_activate_rules_command(name, texts, viewer.by, approvals), ""
            )
            changed[name] = bool(done["changed"])
    if not leave_out:
        await _mark(service, viewer, candidate_id, "activated", caller)
    return changed


async def restore_rules_before(service: "Service[PageSettings]", viewer: Viewer, candidate_id: UUID) -> None:
    """Put the rules in force again that were before a candidate.

    Raises:
        NotForYou: The viewer is neither an operator nor one of its approvers.
        ActionRefused: It is not in force any more, or a service does not answer.
    """
    rules = await load_rules_in_force(service)
    async with service.transaction() as tx:
        candidate = await _locked(tx, candidate_id)
    if not (viewer.may("operate") or viewer.signs_as in candidate.approvers):
        raise NotForYou
    if candidate.before is None or not candidate.may_go_back(viewer):
        raise ActionRefused(ENDED)
    _check_all_answer(rules)
    if not all(candidate.is_of(name, _kept(found)) for name, found in rules.items() if found is not None):
        raise ActionRefused("Other rules were put in force since. Put these in force by a candidate of their own.")
    for name, was in candidate.before.items():
        approvals = candidate.approvals_of(was)
        await UPSTREAM.send_command(
            service, orders.build_activate_rules_command(name, (was.definitions, was.body), viewer.by, approvals), ""
        )
    await _mark(service, viewer, candidate_id, "ended")


def _check_may_activate(candidate: Candidate, viewer: Viewer) -> None:
    if not (viewer.may("operate") or viewer.signs_as in candidate.approvers):
        raise NotForYou
    if not candidate.may_activate(viewer):
        raise ActionRefused(ENDED if not candidate.is_open else f"Not signed yet: {', '.join(candidate.missing)}.")


def _check_all_answer(rules: Mapping[Target, Fact | None]) -> None:
    if away := [name for name, found in rules.items() if found is None]:
        raise ActionRefused(f"Nothing was changed, for {', '.join(away)} does not answer just now.")


def _check_signed_by_those_in_force(candidate: Candidate, rules: Mapping[Target, Fact | None]) -> None:
    """Check that those agreed who decide until now, also about a candidate that others were asked to sign."""
    named = [name for found in rules.values() if found for name in list_named_approvers(_terms(found["definitions"]))]
    if missing := candidate.unsigned_of(named):
        raise ActionRefused(f"Not signed yet: {', '.join(missing)}.")


async def _locked(tx: Transaction, candidate_id: UUID) -> Candidate:
    candidate = await store.rules.lock_candidate(tx, candidate_id)
    if candidate is None:
        raise ActionRefused("There is no such candidate.")
    return candidate


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


def _kept(found: Fact) -> KeptRules:
    return KeptRules(found["definitions"], found["body"], tuple(found["approvals"]))


def _terms(text: str) -> Fact:
    found = load_yaml(text)
    return found if isinstance(found, Mapping) else {}
