"""What several services know of the same thing, and must know alike.

Each fact asks every service that keeps it one question in SQL: the thing's id, whose it is, and what is known of it in
words that compare. A service that lacks what another has, or has it otherwise, breaks the rule; so each fact guards
both directions between every pair of its services.
"""

from collections.abc import Mapping
from dataclasses import dataclass

AGAIN = (
    "`baton trace {contact_id}` shows what each service knows. Where it never arrived: `baton republish --topic"
    " {topic}`. Where it was lost after it had arrived: restore that service's database, then republish"
)


@dataclass(frozen=True)
class SharedFact:
    """One kind of thing that several services keep."""

    name: str
    title: str
    questions: Mapping[str, str]
    """By service: `id` and `value` as texts and `contact_id`, one row a thing."""
    topic: str
    """What brings it from its owner to the others."""
    may_have_more: str | None = None
    """A service whose further rows break nothing."""
    by_contact: bool = True
    """Whether it belongs to a contact; what does not is compared only in a full examination."""
    advice: str = AGAIN

    def next_step(self, contact_id: object) -> str:
        """Return what to do about a difference."""
        return self.advice.format(contact_id=contact_id, topic=self.topic)


PERSON = SharedFact(
    "person",
    "every contact that a service knows is known to capture, and capture's to scoring, feedback and desk",
    {
        "capture": "select contact_id::text as id, contact_id, 'known' as value from profiles",
        "scoring": (
            "select contact_id::text as id, contact_id, 'known' as value"
            " from (select distinct contact_id from engagements) e"
        ),
        "feedback": "select contact_id::text as id, contact_id, 'known' as value from people",
        "desk": "select contact_id::text as id, contact_id, 'known' as value from people",
    },
    "contacts.captured.v1",
    advice=(
        "missing in capture: its database is older than the others', restore or rebuild it from contacts.profiles.v1;"
        " missing elsewhere: `baton republish --topic {topic}` (`baton trace {contact_id}` shows the rest)"
    ),
)

_COUNTED = (
    "source not in ('nurture', 'override') and engagement not in ('account_use', 'facts_learned', 'talk_to_sales')"
)
"""Without those that scoring makes itself: wake-ups, overrides, an account's use, learned facts, wishes for later."""

ENGAGEMENT = SharedFact(
    "engagement",
    "every engagement that capture accepted has reached scoring",
    dict.fromkeys(
        ("capture", "scoring"),
        f"select engagement_id::text as id, contact_id, 'known' as value from engagements where {_COUNTED}",
    ),
    "contacts.captured.v1",
)

SIGNAL = SharedFact(
    "signal",
    "every engagement that capture accepted has reached feedback",
    {
        "capture": "select engagement_id::text as id, contact_id, 'known' as value from engagements",
        "feedback": "select engagement_id::text as id, contact_id, 'known' as value from signals",
    },
    "contacts.captured.v1",
)

_MERGES = (
    "select merge_id::text as id, survivor_id as contact_id, loser_id || ' into ' || survivor_id"
    " || case when undone then ', undone' else '' end as value from merges"
)
MERGE = SharedFact(
    "merge",
    "capture's merges are known to scoring, routing, feedback and desk",
    dict.fromkeys(("capture", "scoring", "routing", "feedback", "desk"), _MERGES),
    "contacts.merged.v1",
)

ERASED = {
    "capture": "erasures",
    "scoring": "erasures",
    "routing": "erased",
    "sla-monitor": "erasures",
    "feedback": "erased_people",
    "desk": "erasures",
}
"""The table in which each service remembers who asked to be forgotten."""

ERASURE = SharedFact(
    "erasure",
    "every service knows who was erased",
    {
        service: f"select distinct contact_id::text as id, contact_id, 'erased' as value from {table}"
        for service, table in ERASED.items()
    },
    "contacts.erased.v1",
)

LEAD = SharedFact(
    "lead",
    "scoring, routing, sla-monitor, feedback and desk know the same leads, by contact and cycle",
    dict.fromkeys(
        ("scoring", "routing", "sla-monitor", "feedback", "desk"),
        "select lead_id::text as id, contact_id, 'cycle ' || cycle || ' of ' || contact_id as value from leads",
    ),
    "leads.qualified.v1",
)

_OWNER = (
    "select lead_id::text as id, contact_id,"
    " 'rep ' || coalesce({rep}, 'nobody') || ', team ' || coalesce(team, 'none') as value from leads"
)
OWNER = SharedFact(
    "owner",
    "routing, sla-monitor, feedback and desk name the same rep and team for every lead",
    dict.fromkeys(("routing", "sla-monitor", "feedback"), _OWNER.format(rep="rep_id"))
    | {"desk": _OWNER.format(rep="owner_id")},
    "leads.assigned.v1",
)

PLACEMENT = SharedFact(
    "placement",
    "routing and feedback stand at the same placement of every lead",
    {
        "routing": "select lead_id::text as id, contact_id, 'placement ' || placement as value from leads",
        "feedback": "select lead_id::text as id, contact_id, 'placement ' || placement as value from leads",
    },
    "leads.assigned.v1",
)

_ENDED_ONCE = (
    "select from jsonb_array_elements(moves) m where m ->> 'step' not in ('accept', 'confirm', 'opportunity', 'reject')"
    " or (m ->> 'step' = 'reject' and coalesce(m ->> 'to', 'mql') <> 'mql')"
)
END = SharedFact(
    "end",
    "a lead is open in scoring, routing, sla-monitor and feedback, or ended in all of them",
    {
        "scoring": (
            "select lead_id::text as id, contact_id,"
            " case when ended_at is null then 'open' else 'ended' end as value from leads"
        ),
        "routing": (
            "select lead_id::text as id, contact_id,"
            " case when state in ('closed', 'released') then 'ended' else 'open' end as value from leads"
        ),
        "sla-monitor": (
            "select lead_id::text as id, contact_id,"
            " case when ended_at is null then 'open' else 'ended' end as value from leads"
        ),
        # A late outcome opens a lead again in feedback alone: who was ever ended counts as ended.
        "feedback": (
            "select lead_id::text as id, contact_id, case when state not in ('mql', 'accepted', 'sal', 'sql',"
            f" 'opportunity') or exists ({_ENDED_ONCE}) then 'ended' else 'open' end as value from leads"
        ),
    },
    "leads.recycled.v1 and leads.worked.v1",
)

RETURN = SharedFact(
    "return",
    "every return that feedback published has reached scoring",
    {
        "scoring": (
            "select turn_id::text as id, contact_id, kind || ', cycle ' || cycle as value from turns"
            " where kind in ('recycled', 'disqualified')"
        ),
        "feedback": (
            "select h.entry_id::text as id, h.contact_id,"
            " substr(h.kind, 6) || ', cycle ' || coalesce(l.cycle::text, 'unknown') as value"
            " from history h left join leads l using (lead_id) where h.kind in ('lead.recycled', 'lead.disqualified')"
        ),
    },
    "leads.recycled.v1",
)

MISS = SharedFact(
    "miss",
    "every missed promise that sla-monitor flagged stands in feedback's history",
    {
        "sla-monitor": (
            "select clock_id::text as id, contact_id, 'breached' as value from clocks where breached_at is not null"
        ),
        "feedback": (
            "select details ->> 'clock_id' as id, contact_id, 'breached' as value from history"
            " where kind = 'clock.breached'"
        ),
    },
    "sla.flagged.v1",
    may_have_more="feedback",
)
"""A clock that later facts show never ran is dropped in sla-monitor; what was flagged of it stays in the history."""

ACCOUNT = SharedFact(
    "account",
    "capture, scoring, routing and feedback stand at the same revision of every account",
    {
        "capture": "select domain as id, null::uuid as contact_id, 'revision ' || revision as value from accounts",
        "scoring": (
            "select distinct account as id, null::uuid as contact_id, 'revision ' || revision as value from accounts"
        ),
        "routing": "select domain as id, null::uuid as contact_id, 'revision ' || revision as value from accounts",
        "feedback": "select domain as id, null::uuid as contact_id, 'revision ' || revision as value from accounts",
    },
    "accounts.changed.v1",
    by_contact=False,
)

CAMPAIGN = SharedFact(
    "campaign",
    "capture, routing and feedback stand at the same revision of every campaign",
    dict.fromkeys(
        ("capture", "routing", "feedback"),
        "select campaign as id, null::uuid as contact_id, 'revision ' || revision as value from campaigns",
    ),
    "campaigns.announced.v1",
    by_contact=False,
)

REP = SharedFact(
    "rep",
    "routing, sla-monitor and desk stand at the same revision of every rep's hours",
    {
        "routing": (
            "select rep_id as id, null::uuid as contact_id, 'revision ' || revision as value from published_calendars"
        ),
        "sla-monitor": (
            "select rep_id as id, null::uuid as contact_id, 'revision ' || max(revision) as value from rep_calendars"
            " group by rep_id"
        ),
        "desk": "select rep_id as id, null::uuid as contact_id, 'revision ' || revision as value from rep_calendars",
    },
    "reps.changed.v1",
    by_contact=False,
)

SHARED_FACTS: tuple[SharedFact, ...] = (
    PERSON, ENGAGEMENT, SIGNAL, MERGE, ERASURE, LEAD, OWNER, PLACEMENT, END, RETURN, MISS, ACCOUNT, CAMPAIGN, REP,
)  # fmt: skip
