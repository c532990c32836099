"""What desk does for programs. Written by `make docs`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, Unpack
from uuid import UUID

from baton_client.generated.answers import desk as answers
from baton_client.generated.bodies import desk as bodies
from baton_client.generated.operations.common import Common
from baton_client.messages import headers_of, lines_of, path_of, query_of, written


class Desk(Common):
    """The operations of desk."""

    def invite(self, /, **body: Unpack[bodies.Invite]) -> answers.Invited:
        """Add somebody of ours or change them, and return the link that signs them in once."""
        found: answers.Invited = self._connection.fetch(
            answers.Invited,
            "POST",
            "/v1/invitations",
            headers=headers_of(None) | {"Content-Type": "application/json"},
            content=written(body),
        )
        return found

    def propose(self, /, **body: Unpack[bodies.Proposed]) -> answers.Kept:
        """Keep rules as the candidate that is signed on the page; one that is not in force yet ends by that."""
        found: answers.Kept = self._connection.fetch(
            answers.Kept,
            "POST",
            "/v1/candidates",
            headers=headers_of(None) | {"Content-Type": "application/json"},
            content=written(body),
        )
        return found
