"""Four CRMs that speak what their tools' public references document, as far as the recipes ask: a record a person.

Each checks the key, refuses fields that nobody made, and answers in its own shape. `busy` answers 429 first, as all do.
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "a-token-of-the-tests"  # noqa: S105 - it opens a stub
Answer = tuple[int, Any]
BATON = ("contact_id", "event_id", "state", "rep", "reason", "wakes_at", "opener")


@dataclass
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]


@dataclass
class Tool:
    """What every one of them has: records by id, activities, and a count of what was written."""

    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    activities: list[dict[str, Any]] = field(default_factory=list)
    writes: int = 0
    busy: int = 0
    created: int = 0

    def answer(self, asked: Asked) -> Answer:
        raise NotImplementedError

    def of(self, contact_id: str) -> dict[str, Any]:
        """Return the record of a contact, flat; {} where there is none."""
        found = (flat(each) for each in self.records.values())
        return next((each for each in found if contact_id in each.values()), {})

    def create(self, fields: dict[str, Any], number: str = "{}") -> str:
        self.writes += 1
        self.created += 1
        number = number.format(1000 + self.created)
        self.records[number] = dict(fields)
        return number

    def update(self, number: str, fields: dict[str, Any]) -> bool:
        self.writes += 1
        if number in self.records:
            self.records[number] |= fields
        return number in self.records


def flat(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record with Pipedrive's own fields beside the others."""
    return {**record, **record.get("custom_fields", {})}


class HubSpot(Tool):
    known = {"email", "firstname", "lastname", "phone", "company", "jobtitle", "hubspot_owner_id"} | {
        f"baton_{name}" for name in BATON
    }

    def answer(self, asked: Asked) -> Answer:  # noqa: PLR0911 - a request each
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {"status": "error", "category": "INVALID_AUTHENTICATION"}
        if search := re.fullmatch(r"/crm/v3/objects/(calls|emails)/search", asked.path):
            return self._search(search[1], asked.body)
        if asked.path == "/crm/v3/objects/contacts/gdpr-delete":
            self._delete(asked.body["objectId"], asked.body.get("idProperty", "id"))
            return 204, None
        if asked.path == "/crm/v3/objects/contacts/batch/upsert":
            return self._upserted(asked.body["inputs"])
        if asked.path == "/crm/v3/objects/contacts":
            return self._created(asked.body["properties"])
        key = unquote(asked.path.rsplit("/", 1)[-1])
        number: str | None = key
        if asked.query.get("idProperty") == "email":
            number = next((number for number, each in self.records.items() if each.get("email") == key), None)
        if number not in self.records:
            return 404, {"status": "error", "category": "OBJECT_NOT_FOUND"}
        if asked.method == "PATCH":
            if fault := self._fault(asked.body["properties"]):
                return fault
            self.update(number, asked.body["properties"])
        return 200, {"id": number, "properties": self.records[number]}

    def _created(self, fields: dict[str, Any]) -> Answer:
        if fault := self._fault(fields):
            return fault
        if fields.get("email") in {each.get("email") for each in self.records.values()} - {None}:
            return 409, {"status": "error", "message": "Contact already exists", "category": "CONFLICT"}
        return 201, {"id": self.create(fields), "properties": fields}

    def _delete(self, key: str, name: str) -> None:
        of = {number: number if name == "id" else each.get(name) for number, each in self.records.items()}
        self.records = {number: each for number, each in self.records.items() if of[number] != key}

    def _upserted(self, inputs: list[dict[str, Any]]) -> Answer:
        emails = [each["id"] for each in inputs if each["idProperty"] == "email"]
        if not 0 < len(inputs) <= 100 or len(set(emails)) < len(inputs):
            return 400, {"status": "error", "category": "VALIDATION_ERROR"}
        for each in inputs:
            if fault := self._fault(each["properties"]):
                return fault
        for each in inputs:
            number = next((key for key, record in self.records.items() if record.get("email") == each["id"]), None)
            _ = self.create(each["properties"]) if number is None else self.update(number, each["properties"])
        return 200, {"status": "COMPLETE", "results": []}

    def _fault(self, fields: dict[str, Any]) -> Answer | None:
        unknown = sorted(set(fields) - self.known)
        return (400, {"status": "error", "message": f"Property {unknown} does not exist"}) if unknown else None

    def _search(self, kind: str, body: dict[str, Any]) -> Answer:
        (wanted,) = body["filterGroups"][0]["filters"]
        assert (wanted["propertyName"], wanted["operator"]) == ("hs_lastmodifieddate", "GTE")
        assert int(wanted["value"]) > 1_700_000_000_000
        own = [each for each in self.activities if each["of"] == kind]
        start, limit = int(body.get("after", 0)), 2
        page = [{name: value for name, value in each.items() if name != "of"} for each in own[start : start + limit]]
        following = {"paging": {"next": {"after": str(start + limit)}}} if start + limit < len(own) else {}
        return 200, {"total": len(own), "results": page, **following}


class Salesforce(Tool):
    known = {"Email", "Phone", "FirstName", "LastName", "Company", "Title", "OwnerId"} | {
        f"Baton_{'_'.join(part.capitalize() for part in name.split('_'))}__c" for name in BATON
    }
    base = "/services/data/v62.0"

    def answer(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, [{"errorCode": "INVALID_SESSION_ID"}]
        if asked.path.startswith(f"{self.base}/query"):
            return self._query(asked)
        parts = asked.path.removeprefix(f"{self.base}/sobjects/Lead").strip("/").split("/")
        if asked.method in {"POST", "PATCH"}:
            return self._written(asked.method, parts[0], asked.body)
        if asked.method == "DELETE":
            del self.records[parts[0]]
            return 204, None
        name, value = parts
        found = next((number for number, each in self.records.items() if each.get(name) == value), None)
        return (200, {"Id": found}) if found else (404, [{"errorCode": "NOT_FOUND"}])

    def _written(self, method: str, number: str, fields: dict[str, Any]) -> Answer:
        unknown = sorted(set(fields) - self.known)
        if unknown:
            return 400, [{"errorCode": "INVALID_FIELD", "message": f"No such column {unknown}"}]
        if method == "PATCH":
            return (204, None) if self.update(number, fields) else (404, [{"errorCode": "NOT_FOUND"}])
        if not (fields.get("LastName") and fields.get("Company")):
            return 400, [{"errorCode": "REQUIRED_FIELD_MISSING"}]
        return 201, {"id": self.create(fields, "00Q00000000000{}"), "success": True, "errors": []}

    def _query(self, asked: Asked) -> Answer:
        if asked.path.endswith("-2000"):
            return 200, {"done": True, "records": self.activities[1:]}
        text = asked.query["q"]
        if "FROM Task" in text:
            assert re.search(r"LastModifiedDate >= \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", text)
            return 200, {"done": False, "records": self.activities[:1], "nextRecordsUrl": f"{self.base}/query/01g-2000"}
        email = re.search(r"Email = '((?:[^'\\]|\\.)*)' ORDER BY", text)
        assert email, text
        wanted = re.sub(r"\\(.)", r"\1", email[1])
        found = [{"Id": number} for number, each in self.records.items() if each.get("Email") == wanted]
        return 200, {"done": True, "records": found[:1]}


class Pipedrive(Tool):
    def answer(self, asked: Asked) -> Answer:  # noqa: PLR0911 - a request each
        if asked.headers.get("x-api-token") != TOKEN:
            return 401, {"success": False, "error": "unauthorized access"}
        if asked.path == "/api/v2/activities":
            start = int(asked.query.get("cursor", 0))
            following = str(start + 1) if start + 1 < len(self.activities) else None
            page = self.activities[start : start + 1]
            return 200, {"success": True, "data": page, "additional_data": {"next_cursor": following}}
        if asked.path == "/api/v2/persons/search":
            assert (asked.query["fields"], asked.query["exact_match"]) == ("email", "true")
            found = [number for number, each in self.records.items() if self._email(each) == asked.query["term"]]
            return 200, {"success": True, "data": {"items": [{"item": {"id": int(number)}} for number in found]}}
        if asked.method == "DELETE":
            del self.records[asked.path.rsplit("/", 1)[-1]]
            return 200, {"success": True, "data": {}}
        unknown = [key for key in asked.body.get("custom_fields", {}) if not re.fullmatch(r"[a-z0-9]{40}", key)]
        if unknown or not set(asked.body) <= {"name", "emails", "phones", "owner_id", "custom_fields"}:
            return 400, {"success": False, "error": f"unknown field {unknown}"}
        if asked.method == "PATCH":
            number = asked.path.rsplit("/", 1)[-1]
            asked.body["custom_fields"] = self.records[number].get("custom_fields", {}) | asked.body["custom_fields"]
            self.update(number, asked.body)
            return 200, {"success": True, "data": {"id": int(number)}}
        assert asked.body["name"]
        return 201, {"success": True, "data": {"id": int(self.create(asked.body))}}

    def _email(self, record: dict[str, Any]) -> str | None:
        return next((each["value"] for each in record.get("emails", ())), None)


class Odoo(Tool):
    known = {"name", "contact_name", "email_from", "phone", "partner_name", "function", "user_id"} | {
        f"x_baton_{name}" for name in BATON
    }

    def answer(self, asked: Asked) -> Answer:
        assert (asked.path, asked.body["params"]["method"]) == ("/jsonrpc", "execute_kw")
        database, uid, key, model, method, args, *more = asked.body["params"]["args"]
        if (database, uid, key) != ("works", 2, TOKEN):
            return 200, {"jsonrpc": "2.0", "error": {"message": "Access Denied"}}
        if model == "mail.message":
            start = more[0]["offset"]
            return 200, {"jsonrpc": "2.0", "result": self.activities[start : start + 1]}
        return 200, {"jsonrpc": "2.0", **self._lead(method, args)}

    def _lead(self, method: str, args: list[Any]) -> dict[str, Any]:
        if method == "search":
            ((name, sign, value),) = args[0]
            assert sign == "="
            name = "email_from" if name == "email_normalized" else name
            return {"result": [int(number) for number, each in self.records.items() if each.get(name) == value][:1]}
        if method == "unlink":
            for number in args[0]:
                del self.records[str(number)]
            return {"result": True}
        unknown = sorted(set(args[-1]) - self.known)
        if unknown:
            return {"error": {"message": "Odoo Server Error", "data": {"message": f"Invalid field {unknown}"}}}
        if method == "write":
            assert all(isinstance(number, int) for number in args[0])
            return {"result": [self.update(str(number), args[1]) for number in args[0]] == [True]}
        assert args[0]["name"]
        return {"result": int(self.create(args[0]))}


TOOLS: dict[str, type[Tool]] = {"hubspot": HubSpot, "salesforce": Salesforce, "pipedrive": Pipedrive, "odoo": Odoo}


@contextmanager
def served(tool: Tool) -> Iterator[str]:
    """Serve a tool until the block ends; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            if tool.busy:
                tool.busy -= 1
                status, value = 429, None
            else:
                body = json.loads(raw) if raw else None
                status, value = tool.answer(Asked(self.command, parts.path, query, body, headers))
            sent = b"" if value is None else json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Retry-After", "0")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815 - names that http.server looks for

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
