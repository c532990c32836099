"""What a list file is and says: one reader behind imports, attendee lists, calibration and reports.

A file is read while it arrives, in flat memory. Its encoding, separator, quoting and header are found from its first
bytes; every physical line ends up as a row, as part of a row, as blank, or above the header, and is counted.
"""

from filereader.encoding import Decoder as Decoder
from filereader.header import HeaderMissing as HeaderMissing
from filereader.header import build_column_names as build_column_names
from filereader.kinds import NotAList as NotAList
from filereader.lines import split_cells as split_cells
from filereader.reader import FileFacts as FileFacts
from filereader.reader import FileRow as FileRow
from filereader.reader import TableReader as TableReader
