"""The topics as data: who says what on them, in what order, and how long they keep it."""

from dataclasses import dataclass

from events import contacts, gaps, leads, reps, sla
from events.envelope import Event

SERVICES = ("capture", "scoring", "routing", "sla-monitor", "feedback", "desk")

DAY_MS = 24 * 60 * 60 * 1000
KEEP_30_DAYS = 30 * DAY_MS
KEEP_FOR_EVER = -1


@dataclass(frozen=True)
class Topic:
    """One stream. `retention_ms` of -1 keeps for ever; a compacted topic keeps the last record of each key."""

    name: str
    events: tuple[type[Event], ...]
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    purpose: str
    key: str = "contact_id"
    compacted: bool = False
    retention_ms: int = KEEP_30_DAYS
    partitions: int = 6

    def settings(self) -> dict[str, str]:
        """Return the broker's settings for this topic."""
        common = {"message.timestamp.type": "LogAppendTime", "segment.ms": str(DAY_MS)}
        if self.compacted:
            return common | {"cleanup.policy": "compact", "max.compaction.lag.ms": str(7 * DAY_MS)}
        return common | {"cleanup.policy": "delete", "retention.ms": str(self.retention_ms)}


CONTACTS_CAPTURED = Topic(
    "contacts.captured.v1",
    (contacts.ContactCaptured,),
    ("capture",),
    ("scoring", "feedback"),
    "Every engagement of every contact, without direct identifiers.",
)
CONTACTS_PROFILES = Topic(
    "contacts.profiles.v1",
    (contacts.ContactProfile,),
    ("capture",),
    ("feedback", "desk"),
    "The current profile of each contact: the only topic with names, e-mails and phones.",
    compacted=True,
)
CONTACTS_WISHES = Topic(
    "contacts.wishes.v1",
    (contacts.ConsentChanged, contacts.ContactPostponed, contacts.ContactScheduled),
    ("capture",),
    ("routing",),
    "What contacts no longer allow, allow again, put off or want at a time: it reaches leads that somebody has.",
)
CONTACTS_MERGED = Topic(
    "contacts.merged.v1",
    (contacts.ContactMerged, contacts.ContactUnmerged),
    ("capture",),
    ("scoring", "routing", "feedback", "desk"),
    "Two contacts are one person, or are two again.",
    retention_ms=KEEP_FOR_EVER,
)
CONTACTS_ERASED = Topic(
    "contacts.erased.v1",
    (contacts.ContactErased,),
    ("capture",),
    ("scoring", "routing", "sla-monitor", "feedback", "desk"),
    "A person asked to be forgotten.",
    retention_ms=KEEP_FOR_EVER,
)
CONTACTS_RECEIPTS = Topic(
    "contacts.receipts.v1",
    (contacts.ErasureReceipt,),
    SERVICES,
    ("capture",),
    "Each service's word that it has erased a contact.",
)
LEADS_QUALIFIED = Topic(
    "leads.qualified.v1",
    (leads.LeadQualified, leads.LeadUpgraded, leads.LeadRegraded, leads.LeadStrengthened, leads.LeadCooled),
    ("scoring",),
    ("routing", "sla-monitor", "feedback", "desk"),
    "Leads that crossed the line, grew stronger, got another grade or cooled, with the evidence.",
)
LEADS_ASSIGNED = Topic(
    "leads.assigned.v1",
    (leads.LeadQueued, leads.LeadAssigned, leads.LeadReleased, leads.LeadScheduled),
    ("routing",),
    ("sla-monitor", "feedback", "desk"),
    "Who has the lead now, and why, and when its contact wants to be called or to meet.",
)
LEADS_WORKED = Topic(
    "leads.worked.v1",
    (
        leads.LeadTouched,
        leads.MeetingChanged,
        leads.LeadAccepted,
        leads.LeadRejected,
        leads.LeadCorrected,
        leads.LeadConfirmed,
        leads.OpportunityOpened,
        leads.LeadWon,
        leads.LeadLost,
        leads.CustomerChanged,
    ),
    ("feedback",),
    ("scoring", "routing", "sla-monitor", "desk"),
    "What reps did with their leads, and how it ended.",
)
LEADS_RECYCLED = Topic(
    "leads.recycled.v1",
    (
        leads.LeadRecycled,
        leads.LeadDisqualified,
        leads.LeadWoken,
        leads.FeedbackGiven,
        leads.FeedbackAnswered,
    ),
    ("feedback",),
    ("scoring", "routing", "sla-monitor", "desk"),
    "What came back to marketing, why, and when it wakes up.",
)
SLA_FLAGGED = Topic(
    "sla.flagged.v1",
    (
        sla.ClockWarned,
        sla.ClockBreached,
        sla.ClockMet,
        sla.ClockRescinded,
        sla.ClockEscalated,
        sla.ReviewOpened,
    ),
    ("sla-monitor",),
    ("routing", "feedback", "desk"),
    "Promises kept, missed, taken back and escalated.",
)
LEADS_PROMISED = Topic(
    "leads.promised.v1",
    (sla.LeadPromised,),
    ("sla-monitor",),
    ("desk",),
    "What is due for each lead and when: for whoever shows a countdown.",
)
LEADS_LIFECYCLE = Topic(
    "leads.lifecycle.v1",
    (leads.LeadLifecycle,),
    ("feedback",),
    ("desk",),
    "The current state of all cycles of each contact, for a CRM or a warehouse to mirror.",
    compacted=True,
)
CAMPAIGNS_ANNOUNCED = Topic(
    "campaigns.announced.v1",
    (contacts.CampaignAnnounced,),
    ("capture",),
    ("routing", "feedback", "desk"),
    "What marketing is about to run, before its leads arrive.",
    key="campaign",
    compacted=True,
)
ACCOUNTS_CHANGED = Topic(
    "accounts.changed.v1",
    (contacts.AccountChanged,),
    ("capture",),
    ("scoring", "routing", "feedback"),
    "Reference data about companies, by registrable domain.",
    key="domain",
    compacted=True,
)
REPS_CHANGED = Topic(
    "reps.changed.v1",
    (reps.RepChanged,),
    ("routing",),
    ("sla-monitor", "desk"),
    "When each rep works: kept once, by routing, for whoever makes promises or disturbs them in their time.",
    key="rep_id",
    compacted=True,
)
PLAYBOOKS_ACTIVATED = Topic(
    "playbooks.activated.v1",
    (contacts.PlaybookActivated,),
    SERVICES,
    ("feedback",),
    "Which version of the rules each service decides by.",
    key="service",
    compacted=True,
)

GAPS_FOUND = Topic(
    "gaps.found.v1",
    (gaps.GapFound, gaps.GapAnswered),
    SERVICES,
    SERVICES,
    "What a service can no longer read, and what the producers of it have sent again.",
    key="topic",
    partitions=1,
)

TOPICS: tuple[Topic, ...] = (
    CONTACTS_CAPTURED,
    CONTACTS_PROFILES,
    CONTACTS_WISHES,
    CONTACTS_MERGED,
    CONTACTS_ERASED,
    CONTACTS_RECEIPTS,
    LEADS_QUALIFIED,
    LEADS_ASSIGNED,
    LEADS_WORKED,
    LEADS_RECYCLED,
    SLA_FLAGGED,
    LEADS_PROMISED,
    LEADS_LIFECYCLE,
    CAMPAIGNS_ANNOUNCED,
    ACCOUNTS_CHANGED,
    REPS_CHANGED,
    PLAYBOOKS_ACTIVATED,
    GAPS_FOUND,
)

EVENT_TYPES: dict[str, type[Event]] = {kind.ce_type: kind for topic in TOPICS for kind in topic.events}
TOPIC_OF: dict[type[Event], Topic] = {kind: topic for topic in TOPICS for kind in topic.events}


def dead_letter_topic_name(service: str) -> str:
    """Name the topic on which a service points at its parked records."""
    return f"{service}.dead-letters"


def dead_letter_topic(service: str) -> Topic:
    """Return the topic on which a service points at its parked records."""
    return Topic(
        dead_letter_topic_name(service), (), (service,), (), "Pointers to parked records.", "as it was", partitions=1
    )
