"""Three faults in a few minutes: the long form is `make chaos`."""

from collections.abc import AsyncIterator

import pytest

from baton import kafka
from tests.chaos import faults, report, rig, running  # noqa: F401 - importing faults registers them
from tests.chaos.fault import FAULTS
from tests.chaos.rig import Rig, Size

FAULTS_AT_MOST, RATE, SEED = 3, 4.0, 3
LONGEST_MINUTES = 10.0

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.skipif(kafka.choose_kafka() != "apache", reason="needs Apache Kafka of its own (Java 17+ and Maven)"),
]


@pytest.fixture(scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Rig]:
    """Two copies of each service, one broker, no fsync: faults of the disk are the long form's."""
    async with rig.up(tmp_path_factory.mktemp("chaos"), Size()) as system:
        yield system


async def test_whatever_breaks_nothing_is_lost_or_done_twice(system: Rig) -> None:
    """X43, X44: three faults of the short form, drawn by the seed, while people post, are worked and are erased.

    A slow machine takes longer and injects the same. At the end nothing of the erased is left, and metrics are bounded.
    """
    short = [fault for fault in FAULTS.values() if fault.short]
    outcome = await running.run(system, short, seed=SEED, minutes=LONGEST_MINUTES, rate=RATE, most=FAULTS_AT_MOST)
    assert outcome.clean, report.table(outcome)
    assert outcome.injected
