"""Codes that make a phone a scanner: short enough to be typed, too long to be guessed while they hold."""

import hashlib
from datetime import timedelta

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's alphabet: no letter that is taken for a digit."""
LENGTH, GROUP = 12, 4
"""60 bits; so many characters between two hyphens."""
OPEN_FOR = timedelta(minutes=10)
"""How long a link makes a device a scanner (real time)."""
_SEEN_AS = str.maketrans("OIL", "011")


def write_pairing_code(secret: bytes) -> str:
    """Return the code of some secret bytes, such as `7K3M-Q8ZD-4TXA`: five bits of each of the first twelve."""
    letters = "".join(LETTERS[each % len(LETTERS)] for each in secret[:LENGTH])
    return "-".join(letters[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def hash_pairing_code(text: str) -> str:
    """Return the SHA-256 of a code as it was typed: case, hyphens, spaces, O for 0 and I or L for 1 do not matter."""
    code = "".join(each for each in text.upper() if each.isalnum()).translate(_SEEN_AS)
    return hashlib.sha256(f"pairing|{code}".encode()).hexdigest()
