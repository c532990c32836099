"""The agreement: what is in force, a candidate beside it, signing as oneself."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID, uuid4

from desk import store
from desk.domain import Viewer
from desk.domain.agreement import Candidate, KeptRules, Signature, list_who_must_sign
from desk.domain.facts import Fact
from desk.domain.orders import Target
from desk.domain.rule_changes import RuleChange, diff_candidate, read_terms
from desk.handlers.errors import ActionRefused, PersonUnknown, SignedAlready, SignsForNobody, TooFewApprovers
from desk.handlers.operating import TARGETS
from desk.handlers.upstream import UPSTREAM
from desk.store.pages import PageLead
from events.runtime import Transaction
from events.runtime.activation import parse_rules_yaml
from events.runtime.audit_log import record_action
from events.runtime.playbooks import list_named_approvers
from events.runtime.security import Caller

if TYPE_CHECKING:
    from desk.settings import PageSettings
    from events.runtime import Service

SHOWN_LEADS = 100
FEWEST = 2
"""Both teams must have agreed."""
SIGNED_FOR_ANOTHER = "You have signed for another approver: nobody signs for two."
IN_PROGRESS = (
    "The candidate before is in force in some services only. Under Rules, put it in force again to finish,"
    " or go back to the rules before; then propose others."
)
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
    following: Mapping[Target, bool]
    """Of a candidate that is in force in part: which services follow it, of those that answer."""
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
    candidate = candidate and _ask_those_in_force(candidate, rules)
    return Agreement(
        {name: ServiceRules(found, read_terms(found["body"]) if found else {}) for name, found in rules.items()},
        read_terms(first["definitions"]) if first else {},
        list_approvers_in_force(rules),
        candidate,
        diff_candidate(candidate, rules) if candidate and candidate.is_open else {},
        {name: candidate.is_followed_by(name, make_kept_rules(found)) for name, found in rules.items() if found}
        if candidate and candidate.is_begun
        else {},
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
        ActionRefused: Another candidate is in force in part.
    """
    parse_rules_yaml(definitions, "definitions")
    for name, body in bodies.items():
        parse_rules_yaml(body, f"bodies.{name}")
    approvers = tuple(dict.fromkeys(list_approvers(definitions)))
    if len(approvers) < FEWEST:
        raise TooFewApprovers(field="definitions")
    await store.rules.lock_candidates(tx)
    in_force = list_approvers(await store.rules.load_definitions_in_force(tx))
    signing = list_who_must_sign(in_force, approvers)
    current = await store.rules.load_open_candidate(tx)
    if current is not None:
        if current.is_same_as(definitions, bodies, signing):
            return current.candidate_id
        if current.is_begun:
            raise ActionRefused(IN_PROGRESS)
    candidate = Candidate(uuid4(), definitions, bodies, signing, by, tx.now)
    await store.rules.save_candidate(tx, candidate)
    return candidate.candidate_id


async def load_open_candidate(service: "Service[PageSettings]") -> Candidate | None:
    """Return the candidate that is being signed, with all who must sign it; None where there is none."""
    rules = await load_rules_in_force(service)
    async with service.transaction() as tx:
        found = await store.rules.load_open_candidate(tx)
    return found and _ask_those_in_force(found, rules)


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
        SignsForNobody: The viewer is none of those who must sign it.
        ActionRefused: It is over, or they signed already.
    """
    rules = await load_rules_in_force(service)
    async with service.transaction() as tx:
        candidate = await lock_candidate(tx, candidate_id, rules)
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


async def lock_candidate(tx: Transaction, candidate_id: UUID, rules: Mapping[Target, Fact | None]) -> Candidate:
    """Return a candidate, locked, with all who must sign it: it names some, the rules in force may name others.

    Raises:
        ActionRefused: There is none.
    """
    candidate = await store.rules.lock_candidate(tx, candidate_id)
    if candidate is None:
        raise ActionRefused("There is no such candidate.")
    return _ask_those_in_force(candidate, rules)


def _ask_those_in_force(candidate: Candidate, rules: Mapping[Target, Fact | None]) -> Candidate:
    return candidate.asking(list_approvers_in_force(rules)) if candidate.is_open else candidate


def list_approvers(definitions: str) -> list[str]:
    """Return whom definitions name as approvers."""
    return list_named_approvers(read_terms(definitions))


def list_approvers_in_force(rules: Mapping[Target, Fact | None]) -> list[str]:
    """Return whom the rules in force name, of all services that answer: each asks for its own."""
    texts = dict.fromkeys(found["definitions"] for found in rules.values() if found)
    return list(dict.fromkeys(name for text in texts for name in list_approvers(text)))


def make_kept_rules(found: Fact) -> KeptRules:
    """Return by what a service decides, as a candidate keeps it."""
    return KeptRules(found["definitions"], found["body"], tuple(found["approvals"]))
