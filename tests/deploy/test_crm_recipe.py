"""How long the recipe beside a CRM waits when it is told to come back later."""

import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

PAUSE: Callable[[str, float], float] = runpy.run_path(str(Path(__file__).parents[2] / "deploy" / "crm" / "crm.py"))[
    "pause"
]


@pytest.mark.parametrize(
    ("asked", "waits"),
    [("3", 3.0), ("99999999", 60.0), ("", 5.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 5.0), ("nan", 5.0), ("-1", 5.0)],
)
def test_a_crm_asks_for_seconds_or_is_asked_again_after_our_own_wait(asked: str, waits: float) -> None:
    assert PAUSE(asked, 5.0) == waits
