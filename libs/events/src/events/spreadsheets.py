"""Cells that a spreadsheet would run as a formula: neutralised wherever we write a list, restored where we read it."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection)."""


def neutralize_cell(cell: str) -> str:
    """Return a cell that no spreadsheet runs as a formula."""
    return "'" + cell if cell.startswith(FORMULA) else cell


def restore_cell(cell: str) -> str:
    """Return a cell as it was before `neutralize_cell`."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA else cell
