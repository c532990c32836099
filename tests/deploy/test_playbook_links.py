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
        ("feedback.yaml", "no_signs: [email_open]", "no_signs: [email_opem]",
         "no engagement is called email_opem; did you mean email_open?"),
        ("feedback.yaml", "track: education", "track: educaton",
         "no track is called educaton; did you mean education?"),
        ("sla.yaml", "fast_track]}, accept: 30b", "fast_track], team: [inbond]}, accept: 30b",
         "no team is called inbond; did you mean inbound?"),
        ("sla.yaml", "  volume: []", "  volume: [{name: fairs, when: {source: [event_scann]}, per_month: 40}]",
         "no source is called event_scann; did you mean event_scan?"),
        ("routing.yaml", "rules:\n", "rules:\n  - {name: a, when: {not: {segment: [enterprize]}}, queue: product}\n",
         "no segment is called enterprize; did you mean enterprise?"),
        ("feedback.yaml", "spell_minutes: 60", "spell_minutes: 90",
         "calls within 90 minutes are one attempt here, within 1h in touches.spell of sla.yaml"),
    ],
)  # fmt: skip
def test_a_name_that_no_file_defines_is_a_fault(tmp_path: Path, file: str, old: str, new: str, message: str) -> None:
    _, faults = playbook.check_folder(changed(tmp_path, file, old, new))
    assert message in [fault.message for fault in faults]
    assert {fault.file for fault in faults} == {file}


def test_what_is_defined_and_used_nowhere_is_a_warning(tmp_path: Path) -> None:
    copy = changed(tmp_path, "capture.yaml", "  - pricing_view\n", "  - pricing_view\n  - fax_sent\n")
    rules = copy / "routing.yaml"
    definitions = copy / "definitions.yaml"
    definitions.write_text(
        definitions.read_text(encoding="utf-8").replace("tracks: ", "tracks:\n  summer: In July and August #", 1),
        encoding="utf-8",
    )
    text = rules.read_text(encoding="utf-8").replace("  am: {role: am,", "  idle: {role: bdr}\n  am: {role: am,", 1)
    rules.write_text(text, encoding="utf-8")
    sources, faults = playbook.check_folder(copy)
    assert faults == []
    warned = [warning for warning in playbook.list_warnings(sources) if "used nowhere" in warning]
    assert warned == [
        "capture.yaml: the engagement fax_sent is defined and used nowhere",
        "routing.yaml: the team idle is defined and used nowhere",
        "feedback.yaml: the track summer is defined and used nowhere",
    ]


RULE = "rules:\n  - {name: fair, when: {lead_type: [event], campaign: [sprng-fair]}, queue: product}\n"
FORM = "    engagement: content_download\n    campaign: spring-fair\n    content: pump-papre\n"
LISTS = """
campaigns:
  spring-fair: The fair in March
  summer: Nothing yet
content: {pump-paper: Pumps & pipes}
tracks:"""


def rewritten(copy: Path, file: str, old: str, new: str) -> None:
    text = (copy / file).read_text(encoding="utf-8")
    (copy / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_campaign_and_a_paper_that_the_definitions_do_not_list_are_faults(tmp_path: Path) -> None:
    """Issue 14, point 20: who lists what campaigns and content there are is told where one is misspelt."""
    copy = changed(tmp_path, "routing.yaml", "rules:\n", RULE)
    rewritten(copy, "capture.yaml", "    engagement: content_download\n", FORM)
    rewritten(copy, "definitions.yaml", "tracks:", LISTS)
    faults = [(fault.file, fault.field, fault.message) for fault in playbook.check_folder(copy)[1]]
    assert faults == [
        ("capture.yaml", "forms.whitepaper", "no content is called pump-papre; did you mean pump-paper?"),
        ("routing.yaml", "rules.fair", "no campaign is called sprng-fair; did you mean spring-fair?"),
    ]
    rewritten(copy, "capture.yaml", "pump-papre", "pump-paper")
    rewritten(copy, "routing.yaml", "sprng-fair", "spring-fair")
    sources, faults_left = playbook.check_folder(copy)
    assert faults_left == []
    warned = [warning for warning in playbook.list_warnings(sources) if "campaign" in warning]
    assert warned == ["definitions.yaml: the campaign summer is defined and used nowhere"]


def test_where_nothing_lists_campaigns_a_rule_that_waits_for_one_that_no_form_brings_is_a_warning(
    tmp_path: Path,
) -> None:
    copy = changed(tmp_path, "routing.yaml", "rules:\n", RULE)
    rewritten(copy, "capture.yaml", "    engagement: content_download\n", FORM)
    sources, faults = playbook.check_folder(copy)
    assert faults == []
    warned = [warning for warning in playbook.list_warnings(sources) if "campaign" in warning]
    assert warned == ["routing.yaml: rules.fair: no form brings the campaign sprng-fair; did you mean spring-fair?"]


def test_a_clock_that_nobody_promises_and_a_motion_that_no_segment_names_are_warnings(tmp_path: Path) -> None:
    copy = changed(
        tmp_path, "sla.yaml", "clocks: {}", "clocks: {demo_held: {starts: meeting_booked, met_by: [meeting_held]}}"
    )
    rewritten(copy, "scoring.yaml", "motions: {}", "motions: {partners: {}}")
    warned = [each for each in playbook.list_warnings(playbook.check_folder(copy)[0]) if "used nowhere" in each]
    assert warned == [
        "sla.yaml: the clock demo_held is defined and used nowhere",
        "scoring.yaml: the motion partners is defined and used nowhere",
    ]


def test_a_playbook_that_lists_no_tracks_names_what_it_likes(tmp_path: Path) -> None:
    copy = changed(tmp_path, "feedback.yaml", "track: education", "track: educaton")
    definitions = copy / "definitions.yaml"
    before, _, after = definitions.read_text(encoding="utf-8").partition("tracks:")
    definitions.write_text(before + "terms:" + after.partition("terms:")[2], encoding="utf-8")
    assert playbook.check_folder(copy)[1] == []


def test_a_term_has_one_meaning(tmp_path: Path) -> None:
    copy = changed(tmp_path, "definitions.yaml", "terms:\n", "terms:\n  - {term: sqo, means: A deal}\n")
    _, faults = playbook.check_folder(copy)
    assert [(fault.file, fault.message) for fault in faults] == [("definitions.yaml", "sqo has two meanings")]


def test_definitions_that_a_service_could_not_read_are_a_fault(tmp_path: Path) -> None:
    """Feedback alone reads the stages: what it refuses must not be put in force."""
    copy = changed(tmp_path, "definitions.yaml", "    side: marketing\n", "    side: nowhere\n")
    _, faults = playbook.check_folder(copy)
    assert [(fault.file, fault.field) for fault in faults] == [("definitions.yaml", "stages.suspect.side")]


def test_the_playbook_that_comes_along_names_nothing_unknown_and_nothing_in_vain() -> None:
    sources, faults = playbook.check_folder(FOLDER)
    assert faults == []
    assert [warning for warning in playbook.list_warnings(sources) if "used nowhere" in warning] == []
