"""Submissions as senders write them, and the same read."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

from capture.domain import arrival as arriving
from capture.domain import intake
from capture.domain.arrival import Arrival
from capture.domain.identity import IdentityHasher
from capture.domain.intake import CaptureAnswer, IntakeResult, KnownForBatch
from capture.domain.key_owners import KeyOwner
from capture.domain.profile import Profile
from capture.domain.submission import Submission
from capture.playbook import CapturePlaybook

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEYRING = IdentityHasher(b"a secret for tests alone")
RULES = CapturePlaybook.model_validate(
    yaml.safe_load((Path(__file__).parents[2] / "deploy" / "playbook" / "capture.yaml").read_text())
)
NOBODY = KnownForBatch({}, {}, {})


def submission_body(**changes: Any) -> dict[str, Any]:
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


def arrival(
    at: datetime = NOW,
    rules: CapturePlaybook = RULES,
    badge: str | None = None,
    is_listed: bool = False,
    **changes: Any,
) -> Arrival:
    values = submission_body(**changes)
    if "email" in values or "phone" in values:
        return arriving.make_arrival(Submission.model_validate(values), KEYRING, rules, at, badge, is_listed=is_listed)
    read = Submission.model_validate(values | {"phone": "+442079460000"})
    return arriving.make_arrival(
        read.model_copy(update={"phone": None}), KEYRING, rules, at, badge, is_listed=is_listed
    )


def known_after(taken: IntakeResult, before: KnownForBatch = NOBODY, repeats: bool = True) -> KnownForBatch:
    """What is on record once a batch was saved."""
    identities = {**before.identities, **{key: KeyOwner(owner) for key, owner in taken.owners.items()}}
    profiles: dict[Any, Profile] = {**before.profiles, **{each.contact_id: each for each in taken.profiles}}
    repeats_ = dict(before.repeats)
    for each in taken.engagements if repeats else ():
        if each.arrival.repeat_key is not None:
            repeats_[each.arrival.repeat_key] = CaptureAnswer(
                each.event.contact_id, each.event.engagement_id, "duplicate"
            )
    return KnownForBatch(identities, profiles, repeats_, survivors_after(taken, before))


def survivors_after(taken: IntakeResult, before: KnownForBatch = NOBODY) -> dict[UUID, UUID]:
    """Who speaks for whom once a batch was saved."""
    speaks = {**before.survivors, **{each.loser_id: each.survivor_id for each in taken.merges}}
    while any(speaker in speaks for speaker in speaks.values()):
        speaks = {loser: speaks.get(speaker, speaker) for loser, speaker in speaks.items()}
    return speaks


def take(*arrivals: Arrival, known: KnownForBatch = NOBODY, at: datetime = NOW) -> IntakeResult:
    return intake.take_batch(arrivals, known, KEYRING, RULES, at)
