"""How an answer is written: JSON, with ids, times and consents as the events write them."""

from typing import Any

import orjson
from starlette.responses import Response

from events.contacts import Consent
from events.runtime.bodies import JSON


def json_of(body: Any, status: int = 200) -> Response:
    """Return an answer with this body; ids, times and consents are written as the events write them."""
    return Response(orjson.dumps(body, default=_plain), status, media_type=JSON)


def _plain(value: object) -> Any:
    return value.model_dump(mode="json") if isinstance(value, Consent) else str(value)
