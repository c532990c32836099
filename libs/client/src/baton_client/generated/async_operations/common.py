"""What every service does for programs. Written by `make docs`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, Unpack
from uuid import UUID

from baton_client.generated.answers import common as answers
from baton_client.generated.bodies import common as bodies
from baton_client.async_connection import AsyncOperations
from baton_client.messages import build_headers, build_query, encode_json, encode_json_lines, fill_path


class AsyncCommon(AsyncOperations):
    """The operations of every service."""

    async def livez(self) -> answers.Alive:
        """Fail when a loop of this process ended; neither PostgreSQL nor Kafka counts, as a restart would mend neither."""
        found: answers.Alive = await self._connection.request_as(
            answers.Alive,
            "GET",
            "/livez",
            headers=build_headers(None),
        )
        return found

    async def readyz(self) -> answers.Ready:
        """Fail while the service cannot do its work, and say what is missing."""
        found: answers.Ready = await self._connection.request_as(
            answers.Ready,
            "GET",
            "/readyz",
            headers=build_headers(None),
        )
        return found

    async def status(self) -> answers.Status:
        """Return the state of the service's machinery: outbox, lag, parked records, open commands."""
        found: answers.Status = await self._connection.request_as(
            answers.Status,
            "GET",
            "/status",
            headers=build_headers(None),
        )
        return found

    async def audit(self) -> answers.AuditResult:
        """List the rows that break an invariant; there must be none."""
        found: answers.AuditResult = await self._connection.request_as(
            answers.AuditResult,
            "GET",
            "/audit",
            headers=build_headers(None),
        )
        return found

    async def list_parked(self, *, limit: int | None = None) -> answers.ParkedRecords:
        """List parked records, newest first, without their bytes.

        Args:
            limit: How many items to answer at most.
        """
        found: answers.ParkedRecords = await self._connection.request_as(
            answers.ParkedRecords,
            "GET",
            "/v1/dead-letters",
            params=build_query(limit=limit),
            headers=build_headers(None),
        )
        return found

    async def show_parked(self, parked_id: UUID | str, /) -> answers.WholeParkedRecord:
        """Return one parked record with its bytes."""
        found: answers.WholeParkedRecord = await self._connection.request_as(
            answers.WholeParkedRecord,
            "GET",
            fill_path("/v1/dead-letters/{parked_id}", parked_id=parked_id),
            headers=build_headers(None),
        )
        return found

    async def show_rows(self, contact_id: UUID | str, /) -> answers.StoredContactRows:
        """Return every row that this service holds about a contact, by table."""
        found: answers.StoredContactRows = await self._connection.request_as(
            answers.StoredContactRows,
            "GET",
            fill_path("/v1/held/{contact_id}", contact_id=contact_id),
            headers=build_headers(None),
        )
        return found

    async def act_on_parked(
        self,
        parked_id: UUID | str,
        verb: Literal["replay", "discard"],
        /,
    ) -> answers.StateAfterAction:
        """Replay or discard one parked record; a second time changes nothing."""
        found: answers.StateAfterAction = await self._connection.request_as(
            answers.StateAfterAction,
            "POST",
            fill_path("/v1/dead-letters/{parked_id}/{verb}", parked_id=parked_id, verb=verb),
            headers=build_headers(None),
        )
        return found

    async def list_stopped(self) -> answers.StoppedPartitions:
        """List the partitions that stand stopped, because too many of their records were parked."""
        found: answers.StoppedPartitions = await self._connection.request_as(
            answers.StoppedPartitions,
            "GET",
            "/v1/partitions/stopped",
            headers=build_headers(None),
        )
        return found

    async def resume_stopped(
        self,
        *,
        topic: str | None = None,
        partition: int | None = None,
        park_all: bool | None = None,
    ) -> answers.ResumedPartitions:
        """Let stopped partitions go on; with `park_all` they park what is on them now without stopping again.

        Args:
            topic: The topic's name, such as `leads.worked.v1`.
            partition: The partition's number, from 0.
            park_all: Park what is on them now without stopping again.
        """
        found: answers.ResumedPartitions = await self._connection.request_as(
            answers.ResumedPartitions,
            "POST",
            "/v1/partitions/resume",
            params=build_query(topic=topic, partition=partition, park_all=park_all),
            headers=build_headers(None),
        )
        return found

    async def list_gaps(self, *, limit: int | None = None) -> answers.Gaps:
        """List ranges of records that were deleted before this service had applied them, newest first.

        Args:
            limit: How many items to answer at most.
        """
        found: answers.Gaps = await self._connection.request_as(
            answers.Gaps,
            "GET",
            "/v1/gaps",
            params=build_query(limit=limit),
            headers=build_headers(None),
        )
        return found

    async def act_on_gap(self, gap_id: UUID | str, verb: Literal["heal", "accept"], /) -> answers.StateAfterAction:
        """Ask the producers for a gap once more, or accept that its records are lost."""
        found: answers.StateAfterAction = await self._connection.request_as(
            answers.StateAfterAction,
            "POST",
            fill_path("/v1/gaps/{gap_id}/{verb}", gap_id=gap_id, verb=verb),
            headers=build_headers(None),
        )
        return found

    async def list_published(
        self,
        *,
        topic: str,
        partition: int,
        from_offset: int,
        to_offset: int | None = None,
        limit: int | None = None,
    ) -> answers.PublishedRecords:
        """List what this service published at these offsets of a topic: identifiers, never values.

        Args:
            topic: The topic's name, such as `leads.worked.v1`.
            partition: The partition's number, from 0.
            from_offset: The first offset.
            to_offset: The offset behind the last one; left out, all that follow.
            limit: How many items to answer at most.
        """
        found: answers.PublishedRecords = await self._connection.request_as(
            answers.PublishedRecords,
            "GET",
            "/v1/published",
            params=build_query(topic=topic, partition=partition, from_offset=from_offset, to_offset=to_offset, limit=limit),
            headers=build_headers(None),
        )
        return found

    async def send_refused_again(self, *, topic: str | None = None) -> answers.ReplayedCount:
        """Send up to 500 records again that Kafka refused; call it until it answers 0.

        Args:
            topic: The topic's name, such as `leads.worked.v1`.
        """
        found: answers.ReplayedCount = await self._connection.request_as(
            answers.ReplayedCount,
            "POST",
            "/v1/outbox/refused/replay",
            params=build_query(topic=topic),
            headers=build_headers(None),
        )
        return found

    async def republish(self, *, topic: str | None = None, since: datetime | None = None) -> answers.RepublishedCount:
        """Send the journal's bytes again; consumers that skip a known `ce_id` see nothing new.

        Args:
            topic: The topic's name, such as `leads.worked.v1`.
            since: Only what happened at this time or later (RFC 3339).
        """
        found: answers.RepublishedCount = await self._connection.request_as(
            answers.RepublishedCount,
            "POST",
            "/v1/republish",
            params=build_query(topic=topic, since=since),
            headers=build_headers(None),
        )
        return found

    async def list_actions(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        since: datetime | None = None,
    ) -> answers.OperatorActions:
        """List what operators did, the newest first: who, what, about which id, by which key.

        Args:
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
            since: Only what happened at this time or later (RFC 3339).
        """
        found: answers.OperatorActions = await self._connection.request_as(
            answers.OperatorActions,
            "GET",
            "/v1/audit-log",
            params=build_query(limit=limit, cursor=cursor, since=since),
            headers=build_headers(None),
        )
        return found

    async def list_keys(self) -> answers.KeysWithoutSecret:
        """List the keys that this service knows, without their secrets."""
        found: answers.KeysWithoutSecret = await self._connection.request_as(
            answers.KeysWithoutSecret,
            "GET",
            "/v1/keys",
            headers=build_headers(None),
        )
        return found

    async def create_key(self, /, **body: Unpack[bodies.NewKeyBody]) -> answers.NewKeyShown:
        """Create a key; it is in the answer, this once, unless the caller drew it."""
        found: answers.NewKeyShown = await self._connection.request_as(
            answers.NewKeyShown,
            "POST",
            "/v1/keys",
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def rotate_key(self, key_id: str, /, **body: Unpack[bodies.KeyRotationBody]) -> answers.NewKeyShown:
        """Create a key that may do what another may, which ends after the overlap."""
        found: answers.NewKeyShown = await self._connection.request_as(
            answers.NewKeyShown,
            "POST",
            fill_path("/v1/keys/{key_id}/rotate", key_id=key_id),
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def revoke_key(self, key_id: str, /) -> answers.RevokedKey:
        """Revoke a key: worthless within a second. A second time changes nothing."""
        found: answers.RevokedKey = await self._connection.request_as(
            answers.RevokedKey,
            "POST",
            fill_path("/v1/keys/{key_id}/revoke", key_id=key_id),
            headers=build_headers(None),
        )
        return found

    async def show_playbook(self) -> answers.RulesInForce:
        """Return the rules in force as they were written."""
        found: answers.RulesInForce = await self._connection.request_as(
            answers.RulesInForce,
            "GET",
            "/v1/playbook",
            headers=build_headers(None),
        )
        return found

    async def activate_playbook(self, /, **body: Unpack[bodies.NewRules]) -> answers.ActivationResult:
        """Put rules in force in this service, if all approvers that they name agreed; the same again changes nothing.

        One file of a playbook goes to one service: `baton playbook activate` checks that the files fit each other first."""
        found: answers.ActivationResult = await self._connection.request_as(
            answers.ActivationResult,
            "PUT",
            "/v1/playbook",
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def check_playbook(self, /, **body: Unpack[bodies.RulesToCheck]) -> answers.RulesCheckResult:
        """Read rules as they would be read to put them in force, and say what is wrong with them; nothing is changed."""
        found: answers.RulesCheckResult = await self._connection.request_as(
            answers.RulesCheckResult,
            "POST",
            "/v1/playbook/check",
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found
