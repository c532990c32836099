"""Which column of a file holds what, and what its values mean: guessed, shown, saved and read again."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from rapidfuzz import fuzz, process

from events.names import fold_case_and_accents
from events.yaml_text import load_yaml
from leaks.fields import FIELDS, HEADINGS, KINDS, NEEDED, SAYS_SOMETHING, Kind
from leaks.layouts import recognise_layout

ALIKE = 90
"""Of 100: so alike a heading and a known one have to be to be taken for the same."""
VALUES = ("statuses", "requests", "touches", "reasons")


class ExportUnreadable(Exception):
    """A file cannot be read as what it was given for; the sentence names the file, the column and what to do."""


@dataclass
class FileMapping:
    """Which column of one file holds which field."""

    kind: Kind
    tool: str = ""
    """The layout that was recognised, "" for none."""
    columns: dict[str, str] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    """Columns that stand for nothing here; they are not read."""
    missing: list[str] = field(default_factory=list)
    """Fields that no column holds."""


@dataclass
class MappingChoices:
    """What somebody wrote down in a mapping file: columns by kind of file, and the meaning of values."""

    columns: dict[Kind, dict[str, str]] = field(default_factory=dict)
    statuses: dict[str, str] = field(default_factory=dict)
    """Value of the status column to `open`, `won`, `lost` or `returned`."""
    requests: dict[str, bool] = field(default_factory=dict)
    """Value of the request (or the source) to whether it is a raised hand."""
    touches: dict[str, bool] = field(default_factory=dict)
    """Kind of activity to whether it is a person's attempt to reach the lead."""
    reasons: dict[str, str] = field(default_factory=dict)
    """Free reason to a reason of the playbook."""


def fold_heading(heading: str) -> str:
    """Return a heading in lower case, without accents and signs, words apart: `E-Mail` is `e mail`.

    Example:
        >>> fold_heading("leadSource_Name (2)")
        'lead source name 2'
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    return " ".join(re.findall(r"[a-z0-9]+", fold_case_and_accents(apart)))


def guess_mapping(header: list[str], kind: Kind, chosen: Mapping[str, str], file: str) -> FileMapping:
    """Return which column of a file holds what.

    What was chosen by hand comes first, then the layout of the tool whose headings these are, then headings that
    everybody uses, then headings that are nearly those.

    Raises:
        ExportUnreadable: A chosen column is not there, or a column is missing without which the file says nothing.
    """
    for name, column in chosen.items():
        if name not in FIELDS[kind]:
            raise ExportUnreadable(f"{file}: the mapping names {name}; {kind} have {', '.join(FIELDS[kind])}")
        if column and column not in header:
            raise ExportUnreadable(f"{file}: no column {column!r} for {name}; the file has {', '.join(header)}")
    layout = recognise_layout(header, kind)
    known = layout.columns if layout else {}
    known = {name: column for name, column in known.items() if column in header and name not in chosen}
    found = FileMapping(kind, layout.tool if layout else "", {**known, **chosen})
    _map_by_common_headings(found, header)
    found.columns = {name: found.columns[name] for name in FIELDS[kind] if found.columns.get(name)}
    found.unused = [each for each in header if each and each not in found.columns.values()]
    found.missing = [name for name in FIELDS[kind] if name not in found.columns]
    lacking = [name for name in NEEDED[kind] if name not in found.columns]
    if kind == "leads" and SAYS_SOMETHING.isdisjoint(found.columns):
        lacking = ["created_at"]
    if lacking:
        wanted = "; ".join(f"{name} ({FIELDS[kind][name]})" for name in lacking)
        raise ExportUnreadable(
            f"{file}: no column was found for {wanted}. It has {', '.join(filter(None, header))}. "
            f"Name it in a mapping file: {kind}: {{{lacking[0]}: <heading>}}, and pass --mapping"
        )
    return found


def _map_by_common_headings(found: FileMapping, header: list[str]) -> None:
    """Add the fields that no layout and nobody named, by headings that everybody uses."""
    kind = found.kind
    free = {fold_heading(each): each for each in reversed(header) if each and each not in found.columns.values()}
    open_fields = [name for name in FIELDS[kind] if name not in found.columns]
    for name in open_fields:
        heading = _first_free_heading(HEADINGS[kind][name], free)
        if heading is not None:
            found.columns[name] = free.pop(heading)
    for name in open_fields:
        if name not in found.columns:
            alike = process.extractOne(HEADINGS[kind][name][0], list(free), scorer=fuzz.ratio, score_cutoff=ALIKE)
            if alike is not None:
                found.columns[name] = free.pop(alike[0])


def _first_free_heading(known: Iterable[str], free: Collection[str]) -> str | None:
    return next((heading for heading in known if heading in free), None)


def load_mapping(path: Path) -> MappingChoices:
    """Load a mapping file. Raises `ExportUnreadable` where it is none, with what is wrong in it."""
    try:
        read = load_yaml(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ExportUnreadable(f"{path}: {' '.join(str(error).split())}") from error
    if not isinstance(read, dict) or not all(isinstance(part, dict | None) for part in read.values()):
        raise ExportUnreadable(f"{path}: a mapping file has the parts {', '.join((*KINDS, *VALUES))}")
    unknown = [str(name) for name in read if name not in (*KINDS, *VALUES)]
    if unknown:
        raise ExportUnreadable(f"{path}: no part {unknown[0]!r}; there are {', '.join((*KINDS, *VALUES))}")
    return _parse_choices(path, read)


def _parse_choices(path: Path, read: dict[str, Any]) -> MappingChoices:
    found = MappingChoices({kind: _to_text_mapping(read.get(kind)) for kind in KINDS})
    found.statuses = {key.casefold(): value for key, value in _to_text_mapping(read.get("statuses")).items()}
    wrong = [value for value in found.statuses.values() if value not in OUTCOMES]
    if wrong:
        raise ExportUnreadable(f"{path}: statuses: {wrong[0]!r} is none of {', '.join(OUTCOMES)}")
    for part in ("requests", "touches"):
        flags = {str(key).casefold(): value for key, value in (read.get(part) or {}).items()}
        if not all(isinstance(value, bool) for value in flags.values()):
            raise ExportUnreadable(f"{path}: {part}: each value is true or false")
        setattr(found, part, flags)
    found.reasons = {key.casefold(): value for key, value in _to_text_mapping(read.get("reasons")).items()}
    return found


OUTCOMES = ("open", "won", "lost", "returned")


def _to_text_mapping(part: Mapping[Any, Any] | None) -> dict[str, str]:
    return {str(key): str(value) for key, value in (part or {}).items() if value is not None}


def save_mapping(path: Path, choices: MappingChoices) -> None:
    """Save what was found as a mapping file, to be corrected and passed to `--mapping`."""
    parts: dict[str, Any] = {kind: columns for kind, columns in choices.columns.items() if columns}
    parts |= {part: getattr(choices, part) for part in VALUES if getattr(choices, part)}
    text = yaml.safe_dump(parts, sort_keys=False, allow_unicode=True, width=120)
    path.write_text(
        f"# Which column holds what, and what its values mean. Correct it and pass it as --mapping.\n{text}"
    )
