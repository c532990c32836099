"""The pieces of feedback that led to a proposal: leads that were returned, and what sales said."""

from datetime import datetime
from uuid import UUID

from events.runtime import Transaction
from events.runtime.rows import Row, read_rows

_SOURCES = """
select * from (
    select s.feedback_id, case when f.feedback_id is null then 'return' else 'feedback' end as kind,
           coalesce(e.lead_id, l.lead_id) as lead_id, s.contact_id, coalesce(f.at, e.ended_at, p.proposed_at) as at,
           s.rep_id as by, coalesce(f.about, e.reason, p.reason) as about, s.campaign, f.topic, f.content
    from proposal_sources s join proposals p using (proposal_id)
    left join feedbacks f on f.feedback_id = s.feedback_id
    left join leads e on e.contact_id = s.contact_id and e.said_end = s.feedback_id
    left join lateral (
        select lead_id, team from leads where contact_id = s.contact_id order by cycle desc limit 1
    ) l on true
    where s.proposal_id = $1 and ($2::text is null or s.rep_id = $2)
      and ($3::text is null or coalesce(e.team, l.team) = $3)
) found
where $4::timestamptz is null or (at, feedback_id) < ($4, $5::uuid)
order by at desc, feedback_id desc limit $6
"""


class ProposalSource(Row):
    """A piece of feedback: a lead that was returned, or what a rep said of a campaign, a topic or content."""

    feedback_id: UUID
    kind: str
    lead_id: UUID | None
    """Of what a rep said: the latest lead of the contact, if it names one."""
    contact_id: UUID | None
    at: datetime
    by: str | None
    about: str | None
    """The reason of a return; of feedback what it is about."""
    campaign: str | None
    topic: str | None
    content: str | None


async def list_proposal_sources_page(
    tx: Transaction,
    proposal_id: UUID,
    *,
    rep_id: str | None,
    team: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[ProposalSource]:
    """Return one page of what led to a proposal, the newest first; only a rep's own or a team's where these are named.

    What somebody said who was forgotten since is no longer there, and not counted either.
    """
    at, feedback_id = after or (None, None)
    return await read_rows(tx, ProposalSource, _SOURCES, proposal_id, rep_id, team, at, feedback_id, limit)
