"""An export as a narrow table: only columns that stand for something are read, a batch at a time.

E-mails and phones leave their batch as hashes under a key of this run, so no report can hold them, nor the disk.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import polars as pl

from filereader import FileRow, HeaderMissing, TableReader
from leaks.fields import HASHED, TIMES, Kind
from leaks.mapping import ExportUnreadable, FileMapping, guess_mapping
from leaks.parts import SEED, PartWriter, TableParts
from leaks.time_columns import INSTANT, DateOrderCounts, Order, read_times_in_each_order

CHUNK = 1 << 20
LONGEST_ROW = 1 << 20
BATCH = 20_000
NUMBERS = frozenset(("amount", "touch_count"))
KEPT_AS_TEXT = frozenset(("lead_id",))
_AMOUNT = r"[^0-9.,-]"
VALUED = ("status", "request", "source", "kind")
"""Fields whose values mean something."""


class ReadingProgress(Protocol):
    """Receives how far a file has been read."""

    def __call__(self, file: str, done: int, total: int) -> None:
        """Receive the bytes read of all bytes of a file."""


@dataclass
class ReadExport:
    """One file as it was read."""

    file: str
    mapping: FileMapping
    parts: TableParts
    """Its rows, each time in three columns: as it is read in any order, with the day first, with the month first."""
    order: Order
    values: dict[str, set[str]] = field(default_factory=dict)
    """The values of the fields whose values mean something."""
    rows: int = 0
    encoding: str = "utf-8"
    faults: dict[str, int] = field(default_factory=dict)
    """How many cells or rows could not be used, by what was wrong."""

    @property
    def table(self) -> pl.LazyFrame:
        """All rows, in no order."""
        return self._with_date_order(self.parts.scan_all_parts())

    def part(self, number: int) -> pl.DataFrame:
        """Return the rows of one part, in the order of the file."""
        return self._with_date_order(self.parts.scan_part(number)).collect()

    def _with_date_order(self, table: pl.LazyFrame) -> pl.LazyFrame:
        """Return a table with each time read in the file's order of day and month."""
        times = [name for name in self.mapping.columns if name in TIMES]
        read = {name: pl.coalesce(name, f"{name}:{self.order}").cast(INSTANT) for name in times}
        return table.with_columns(**read).drop(f"{name}:{each}" for name in times for each in ("dmy", "mdy"))


@dataclass
class _BatchCollector:
    """What has been read so far, in columns."""

    mapping: FileMapping
    zone: str
    writer: PartWriter
    values: dict[str, set[str]] = field(default_factory=dict)
    orders: DateOrderCounts = field(default_factory=DateOrderCounts)
    faults: dict[str, int] = field(default_factory=dict)

    def fault(self, name: str, count: int) -> None:
        if count:
            self.faults[name] = self.faults.get(name, 0) + count

    def add(self, lines: list[int], cells: Mapping[str, list[str]]) -> None:
        columns: dict[str, pl.Series] = {"line": pl.Series(lines, dtype=pl.UInt32)}
        for name, texts in cells.items():
            text = pl.Series(name, texts, dtype=pl.String)
            if name in TIMES:
                read = read_times_in_each_order(text, self.zone)
                self.orders.add(read)
                self.fault(f"{name}: no time", read.unread)
                columns |= {name: read.same, f"{name}:dmy": read.dmy, f"{name}:mdy": read.mdy}
            elif name in HASHED:
                columns[name] = hash_addresses(text, name)
            elif name in NUMBERS:
                columns[name], wrong = parse_amounts(text)
                self.fault(f"{name}: no number", wrong)
            else:
                bare = text.str.strip_chars()
                kept = bare.set(bare == "", None)
                columns[name] = kept if name in KEPT_AS_TEXT else kept.cast(pl.Categorical)
            if name in VALUED:
                self.values.setdefault(name, set()).update(columns[name].unique().drop_nulls().cast(pl.String))
        self.writer.add(pl.DataFrame(columns))


def hash_addresses(texts: pl.Series, name: str) -> pl.Series:
    """Return addresses as numbers that are equal for the same address; null for none.

    Of a phone the last nine digits count, so that +49 30 123 and 030 123 are the same.
    """
    bare = texts.str.strip_chars().str.to_lowercase()
    if name == "phone":
        bare = bare.str.replace_all(r"\D", "").str.tail(9)
        return bare.hash(SEED).set(bare.str.len_bytes() < 6, None)  # noqa: PLR2004 - no phone is so short
    return bare.hash(SEED).set(~bare.str.contains("@", literal=True), None)


def parse_amounts(texts: pl.Series) -> tuple[pl.Series, int]:
    """Return amounts as numbers, whatever their currency sign and grouping; and how many filled cells are none.

    Example:
        >>> parse_amounts(pl.Series(["1.234,50 €", "$1,234.50", "7"]))[0].to_list()
        [1234.5, 1234.5, 7.0]
    """
    frame = pl.DataFrame({"text": texts.str.replace_all(_AMOUNT, "")})
    text = pl.col("text")
    comma_last = text.str.contains(r",\d{1,2}$") & ~text.str.contains(r",\d*,")
    continental = text.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    grouped_by_point = text.str.contains(r"^-?\d{1,3}(\.\d{3})+$")
    english = text.str.replace_all(",", "", literal=True)
    read = frame.select(
        pl.when(comma_last)
        .then(continental)
        .when(grouped_by_point)
        .then(text.str.replace_all(".", "", literal=True))
        .otherwise(english)
        .cast(pl.Float64, strict=False)
    ).to_series()
    return read, int((read.is_null() & (texts.str.strip_chars() != "")).sum())


def read_export(
    path: Path,
    kind: Kind,
    chosen: Mapping[str, str],
    parts: TableParts,
    *,
    zone: str = "UTC",
    order: Order | None = None,
    progress: ReadingProgress | None = None,
) -> ReadExport:
    """Write a file's rows to disk, in columns of known meaning, and return what it is.

    Args:
        path: Any encoding, separator and header.
        kind: What its rows are.
        chosen: Field to heading, where somebody said so.
        parts: Where its rows are written.
        zone: The IANA zone of times that come without an offset.
        order: Whether the day or the month comes first; None to find out.
        progress: Receives how far it is.

    Raises:
        ExportUnreadable: There is no such file, no header, a needed column is missing, or the order of day and month
            cannot be found.
    """
    reader = TableReader(limit=LONGEST_ROW)
    batches: _BatchCollector | None = None
    pending: list[FileRow] = []
    try:
        for rows in _read_row_batches(path, reader, progress):
            if batches is None and reader.facts.header:
                batches = _BatchCollector(
                    guess_mapping(reader.facts.header, kind, chosen, path.name), zone, PartWriter(parts)
                )
            pending += rows
            if batches is not None and len(pending) >= BATCH:
                _add_rows(batches, reader.facts.header, pending)
                pending = []
    except OSError as error:
        raise ExportUnreadable(f"{path}: {error.strerror or error}") from error
    except HeaderMissing as missing:
        raise ExportUnreadable(f"{path.name}: {missing}") from missing
    if batches is not None:
        _add_rows(batches, reader.facts.header, pending)
        batches.writer.flush()
    if batches is None or not parts.rows:
        raise ExportUnreadable(f"{path.name} has no rows below its header")
    return ReadExport(
        path.name, batches.mapping, parts, _date_order(batches, path.name, order), batches.values, reader.facts.rows,
        reader.facts.encoding, batches.faults,
    )  # fmt: skip


def _read_row_batches(path: Path, reader: TableReader, progress: ReadingProgress | None) -> Iterator[list[FileRow]]:
    total, done = path.stat().st_size, 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            done += len(chunk)
            if progress is not None:
                progress(path.name, done, total)
            yield reader.feed(chunk)
    yield reader.end()


def _add_rows(batches: _BatchCollector, header: list[str], rows: list[FileRow]) -> None:
    """Add rows as columns; a row with too many cells, or of a further table, is counted and left out."""
    good = [row for row in rows if row.cells is not None and not row.fault and row.table == 0]
    batches.fault("rows that do not fit the header", len(rows) - len(good))
    if not good:
        return
    width = len(header)
    cells = [_pad_row(row.cells or [], width) for row in good]
    columns = {name: header.index(column) for name, column in batches.mapping.columns.items()}
    batches.add([row.line for row in good], {name: [row[at] for row in cells] for name, at in columns.items()})


def _pad_row(cells: list[str], width: int) -> list[str]:
    """Return a row with an empty cell for each that is missing at its end."""
    return cells if len(cells) >= width else [*cells, *[""] * (width - len(cells))]


def _date_order(batches: _BatchCollector, file: str, order: Order | None) -> Order:
    """Return whether the day or the month comes first in a file."""
    found = order or batches.orders.best_order
    if found is None:
        raise ExportUnreadable(
            f"{file}: every date could be read with the day or the month first; say --dates dmy or --dates mdy"
        )
    return found
