"""Codes that make a phone a scanner: short enough to be typed, too long to be guessed while they hold."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's alphabet: no letter that is taken for a digit."""
LENGTH, GROUP = 12, 4
"""60 bits; so many characters between two hyphens."""
OPEN_FOR = timedelta(minutes=10)
"""How long a link makes a device a scanner (real time)."""
_SEEN_AS = str.maketrans("OIL", "011")


def draw_pairing_code(choose: Callable[[str], str]) -> str:
    """Return a new code such as `7K3M-Q8ZD-4TXA`; `choose` draws one character of a text."""
    drawn = "".join(choose(LETTERS) for _ in range(LENGTH))
    return "-".join(drawn[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def hash_pairing_code(text: str) -> str:
    """Return the SHA-256 of a code as it was typed: case, hyphens, spaces, O for 0 and I or L for 1 do not matter."""
    code = "".join(each for each in text.upper() if each.isalnum()).translate(_SEEN_AS)
    return hashlib.sha256(f"pairing|{code}".encode()).hexdigest()
