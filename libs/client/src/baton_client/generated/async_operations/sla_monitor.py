"""What sla-monitor does for programs. Written by `make docs`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, Unpack
from uuid import UUID

from baton_client.generated.answers import sla_monitor as answers
from baton_client.generated.bodies import sla_monitor as bodies
from baton_client.generated.async_operations.common import AsyncCommon
from baton_client.messages import headers_of, lines_of, path_of, query_of, written


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
        since: datetime | None = None,
        until: datetime | None = None,
        ownerless: bool | None = None,
        due_before: datetime | None = None,
        sort: Literal["due_at", "-due_at", "started_at", "-started_at", "breached_at", "-breached_at"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.Clocks:
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
            since: Only those due from this time on, or started.
            until: Only those due before this time, or started.
            ownerless: Only those of leads that nobody has.
            due_before: Only those that fall due before this time.
            sort: What comes first; with - the latest does.
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.Clocks = await self._connection.fetch(
            answers.Clocks,
            "GET",
            "/v1/clocks",
            params=query_of(lead_id=lead_id, contact_id=contact_id, rep_id=rep_id, team=team, clock=clock, policy=policy, week=week, state=state, counted=counted, since=since, until=until, ownerless=ownerless, due_before=due_before, sort=sort, limit=limit, cursor=cursor),
            headers=headers_of(None),
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
    ) -> answers.Clocks:
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
        found: answers.Clocks = await self._connection.fetch(
            answers.Clocks,
            "GET",
            "/v1/breaches",
            params=query_of(rep_id=rep_id, team=team, clock=clock, policy=policy, state=state, open=open, ignored=ignored, due_from=due_from, due_before=due_before, limit=limit, cursor=cursor),
            headers=headers_of(None),
        )
        return found

    async def list_policies(self) -> answers.Policies:
        """Show the agreement in force."""
        found: answers.Policies = await self._connection.fetch(
            answers.Policies,
            "GET",
            "/v1/policies",
            headers=headers_of(None),
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
    ) -> answers.Compliance:
        """Count how promises came out, by what fell due from `since` to before `until`; a manager's key counts its team.

        Args:
            by: What to group by.
            since: Only what happened at this time or later (RFC 3339).
            until: Only what happened before this time (RFC 3339).
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.Compliance = await self._connection.fetch(
            answers.Compliance,
            "GET",
            "/v1/compliance",
            params=query_of(by=by, since=since, until=until, limit=limit, cursor=cursor),
            headers=headers_of(None),
        )
        return found

    async def show_promises(self, *, since: datetime | None = None, until: datetime | None = None) -> answers.Promises:
        """Compare what each side delivered, month by month (UTC), with what it promised.

        Args:
            since: Only what happened at this time or later (RFC 3339).
            until: Only what happened before this time (RFC 3339).
        """
        found: answers.Promises = await self._connection.fetch(
            answers.Promises,
            "GET",
            "/v1/promises",
            params=query_of(since=since, until=until),
            headers=headers_of(None),
        )
        return found

    async def show_ages(
        self,
        *,
        by: Literal["team", "rep", "policy", "clock"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.Ages:
        """Count the misses that are still open, by how long ago they fell due; leads with an opportunity are left out.

        Args:
            by: What to group by.
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.Ages = await self._connection.fetch(
            answers.Ages,
            "GET",
            "/v1/breaches/ages",
            params=query_of(by=by, limit=limit, cursor=cursor),
            headers=headers_of(None),
        )
        return found

    async def show_ignored(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.TeamsWithUntouchedLeads:
        """Count, by team, the leads that nobody followed up in time, and still has not.

        Args:
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.TeamsWithUntouchedLeads = await self._connection.fetch(
            answers.TeamsWithUntouchedLeads,
            "GET",
            "/v1/ignored",
            params=query_of(limit=limit, cursor=cursor),
            headers=headers_of(None),
        )
        return found

    async def list_orphans(self, *, limit: int | None = None, cursor: str | None = None) -> answers.Orphans:
        """List the open leads that nobody has, or that no promise watches.

        Args:
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.Orphans = await self._connection.fetch(
            answers.Orphans,
            "GET",
            "/v1/orphans",
            params=query_of(limit=limit, cursor=cursor),
            headers=headers_of(None),
        )
        return found

    async def list_suspicions(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> answers.Suspects:
        """Count, by person, touches just before a deadline, calls that nobody could have held, mass returns.

        Args:
            since: Only what happened at this time or later (RFC 3339).
            until: Only what happened before this time (RFC 3339).
            limit: How many items to answer at most.
        """
        found: answers.Suspects = await self._connection.fetch(
            answers.Suspects,
            "GET",
            "/v1/suspicions",
            params=query_of(since=since, until=until, limit=limit),
            headers=headers_of(None),
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
    ) -> answers.PromisedLeads:
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
        found: answers.PromisedLeads = await self._connection.fetch(
            answers.PromisedLeads,
            "GET",
            "/v1/promises/leads",
            params=query_of(side=side, promise=promise, month=month, since=since, until=until, delivered=delivered, limit=limit, cursor=cursor),
            headers=headers_of(None),
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
    ) -> answers.Acts:
        """List what `GET /v1/suspicions` counts of a person.

        Args:
            kind: What looks odd.
            by: What to group by.
            since: Only what happened at this time or later (RFC 3339).
            until: Only what happened before this time (RFC 3339).
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.Acts = await self._connection.fetch(
            answers.Acts,
            "GET",
            "/v1/suspicions/acts",
            params=query_of(kind=kind, by=by, since=since, until=until, limit=limit, cursor=cursor),
            headers=headers_of(None),
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
    ) -> answers.Reviews:
        """List open reviews, each with its lead's whole history.

        Args:
            team: The team's name in the playbook.
            rep_id: The rep.
            lead_id: The lead.
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.Reviews = await self._connection.fetch(
            answers.Reviews,
            "GET",
            "/v1/reviews",
            params=query_of(team=team, rep_id=rep_id, lead_id=lead_id, limit=limit, cursor=cursor),
            headers=headers_of(None),
        )
        return found

    async def list_webhooks(self) -> answers.Webhooks:
        """List the webhooks."""
        found: answers.Webhooks = await self._connection.fetch(
            answers.Webhooks,
            "GET",
            "/v1/webhooks",
            headers=headers_of(None),
        )
        return found

    async def list_deliveries(
        self,
        *,
        webhook: str | None = None,
        state: Literal["waiting", "sent", "failed", "digested"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.Deliveries:
        """List messages of the last month, and what became of them.

        Args:
            webhook: Only those of this webhook.
            state: Only those in this state.
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.Deliveries = await self._connection.fetch(
            answers.Deliveries,
            "GET",
            "/v1/deliveries",
            params=query_of(webhook=webhook, state=state, limit=limit, cursor=cursor),
            headers=headers_of(None),
        )
        return found

    async def comment(self, lead_id: UUID | str, /, **body: Unpack[bodies.Remark]) -> None:
        """Comment on a lead under review. The same comment again changes nothing."""
        await self._connection.send(
            "POST",
            path_of("/v1/reviews/{lead_id}/comments", lead_id=lead_id),
            headers=headers_of(None) | {"Content-Type": "application/json"},
            content=written(body),
        )

    async def put_webhook(self, name: str, /, **body: Unpack[bodies.PutWebhook]) -> answers.WebhookView:
        """Add or change a webhook. A new one is answered with its secret."""
        found: answers.WebhookView = await self._connection.fetch(
            answers.WebhookView,
            "PUT",
            path_of("/v1/webhooks/{name}", name=name),
            headers=headers_of(None) | {"Content-Type": "application/json"},
            content=written(body),
        )
        return found

    async def drop_webhook(self, name: str, /) -> None:
        """Delete a webhook; nothing more is sent to it."""
        await self._connection.send(
            "DELETE",
            path_of("/v1/webhooks/{name}", name=name),
            headers=headers_of(None),
        )

    async def rotate(self, name: str, /) -> answers.WebhookSecret:
        """Replace a webhook's secret."""
        found: answers.WebhookSecret = await self._connection.fetch(
            answers.WebhookSecret,
            "POST",
            path_of("/v1/webhooks/{name}/rotate", name=name),
            headers=headers_of(None),
        )
        return found

    async def retry(self, delivery_id: UUID | str, /) -> None:
        """Send a message again that was given up."""
        await self._connection.send(
            "POST",
            path_of("/v1/deliveries/{delivery_id}/retry", delivery_id=delivery_id),
            headers=headers_of(None),
        )
