"""What desk answers. Written by `make docs`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from baton_client.model import Model


class ActivationAnswer(Model):
    """In which services something changed."""

    changed: dict[str, bool]


class InvitationAnswer(Model):
    """Who was invited, and the link that signs them in once."""

    user_id: str
    url: str


class ProposedRulesAnswer(Model):
    """The candidate, and where it is signed."""

    candidate_id: UUID
    url: str


class SignatureAnswer(Model):
    """An approver, and who of ours signed for it."""

    name: str
    by: str
    at: datetime
    key: str | None = None


class OpenCandidateAnswer(Model):
    """The candidate that is being signed: its texts, who signed it, and who has not."""

    candidate_id: UUID
    definitions: str
    bodies: dict[str, str]
    signatures: list[SignatureAnswer]
    missing: list[str]
    proposed_by: str
    proposed_at: datetime
