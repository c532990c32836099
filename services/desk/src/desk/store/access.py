"""Who of ours may sign in, and which browsers are signed in. Secrets are kept as hashes."""

import hashlib
from datetime import timedelta
from typing import Any, NamedTuple

from desk.domain import Viewer
from desk.domain.claims import ProviderUser
from events.runtime import Transaction

_COLUMNS = "u.user_id, u.role, u.rep_id, u.team, u.email, u.chat_url, u.zone, u.language, u.signs_as"
_INVITE = """
insert into users (user_id, role, rep_id, team, email, signs_as) values ($1, $2, $3, $4, $5, $6)
on conflict (user_id) do update set role = excluded.role, rep_id = excluded.rep_id, team = excluded.team,
    email = coalesce(excluded.email, users.email), signs_as = excluded.signs_as, disabled_at = null
"""
_USE = """
update invitations set used_at = clock_timestamp()
where hash = $1 and used_at is null and expires_at > clock_timestamp() returning user_id
"""
_SIGNED_IN = f"""
select {_COLUMNS} from sessions s join users u using (user_id)
where s.hash = $1 and s.expires_at > clock_timestamp() and u.disabled_at is null
"""

_KNOWN = "select user_id, subject, email, disabled_at is not null as disabled from users"
_ADMIT = """
insert into users (user_id, role, rep_id, team, email, zone, subject) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (user_id) do nothing
"""
_UPDATE = """
update users set role = $2, rep_id = $3, team = $4, email = coalesce(email, $5), subject = $6 where user_id = $1
"""


class KnownUser(NamedTuple):
    """Somebody of ours as an operator or an earlier sign-in left them."""

    user_id: str
    subject: str | None
    email: str | None
    disabled: bool


def hash_secret(secret: str) -> str:
    """Return what is kept of a long random secret: its SHA-256, hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def load_key_name(tx: Transaction, key_id: str) -> str:
    """Return what an API key is called; one without a name by its public part."""
    rows = await tx.raw.fetch("select label from api_keys where key_id = $1", key_id)
    return (rows[0]["label"] if rows else "") or key_id


async def save_user_with_invitation(tx: Transaction, viewer: Viewer, token: str, lasts: timedelta) -> None:
    """Add somebody of ours or change them, and keep a link that signs them in once."""
    await tx.raw.execute(
        _INVITE, viewer.user_id, viewer.role, viewer.rep_id, viewer.team, viewer.email, viewer.signs_as
    )
    await tx.raw.execute(
        "insert into invitations (hash, user_id, expires_at) values ($1, $2, clock_timestamp() + $3::interval)",
        hash_secret(token), viewer.user_id, lasts,
    )  # fmt: skip


async def find_invited_user(tx: Transaction, token: str) -> str | None:
    """Return whom a link would sign in; None where it is used, too old or none of ours."""
    rows = await tx.raw.fetch(
        "select user_id from invitations where hash = $1 and used_at is null and expires_at > clock_timestamp()",
        hash_secret(token),
    )
    return rows[0]["user_id"] if rows else None


async def use_invitation(tx: Transaction, token: str) -> str | None:
    """Use a link up and return whom it signs in; None where it is used, too old or none of ours."""
    rows = await tx.raw.fetch(_USE, hash_secret(token))
    return rows[0]["user_id"] if rows else None


async def begin_session(tx: Transaction, user_id: str, token: str, lasts: timedelta) -> None:
    """Keep that a browser is signed in, and forget those whose time is over."""
    await tx.raw.execute("delete from sessions where expires_at < clock_timestamp()")
    await tx.raw.execute(
        "insert into sessions (hash, user_id, expires_at) values ($1, $2, clock_timestamp() + $3::interval)",
        hash_secret(token), user_id, lasts,
    )  # fmt: skip


async def end_session(tx: Transaction, token: str) -> None:
    """Sign a browser out."""
    await tx.raw.execute("delete from sessions where hash = $1", hash_secret(token))


async def find_signed_in_user(tx: Transaction, token: str) -> Viewer | None:
    """Return who is signed in by this cookie; None where nobody is any longer."""
    rows = await tx.raw.fetch(_SIGNED_IN, hash_secret(token))
    return _viewer(rows[0]) if rows else None


async def load_user(tx: Transaction, user_id: str) -> Viewer | None:
    """Return somebody of ours; None where they are not or no longer."""
    rows = await tx.raw.fetch(
        f"select {_COLUMNS} from users u where user_id = $1 and disabled_at is null",
        user_id,
    )
    return _viewer(rows[0]) if rows else None


async def load_or_add_user(tx: Transaction, person: ProviderUser) -> KnownUser:
    """Return the user of somebody whom the provider vouches for: by subject, else by name; a new one if there is none.

    Whether it is theirs is for `may_sign_in_as` to decide.
    """
    found = await tx.raw.fetch(f"{_KNOWN} where subject = $1 for update", person.subject)
    if not found:
        viewer = person.viewer
        await tx.raw.execute(
            _ADMIT, viewer.user_id, viewer.role, viewer.rep_id, viewer.team, viewer.email, viewer.zone, person.subject
        )
        found = await tx.raw.fetch(f"{_KNOWN} where user_id = $1 for update", viewer.user_id)
    return KnownUser(*found[0])


async def update_user(tx: Transaction, user_id: str, person: ProviderUser) -> None:
    """Save the role that somebody has now, and by which subject the provider knows them."""
    viewer = person.viewer
    await tx.raw.execute(_UPDATE, user_id, viewer.role, viewer.rep_id, viewer.team, viewer.email, person.subject)


async def end_sessions_of(tx: Transaction, subject: str) -> None:
    """Sign somebody out everywhere."""
    await tx.raw.execute("delete from sessions s using users u where u.user_id = s.user_id and u.subject = $1", subject)


async def load_reachable_users(tx: Transaction) -> list[Viewer]:
    """Return those of ours to whom messages can be sent."""
    rows = await tx.raw.fetch(
        f"select {_COLUMNS} from users u where disabled_at is null"
        " and (email is not null or chat_url is not null) order by user_id"
    )
    return [_viewer(row) for row in rows]


async def save_settings(tx: Transaction, viewer: Viewer) -> None:
    """Save where, in which zone and in which language somebody is reached."""
    await tx.raw.execute(
        "update users set email = $2, chat_url = $3, zone = $4, language = $5 where user_id = $1",
        viewer.user_id, viewer.email, viewer.chat_url, viewer.zone, viewer.language,
    )  # fmt: skip


def _viewer(row: Any) -> Viewer:
    return Viewer(**dict(row))
