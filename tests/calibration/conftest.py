"""Short ways from a made-up world to a card."""

from collections.abc import Iterable, Mapping
from typing import Any

from baton.calibration.calibrate import Calibration, calibrate_card
from baton.calibration.evidence import TrainingData, gather_training_data
from baton.calibration.table import Table
from tests.calibration.worlds import World


def table_of(columns: Mapping[str, Iterable[Any]]) -> Table:
    """Return columns as a file would hold them."""
    texts = {name: [str(value) for value in values] for name, values in columns.items()}
    return Table(texts, len(next(iter(texts.values()))))


def evidence_of(world: World, **options: Any) -> TrainingData:
    """Return what can be learned from a world."""
    return gather_training_data(table_of({**world.columns, "won": world.won}), outcome="won", **options)


def calibrated(world: World, **options: Any) -> Calibration:
    """Learn a card from a world."""
    return calibrate_card(evidence_of(world, **options))
