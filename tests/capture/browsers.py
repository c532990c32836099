"""What a browser does with a form: gets it, fills it in, sends it, follows."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import httpx

from capture.domain.signatures import FormSigner, FormStamp
from events.runtime import security
from events.runtime.testing import ServiceHarness

SITE = "https://www.example.org"
ADA = {"last_name": "Long", "email": "ada@works.example"}
JSON = {"Accept": "application/json"}
SECRET = b"a secret for tests alone"
PAGE = {"Accept": "text/html,application/xhtml+xml"}


async def form_key(harness: ServiceHarness, form: str | None = "contact", *origins: str) -> str:
    """Make a public key for a form, as `baton keys create --kind form` does."""
    key_id, key, digest = security.draw_key()
    await security.insert_key(harness.raw, key_id=key_id, digest=digest, scopes=["capture:write"], kind="form")
    await harness.raw.execute(
        "insert into key_bindings (key_id, form, origins) values ($1, $2, $3)", key_id, form, list(origins or (SITE,))
    )
    return key


async def stranger(harness: ServiceHarness, **headers: str) -> httpx.AsyncClient:
    """A client without any key."""
    return httpx.AsyncClient(transport=harness.http._transport, base_url="http://service", headers=headers)


def hidden_in(html: str) -> dict[str, str]:
    """The fields that a page carries unseen."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', html)
    return {name: unescape(value) for name, value in found}


def stamped(form: str = "contact", ago: float = 30, nonce: str = "ab") -> dict[str, str]:
    """A form that was given out so many seconds ago."""
    stamp = FormStamp(datetime.now(UTC) - timedelta(seconds=ago), nonce)
    return {"form_token": FormSigner(SECRET).write_stamp(form, stamp)}


async def opened(http: httpx.AsyncClient, form: str = "contact", query: str = "") -> dict[str, str]:
    """Open a form's page; gives its hidden fields."""
    answer = await http.get(f"/f/{form}{query}", headers=PAGE)
    assert answer.status_code == 200, answer.text
    return hidden_in(answer.text)


async def submitted(http: httpx.AsyncClient, filled: Mapping[str, Any], form: str = "contact") -> httpx.Response:
    """Send a form as a script does."""
    return await http.post(f"/f/{form}", data=dict(filled), headers=JSON)
