"""One router of several: routes leads in batches, as a consumer does, and prints its progress.

`python -m tests.routing.router_process DATABASE_URL first last`
"""

import asyncio
import sys
from pathlib import Path

from pydantic import SecretStr

from events.topics import LEADS_QUALIFIED
from routing.app import service
from routing.settings import RoutingSettings
from tests.routing.builders import qualified

PLAYBOOKS = Path(__file__).parents[2] / "deploy" / "playbook"
BATCH = 20


def settings(url: str, connections: int) -> RoutingSettings:
    """Settings of a router that needs no Kafka."""
    return RoutingSettings.model_construct(
        database_url=SecretStr(url),
        kafka_bootstrap_servers="nowhere:1",
        secret=SecretStr("a secret for tests alone"),
        clock="system",
        clock_start=None,
        playbook_dir=PLAYBOOKS,
        pool_size=connections,
    )


async def main(url: str, first: int, last: int) -> None:
    """Route them all."""
    service.settings = settings(url, 2)
    for start in range(first, last, BATCH):
        leads = [qualified(f"lead-{number}") for number in range(start, min(start + BATCH, last))]
        async with service.transaction() as tx:
            fresh = await tx.raw.fetch(
                "insert into inbox (ce_id, day) select id, current_date from unnest($1::uuid[]) as u(id)"
                " on conflict do nothing returning ce_id",
                [lead.ce_id for lead in leads],
            )
            unseen = {row["ce_id"] for row in fresh}
            unseen_leads = [lead for lead in leads if lead.ce_id in unseen]
            await tx.lock_contacts(lead.contact_id for lead in unseen_leads)
            await service.on[LEADS_QUALIFIED](unseen_leads, tx)
        sys.stdout.write(f"{start}\n")
        sys.stdout.flush()
    await service.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
