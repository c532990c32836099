"""What is loaded for queries that need more than one statement: a lead, the flags."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from events.runtime import Transaction
from events.runtime.rows import Row
from events.runtime.security import LeadReach
from feedback import store
from feedback.domain import funnel_report
from feedback.domain.activities import Activity
from feedback.domain.commands import Touch
from feedback.domain.funnel import HAND_RAISERS
from feedback.domain.lifecycle import legal_steps_for_people
from feedback.domain.rates import LoosenedVersion, RateDip, find_dips, find_loosened_versions
from feedback.handlers.errors import LeadErased, LeadUnknown
from feedback.playbook import Definitions, FeedbackPlaybook
from feedback.store.lead_details import HistoryEntry, LeadAccount, LeadDetailsRow, LeadEvidence, LeadNote, OtherCycle


class FullLead(LeadDetailsRow, kw_only=True):
    """Everything that is known of a lead: where it stands, what may be done, why it qualified, what happened to it."""

    stage: str
    new: bool
    cold: bool
    legal: Sequence[str]
    evidence: LeadEvidence | None
    account: LeadAccount | None
    history: list[HistoryEntry]
    notes: list[LeadNote]
    other_cycles: list[OtherCycle]


class FunnelFlags(Row):
    """Steps whose rate dipped between the days compared, and rules that were loosened near a period's end."""

    compared: dict[str, date]
    dips: list[RateDip]
    loosened: list[LoosenedVersion]


async def load_full_lead(tx: Transaction, lead_id: UUID, reach: LeadReach | None) -> FullLead:
    """Return everything that is known of a lead.

    Raises:
        LeadUnknown: No event has named it yet.
        LeadErased: Its person asked to be forgotten.
        OutOfReach: The caller's key is not for it.
    """
    found = await store.load_details(tx, lead_id)
    if found is None:
        if lead_id in await store.find_erased_leads(tx, [lead_id]):
            raise LeadErased(field="lead_id")
        raise LeadUnknown(field="lead_id")
    row = found.lead
    if reach is not None:
        reach.check_lead(row.rep_id, row.team)
    rules, definitions = tx.playbook(FeedbackPlaybook), tx.playbook(Definitions)
    contact = (await store.load_contacts(tx, [row.contact_id]))[row.contact_id]
    lead = contact.leads[lead_id]
    evidence = found.evidence
    if evidence is not None:
        by = "raised_hand" if lead.lead_type in HAND_RAISERS else "score"
        evidence = evidence.with_values(readiness={**evidence.readiness, "by": by})
    return FullLead(
        **row.as_dict(),
        stage=lead.stage(definitions.stages),
        new=lead.is_new(),
        cold=lead.is_cold(tx.now, contact.engaged_at, timedelta(days=rules.funnel.cold_days)),
        legal=legal_steps_for_people(lead.state),
        evidence=evidence,
        account=found.account,
        history=found.history,
        notes=found.notes,
        other_cycles=found.other_cycles,
    )


async def load_unresolved_activities(tx: Transaction) -> Mapping[str, list[Activity]]:
    """Return the waiting activities by the system that they came from."""
    rows = await store.list_unresolved_activities(tx, after=None, limit=1000)
    by_source: dict[str, list[Activity]] = {}
    for row in rows:
        touch = Touch.model_validate(row.touch)
        by_source.setdefault(row.source, []).append(Activity(row.external_id, touch, tuple(row.keys)))
    return by_source


async def load_funnel_flags(tx: Transaction, until: date | None = None) -> FunnelFlags:
    """Return dips of rates, and rules that were loosened near a period's end."""
    rules = tx.playbook(FeedbackPlaybook).funnel
    ripe = (until or tx.now.date()) - timedelta(days=rules.mature_days)
    since = ripe - timedelta(days=rules.dip_days)
    spans = (since + timedelta(days=1), ripe), (since - timedelta(days=4 * rules.dip_days - 1), since)
    now, before = [await store.read_funnel(tx, "all", kind="mql", first=first, last=last) for first, last in spans]
    versions = [each for each in await store.load_version_volumes(tx) if until is None or each.first <= until]
    fell = find_dips(funnel_report.sum_rows(now), funnel_report.sum_rows(before), rules.dip_at_least, spans)
    loose = find_loosened_versions(
        versions, months=rules.period_months, near_days=rules.near_end_days, more=rules.loosened_from
    )
    return FunnelFlags({"from": since + timedelta(days=1), "to": ripe}, fell, loose)
