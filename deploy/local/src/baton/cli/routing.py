"""`baton route`: which rule and which rep a lead would get, without doing it."""

import asyncio
from json import JSONDecodeError, loads
from pathlib import Path
from typing import Any

from rich.markup import escape

from baton.access import ServiceAddresses
from baton.cli.output import DEFAULT_DATA, AsJson, Data, console, print_json, print_table
from baton.exit_codes import DONE, WrongUsageError
from baton.service_client import open_service_clients


def route(*, like: Path, data: Data = DEFAULT_DATA, json: AsJson = False) -> int:
    """Show which rule and which rep a lead would get now, and why, without doing it.

    * `baton route --like lead.json`

    Parameters
    ----------
    like
        A file with the lead's facts, such as {"lead_type": "content", "country": "DE", "employees": 300}.
    """
    try:
        wanted = loads(like.read_text(encoding="utf-8"))
    except (JSONDecodeError, UnicodeDecodeError) as error:
        raise WrongUsageError(f"{like} is no JSON: {error}") from None
    if not isinstance(wanted, dict):
        raise WrongUsageError(f'{like} describes no lead; write {{"lead_type": "content", "country": "DE"}}')
    found = asyncio.run(_request_route(ServiceAddresses.find(data), wanted))
    if json:
        print_json(found)
        return DONE
    print_table("Tried", ("rule", "outcome", "why"), found["tried"])
    console.print(escape(_describe_route(found)), highlight=False, soft_wrap=True)
    return DONE


async def _request_route(services: ServiceAddresses, wanted: dict[str, Any]) -> dict[str, Any]:
    async with open_service_clients(services) as baton:
        return (await baton.routing.try_route(**wanted)).model_dump(mode="json")


def _describe_route(found: dict[str, Any]) -> str:
    """Return in words where the lead would be."""
    end = {
        "assigned": f"{found['rep_id']} would get it",
        "queued": f"it would wait in {found['queue']}",
        "waits": f"it would wait for a working day, until {found['waits_until']}",
    }.get(found["outcome"], f"nobody would get it: {found['reason']}")
    return f"rule {found['rule']}, team {found['team']}: {end}"
