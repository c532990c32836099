"""How facts read on the pages: in the words of the trade, short, in the reader's own language and zone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from desk.domain.facts import Fact


@dataclass(frozen=True, slots=True)
class Language:
    """What the pages say in a language, by what they say in English; what is not translated stays English."""

    code: str = "en"
    texts: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, text: str, **values: object) -> str:
        """Return a text in this language, with values where it has names in braces."""
        found = self.texts.get(text, text)
        return found.format(**values) if values else found

    def inside(self, text: str) -> str:
        """Return a text as it stands inside a sentence: German keeps its capitals."""
        found = self(text)
        return found if self.code == "de" else found[:1].lower() + found[1:]


ENGLISH = Language()
CLOCKS = {
    "speed_to_lead": "First answer",
    "acceptance": "Accept or pass on",
    "first_touch": "First call or mail",
    "second_touch": "Next call or mail",
    "review": "Review",
}
STATES = {
    "mql": "New",
    "accepted": "Accepted",
    "sal": "Accepted by sales",
    "sql": "Confirmed",
    "opportunity": "Opportunity",
    "won": "Won",
    "lost": "Lost",
    "recycled": "Returned",
    "disqualified": "Closed",
}
TYPES = {
    "hand_raiser": "Asked to talk to sales",
    "fast_track": "Ticked \u201ctalk to sales\u201d",
    "event_qualified": "Qualified at an event",
    "event": "Met at an event",
    "webinar": "Attended a webinar",
    "content": "Read our content",
    "product": "Uses the product",
    "referral": "Was referred",
    "customer": "Is a customer",
}
OUTCOMES = {
    "welcomed": "Had a conversation",
    "stalled": "Asked to be called later",
    "brushed_off": "Not interested",
    "no_answer": "No answer",
}
PREFERENCES = {"call_me": "Asked to be called", "book": "Asked to meet", "not_now": "Asked to wait until"}
KINDS = {"call": "Call", "email": "E-mail", "meeting": "Meeting", "message": "Message"}
STORY = {
    "lead.qualified": "Became a lead: {lead_type}",
    "lead.upgraded": "Became a stronger lead: {lead_type}",
    "lead.regraded": "Fit is now {fit}",
    "lead.cooled": "Lost interest",
    "lead.queued": "Waiting in line {queue}",
    "lead.assigned": "Assigned to {rep_id}",
    "lead.released": "Taken from sales",
    "lead.scheduled": "Said when to be called or to meet",
    "lead.accepted": "Accepted by {by}",
    "lead.corrected": "Facts corrected by {by}",
    "lead.rejected": "Given back by {by}: {reason}",
    "lead.confirmed": "Confirmed by {by}",
    "opportunity.opened": "Opportunity opened by {by}",
    "lead.won": "Won",
    "lead.lost": "Lost: {reason}",
    "lead.recycled": "Returned to marketing: {reason}",
    "lead.disqualified": "Closed: {reason}",
    "lead.woken": "Woken from nurture",
    "meeting.changed": "Meeting {outcome}",
    "clock.warned": "{clock} due soon",
    "clock.breached": "Missed: {clock}",
    "clock.met": "Kept: {clock}",
    "clock.rescinded": "Was in time after all: {clock}",
    "clock.escalated": "Escalated: {clock}",
    "review.opened": "Review opened",
    "feedback.given": "Feedback to marketing by {by}",
    "feedback.answered": "Marketing answered",
    "customer.changed": "Customer {change}",
    "contact.merged": "Found to be the same person as another contact",
    "contact.unmerged": "Separated from another contact again",
}

PLACEMENTS = {
    "rotation": "Next in turn",
    "nobody_eligible": "Nobody can take it now",
    "open_opportunity": "Has a deal open at this company",
    "customer_owner": "Looks after this customer",
    "account_owner": "Owns this account",
    "account_colleague": "Works with somebody else there",
    "knows_them": "Had them before",
    "slot": "Has the slot that was booked",
    "no_slot": "Nobody has a free slot then",
    "meeting_booked": "A meeting is booked",
    "acceptance_missed": "Nobody before accepted it in time",
    "first_touch_missed": "Nobody before called or wrote in time",
    "passed_on": "A colleague passed it on",
    "rejected": "A colleague gave it back",
    "returned": "Came back from whoever had it",
    "reassigned": "Given by hand",
    "moved": "Moved by hand",
    "upgraded": "Became a stronger lead",
    "waited_too_long": "It waited in line too long",
    "rep_left": "Whoever had it has left",
}
"""Why somebody has a lead, or why it waits, by the reason that routing gives."""
FILTERS = {
    "source": "Source", "campaign": "Campaign", "team": "Team", "rep_id": "Rep", "lead_type": "Lead type",
    "grade": "Fit", "reason": "Reason", "topic": "Topic", "stage": "Stage", "clock": "Promise", "policy": "Policy",
}  # fmt: skip
"""What a list is narrowed by, where it is a name."""
TOUCHED = ("{kind} by {by}: {outcome}", "{kind} by a machine: {outcome}", "{kind}: {outcome}")
TIMES = (
    "today", "tomorrow", "yesterday", "in {span}", "{span} late", "s", "min", "h", "d",
    "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun",
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
"""Every text that instants and spans are made of."""


def id_as_text(text: str | None) -> str:
    """Return an id of the rules as text: `not_ready` as `not ready`."""
    return (text or "").replace("_", " ").replace("-", " ")


def write_story_sentence(kind: str, body: Fact, language: Language = ENGLISH) -> str:
    """Return what an entry of a contact's story says, as one sentence without its full stop."""
    if kind == "lead.touched":
        done = {"kind": language(KINDS[body["kind"]]), "outcome": language.inside(OUTCOMES[body["outcome"]])}
        if not (by := body.get("by")) and not body.get("automated"):
            return language(TOUCHED[2], **done)
        return language(TOUCHED[bool(body.get("automated"))], by=by, **done)
    if kind == "lead.strengthened":
        return " ".join(each["why"] for each in body["because"]).rstrip(".")
    texts = {name: id_as_text(str(value)) for name, value in body.items()}
    texts |= {name: str(body[name]) for name in ("rep_id", "by", "queue") if name in body}
    texts["lead_type"] = language.inside(TYPES.get(str(body.get("lead_type")), id_as_text(body.get("lead_type"))))
    texts["clock"] = language.inside(CLOCKS.get(str(body.get("clock")), id_as_text(body.get("clock"))))
    line = STORY.get(kind)
    if line is None:
        return id_as_text(kind.replace(".", " ")).capitalize()
    text = language(line).format_map(_Known(texts))
    first = next(iter(body.get("because", ())), None)
    if first is not None and first["kind"] in {"override", "knowledge"}:
        text = f"{text}. {first['why'].rstrip('.')}"
    return text[:1].upper() + text[1:]


class _Known(dict[str, str]):
    """The values of an entry; one that is missing reads as a dash."""

    def __missing__(self, _: str) -> str:
        return "\u2013"


def zone_or_utc(name: str) -> ZoneInfo:
    """Return a time zone, UTC where there is none of this name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def format_moment(at: datetime | None, now: datetime, zone: str, language: Language = ENGLISH) -> str:
    """Return an instant as a reader in `zone` says it: `today 14:05`, `Mon 2 Mar 09:00`."""
    if at is None:
        return "\u2013"
    there, today = at.astimezone(zone_or_utc(zone)), now.astimezone(zone_or_utc(zone))
    days = (there.date() - today.date()).days
    named = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(days)
    if named is not None:
        return f"{language(named)} {there:%H:%M}"
    day, month = language(_DAYS[there.weekday()]), language(_MONTHS[there.month - 1])
    year = "" if there.year == today.year else f" {there.year}"
    return f"{day} {there.day} {month}{year} {there:%H:%M}"


_DAYS, _MONTHS = TIMES[9:16], TIMES[16:28]


def duration_text(between: timedelta, language: Language = ENGLISH) -> str:
    """Return how long something is, in its largest unit or two: `45 s`, `12 min`, `3 h 20 min`, `5 d`."""
    seconds = int(abs(between.total_seconds()))
    if seconds < 60:  # noqa: PLR2004 - seconds of a minute
        return f"{seconds} {language('s')}"
    minutes = seconds // 60
    if minutes < 60:  # noqa: PLR2004 - minutes of an hour
        return f"{minutes} {language('min')}"
    hours, minutes = divmod(minutes, 60)
    if hours < 10 and minutes:  # noqa: PLR2004 - below ten hours the minutes matter
        return f"{hours} {language('h')} {minutes} {language('min')}"
    return f"{hours} {language('h')}" if hours < 48 else f"{hours // 24} {language('d')}"  # noqa: PLR2004 - two days


def due_text(due_at: datetime, now: datetime, language: Language = ENGLISH) -> str:
    """Return how far a deadline is: `in 12 min`, `3 h late`."""
    left = due_at - now
    return language("{span} late" if left <= timedelta() else "in {span}", span=duration_text(left, language))


def write_group_name(by: str, group: str, name: str | None, language: Language = ENGLISH) -> str:
    """Return what a group of leads is called: by its own name, or in words; `none` is where there is none."""
    if group == "none":
        return language("No campaign" if by == "campaign" else "Not known")
    return name or (language(TYPES.get(group, id_as_text(group))) if by == "lead_type" else id_as_text(group))


def write_filters(pairs: Iterable[tuple[str, str]], language: Language = ENGLISH) -> str:
    """Return what a list is narrowed by in words: a step or an outcome, names, and from which day to which."""
    found, days, values = [], {}, set()
    for name, value in pairs:
        if name.endswith(("first", "last")) or name in {"since", "until"}:
            is_first = name.endswith(("first", "since"))
            days["first" if is_first else "last"] = _day_text(value, language)
            continue
        text = value if name == "rep_id" else id_as_text(name if value == "true" else value)
        if name in {"clock", "lead_type", "stage", "state"}:
            named = {"clock": CLOCKS, "lead_type": TYPES}.get(name, STATES)
            text = language(named.get(value, text))
        if name in FILTERS:
            found.append(f"{language(FILTERS[name])}: {text}")
        elif text not in values:
            values.add(text)
            found.append(language(text[:1].upper() + text[1:]))
    if days:
        found.append(" \u2013 ".join(filter(None, (days.get("first"), days.get("last")))))
    return " \u00b7 ".join(found)


def _day_text(text: str, language: Language) -> str:
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return text
    return f"{day.day} {language(_MONTHS[day.month - 1])} {day.year}"


EVIDENCE = {"engagement": "Did", "industry": "Industry", "employees": "Employees", "job_title": "Position"}


ENGAGEMENTS = {
    "contact_sales": "Contact form", "demo_request": "Demo request", "callback_request": "Request to be called back",
    "phone_call": "Phone call", "live_chat": "Live chat", "talk_to_sales": "Request to talk",
}  # fmt: skip
"""Those of the default rules by which people ask to talk to sales; others stand by their ids in words."""


def write_reason(reason: Fact, lead_type: str | None, language: Language = ENGLISH) -> str | None:
    """Return why somebody is a lead in the reader's language; None: as scoring wrote it, in English."""
    if reason.get("kind") != "request" or not reason.get("rule"):
        return None
    name = str(reason["rule"])
    how = language(ENGAGEMENTS.get(name, id_as_text(name)))
    return f"{language(TYPES.get(str(lead_type), TYPES['hand_raiser']))}: {how}"


def write_evidence_line(line: Fact, language: Language = ENGLISH) -> str:
    """Return a line of a score in words: what was looked at, and what was found."""
    name, value = id_as_text(str(line["criterion"])).capitalize(), line.get("value")
    if line.get("known") is False:
        return f"{language(EVIDENCE.get(str(line['criterion']), name))}: {language('not known')}"
    if value is None or value is True or value == 1:
        return str(line.get("note") or name)
    return f"{language(EVIDENCE.get(str(line['criterion']), name))}: {id_as_text(str(value))}"
