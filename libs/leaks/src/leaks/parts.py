"""Tables on disk in parts, so that a file of any length is counted in the memory of one part.

Whatever belongs to one lead is in one part, whichever file it came from: a part is all that its leads need.
"""

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from secrets import randbits
from tempfile import mkdtemp
from weakref import finalize

import polars as pl

PART_BYTES = 12 << 20
"""So many bytes of the files are one part, all files together."""
WAITING_ROWS = 100_000
"""So many rows wait in memory to be written into their parts."""
BLOCK = 1 << 16
"""So many lines of the leads are one block of the table in the order of the file."""
GROUP = 1 << 12
"""So many rows of a part are read at once when the parts are put in order."""
SEED = randbits(60)
"""The key of the hashes: another in each run."""


class PrivateFolder:
    """A folder that its user alone can read, removed when nobody holds it any more, or when the process ends."""

    def __init__(self) -> None:
        """Make it where temporary files of this machine are kept (`TMPDIR`)."""
        self.path = Path(mkdtemp(prefix="baton-leaks-"))
        self._removal = finalize(self, shutil.rmtree, self.path, ignore_errors=True)

    def create_subfolder(self, name: str) -> Path:
        """Return a new folder in it."""
        return Path(mkdtemp(prefix=f"{name}-", dir=self.path))


def choose_part_count(paths: Iterable[Path]) -> int:
    """Return into how many parts files of this size are split. A file that is not there counts nothing."""
    return max(1, -(-sum(path.stat().st_size for path in paths if path.is_file()) // PART_BYTES))


@dataclass
class TableParts:
    """A table in parts; within a part the rows are in the order of the file."""

    folder: Path
    count: int
    schema: pl.Schema = field(default_factory=pl.Schema)
    rows: int = 0
    last_line: int = 0

    def scan_part(self, number: int) -> pl.LazyFrame:
        """Return one part."""
        return self._scan_folder(self.folder / f"{number:05}")

    def scan_all_parts(self) -> pl.LazyFrame:
        """Return all parts, one after the other."""
        return self._scan_folder(self.folder)

    def _scan_folder(self, folder: Path) -> pl.LazyFrame:
        paths = sorted(folder.rglob("*.parquet"))
        return pl.scan_parquet(paths) if paths else pl.LazyFrame(schema=self.schema)


@dataclass
class PartWriter:
    """Takes a table a batch at a time and writes each row into the part of its lead."""

    parts: TableParts
    _waiting: list[pl.DataFrame] = field(default_factory=list)
    _rows: int = 0
    _written: int = 0

    def add(self, batch: pl.DataFrame) -> None:
        """Add rows in the order of the file: with `line`, and with `lead_id` where the file has it."""
        self.parts.schema = batch.schema
        self.parts.rows += batch.height
        self.parts.last_line = max(self.parts.last_line, int(batch["line"][-1]))
        self._waiting.append(batch)
        self._rows += batch.height
        if self._rows >= WAITING_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if not self._waiting:
            return
        table = pl.concat(self._waiting)
        self._waiting, self._rows = [], 0
        number = (_lead_key_expression(table) % self.parts.count).alias("part")
        for (part,), rows in table.with_columns(number).partition_by("part", as_dict=True, include_key=False).items():
            folder = self.parts.folder / f"{part:05}"
            folder.mkdir(exist_ok=True)
            rows.write_parquet(folder / f"{self._written:05}.parquet", compression="lz4", statistics=False)
        self._written += 1


def _lead_key_expression(table: pl.DataFrame) -> pl.Expr:
    """Return what is the same for all rows of a lead; a row without its number is a lead of its own."""
    line = pl.col("line").hash(SEED)
    if "lead_id" not in table.columns:
        return line
    return pl.when(pl.col("lead_id").is_null()).then(line).otherwise(pl.col("lead_id").hash(SEED))


def write_in_line_order(parts: list[Path], last_line: int, folder: Path) -> list[Path]:
    """Return the rows of parts as blocks in the order of `line`, and remove the parts."""
    blocks = []
    for start in range(0, last_line + 1, BLOCK):
        of_block = pl.col("line").is_between(start, start + BLOCK, closed="left")
        block = pl.scan_parquet(parts).filter(of_block).collect().sort("line")
        if block.height:
            blocks.append(folder / f"{start:010}.parquet")
            block.write_parquet(blocks[-1], compression="lz4", row_group_size=BLOCK // 4)
    for path in parts:
        path.unlink()
    return blocks


def read_in_time_order(table: pl.LazyFrame, at: str) -> Iterator[pl.DataFrame]:
    """Yield a table in the order of a time and of `line`, some days at once; rows without the time are left out."""
    by_day = collect_table(table.group_by(day=pl.col(at).dt.truncate("1d")).len()).drop_nulls("day").sort("day")
    pieces = by_day.group_by(pl.col("len").cum_sum() // BLOCK, maintain_order=True)
    for _, days in pieces:
        within = pl.col(at).dt.truncate("1d").is_between(days["day"][0], days["day"][-1])
        yield collect_table(table.filter(within)).sort(at, "line")


def collect_table(table: pl.LazyFrame) -> pl.DataFrame:
    """Return what a question to a table on disk asks for; the table goes by in pieces and is nowhere as a whole."""
    return table.collect(engine="streaming")
