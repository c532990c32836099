"""`baton keys`: who may call the services."""

import asyncio
import sys
from datetime import datetime
from typing import Literal

from cyclopts import App

from baton import keys
from baton.cli.output import DEFAULT_DATA, AsJson, Data, document, say, table
from baton.outcome import DONE, FOUND_WRONG, WrongUsageError
from baton.stack import Stack

app = App(name="keys", help="API keys and form keys. A secret is shown once.")


@app.command
def create(
    label: str,
    *,
    scope: list[str] | None = None,
    kind: Literal["api", "form"] = "api",
    rep: str | None = None,
    expires: datetime | None = None,
    data: Data = DEFAULT_DATA,
    json: AsJson = False,
) -> int:
    """Create a key and print it, this once.

        baton keys create "CRM sync" --scope leads:read --scope leads:work
        baton keys create "website" --kind form

    Parameters
    ----------
    label
        Who it is for.
    scope
        What it may do: capture:write, leads:read, leads:work, admin (repeat for several).
    kind
        `form` keys are public, for browsers, and only submit forms.
    rep
        Bind the key to one rep: then `by` is always that rep.
    expires
        When it stops working (RFC 3339).
    """
    stack = Stack.load(data)
    scopes = ["capture:write"] if kind == "form" else scope or []
    unknown = sorted(set(scopes) - set(keys.SCOPES))
    if unknown or not scopes:
        named = f"no such scope: {unknown[0]}" if unknown else "say what the key may do (--scope)"
        raise WrongUsageError(f"{named}; there are {', '.join(keys.SCOPES)}")
    databases = stack.databases if kind == "api" else {"capture": stack.databases["capture"]}
    key = asyncio.run(
        keys.create(
            databases,
            kind=kind,
            label=label,
            scopes=scopes,
            rep_id=rep,
            expires_at=expires.astimezone() if expires else None,
        )
    )
    if json:
        document({"key": key, "key_id": keys.key_id(key), "scopes": scopes, "label": label})
    else:
        sys.stdout.write(f"{key}\n")
        say("keep it: it cannot be shown again")
    return DONE


@app.command(name="list")
def list_(*, data: Data = DEFAULT_DATA, json: AsJson = False) -> int:
    """List the keys, without their secrets.

    baton keys list
    """
    found = asyncio.run(keys.listed(Stack.load(data).databases))
    if json:
        document(found)
    else:
        columns = ("key_id", "kind", "label", "scopes", "rep_id", "revoked_at", "last_used_at")
        table("Keys", columns, found)
    return DONE


@app.command
def revoke(key_id: str, *, data: Data = DEFAULT_DATA) -> int:
    """Make a key worthless at once, in all services.

    baton keys revoke 5f2ab81c90de
    """
    services = asyncio.run(keys.revoke(Stack.load(data).databases, key_id))
    if not services:
        say(f"no key {key_id} that could be revoked")
        return FOUND_WRONG
    say(f"revoked in {services} services")
    return DONE
