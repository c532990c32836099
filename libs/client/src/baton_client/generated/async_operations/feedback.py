"""What feedback does for programs. Written by `make docs`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, Unpack
from uuid import UUID

from baton_client.generated.answers import feedback as answers
from baton_client.generated.bodies import feedback as bodies
from baton_client.generated.async_operations.common import AsyncCommon
from baton_client.messages import build_headers, build_query, encode_json, encode_json_lines, fill_path


class AsyncFeedback(AsyncCommon):
    """The operations of feedback."""

    def carry_out_stream(self, lines: Iterable[Mapping[str, Any]], /) -> AsyncIterator[answers.StreamedCommandAnswer]:
        """Carry out commands, one a line.

        A line holds `lead_id`, `command`, the command's own fields and optionally `key` (or `idempotency_key`). Answers a
        line each with its `index` and `status`: `done`, `replayed`, or `refused` with its `code` and the problem. The
        counts are the last line."""
        return self._connection.stream_as(
            answers.StreamedCommandAnswer,
            "POST",
            "/v1/leads/commands",
            headers=build_headers(None, "application/x-ndjson") | {"Content-Type": "application/x-ndjson"},
            content=encode_json_lines(lines),
        )

    async def take_activities(self, /, **body: Unpack[bodies.ExportedRecordsBody]) -> answers.ActivitiesAnswer:
        """Take touches from another system; each goes to the open lead of whom it was about, by CRM id, e-mail or phone."""
        found: answers.ActivitiesAnswer = await self._connection.request_as(
            answers.ActivitiesAnswer,
            "POST",
            "/v1/activities",
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def list_activities(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.UnresolvedActivitiesAnswer:
        """List the activities whose contact is not known yet.

        Args:
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.UnresolvedActivitiesAnswer = await self._connection.request_as(
            answers.UnresolvedActivitiesAnswer,
            "GET",
            "/v1/activities",
            params=build_query(limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def retry_activities(self) -> answers.ActivitiesAnswer:
        """Look again for whom the waiting activities were about."""
        found: answers.ActivitiesAnswer = await self._connection.request_as(
            answers.ActivitiesAnswer,
            "POST",
            "/v1/activities/retry",
            headers=build_headers(None),
        )
        return found

    async def record_touch(
        self,
        lead_id: UUID | str,
        /,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.Touch],
    ) -> answers.CommandAnswer:
        """Record an attempt to reach the contact; a late one is taken in every state."""
        found: answers.CommandAnswer = await self._connection.request_as(
            answers.CommandAnswer,
            "POST",
            fill_path("/v1/leads/{lead_id}/touches", lead_id=lead_id),
            headers=build_headers(idempotency_key) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def record_meeting(
        self,
        lead_id: UUID | str,
        /,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.Meeting],
    ) -> answers.CommandAnswer:
        """Record that a meeting was booked, held, missed, moved or called off."""
        found: answers.CommandAnswer = await self._connection.request_as(
            answers.CommandAnswer,
            "POST",
            fill_path("/v1/leads/{lead_id}/meetings", lead_id=lead_id),
            headers=build_headers(idempotency_key) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def correct(
        self,
        lead_id: UUID | str,
        /,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.CorrectContactFacts],
    ) -> answers.CommandAnswer:
        """Correct facts about the contact, as a size check asks for; taken in every state, and the grade follows."""
        found: answers.CommandAnswer = await self._connection.request_as(
            answers.CommandAnswer,
            "POST",
            fill_path("/v1/leads/{lead_id}/corrections", lead_id=lead_id),
            headers=build_headers(idempotency_key) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def accept(
        self,
        lead_id: UUID | str,
        /,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.Accept],
    ) -> answers.CommandAnswer:
        """Take the lead: a BDR's "I work it", or a SAL by who will own the deal."""
        found: answers.CommandAnswer = await self._connection.request_as(
            answers.CommandAnswer,
            "POST",
            fill_path("/v1/leads/{lead_id}/accept", lead_id=lead_id),
            headers=build_headers(idempotency_key) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def reject(
        self,
        lead_id: UUID | str,
        /,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.Reject],
    ) -> answers.CommandAnswer:
        """Reject the lead; the reason decides whether it is returned, closed or routed again."""
        found: answers.CommandAnswer = await self._connection.request_as(
            answers.CommandAnswer,
            "POST",
            fill_path("/v1/leads/{lead_id}/reject", lead_id=lead_id),
            headers=build_headers(idempotency_key) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def confirm(
        self,
        lead_id: UUID | str,
        /,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.Confirm],
    ) -> answers.CommandAnswer:
        """Confirm the lead as an SQL, with the four BANT answers."""
        found: answers.CommandAnswer = await self._connection.request_as(
            answers.CommandAnswer,
            "POST",
            fill_path("/v1/leads/{lead_id}/confirm", lead_id=lead_id),
            headers=build_headers(idempotency_key) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def open_opportunity(
        self,
        lead_id: UUID | str,
        /,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.OpenOpportunity],
    ) -> answers.CommandAnswer:
        """Open a deal on the lead; taken in every state."""
        found: answers.CommandAnswer = await self._connection.request_as(
            answers.CommandAnswer,
            "POST",
            fill_path("/v1/leads/{lead_id}/opportunity", lead_id=lead_id),
            headers=build_headers(idempotency_key) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def win(
        self,
        lead_id: UUID | str,
        /,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.Won],
    ) -> answers.CommandAnswer:
        """Win the deal; taken in every state."""
        found: answers.CommandAnswer = await self._connection.request_as(
            answers.CommandAnswer,
            "POST",
            fill_path("/v1/leads/{lead_id}/won", lead_id=lead_id),
            headers=build_headers(idempotency_key) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def lose(
        self,
        lead_id: UUID | str,
        /,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.Lost],
    ) -> answers.CommandAnswer:
        """Lose the deal, with a reason; the lead goes to that reason's track."""
        found: answers.CommandAnswer = await self._connection.request_as(
            answers.CommandAnswer,
            "POST",
            fill_path("/v1/leads/{lead_id}/lost", lead_id=lead_id),
            headers=build_headers(idempotency_key) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def recycle(
        self,
        lead_id: UUID | str,
        /,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.Recycle],
    ) -> answers.CommandAnswer:
        """Return the lead to nurture, with a reason and its context."""
        found: answers.CommandAnswer = await self._connection.request_as(
            answers.CommandAnswer,
            "POST",
            fill_path("/v1/leads/{lead_id}/recycle", lead_id=lead_id),
            headers=build_headers(idempotency_key) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def disqualify(
        self,
        lead_id: UUID | str,
        /,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.Disqualify],
    ) -> answers.CommandAnswer:
        """Close the lead for the wrong ICP or persona; any other reason returns it, and the answer says so."""
        found: answers.CommandAnswer = await self._connection.request_as(
            answers.CommandAnswer,
            "POST",
            fill_path("/v1/leads/{lead_id}/disqualify", lead_id=lead_id),
            headers=build_headers(idempotency_key) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def record_customer_change(
        self,
        contact_id: UUID | str,
        /,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.CustomerChange],
    ) -> answers.CustomerChangeRecorded:
        """Record what became of a customer: bought more, renewed, left, or handed back to marketing."""
        found: answers.CustomerChangeRecorded = await self._connection.request_as(
            answers.CustomerChangeRecorded,
            "POST",
            fill_path("/v1/contacts/{contact_id}/customer", contact_id=contact_id),
            headers=build_headers(idempotency_key) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def record_feedback(
        self,
        /,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.SalesFeedback],
    ) -> answers.FeedbackRecorded:
        """Record feedback for marketing on its messaging, its topics and its content."""
        found: answers.FeedbackRecorded = await self._connection.request_as(
            answers.FeedbackRecorded,
            "POST",
            "/v1/feedback",
            headers=build_headers(idempotency_key) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def list_feedback(
        self,
        *,
        by: str | None = None,
        open: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.FeedbackPage:
        """List feedback with its answers, the newest first; a bound key lists those of its rep or team.

        Args:
            by: Whose it is.
            open: Only what is unanswered, or only what is answered.
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.FeedbackPage = await self._connection.request_as(
            answers.FeedbackPage,
            "GET",
            "/v1/feedback",
            params=build_query(by=by, open=open, limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def answer_feedback(
        self,
        /,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.FeedbackAnswer],
    ) -> answers.FeedbackAnswered:
        """Answer feedback of sales: a reply, changed copy, new content, or no and why. Rules change by proposals alone."""
        found: answers.FeedbackAnswered = await self._connection.request_as(
            answers.FeedbackAnswered,
            "POST",
            "/v1/feedback/answers",
            headers=build_headers(idempotency_key) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def propose(self, /, **body: Unpack[bodies.ProposedChange]) -> answers.ProposalOpened:
        """Propose a change of a playbook because of feedback, with its diff and its simulation.

        It is approved and activated at the desk (`baton playbook approve`, `activate`); those who asked are answered then."""
        found: answers.ProposalOpened = await self._connection.request_as(
            answers.ProposalOpened,
            "POST",
            "/v1/proposals",
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def list_proposals(self, *, limit: int | None = None) -> answers.ProposalsAnswer:
        """List proposals, the latest first.

        Args:
            limit: How many items to answer at most.
        """
        found: answers.ProposalsAnswer = await self._connection.request_as(
            answers.ProposalsAnswer,
            "GET",
            "/v1/proposals",
            params=build_query(limit=limit),
            headers=build_headers(None),
        )
        return found

    async def show_funnel(
        self,
        *,
        first: date | None = None,
        last: date | None = None,
        by: Literal["source", "campaign", "lead_type", "grade", "playbook_version", "team", "origin", "week", "month"] | None = None,
        cohort: Literal["day", "week", "month"] | None = None,
        kind: Literal["mql", "hand_raisers", "requalified", "customers"] | None = None,
    ) -> answers.FunnelAnswer:
        """Count leads by group and stage. The headline rate leaves out hand-raisers and re-qualified leads.

        Args:
            first: The first day.
            last: The last day, included.
            by: What to group by.
            cohort: Count by cohorts of this length.
            kind: Only leads of this kind; left out: all.
        """
        found: answers.FunnelAnswer = await self._connection.request_as(
            answers.FunnelAnswer,
            "GET",
            "/v1/funnel",
            params=build_query(first=first, last=last, by=by, cohort=cohort, kind=kind),
            headers=build_headers(None),
        )
        return found

    async def list_stages(self) -> answers.StagesAnswer:
        """List the stages: who owns each, how many are in it and stuck there, and what it is worth in revenue."""
        found: answers.StagesAnswer = await self._connection.request_as(
            answers.StagesAnswer,
            "GET",
            "/v1/stages",
            headers=build_headers(None),
        )
        return found

    async def show_attribution(
        self,
        *,
        first: date | None = None,
        last: date | None = None,
        by: Literal["source", "campaign"] | None = None,
        model: Literal["first", "last", "linear", "u_shaped", "w_shaped", "time_decay"] | None = None,
    ) -> answers.AttributionAnswer:
        """Share each deal's credit among the engagements that led to it; the shares of a deal sum to one.

        Args:
            first: The first day.
            last: The last day, included.
            by: What to group by.
            model: How a deal's credit is shared among its engagements.
        """
        found: answers.AttributionAnswer = await self._connection.request_as(
            answers.AttributionAnswer,
            "GET",
            "/v1/attribution",
            params=build_query(first=first, last=last, by=by, model=model),
            headers=build_headers(None),
        )
        return found

    async def list_flags(self) -> answers.FlagsAnswer:
        """List steps whose rate dipped, and versions of the rules that made more leads shortly before a period's end."""
        found: answers.FlagsAnswer = await self._connection.request_as(
            answers.FlagsAnswer,
            "GET",
            "/v1/flags",
            headers=build_headers(None),
        )
        return found

    async def list_reasons(self, *, first: date | None = None, last: date | None = None) -> answers.ReasonsAnswer:
        """List the reasons of the playbook, what each decides and needs, and how often it was given (Pareto).

        Args:
            first: The first day.
            last: The last day, included.
        """
        found: answers.ReasonsAnswer = await self._connection.request_as(
            answers.ReasonsAnswer,
            "GET",
            "/v1/reasons",
            params=build_query(first=first, last=last),
            headers=build_headers(None),
        )
        return found

    async def show_digest(
        self,
        *,
        week: date | None = None,
        format: Literal["json", "html"] | None = None,
        lists: str | None = None,
    ) -> answers.DigestAnswer:
        """Show a week beside the week before, as JSON, or as a page for those who ask for `text/html`.

        Args:
            week: A day of it, or its ISO name as printed, such as `2026-W03`; left out: last week.
            format: `html` for a render_digest; left out: by the Accept header.
            lists: Of a page: the path below which whoever shows it has the lists; left out: those of the API.
        """
        found: answers.DigestAnswer = await self._connection.request_as(
            answers.DigestAnswer,
            "GET",
            "/v1/digest",
            params=build_query(week=week, format=format, lists=lists),
            headers=build_headers(None),
        )
        return found

    async def list_topics(
        self,
        *,
        first: date | None = None,
        last: date | None = None,
        cohort: Literal["day", "week", "month"] | None = None,
    ) -> answers.TopicsAnswer:
        """Count the topics that contacts raised, by the touch's outcome, as a trend if a cohort is asked for.

        Args:
            first: The first day.
            last: The last day, included.
            cohort: Count by cohorts of this length.
        """
        found: answers.TopicsAnswer = await self._connection.request_as(
            answers.TopicsAnswer,
            "GET",
            "/v1/topics",
            params=build_query(first=first, last=last, cohort=cohort),
            headers=build_headers(None),
        )
        return found

    async def list_touches(
        self,
        *,
        topic: str,
        first: date | None = None,
        last: date | None = None,
        outcome: Literal["welcomed", "stalled", "brushed_off", "no_answer"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.TouchesAnswer:
        """List the touches in which contacts raised a topic, the newest first; a bound key lists those of its leads.

        Args:
            topic: What the contact raised.
            first: The first day.
            last: The last day, included.
            outcome: How it went; left out: whichever way.
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.TouchesAnswer = await self._connection.request_as(
            answers.TouchesAnswer,
            "GET",
            "/v1/touches",
            params=build_query(topic=topic, first=first, last=last, outcome=outcome, limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def list_messaging(
        self,
        *,
        first: date | None = None,
        last: date | None = None,
        cohort: Literal["day", "week", "month"] | None = None,
    ) -> answers.MessagingAnswer:
        """Count the feedback on each campaign's messaging, beside what became of its leads.

        Args:
            first: The first day.
            last: The last day, included.
            cohort: Count by cohorts of this length.
        """
        found: answers.MessagingAnswer = await self._connection.request_as(
            answers.MessagingAnswer,
            "GET",
            "/v1/messaging",
            params=build_query(first=first, last=last, cohort=cohort),
            headers=build_headers(None),
        )
        return found

    async def list_proposal_sources(
        self,
        *,
        proposal_id: UUID | str,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.ProposalSourcesAnswer:
        """List the feedback that led to a proposal, the newest first; a bound key lists that of its rep or team.

        Args:
            proposal_id: Which proposal.
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.ProposalSourcesAnswer = await self._connection.request_as(
            answers.ProposalSourcesAnswer,
            "GET",
            "/v1/proposal-sources",
            params=build_query(proposal_id=proposal_id, limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def show_proposal(self, proposal_id: UUID | str, /) -> answers.ProposalAnswer:
        """Show a proposal with its diff, its simulation and the trend that led to it."""
        found: answers.ProposalAnswer = await self._connection.request_as(
            answers.ProposalAnswer,
            "GET",
            fill_path("/v1/proposals/{proposal_id}", proposal_id=proposal_id),
            headers=build_headers(None),
        )
        return found

    async def export_leads(
        self,
        *,
        format: Literal["csv", "json"] | None = None,
        first: date | None = None,
        last: date | None = None,
    ) -> bytes:
        """Export leads with their evidence and what became of them, as CSV or as NDJSON. It names nobody.

        Args:
            format: `json` is a line of JSON a lead (NDJSON).
            first: The first day.
            last: The last day, included.
        """
        found = await self._connection.send(
            "GET",
            "/v1/exports/leads",
            params=build_query(format=format, first=first, last=last),
            headers=build_headers(None, "text/csv"),
        )
        return found.content

    async def list_leads(
        self,
        *,
        limit: int | None = None,
        state: Literal["mql", "accepted", "sal", "sql", "opportunity", "won", "customer", "lost", "recycled", "disqualified"] | None = None,
        stage: str | None = None,
        stuck: bool | None = None,
        rep_id: str | None = None,
        team: str | None = None,
        queue: str | None = None,
        contact_id: UUID | str | None = None,
        source: str | None = None,
        campaign: str | None = None,
        origin: str | None = None,
        lead_type: str | None = None,
        grade: str | None = None,
        playbook_version: str | None = None,
        reason: str | None = None,
        kind: Literal["mql", "hand_raisers", "requalified", "customers"] | None = None,
        counted: Literal["qualified", "accepted", "sal", "sql", "opportunity", "sqo", "won", "lost", "recycled", "disqualified", "open", "poor_fit", "won_of_sql", "won_of_sqo"] | None = None,
        first: date | None = None,
        last: date | None = None,
        reached: Literal["qualified", "accepted", "sal", "sql", "opportunity", "won", "lost", "returned", "woken", "touched"] | None = None,
        reached_first: date | None = None,
        reached_last: date | None = None,
        woken: bool | None = None,
        untouched_days: int | None = None,
        sqo: bool | None = None,
        credited: str | None = None,
        credited_by: Literal["source", "campaign"] | None = None,
        credited_model: Literal["first", "last", "linear", "u_shaped", "w_shaped", "time_decay"] | None = None,
        sort: Literal["lead_id", "since", "-since", "qualified_at", "-qualified_at", "handed_over_at", "-handed_over_at", "wake_at", "-wake_at", "amount", "-amount"] | None = None,
        cursor: UUID | str | None = None,
    ) -> answers.LeadsAnswer:
        """List leads: by where they are, by what is known of them, and exactly those behind a figure of a report.

        Args:
            limit: How many items to answer at most.
            state: Where its lifecycle stands..
            stage: As the definitions name it: finer than the state..
            stuck: Longer in its stage than the definitions allow..
            rep_id: Who has it..
            team: Whose team has it..
            queue: In which queue it is or was..
            contact_id: Of this contact..
            source: Where the person came from..
            campaign: The campaign that qualified it..
            origin: The first source that the person ever came from..
            lead_type: How it qualified, such as `hand_raiser`..
            grade: Its fit, A to D..
            playbook_version: The rules that qualified it..
            reason: Why it came back..
            kind: `mql` (by points), `hand_raisers`, `requalified` (a later cycle) or `customers`..
            counted: Those that a report counts as this, of the cohorts from `first` to `last`..
            first: Qualified on this day or later..
            last: Qualified on this day or earlier..
            reached: Those that reached this, from `reached_first` to `reached_last`, whatever their cohort..
            reached_first: From this day on..
            reached_last: Until this day..
            woken: Whether it was woken again after it was returned..
            untouched_days: Handed over at least so many days ago, and no person has touched it..
            sqo: Whether it is a sales qualified opportunity..
            credited: Its deal gives credit to this source, or campaign..
            credited_by: Which of the two that is; left out: the source..
            credited_model: By this model; left out: by one in which every engagement gets some..
            sort: What comes first; with `-` the other way round. Leads of which it is not known come last..
            cursor: Where the page before ended..
        """
        found: answers.LeadsAnswer = await self._connection.request_as(
            answers.LeadsAnswer,
            "GET",
            "/v1/leads",
            params=build_query(limit=limit, state=state, stage=stage, stuck=stuck, rep_id=rep_id, team=team, queue=queue, contact_id=contact_id, source=source, campaign=campaign, origin=origin, lead_type=lead_type, grade=grade, playbook_version=playbook_version, reason=reason, kind=kind, counted=counted, first=first, last=last, reached=reached, reached_first=reached_first, reached_last=reached_last, woken=woken, untouched_days=untouched_days, sqo=sqo, credited=credited, credited_by=credited_by, credited_model=credited_model, sort=sort, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def show_lead(self, lead_id: UUID | str, /) -> answers.LeadAnswer:
        """Show a lead: where it stands, what may be done, why it qualified, and everything that happened to it."""
        found: answers.LeadAnswer = await self._connection.request_as(
            answers.LeadAnswer,
            "GET",
            fill_path("/v1/leads/{lead_id}", lead_id=lead_id),
            headers=build_headers(None),
        )
        return found

    async def show_worklist(
        self,
        *,
        limit: int | None = None,
        kind: Literal["returned", "check", "review", "nurture"] | None = None,
        reason: str | None = None,
        track: str | None = None,
        cursor: str | None = None,
    ) -> answers.WorklistAnswer:
        """List what waits for marketing, with its evidence: returned leads, sizes to check, leads to nurture, reviews.

        Args:
            limit: How many items to answer at most.
            kind: Returned leads, sizes to check, reviews, or leads to nurture; left out: all.
            reason: Only those that came back for this reason.
            track: Only those on this track of nurture.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.WorklistAnswer = await self._connection.request_as(
            answers.WorklistAnswer,
            "GET",
            "/v1/worklist",
            params=build_query(limit=limit, kind=kind, reason=reason, track=track, cursor=cursor),
            headers=build_headers(None),
        )
        return found
