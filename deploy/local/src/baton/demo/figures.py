"""The figures of a finished run, and whether they are what they must be."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from baton import auditing, playbook
from baton.database import fetch
from baton.demo.demo_client import DemoClient
from baton.demo.funnel import Funnel
from baton.demo.stepper import DemoCounts
from baton.ledger.report import AuditDocument
from baton.simulation.published_leads import PublishedMatch, compare_with_published
from baton.stack import Stack
from events.yaml_text import load_yaml
from scoring.playbook import ScoringPlaybook

PUBLISHED_TWICE = """
select ce_type || ' ' || ce_id as what from journal group by ce_type, ce_id having count(*) > 1
"""
WON_TWICE = """
select 'won twice: ' || contact_id as what
from journal where ce_type = 'lead.won.v1' group by contact_id having count(*) > 1
"""

MOST_EXAMPLES = 20


@dataclass(frozen=True)
class DemoFigures:
    """What became of the year; `doubled` are sentences, the rest are counts."""

    funnel: Funnel
    counts: DemoCounts
    audit: AuditDocument
    unqualified: int
    """Leads of the data that were posted and never qualified."""
    unread: int
    """Submissions that capture took and no topic tells of."""
    rejected: int
    """Submissions that capture did not take."""
    simulated: PublishedMatch
    """The leads that scoring published beside those that `baton playbook simulate` makes of the same history."""
    doubled: tuple[str, ...]
    refused: Mapping[str, int]
    seconds: float
    steps: int
    mended: int

    @property
    def count_lost(self) -> int:
        """Everything that went in and did not come out."""
        return self.unqualified + self.unread + self.rejected + self.counts.seen.count_missing

    @property
    def is_right(self) -> bool:
        """Return whether the funnel is the data's, nothing was lost, doubled or left lying, and simulation agrees."""
        tally = self.counts.tally
        return (
            tally.count_by_origin("won") == self.funnel.won_by_origin()
            and tally.count_by_origin("posted") == self.funnel.posted_by_origin()
            and not (self.count_lost or self.doubled or self.audit["residual"])
            and not self.counts.seen.out_of_order
            and self.simulated.is_whole
        )

    def measure_rotation_deviation(self) -> dict[str, dict[str, float]]:
        """Return for each team how far a rep's share of the turns is from the exact one, at most."""
        found = {}
        for team, turns in sorted(self.counts.tally.rotation.items()):
            share = turns.total() / len(turns)
            worst = max(abs(count - share) for count in turns.values())
            found[team] = {
                "reps": len(turns),
                "leads": turns.total(),
                "max_deviation": round(worst, 2),
            }
        return found

    def as_report(self) -> dict[str, Any]:
        """Return the report; the names of its first part are a contract."""
        tally, promises = self.counts.tally, self.counts.promises
        return {
            "leads_posted": len(tally.reached["posted"]),
            "leads_qualified": len(tally.reached["qualified"]),
            "won_by_origin": _sort_by_key(tally.count_by_origin("won")),
            "lost_records": self.count_lost,
            "duplicate_effects": len(self.doubled),
            "audit_residual": self.audit["residual"],
            "sla": {"met": promises.met.total(), "breached": promises.breached.total()},
            "recycled_by_reason": _sort_by_key(tally.recycled),
            "events_published": self.counts.seen.count_facts,
            "seconds": round(self.seconds, 1),
            "right": self.is_right,
            "simulated": self.simulated.as_json(),
            "real": {
                "posted_by_origin": _sort_by_key(self.funnel.posted_by_origin()),
                "won_by_origin": _sort_by_key(self.funnel.won_by_origin()),
            },
            "played": self._played_figures(),
            "rotation": self.measure_rotation_deviation(),
            "steps": self.steps,
            "restarts_survived": self.mended,
            "events_by_type": _sort_by_key(self.counts.seen.by_kind),
            "doubled": list(self.doubled[:MOST_EXAMPLES]),
        }

    def _played_figures(self) -> dict[str, Any]:
        """Return what the data does not tell."""
        tally, promises = self.counts.tally, self.counts.promises
        clocks = {
            clock: {
                "met": promises.met[clock],
                "met_late": promises.met_late[clock],
                "breached": promises.breached[clock],
                "rescinded": promises.rescinded[clock],
            }
            for clock in sorted(promises.met | promises.breached)
        }
        return {
            "reached": {stage: len(contacts) for stage, contacts in tally.reached.items()},
            "qualified_by_cycle": {str(n): tally.cycles[n] for n in sorted(tally.cycles)},
            "qualified_by_lead_type": _sort_by_key(tally.lead_types),
            "disqualified_by_reason": _sort_by_key(tally.disqualified),
            "nurture_tracks": _sort_by_key(tally.tracks),
            "woken": _sort_by_key(tally.woken),
            "requalified": _sort_by_key(tally.again),
            "colder_contacts": len(tally.colder_contacts),
            "colder_qualified": len(tally.colder_qualified),
            "clocks": clocks,
            "escalated": _sort_by_key(promises.escalated),
            "reviews": promises.reviews,
            "refused_commands": _sort_by_key(self.refused),
        }


async def gather_figures(
    funnel: Funnel, counts: DemoCounts, client: DemoClient, stack: Stack, **run: Any
) -> DemoFigures:
    """Ask the services for what the topics cannot tell, and put it all together."""
    audit = await auditing.audit(stack, restarts=True)
    published_twice = await asyncio.gather(
        *(fetch(url, PUBLISHED_TWICE) for url in stack.databases.values()),
        fetch(stack.databases["feedback"], WON_TWICE),
    )
    in_force = (await playbook.load_rules_in_force(stack))["scoring"]["body"]
    rules = ScoringPlaybook.model_validate(load_yaml(in_force))
    simulated = await compare_with_published(stack.databases["scoring"], rules)
    twice = [str(row["what"]) for rows in published_twice for row in rows]
    strangers = [f"{who} was won, whom the data does not know" for who in counts.tally.strangers_won]
    tally = counts.tally
    qualified = {tally.mql_ids[contact] for contact in tally.reached["qualified"]}
    return DemoFigures(
        funnel=funnel,
        counts=counts,
        audit=audit,
        unqualified=len({lead.mql_id for lead in funnel.leads} - qualified),
        unread=len(client.engagements - tally.engagements),
        rejected=len(client.rejected),
        simulated=simulated,
        doubled=tuple(counts.seen.doubled + twice + strangers),
        refused=client.count_refused,
        **run,
    )


def _sort_by_key(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))
