"""What scoring does for programs. Written by `make docs`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, Unpack
from uuid import UUID

from baton_client.generated.answers import scoring as answers
from baton_client.generated.bodies import scoring as bodies
from baton_client.generated.async_operations.common import AsyncCommon
from baton_client.messages import headers_of, lines_of, path_of, query_of, written


class AsyncScoring(AsyncCommon):
    """The operations of scoring."""

    async def read_score(self, contact_id: UUID | str, /, *, at: datetime | None = None) -> answers.ScoreAnswer:
        """Explain a contact's score, now or at any instant.

        Args:
            at: As of this instant; left out: now.
        """
        found: answers.ScoreAnswer = await self._connection.fetch(
            answers.ScoreAnswer,
            "GET",
            path_of("/v1/contacts/{contact_id}/score", contact_id=contact_id),
            params=query_of(at=at),
            headers=headers_of(None),
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
        found: answers.OutcomesAnswer = await self._connection.fetch(
            answers.OutcomesAnswer,
            "GET",
            "/v1/outcomes",
            params=query_of(since=since, until=until, playbook_version=playbook_version),
            headers=headers_of(None),
        )
        return found

    async def export_labelled_leads(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.LabelledPage:
        """Export leads with what became of them, to learn from (Q15).

        Args:
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.LabelledPage = await self._connection.fetch(
            answers.LabelledPage,
            "GET",
            "/v1/outcomes/leads",
            params=query_of(limit=limit, cursor=cursor),
            headers=headers_of(None),
        )
        return found

    async def read_volumes(self, *, days: int | None = None) -> answers.VolumesAnswer:
        """Return how many leads each setting of strictness would have made of the last days.

        Args:
            days: How many days to look back.
        """
        found: answers.VolumesAnswer = await self._connection.fetch(
            answers.VolumesAnswer,
            "GET",
            "/v1/strictness",
            params=query_of(days=days),
            headers=headers_of(None),
        )
        return found

    async def list_overrides(self, *, limit: int | None = None, cursor: str | None = None) -> answers.OverridePage:
        """List overrides, the newest first.

        Args:
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.OverridePage = await self._connection.fetch(
            answers.OverridePage,
            "GET",
            "/v1/overrides",
            params=query_of(limit=limit, cursor=cursor),
            headers=headers_of(None),
        )
        return found

    async def count_overrides(self, *, per: Literal["week", "month"] | None = None) -> answers.OverrideCounts:
        """Count overrides by week or month, kind and who.

        Args:
            per: Count by week or month.
        """
        found: answers.OverrideCounts = await self._connection.fetch(
            answers.OverrideCounts,
            "GET",
            "/v1/overrides/counts",
            params=query_of(per=per),
            headers=headers_of(None),
        )
        return found

    async def list_reevaluations(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.ReevaluationPage:
        """List the runs after changes of the rules, the newest first.

        Args:
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.ReevaluationPage = await self._connection.fetch(
            answers.ReevaluationPage,
            "GET",
            "/v1/reevaluations",
            params=query_of(limit=limit, cursor=cursor),
            headers=headers_of(None),
        )
        return found

    async def list_reevaluated_leads(
        self,
        reevaluation_id: UUID | str,
        /,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.ReevaluatedPage:
        """List the leads that a run changed; of an unknown run there are none.

        Args:
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.ReevaluatedPage = await self._connection.fetch(
            answers.ReevaluatedPage,
            "GET",
            path_of("/v1/reevaluations/{reevaluation_id}/leads", reevaluation_id=reevaluation_id),
            params=query_of(limit=limit, cursor=cursor),
            headers=headers_of(None),
        )
        return found

    async def compare_shadow(self) -> answers.ShadowReport:
        """Compare what the last candidate would have published with what was published, since its start."""
        found: answers.ShadowReport = await self._connection.fetch(
            answers.ShadowReport,
            "GET",
            "/v1/shadows/last",
            headers=headers_of(None),
        )
        return found

    async def list_histories(self, *, limit: int | None = None, cursor: str | None = None) -> answers.HistoryPage:
        """List what is known of people: `baton playbook simulate` and `calibrate` decide about them by other rules.

        Args:
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.HistoryPage = await self._connection.fetch(
            answers.HistoryPage,
            "GET",
            "/v1/histories",
            params=query_of(limit=limit, cursor=cursor),
            headers=headers_of(None),
        )
        return found

    async def learn_facts(
        self,
        contact_id: UUID | str,
        /,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.FactsLearned],
    ) -> answers.FactsKept:
        """Correct or add facts about a contact; who is a lead, and its grade, follow at once."""
        found: answers.FactsKept = await self._connection.fetch(
            answers.FactsKept,
            "PUT",
            path_of("/v1/contacts/{contact_id}/facts", contact_id=contact_id),
            headers=headers_of(idempotency_key) | {"Content-Type": "application/json"},
            content=written(body),
        )
        return found

    async def record_override(
        self,
        contact_id: UUID | str,
        /,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.OverrideAsked],
    ) -> answers.OverrideKept:
        """Lift an exclusion or push a lead by hand, with who and why."""
        found: answers.OverrideKept = await self._connection.fetch(
            answers.OverrideKept,
            "POST",
            path_of("/v1/contacts/{contact_id}/overrides", contact_id=contact_id),
            headers=headers_of(idempotency_key) | {"Content-Type": "application/json"},
            content=written(body),
        )
        return found

    async def start_shadow(self, /, **body: Unpack[bodies.CandidateRules]) -> answers.ShadowVersion:
        """Let a candidate decide beside the playbook in force, recorded and never sent; one that runs is stopped."""
        found: answers.ShadowVersion = await self._connection.fetch(
            answers.ShadowVersion,
            "POST",
            "/v1/shadows",
            headers=headers_of(None) | {"Content-Type": "application/json"},
            content=written(body),
        )
        return found

    async def stop_shadow(self, /, **body: Unpack[bodies.ShadowStopped]) -> answers.ShadowVersion:
        """Let the candidate decide no more; what it decided stays."""
        found: answers.ShadowVersion = await self._connection.fetch(
            answers.ShadowVersion,
            "POST",
            "/v1/shadows/stop",
            headers=headers_of(None) | {"Content-Type": "application/json"},
            content=written(body),
        )
        return found
