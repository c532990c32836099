"""Reading what really happened by the services' addresses and a key: scoring shows it person by person."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from baton.service_client import ReachableServices, open_service_clients
from scoring.domain import Engagement, History, LifecycleFact

AT_ONCE = 500

Leads = Sequence[Mapping[str, Any]]


async def read_histories_from_services(
    services: ReachableServices, add_leads: Callable[[Leads], None]
) -> AsyncIterator[History]:
    """Return histories one after the other, without leads, for those are to be found anew.

    Args:
        services: Where they are, with a key of the scope `admin`.
        add_leads: Called with the leads that were published of a person, before the person's history is returned.
    """
    cursor = None
    async with open_service_clients(services) as baton:
        while True:
            page = await baton.scoring.list_histories(limit=AT_ONCE, cursor=cursor)
            for person in page.items:
                add_leads([_with_column_names(lead.model_dump()) for lead in person.leads])
                found = History(person.contact_id, accounts=person.accounts)
                for engagement in person.engagements:
                    found.add_engagement(Engagement(**engagement.model_dump()))
                for fact in person.lifecycle:
                    found.add_lifecycle_fact(LifecycleFact(**fact.model_dump()))
                yield found
            cursor = page.next
            if cursor is None:
                return


def _with_column_names(lead: dict[str, Any]) -> dict[str, Any]:
    """Name a lead's values like its columns too, as the other readers of leads do."""
    return lead | {"told_type": lead["lead_type"], "told_points": lead["points"]}
