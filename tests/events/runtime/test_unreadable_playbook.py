"""A playbook that cannot be read: the one line of the start says which file and where in it."""

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from events.runtime.playbooks import UNREADABLE, PlaybookVersions, describe_file_faults


class Rules(BaseModel):
    """Rules that know one field."""

    model_config = ConfigDict(extra="forbid")
    hours: int = 48


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("hours: 48\ndays: 2\n", "rules.yaml: days: Extra inputs are not permitted"),
        ("hours: [48\n", "rules.yaml: while parsing a flow sequence"),
        ("hours: \x00", "rules.yaml: unacceptable character"),
        (None, "rules.yaml: No such file or directory"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, text: str | None, line: str) -> None:
    if text is not None:
        (tmp_path / "rules.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UNREADABLE) as caught:
        PlaybookVersions(Rules, "rules.yaml").read(tmp_path)
    found = describe_file_faults("rules.yaml", caught.value)
    assert found[0].startswith(line)
    assert len(found) == 1
    assert "\n" not in found[0]
