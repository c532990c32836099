"""What desk answers. Written by `make docs`."""

from __future__ import annotations

from uuid import UUID

from baton_client.model import Model


class Invited(Model):
    """Who was invited, and the link that signs them in once."""

    user_id: str
    url: str


class Kept(Model):
    """The candidate, and where it is signed."""

    candidate_id: UUID
    url: str
