"""A playbook from an export: the default one, with the company's own teams, reps, hours, sources, reasons, promises.

Each file keeps its comments; only the chapters that the export speaks of are written anew. Nothing is put in force.
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
import yaml
from rapidfuzz import fuzz, process

from events.business_time import Calendar
from leaks.chapters import extended, replaced
from leaks.fields import LEARNED
from leaks.figures import DECIDED_BY
from leaks.mapping import plain
from leaks.meanings import HAND_RAISES, has_term
from leaks.promises import Promise, due_at, hours_of, kept_promises
from leaks.reasons import Reason, match_reasons, new_rules, slug
from leaks.report import Report

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
QUEUES = ("hand-raisers", "fast-track", "referrals", "poor-fit", "event-qualified", "booked", "product", "development")


@dataclass
class Proposal:
    """What was found, to be read beside the files: `proposal.json`."""

    teams: dict[str, str] = field(default_factory=dict)
    """Team to its role."""
    reps: list[dict[str, Any]] = field(default_factory=list)
    calendar: dict[str, Any] = field(default_factory=dict)
    calendar_from: str = ""
    sources: dict[str, str] = field(default_factory=dict)
    """Source of the file to a source of the playbook."""
    reasons: list[Reason] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    what_if: dict[str, Any] = field(default_factory=dict)


def propose(report: Report, calendar: Calendar, base: Path, folder: Path) -> Proposal:
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
    found = Proposal()
    _calendar(report, calendar, found)
    hours = Calendar.model_validate(found.calendar)
    found.promises = kept_promises(report.people, hours)
    _routing(report, found, folder / "routing.yaml")
    _sla(found, folder / "sla.yaml")
    _sources(report, found, folder / "capture.yaml")
    _reasons(report, found, folder / "feedback.yaml")
    found.what_if = _what_if(report, found, hours, folder)
    _write_lists(found, folder)
    return found


def _calendar(report: Report, calendar: Calendar, found: Proposal) -> None:
    activities = report.exports.get("activities")
    seen = None
    if activities is not None:
        table = activities.table
        if "kind" in table.columns:
            touches = [each for each, counts in report.meanings.touches.items() if counts]
            table = table.filter(pl.col("kind").cast(pl.String).is_in(touches))
        seen = hours_of(table["at"], calendar)
    found.calendar = seen or calendar.model_dump(mode="json", exclude_defaults=True, exclude={"zone"})
    found.calendar = {"zone": calendar.zone, **found.calendar}
    found.calendar_from = "when people call" if seen else "what was given; too few calls show other hours"


def _routing(report: Report, found: Proposal, path: Path) -> None:
    table = report.people.table
    recent = table.filter(
        pl.col("owner").is_not_null()
        & (pl.col("created_at") >= pl.col("created_at").max() - pl.duration(days=ACTIVE_DAYS))
    ).select(owner=pl.col("owner").cast(pl.String), team=pl.col("team").cast(pl.String).fill_null("sales"))
    if recent.is_empty():
        found.notes.append("no column says who has the leads: teams and reps are those of the default playbook")
        return
    by_team = recent.group_by("team").len().sort("len", "team", descending=[True, False])["team"].to_list()
    named = {team: slug(team) or f"team_{place}" for place, team in enumerate(by_team, start=1)}
    found.teams = {named[team]: _role(team, alone=len(by_team) == 1) for team in by_team}
    own = recent.group_by("owner").agg(team=pl.col("team").mode().sort().first(), leads=pl.len())
    taken: set[str] = set()
    for owner, team, leads in own.sort("leads", "owner", descending=[True, False]).iter_rows():
        rep = _unused(re.sub(r"[^a-z0-9_.@-]+", "-", plain(owner).replace(" ", "-")).strip("-") or "rep", taken)
        found.reps.append({"rep": rep, "in_file": owner, "team": named[team], "leads": leads})
    first = next(iter(found.teams))
    teams = {name: {"role": role, "zone": found.calendar["zone"]} for name, role in found.teams.items()}
    of_role = {role: name for name, role in reversed(found.teams.items())}
    text = path.read_text(encoding="utf-8")
    queues = yaml.safe_load(text)["queues"]
    for name, queue in queues.items():
        wanted = "am" if name == "customers" else "ae" if name in {"event-qualified", "booked", "product"} else "bdr"
        queue["team"] = of_role.get(wanted, first)
    text = replaced(text, "teams", teams)
    text = replaced(text, "queues", queues)
    path.write_text(
        replaced(text, "reps", {each["rep"]: {"team": each["team"]} for each in found.reps}), encoding="utf-8"
    )


def _role(team: str, *, alone: bool) -> str:
    """Return what a team does, by its name; a team alone does all."""
    return "ae" if alone else next((role for terms, role in ROLES if has_term(team, terms)), "bdr")


def _unused(name: str, taken: set[str]) -> str:
    found, number = name[:70], 2
    while found in taken:
        found, number = f"{name[:70]}-{number}", number + 1
    taken.add(found)
    return found


def _sla(found: Proposal, path: Path) -> None:
    text = replaced(path.read_text(encoding="utf-8"), "calendars", {"office": found.calendar})
    rules = yaml.safe_load(text)
    for promise in found.promises:
        text = _promised(text, promise)
    if found.promises:
        attainment = {**rules["sales"]["attainment"], "first_touch": min(each.attainment for each in found.promises)}
        text = replaced(text, "sales", {**rules["sales"], "attainment": attainment})
    else:
        found.notes.append("the files do not show how soon leads are called: the promises are the default ones")
    path.write_text(text, encoding="utf-8")


def _promised(text: str, promise: Promise) -> str:
    """Return the promises with another first touch of a policy; whoever has to call sooner accepts sooner."""

    def policy(found: re.Match[str]) -> str:
        changed = re.sub(r"first_touch: \w+", f"first_touch: {promise.within}", found[0])
        accept = re.search(r"accept: (\w+)", changed)
        if accept and _minutes(accept[1]) > _minutes(promise.within):
            changed = changed.replace(accept[0], f"accept: {promise.within}")
        return changed

    pattern = rf"(?ms)^  - name: {promise.policy}\b.*?(?=^  - |^\S|^$)"
    return re.sub(pattern, policy, text, count=1)


def _minutes(text: str) -> int:
    return int(text[:-1]) * {"b": 1, "h": 60, "w": 24 * 60, "d": 24 * 60}[text[-1]]


def _sources(report: Report, found: Proposal, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    sources = yaml.safe_load(text)["sources"]
    if "source" not in report.people.known:
        found.notes.append("no column says where leads came from: the sources are those of the default playbook")
        return
    new: dict[str, Any] = {}
    names = [each.replace("_", " ") for each in sources]
    rows = report.document["sources"][:MOST_SOURCES]
    for name in (row["group"] for row in rows if row["group"]):
        own = slug(name)
        like = process.extractOne(plain(name), names, scorer=fuzz.ratio, score_cutoff=SAME_SOURCE)
        if like is not None:
            own = like[0].replace(" ", "_")
        elif not own:
            continue
        else:
            new[own] = {"engagement": _engagement(name)}
        found.sources[name] = own
    path.write_text(extended(text, "sources", new), encoding="utf-8")


def _engagement(source: str) -> str:
    found = next((engagement for terms, engagement in ENGAGEMENTS if has_term(source, terms)), None)
    return found or ("contact_sales" if has_term(source, HAND_RAISES) else "form_submitted")


def _reasons(report: Report, found: Proposal, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    known = yaml.safe_load(text)["reasons"]
    found.reasons = match_reasons(report.people.table, known, report.meanings.reasons)
    added = new_rules(found.reasons, known)
    if added:
        path.write_text(extended(text, "reasons", added), encoding="utf-8")
    report.meanings.reasons = {each.text: each.proposed for each in found.reasons if each.proposed}


def _what_if(report: Report, found: Proposal, calendar: Calendar, folder: Path) -> dict[str, Any]:
    """Write who would have been called until when, by whom, and which promises were missed; return the counts.

    Turns go round by the order in which leads came, as the rotation does where nobody is full or away.
    """
    if "first_touch" not in report.people.known:
        return {}
    rules = yaml.safe_load((folder / "sla.yaml").read_text(encoding="utf-8"))["policies"]
    within = {rule["name"]: rule["first_touch"] for rule in rules if rule["name"] in {"hand_raiser", "standard"}}
    table = report.people.table.filter(pl.col("created_at").is_not_null()).sort("created_at", "line")
    raised = pl.col("hand_raised").fill_null(value=False)
    table = table.with_columns(policy=pl.when(raised).then(pl.lit("hand_raiser")).otherwise(pl.lit("standard")))
    parts = []
    for policy, text in within.items():
        part = table.filter(pl.col("policy") == policy)
        parts.append(part.with_columns(due_at=due_at(part["created_at"], text, calendar)))
    reps = pl.Series([each["rep"] for each in found.reps] or [""])
    joined = pl.concat(parts).sort("created_at", "line").with_row_index("turn")
    joined = joined.with_columns(rep=reps.gather(joined["turn"] % len(reps)))
    late = pl.col("first_touch").is_null() & ~pl.col("touched") | (pl.col("first_touch") > pl.col("due_at"))
    open_yet = pl.col("due_at") > pl.lit(report.people.as_of)
    state = pl.when(late & open_yet).then(pl.lit("not due yet")).when(late).then(pl.lit("missed"))
    state = state.when(pl.col("first_touch").is_null()).then(pl.lit("unknown when"))
    joined = joined.with_columns(promise=state.otherwise(pl.lit("kept")))
    columns = ("line", "lead_id", "created_at", "policy", "rep", "due_at", "first_touch", "promise")
    joined.select(*columns).write_csv(folder / "what-if.csv")
    counted: dict[str, Any] = {}
    for policy, promise, many in joined.group_by("policy", "promise").len().sort("policy", "promise").iter_rows():
        counted.setdefault(policy, {})[promise] = many
    return counted


def _write_lists(found: Proposal, folder: Path) -> None:
    reasons = (asdict(each).values() for each in found.reasons)
    _csv(folder / "reasons.csv", ("reason", "leads", "taken for", "alike", "how"), reasons)
    _csv(folder / "sources.csv", ("source", "taken for"), found.sources.items())
    _csv(folder / "reps.csv", ("rep", "in the file", "team", "leads"), (each.values() for each in found.reps))
    document = asdict(found)
    document["promises"] = [{**asdict(each), "attainment": each.attainment} for each in found.promises]
    (folder / "proposal.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _csv(path: Path, header: tuple[str, ...], rows: Iterable[Iterable[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def learnable(report: Report) -> dict[str, list[str]]:
    """Return what points can be learned from: columns of texts of the leads that had 90 days, with their `outcome`.

    Only what a lead brought along: nothing that was written after it was won.
    """
    people = report.people
    if "outcome" not in people.known:
        return {}
    columns = [name for name in ("source", *LEARNED) if name in report.exports["leads"].mapping.columns]
    old = people.table
    if "created_at" in people.known:
        old = old.filter(pl.col("created_at") <= pl.lit(people.as_of - DECIDED_BY))
    won = pl.when(pl.col("outcome") == "won").then(pl.lit("won")).otherwise(pl.lit("not won")).alias("outcome")
    texts = old.select(*(pl.col(name).cast(pl.String).fill_null("") for name in columns), won)
    return {name: texts[name].to_list() for name in texts.columns}
