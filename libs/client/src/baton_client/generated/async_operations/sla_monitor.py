"""What sla-monitor does for programs. Written by `make docs`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, Unpack
from uuid import UUID

from baton_client.generated.answers import sla_monitor as answers
from baton_client.generated.bodies import sla_monitor as bodies
from baton_client.generated.async_operations.common import AsyncCommon
from baton_client.messages import build_headers, build_query, encode_json, encode_json_lines, fill_path


class AsyncSlaMonitor(AsyncCommon):
    """The operations of sla-monitor."""

    async def list_clocks(
        self,
        *,
        lead_id: UUID | str | None = None,
        contact_id: UUID | str | None = None,
        rep_id: str | None = None,
        team: str | None = None,
        clock: str | None = None,
        policy: str | None = None,
        week: str | None = None,
        state: Literal["running", "paused", "warned", "breached", "met", "met_late", "rescinded", "cancelled"] | None = None,
        counted: Literal["due", "met", "rescinded", "met_late", "breached", "cancelled", "open"] | None = None,
        outcome: Literal["kept", "missed", "late"] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        ownerless: bool | None = None,
        due_before: datetime | None = None,
        sort: Literal["due_at", "-due_at", "started_at", "-started_at", "breached_at", "-breached_at"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.ClocksAnswer:
        """List clocks, the next to fall due first unless `sort` says otherwise; with `due_before` those due before then.

        `(none)` is the rep or team of what nobody has.

        Args:
            lead_id: The lead.
            contact_id: The contact.
            rep_id: The rep.
            team: The team's name in the playbook.
            clock: The promise's name, such as `first_touch`.
            policy: The policy of the agreement.
            week: ISO week in which it fell due, such as 2026-W10.
            state: Only those in this state.
            counted: Of each lead the one that compliance counts so.
            outcome: Only those that came out so; late ones were missed.
            since: Only those due from this time on, or started.
            until: Only those due before this time, or started.
            ownerless: Only those of leads that nobody has.
            due_before: Only those that fall due before this time.
            sort: What comes first; with - the latest does.
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.ClocksAnswer = await self._connection.request_as(
            answers.ClocksAnswer,
            "GET",
            "/v1/clocks",
            params=build_query(lead_id=lead_id, contact_id=contact_id, rep_id=rep_id, team=team, clock=clock, policy=policy, week=week, state=state, counted=counted, outcome=outcome, since=since, until=until, ownerless=ownerless, due_before=due_before, sort=sort, limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def list_breaches(
        self,
        *,
        rep_id: str | None = None,
        team: str | None = None,
        clock: str | None = None,
        policy: str | None = None,
        state: Literal["breached", "met_late"] | None = None,
        open: bool | None = None,
        ignored: bool | None = None,
        due_from: datetime | None = None,
        due_before: datetime | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.ClocksAnswer:
        """List what was missed and not taken back, the latest first; leads with an opportunity are left out.

        `state=breached` also leaves out what was met late.

        Args:
            rep_id: The rep.
            team: The team's name in the playbook.
            clock: The promise's name, such as `first_touch`.
            policy: The policy of the agreement.
            state: Only those in this state.
            open: Only what is still missed.
            ignored: Only first touches of open leads that nobody touched.
            due_from: Only those that fell due from this time on.
            due_before: Only those that fell due before this time.
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.ClocksAnswer = await self._connection.request_as(
            answers.ClocksAnswer,
            "GET",
            "/v1/breaches",
            params=build_query(rep_id=rep_id, team=team, clock=clock, policy=policy, state=state, open=open, ignored=ignored, due_from=due_from, due_before=due_before, limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def list_policies(self) -> answers.PoliciesAnswer:
        """Show the agreement in force."""
        found: answers.PoliciesAnswer = await self._connection.request_as(
            answers.PoliciesAnswer,
            "GET",
            "/v1/policies",
            headers=build_headers(None),
        )
        return found

    async def show_compliance(
        self,
        *,
        by: Literal["team", "rep", "policy", "week"] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.ComplianceAnswer:
        """Count how promises came out, by what fell due from `since` to before `until`; a manager's key counts its team.

        Args:
            by: What to group by.
            since: Only what happened at this time or later (RFC 3339).
            until: Only what happened before this time (RFC 3339).
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.ComplianceAnswer = await self._connection.request_as(
            answers.ComplianceAnswer,
            "GET",
            "/v1/compliance",
            params=build_query(by=by, since=since, until=until, limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def show_promises(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> answers.MonthlyPromisesAnswer:
        """Compare what each side delivered, month by month (UTC), with what it promised.

        Args:
            since: Only what happened at this time or later (RFC 3339).
            until: Only what happened before this time (RFC 3339).
        """
        found: answers.MonthlyPromisesAnswer = await self._connection.request_as(
            answers.MonthlyPromisesAnswer,
            "GET",
            "/v1/promises",
            params=build_query(since=since, until=until),
            headers=build_headers(None),
        )
        return found

    async def show_ages(
        self,
        *,
        by: Literal["team", "rep", "policy", "clock"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.OpenMissesAnswer:
        """Count the misses that are still open, by how long ago they fell due; leads with an opportunity are left out.

        Args:
            by: What to group by.
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.OpenMissesAnswer = await self._connection.request_as(
            answers.OpenMissesAnswer,
            "GET",
            "/v1/breaches/ages",
            params=build_query(by=by, limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def show_ignored(self, *, limit: int | None = None, cursor: str | None = None) -> answers.IgnoredLeadsAnswer:
        """Count, by team, the leads that nobody followed up in time, and still has not.

        Args:
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.IgnoredLeadsAnswer = await self._connection.request_as(
            answers.IgnoredLeadsAnswer,
            "GET",
            "/v1/ignored",
            params=build_query(limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def list_orphans(self, *, limit: int | None = None, cursor: str | None = None) -> answers.OrphanLeadsAnswer:
        """List the open leads that nobody has, or that no promise watches.

        Args:
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.OrphanLeadsAnswer = await self._connection.request_as(
            answers.OrphanLeadsAnswer,
            "GET",
            "/v1/orphans",
            params=build_query(limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def list_suspicions(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> answers.SuspiciousPatternsAnswer:
        """Count, by person, touches just before a deadline, calls that nobody could have held, mass returns.

        Args:
            since: Only what happened at this time or later (RFC 3339).
            until: Only what happened before this time (RFC 3339).
            limit: How many items to answer at most.
        """
        found: answers.SuspiciousPatternsAnswer = await self._connection.request_as(
            answers.SuspiciousPatternsAnswer,
            "GET",
            "/v1/suspicions",
            params=build_query(since=since, until=until, limit=limit),
            headers=build_headers(None),
        )
        return found

    async def list_promised_leads(
        self,
        *,
        side: Literal["marketing", "sales"],
        promise: str,
        month: str,
        since: datetime,
        until: datetime,
        delivered: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.PromisedLeadsAnswer:
        """List the leads behind a figure of `GET /v1/promises`, which names these filters.

        Args:
            side: Who promised it.
            promise: As the report names it, such as `context` or `first_touch`.
            month: As in `2026-03`, UTC.
            since: Only what happened at this time or later (RFC 3339).
            until: Only what happened before this time (RFC 3339).
            delivered: Only those that count for it, or do not.
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.PromisedLeadsAnswer = await self._connection.request_as(
            answers.PromisedLeadsAnswer,
            "GET",
            "/v1/promises/leads",
            params=build_query(side=side, promise=promise, month=month, since=since, until=until, delivered=delivered, limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def list_suspicious_acts(
        self,
        *,
        kind: Literal["hurried_touch", "short_call", "mass_return"],
        by: str,
        since: datetime,
        until: datetime,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.SuspiciousActsAnswer:
        """List what `GET /v1/suspicions` counts of a person.

        Args:
            kind: What looks odd.
            by: What to group by.
            since: Only what happened at this time or later (RFC 3339).
            until: Only what happened before this time (RFC 3339).
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.SuspiciousActsAnswer = await self._connection.request_as(
            answers.SuspiciousActsAnswer,
            "GET",
            "/v1/suspicions/acts",
            params=build_query(kind=kind, by=by, since=since, until=until, limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def list_reviews(
        self,
        *,
        team: str | None = None,
        rep_id: str | None = None,
        lead_id: UUID | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.ReviewsAnswer:
        """List open reviews, each with its lead's whole history.

        Args:
            team: The team's name in the playbook.
            rep_id: The rep.
            lead_id: The lead.
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.ReviewsAnswer = await self._connection.request_as(
            answers.ReviewsAnswer,
            "GET",
            "/v1/reviews",
            params=build_query(team=team, rep_id=rep_id, lead_id=lead_id, limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def list_webhooks(self) -> answers.WebhooksAnswer:
        """List the webhooks."""
        found: answers.WebhooksAnswer = await self._connection.request_as(
            answers.WebhooksAnswer,
            "GET",
            "/v1/webhooks",
            headers=build_headers(None),
        )
        return found

    async def list_deliveries(
        self,
        *,
        webhook: str | None = None,
        state: Literal["waiting", "sent", "failed", "digested"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.DeliveriesAnswer:
        """List messages of the last month, and what became of them.

        Args:
            webhook: Only those of this webhook.
            state: Only those in this state.
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.DeliveriesAnswer = await self._connection.request_as(
            answers.DeliveriesAnswer,
            "GET",
            "/v1/deliveries",
            params=build_query(webhook=webhook, state=state, limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def comment(self, lead_id: UUID | str, /, **body: Unpack[bodies.CommentBody]) -> None:
        """Comment on a lead under review. The same comment again changes nothing."""
        await self._connection.send(
            "POST",
            fill_path("/v1/reviews/{lead_id}/comments", lead_id=lead_id),
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )

    async def put_webhook(self, name: str, /, **body: Unpack[bodies.WebhookBody]) -> answers.WebhookView:
        """Add or change a webhook. A new one is answered with its secret."""
        found: answers.WebhookView = await self._connection.request_as(
            answers.WebhookView,
            "PUT",
            fill_path("/v1/webhooks/{name}", name=name),
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def drop_webhook(self, name: str, /) -> None:
        """Delete a webhook; nothing more is sent to it."""
        await self._connection.send(
            "DELETE",
            fill_path("/v1/webhooks/{name}", name=name),
            headers=build_headers(None),
        )

    async def rotate(self, name: str, /) -> answers.WebhookSecret:
        """Replace a webhook's secret."""
        found: answers.WebhookSecret = await self._connection.request_as(
            answers.WebhookSecret,
            "POST",
            fill_path("/v1/webhooks/{name}/rotate", name=name),
            headers=build_headers(None),
        )
        return found

    async def retry(self, delivery_id: UUID | str, /) -> None:
        """Send a message again that was given up."""
        await self._connection.send(
            "POST",
            fill_path("/v1/deliveries/{delivery_id}/retry", delivery_id=delivery_id),
            headers=build_headers(None),
        )
