"""What scoring does for programs. Written by `make docs`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, Unpack
from uuid import UUID

from baton_client.generated.answers import scoring as answers
from baton_client.generated.bodies import scoring as bodies
from baton_client.generated.async_operations.common import AsyncCommon
from baton_client.messages import build_headers, build_query, encode_json, encode_json_lines, fill_path


class AsyncScoring(AsyncCommon):
    """The operations of scoring."""

    async def read_score(self, contact_id: UUID | str, /, *, at: datetime | None = None) -> answers.ScoreAnswer:
        """Explain a contact's score, now or at any instant.

        Args:
            at: As of this instant; left out: now.
        """
        found: answers.ScoreAnswer = await self._connection.request_as(
            answers.ScoreAnswer,
            "GET",
            fill_path("/v1/contacts/{contact_id}/score", contact_id=contact_id),
            params=build_query(at=at),
            headers=build_headers(None),
        )
        return found

    async def read_outcomes(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        playbook_version: str | None = None,
    ) -> answers.OutcomesAnswer:
        """Count what became of leads: conversion by cell with its interval, agreement with BANT, too early, too late.

        Args:
            since: Leads published from this instant on.
            until: and up to this one; left out: now.
            playbook_version: Only leads published under this version.
        """
        found: answers.OutcomesAnswer = await self._connection.request_as(
            answers.OutcomesAnswer,
            "GET",
            "/v1/outcomes",
            params=build_query(since=since, until=until, playbook_version=playbook_version),
            headers=build_headers(None),
        )
        return found

    async def export_labelled_leads(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.LabelledLeadPage:
        """Export leads with what became of them, to learn from (Q15).

        Args:
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.LabelledLeadPage = await self._connection.request_as(
            answers.LabelledLeadPage,
            "GET",
            "/v1/outcomes/leads",
            params=build_query(limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def read_volumes(self, *, days: int | None = None) -> answers.LeadVolumesAnswer:
        """Return how many leads each setting of strictness would have made of the last days.

        Args:
            days: How many days to look back.
        """
        found: answers.LeadVolumesAnswer = await self._connection.request_as(
            answers.LeadVolumesAnswer,
            "GET",
            "/v1/strictness",
            params=build_query(days=days),
            headers=build_headers(None),
        )
        return found

    async def list_overrides(self, *, limit: int | None = None, cursor: str | None = None) -> answers.OverridePage:
        """List overrides, the newest first.

        Args:
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.OverridePage = await self._connection.request_as(
            answers.OverridePage,
            "GET",
            "/v1/overrides",
            params=build_query(limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def count_overrides(self, *, per: Literal["week", "month"] | None = None) -> answers.OverrideCountsAnswer:
        """Count overrides by week or month, kind and who.

        Args:
            per: Count by week or month.
        """
        found: answers.OverrideCountsAnswer = await self._connection.request_as(
            answers.OverrideCountsAnswer,
            "GET",
            "/v1/overrides/counts",
            params=build_query(per=per),
            headers=build_headers(None),
        )
        return found

    async def list_reevaluations(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.ReevaluationRunPage:
        """List the runs after changes of the rules, the newest first.

        Args:
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.ReevaluationRunPage = await self._connection.request_as(
            answers.ReevaluationRunPage,
            "GET",
            "/v1/reevaluations",
            params=build_query(limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def list_reevaluated_leads(
        self,
        reevaluation_id: UUID | str,
        /,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.LeadsChangedByReevaluationPage:
        """List the leads that a run changed; of an unknown run there are none.

        Args:
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.LeadsChangedByReevaluationPage = await self._connection.request_as(
            answers.LeadsChangedByReevaluationPage,
            "GET",
            fill_path("/v1/reevaluations/{reevaluation_id}/leads", reevaluation_id=reevaluation_id),
            params=build_query(limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def compare_shadow(self) -> answers.ShadowReportAnswer:
        """Compare what the last candidate would have published with what was published, since its start."""
        found: answers.ShadowReportAnswer = await self._connection.request_as(
            answers.ShadowReportAnswer,
            "GET",
            "/v1/shadows/last",
            headers=build_headers(None),
        )
        return found

    async def compare_rules(self, /, **body: Unpack[bodies.CompareRulesBody]) -> answers.RulesComparisonAnswer:
        """Compare other rules with those in force on the people who were active lately; nothing is kept or published."""
        found: answers.RulesComparisonAnswer = await self._connection.request_as(
            answers.RulesComparisonAnswer,
            "POST",
            "/v1/comparisons",
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def list_histories(self, *, limit: int | None = None, cursor: str | None = None) -> answers.HistoryPage:
        """List what is known of people: `baton playbook simulate` and `calibrate` decide about them by other rules.

        Args:
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.HistoryPage = await self._connection.request_as(
            answers.HistoryPage,
            "GET",
            "/v1/histories",
            params=build_query(limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    async def try_score(self, /, **body: Unpack[bodies.TrialEngagementBody]) -> answers.TrialScoreAnswer:
        """Return what one engagement of somebody new would be scored now, and why; nothing is saved or published."""
        found: answers.TrialScoreAnswer = await self._connection.request_as(
            answers.TrialScoreAnswer,
            "POST",
            "/v1/scores",
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def learn_facts(
        self,
        contact_id: UUID | str,
        /,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.LearnedFactsBody],
    ) -> answers.LearnedFactsAnswer:
        """Correct or add facts about a contact; who is a lead, and its grade, follow at once."""
        found: answers.LearnedFactsAnswer = await self._connection.request_as(
            answers.LearnedFactsAnswer,
            "PUT",
            fill_path("/v1/contacts/{contact_id}/facts", contact_id=contact_id),
            headers=build_headers(idempotency_key) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def record_override(
        self,
        contact_id: UUID | str,
        /,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.OverrideBody],
    ) -> answers.OverrideAnswer:
        """Lift an exclusion or push a lead by hand, with who and why."""
        found: answers.OverrideAnswer = await self._connection.request_as(
            answers.OverrideAnswer,
            "POST",
            fill_path("/v1/contacts/{contact_id}/overrides", contact_id=contact_id),
            headers=build_headers(idempotency_key) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def start_shadow(self, /, **body: Unpack[bodies.CandidateRulesBody]) -> answers.ShadowVersionAnswer:
        """Let a candidate decide beside the playbook in force, recorded and never sent; one that runs is stopped."""
        found: answers.ShadowVersionAnswer = await self._connection.request_as(
            answers.ShadowVersionAnswer,
            "POST",
            "/v1/shadows",
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    async def stop_shadow(self, /, **body: Unpack[bodies.StopShadowBody]) -> answers.ShadowVersionAnswer:
        """Let the candidate decide no more; what it decided stays."""
        found: answers.ShadowVersionAnswer = await self._connection.request_as(
            answers.ShadowVersionAnswer,
            "POST",
            "/v1/shadows/stop",
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found
