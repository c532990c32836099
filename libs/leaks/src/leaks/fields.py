"""What can be known of a lead, an activity and a deal, and the headings under which exports write it."""

from typing import Literal, get_args

Kind = Literal["leads", "activities", "deals"]
KINDS: tuple[Kind, ...] = get_args(Kind)

FIELDS: dict[Kind, dict[str, str]] = {
    "leads": {
        "lead_id": "the lead's number in the CRM",
        "created_at": "when the lead came in",
        "source": "where it came from",
        "request": "what they asked for: the form or the conversion",
        "owner": "who has it",
        "team": "the team of who has it",
        "status": "where it stands: open, won, lost, returned",
        "reason": "why it was closed or returned",
        "closed_at": "when it was closed",
        "won_at": "when it was won",
        "first_touch_at": "when somebody first called or wrote",
        "second_touch_at": "when somebody called or wrote again",
        "last_touch_at": "when somebody last called or wrote",
        "touch_count": "how often somebody called or wrote",
        "returned_at": "when it went back to marketing",
        "woken_at": "when it came back from nurture",
        "amount": "what it was worth",
        "currency": "the currency of the amount",
        "email": "the e-mail, for duplicates alone: it is hashed",
        "phone": "the phone, for duplicates alone: it is hashed",
        "industry": "the company's industry",
        "employees": "how many people work there",
        "country": "the country",
        "job_title": "the job title",
    },
    "activities": {
        "lead_id": "the number of the lead that it belongs to",
        "at": "when it happened",
        "kind": "what it was: call, e-mail, meeting",
        "owner": "who did it",
        "automated": "whether a machine did it",
    },
    "deals": {
        "lead_id": "the number of the lead that it came from",
        "status": "where it stands: open, won, lost",
        "won": "whether it was won",
        "won_at": "when it was won",
        "closed_at": "when it was closed",
        "amount": "what it is worth",
        "currency": "the currency of the amount",
        "owner": "who closed it",
        "reason": "why it was lost",
    },
}
NEEDED: dict[Kind, tuple[str, ...]] = {
    "leads": (),
    "activities": ("lead_id", "at"),
    "deals": ("lead_id",),
}
"""Without these a file cannot be read at all."""
SAYS_SOMETHING = frozenset(("created_at", "status", "won_at", "closed_at", "source", "request"))
"""Of leads one of these: when they came in (most figures need it), what became of them, or where they came from."""

TIMES = frozenset(name for names in FIELDS.values() for name in names if name == "at" or name.endswith("_at"))
HASHED = frozenset(("email", "phone"))
LEARNED = ("industry", "employees", "country", "job_title")
"""What points are learned from, beside the source."""

HEADINGS: dict[Kind, dict[str, tuple[str, ...]]] = {
    "leads": {
        "lead_id": ("lead id", "mql id", "record id", "id", "external id", "lead number", "contact id", "nr", "no"),
        "created_at": (
            "create date", "created date", "created at", "created on", "created time", "created", "date added",
            "date", "first contact date", "lead created", "timestamp", "datum", "erstellt am", "eingang", "received",
        ),
        "source": (
            "lead source", "source", "original source", "original traffic source", "origin", "utm source", "channel",
            "source name", "quelle", "herkunft", "source channel",
        ),
        "request": (
            "first conversion", "recent conversion", "form", "form name", "request", "asked for", "conversion",
            "inquiry", "anfrage", "interest",
        ),
        "owner": (
            "lead owner", "contact owner", "owner", "salesperson", "sales rep", "rep", "assigned to", "who",
            "record owner", "zustandig", "verantwortlich", "account owner", "owner id", "user",
        ),
        "team": ("sales team", "team", "hubspot team", "owner role", "abteilung"),
        "status": ("lead status", "status", "stage", "lifecycle stage", "lead stage", "pipeline stage", "phase"),
        "reason": (
            "closed reason", "lost reason", "loss reason", "unqualified reason", "reason", "disqualification reason",
            "closed lost reason", "grund", "reason for loss", "rejection reason", "why",
        ),
        "closed_at": ("closed date", "close date", "closed at", "closed on", "closed", "abgeschlossen"),
        "won_at": ("won date", "converted date", "became a customer date", "won at", "won on", "won time"),
        "first_touch_at": (
            "first activity date", "first touch", "first call", "first contacted", "date of first engagement",
            "first response date", "first outreach", "first activity", "erster anruf",
        ),
        "second_touch_at": ("second touch", "second call", "second activity date", "zweiter anruf"),
        "last_touch_at": (
            "last activity", "last activity date", "last contacted", "last activity time", "last touch", "last call",
        ),
        "touch_count": ("number of times contacted", "touches", "total activities", "number of calls", "calls"),
        "returned_at": ("returned date", "recycled date", "returned at", "returned on", "returned", "nurture date"),
        "woken_at": ("woken date", "reopened date", "woken at", "reopened at", "reactivated date", "woken", "reopened"),
        "amount": ("amount", "deal value", "deal amount", "expected revenue", "value", "betrag", "revenue"),
        "currency": ("currency", "amount currency", "wahrung"),
        "email": ("email", "e mail", "email address", "work email", "e mail address"),
        "phone": ("phone", "phone number", "telephone", "mobile", "mobile phone number", "telefon"),
        "industry": ("industry", "business segment", "branche", "sector"),
        "employees": ("employees", "number of employees", "no of employees", "company size", "mitarbeiter"),
        "country": ("country", "country region", "land"),
        "job_title": ("job title", "title", "job position", "position", "role", "funktion"),
    },
    "activities": {
        "lead_id": (
            "lead id", "contact id", "record id", "mql id", "associated contact ids", "who id", "related to id",
            "related document id", "contact ids",
        ),
        "at": (
            "activity date", "date", "at", "completed date", "completed at", "call start time", "start time",
            "due date", "marked as done time", "occurred at", "timestamp", "create date", "created date", "datum",
        ),
        "kind": ("activity type", "task subtype", "type", "kind", "call type", "channel", "subtype", "art"),
        "owner": ("activity assigned to", "assigned to", "assigned", "owner", "call owner", "by", "rep", "user", "who"),
        "automated": ("automated", "is automated", "automatic", "bot"),
    },
    "deals": {
        "lead_id": (
            "lead id", "contact id", "associated contact ids", "mql id", "source lead id", "converted lead id",
            "record id", "contact ids",
        ),
        "status": ("deal stage", "stage", "status", "deal status", "phase"),
        "won": ("won", "is won", "is closed won", "gewonnen"),
        "won_at": ("won date", "won time", "won at", "won on"),
        "closed_at": ("close date", "closing date", "closed date", "closed at", "closed on", "deal closed on"),
        "amount": ("amount", "deal value", "value", "deal amount", "expected revenue", "betrag"),
        "currency": ("currency", "amount currency", "currency of value", "wahrung"),
        "owner": ("deal owner", "opportunity owner", "owner", "sr id", "salesperson", "rep"),
        "reason": ("closed lost reason", "lost reason", "loss reason", "reason for loss", "reason"),
    },
}  # fmt: skip
"""Headings in their plainest form: lower case, no accents, no signs. The first that a file has is taken."""
