"""What a form asks for, as a command to the service that decides: where to send it, and with which body."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from desk.domain.wording import zone_of
from events.parts import JsonObject

Target = Literal["capture", "scoring", "routing", "sla-monitor", "feedback", "desk"]
LONGEST_NOTE = 4000
COMPETITOR = "competitor"
"""Whose contract ends, where a renewal date may come with a reason."""
TEXT_FACTS = ("postal_code", COMPETITOR)
"""Facts that are words, though they may look like a number."""
_NUMBER = re.compile(r"[0-9]{1,9}")
BANT = ("budget", "authority", "need", "timing")


class FormFault(ValueError):
    """A form lacks something or has it in a way that cannot be read; its text is what the person reads."""


@dataclass(frozen=True, slots=True)
class Order:
    """A command to another service."""

    target: Target
    path: str
    body: Mapping[str, Any]
    method: Literal["POST", "PUT"] = "POST"


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason with which a lead may go back: what it means, what follows, and which facts it needs."""

    name: str
    says: str
    does: str
    needs: tuple[str, ...] = ()
    needs_any: tuple[str, ...] = ()
    """Facts of which one at least must come with it."""
    renewal: bool = False
    """Whether a renewal date may come with it."""


def accept(lead_id: UUID, by: str) -> Order:
    """Return the command that accepts a lead."""
    return Order("feedback", f"/v1/leads/{lead_id}/accept", {"by": by})


def touch(lead_id: UUID, by: str, form: Mapping[str, str]) -> Order:
    """Return the command that records a call or a mail."""
    kind, outcome = form.get("kind", ""), form.get("outcome", "")
    if kind not in ("call", "email", "message", "meeting"):
        raise FormFault("Choose whether it was a call, an e-mail or a message.")
    if outcome not in ("welcomed", "stalled", "brushed_off", "no_answer"):
        raise FormFault("Choose how it went.")
    return Order("feedback", f"/v1/leads/{lead_id}/touches", {"by": by, "kind": kind, "outcome": outcome})


def schedule(lead_id: UUID, by: str, form: Mapping[str, str], zone: str) -> Order:
    """Return the command that records a booked meeting; its start is local time in `zone`."""
    try:
        starts_at = datetime.fromisoformat(form.get("starts_at", ""))
    except ValueError:
        raise FormFault("Choose the day and the time of the meeting.") from None
    at = starts_at.replace(tzinfo=zone_of(zone)) if starts_at.tzinfo is None else starts_at
    body = {"by": by, "outcome": "booked", "starts_at": at.isoformat()}
    return Order("feedback", f"/v1/leads/{lead_id}/meetings", body)


def pass_on(lead_id: UUID, by: str, form: Mapping[str, str]) -> Order:
    """Return the command that passes a lead on to the next in turn."""
    return Order("routing", f"/v1/leads/{lead_id}/pass", {"by": by, "reason": _line(form, "Say why you pass it on.")})


def reassign(lead_id: UUID, by: str, form: Mapping[str, str]) -> Order:
    """Return the command that assigns a lead to a named rep."""
    rep_id = form.get("rep_id", "").strip()
    if not rep_id:
        raise FormFault("Choose who gets it.")
    body = {"rep_id": rep_id, "reason": _line(form, "Say why."), "by": by}
    return Order("routing", f"/v1/leads/{lead_id}/reassign", body)


def set_status(rep_id: str, status: str) -> Order:
    """Return the command that pauses a rep, or lets them take leads again."""
    return Order("routing", f"/v1/reps/{rep_id}", {"status": status}, "PUT")


def comment(lead_id: UUID, by: str, form: Mapping[str, str]) -> Order:
    """Return the command that comments on a lead under review."""
    note = note_of(form)
    if not note:
        raise FormFault("Write your comment first.")
    return Order("sla-monitor", f"/v1/reviews/{lead_id}/comments", {"by": by, "comment": note})


def close_parked(target: Target, parked_id: UUID, verb: str) -> Order:
    """Return the command that replays or discards a parked record."""
    return Order(target, f"/v1/dead-letters/{parked_id}/{verb}", {})


def close_quarantined(quarantine_id: UUID, verb: str) -> Order:
    """Return the command that releases or discards a quarantined submission."""
    return Order("capture", f"/v1/quarantine/{quarantine_id}/{verb}", {})


def revoke_key(target: Target, key_id: str) -> Order:
    """Return the command that revokes a key in one service."""
    return Order(target, f"/v1/keys/{key_id}/revoke", {})


def activate(target: Target, texts: tuple[str, str], by: str, approvals: Sequence[str]) -> Order:
    """Return the command that puts rules in force in a service; `texts` are the definitions and its own file."""
    body = {"definitions": texts[0], "body": texts[1], "by": by, "approvals": list(approvals)}
    return Order(target, "/v1/playbook", body, "PUT")


def confirm(lead_id: UUID, by: str, form: Mapping[str, str]) -> Order:
    """Return the command that confirms a lead by the four answers."""
    if any(form.get(name) not in ("yes", "no") for name in BANT):
        raise FormFault("Answer all four: budget, authority, need and timing.")
    bant = {name: form[name] == "yes" for name in BANT}
    return Order("feedback", f"/v1/leads/{lead_id}/confirm", {"by": by, "bant": bant})


def send_back(lead_id: UUID, by: str, form: Mapping[str, str], reasons: Mapping[str, Reason]) -> Order:
    """Return the command that returns a lead with its reason: recycle, disqualify or route again, as the reason says.

    Raises:
        FormFault: No such reason, or a fact is missing that it needs.
    """
    reason = reasons.get(form.get("reason", ""))
    if reason is None:
        raise FormFault("Choose a reason.")
    context = _context(form, reason)
    body: JsonObject = {"by": by, "reason": reason.name}
    body |= {"context": context} if context else {}
    note = form.get("note", "").strip()
    body |= {"note": note[:LONGEST_NOTE]} if note else {}
    verb = {"recycle": "recycle", "disqualify": "disqualify"}.get(reason.does, "reject")
    if verb == "recycle" and reason.renewal and form.get("renewal_on"):
        body["renewal_at"] = _day(form["renewal_on"])
    return Order("feedback", f"/v1/leads/{lead_id}/{verb}", body)


def _context(form: Mapping[str, str], reason: Reason) -> JsonObject:
    """Return the facts that come with a reason."""
    found: JsonObject = {}
    offered = (COMPETITOR,) if reason.renewal and COMPETITOR not in reason.needs else ()
    for name in (*reason.needs, *reason.needs_any, *offered):
        value = form.get(f"context_{name}", "").strip()
        is_number = _NUMBER.fullmatch(value) is not None and name not in TEXT_FACTS
        if value:
            found[name] = int(value) if is_number else value[:200]
    for name in reason.needs:
        if name not in found:
            raise FormFault(f"This reason needs: {name.replace('_', ' ')}.")
    if reason.needs_any and not found.keys() & set(reason.needs_any):
        raise FormFault(f"This reason needs one of: {', '.join(reason.needs_any).replace('_', ' ')}.")
    return found


def note_of(form: Mapping[str, str]) -> str:
    """Return what somebody wrote in a form; empty where nothing."""
    return "".join(each for each in form.get("note", "") if each.isprintable() or each in "\n\t").strip()[:LONGEST_NOTE]


def _day(text: str) -> str:
    try:
        return f"{datetime.fromisoformat(text).date().isoformat()}T00:00:00Z"
    except ValueError:
        raise FormFault("Write the renewal date as a day.") from None


def _line(form: Mapping[str, str], missing: str) -> str:
    text = " ".join("".join(each if each.isprintable() else " " for each in form.get("reason", "")).split())[:200]
    if not text:
        raise FormFault(missing)
    return text
