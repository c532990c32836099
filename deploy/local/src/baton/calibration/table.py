"""Reading what people export: any delimiter, any usual encoding, ragged rows, blanks, twice the same heading."""

import csv
import io
import sys
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from baton.outcome import WrongUsageError

DELIMITERS = ",;\t|"
SAMPLE_LINES = 50
BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass
class Table:
    """Columns of texts, without surrounding space; "" is blank. `notes` tell what was odd about the file."""

    columns: dict[str, list[str]]
    rows: int
    notes: list[str] = field(default_factory=list)

    def column(self, name: str) -> list[str]:
        """Give a column; raises `WrongUsageError` where there is none of this name."""
        if name not in self.columns:
            raise WrongUsageError(f"no column {name!r}; the file has {', '.join(self.columns)}")
        return self.columns[name]

    def keep(self, rows: list[int]) -> "Table":
        """Give a table of these rows."""
        kept = {name: [texts[row] for row in rows] for name, texts in self.columns.items()}
        return Table(kept, len(rows), list(self.notes))


def read_table(path: Path) -> Table:
    """Read a CSV file as it comes; raises `WrongUsageError` where it holds no table."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise WrongUsageError(f"{path}: {error.strerror or error}") from error
    text, encoding = _decode(raw)
    records = _records(text.replace("\0", ""))
    if len(records) < 2:  # noqa: PLR2004 - a heading and one row
        raise WrongUsageError(f"{path} holds no rows below a heading")
    heading = _heading(records[0])
    width, body = len(heading), records[1:]
    ragged = sum(len(record) != width for record in body)
    notes = [f"{ragged} rows have more or fewer cells than the heading"] if ragged else []
    if encoding == "cp1252":
        notes.append("the file is not UTF-8; read as Windows-1252")
    cells = [[cell.strip() for cell in record[:width]] + [""] * (width - len(record)) for record in body]
    columns = {name: list(texts) for name, texts in zip(heading, zip(*cells, strict=True), strict=True)}
    return Table(columns, len(body), notes)


def _records(text: str) -> list[list[str]]:
    """Cut a text into records that say anything; a cell may be of any length, and hold any line break in quotes."""
    lines = list(io.StringIO(text, newline=""))
    longest = csv.field_size_limit(sys.maxsize)
    try:
        delimiter = _delimiter(lines)
        return [record for record in csv.reader(lines, delimiter=delimiter) if any(cell.strip() for cell in record)]
    finally:
        csv.field_size_limit(longest)  # it is the whole process's


def _decode(raw: bytes) -> tuple[str, str]:
    encoding = next((name for bom, name in BOMS.items() if raw.startswith(bom)), "utf-8")
    try:
        return raw.decode(encoding), encoding
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace"), "cp1252"


def _delimiter(lines: list[str]) -> str:
    """Choose the sign that cuts most of the first lines into the same number of cells, the more cells the better."""

    def fits(sign: str) -> tuple[float, int]:
        widths = Counter(len(record) for record in islice(csv.reader(lines, delimiter=sign), SAMPLE_LINES) if record)
        width, often = widths.most_common(1)[0] if widths else (1, 0)
        return (often / max(1, widths.total()) * (width > 1), width)

    return max(DELIMITERS, key=fits)


def _heading(cells: list[str]) -> list[str]:
    seen: Counter[str] = Counter()
    names = []
    for number, cell in enumerate(cells, start=1):
        name = cell.strip() or f"column {number}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names
