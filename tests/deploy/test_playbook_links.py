"""`baton playbook check` looks across the files: a name that one uses and another does not define is reported."""

import shutil
from pathlib import Path

import pytest

from baton import playbook

FOLDER = Path(__file__).parents[2] / "deploy" / "playbook"


def changed(folder: Path, file: str, old: str, new: str) -> Path:
    """A copy of the default playbook with one name changed."""
    copy = folder / "playbook"
    shutil.copytree(FOLDER, copy)
    text = (copy / file).read_text(encoding="utf-8")
    assert old in text
    (copy / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return copy


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("scoring.yaml", "engagements: [webinar_attended]", "engagements: [webinar_atended]",
         "no engagement is called webinar_atended; did you mean webinar_attended?"),
        ("scoring.yaml", "sources: [phone, chat]", "sources: [fone, chat]",
         "no source is called fone; did you mean phone?"),
        ("scoring.yaml", "too_late: [competitor]", "too_late: [already_bought]",
         "no reason is called already_bought"),
        ("routing.yaml", "junk: [bad_data,", "junk: [bad_date,",
         "no reason is called bad_date; did you mean bad_data?"),
        ("sla.yaml", "team_calendars: {}", "team_calendars: {inbond: office}",
         "no team is called inbond; did you mean inbound?"),
        ("sla.yaml", "    when: {lead_type: [referral]}", "    when: {lead_type: [referral], segment: [enterprize]}",
         "no segment is called enterprize; did you mean enterprise?"),
        ("feedback.yaml", "engagements: [contact_sales,", "engagements: [contact_sails,",
         "no engagement is called contact_sails; did you mean contact_sales?"),
    ],
)  # fmt: skip
def test_a_name_that_no_file_defines_is_a_fault(tmp_path: Path, file: str, old: str, new: str, message: str) -> None:
    _, faults = playbook.check(changed(tmp_path, file, old, new))
    assert message in [fault.message for fault in faults]
    assert {fault.file for fault in faults} == {file}


def test_what_is_defined_and_used_nowhere_is_a_warning(tmp_path: Path) -> None:
    copy = changed(tmp_path, "capture.yaml", "  - pricing_view\n", "  - pricing_view\n  - fax_sent\n")
    rules = copy / "routing.yaml"
    text = rules.read_text(encoding="utf-8").replace("  am: {role: am,", "  idle: {role: bdr}\n  am: {role: am,", 1)
    rules.write_text(text, encoding="utf-8")
    sources, faults = playbook.check(copy)
    assert faults == []
    warned = [warning for warning in playbook.warnings(sources) if "used nowhere" in warning]
    assert warned == [
        "capture.yaml: the engagement fax_sent is defined and used nowhere",
        "routing.yaml: the team idle is defined and used nowhere",
    ]


def test_the_playbook_that_comes_along_names_nothing_unknown_and_nothing_in_vain() -> None:
    sources, faults = playbook.check(FOLDER)
    assert faults == []
    assert [warning for warning in playbook.warnings(sources) if "used nowhere" in warning] == []
