"""A playbook from an export: the default one, with the company's own teams, reps, hours, sources, reasons, promises.

Each file keeps its comments; only the sections that the export speaks of are written anew. Nothing is put in force.
"""

import csv
import json
import re
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
from rapidfuzz import fuzz, process

from events.business_time import Calendar
from events.yaml_text import load_yaml
from leaks.fields import LEARNED
from leaks.figures import DECIDED_BY
from leaks.mapping import fold_heading
from leaks.meanings import HAND_RAISES, has_term
from leaks.parts import collect_table
from leaks.promises import ENOUGH_LEADS, ProposedPromise, infer_working_hours, propose_promises
from leaks.reasons import MatchedReason, make_missing_reason_rules, make_rule_name, match_reasons
from leaks.report import LeaksReport
from leaks.time_columns import INSTANT
from leaks.what_if import write_what_if
from leaks.yaml_sections import extend_section, replace_section

ACTIVE_DAYS = 180
"""Who got no lead for so long is no rep any more."""
SAME_SOURCE = 85
MOST_SOURCES = 40
ENGAGEMENTS = (
    (("webinar",), "webinar_attended"),
    (("event", "fair", "trade show", "tradeshow", "conference", "messe", "booth"), "event_scan"),
    (("referral", "referred", "partner", "recommendation", "empfehlung"), "referral"),
    (("chat",), "live_chat"),
    (("phone", "call", "inbound call", "telefon"), "phone_call"),
    (("download", "white paper", "whitepaper", "ebook", "content", "paper"), "content_download"),
    (("list", "import", "purchased", "cold", "outbound"), "imported"),
    (("social", "linkedin", "facebook", "instagram"), "social"),
)
ROLES = (
    (("am", "account management", "account manager", "customer", "success", "cs"), "am"),
    (("ae", "closing", "closer", "account executive", "field", "enterprise"), "ae"),
)


@dataclass
class PlaybookProposal:
    """What was found, to be read beside the files: `proposal.json`."""

    teams: dict[str, str] = field(default_factory=dict)
    """Team to its role."""
    reps: list[dict[str, Any]] = field(default_factory=list)
    calendar: dict[str, Any] = field(default_factory=dict)
    calendar_from: str = ""
    sources: dict[str, str] = field(default_factory=dict)
    """Source of the file to a source of the playbook."""
    reasons: list[MatchedReason] = field(default_factory=list)
    promises: list[ProposedPromise] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    what_if: dict[str, Any] = field(default_factory=dict)


def write_proposed_playbook(report: LeaksReport, calendar: Calendar, base: Path, folder: Path) -> PlaybookProposal:
    """Write a playbook to `folder` that begins with the files of `base`; return what was proposed.

    Args:
        report: The export, read and counted.
        calendar: The hours that count where the calls do not show others.
        base: The folder of the playbook to begin with.
        folder: Where the playbook is written, with `proposal.json` and the lists to correct it by.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for file in base.glob("*.yaml"):
        shutil.copyfile(file, folder / file.name)
    found = PlaybookProposal()
    _propose_calendar(report, calendar, found)
    hours = Calendar.model_validate(found.calendar)
    found.promises = propose_promises(report.leads, hours)
    _write_routing_rules(report, found, folder / "routing.yaml")
    _write_sla_rules(found, folder / "sla.yaml")
    _write_source_rules(report, found, folder / "capture.yaml")
    _write_reason_rules(report, found, folder / "feedback.yaml")
    rules = load_yaml((folder / "sla.yaml").read_text(encoding="utf-8"))["policies"]
    within = {rule["name"]: rule["first_touch"] for rule in rules if rule["name"] in {"hand_raiser", "standard"}}
    reps = [each["rep"] for each in found.reps]
    found.what_if = write_what_if(report.leads, reps, within, hours, folder / "what-if.csv")
    _write_csv_lists(found, folder)
    return found


def _propose_calendar(report: LeaksReport, calendar: Calendar, found: PlaybookProposal) -> None:
    activities = report.exports.get("activities")
    seen = None
    if activities is not None:
        table = activities.table
        if "kind" in activities.mapping.columns:
            touches = [each for each, counts in report.meanings.touches.items() if counts]
            table = table.filter(pl.col("kind").cast(pl.String).is_in(touches))
        seen = infer_working_hours(table.select("at"), calendar)
    found.calendar = seen or calendar.model_dump(mode="json", exclude_defaults=True, exclude={"zone"})
    found.calendar = {"zone": calendar.zone, **found.calendar}
    found.calendar_from = "when people call" if seen else "what was given; too few calls show other hours"


def _write_routing_rules(report: LeaksReport, found: PlaybookProposal, path: Path) -> None:
    table = report.leads.table
    last = collect_table(table.select(pl.col("created_at").max() - pl.duration(days=ACTIVE_DAYS))).item()
    active = pl.col("owner").is_not_null() & (pl.col("created_at") >= pl.lit(last, dtype=INSTANT))
    recent = collect_table(
        table.filter(active)
        .group_by(owner=pl.col("owner").cast(pl.String), team=pl.col("team").cast(pl.String).fill_null("sales"))
        .agg(leads=pl.len())
    )
    if recent.is_empty():
        found.notes.append("no column says who has the leads: teams and reps are those of the default playbook")
        return
    sizes = recent.group_by("team").agg(pl.col("leads").sum())
    by_team = sizes.sort("leads", "team", descending=[True, False])["team"].to_list()
    named = {team: make_rule_name(team) or f"team_{place}" for place, team in enumerate(by_team, start=1)}
    found.teams = {named[team]: _guess_team_role(team, alone=len(by_team) == 1) for team in by_team}
    usual = recent.sort("leads", "team", descending=[True, False])
    own = usual.group_by("owner").agg(pl.col("team").first(), pl.col("leads").sum())
    taken: set[str] = set()
    for owner, team, leads in own.sort("leads", "owner", descending=[True, False]).iter_rows():
        rep = _make_unused_name(
            re.sub(r"[^a-z0-9_.@-]+", "-", fold_heading(owner).replace(" ", "-")).strip("-") or "rep", taken
        )
        found.reps.append({"rep": rep, "in_file": owner, "team": named[team], "leads": leads})
    first = next(iter(found.teams))
    teams = {name: {"role": role, "zone": found.calendar["zone"]} for name, role in found.teams.items()}
    of_role = {role: name for name, role in reversed(found.teams.items())}
    text = path.read_text(encoding="utf-8")
    queues = load_yaml(text)["queues"]
    for name, queue in queues.items():
        wanted = "am" if name == "customers" else "ae" if name in {"event-qualified", "booked", "product"} else "bdr"
        queue["team"] = of_role.get(wanted, first)
    text = replace_section(text, "teams", teams)
    text = replace_section(text, "queues", queues)
    path.write_text(
        replace_section(text, "reps", {each["rep"]: {"team": each["team"]} for each in found.reps}), encoding="utf-8"
    )


def _guess_team_role(team: str, *, alone: bool) -> str:
    """Return what a team does, by its name; a team alone does all."""
    return "ae" if alone else next((role for terms, role in ROLES if has_term(team, terms)), "bdr")


def _make_unused_name(name: str, taken: set[str]) -> str:
    found, number = name[:70], 2
    while found in taken:
        found, number = f"{name[:70]}-{number}", number + 1
    taken.add(found)
    return found


def _write_sla_rules(found: PlaybookProposal, path: Path) -> None:
    text = replace_section(path.read_text(encoding="utf-8"), "calendars", {"office": found.calendar})
    rules = load_yaml(text)
    for promise in found.promises:
        text = _replace_first_touch_promise(text, promise)
    if found.promises:
        attainment = {**rules["sales"]["attainment"], "first_touch": min(each.attainment for each in found.promises)}
        text = replace_section(text, "sales", {**rules["sales"], "attainment": attainment})
    else:
        found.notes.append(
            "no promise is seen to be kept: the promises are the default ones (it takes the times of "
            f"{ENOUGH_LEADS} first calls by the better half of the reps)"
        )
    path.write_text(text, encoding="utf-8")


def _replace_first_touch_promise(text: str, promise: ProposedPromise) -> str:
    """Return the promises with another first touch of a policy; whoever has to call sooner accepts sooner."""

    def policy(found: re.Match[str]) -> str:
        changed = re.sub(r"first_touch: \w+", f"first_touch: {promise.within}", found[0])
        accept = re.search(r"accept: (\w+)", changed)
        if accept and _duration_to_minutes(accept[1]) > _duration_to_minutes(promise.within):
            changed = changed.replace(accept[0], f"accept: {promise.within}")
        return changed

    pattern = rf"(?ms)^  - name: {promise.policy}\b.*?(?=^  - |^\S|^$)"
    return re.sub(pattern, policy, text, count=1)


def _duration_to_minutes(text: str) -> int:
    return int(text[:-1]) * {"b": 1, "h": 60, "w": 24 * 60, "d": 24 * 60}[text[-1]]


def _write_source_rules(report: LeaksReport, found: PlaybookProposal, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    sources = load_yaml(text)["sources"]
    if "source" not in report.leads.known:
        found.notes.append("no column says where leads came from: the sources are those of the default playbook")
        return
    new: dict[str, Any] = {}
    names = [each.replace("_", " ") for each in sources]
    rows = report.document["sources"][:MOST_SOURCES]
    for name in (row["group"] for row in rows if row["group"]):
        own = make_rule_name(name)
        like = process.extractOne(fold_heading(name), names, scorer=fuzz.ratio, score_cutoff=SAME_SOURCE)
        if like is not None:
            own = like[0].replace(" ", "_")
        elif not own:
            continue
        else:
            new[own] = {"engagement": _guess_engagement_of_source(name)}
        found.sources[name] = own
    path.write_text(extend_section(text, "sources", new), encoding="utf-8")


def _guess_engagement_of_source(source: str) -> str:
    found = next((engagement for terms, engagement in ENGAGEMENTS if has_term(source, terms)), None)
    return found or ("contact_sales" if has_term(source, HAND_RAISES) else "form_submitted")


def _write_reason_rules(report: LeaksReport, found: PlaybookProposal, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    known = load_yaml(text)["reasons"]
    found.reasons = match_reasons(report.leads.table, known, report.meanings.reasons)
    added = make_missing_reason_rules(found.reasons, known)
    if added:
        path.write_text(extend_section(text, "reasons", added), encoding="utf-8")
    report.meanings.reasons = {each.text: each.proposed for each in found.reasons if each.proposed}


def _write_csv_lists(found: PlaybookProposal, folder: Path) -> None:
    reasons = (asdict(each).values() for each in found.reasons)
    _write_csv(folder / "reasons.csv", ("reason", "leads", "taken for", "alike", "how"), reasons)
    _write_csv(folder / "sources.csv", ("source", "taken for"), found.sources.items())
    _write_csv(folder / "reps.csv", ("rep", "in the file", "team", "leads"), (each.values() for each in found.reps))
    document = asdict(found)
    document["promises"] = [{**asdict(each), "attainment": each.attainment} for each in found.promises]
    (folder / "proposal.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _write_csv(path: Path, header: tuple[str, ...], rows: Iterable[Iterable[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def build_training_columns(report: LeaksReport) -> dict[str, list[str]]:
    """Return what points can be learned from: columns of texts of the leads that had 90 days, with their `outcome`.

    Only what a lead brought along: nothing that was written after it was won.
    """
    leads = report.leads
    if "outcome" not in leads.known:
        return {}
    columns = [name for name in ("source", *LEARNED) if name in report.exports["leads"].mapping.columns]
    old = leads.table
    if "created_at" in leads.known:
        old = old.filter(pl.col("created_at") <= pl.lit(leads.as_of - DECIDED_BY))
    won = pl.when(pl.col("outcome") == "won").then(pl.lit("won")).otherwise(pl.lit("not won")).alias("outcome")
    texts = collect_table(old.select(*(pl.col(name).cast(pl.String).fill_null("") for name in columns), won))
    return {name: texts[name].to_list() for name in texts.columns}
