"""Give each lead to the person best placed to follow it up, or let it wait in line, loudly."""

from datetime import datetime
from typing import Any

from events.leads import LeadAssigned, LeadFacts, LeadQueued, LeadReleased, Tried
from routing.domain.accounts import Claim, account_of, claims
from routing.domain.basis import Objection, objection
from routing.domain.choosing import Choice, choose
from routing.domain.leads import Campaign, Decision, Floor, Lead, Record
from routing.domain.opening import opener, suggestions
from routing.domain.rules import Route, route, tried


def place(lead: Lead, facts: LeadFacts, floor: Floor, now: datetime) -> Decision:
    """Take what scoring says of a lead: place a new one, move one that grew stronger, leave an ended one alone."""
    known = lead.knowing(facts, account_of(facts, floor.book, floor.playbook.account_first.similar_name))
    if lead.ended:
        ended_unseen = Record("not_placed", now, "ended_before_qualified")
        return Decision(known, floor) if lead.lead_type else decided(known, floor, ended_unseen)
    if lead.state == "assigned":
        return _upgrade(known, floor, now)
    if (against := objection(facts, lead.wishes, floor.playbook.basis)) is not None:
        return _turn_away(known, floor.leave_line(lead), now, against)
    return assign(known, floor.leave_line(lead), now)


def _turn_away(lead: Lead, floor: Floor, now: datetime, against: Objection) -> Decision:
    """Give a lead to nobody, and say so: it goes back to marketing."""
    number, placement = lead.decisions + 1, lead.placement + 1
    handed_over_at = lead.handed_over_at or now
    away = lead._replace(
        state="released", placement=placement, decisions=number, handed_over_at=handed_over_at, ended_at=now
    )
    event = LeadReleased(
        contact_id=lead.contact_id,
        lead_id=lead.lead_id,
        cycle=lead.cycle,
        occurred_at=now,
        playbook_version=floor.version,
        placement=placement,
        reason=against.reason,
    )
    line = tried("basis", "lost", against.why)
    record = Record("released", now, against.reason, (line,), number=number, placement=placement)
    return Decision(away, floor, event, record)


def assign(lead: Lead, floor: Floor, now: datetime) -> Decision:
    """Give a lead to the rep best placed to follow it up, or queue it where nobody can or others come first.

    The lead is new, or was just taken out of its line.
    """
    facts = lead.known_facts
    way = route(facts, floor.playbook)
    choice = choose(facts, way, claims_on(lead, floor), floor, in_line=True)
    if choice.rep_id is not None:
        return give(lead, way, choice, floor, now)
    if lead.state == "queued" and (way.name, way.queue.team) == (lead.queue, lead.team):
        return Decision(lead, floor.wait(way.queue.team, way.name, facts.fit))
    return queue(lead, way, choice, floor, now)


def draw(lead: Lead, floor: Floor, now: datetime) -> Decision:
    """Give away the lead that is first in line; one that nobody can take stays where it is, without a word.

    One that belongs in another line by now, because the playbook changed while it waited, goes there.
    """
    way = route(lead.known_facts, floor.playbook)
    choice = choose(lead.known_facts, way, claims_on(lead, floor), floor)
    if choice.rep_id is not None:
        line = tried(f"queue:{lead.queue}", "drawn", "first in line")
        return give(lead, way, choice._replace(tried=(line, *choice.tried)), floor.leave_line(lead), now)
    if (way.name, way.queue.team) == (lead.queue, lead.team):
        return Decision(lead, floor)
    return queue(lead, way, choice, floor.leave_line(lead), now)


def pass_on(
    lead: Lead, floor: Floor, now: datetime, *, reason: str, by: str | None = None, note: str | None = None
) -> Decision:
    """Give an assigned lead to somebody else; where nobody else can take it, it stays, and that is kept."""
    way = route(lead.known_facts, floor.playbook)
    choice = somebody_else(lead, way, floor)
    if choice.rep_id is None:
        stays = Record("kept", now, f"{reason}_but_nobody_else", choice.tried, by=by, note=note, grounds=choice.grounds)
        return decided(lead, floor, stays)
    return give(lead, way, instead(choice, lead, reason, by=by, note=note), floor, now)


def somebody_else(lead: Lead, way: Route, floor: Floor, team: str | None = None) -> Choice:
    """Choose anybody but the rep who has the lead."""
    without = frozenset({lead.rep_id or ""})
    return choose(lead.known_facts, way, claims_on(lead, floor), floor, without=without, team=team)


def instead(choice: Choice, lead: Lead, reason: str, *, by: str | None = None, note: str | None = None) -> Choice:
    """Say why the lead leaves the rep who had it."""
    first = tried(f"rep:{lead.rep_id}", "lost", reason.replace("_", " "))
    return choice._replace(reason=reason, tried=(first, *choice.tried), by=by, note=note)


def hand_to(lead: Lead, rep_id: str, floor: Floor, now: datetime, *, by: str, note: str) -> Decision:
    """Give a queued or assigned lead to a rep on the floor whom somebody named."""
    way = route(lead.known_facts, floor.playbook)
    named = (tried(f"rep:{rep_id}", "chosen", "named by hand"),)
    counts = floor.playbook.fairness.manual_counts
    choice = Choice(rep_id, "reassigned", named, in_turn=counts, by=by, note=note)
    return give(lead, way, choice, floor.leave_line(lead), now)


def claims_on(lead: Lead, floor: Floor) -> tuple[Claim, ...]:
    """Give who has a claim on a lead, the strongest first."""
    return claims(lead.known_facts, lead.account, floor.book, floor.playbook)


def decided(lead: Lead, floor: Floor, record: Record, event: LeadAssigned | LeadQueued | None = None) -> Decision:
    """Number a decision and fill in where the lead is after it."""
    number = lead.decisions + 1
    kept = record._replace(
        number=number, placement=lead.placement, team=lead.team, queue=lead.queue, rep_id=lead.rep_id
    )
    return Decision(lead._replace(decisions=number), floor, event, kept)


def _upgrade(lead: Lead, floor: Floor, now: datetime) -> Decision:
    """A lead that somebody works, or who has it should have the stronger type too, stays where it is."""
    way = route(lead.known_facts, floor.playbook)
    claimed = any(claim.rep_id == lead.rep_id for claim in claims_on(lead, floor))
    if lead.worked or lead.origin_rep_id or claimed or way.queue.team == lead.team:
        stays = lead._replace(queue=way.name)
        return decided(stays, floor, Record("kept", now, "upgraded", way.tried))
    return pass_on(lead, floor, now, reason="upgraded")


def give(lead: Lead, way: Route, choice: Choice, floor: Floor, now: datetime) -> Decision:
    """Give a lead to the rep who was chosen, and say so."""
    rep_id = choice.rep_id or ""
    rep = floor.pools[floor.team_of[rep_id]].seats[rep_id].rep
    previous = lead.rep_id if lead.state == "assigned" else None
    given = lead._replace(
        state="assigned",
        placement=lead.placement + 1,
        decisions=lead.decisions + 1,
        team=rep.team,
        queue=way.name,
        rep_id=rep_id,
        handed_over_at=lead.handed_over_at or now,
        placed_at=now,
        worked=False,
        in_turn=choice.in_turn,
    )
    record = Record(
        "assigned",
        now,
        choice.reason,
        choice.tried,
        number=given.decisions,
        placement=given.placement,
        team=given.team,
        queue=given.queue,
        rep_id=rep_id,
        previous_rep_id=previous,
        by=choice.by,
        note=choice.note,
        grounds=choice.grounds,
    )
    event = LeadAssigned(
        **_placed(given, floor, now, choice.reason, choice.tried),
        **_brief(lead, floor),
        rep_id=rep_id,
        role=rep.role,
        previous_rep_id=previous,
        origin_rep_id=given.origin_rep_id,
    )
    return Decision(given, floor.give(rep_id, in_turn=choice.in_turn, lead=given), event, record)


def queue(lead: Lead, way: Route, choice: Choice, floor: Floor, now: datetime) -> Decision:
    """Let a lead wait in its line, loudly."""
    team, fit = way.queue.team, lead.known_facts.fit
    queued = lead._replace(
        state="queued",
        placement=lead.placement + 1,
        team=team,
        queue=way.name,
        rep_id=None,
        handed_over_at=lead.handed_over_at or now,
        placed_at=now,
    )
    event = LeadQueued(
        **_placed(queued, floor, now, choice.reason, choice.tried),
        position=floor.place_in_line(team, way.name, fit),
    )
    previous = lead.rep_id if lead.state == "assigned" else None
    record = Record(
        "queued", now, choice.reason, choice.tried, previous_rep_id=previous, by=choice.by, grounds=choice.grounds
    )
    return decided(queued, floor.wait(team, way.name, fit), record, event)


def _placed(lead: Lead, floor: Floor, now: datetime, reason: str, lines: tuple[Tried, ...]) -> dict[str, Any]:
    facts = lead.known_facts
    return {
        "contact_id": lead.contact_id,
        "lead_id": lead.lead_id,
        "cycle": lead.cycle,
        "occurred_at": now,
        "playbook_version": floor.version,
        "placement": lead.placement,
        "lead_type": facts.lead_type,
        "fit": facts.fit,
        "source": facts.source,
        "captured_at": facts.captured_at,
        "handed_over_at": lead.handed_over_at,
        "readiness": facts.readiness,
        "segment": facts.segment,
        "campaign": facts.campaign,
        "team": lead.team,
        "queue": lead.queue,
        "reason": reason,
        "tried": list(lines),
    }


def _brief(lead: Lead, floor: Floor) -> dict[str, Any]:
    """Gather what a rep needs to follow a lead up without asking anybody."""
    facts, there = lead.known_facts, floor.book.colleagues.get(lead.account or "", ())
    campaign = floor.campaigns.get(facts.campaign or "", Campaign())
    return {
        "suppress": floor.playbook.silence(facts.lead_type),
        "opener": opener(facts, floor.playbook.openers),
        "suggested_content": suggestions(campaign.content, facts.timeline, floor.playbook.suggested_content),
        "fit_evidence": facts.fit_evidence,
        "readiness_evidence": facts.readiness_evidence,
        "timeline": facts.timeline,
        "company": facts.company,
        "country": facts.country,
        "email_domain": facts.email_domain,
        "job_title": facts.job_title,
        "brief": campaign.brief,
        "colleagues": [one for one in there if one.contact_id != lead.contact_id],
    }
