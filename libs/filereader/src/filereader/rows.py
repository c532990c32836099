"""One row out of lines: which lines belong to it, and when an opening quote is a letter all the same."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from filereader.header import TITLE_LINES, is_address_or_phone
from filereader.lines import is_blank_line, split_cells

SEPARATORS = ",;\t|^~\x1f"
JOINED_LINES = 200
"""A quoted cell goes over at most so many lines: a quote that closes later was a letter."""


class SplitRow(NamedTuple):
    """The cells of a row, and how many lines it takes."""

    cells: list[str]
    lines: int


def split_first_row(
    lines: Sequence[str], separator: str, width: int | None, *, longest_row: int, final: bool
) -> SplitRow | None:
    """Split the first row of a file's lines into its cells.

    Args:
        lines: At least one line, without line ends.
        separator: One character.
        width: How many cells the header has, None before it is known.
        longest_row: The most characters of a row that goes over several lines.
        final: Whether no further line will come.

    Returns:
        The row, or None where it may go on in a line that has not come yet.
    """
    letters: set[int] = set()
    while True:
        cells, open_at = split_cells(lines[0], separator, letters=letters)
        if open_at is None:
            return SplitRow(cells, 1)
        joined = _join_continued_cell(lines, separator, cells, longest_row)
        if joined is None and not final and len(lines) < JOINED_LINES and sum(map(len, lines)) <= longest_row:
            return None
        letters.add(open_at)
        if joined is not None and not _is_quote_a_letter(lines, separator, joined, letters, width):
            return joined


def _join_continued_cell(lines: Sequence[str], separator: str, first: list[str], longest_row: int) -> SplitRow | None:
    """Return the row whose last cell goes on in the next lines; None where nothing closes it."""
    cells, length = list(first), len(lines[0])
    for number, line in enumerate(lines[1:JOINED_LINES], start=2):
        length += len(line) + 1
        if length > longest_row:
            return None
        more, open_at = split_cells(line, separator, inside=True)
        cells[-1] += "\n" + more[0]
        cells += more[1:]
        if open_at is None:
            return SplitRow(cells, number)
    return None


def _is_quote_a_letter(
    lines: Sequence[str], separator: str, joined: SplitRow, letters: set[int], width: int | None
) -> bool:
    """Return whether an opening quote is better taken for a letter: then the lines are rows by themselves."""
    if width is None:
        return False
    alone = cut_to_width(split_cells(lines[0], separator, letters=letters).cells, width)
    others = [_split_single_line(line, separator) for line in lines[1 : joined.lines] if not is_blank_line(line)]
    if not others:
        return False
    whole = [cells for cells in others if len(cells) >= width]
    are_rows = all(len(cells) > 1 for cells in others) and _are_separate_rows(alone, others, whole)
    fits = len(cut_to_width(joined.cells, width)) == width
    if len(alone) != width or are_rows:
        return are_rows and not (fits and len(alone) < width)
    if not fits:
        return not _continues_first_line(alone, others)
    whole = [cells for cells in others if len(cut_to_width(cells, width)) == width]
    return len(whole) == len(others) and not any(cell.count('"') % 2 for cell in others[-1])


def _split_single_line(line: str, separator: str) -> list[str]:
    """Return a line's cells as those of a row by itself: a quote that it does not close is a letter."""
    letters: set[int] = set()
    while True:
        cells, open_at = split_cells(line, separator, letters=letters)
        if open_at is None:
            return cells
        letters.add(open_at)


def _continues_first_line(first: list[str], others: Sequence[list[str]]) -> bool:
    """Return whether lines belong to the first one, though all together have more cells than the header."""
    closes = any(cell.count('"') % 2 for cell in others[-1])
    return (
        any(map(_is_contact_detail, first))
        and closes
        and not any(_is_contact_detail(cell) for each in others for cell in each)
    )


def _are_separate_rows(first: list[str], others: Sequence[list[str]], whole: Sequence[list[str]]) -> bool:
    """Return whether lines are people: in one that is as wide as the header, or in a column where the first one is."""
    places = [number for number, cell in enumerate(first) if _is_contact_detail(cell)]
    beside = any(_is_contact_detail(*cells[number : number + 1]) for cells in others for number in places)
    return beside or any(_is_contact_detail(cell) for cells in whole for cell in cells)


def _is_contact_detail(cell: str = "") -> bool:
    return "@" in cell or is_address_or_phone(cell.strip())


def cut_to_width(cells: list[str], width: int) -> list[str]:
    """Return a row without the empty cells that stand beyond the header."""
    end = len(cells)
    while end > width and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def unwrap_quoted_row(cells: list[str], separator: str, width: int) -> list[str]:
    """Return the cells of a row that was quoted once more as a whole, by a spreadsheet that took it for one cell.

    One that another sign cuts into as many cells as the header has comes from another tool than the header.
    """
    if len(cells) != 1 or width == 1:
        return cells
    for sign in (separator, *SEPARATORS):
        found = cut_to_width(split_cells(cells[0], sign).cells, width) if sign in cells[0] else cells
        if len(found) == width and (sign == separator or any(map(_is_contact_detail, found))):
            return found
    return cells


def sample_rows(lines: Sequence[str], separator: str, longest_row: int) -> list[tuple[int, SplitRow]]:
    """Return the rows of the first lines of a file, each with the place of its first line; blank ones left out."""
    found, at = [], 0
    while at < len(lines):
        row = split_first_row(lines[at:], separator, None, longest_row=longest_row, final=True) or SplitRow(
            [lines[at]], 1
        )
        if not is_blank_line(lines[at]):
            found.append((at, row))
        at += row.lines
    width = len(split_cells(found[0][1].cells[0], separator).cells) if found else 1
    whole = [unwrap_quoted_row(row.cells, separator, width) for _, row in found]
    if all(len(row.cells) == 1 < len(cells) for (_, row), cells in zip(found, whole, strict=True)):
        return [(place, row._replace(cells=cells)) for (place, row), cells in zip(found, whole, strict=True)]
    return found


def find_separator(
    lines: Sequence[str], longest_row: int, is_header: Callable[[Sequence[str]], bool] | None = None
) -> str:
    """Return the sign that cuts most rows into one same number of cells, the more cells the better.

    A sign that makes a header of one of the first lines, as far as the caller knows one, comes before all others.
    """

    def fits(sign: str) -> tuple[bool, float, int]:
        rows = [row.cells for _, row in sample_rows(lines, sign, longest_row)]
        names = is_header is not None and any(len(cells) > 1 and is_header(cells) for cells in rows[:TITLE_LINES])
        widths = [len(cells) for cells in rows]
        often = max(set(widths), key=lambda width: (widths.count(width), width), default=1)
        return (names, widths.count(often) / max(1, len(widths)) * (often > 1), often)

    return max(SEPARATORS, key=fits)
