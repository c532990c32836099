"""`baton trace`, `baton access` and `baton audit`: what happened, what is held, and whether it all adds up."""

import asyncio
from json import dumps
from pathlib import Path

from rich.markup import escape

from baton import remote
from baton.access import ServiceAddresses
from baton.access import load_personal_data as accessed
from baton.auditing import AuditSources, audit_by_services
from baton.auditing import audit as audited
from baton.cli.output import DEFAULT_DATA, AsJson, Data, console, print_json, print_notice, print_table
from baton.exit_codes import DONE, FOUND_WRONG
from baton.stack import Stack
from baton.tracing import describe_decision
from baton.tracing import trace_contact as traced


def trace(who: str, *, data: Data = DEFAULT_DATA, json: AsJson = False) -> int:
    """Show one contact through all topics in time order, with what decided each step.

    * `baton trace ada@example.com`
    * `baton trace 0b0e6b7e-5d2f-4a53-9a44-0d6ad3a3b1c1`

    Parameters
    ----------
    who
        A contact id, a lead id, or an e-mail.
    """
    services = ServiceAddresses.from_environment()
    events = asyncio.run(remote.trace_contact(services, who) if services else traced(Stack.load(data), who))
    if json:
        print_json(events)
        return DONE
    for event in events:
        console.print(
            f"[dim]{event['occurred_at']:%Y-%m-%d %H:%M:%S}[/dim]  {event['service']:<11}  "
            f"[bold]{event['type']:<22}[/bold]  {escape(describe_decision(event))}",
            highlight=False,
            soft_wrap=True,
        )
    return DONE


def access(who: str, *, out: Path | None = None, data: Data = DEFAULT_DATA) -> int:
    """Collect everything held about a person, in all six services, as one JSON document.

    * `baton access ada@example.com --out ada.json`
    * `baton access 0b0e6b7e-5d2f-4a53-9a44-0d6ad3a3b1c1`

    Exits with 1 and names the service if one could not be asked; the document then says so too.
    `BATON_CAPTURE_URL` and its like and `BATON_API_KEY` (scope `admin`), where set, name services elsewhere.

    Parameters
    ----------
    who
        A contact id or an e-mail.
    out
        The file to write; stdout if left out.
    """
    found = asyncio.run(accessed(ServiceAddresses.find(data), who))
    if out is None:
        print_json(found)
    else:
        out.write_text(dumps(found, indent=2) + "\n")
        print_notice(f"written to {out}")
    for service, why in found["not_asked"].items():
        print_notice(f"{service} could not be asked, so this is not everything: {why}")
    return FOUND_WRONG if found["not_asked"] else DONE


def audit(*, full: bool = False, data: Data = DEFAULT_DATA, json: AsJson = False) -> int:
    """Compare the state of all six services, their journals and the topics, both ways.

    * `baton audit`
    * `baton audit --full --json`

    Exits with 1 if any residual is not zero; each row names what differs, where, and what to do next. An installation
    of more than 50,000 contacts is examined by what changed since the last time and one 256th of the rest.
    `BATON_CAPTURE_DATABASE_URL` and its like, `KAFKA_BOOTSTRAP_SERVERS`, `BATON_CAPTURE_URL` and its like and
    `BATON_API_KEY`, where all are set, name an installation elsewhere; by addresses and key alone, each service
    examines its own tables.

    Parameters
    ----------
    full
        Examine everything, the compacted topics included.
    """
    services = None if AuditSources.databases_from_environment() else ServiceAddresses.from_environment()
    found = asyncio.run(audit_by_services(services) if services else audited(AuditSources.find(data), full=full))
    if json:
        print_json(found)
        return FOUND_WRONG if found["residual"] else DONE
    wrong = [check for check in found["checks"] if check["residual"]]
    if wrong:
        print_table("Audit", ("service", "check", "residual"), wrong)
    for check in wrong:
        console.print(f"[bold]{escape(check['check'])}[/bold]", highlight=False)
        for row in check["rows"]:
            console.print(
                f"  {escape(str(row['what']))}\n    next: {escape(str(row['next']))}", highlight=False, soft_wrap=True
            )
        if check["residual"] > len(check["rows"]):
            console.print(f"  and {check['residual'] - len(check['rows']):,} more")
    print_notice(f"{len(found['checks'])} checks of {found['scope']}: {found['residual']:,} things break a rule")
    return FOUND_WRONG if wrong else DONE
