"""The violations that the ledger must find: what is planted in which service, and which rule finds it."""

from dataclasses import dataclass

COPY = (
    "insert into {table} select (jsonb_populate_record(t, jsonb_build_object('{key}', '{new}'))).* from {table} t"
    " where {which}"
)
NEW = "5eed5eed-5eed-4eed-8eed-5eed5eed5eed"


@dataclass(frozen=True)
class Planted:
    """A violation: which statement in which service, which rule must find it, about what, and between which two."""

    service: str
    statement: str
    rule: str
    about: str
    between: tuple[str, str] | None = None


def copy(table: str, key: str, which: str) -> str:
    """Write a row again under another id; `which` is filled in with the story's ids later."""
    return COPY.format(table=table, key=key, new=NEW, which=which)


PLANTED = {
    "a captured contact never reached scoring": Planted(
        "scoring", "delete from engagements where contact_id = '{nurtured}'", "person", "nurtured",
        ("capture", "scoring"),
    ),
    "an engagement never reached scoring": Planted(
        "scoring", "delete from engagements where engagement_id = '{engagement}'", "engagement", "engagement",
        ("capture", "scoring"),
    ),
    "capture lost an engagement that scoring has": Planted(
        "capture", "delete from engagements where engagement_id = '{engagement}'", "engagement", "engagement",
        ("capture", "scoring"),
    ),
    "capture lost a person": Planted(
        "capture", "delete from profiles where contact_id = '{contact}'", "person", "contact", ("capture", "scoring")
    ),
    "routing does not know of a merge": Planted(
        "routing", "delete from merges where loser_id = '{loser}'", "merge", "merge", ("capture", "routing")
    ),
    "capture does not know of a merge": Planted(
        "capture", "update merges set undone = true where loser_id = '{loser}'", "merge", "merge",
        ("capture", "routing"),
    ),
    "sla-monitor does not know who was erased": Planted(
        "sla-monitor", "delete from erasures where contact_id = '{erased}'", "erasure", "erased",
        ("capture", "sla-monitor"),
    ),
    "capture lost an erasure": Planted(
        "capture", "delete from erasures where contact_id = '{erased}'", "erasure", "erased", ("capture", "sla-monitor")
    ),
    "an engagement never reached feedback": Planted(
        "feedback", "delete from signals where engagement_id = '{engagement}'", "signal", "engagement",
        ("capture", "feedback"),
    ),
    "feedback knows an engagement that capture does not": Planted(
        "feedback", copy("signals", "engagement_id", "engagement_id = '{engagement}'"), "signal", "new",
        ("capture", "feedback"),
    ),
    "routing lost a lead": Planted(
        "routing", "delete from leads where lead_id = '{lead}'", "lead", "lead", ("scoring", "routing")
    ),
    "routing has a lead that nobody qualified": Planted(
        "routing", copy("leads", "lead_id", "lead_id = '{lead}'"), "lead", "new", ("scoring", "routing")
    ),
    "sla-monitor lost a lead and its clocks": Planted(
        "sla-monitor",
        "with l as (delete from leads where lead_id = '{lead}') delete from clocks where lead_id = '{lead}'",
        "lead", "lead", ("scoring", "sla-monitor"),
    ),
    "scoring lost a lead": Planted(
        "scoring", "delete from leads where lead_id = '{lead}'", "lead", "lead", ("scoring", "sla-monitor")
    ),
    "feedback lost a lead": Planted(
        "feedback", "delete from leads where lead_id = '{lead}'", "lead", "lead", ("scoring", "feedback")
    ),
    "the cycle differs": Planted(
        "feedback", "update leads set cycle = cycle + 1 where lead_id = '{lead}'", "lead", "lead",
        ("scoring", "feedback"),
    ),
    "scoring does not know of a return": Planted(
        "scoring", "delete from turns where contact_id = '{returned_contact}' and kind = 'recycled'",
        "return", "return", ("scoring", "feedback"),
    ),
    "feedback does not know of a return that scoring does": Planted(
        "feedback", "delete from history where lead_id = '{returned}' and kind = 'lead.recycled'", "return", "return",
        ("scoring", "feedback"),
    ),
    "sla-monitor holds another rep to the promise": Planted(
        "sla-monitor", "update leads set rep_id = 'nobody.else' where lead_id = '{lead}'", "owner", "lead",
        ("routing", "sla-monitor"),
    ),
    "routing says another team": Planted(
        "routing", "update leads set team = 'another' where lead_id = '{lead}'", "owner", "lead",
        ("routing", "sla-monitor"),
    ),
    "feedback shows another rep": Planted(
        "feedback", "update leads set rep_id = 'nobody.else' where lead_id = '{lead}'", "owner", "lead",
        ("routing", "feedback"),
    ),
    "desk does not know a person": Planted(
        "desk", "delete from people where contact_id = '{nurtured}'", "person", "nurtured", ("capture", "desk")
    ),
    "desk lost a lead": Planted(
        "desk", "delete from leads where lead_id = '{lead}'", "lead", "lead", ("scoring", "desk")
    ),
    "desk shows another rep than routing": Planted(
        "desk", "update leads set owner_id = 'nobody.else' where lead_id = '{lead}'", "owner", "lead",
        ("routing", "desk"),
    ),
    "desk shows another team than the promise's": Planted(
        "desk", "update leads set team = 'another' where lead_id = '{lead}'", "owner", "lead", ("sla-monitor", "desk")
    ),
    "desk shows nobody": Planted(
        "desk", "update leads set owner_id = null where lead_id = '{lead}'", "owner", "lead", ("feedback", "desk")
    ),
    "feedback missed a placement": Planted(
        "feedback", "update leads set placement = placement - 1 where lead_id = '{lead}'", "placement", "lead",
        ("routing", "feedback"),
    ),
    "closed in feedback, open in routing, running clocks": Planted(
        "feedback", "update leads set state = 'recycled', track = 'value' where lead_id = '{lead}'", "end", "lead",
        ("routing", "feedback"),
    ),
    "open in sla-monitor, ended elsewhere": Planted(
        "sla-monitor", "update leads set ended_at = null where lead_id = '{returned}'", "end", "returned",
        ("sla-monitor", "feedback"),
    ),
    "feedback never saw a missed promise": Planted(
        "feedback", "delete from history where lead_id = '{lead}' and kind = 'clock.breached'", "miss", "missed",
        ("sla-monitor", "feedback"),
    ),
    "scoring says that it is over": Planted(
        "scoring", "update leads set ended_at = now() where lead_id = '{lead}'", "end", "lead"
    ),
    "scoring did not end what came back": Planted(
        "scoring", "update leads set ended_at = null where lead_id = '{returned}'", "unended", "returned"
    ),
    "a lead's decisions are gone": Planted(
        "routing", "delete from decisions where lead_id = '{lead}'", "decisions", "lead"
    ),
    "a lead's clocks are gone": Planted(
        "sla-monitor", "delete from clocks where lead_id = '{lead}'", "lead_without_clock", "lead"
    ),
    "a clock's lead is gone": Planted(
        "sla-monitor", "update clocks set lead_id = '{new}' where clock_id = '{missed}'", "clock_of_nobody", "missed"
    ),
    "a clock runs on": Planted(
        "sla-monitor",
        "update clocks set state = 'running' where clock_id = '{ended_clock}'",
        "clock_after_end", "ended_clock",
    ),
    "two open leads of one person": Planted(
        "feedback", "update leads set state = 'mql' where contact_id in ('{loser}', '{survivor}')", "one_open_lead",
        "losers",
    ),
    "a receipt is missing": Planted(
        "capture", "delete from receipts where service = 'routing'", "receipts", "erasure"
    ),
    "another revision of an account": Planted(
        "routing", "update accounts set revision = revision + 1", "account", "domain"
    ),
    "a campaign never arrived": Planted("feedback", "delete from campaigns", "campaign", "campaign"),
    "sla-monitor does not know when a rep works": Planted(
        "sla-monitor", "delete from rep_calendars where rep_id = '{rep}'", "rep", "rep", ("routing", "sla-monitor")
    ),
    "routing forgot what it said of a rep": Planted(
        "routing", "delete from published_calendars where rep_id = '{rep}'", "rep", "rep", ("routing", "sla-monitor")
    ),
    "a record is parked": Planted(
        "scoring",
        "insert into parked (id, topic, headers, reason, detail, attempts)"
        " values ('{new}', 'contacts.captured.v1', '[]', 'undecodable', '', 1)",
        "parked", "new",
    ),
    "records were deleted unread": Planted(
        "feedback", "create temporary table gaps as select '{new}'::uuid as id, 'open' as state", "missed", "new"
    ),
    "a partition is stopped": Planted(
        "scoring",
        "create temporary table stopped_partitions as"
        " select 'contacts.captured.v1' as topic, 3 as partition, false as passing",
        "stopped", "partition",
    ),
    "an event waits in the outbox": Planted(
        "routing",
        "with j as (update journal set time = now() - interval '1 hour' where contact_id = '{contact}'"
        " returning id, day) insert into outbox select id, day from j",
        "stranded", "assignment",
    ),
    "a stream lost its first event": Planted(
        "feedback",
        "delete from journal where key = '{returned_contact}' and topic = 'leads.lifecycle.v1' and sequence = 1",
        "stream", "lifecycle",
    ),
    "a stream lost its last event": Planted(
        "routing", "delete from journal where key = '{contact}' and topic = 'leads.assigned.v1' and sequence ="
        " (select sequence from streams where topic = 'leads.assigned.v1' and key = '{contact}')",
        "stream", "assigned",
    ),
    "a stream is not there": Planted(
        "routing", "delete from streams where key = '{contact}' and topic = 'leads.assigned.v1'", "stream", "assigned"
    ),
    "the topic has an older profile": Planted(
        "capture", "update profiles set revision = revision + 1 where contact_id = '{contact}'", "mirror", "contact"
    ),
    "the topic has a lifecycle that feedback has not": Planted(
        "feedback", "delete from people where contact_id in ('{nurtured}', '{contact}')", "mirror", "contact"
    ),
}  # fmt: skip

LEFT_OVER = {
    "capture": "engagements", "scoring": "turns", "routing": "decisions", "sla-monitor": "clocks",
    "feedback": "evidence", "desk": "entries",
}  # fmt: skip
"""A table of each service in which a row of somebody who was erased is planted."""
