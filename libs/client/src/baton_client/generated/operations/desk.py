"""What desk does for programs. Written by `make docs`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, Unpack
from uuid import UUID

from baton_client.generated.answers import desk as answers
from baton_client.generated.bodies import desk as bodies
from baton_client.generated.operations.common import Common
from baton_client.messages import build_headers, build_query, encode_json, encode_json_lines, fill_path


class Desk(Common):
    """The operations of desk."""

    def invite(self, /, **body: Unpack[bodies.InvitationBody]) -> answers.InvitationAnswer:
        """Add somebody of ours or change them, and return the link that signs them in once."""
        found: answers.InvitationAnswer = self._connection.request_as(
            answers.InvitationAnswer,
            "POST",
            "/v1/invitations",
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    def propose(self, /, **body: Unpack[bodies.ProposedRulesBody]) -> answers.ProposedRulesAnswer:
        """Keep rules as the candidate that both teams sign; one that is not in force yet ends by that."""
        found: answers.ProposedRulesAnswer = self._connection.request_as(
            answers.ProposedRulesAnswer,
            "POST",
            "/v1/candidates",
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    def show_open_candidate(self) -> answers.OpenCandidateAnswer:
        """Return the candidate that is being signed; 404 where there is none."""
        found: answers.OpenCandidateAnswer = self._connection.request_as(
            answers.OpenCandidateAnswer,
            "GET",
            "/v1/candidates/open",
            headers=build_headers(None),
        )
        return found

    def sign(self, candidate_id: UUID | str, /, **body: Unpack[bodies.SignatureBody]) -> answers.OpenCandidateAnswer:
        """Sign a candidate for one of ours, as on the page: each as their approver, and nobody for two."""
        found: answers.OpenCandidateAnswer = self._connection.request_as(
            answers.OpenCandidateAnswer,
            "POST",
            fill_path("/v1/candidates/{candidate_id}/sign", candidate_id=candidate_id),
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    def activate(self, candidate_id: UUID | str, /, **body: Unpack[bodies.ActivationBody]) -> answers.ActivationAnswer:
        """Put a candidate in force in every service once all have signed; after a fault the same again goes on."""
        found: answers.ActivationAnswer = self._connection.request_as(
            answers.ActivationAnswer,
            "POST",
            fill_path("/v1/candidates/{candidate_id}/activate", candidate_id=candidate_id),
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found
