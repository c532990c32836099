"""A calendar's host is asked by a checked address, and each host proves that it is the one that was named."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from events.runtime.outgoing import parse_allowed_targets
from routing.handlers.calendar_requests import Validators, fetch_calendar, make_client
from routing.handlers.errors import CalendarUnreadable
from tests.routing.calendar_host import ICAL, CalendarHost, hosting

INSIDE = parse_allowed_targets("127.0.0.0/8")


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[CalendarHost]:
    async with hosting(tmp_path) as listening:
        listening.answers = [(ICAL, b"BEGIN:VCALENDAR")]
        yield listening


async def test_a_host_at_the_address_of_another_proves_itself_too(host: CalendarHost) -> None:
    """`127.1` is the same address, and no name of the certificate; a connection that is kept would hide that."""
    host.keeps = True
    async with make_client(str(host.authority)) as client:
        assert await fetch_calendar(client, host.url, Validators(), INSIDE) is not None
        with pytest.raises(CalendarUnreadable) as raised:
            await fetch_calendar(client, host.url.replace("127.0.0.1", "127.1"), Validators(), INSIDE)
    assert raised.value.problem == "certificate_invalid"
    assert len(host.asked) == 1


@pytest.mark.parametrize("validator", ['"é"', '"\t"', "☃", "x" * 201])
async def test_what_cannot_be_sent_back_is_not_kept(host: CalendarHost, validator: str) -> None:
    """The next request would fail in the library, and a healthy host look as if it did not answer."""
    async with make_client(str(host.authority)) as client:
        for name in ("etag", "last-modified"):
            host.answers = [(f"{ICAL}\r\n{name}: {validator}", b"BEGIN:VCALENDAR")]
            found = await fetch_calendar(client, host.url, Validators(), INSIDE)
            assert found is not None
            assert found.validators == Validators()
