"""`baton keys`: who may call the services."""

import asyncio
import io
import re
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlencode

import segno
from cyclopts import App

from baton import keys, remote
from baton.access import ServiceAddresses
from baton.cli.output import DEFAULT_DATA, AsJson, Data, print_json, print_notice, print_table
from baton.exit_codes import DONE, FOUND_WRONG, WrongUsageError
from baton.stack import Stack

COLUMNS = ("key_id", "kind", "label", "role", "team", "rep_id", "scopes", "form", "origins", "source",
           "expires_at", "revoked_at", "last_used_at")  # fmt: skip

Role = Literal["rep", "manager", "marketing", "admin"]

EVENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}", re.ASCII)

app = App(name="keys", help="API keys and form keys. A secret is shown once.")


@app.command
def create(
    label: str,
    *,
    scope: list[str] | None = None,
    kind: Literal["api", "form", "webhook"] = "api",
    form: str | None = None,
    origin: list[str] | None = None,
    source: str | None = None,
    role: Role | None = None,
    team: str | None = None,
    rep: str | None = None,
    expires: datetime | None = None,
    scanner: str | None = None,
    at: str | None = None,
    data: Data = DEFAULT_DATA,
    json: AsJson = False,
) -> int:
    """Create a key and print it, this once.

    * `baton keys create "CRM sync" --scope leads:read --scope leads:work`
    * `baton keys create "Ann" --role rep --rep ann`
    * `baton keys create "Inbound's manager" --role manager --team inbound`
    * `baton keys create "website" --kind form --form contact --origin https://www.example.org`
    * `baton keys create "booth 1" --scanner expo-2026 --at https://capture.example.org`
    * `baton keys create "our website" --source web_form`
    * `baton keys create "webinar tool" --kind webhook --source webinar`

    Parameters
    ----------
    label
        Who it is for.
    scope
        What it may do: capture:write, leads:read, leads:work, admin (repeat for several).
    kind
        `form` keys are public, for browsers, and only submit forms; `webhook` keys sign what they send.
    form
        The form that a form key may submit.
    origin
        Where pages with that form are, as browsers say it (repeat for several).
    source
        The only source that the key may speak for; it may do nothing else then, unless a scope says so.
    role
        rep, manager, marketing or admin. A rep's key is for that rep's leads alone, a manager's for the team's.
    team
        The team of a manager's key.
    rep
        Bind the key to one rep: then `by` is always that rep, and other reps' leads are out of reach.
    expires
        When it stops working (RFC 3339).
    scanner
        The event of a scanner: the key takes badge scans alone, and a code to pair a phone is shown with it.
    at
        The address of capture that phones can reach, where it is not the one of this machine (with HTTPS).
    """
    if scanner is not None:
        source = "event_scan"
        build_pairing_address(scanner, "", "")
    if kind == "form" and not (form and origin):
        raise WrongUsageError("a form key is bound to a form and to origins (--form, --origin)")
    problem = _find_role_conflict(role, team, rep)
    if problem:
        raise WrongUsageError(problem)
    if source is not None and not (scope or role):
        scope = ["capture:write"]
    scopes = scope or list(keys.ROLES.get(role or "", ())) if kind == "api" else ["capture:write"]
    unknown = sorted(set(scopes) - set(keys.SCOPES))
    if unknown or not scopes:
        named = f"no such scope: {unknown[0]}" if unknown else "say what the key may do (--scope)"
        raise WrongUsageError(f"{named}; there are {', '.join(keys.SCOPES)}")
    services = ServiceAddresses.from_environment()
    if services:
        bound_to = {"form": form, "origins": origin, "source": source} if kind != "api" or source else {}
        role = None if scope else role
        made = _create_remotely(services, expires, bound_to, kind=kind, label=label, role=role, team=team, rep_id=rep)
        _print_sender_key(made, json, scanner, (at or services.urls["capture"]), label=label)
        return DONE
    stack = Stack.load(data)
    bound = kind == "form" or source
    key_id, key = asyncio.run(
        keys.create_key(
            stack.databases,
            stack.secrets.installation,
            kind=kind,
            binding=keys.KeyBinding(form, tuple(origin or ()), source) if bound else None,
            label=label,
            scopes=scopes,
            rep_id=rep,
            role=role,
            team=team,
            expires_at=expires.astimezone() if expires else None,
        )
    )
    _print_sender_key((key_id, key), json, scanner, (at or stack.urls["capture"]), scopes=scopes, label=label)
    return DONE


def _print_sender_key(made: tuple[str, str], json: bool, scanner: str | None, capture: str, **more: object) -> None:
    """Print a key, and the address that pairs a phone where it is for a scanner."""
    link = {} if scanner is None else {"link": build_pairing_address(scanner, made[1], capture.rstrip("/"))}
    _print_key(made[0], made[1], json, **more, **link)
    for address in link.values():
        print_notice(
            f"{draw_qr_code(address)}\nScan this with the phone that will read badges at {scanner}, or open\n{address}"
        )


def build_pairing_address(event: str, key: str, capture: str) -> str:
    """Return the address that pairs a scanner: the key stands behind `#`, which no server sees.

    Raises:
        WrongUsageError: The name is none of an event: letters, digits and - _ . : alone.
    """
    if not EVENT.fullmatch(event):
        raise WrongUsageError(f"an event is named by letters, digits and - _ . : (--scanner {event!r})")
    return f"{capture}/scan#{urlencode({'event': event, 'key': key})}"


def draw_qr_code(address: str) -> str:
    """Return a QR code of an address, drawn for a terminal."""
    drawn = io.StringIO()
    segno.make(address, error="m").terminal(drawn, compact=True, border=2)
    return drawn.getvalue()


def _create_remotely(
    services: ServiceAddresses,
    expires: datetime | None,
    bound_to: Mapping[str, Any],
    *,
    kind: str,
    label: str,
    **whose: Any,
) -> tuple[str, str]:
    """Create a key by the services' HTTP: of a role, or bound to a form, a webhook or a source by capture's."""
    if bound_to:
        if expires is not None:
            raise WrongUsageError("by BATON_*_URL the keys of forms, webhooks and sources end when they are revoked")
        binding = {name: each for name, each in bound_to.items() if each}
        return asyncio.run(remote.create_sender_key(services, kind=kind, label=label, **binding))
    if whose["role"] is None:
        raise WrongUsageError("by BATON_*_URL a key has a role (--role rep, manager, marketing or admin) or a --source")
    until = expires.astimezone().isoformat() if expires else None
    return asyncio.run(remote.create_key(services, expires_at=until, label=label, **whose))


def _find_role_conflict(role: Role | None, team: str | None, rep: str | None) -> str | None:
    """Return what does not fit together, if anything."""
    if (role == "manager") != (team is not None):
        return "a manager's key, and no other, is for a team (--role manager --team NAME)"
    if role == "rep" and rep is None:
        return "a rep's key is for a rep (--rep ID)"
    if role in {"marketing", "admin"} and rep is not None:
        return "a key that is bound to a rep has the role rep"
    return None


def _print_key(key_id: str, key: str, json: bool, **more: object) -> None:
    if json:
        print_json({"key": key, "key_id": key_id, **more})
    else:
        sys.stdout.write(f"{key}\n")
        print_notice("keep it: it cannot be shown again")


@app.command
def rotate(key_id: str, *, overlap: float = 24.0, data: Data = DEFAULT_DATA, json: AsJson = False) -> int:
    """Create a key in the place of another, which still works for a while.

    * `baton keys rotate 5f2ab81c90de --overlap 48`

    Parameters
    ----------
    key_id
        The old key.
    overlap
        Hours that the old key still works.
    """
    services = ServiceAddresses.from_environment()
    if services:
        _print_key(*asyncio.run(remote.rotate_key(services, key_id, timedelta(hours=overlap))), json)
        return DONE
    stack = Stack.load(data)
    made = asyncio.run(
        keys.rotate_key(stack.databases, stack.secrets.installation, key_id, timedelta(hours=overlap)),
    )
    if made is None:
        print_notice(f"no key {key_id} that could be rotated")
        return FOUND_WRONG
    _print_key(*made, json)
    return DONE


@app.command(name="list")
def list_keys(*, data: Data = DEFAULT_DATA, json: AsJson = False) -> int:
    """List the keys, without their secrets.

    * `baton keys list`
    """
    elsewhere = ServiceAddresses.from_environment()
    found = asyncio.run(remote.list_keys(elsewhere) if elsewhere else keys.list_keys(Stack.load(data).databases))
    if json:
        print_json(found)
    else:
        print_table("Keys", COLUMNS, found)
    return DONE


@app.command
def revoke(key_id: str, *, data: Data = DEFAULT_DATA) -> int:
    """Make a key worthless within a second, in all services.

    * `baton keys revoke 5f2ab81c90de`
    """
    elsewhere = ServiceAddresses.from_environment()
    services = asyncio.run(
        remote.revoke_key(elsewhere, key_id) if elsewhere else keys.revoke_key(Stack.load(data).databases, key_id)
    )
    if not services:
        print_notice(f"no key {key_id} that could be revoked")
        return FOUND_WRONG
    print_notice(f"revoked in {services} services")
    return DONE
