"""A CRM as a mapping file describes it: which requests it takes, and where its answers say what."""

import os
import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import yaml

NOT_FOUND, TOO_MANY, SERVER_FAULT = 404, 429, 500
LONGEST_PAUSE = 60.0
WAITS = (1.0, 5.0, 25.0)
LEFT_OUT = object()
"""In the place of a value that is not known and may lack."""


def pause(asked: str, own: float) -> float:
    """Return how long to wait, at most `LONGEST_PAUSE`: what the CRM asks for in seconds, or else our own wait."""
    return min(float(asked), LONGEST_PAUSE) if asked.isascii() and asked.isdigit() else own


class Refused(Exception):
    """The CRM said no to a request; another try would not help."""


class Crm:
    """The requests of one mapping file. `CRM_URL` and what the file names under `environment` come from outside."""

    def __init__(self, mapping: Path) -> None:
        self.rules: dict[str, Any] = yaml.safe_load(mapping.read_text(encoding="utf-8"))
        self.environment = {name: os.environ[name] for name in self.rules["environment"]}
        headers = filled(self.rules.get("headers", {}), self.environment)
        self.http = httpx.Client(base_url=os.environ["CRM_URL"], headers=headers, timeout=30)

    def upsert(self, crm_id: Any, known: dict[str, Any]) -> Any:
        """Write what is known of a person; return the record's id.

        A record that is there keeps its own fields; one that was deleted there is made again.
        """
        known = {**known, "owner": self.rules.get("owners", {}).get(known.get("rep_id"))}
        found = crm_id or next(filter(None, (self.ask(step, known) for step in self.rules["find"])), None)
        own = self._fields("lead", known)
        if found is not None and self.ask(self.rules["update"], {"id": found, "fields": own}) is not None:
            return found
        return self.ask(self.rules["create"], {"fields": {**self._fields("person", known), **own}})

    def erase(self, crm_id: Any) -> None:
        """Delete a person's record."""
        self.ask(self.rules["erase"], {"id": crm_id})

    def ask(self, step: dict[str, Any], values: dict[str, Any]) -> Any:
        """Send one request; return what its answer has at `answer`. None: it is not there, or a value is not known."""
        if step.get("quotes"):
            escaped = {name: text.replace("\\", "\\\\").replace("'", "\\'") for name, text in _texts(values).items()}
            values = {**values, **escaped}
        values = {**self.environment, **values}
        url = filled(step["url"], {name: quote(text, safe="/:?=&%" if name == "next_url" else "")
                                   for name, text in _texts(values).items()})  # fmt: skip
        params, body = (filled(step.get(part), values) for part in ("params", "json"))
        if url is None or ("params" in step and params is None) or ("json" in step and body is None):
            return None
        answer = self._sent(step.get("method", "GET"), url, params, body)
        if answer is None:
            return None
        read = answer.json() if answer.content else {}
        fault = picked(read, self.rules["fault"]) if "fault" in self.rules else None
        if answer.is_error or fault:
            raise Refused(f"{step.get('method', 'GET')} {step['url']}: {answer.status_code} {answer.text[:300]}")
        return picked(read, step.get("answer", ""))

    def _sent(self, method: str, url: str, params: Any, body: Any) -> httpx.Response | None:
        """Send it, again where the CRM is busy; raises `httpx.HTTPError` where it stays so."""
        for wait in (*WAITS, None):
            answer = self.http.request(method, url, params=params, json=body)
            if answer.status_code != TOO_MANY and answer.status_code < SERVER_FAULT:
                return None if answer.status_code == NOT_FOUND else answer
            if wait is not None:
                time.sleep(pause(answer.headers.get("Retry-After", ""), wait))
        answer.raise_for_status()
        return None

    def _fields(self, part: str, known: dict[str, Any]) -> dict[str, Any]:
        found = {theirs: filled(ours, known) for theirs, ours in self.rules[part].items()}
        return {theirs: value for theirs, value in found.items() if value is not None and value is not LEFT_OUT}


def filled(template: Any, values: dict[str, Any]) -> Any:
    """Return a template with its `{name}`s filled in, of `{first_of: [...]}` the first that is known.

    None where a value is not known; one that may lack is written `{name?}`, and its key is left out.
    """
    if isinstance(template, str):
        return _filled_text(template, values)
    if isinstance(template, dict) and "first_of" in template:
        each_filled = (filled(each, values) for each in template["first_of"])
        return next((each for each in each_filled if each is not None), None)
    if isinstance(template, dict):
        pairs = {name: filled(each, values) for name, each in template.items()}
        if any(each is None for each in pairs.values()):
            return None
        return {name: value for name, value in pairs.items() if value is not LEFT_OUT}
    if isinstance(template, list):
        whole = [filled(each, values) for each in template]
        return None if any(each is None for each in whole) else whole
    return template


def _filled_text(template: str, values: dict[str, Any]) -> Any:
    names = re.findall(r"\{(\w+)(\??)\}", template)
    lacking = [optional for name, optional in names if values.get(name) is None]
    if lacking:
        return LEFT_OUT if all(lacking) else None
    if names and re.fullmatch(r"\{\w+\??\}", template):
        return values[names[0][0]]
    return re.sub(r"\{(\w+)\??\}", lambda each: str(values[each[1]]), template)


def picked(value: Any, path: str) -> Any:
    """Return what stands at a dotted path, None where nothing does; the whole for an empty path."""
    for step in filter(None, path.split(".")):
        if isinstance(value, list):
            value = value[int(step)] if int(step) < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def _texts(values: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items() if isinstance(value, str | int)}
