"""Reading what people export: any delimiter, any usual encoding, ragged rows, blanks, twice the same heading."""

from dataclasses import dataclass, field
from pathlib import Path

from baton.exit_codes import WrongUsageError
from filereader import HeaderMissing, TableReader

CHUNK = 1 << 20
LONGEST_ROW = 1 << 22


@dataclass
class Table:
    """Columns of texts, without surrounding space; "" is blank. `notes` tell what was odd about the file."""

    columns: dict[str, list[str]]
    rows: int
    notes: list[str] = field(default_factory=list)

    def get_column(self, name: str) -> list[str]:
        """Return a column; raises `WrongUsageError` where there is none of this name."""
        if name not in self.columns:
            raise WrongUsageError(f"no column {name!r}; the file has {', '.join(self.columns)}")
        return self.columns[name]

    def select_rows(self, rows: list[int]) -> "Table":
        """Return a table of these rows."""
        kept = {name: [texts[row] for row in rows] for name, texts in self.columns.items()}
        return Table(kept, len(rows), list(self.notes))


def read_table(path: Path) -> Table:
    """Read a list file as it comes; raises `WrongUsageError` where it holds no table."""
    reader, rows = TableReader(limit=LONGEST_ROW), []
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                rows += reader.feed(chunk)
        rows += reader.end()
    except OSError as error:
        raise WrongUsageError(f"{path}: {error.strerror or error}") from error
    except HeaderMissing as missing:
        raise WrongUsageError(f"{path}: {missing}") from missing
    facts = reader.facts
    if not rows:
        raise WrongUsageError(f"{path} holds no rows below a heading")
    heading = [name or f"column {number}" for number, name in enumerate(facts.header, start=1)]
    heading += [f"column {number}" for number in range(len(heading) + 1, facts.width + 1)]
    width = len(heading)
    good = [row for row in rows if row.cells is not None and not row.fault and row.table == 0]
    ragged = sum(len(row.cells or ()) != width for row in good)
    notes = [f"{ragged} rows have fewer cells than the heading"] if ragged else []
    if len(good) < len(rows):
        notes.append(f"{len(rows) - len(good)} rows do not fit the heading, and were left out")
    if facts.encoding != "utf-8":
        notes.append(f"the file is not UTF-8; read as {facts.encoding}")
    texts = ([cell.strip() for cell in (row.cells or [])[:width]] for row in good)
    cells = [[*row, *[""] * (width - len(row))] for row in texts]
    columns = {name: list(column) for name, column in zip(heading, zip(*cells, strict=True), strict=True)}
    return Table(columns, len(good), notes)
