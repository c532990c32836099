"""The row of a lead, as lists and reports ask for it, made of what is known of it and of nothing else."""

from datetime import datetime
from typing import Any, NamedTuple

from desk.domain.facts import ORDER, Fact, Known, Lead

OPEN = ("mql", "accepted", "sal", "sql", "opportunity")
"""The states in which a lead is somebody's work."""
NOT_OF_REPS = ("review",)
"""Clocks that marketing answers."""


def make_lead_columns(lead: Lead) -> dict[str, Any]:
    """Return the columns of a lead's row, by their names; times are UTC."""
    raised, place, life = lead.get("raised"), lead.get("place"), lead.get("life")
    touch, accepted, ended = lead.get("touch"), lead.get("accepted"), lead.get("ended")
    state = compute_lead_state(lead)
    rep_id = place.get("rep_id")
    due = find_next_due_promise(lead) if state in OPEN else {}
    return {
        "lead_id": lead.lead_id,
        "contact_id": lead.contact_id,
        "cycle": lead.cycle,
        "facts": dict(lead.known),
        "state": state,
        "rep_id": rep_id,
        "owner_id": lead.get("last").get("rep_id"),
        "team": place.get("team") or lead.get("last").get("team"),
        "queue": place.get("queue") if place and not rep_id and not place.get("released") else None,
        "placement": place[ORDER][0] if place else 0,
        "lead_type": raised.get("lead_type") or life.get("lead_type"),
        "fit": _fit_of(lead),
        "source": raised.get("source") or life.get("source"),
        "campaign": raised.get("campaign") or life.get("campaign"),
        "captured_at": parse_instant(raised.get("captured_at")),
        "qualified_at": parse_instant(lead.get("qualified").get(ORDER, [life.get("qualified_at")])[0]),
        "handed_over_at": parse_instant(place.get("handed_over_at") or life.get("handed_over_at")),
        "placed_at": parse_instant(place.get("at")),
        "due_at": parse_instant(due.get("due_at")),
        "due_clock": due.get("clock"),
        "missed": due.get("state") == "breached",
        "touches": int(life.get("touches", 1 if touch else 0)),
        "touched_at": parse_instant(touch.get("at")),
        "accepted_at": parse_instant(life.get("accepted_at") or accepted.get("at")),
        "confirmed_at": parse_instant(life.get("confirmed_at")),
        "opportunity_at": parse_instant(life.get("opportunity_at")),
        "ended_at": parse_instant(ended.get("at") or life.get("closed_at")) if state not in OPEN else None,
        "reason": (ended.get("reason") or life.get("reason")) if state not in OPEN else None,
        "amount": life.get("amount"),
    }


def _fit_of(lead: Lead) -> Any:
    """Return the grade that was published last."""
    raised, regraded = lead.get("raised"), lead.get("regraded")
    if regraded and (not raised or regraded[ORDER][0] >= raised[ORDER][0]):
        return regraded["fit"]
    return raised.get("fit") or lead.get("life").get("fit")


def compute_lead_state(lead: Lead) -> str:
    """Return where a lead stands: by the last step or the last snapshot of its life, whichever is later."""
    step, life = lead.get("step"), lead.get("life")
    if step.get("state") and (not life or step[ORDER][0] > life[ORDER][0]):
        return str(step["state"])
    return str(life.get("state") or "mql")


def find_next_due_promise(lead: Lead) -> Fact:
    """Return the promise that is due next, the missed ones first; empty where none has a deadline."""
    clocks = [
        clock
        for clock in lead.get("promised").get("clocks", ())
        if clock["due_at"] is not None and clock["clock"] not in NOT_OF_REPS
    ]
    return min(clocks, key=lambda clock: (clock["due_at"], clock["clock"]), default={})


def parse_instant(text: Any) -> datetime | None:
    """Return an instant that stands as text, if one does."""
    return datetime.fromisoformat(text) if isinstance(text, str) else None


class LeadPageFacts(NamedTuple):
    """What pages read of a lead's facts: why it is one, where it is, how it ended, for when; unknown is empty."""

    raised: Fact
    place: Fact
    ended: Fact
    regraded: Fact
    account: Fact
    scheduled: Fact


def make_lead_page_facts(known: Known) -> LeadPageFacts:
    """Return what pages read of a lead's facts."""
    nowhere: Fact = {
        **dict.fromkeys(("opener", "first_sentences", "language", "reason", "role", "brief")),
        "suggested_content": [],
        "suggested_titles": {},
        "colleagues": [],
    }
    return LeadPageFacts(
        raised={"evidence": [], "timeline": [], **known.get("raised", {})},
        place={**nowhere, **known.get("place", {})},
        ended={"wake_at": None, **known.get("ended", {})},
        regraded=known.get("regraded", {}),
        account=known.get("account", {}),
        scheduled={"preference": None, "preferred_at": None, **known.get("scheduled", {})},
    )
