"""How a file quotes its cells where RFC 4180 would not: each line is turned into that way before it is cut.

Databases write 'cells' and a backslash before a quote that is a letter; text processors make “quotes” curly.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

_BEGIN, _END = r"(?:^|[,;\t|^~\x1f])[ ]*", r"[ ]*(?:[,;\t|^~\x1f]|$)"
_ADDRESS = r"[^'“”„@\s]+@[^'“”„@\s]+\.[^'“”„@\s]+"
_SIGNS = {"'": ("'", "'"), "“": ("[“„]", "[”“]")}
_ADDRESSES = {sign: re.compile(f"{_BEGIN}{left}{_ADDRESS}{right}{_END}") for sign, (left, right) in _SIGNS.items()}
_FIRST_CELLS = {sign: re.compile(rf"\s*{left}[^'“”„]*{right}{_END}") for sign, (left, right) in _SIGNS.items()}
_ESCAPED = re.compile(r'[^\\]\\"(?![",;\t|^~]|\s*$)')
_DOUBLED = re.compile(r'[^",;\t|^~]""[^",;\t|^~]')
_ESCAPE = re.compile(r'\\(["\\])')
_SWAPPED = str.maketrans("'\"", "\"'")
_STRAIGHT = str.maketrans("“”„", '"""')


class Quoting(NamedTuple):
    """The sign that quotes cells, and whether a backslash before it makes it a letter."""

    sign: str = '"'
    escapes: bool = False

    def to_standard(self, text: str) -> str:
        """Return a line as RFC 4180 has it."""
        if self.sign != '"':
            text = text.translate(_SWAPPED if self.sign == "'" else _STRAIGHT)
        return _ESCAPE.sub(lambda found: '""' if found[1] == '"' else found[0], text) if self.escapes else text

    def from_standard(self, cells: list[str]) -> list[str]:
        """Return the cells of such a line as the file means them."""
        if self.sign == "'":
            cells = [cell.translate(_SWAPPED) for cell in cells]
        return [cell.replace("\\\\", "\\") for cell in cells] if self.escapes else cells


def find_quoting(lines: Sequence[str]) -> Quoting:
    """Return how a file quotes its cells, by its first lines.

    Another sign than `"` quotes where it stands around the address of every second line that shows one; where none
    does, around the first cell of the first line and of every second one.
    """
    filled = [line for line in lines if line.strip()]
    sign = next((sign for sign in _SIGNS if _is_quoted_with(filled, sign)), '"')
    usual = [Quoting(sign).to_standard(line) for line in filled]
    return Quoting(sign, any(map(_ESCAPED.search, usual)) and not any(map(_DOUBLED.search, usual)))


def _is_quoted_with(lines: Sequence[str], sign: str) -> bool:
    shown = [line for line in lines if "@" in line]
    if shown:
        return sum(map(bool, map(_ADDRESSES[sign].search, shown))) * 2 >= len(shown)
    first = [_FIRST_CELLS[sign].match(line) is not None for line in lines]
    return sum(first) > 1 and first[0] and sum(first) * 2 >= len(first)
