"""What a form asks for, as a command to the service that decides: where to send it, and with which body."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from desk.domain.facts import Fact
from desk.domain.wording import zone_or_utc
from events.names import CODE
from events.parts import JsonObject

Target = Literal["capture", "scoring", "routing", "sla-monitor", "feedback", "desk"]
LONGEST_NOTE = 4000
COMPETITOR = "competitor"
"""Whose contract ends, where a renewal date may come with a reason."""
TEXT_FACTS = ("postal_code", COMPETITOR)
"""Facts that are words, though they may look like a number."""
_NUMBER = re.compile(r"[0-9]{1,9}")
LONGEST_WAIT = timedelta(days=7)
"""So long before now a form counts at most that waited for a network."""
BANT = ("budget", "authority", "need", "timing")


NO_CALENDAR = "Write the https address of your calendar; it mostly ends in .ics."


class FormFault(ValueError):
    """A form lacks something or has it in a way that cannot be read; its text is what the person reads."""


@dataclass(frozen=True, slots=True)
class ServiceCommand:
    """A command to another service."""

    target: Target
    path: str
    body: Mapping[str, Any]
    method: Literal["POST", "PUT", "DELETE"] = "POST"


@dataclass(frozen=True, slots=True)
class ReturnReason:
    """A reason with which a lead may go back: what it means, what follows, and which facts it needs."""

    name: str
    says: str
    does: str
    needs: tuple[str, ...] = ()
    needs_any: tuple[str, ...] = ()
    """Facts of which one at least must come with it."""
    renewal: bool = False
    """Whether a renewal date may come with it."""


def build_accept_command(lead_id: UUID, by: str) -> ServiceCommand:
    """Return the command that accepts a lead."""
    return ServiceCommand("feedback", f"/v1/leads/{lead_id}/accept", {"by": by})


def build_touch_command(lead_id: UUID, by: str, form: Mapping[str, str]) -> ServiceCommand:
    """Return the command that records a call or a mail."""
    kind, outcome = form.get("kind", ""), form.get("outcome", "")
    if kind not in ("call", "email", "message", "meeting"):
        raise FormFault("Choose whether it was a call, an e-mail or a message.")
    if outcome not in ("welcomed", "stalled", "brushed_off", "no_answer"):
        raise FormFault("Choose how it went.")
    return ServiceCommand("feedback", f"/v1/leads/{lead_id}/touches", {"by": by, "kind": kind, "outcome": outcome})


def build_meeting_command(lead_id: UUID, by: str, form: Mapping[str, str], zone: str) -> ServiceCommand:
    """Return the command that records a booked meeting; its start is local time in `zone`."""
    try:
        starts_at = datetime.fromisoformat(form.get("starts_at", ""))
    except ValueError:
        raise FormFault("Choose the day and the time of the meeting.") from None
    at = starts_at.replace(tzinfo=zone_or_utc(zone)) if starts_at.tzinfo is None else starts_at
    body = {"by": by, "outcome": "booked", "starts_at": at.isoformat()}
    return ServiceCommand("feedback", f"/v1/leads/{lead_id}/meetings", body)


def build_pass_on_command(lead_id: UUID, by: str, form: Mapping[str, str]) -> ServiceCommand:
    """Return the command that passes a lead on to the next in turn."""
    return ServiceCommand(
        "routing", f"/v1/leads/{lead_id}/pass", {"by": by, "reason": _line(form, "Say why you pass it on.")}
    )


def build_reassign_command(lead_id: UUID, by: str, form: Mapping[str, str]) -> ServiceCommand:
    """Return the command that assigns a lead to a named rep."""
    rep_id = form.get("rep_id", "").strip()
    if not rep_id:
        raise FormFault("Choose who gets it.")
    body = {"rep_id": rep_id, "reason": _line(form, "Say why."), "by": by}
    return ServiceCommand("routing", f"/v1/leads/{lead_id}/reassign", body)


def build_rep_status_command(rep_id: str, status: str) -> ServiceCommand:
    """Return the command that pauses a rep, or lets them take leads again."""
    return ServiceCommand("routing", f"/v1/reps/{rep_id}", {"status": status}, "PUT")


def build_calendar_command(rep_id: str, url: str | None) -> ServiceCommand:
    """Return the command that has a rep's own calendar read at an address; None: it is read no more."""
    path = f"/v1/reps/{rep_id}/calendar-source"
    if url is None:
        return ServiceCommand("routing", path, {}, "DELETE")
    if not url:
        raise FormFault(NO_CALENDAR)
    return ServiceCommand("routing", path, {"url": url}, "PUT")


def build_review_comment_command(lead_id: UUID, by: str, form: Mapping[str, str]) -> ServiceCommand:
    """Return the command that comments on a lead under review."""
    note = read_note(form)
    if not note:
        raise FormFault("Write your comment first.")
    return ServiceCommand("sla-monitor", f"/v1/reviews/{lead_id}/comments", {"by": by, "comment": note})


def build_close_parked_command(target: Target, parked_id: UUID, verb: str) -> ServiceCommand:
    """Return the command that replays or discards a parked record."""
    return ServiceCommand(target, f"/v1/dead-letters/{parked_id}/{verb}", {})


def build_close_quarantined_command(quarantine_id: UUID, verb: str) -> ServiceCommand:
    """Return the command that releases or discards a quarantined submission."""
    return ServiceCommand("capture", f"/v1/quarantine/{quarantine_id}/{verb}", {})


def build_revoke_key_command(target: Target, key_id: str) -> ServiceCommand:
    """Return the command that revokes a key in one service."""
    return ServiceCommand(target, f"/v1/keys/{key_id}/revoke", {})


def build_pairing_command(form: Mapping[str, str], by: str) -> ServiceCommand:
    """Return the command that makes the link which pairs a scanner."""
    event, label = form.get("event", "").strip(), " ".join(form.get("label", "").split())[:200]
    if not re.fullmatch(CODE, event):
        raise FormFault("Choose the event, or write its name: letters, digits and - _ . : alone.")
    if not label:
        raise FormFault("Write what the device is called.")
    return ServiceCommand("capture", "/v1/scanner-pairings", {"event": event, "label": label, "by": by})


def build_end_pairing_command(pairing_id: UUID, by: str) -> ServiceCommand:
    """Return the command that ends a link or a device."""
    return ServiceCommand("capture", f"/v1/scanner-pairings/{pairing_id}/end", {"by": by})


def build_activate_rules_command(
    target: Target, texts: tuple[str, str], by: str, approvals: Sequence[str]
) -> ServiceCommand:
    """Return the command that puts rules in force in a service; `texts` are the definitions and its own file."""
    body = {"definitions": texts[0], "body": texts[1], "by": by, "approvals": list(approvals)}
    return ServiceCommand(target, "/v1/playbook", body, "PUT")


def with_form_time(
    order: ServiceCommand, form: Mapping[str, str], now: datetime, placed_at: datetime | None = None
) -> ServiceCommand:
    """Return a command with the instant at which its form was sent, where it waited on a device without a network.

    Nobody did anything with a lead before they had it, since `placed_at`.
    """
    waited = form.get("waited", "")
    if order.target != "feedback" or not _NUMBER.fullmatch(waited) or int(waited) == 0:
        return order
    at = now - min(timedelta(seconds=int(waited)), LONGEST_WAIT)
    if placed_at is not None:
        at = min(now, max(at, placed_at))
    return replace(order, body={**order.body, "at": at.isoformat()})


def build_rules_check(target: Target, text: str) -> ServiceCommand:
    """Return the question whether a service would take a file of rules."""
    return ServiceCommand(target, "/v1/playbook/check", {"body": text})


def build_rules_comparison(text: str, days: int) -> ServiceCommand:
    """Return the question how many leads other scoring rules would have made of the last days."""
    return ServiceCommand("scoring", "/v1/comparisons", {"body": text, "days": days})


def build_erase_person_command(contact_id: UUID) -> ServiceCommand:
    """Return the command that erases a person everywhere."""
    return ServiceCommand("capture", f"/v1/contacts/{contact_id}", {}, "DELETE")


def build_merge_command(contact_id: UUID, verb: str, form: Mapping[str, str]) -> ServiceCommand:
    """Return the command that says who is whom: `merge` into another, `unmerge`, or `keep-apart` from another."""
    path = f"/v1/contacts/{contact_id}/{verb}"
    if verb == "unmerge":
        return ServiceCommand("capture", path, {})
    try:
        other = str(UUID(form.get("other", "")))
    except ValueError:
        raise FormFault("Choose whom you mean.") from None
    if verb == "merge":
        return ServiceCommand("capture", f"/v1/contacts/{other}/merge", {"into": str(contact_id)})
    return ServiceCommand("capture", path, {"other_id": other})


def build_withdraw_consent_command(
    contact_id: UUID, form: Mapping[str, str], consents: Sequence[Fact]
) -> ServiceCommand:
    """Return the command that withdraws a consent of those that a person gave; its wording stays what it was."""
    wanted = (form.get("purpose"), form.get("channel") or None)
    given = next((each for each in consents if each["granted"] and (each["purpose"], each["channel"]) == wanted), None)
    if given is None:
        raise FormFault("There is no such consent any more.")
    body = {"purpose": given["purpose"], "granted": False, "wording_version": given["wording_version"]}
    if given["channel"]:
        body["channel"] = given["channel"]
    return ServiceCommand("capture", f"/v1/contacts/{contact_id}/consents", body)


def build_route_preview(contact_id: UUID, lead: Fact) -> ServiceCommand:
    """Return the question who would get a lead now that is like this one."""
    known = {name: lead[name] for name in _ROUTED if lead.get(name) is not None}
    return ServiceCommand("routing", "/v1/routes", {"contact_id": str(contact_id), **known})


_ROUTED = (
    "lead_type", "outcome", "fit", "readiness", "source", "engagement", "campaign", "content", "segment",
    "email_domain", "email_kind", "company", "country", "region", "postal_code", "employees", "industry", "job_title",
    "product", "preference",
)  # fmt: skip
"""What routing's rules ask of a lead."""


def build_confirm_command(lead_id: UUID, by: str, form: Mapping[str, str]) -> ServiceCommand:
    """Return the command that confirms a lead by the four answers."""
    if any(form.get(name) not in ("yes", "no") for name in BANT):
        raise FormFault("Answer all four: budget, authority, need and timing.")
    bant = {name: form[name] == "yes" for name in BANT}
    return ServiceCommand("feedback", f"/v1/leads/{lead_id}/confirm", {"by": by, "bant": bant})


def build_return_lead_command(
    lead_id: UUID, by: str, form: Mapping[str, str], reasons: Mapping[str, ReturnReason]
) -> ServiceCommand:
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
    return ServiceCommand("feedback", f"/v1/leads/{lead_id}/{verb}", body)


def _context(form: Mapping[str, str], reason: ReturnReason) -> JsonObject:
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


def read_note(form: Mapping[str, str]) -> str:
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
