"""The data sets of `docs/calibration.md` that look like leads, each through `baton leaks` and by hand.

They are fetched by whoever wants to look, as the page says; `BATON_DATA_SETS` names the folder with their CSV files.
"""

import csv
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from baton.cli import run
from tests.leaks import by_hand

FOLDER = os.environ.get("BATON_DATA_SETS")


class Asked(NamedTuple):
    """What stands for where people came from, and for what became of them."""

    source: str
    outcome: str
    won: str
    lost: str


SETS = {
    "wa_churn": Asked("payment_method", "churn", "Yes", "No"),
    "Caravan": Asked("MOSHOOFD", "Purchase", "Yes", "No"),
    "resume": Asked("job_type", "received_callback", "1", "0"),
    "mlc_churn": Asked("state", "churn", "yes", "no"),
    "attrition": Asked("Department", "Attrition", "Yes", "No"),
    "OJ": Asked("StoreID", "Purchase", "MM", "CH"),
}


@pytest.mark.skipif(FOLDER is None, reason="BATON_DATA_SETS names no folder: see docs/calibration.md for the data sets")
@pytest.mark.parametrize("name", SETS)
def test_sources_and_outcomes_of_a_public_data_set_are_those_of_the_file(name: str, tmp_path: Path) -> None:
    path, asked = Path(str(FOLDER)) / f"{name}.csv", SETS[name]
    mapping = tmp_path / "columns.yaml"
    columns = {"source": asked.source, "status": asked.outcome}
    mapping.write_text(yaml.safe_dump({"leads": columns, "statuses": {asked.won: "won", asked.lost: "lost"}}))
    assert run(["leaks", str(path), "--out", str(tmp_path / "out"), "--mapping", str(mapping)]) == 0
    document: dict[str, Any] = json.loads((tmp_path / "out" / "leaks.json").read_text())
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    volumes = Counter(row[asked.source] or None for row in rows)
    won = Counter(row[asked.source] or None for row in rows if row[asked.outcome] == asked.won)
    assert {row["group"]: row["leads"] for row in document["sources"]} == volumes
    assert {row["group"]: row["won"] for row in document["sources"]} == {group: won[group] for group in volumes}
    for row in document["sources"]:
        interval = by_hand.interval(won[row["group"]], volumes[row["group"]])
        assert (row["low"], row["high"]) == pytest.approx(interval)
    assert document["outcomes"] == {"won": won.total(), "lost": len(rows) - won.total()}
