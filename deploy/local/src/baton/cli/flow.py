"""`baton trace` and `baton audit`: what happened, and whether it all adds up."""

import asyncio

from rich.markup import escape

from baton.auditing import audit as audited
from baton.cli.output import DEFAULT_DATA, AsJson, Data, console, document, table
from baton.outcome import DONE, FOUND_WRONG
from baton.stack import Stack
from baton.tracing import decided
from baton.tracing import trace as traced


def trace(who: str, *, data: Data = DEFAULT_DATA, json: AsJson = False) -> int:
    """Show one contact through all topics in time order, with what decided each step.

    * `baton trace ada@example.com`
    * `baton trace 0b0e6b7e-5d2f-4a53-9a44-0d6ad3a3b1c1`

    Parameters
    ----------
    who
        A contact id, a lead id, or an e-mail.
    """
    events = asyncio.run(traced(Stack.load(data), who))
    if json:
        document(events)
        return DONE
    for event in events:
        console.print(
            f"[dim]{event['occurred_at']:%Y-%m-%d %H:%M:%S}[/dim]  {event['service']:<11}  "
            f"[bold]{event['type']:<22}[/bold]  {escape(decided(event))}",
            highlight=False,
            soft_wrap=True,
        )
    return DONE


def audit(*, data: Data = DEFAULT_DATA, json: AsJson = False) -> int:
    """Check the invariants of the whole flow, now.

    * `baton audit --json`

    Exits with 1 if any residual is not zero.
    """
    found = asyncio.run(audited(Stack.load(data)))
    if json:
        document(found)
    else:
        table("Audit", ("service", "check", "residual"), found["checks"])
        for check in found["checks"]:
            for row in check["rows"]:
                console.print(f"{check['service']}: {check['check']}: {row}", highlight=False)
    return FOUND_WRONG if found["residual"] else DONE
