"""What routing does for programs. Written by `make docs`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, Unpack
from uuid import UUID

from baton_client.generated.answers import routing as answers
from baton_client.generated.bodies import routing as bodies
from baton_client.generated.async_operations.common import AsyncCommon
from baton_client.messages import build_headers, build_query, encode_json, encode_json_lines, fill_path


class AsyncRouting(AsyncCommon):
    """The operations of routing."""

    async def list_teams(self, *, limit: int | None = None, cursor: str | None = None) -> answers.TeamsAnswer:
        """List the teams: their queues, who can take leads now, how many leads they have and how many wait.

        Args:
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.TeamsAnswer = await self._connection.request_as(
            answers.TeamsAnswer,
            "GET",
            "/v1/teams",
            params=build_query(limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def list_queues(self, *, limit: int | None = None, cursor: str | None = None) -> answers.QueueLoadsAnswer:
        """List the queues in their order of service: how many leads wait, and since when.

        Args:
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.QueueLoadsAnswer = await self._connection.request_as(
            answers.QueueLoadsAnswer,
            "GET",
            "/v1/queues",
            params=build_query(limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def list_queue(
        self,
        queue: str,
        /,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.OpenLeadsAnswer:
        """List the leads that wait in a queue, in the order in which they will be served.

        Args:
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.OpenLeadsAnswer = await self._connection.request_as(
            answers.OpenLeadsAnswer,
            "GET",
            fill_path("/v1/queues/{queue}/leads", queue=queue),
            params=build_query(limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def list_reps(self, *, limit: int | None = None, cursor: str | None = None) -> answers.RepsAnswer:
        """List the reps: what is agreed with them, their load, and why they can't take a lead now where they can't.

        Args:
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.RepsAnswer = await self._connection.request_as(
            answers.RepsAnswer,
            "GET",
            "/v1/reps",
            params=build_query(limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def list_open_leads(
        self,
        rep_id: str,
        /,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.OpenLeadsAnswer:
        """List the open leads of a rep, the oldest assignment first.

        Args:
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.OpenLeadsAnswer = await self._connection.request_as(
            answers.OpenLeadsAnswer,
            "GET",
            fill_path("/v1/reps/{rep_id}/leads", rep_id=rep_id),
            params=build_query(limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def list_decisions(
        self,
        lead_id: UUID | str,
        /,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.DecisionsAnswer:
        """List every decision about a lead, with what was tried: why this rep, why not another.

        Args:
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.DecisionsAnswer = await self._connection.request_as(
            answers.DecisionsAnswer,
            "GET",
            fill_path("/v1/leads/{lead_id}/decisions", lead_id=lead_id),
            params=build_query(limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def list_raised(
        self,
        *,
        team: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.EscalationsAnswer:
        """List what was escalated to managers (missed promises, long waits) about leads that sales still has.

        Args:
            team: The team's name in the playbook.
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.EscalationsAnswer = await self._connection.request_as(
            answers.EscalationsAnswer,
            "GET",
            "/v1/raised",
            params=build_query(team=team, limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def list_slots(
        self,
        *,
        queue: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> answers.SlotsAnswer:
        """List the free slots of the team that serves a queue, from now on, a week if no end is given.

        Args:
            queue: The queue whose team the contact is to meet.
            since: Slots from this time on; left out: from now on.
            until: Slots up to this time; left out: a week.
            limit: How many items to answer at most.
        """
        found: answers.SlotsAnswer = await self._connection.request_as(
            answers.SlotsAnswer,
            "GET",
            "/v1/slots",
            params=build_query(queue=queue, since=since, until=until, limit=limit),
            headers=build_headers(None),
        )
        return found

    async def show_invitation(self, lead_id: UUID | str, /) -> bytes:
        """Return the invitation to the lead's meeting as an iCalendar file."""
        found = await self._connection.send(
            "GET",
            fill_path("/v1/leads/{lead_id}/invitation", lead_id=lead_id),
            headers=build_headers(None, "text/calendar"),
        )
        return found.content

    async def show_meetings(self, rep_id: str, /) -> bytes:
        """Return a rep's meetings as an iCalendar feed."""
        found = await self._connection.send(
            "GET",
            fill_path("/v1/reps/{rep_id}/meetings", rep_id=rep_id),
            headers=build_headers(None, "text/calendar"),
        )
        return found.content

    async def try_route(self, /, **body: Unpack[bodies.TrialLeadBody]) -> answers.TrialAnswer:
        """Return which rule and which rep a lead like this would get now, and why; nothing is saved or published."""
        found: answers.TrialAnswer = await self._connection.request_as(
            answers.TrialAnswer,
            "POST",
            "/v1/routes",
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def reassign(
        self,
        lead_id: UUID | str,
        /,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.ReassignBody],
    ) -> answers.PlacedLeadAnswer:
        """Assign a lead to a named rep, who must be able to take it unless that is forced. Asking again changes nothing."""
        found: answers.PlacedLeadAnswer = await self._connection.request_as(
            answers.PlacedLeadAnswer,
            "POST",
            fill_path("/v1/leads/{lead_id}/reassign", lead_id=lead_id),
            headers=build_headers(idempotency_key) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def reserve(
        self,
        lead_id: UUID | str,
        /,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.ReserveSlotBody],
    ) -> answers.PlacedLeadAnswer:
        """Book a slot: the lead is assigned to a rep who is free then, the present one first. 409: nobody is any more."""
        found: answers.PlacedLeadAnswer = await self._connection.request_as(
            answers.PlacedLeadAnswer,
            "POST",
            fill_path("/v1/leads/{lead_id}/book", lead_id=lead_id),
            headers=build_headers(idempotency_key) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def unassign(
        self,
        lead_id: UUID | str,
        /,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.UnassignBody],
    ) -> answers.PlacedLeadAnswer:
        """Take a lead from its rep: it waits in its queue for somebody who has not had it."""
        found: answers.PlacedLeadAnswer = await self._connection.request_as(
            answers.PlacedLeadAnswer,
            "POST",
            fill_path("/v1/leads/{lead_id}/unassign", lead_id=lead_id),
            headers=build_headers(idempotency_key) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def move(
        self,
        /,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.MoveLeadsBody],
    ) -> answers.MovedLeadsAnswer:
        """Move many leads at once; the answer has one item a lead, with why it was not moved where it was not."""
        found: answers.MovedLeadsAnswer = await self._connection.request_as(
            answers.MovedLeadsAnswer,
            "POST",
            "/v1/leads/move",
            headers=build_headers(idempotency_key) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def pass_on(
        self,
        lead_id: UUID | str,
        /,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.PassOnBody],
    ) -> answers.PlacedLeadAnswer:
        """Pass a lead on to the next in turn; where nobody else can take it, it stays (`changed` is false)."""
        found: answers.PlacedLeadAnswer = await self._connection.request_as(
            answers.PlacedLeadAnswer,
            "POST",
            fill_path("/v1/leads/{lead_id}/pass", lead_id=lead_id),
            headers=build_headers(idempotency_key) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def put_rep(self, rep_id: str, /, **body: Unpack[bodies.RepBody]) -> answers.RepAnswer:
        """Add a rep or change one. Waiting leads are served at once if the rep can now take them."""
        found: answers.RepAnswer = await self._connection.request_as(
            answers.RepAnswer,
            "PUT",
            fill_path("/v1/reps/{rep_id}", rep_id=rep_id),
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def put_calendar(
        self,
        rep_id: str,
        content: bytes,
        /,
        *,
        content_type: Literal["text/calendar"] = "text/calendar",
    ) -> answers.CalendarImportAnswer:
        """Replace a rep's absences of an earlier calendar file by those of this one (iCalendar)."""
        found: answers.CalendarImportAnswer = await self._connection.request_as(
            answers.CalendarImportAnswer,
            "PUT",
            fill_path("/v1/reps/{rep_id}/calendar", rep_id=rep_id),
            headers=build_headers(None) | {"Content-Type": content_type},
            content=content,
        )
        return found

    async def make_link(self, rep_id: str, /) -> answers.CalendarLinkAnswer:
        """Make a secret address for a rep's calendar. It is shown once; the one before stops working."""
        found: answers.CalendarLinkAnswer = await self._connection.request_as(
            answers.CalendarLinkAnswer,
            "POST",
            fill_path("/v1/reps/{rep_id}/calendar-link", rep_id=rep_id),
            headers=build_headers(None),
        )
        return found

    async def revoke_link(self, rep_id: str, /) -> answers.CalendarLinkAnswer:
        """Take back the secret address of a rep's calendar; whoever subscribed to it sees nothing from now on."""
        found: answers.CalendarLinkAnswer = await self._connection.request_as(
            answers.CalendarLinkAnswer,
            "DELETE",
            fill_path("/v1/reps/{rep_id}/calendar-link", rep_id=rep_id),
            headers=build_headers(None),
        )
        return found

    async def put_calendar_source(self, rep_id: str, /, **body: Unpack[bodies.CalendarSourceBody]) -> answers.RepAnswer:
        """Read a rep's own calendar at this address (https or webcal), again and again; its busy times are absences."""
        found: answers.RepAnswer = await self._connection.request_as(
            answers.RepAnswer,
            "PUT",
            fill_path("/v1/reps/{rep_id}/calendar-source", rep_id=rep_id),
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def delete_calendar_source(self, rep_id: str, /) -> answers.RepAnswer:
        """Read a rep's own calendar no more; its address is forgotten, and the absences that it brought."""
        found: answers.RepAnswer = await self._connection.request_as(
            answers.RepAnswer,
            "DELETE",
            fill_path("/v1/reps/{rep_id}/calendar-source", rep_id=rep_id),
            headers=build_headers(None),
        )
        return found
