"""Rules that were proposed: who signed them, and what was in force before."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Literal
from uuid import UUID

import sqlalchemy as sa

from desk.domain.agreement import Candidate, KeptRules, Signature
from desk.domain.facts import Fact
from desk.domain.orders import Target
from desk.models import ProposedRulesRow
from events.runtime import Transaction
from events.runtime.bulk import get_table
from events.runtime.rows import Row, read_row

candidates = get_table(ProposedRulesRow)


class CandidateRow(Row):
    """A candidate as it is stored."""

    candidate_id: UUID
    definitions: str
    bodies: dict[Target, str]
    approvers: list[str]
    proposed_by: str
    proposed_at: datetime
    signatures: list[Fact]
    signature_keys: dict[str, str] | None
    before: dict[Target, Fact] | None
    activated_at: datetime | None
    ended_at: datetime | None


_SHOWN = sa.select(*CandidateRow.columns(candidates))


async def load_definitions_in_force(tx: Transaction) -> str:
    """Return the definitions by which the desk itself decides; empty before there are any."""
    rows = await tx.raw.fetch("select definitions from playbooks order by nth desc limit 1")
    return str(rows[0]["definitions"]) if rows else ""


async def lock_candidates(tx: Transaction) -> None:
    """Let nobody else propose until the end of the transaction."""
    await tx.raw.execute("select pg_advisory_xact_lock(hashtext('candidates'))")


async def save_candidate(tx: Transaction, candidate: Candidate) -> None:
    """Keep rules as the candidate; one that nobody put in force yet ends by that."""
    await lock_candidates(tx)
    is_open = sa.and_(candidates.c.activated_at.is_(None), candidates.c.ended_at.is_(None))
    await tx.execute(sa.update(candidates).where(is_open).values(ended_at=candidate.proposed_at))
    row = {
        "candidate_id": candidate.candidate_id, "definitions": candidate.definitions,
        "bodies": dict(candidate.bodies), "approvers": list(candidate.approvers),
        "proposed_by": candidate.proposed_by, "proposed_at": candidate.proposed_at, "signatures": [],
    }  # fmt: skip
    await tx.insert(ProposedRulesRow, [row])


async def load_latest_candidate(tx: Transaction) -> Candidate | None:
    """Return the candidate, or the one that was put in force last; None where nothing was ever proposed."""
    open_first = sa.nulls_first(candidates.c.activated_at.desc())
    wanted = _SHOWN.where(candidates.c.ended_at.is_(None)).order_by(open_first).limit(1)
    return _candidate(await read_row(tx, CandidateRow, wanted))


async def load_open_candidate(tx: Transaction) -> Candidate | None:
    """Return the candidate that is being signed; None where there is none."""
    latest = await load_latest_candidate(tx)
    return latest if latest is not None and latest.is_open else None


async def lock_candidate(tx: Transaction, candidate_id: UUID) -> Candidate | None:
    """Return a candidate, locked to the end of the transaction; None where there is none."""
    wanted = _SHOWN.where(candidates.c.candidate_id == candidate_id).with_for_update()
    return _candidate(await read_row(tx, CandidateRow, wanted))


async def save_signatures(tx: Transaction, candidate_id: UUID, signatures: Sequence[Signature]) -> None:
    """Save who has signed a candidate; keys stand apart, as the release before reads no others than these names."""
    signed = [{"name": each.name, "user_id": each.user_id, "at": each.at} for each in signatures]
    keys = {each.name: each.key for each in signatures if each.key is not None}
    await tx.execute(_update(candidate_id).values(signatures=signed, signature_keys=keys))


async def save_rules_before(tx: Transaction, candidate_id: UUID, before: Mapping[Target, KeptRules]) -> None:
    """Keep what was in force until now; the first time counts."""
    kept = {name: asdict(rules) for name, rules in before.items()}
    await tx.execute(_update(candidate_id).where(candidates.c.before.is_(None)).values(before=kept))


async def mark_candidate(
    tx: Transaction, candidate_id: UUID, state: Literal["activated", "ended"], at: datetime
) -> None:
    """Record since when a candidate is in force, or is over; the first time counts."""
    column = candidates.c[f"{state}_at"]
    await tx.execute(_update(candidate_id).values({column: sa.func.coalesce(column, at)}))


def _update(candidate_id: UUID) -> sa.Update:
    return sa.update(candidates).where(candidates.c.candidate_id == candidate_id)


def _candidate(row: CandidateRow | None) -> Candidate | None:
    if row is None:
        return None
    before = None
    if row.before is not None:
        before = {name: _kept(was) for name, was in row.before.items()}
    keys = row.signature_keys or {}
    signatures = tuple(
        Signature(each["name"], each["user_id"], each["at"], keys.get(each["name"])) for each in row.signatures
    )
    return Candidate(
        row.candidate_id, row.definitions, row.bodies, tuple(row.approvers), row.proposed_by, row.proposed_at,
        signatures, before, row.activated_at, row.ended_at,
    )  # fmt: skip


def _kept(was: Fact) -> KeptRules:
    return KeptRules(was["definitions"], was["body"], tuple(was["approvals"]))
