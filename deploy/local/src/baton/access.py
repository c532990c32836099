"""Everything held about a person, from all six services, as one document: the answer to an access request.

Capture knows who the person is and under which ids; each service then gives every row that names one of these. A
service that cannot be asked is named, for a document that looks whole and is not would be worse than none.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from baton.chosen_kafka import PRINTED_FROM
from baton.exit_codes import FoundWrongError, WrongUsageError
from baton.service_client import open_service_clients
from baton.services import SERVICES
from baton.stack import Stack
from baton_client import ClientError

if TYPE_CHECKING:
    from baton_client.generated.async_operations.capture import AsyncCapture

KEY = "BATON_API_KEY"


@dataclass(frozen=True)
class ServiceAddresses:
    """Where the services are, by name, and a key that opens them."""

    urls: Mapping[str, str]
    key: str

    @property
    def api_key(self) -> str:
        """The key that opens them."""
        return self.key

    @classmethod
    def from_environment(cls) -> "ServiceAddresses | None":
        """Return those that somebody named: all six and a key in the environment, and not by `baton env`."""
        urls = {service.name: url for service in SERVICES if (url := os.environ.get(f"BATON_{service.short}_URL"))}
        key = os.environ.get(KEY)
        if not key or len(urls) != len(SERVICES) or PRINTED_FROM in os.environ:
            return None
        return cls({name: url.rstrip("/") for name, url in urls.items()}, key)

    @classmethod
    def find(cls, directory: Path) -> "ServiceAddresses":
        """Return those that the environment names, the others as in the stack that is up in `directory`."""
        named = {service.name: url for service in SERVICES if (url := os.environ.get(f"BATON_{service.short}_URL"))}
        key = os.environ.get(KEY)
        if len(named) == len(SERVICES) and key:
            return cls(named, key)
        stack = Stack.load(directory)
        return cls({**stack.urls, **named}, key or stack.secrets.api_key)


def load_stack_unless_remote(directory: Path, way: str) -> Stack:
    """Return the stack that is up in `directory`, for a command that needs more than services answer.

    Raises:
        WrongUsageError: See `refuse_remote_services`.
    """
    refuse_remote_services(way)
    return Stack.load(directory)


def refuse_remote_services(way: str) -> None:
    """Refuse a command that works on a folder where somebody named services elsewhere: it is not what they mean.

    Raises:
        WrongUsageError: Somebody did; `way` says what the command needs.
    """
    if ServiceAddresses.from_environment() is not None:
        raise WrongUsageError(f"BATON_*_URL and {KEY} name services elsewhere, but {way}")


async def load_personal_data(places: ServiceAddresses, who: str) -> dict[str, Any]:
    """Return what each service holds, by service and contact id, and which could not be asked and why."""
    services: dict[str, Any] = {}
    not_asked: dict[str, str] = {}
    async with open_service_clients(places) as baton:
        document = await _load_capture_document(baton.capture, who)
        ids = [document["contact_id"], *(each["contact_id"] for each in document.get("merged", ()))]
        for name in places.urls:
            try:
                services[name] = {each: (await baton.service(name).show_rows(each)).held for each in ids}
            except ClientError as error:
                not_asked[name] = str(error)
    if not not_asked and not any(rows for tables in services.values() for rows in tables.values()):
        raise FoundWrongError(f"nothing is held about {who}")
    return {"contact_ids": ids, "document": document, "held": services, "not_asked": not_asked}


async def _load_capture_document(capture: "AsyncCapture", who: str) -> dict[str, Any]:
    """Return the person as capture shows them; for an id that it cannot show, the id alone."""
    if "@" in who:
        return (await capture.find_contact(email=who)).model_dump(mode="json")
    try:
        given = UUID(who)
    except ValueError:
        raise FoundWrongError(f"'{who}' is no id and no e-mail") from None
    try:
        return (await capture.show_contact(given)).model_dump(mode="json")
    except ClientError:
        return {"contact_id": str(given)}
