"""Exports come in every form: delimiters, encodings, numbers with commas, dates with dots."""

from pathlib import Path

import numpy as np
import pytest

from baton.calibration.columns import read_column
from baton.calibration.table import read_table
from baton.exit_codes import WrongUsageError

ROWS = [["Name", "Größe", "Note"], ["Ünal", "3,5", 'said "yes", twice'], ["Åse", "12", "two\nlines"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_file_is_read_whatever_its_delimiter_and_encoding(tmp_path: Path, delimiter: str, encoding: str) -> None:
    quoted = [delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in ROWS]
    path = tmp_path / "leads.csv"
    path.write_bytes("\r\n".join(quoted).encode(encoding))
    table = read_table(path)
    assert list(table.columns) == ROWS[0]
    assert table.columns["Name"] == ["Ünal", "Åse"]
    assert table.columns["Note"][0] == 'said "yes", twice'
    assert table.rows == 2


def test_shorter_rows_are_taken_as_they_are_and_longer_ones_left_out_as_an_import_does(tmp_path: Path) -> None:
    """A row that is longer than the heading would be taken askew; the heading again begins no new row."""
    path = tmp_path / "leads.csv"
    path.write_text("a,a,\n1,2,3\n\n4,5\n6,7,8,9\na,a,\n5,5,5\nnow,a,a (2)\n0,0,0\n")
    table = read_table(path)
    assert table.columns == {"a": ["1", "4", "5"], "a (2)": ["2", "5", "5"], "column 3": ["3", "", "5"]}
    assert table.notes == [
        "1 rows have fewer cells than the heading", "2 rows do not fit the heading, and were left out",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "only,a,heading\n", "\n\n"])
def test_a_file_without_rows_is_wrong_usage(tmp_path: Path, text: str) -> None:
    path = tmp_path / "leads.csv"
    path.write_text(text)
    with pytest.raises(WrongUsageError):
        read_table(path)
    with pytest.raises(WrongUsageError):
        read_table(tmp_path / "missing.csv")


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["1", "2.5", "-3", "4e2"], [1, 2.5, -3, 400]),
        (["3,5", "10,25", "1.234,5", "7"], [3.5, 10.25, 1234.5, 7]),
        (["$1,200", "€ 900.50", "45%", "7"], [1200, 900.5, 45, 7]),
        (["1", "2", "3", "4", "Select", "", "many"], [1, 2, 3, 4, np.nan, np.nan, np.nan]),
    ],
)
def test_numbers_are_read_as_people_write_them(texts: list[str], numbers: list[float]) -> None:
    column = read_column("n", texts)
    assert column.kind == "number"
    assert np.array_equal(column.numbers, numbers, equal_nan=True)


@pytest.mark.parametrize("text", ["2026-03-01", "2026-03-01T12:30:00Z", "01.03.2026", "13/03/2026", "Mar 01, 2026",
                                  "2026/03/01 10:00", "03/13/2026 4:30 PM"])  # fmt: skip
def test_dates_are_read_as_people_write_them(text: str) -> None:
    column = read_column("d", [text] * 3)
    assert column.kind == "date"
    assert 20_500 < column.numbers[0] < 20_530


@pytest.mark.parametrize(
    "texts", [["1", "0", "1"], ["a1", "b2"], ["10-20", "20-50"], ["", "Select"], ["1.2.3", "4.5.6"]]
)
def test_what_is_neither_a_number_nor_a_date_is_a_word(texts: list[str]) -> None:
    assert read_column("w", texts).kind == "word"
