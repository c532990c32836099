"""The same command sent twice is carried out once and answered the same (`Idempotency-Key`, as in the IETF draft)."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fastapi import Request

from events.runtime.errors import DomainError
from events.runtime.json_answers import encode_json
from events.runtime.problems import IdempotencyKeyReused, Problem
from events.runtime.security import Caller
from events.runtime.transaction import Transaction

LONGEST_KEY = 255
OK = 200


@dataclass(frozen=True, slots=True)
class RecalledAnswer:
    """The answer given before; `same` tells whether the body was the same then."""

    status: int
    body: bytes
    same: bool


class KeyClaim(NamedTuple):
    """Under which key a command came (None: under none), within which scope, and the fingerprint of its body."""

    scope: str
    key: str | None
    digest: str


class CommandAnswer(NamedTuple):
    """The answer to a command, and whether it had been given before."""

    status: int
    body: bytes
    replayed: bool

    @property
    def headers(self) -> dict[str, str]:
        """The headers that say so."""
        return {"Idempotent-Replayed": "true"} if self.replayed else {}


def parse_idempotency_key(text: str | None, field: str = "Idempotency-Key") -> str | None:
    """Return an idempotency key, which may be quoted as in the IETF draft; None where there is none.

    Raises:
        Problem: 422 `idempotency_key_invalid`; a key is 1 to 255 printable characters of ASCII.

    """
    if text is None:
        return None
    key = text.strip().removeprefix('"').removesuffix('"')
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise Problem(422, "idempotency_key_invalid", field=field)
    return key


def hash_body(body: bytes) -> str:
    """Fingerprint a request body."""
    return hashlib.sha256(body).hexdigest()


async def claim_or_recall(
    tx: Transaction, requests: Sequence[tuple[str, str, str]]
) -> dict[tuple[str, str], RecalledAnswer]:
    """Claim (scope, key, body_hash) for this transaction and give the answers of those answered before.

    A claim waits for another transaction that holds the same key: of twenty at once one acts and nineteen recall.
    """
    ordered = sorted({(scope, key): digest for scope, key, digest in requests}.items())
    if not ordered:
        return {}
    scopes, keys = [scope for (scope, _), _ in ordered], [key for (_, key), _ in ordered]
    claimed = await tx.raw.execute(
        "insert into idempotency (scope, key, body_hash)"
        " select * from unnest($1::text[], $2::text[], $3::text[]) on conflict do nothing",
        scopes, keys, [digest for _, digest in ordered],
    )  # fmt: skip
    if int(claimed.rsplit(" ", 1)[-1]) == len(ordered):
        return {}
    rows = await tx.raw.fetch(
        "select scope, key, body_hash, status, body from idempotency"
        " join unnest($1::text[], $2::text[]) as u(scope, key) using (scope, key) where status is not null",
        scopes, keys,
    )  # fmt: skip
    asked = dict(ordered)
    return {
        (row["scope"], row["key"]): RecalledAnswer(
            row["status"], bytes(row["body"]), asked[row["scope"], row["key"]] == row["body_hash"]
        )
        for row in rows
    }


async def save_answers(tx: Transaction, answers: Sequence[tuple[str, str, str, int, bytes]]) -> None:
    """Keep (scope, key, body_hash, status, body) for whoever sends the same again."""
    if not answers:
        return
    columns = list(zip(*sorted(answers), strict=True))
    await tx.raw.execute(
        "insert into idempotency (scope, key, body_hash, status, body)"
        " select * from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::bytea[])"
        " on conflict (scope, key) do update set body_hash = excluded.body_hash, status = excluded.status,"
        " body = excluded.body",
        *map(list, columns),
    )


async def release_claims(tx: Transaction, claims: Sequence[tuple[str, str]]) -> None:
    """Release the claims of (scope, key) of refused requests: a refusal leaves no row."""
    if claims:
        await tx.raw.execute(
            "delete from idempotency using unnest($1::text[], $2::text[]) as u(s, k)"
            " where scope = s and key = k and status is null",
            [scope for scope, _ in claims],
            [key for _, key in claims],
        )


async def carry_out_once(
    tx: Transaction, claim: KeyClaim, act: Callable[[], Awaitable[object]], *, field: str
) -> CommandAnswer:
    """Carry out a command once under its key; a repetition is answered with the same bytes.

    Args:
        tx: In which it is carried out; a repetition waits for the transaction of the first.
        claim: Without a key it is carried out each time.
        act: Returns the body of the answer.
        field: Where the key stands in the request.

    Raises:
        IdempotencyKeyReused: The key came with another body before.

    """
    scope, key, digest = claim
    if key is None:
        return CommandAnswer(OK, encode_json(await act()), replayed=False)
    before = (await claim_or_recall(tx, [(scope, key, digest)])).get((scope, key))
    if before is not None and not before.same:
        raise IdempotencyKeyReused(field=field)
    if before is not None:
        return CommandAnswer(before.status, before.body, replayed=True)
    try:
        body = encode_json(await act())
    except DomainError:
        await release_claims(tx, [(scope, key)])
        raise
    await save_answers(tx, [(scope, key, digest, OK, body)])
    return CommandAnswer(OK, body, replayed=False)


async def carry_out_request_once(
    tx: Transaction, caller: Caller, request: Request, act: Callable[[], Awaitable[object]]
) -> CommandAnswer:
    """Carry out what a request asks for once for each `Idempotency-Key` of its caller and path, as `carry_out_once`.

    Its body has been read already.
    """
    key = parse_idempotency_key(request.headers.get("idempotency-key"))
    claim = KeyClaim(f"{caller.key_id} {request.url.path}", key, hash_body(await request.body()))
    return await carry_out_once(tx, claim, act, field="Idempotency-Key")
