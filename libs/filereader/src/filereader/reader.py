"""Rows out of bytes while they arrive: what the file is comes from its first bytes, then each line is accounted for."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from filereader.encoding import Decoder, decode_line, detect_encoding
from filereader.header import TITLE_LINES, HeaderMissing, build_column_names, find_header, is_further_header
from filereader.kinds import NotAList, detect_foreign_kind
from filereader.lines import is_blank_line
from filereader.quoting import Quoting, find_quoting
from filereader.rows import JOINED_LINES, cut_to_width, find_separator, sample_rows, split_first_row, unwrap_quoted_row

_HINT = re.compile(r'\s*"?sep=(.)"?\s*', re.IGNORECASE | re.DOTALL)
"""What Excel writes and reads above a list."""
SAMPLE_BYTES = 65_536
SAMPLE_LINES = 60
LINE_BYTES = 65_536


class FileRow(NamedTuple):
    """One row as it stands in the file. `cells` is None where the row is too long to be read."""

    line: int
    """The number of its first line, from 1, as an editor counts."""
    lines: int
    cells: list[str] | None
    raw: bytes
    """Its bytes as UTF-8, without the last line end; the first `limit` of them where it is too long."""
    fault: str = ""
    """`line_too_long`, `too_many_cells`, or "" for a row that fits the header."""
    table: int = 0
    """Which of the file's tables it stands in: the place of its header in `FileFacts.tables`."""

    def texts(self) -> list[str]:
        """Return its cells, or all that is kept of it as one where it is too long."""
        return [decode_line(self.raw)] if self.cells is None else self.cells


@dataclass
class FileFacts:
    """What a file is, and what became of its lines so far."""

    encoding: str = "utf-8"
    separator: str = ","
    header: list[str] = field(default_factory=list)
    width: int = 0
    """How many cells the header's line has, unnamed ones counted."""
    header_line: int = 0
    """The number of the header's line, from 1."""
    lines: int = 0
    above: int = 0
    """Lines up to the header's last one, and those of further headers."""
    blank: int = 0
    continued: int = 0
    """Lines that go on with the row of the line before."""
    rows: int = 0
    tables: list[list[str]] = field(default_factory=list)
    """The header of each table: webinar tools write several into one file, and people put files together."""


class TableReader:
    r"""Reads one file. Feed it the bytes in order, then call `end`; the header stands in `facts` before the first row.

    Example:
        >>> reader = TableReader()
        >>> [row.cells for row in reader.feed(b'sep=;\nEmail;Name\nada@x.org;24" Ada\n')] + [
        ...     row.cells for row in reader.end()]
        [['ada@x.org', '24" Ada']]
    """

    def __init__(
        self,
        *,
        limit: int = LINE_BYTES,
        encoding: str | None = None,
        is_header: Callable[[Sequence[str]], bool] | None = None,
    ) -> None:
        """Prepare to read.

        Args:
            limit: The most bytes of one row.
            encoding: The encoding that the sender names, if any; else it is found.
            is_header: What the caller knows a header by.

        Raises:
            LookupError: Python knows no such encoding.
        """
        self.facts = FileFacts()
        self._limit = limit
        self._is_header = is_header
        self._decoder = Decoder(encoding) if encoding else None
        self._waiting = b""
        """The first bytes, until there are enough to tell what the file is."""
        self._tail = b""
        self._skipping = False
        self._width = 0
        """How many cells the header of the table has that is being read."""
        self._pending: list[bytes] = []
        """Lines of a row that may not be whole yet."""
        self._above = 0
        """The line that the header ends in."""
        self._quoting = Quoting()
        self._below_blank = False

    def feed(self, chunk: bytes) -> list[FileRow]:
        """Return the rows that end in this chunk. Raises `HeaderMissing` where nothing names the columns.

        A file that is no list at all, such as a workbook, is a `NotAList`, which is one of these.
        """
        if not self.facts.header:
            self._waiting += chunk
            return self._detect_encoding_and_read(last=False) if len(self._waiting) >= SAMPLE_BYTES else []
        return list(self._decode_and_read(chunk, last=False))

    def end(self) -> list[FileRow]:
        """Return the rows that are left. Raises `HeaderMissing` where nothing names the columns."""
        if not self.facts.header:
            return self._detect_encoding_and_read(last=True)
        return list(self._decode_and_read(b"", last=True))

    def _detect_encoding_and_read(self, *, last: bool) -> list[FileRow]:
        """Find out what the file is from its first bytes, then read them."""
        sample, self._waiting = self._waiting, b""
        if kind := detect_foreign_kind(sample):
            raise NotAList(kind)
        if self._decoder is None:
            self._decoder = Decoder(detect_encoding(sample))
        self.facts.encoding = self._decoder.encoding
        decoded = self._decoder.feed(sample, last=last)
        lines, tail = _split_lines(decoded, last=last)
        lines = lines if lines and not last else [*lines, tail]
        self._find_header([_decode_line(line[: self._limit]) for line in lines[: SAMPLE_LINES * 2]])
        return list(self._split_into_lines(decoded, last=last))

    def _find_header(self, lines: list[str]) -> None:
        hint = _HINT.fullmatch(lines[0]) if lines else None
        first, sign = (0, "") if hint is None else (1, hint[1])
        self._quoting = find_quoting(lines[first:])
        lines = [self._quoting.to_standard(line) for line in lines]
        hinted = sign and any(sign in line for line in lines[1 : TITLE_LINES + 1])
        self.facts.separator = (
            sign if hinted else find_separator(lines[first:SAMPLE_LINES], self._limit, self._is_header)
        )
        rows = sample_rows(lines[first:], self.facts.separator, self._limit)
        found = find_header([row.cells for _, row in rows], self._is_header)
        if found is None:
            raise HeaderMissing(first + 1 + (rows[0][0] if rows else 0))
        place, row = rows[found]
        self.facts.header, self.facts.width = build_column_names(self._quoting.from_standard(row.cells)), len(row.cells)
        self.facts.tables, self._width = [self.facts.header], self.facts.width
        self.facts.header_line = first + place + 1
        self._above = first + place + row.lines

    def _decode_and_read(self, chunk: bytes, *, last: bool) -> Iterator[FileRow]:
        assert self._decoder is not None  # noqa: S101 - set before the first row
        return self._split_into_lines(self._decoder.feed(chunk, last=last), last=last)

    def _split_into_lines(self, decoded: bytes, *, last: bool) -> Iterator[FileRow]:
        """Cut bytes into lines of at most `limit`; what is beyond it is passed over."""
        lines, tail = _split_lines(self._tail + decoded, last=last)
        if self._skipping and lines:
            del lines[0]
            self._skipping = False
        if len(tail) > self._limit:
            if not self._skipping:
                lines.append(tail[: self._limit + 1])
            tail, self._skipping = tail[-1:] if tail.endswith(b"\r") else b"", True
        if last and tail and not self._skipping:
            lines.append(tail)
        self._tail = b"" if last else tail
        self._pending += lines
        return self._lines_to_rows(last=last)

    def _lines_to_rows(self, *, last: bool) -> Iterator[FileRow]:
        """Yield the rows of the lines that are there; those of a row that may go on are kept."""
        facts, lines = self.facts, self._pending
        texts = [self._quoting.to_standard(_decode_line(line[: self._limit + 1])) for line in lines]
        at = 0
        while at < len(lines):
            taken, row = 1, None
            if facts.lines < self._above:
                facts.above += 1
            elif is_blank_line(texts[at]):
                facts.blank += 1
                self._below_blank = True
            elif len(_strip_line_end(lines[at])) > self._limit:
                row = FileRow(
                    facts.lines + 1, 1, None, lines[at][: self._limit], "line_too_long", len(facts.tables) - 1
                )
            else:
                found = split_first_row(
                    texts[at : at + JOINED_LINES], facts.separator, self._width, longest_row=self._limit, final=last
                )
                if found is None:
                    break
                taken = found.lines
                row = self._build_row(found.cells, lines[at : at + taken])
            facts.lines += taken
            facts.continued += taken - 1 if row is not None else 0
            at += taken
            if row is not None:
                facts.rows += 1
                yield row
        self._pending = lines[at:]

    def _build_row(self, cells: list[str], lines: Sequence[bytes]) -> FileRow | None:
        """Return the row that lines hold, None where they name the columns of a further table."""
        facts = self.facts
        cells = self._quoting.from_standard(unwrap_quoted_row(cells, facts.separator, self._width))
        below_blank, self._below_blank = self._below_blank, False
        if is_further_header(cells, facts.tables[-1], below_blank=below_blank):
            names = build_column_names(cells)
            if names != facts.tables[-1]:
                facts.tables.append(names)
                self._width = len(cells)
            facts.above += len(lines)
            return None
        cells = cut_to_width(cells, self._width)
        fault = "too_many_cells" if len(cells) > self._width else ""
        raw = _strip_line_end(b"".join(lines))
        return FileRow(facts.lines + 1, len(lines), cells, raw, fault, len(facts.tables) - 1)


def _split_lines(data: bytes, *, last: bool) -> tuple[list[bytes], bytes]:
    """Return the whole lines of some bytes with their ends (CR, LF or both), and what is there of the next."""
    lines = data.splitlines(keepends=True)
    if not lines or lines[-1].endswith(b"\n") or (last and lines[-1].endswith(b"\r")):
        return lines, b""
    *lines, tail = lines
    return lines, tail


def _strip_line_end(line: bytes) -> bytes:
    """Return a line without its end."""
    return line.removesuffix(b"\n").removesuffix(b"\r")


def _decode_line(line: bytes) -> str:
    return decode_line(_strip_line_end(line))
