"""`baton playbook shadow`: a candidate decides beside the playbook in force; nothing of it is published."""

import asyncio
from pathlib import Path
from typing import Any

from cyclopts import App

from baton.access import ServiceAddresses
from baton.cli.output import DEFAULT_DATA, AsJson, Data, print_json, print_notice, print_table
from baton.cli.rule_files import parse_rules, read_rule_text
from baton.exit_codes import DONE
from baton.service_client import open_service_clients
from scoring.playbook import ScoringPlaybook

app = App(name="shadow", help="Let a candidate decide beside the playbook in force: recorded, never sent.")
COLUMNS = ("contact_id", "difference", "in_force", "candidate", "fit_in_force", "fit_candidate", "opened_at", "won")


@app.command
def start(playbook: Path, *, by: str, data: Data = DEFAULT_DATA) -> int:
    """Start a candidate; one that runs already is stopped.

    * `baton playbook shadow start new/scoring.yaml --by mia`

    Parameters
    ----------
    playbook
        The scoring playbook to try: a file, or a folder with `scoring.yaml`.
    by
        Who starts it.
    """
    body, name = read_rule_text(playbook, "scoring.yaml")
    parse_rules(ScoringPlaybook, body, name)

    async def start_() -> str:
        async with open_service_clients(ServiceAddresses.find(data)) as baton:
            return (await baton.scoring.start_shadow(body=body, by=by)).version

    print_notice(
        f"{asyncio.run(start_())} decides beside the playbook in force; `baton playbook shadow report` compares them"
    )
    return DONE


@app.command
def stop(*, by: str, data: Data = DEFAULT_DATA) -> int:
    """Stop the candidate; what it decided stays.

    * `baton playbook shadow stop --by mia`

    Parameters
    ----------
    by
        Who stops it.
    """

    async def stop_() -> str:
        async with open_service_clients(ServiceAddresses.find(data)) as baton:
            return (await baton.scoring.stop_shadow(by=by)).version

    print_notice(f"{asyncio.run(stop_())} decides no more")
    return DONE


@app.command
def report(*, data: Data = DEFAULT_DATA, json: AsJson = False) -> int:
    """Compare what the candidate would have published with what was published since it started.

    * `baton playbook shadow report --json`
    """

    async def compare() -> dict[str, Any]:
        async with open_service_clients(ServiceAddresses.find(data)) as baton:
            return (await baton.scoring.compare_shadow()).model_dump()

    found = asyncio.run(compare())
    if json:
        print_json(found)
        return DONE
    state = f"stopped at {found['stopped_at']}" if found["stopped_at"] else "running"
    rows = [{"": kind, "contacts": count} for kind, count in found["contacts"].items()]
    print_table(f"{found['version']} since {found['started_at']}, {state}", ("", "contacts"), rows)
    print_table("Some who differ", COLUMNS, found["differing"])
    return DONE
