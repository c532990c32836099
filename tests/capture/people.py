"""Submissions as senders write them, and the same read."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from capture.domain import intake
from capture.domain.identity import Keyring
from capture.domain.intake import Arrival, Captured, Identity, Known, Taken
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


def arrival(at: datetime = NOW, rules: CapturePlaybook = RULES, **changes: Any) -> Arrival:
    return intake.arrive(Submission.model_validate(told(**changes)), KEYRING, rules, at)


def known_after(taken: Taken, before: Known = NOBODY, repeats: bool = True) -> Known:
    """What is on record once a batch was saved."""
    identities = {**before.identities, **{key: Identity(owner) for key, owner in taken.owners.items()}}
    profiles: dict[Any, Profile] = {**before.profiles, **{one.contact_id: one for one in taken.profiles}}
    said = dict(before.repeats)
    for one in taken.engagements if repeats else ():
        if one.arrival.repeat_key is not None:
            said[one.arrival.repeat_key] = Captured(one.event.contact_id, one.event.engagement_id, "duplicate")
    return Known(identities, profiles, said)


def take(*arrivals: Arrival, known: Known = NOBODY, at: datetime = NOW) -> Taken:
    return intake.take(arrivals, known, KEYRING, RULES, at)
