"""Bad input to any endpoint: a problem that names the field and a code, nothing of what was sent, no row written.

The endpoints are those of each service's own OpenAPI document, so that a new one is attacked without anybody's
remembering it. `B12` and the like are the numbers of the list of bad inputs.
"""

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any

import httpx
import pytest

from tests.bad_input import hostile
from tests.bad_input.conftest import Target
from tests.bad_input.doors import FORM, JSON, METHODS, NAMES, NDJSON, SAMPLES, Door, example
from tests.bad_input.hostile import LIMIT, MARK

every_service = pytest.mark.parametrize("target", NAMES, indirect=True)


def problems_in(answer: httpx.Response) -> Iterator[Mapping[str, Any]]:
    """The problem that an answer is, or those in an answer to many."""
    if answer.headers["content-type"] == "application/problem+json":
        yield answer.json()
    elif answer.headers["content-type"] == NDJSON:
        yield from (item["problem"] for item in map(json.loads, answer.iter_lines()) if "problem" in item)
    elif answer.headers["content-type"] == JSON and isinstance(answer.json(), dict):
        yield from (item["problem"] for item in answer.json().get("items", ()) if "problem" in item)


def faults_of(answer: httpx.Response, *, named: bool) -> Iterator[str]:
    """What is wrong with an answer to bad input; `named`: the fault lies in a field or a parameter."""
    if answer.status_code >= 500:
        yield f"status {answer.status_code}"
    found = list(problems_in(answer))
    if not found:
        yield f"no problem but {answer.status_code} {answer.text[:80]}"
    for problem in found:
        if not 400 <= problem["status"] < 500 or answer.status_code not in {problem["status"], 200}:
            yield f"problem of status {problem['status']}"
        if not {"type", "title", "status", "errors"} <= problem.keys() or not problem["errors"]:
            yield "not a whole problem"
        if not all(error["code"] and (error["field"] or not named) for error in problem["errors"]):
            yield f"no field or no code: {problem['errors']}"
    if MARK in answer.text or any(MARK in value for value in answer.headers.values()):
        yield f"echo: {answer.text[:200]}"


class Findings:
    """What got through, told all at once."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.found: list[str] = []
        self._last: Door | None = None

    async def refused(
        self, door: Door, what: object, url: str, *, status: int | None = None, named: bool = True, **parts: Any
    ) -> httpx.Response:
        """Send what must be refused."""
        answer = await self._send(door, url, parts)
        wrong = list(faults_of(answer, named=named))
        if status is not None and answer.status_code != status:
            wrong.append(f"status {answer.status_code} and not {status}")
        self._note(door, what, wrong)
        return answer

    async def survived(self, door: Door, what: object, url: str, **parts: Any) -> httpx.Response:
        """Send what may be taken or refused, and must break nothing."""
        answer = await self._send(door, url, parts)
        wrong = [] if answer.status_code < 400 else faults_of(answer, named=answer.status_code == 422)
        self._note(door, what, wrong)
        return answer

    async def are_none(self) -> None:
        await self._look()
        assert not self.found, "\n".join([f"{len(self.found)} findings", *self.found[:200]])

    async def _send(self, door: Door, url: str, parts: dict[str, Any]) -> httpx.Response:
        if door != self._last:
            await self._look()
            self._last = door
        return await self.target.send(door.method, url, **parts)

    async def _look(self) -> None:
        """After the last attack on a door: what was refused there must have left no trace."""
        if (rows := await self.target.rows()) != self.target.untouched:
            self.found.append(f"{self._last}: a row was written")
            self.target.untouched = rows

    def _note(self, door: Door, what: object, wrong: Iterable[str]) -> None:
        self.found += [f"{door} <- {str(what)[:160]!r}: {each}" for each in wrong]


def as_json(value: Any) -> dict[str, Any]:
    """A body, and a key to show whether a command that is refused lets go of it."""
    return {"content": json.dumps(value).encode(), "headers": {"Content-Type": JSON, "Idempotency-Key": "one"}}


def in_order(door: Door) -> dict[str, Any]:
    """A body that is in order, if the operation takes one."""
    if not door.bodies:
        return {}
    (kind,) = door.bodies.keys() & {FORM} or door.bodies.keys() & {JSON, *SAMPLES} or {NDJSON}
    return {"content": door.content() or b"", "headers": {"Content-Type": kind}}


@every_service
async def test_the_requests_that_the_attacks_start_from_are_in_order(target: Target) -> None:
    """Else an attack on one field would be refused for another."""
    for door in target.doors:
        answer = await target.send(door.method, target.url(door) + door.needed(), **in_order(door))
        assert answer.status_code not in {400, 415, 422, 500}, f"{door}: {answer.text}"


@every_service
async def test_a_body_that_cannot_be_read_is_refused(target: Target) -> None:
    """B1 to B28."""
    findings = Findings(target)
    for door in target.doors:
        if JSON not in door.bodies:
            continue
        for sent in hostile.UNREADABLE + hostile.WRONG_KIND + hostile.NOT_OBJECTS:
            url = target.url(door)
            await findings.refused(door, sent.name, url, status=sent.status, content=sent.content, headers=sent.headers)
    await findings.are_none()


@every_service
async def test_a_body_of_another_type_is_refused_by_a_stream(target: Target) -> None:
    findings = Findings(target)
    for door in target.doors:
        if not door.streams:
            continue
        for sent in hostile.WRONG_KIND:
            await findings.refused(
                door, sent.name, target.url(door), status=415, content=sent.content, headers=sent.headers
            )
    await findings.are_none()


@every_service
async def test_a_body_of_another_type_is_refused_by_a_form(target: Target) -> None:
    findings = Findings(target)
    for door in target.doors:
        if FORM not in door.bodies:
            continue
        for sent in [*hostile.WRONG_KIND, hostile.A_DOCUMENT]:
            if sent.headers.get("Content-Type") != FORM:
                await findings.refused(
                    door, sent.name, target.url(door), status=415, content=sent.content, headers=sent.headers
                )
    await findings.are_none()


@every_service
async def test_a_line_that_cannot_be_read_spoils_no_stream(target: Target) -> None:
    """B80."""
    findings = Findings(target)
    lines = [sent.content for sent in hostile.UNREADABLE + hostile.NOT_OBJECTS if sent.content]
    lines = [line for line in lines if b"\n" not in line] + [b"[]", b'{"%b":1}' % MARK.encode(), b"x" * LIMIT * 2]
    for door in target.doors:
        if not door.many:
            continue
        answer = await findings.refused(
            door, "all lines", target.url(door), content=b"\n".join(lines), headers={"Content-Type": NDJSON}
        )
        assert len(list(problems_in(answer))) == len(lines)
    await findings.are_none()


async def _drop_by_drop(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 8192):
        yield content[start : start + 8192]


@every_service
async def test_a_body_that_is_too_large_is_refused_whether_announced_or_not(target: Target) -> None:
    """B20 to B22, B76: a length that is no number, or more than there are bytes in the world, is none either."""
    findings = Findings(target)
    for door in target.doors:
        limit = 4_194_304 if door.many else LIMIT
        headers, url = {"Content-Type": JSON}, target.url(door)
        large = b'{"a":"' + MARK.encode() * (limit // len(MARK) + 1) + b'"}'
        if JSON in door.bodies:
            await findings.refused(door, "large", url, status=413, content=large, headers=headers)
            chunks = _drop_by_drop(large)
            await findings.refused(door, "large in chunks", url, status=413, content=chunks, headers=headers)
        for length in ("9" * 30, "9" * 5000):
            sent_headers = headers | {"Content-Length": length}
            if not door.streams:
                await findings.refused(door, f"length {length}", url, status=413, content=b"{}", headers=sent_headers)
    await findings.are_none()


@every_service
async def test_a_value_of_the_wrong_kind_is_refused_in_every_field(target: Target) -> None:
    """B3, B51, B53, B57: each field with each value that its kind can never take, NUL and 2**63 among them."""
    findings = Findings(target)
    for door in target.doors:
        for spot in door.spots():
            for value in hostile.wrong_for(spot.schema):
                what = f"{'.'.join(spot.path)} = {json.dumps(value)[:100]}"
                await findings.refused(door, what, target.url(door), **as_json(spot.body(value)))
    await findings.are_none()


@every_service
async def test_a_value_at_the_edge_of_its_kind_breaks_nothing(target: Target) -> None:
    findings = Findings(target)
    for door in target.doors:
        for spot in door.spots():
            for value in hostile.doubtful_for(spot.schema):
                what = f"{'.'.join(spot.path)} = {json.dumps(value)[:100]}"
                await findings.survived(door, what, target.url(door), **as_json(spot.body(value)))
    await findings.are_none()


@every_service
async def test_a_field_that_nobody_knows_is_refused_without_its_name(target: Target) -> None:
    """B30, B57."""
    findings = Findings(target)
    for door in target.doors:
        for spot in door.spots():
            if "properties" in spot.schema:
                body = spot.body({**example(spot.schema), MARK: 1})
                answer = await findings.refused(door, f"{spot.path} + unknown", target.url(door), **as_json(body))
                assert '"extra_forbidden"' in answer.text, f"{door} {spot.path}: {answer.text}"
    await findings.are_none()


@every_service
async def test_a_path_that_names_nothing_is_refused(target: Target) -> None:
    findings = Findings(target)
    for door in target.doors:
        for name, schema in door.asked("path").items():
            for text in hostile.PATHS:
                url = target.url(door, **{name: text})
                await findings.refused(door, f"{name} = {text}", url, named=False, **in_order(door))
            if schema.get("format") == "uuid":
                parts = as_json(example(door.bodies[JSON])) if door.bodies else {}
                await findings.survived(door, "nobody", target.url(door, **{name: hostile.NOBODY}), **parts)
    await findings.are_none()


@every_service
async def test_a_query_that_means_nothing_is_refused_by_its_name(target: Target) -> None:
    findings = Findings(target)
    for door in target.doors:
        for name, schema in door.asked("query").items():
            for text in hostile.queries_for(name, schema):
                url = f"{target.url(door)}{door.needed(name) or '?'}&{name}={text}".replace("?&", "?")
                answer = await findings.refused(door, f"{name} = {text}", url, status=422)
                assert f'"field":"{name}"' in answer.text or answer.status_code != 422, f"{door}: {answer.text}"
    await findings.are_none()


@every_service
async def test_a_query_at_the_edge_of_its_kind_breaks_nothing(target: Target) -> None:
    findings = Findings(target)
    for door in target.doors:
        for name in door.asked("query"):
            for text in hostile.ODD_QUERIES:
                await findings.survived(door, f"{name} = {text}", f"{target.url(door)}?{name}={text}")
    await findings.are_none()


@every_service
async def test_a_parameter_that_comes_twice_is_refused_by_its_name(target: Target) -> None:
    """Of two values one would count in silence; which one, differs from program to program."""
    findings = Findings(target)
    for door in target.doors:
        for name in door.asked("query") if door.path.startswith("/v1/") else ():
            for query in (f"{name}=1&{name}=1", f"{name}=1&{name}={MARK}"):
                url = f"{target.url(door)}{door.needed(name) or '?'}&{query}".replace("?&", "?")
                answer = await findings.refused(door, query, url, status=422, **in_order(door))
                assert f'"field":"{name}","code":"repeated_parameter"' in answer.text, door
    await findings.are_none()


@every_service
async def test_a_header_that_decides_and_comes_twice_is_refused(target: Target) -> None:
    """A proxy before the service may have read the other one: of `Host`, `test_on_the_wire` tries it."""
    findings = Findings(target)
    for door in target.doors:
        sent = in_order(door)
        own = {"Authorization": target.harness.http.headers["Authorization"], **sent.get("headers", {})}
        for name, more in {"Authorization": "Bearer x", "Content-Type": "text/plain", "Idempotency-Key": "b"}.items():
            twice = [*({name: "a"} | own).items(), (name, more)]
            await findings.refused(door, f"{name} twice", target.url(door), **{**sent, "headers": twice})
    await findings.are_none()


@every_service
async def test_a_cursor_that_is_none_is_refused(target: Target) -> None:
    """A cursor hides what it holds from every check of the address, for it is written in base64."""
    findings = Findings(target)
    for door in target.doors:
        if "cursor" not in door.asked("query"):
            continue
        url = f"{target.url(door)}?cursor="
        for text in hostile.CURSORS:
            await findings.refused(door, text, url + text, status=422)
        for position in hostile.POSITIONS:
            answer = await findings.survived(door, position, url + hostile.cursor_of(position))
            if answer.status_code == 200:
                for text in hostile.spoilt(position):
                    await findings.survived(door, f"{position} as {text}", url + text)
                for text in hostile.with_nul(position):
                    await findings.refused(door, f"{position} as {text}", url + text, status=422)
    await findings.are_none()


@every_service
async def test_nobody_comes_in_without_a_key(target: Target) -> None:
    """B61, B62."""
    findings = Findings(target)
    for door in target.doors:
        if door.open:
            continue
        parts, url = in_order(door), target.url(door)
        with target.nobody():
            answers = [await findings.refused(door, "no key", url, status=401, named=False, **parts)]
        for text in hostile.STRANGERS:
            sent = parts | {"headers": parts.get("headers", {}) | {"Authorization": text.encode("latin-1")}}
            answers.append(await findings.refused(door, f"key {text}", url, status=401, named=False, **sent))
        assert all(answer.headers.get("www-authenticate", "").startswith("Bearer") for answer in answers), door
        headers = parts.get("headers", {}) | {"Authorization": f"Bearer {target.stranger}"}
        await findings.refused(door, "no scope", url, status=403, named=False, **(parts | {"headers": headers}))
    await findings.are_none()


@every_service
async def test_only_pages_and_probes_are_read_without_a_key(target: Target) -> None:
    """A door that forgot its lock would be attacked by nobody in the test above."""
    opened = {str(door).partition(" ")[2] for door in target.doors if door.open}
    probes = {"GET /livez", "GET /readyz", "GET /metrics"}
    pages = {f"GET /f/{{form}}{part}" for part in ("", "/thanks", "/snippet.js", "/embed")}
    pages |= {"POST /f/{form}/thanks", "GET /scan", "GET /scan/worker.js", "GET /static/{name}"}
    pages |= {"POST /v1/scanner-pairings/redeem"}
    booking = {"GET /book/{ticket}", "POST /book/{ticket}", "GET /book/{ticket}/invitation.ics"}
    expected = {"capture": pages, "routing": booking | {"GET /calendars/{secret}"}}
    assert opened == probes | expected.get(target.harness.service.name, set())


@every_service
async def test_an_idempotency_key_that_is_none_is_refused(target: Target) -> None:
    findings = Findings(target)
    for door in target.doors:
        if "Idempotency-Key" in door.asked("header"):
            for key in hostile.KEYS:
                sent = in_order(door)
                sent["headers"] |= {"Idempotency-Key": key.encode("latin-1")}
                await findings.refused(door, f"key {key}", target.url(door), status=422, **sent)
    await findings.are_none()


@every_service
async def test_headers_and_addresses_without_end_are_refused(target: Target) -> None:
    """B77."""
    findings = Findings(target)
    for door in target.doors:
        url, large = target.url(door), {"X-Large": MARK * 20_000}
        await findings.refused(door, "100 KB of headers", url, status=431, named=False, headers=large)
        await findings.refused(door, "a long address", f"{url}?{MARK}={MARK * 5_000}", status=414, named=False)
    many = {f"X-{n}": MARK for n in range(1_200)}
    await findings.refused(door, "1,200 headers", url, status=431, named=False, headers=many)
    await findings.are_none()


@every_service
async def test_a_method_that_is_not_offered_is_answered_with_those_that_are(target: Target) -> None:
    """B78."""
    findings = Findings(target)
    offered: dict[str, dict[str, Door]] = {}
    for door in target.doors:
        offered.setdefault(door.path, {})[door.method] = door
    for doors in offered.values():
        url = target.url(next(iter(doors.values())))
        allowed = set()
        for method in {*METHODS, "TRACE"} - doors.keys():
            asked = Door(target.doors[0].service, method, url, (), {})
            answer = await findings.refused(asked, method, url, named=False)
            allowed |= {answer.headers["allow"]} if answer.status_code == 405 else set()
        assert len(allowed) == 1, url
        options = await target.send("OPTIONS", url)
        assert (options.status_code, options.text, options.headers["allow"]) == (204, "", *allowed), url
        assert doors.keys() <= set(allowed.pop().split(", ")), url
    await findings.are_none()


@every_service
async def test_methods_that_are_not_offered_add_no_metrics(target: Target) -> None:
    """X44: a series for each method, route and bucket would be kept for as long as the process lives."""

    async def series() -> int:
        return sum(not line.startswith("#") for line in (await target.send("GET", "/metrics")).text.splitlines())

    await target.send("BREW", target.url(target.doors[0]))
    await series()  # from now on it has its own
    before = await series()
    for door in target.doors:
        for method in ("BREW", "PROPFIND", "LOCK", "PATCH", "X" * 200):
            answer = await target.send(method, target.url(door))
            assert answer.status_code == 405, door
    assert await series() == before


@every_service
async def test_a_head_is_the_answer_to_a_get_without_its_body(target: Target) -> None:
    """B78."""
    for door in target.doors:
        url = target.url(door) + door.needed()
        answer = await target.send("HEAD", url)
        assert not answer.content, door
        if door.method == "GET":
            assert answer.status_code == (await target.send("GET", url)).status_code, door


@every_service
async def test_a_parameter_that_nobody_knows_is_refused_without_its_name(target: Target) -> None:
    """A filter that is misspelt must not answer with everything."""
    findings = Findings(target)
    for door in target.doors:
        if door.path.startswith("/v1/"):
            url = f"{target.url(door)}{door.needed() or '?'}&{MARK}=1"
            answer = await findings.refused(door, "unknown parameter", url, status=422, **in_order(door))
            assert '"unknown_parameter"' in answer.text, door
    await findings.are_none()


@every_service
async def test_an_address_that_is_none_is_answered_with_a_problem(target: Target) -> None:
    findings = Findings(target)
    for path in hostile.NOWHERE:
        asked = Door(target.doors[0].service, "GET", path, (), {})
        await findings.refused(asked, path, path, named=False)
    await findings.are_none()
