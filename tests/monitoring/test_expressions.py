"""Every query of every panel is one that Prometheus reads."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.monitoring.prometheus import RULES, queries


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not on the PATH (`make prometheus`)")
def test_every_query_of_every_panel_is_read(tmp_path: Path) -> None:
    """As recording rules, because `promtool` reads these."""
    rules = [{"record": f"asked:{number}", "expr": query.expression} for number, query in enumerate(queries())]
    assert len(rules) > 40
    path = tmp_path / "panels.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    for each in (path, RULES / "alerts.yml"):
        done = subprocess.run(["promtool", "check", "rules", str(each)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not on the PATH (`make prometheus`)")
def test_the_configuration_is_read() -> None:
    done = subprocess.run(
        ["promtool", "check", "config", str(RULES / "prometheus.yml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
