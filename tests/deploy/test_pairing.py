"""A scanner is paired by a code: the event and a key for scans alone, behind the part that no server sees."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from baton.cli.keys import build_pairing_address, draw_qr_code
from baton.exit_codes import WrongUsageError


def test_the_link_opens_the_scanner_and_keeps_the_key_from_every_server() -> None:
    parts = urlsplit(build_pairing_address("expo:2026", "bk_a+b/c", "https://capture.example"))
    assert (parts.netloc, parts.path, parts.query) == ("capture.example", "/scan", "")
    assert dict(parse_qsl(parts.fragment)) == {"event": "expo:2026", "key": "bk_a+b/c"}


@pytest.mark.parametrize("event", ["", "the expo", "-expo", "x" * 101, "expo\n"])
def test_an_event_that_no_scan_could_name_is_wrong_usage(event: str) -> None:
    with pytest.raises(WrongUsageError, match="an event is named by"):
        build_pairing_address(event, "key", "https://capture.example")


def test_the_code_is_drawn_for_a_terminal() -> None:
    lines = draw_qr_code("https://capture.example/scan#event=expo&key=bk_0123456789").splitlines()
    assert len(lines) > 10
    assert {len(line) for line in lines if line} != {0}
