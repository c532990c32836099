"""`baton desk`: who of ours may sign in to the pages."""

import asyncio
from pathlib import Path
from typing import Any, Literal

from cyclopts import App

from baton.access import ServiceAddresses
from baton.cli.output import DEFAULT_DATA, AsJson, Data, print_json
from baton.exit_codes import DONE, WrongUsageError
from baton.service_client import open_service_clients

Role = Literal["rep", "manager", "marketing", "operator"]

app = App(name="desk", help="Users of the pages: who may sign in, and as what.")


@app.command
def invite(
    name: str,
    *,
    rep: str | None = None,
    role: Role = "rep",
    team: str | None = None,
    email: str | None = None,
    signs_as: str | None = None,
    data: Data = DEFAULT_DATA,
    json: AsJson = False,
) -> int:
    """Print a link that signs somebody in to the pages, once.

    * `baton desk invite mia --rep inbound-1`
    * `baton desk invite lea --role manager --team inbound`
    * `baton desk invite max --role marketing --email max@example.org`
    * `baton desk invite eva --role marketing --signs-as marketing:head_of_demand_generation`

    Parameters
    ----------
    name
        Who it is for: an id without blanks.
    rep
        The rep whose leads a rep sees.
    role
        `rep` sees the own leads, `manager` those of a team, `marketing` what came back, `operator` all.
    team
        The team of a manager.
    email
        Where messages go; everybody can change it under Settings.
    signs_as
        The approver whom `definitions.yaml` names, if they sign the rules on the page.
    data
        The directory of the stack that is up.
    json
        Print a document instead of the bare link.
    """
    if role == "rep" and rep is None:
        raise WrongUsageError("a rep needs --rep ID (`GET /v1/reps` of routing lists them)")
    if role == "manager" and team is None:
        raise WrongUsageError("a manager needs --team NAME")
    body = {"user_id": name, "role": role, "rep_id": rep, "team": team, "email": email, "signs_as": signs_as}
    made = asyncio.run(_request_invitation(data, {key: value for key, value in body.items() if value is not None}))
    if json:
        print_json(made)
    else:
        print(made["url"])  # noqa: T201 - this is what was asked for
    return DONE


async def _request_invitation(directory: Path, body: dict[str, Any]) -> dict[str, Any]:
    async with open_service_clients(ServiceAddresses.find(directory)) as baton:
        return (await baton.desk.invite(**body)).model_dump()
