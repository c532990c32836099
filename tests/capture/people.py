"""Submissions as senders write them, and the same read."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

from capture.domain import arrival as arriving
from capture.domain import intake
from capture.domain.arrival import Arrival
from capture.domain.identity import Keyring
from capture.domain.intake import Captured, Identity, Known, Taken
from capture.domain.profile import Profile
from capture.domain.submission import Submission
from capture.playbook import CapturePlaybook

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEYRING = Keyring(b"a secret for tests alone")
RULES = CapturePlaybook.model_validate(
    yaml.safe_load((Path(__file__).parents[2] / "deploy" / "playbook" / "capture.yaml").read_text())
)
NOBODY = Known({}, {}, {})


def told(**changes: Any) -> dict[str, Any]:
    """What Ada's form sends; a change to None leaves the field out."""
    body = {
        "email": "ada@lovelace.example",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "company": "Analytical Engines",
        "job_title": "Head of Marketing",
        "country": "GB",
        "source": "web_form",
        "engagement": "demo_request",
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


def arrival(at: datetime = NOW, rules: CapturePlaybook = RULES, badge: str | None = None, **changes: Any) -> Arrival:
    body = told(**changes)
    if "email" in body or "phone" in body:
        return arriving.arrive(Submission.model_validate(body), KEYRING, rules, at, badge)
    read = Submission.model_validate(body | {"phone": "+442079460000"})
    return arriving.arrive(read.model_copy(update={"phone": None}), KEYRING, rules, at, badge)


def known_after(taken: Taken, before: Known = NOBODY, repeats: bool = True) -> Known:
    """What is on record once a batch was saved."""
    identities = {**before.identities, **{key: Identity(owner) for key, owner in taken.owners.items()}}
    profiles: dict[Any, Profile] = {**before.profiles, **{one.contact_id: one for one in taken.profiles}}
    said = dict(before.repeats)
    for one in taken.engagements if repeats else ():
        if one.arrival.repeat_key is not None:
            said[one.arrival.repeat_key] = Captured(one.event.contact_id, one.event.engagement_id, "duplicate")
    return Known(identities, profiles, said, survivors_after(taken, before))


def survivors_after(taken: Taken, before: Known = NOBODY) -> dict[UUID, UUID]:
    """Who speaks for whom once a batch was saved."""
    speaks = {**before.survivors, **{one.loser_id: one.survivor_id for one in taken.merges}}
    while any(speaker in speaks for speaker in speaks.values()):
        speaks = {loser: speaks.get(speaker, speaker) for loser, speaker in speaks.items()}
    return speaks


def take(*arrivals: Arrival, known: Known = NOBODY, at: datetime = NOW) -> Taken:
    return intake.take(arrivals, known, KEYRING, RULES, at)
