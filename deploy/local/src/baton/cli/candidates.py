"""`baton playbook propose`: a candidate for the pages, where both teams sign it and put it in force."""

import asyncio
from pathlib import Path
from typing import Any

from baton import playbook
from baton.access import Addresses
from baton.cli.output import DEFAULT_DATA, AsJson, Data, document, say
from baton.exit_codes import DONE, FoundWrongError
from baton.service_client import operations
from baton.services import SERVICES
from events.runtime.playbooks import PlaybookText


def propose(folder: Path, *, by: str, data: Data = DEFAULT_DATA, json: AsJson = False) -> int:
    """Put a checked playbook beside the one in force on the page Rules: both teams sign it there.

    * `baton playbook propose candidate/ --by ola`

    What it changes stands on the page in words. Who signs is invited with `baton desk invite --signs-as`. A candidate
    that is not in force yet ends when another is proposed.

    Parameters
    ----------
    folder
        Where the files are.
    by
        Who proposes it.
    data
        The directory of the stack that is up.
    json
        Print a document instead of the bare link.
    """
    sources, faults = playbook.check(folder)
    if faults:
        first = faults[0]
        raise FoundWrongError(f"{len(faults)} faults, first {first.file}: {first.field or 'the file'}: {first.message}")
    made = asyncio.run(_propose(Addresses.find(data), sources, by))
    if json:
        document(made)
    else:
        print(made["url"])  # noqa: T201 - this is what was asked for
        say(f"asked to sign: {', '.join(playbook.approvers(sources))}")
    return DONE


async def _propose(places: Addresses, sources: dict[str, PlaybookText], by: str) -> dict[str, Any]:
    """Send the definitions and those files that differ from what is in force."""
    bodies: Any = {}
    async with operations(places) as baton:
        for service in SERVICES:
            now = await baton.service(service.name).show_playbook()
            if now.body != sources[service.name].body:
                bodies[service.name] = sources[service.name].body
        definitions = next(iter(sources.values())).definitions
        made = await baton.desk.propose(definitions=definitions, bodies=bodies, by=by)
    return made.model_dump(mode="json")
