"""What would become of a list: what the columns of each of its tables mean, what would be taken, and why not."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from capture.api.import_files import ImportFile
from capture.api.import_rows import list_put_aside_counts, read_rows_as_submissions
from capture.api.intake import SubmissionGatherer
from capture.domain.sheet import ColumnMapping
from capture.domain.submission import Values
from capture.handlers.errors import find_reason_text
from capture.store.imports import FileFacts
from events.runtime import rows
from filereader import FileRow

SHOWN = 20
"""Rows of a table that a preview shows."""
SAMPLES = 3
"""Values of each column that a preview shows."""


class SampleRow(rows.Row):
    """A row that would be taken, and its number in the file."""

    row: int
    values: Values


class RefusedRow(rows.Row):
    """A row that would be refused, its number in the file, and why."""

    row: int
    field: str
    code: str
    reason: str


class ColumnPreview(rows.Row):
    """A column: the field that it was taken for, some of its values, and how many of its cells do not fit."""

    column: str
    field: str | None
    samples: list[str]
    unfit: int


class TablePreview(rows.Row):
    """A table of a file: what its columns were taken for."""

    mapping: dict[str, str]
    unmapped: list[str]
    dates: str | None
    shown_columns: list[ColumnPreview] = rows.field(name="columns")


class FilePreview(TablePreview, kw_only=True):
    """A file: its first table, the further ones, and what would be taken of all."""

    good: int
    bad: int
    file: FileFacts
    further_tables: list[TablePreview]
    put_aside: list[dict[str, str | int]]
    sample: list[SampleRow]
    rejected: list[RefusedRow]


class _TablePreviewBuilder:
    """What a preview shows of one table."""

    def __init__(self) -> None:
        self.put_aside: Counter[tuple[str, str]] = Counter()
        self.sample: list[SampleRow] = []
        self.rejected: list[RefusedRow] = []
        self._cells: dict[int, list[str]] = {}

    def add_cells(self, row: FileRow) -> None:
        for number, cell in enumerate(row.cells or []):
            if cell.strip() and len(seen := self._cells.setdefault(number, [])) < SAMPLES and cell not in seen:
                seen.append(cell)

    def described(self, columns: ColumnMapping) -> TablePreview:
        """Return what the columns were taken for, values of each, and how many of its cells do not fit."""
        fields = {number: field for field, numbers in columns.places for number in numbers}
        return TablePreview(
            columns.column_by_field(),
            columns.unmapped_columns(),
            columns.style.order,
            [
                ColumnPreview(
                    name,
                    fields.get(number),
                    self._cells.get(number, []),
                    sum(n for (field, _), n in self.put_aside.items() if field == fields.get(number)),
                )
                for number, name in enumerate(columns.header)
            ],
        )


async def preview_file(intake: SubmissionGatherer, file: ImportFile) -> FilePreview:
    """Read all rows of a file and keep none; the columns of the first table stand beside those of the further ones."""
    counts: Counter[str] = Counter(good=0, bad=0)
    tables: defaultdict[int, _TablePreviewBuilder] = defaultdict(_TablePreviewBuilder)
    async for group in file.read_row_groups():
        for row, each in zip(group, await read_rows_as_submissions(intake, file.columns_of, group), strict=True):
            table = tables[row.table]
            table.add_cells(row)
            counts["good" if each.submission else "bad"] += 1
            if each.submission:
                table.put_aside.update(each.notes)
                table.sample += [SampleRow(row.line, each.values)] if len(table.sample) < SHOWN else []
            elif each.fault and len(table.rejected) < SHOWN:
                code = each.fault.code
                table.rejected.append(RefusedRow(row.line, each.fault.field, code, find_reason_text(code)))
    shown: Sequence[_TablePreviewBuilder] = [tables[number] for number in range(len(file.tables))]
    first, *further = [each.described(columns) for each, columns in zip(shown, file.tables, strict=True)]
    return FilePreview(
        mapping=first.mapping,
        unmapped=first.unmapped,
        dates=first.dates,
        shown_columns=first.shown_columns,
        good=counts["good"],
        bad=counts["bad"],
        file=file.file_facts(),
        further_tables=further,
        put_aside=list_put_aside_counts(sum((each.put_aside for each in shown), Counter())),
        sample=[row for each in shown for row in each.sample],
        rejected=[row for each in shown for row in each.rejected],
    )
