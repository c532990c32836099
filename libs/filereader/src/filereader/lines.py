"""A line of a list as cells.

A quote opens a cell only at its beginning and closes it only at its end; anywhere else it is a letter: 24" screens.
"""

from collections.abc import Collection
from typing import NamedTuple


class SplitCells(NamedTuple):
    """The cells of a text, and where the quote stands that no other closes (None: all are closed)."""

    cells: list[str]
    open_at: int | None = None


def split_cells(text: str, separator: str, *, inside: bool = False, letters: Collection[int] = ()) -> SplitCells:
    """Split one line, or a following line of a cell that is still open.

    Args:
        text: The line without its end.
        separator: One character.
        inside: Whether the line begins within a quoted cell.
        letters: Places of opening quotes that are letters all the same.

    Returns:
        The cells without their quotes, and the place of a quote that is still open at the end of the line.
    """
    if not inside and '"' not in text:
        return SplitCells(text.split(separator))
    cells: list[str] = []
    place = 0
    while True:
        opening = -1 if inside else _find_opening_quote(text, place, letters)
        if opening is None:
            end = text.find(separator, place)
            cells.append(text[place:] if end < 0 else text[place:end])
        else:
            cell, closed_at = _read_quoted_cell(text, separator, opening + 1)
            cells.append(cell)
            if closed_at is None:
                return SplitCells(cells, opening)
            end, inside = closed_at, False
        if end < 0 or end >= len(text):
            return SplitCells(cells)
        place = end + 1


def _find_opening_quote(text: str, place: int, letters: Collection[int]) -> int | None:
    """Return where the cell that begins at `place` has its opening quote, None where it has none."""
    while place < len(text) and text[place] == " ":
        place += 1
    return place if text[place : place + 1] == '"' and place not in letters else None


def _read_quoted_cell(text: str, separator: str, place: int) -> tuple[str, int | None]:
    """Return a quoted cell's content from `place` on, and where it ends (the separator's place); None while open."""
    parts: list[str] = []
    while True:
        quote = text.find('"', place)
        if quote < 0:
            parts.append(text[place:])
            return "".join(parts), None
        if text[quote + 1 : quote + 2] == '"':
            parts.append(text[place : quote + 1])
            place = quote + 2
            continue
        end = quote + 1
        while end < len(text) and text[end] == " " != separator:
            end += 1
        if end == len(text) or text[end] == separator:
            parts.append(text[place:quote])
            return "".join(parts), end
        parts.append(text[place : quote + 1])
        place = quote + 1


def is_blank_line(text: str) -> bool:
    """Return whether a line holds nothing but separators, empty quotes, space and a mark of the file's end."""
    return not text.strip(' \t\r",;|^~\x1f\x0c\x1a') and text.count('"') % 2 == 0
