"""What people wrote as a reason, as reasons of the playbook: nearly the same words, shown to be corrected."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from rapidfuzz import fuzz, process

from leaks.mapping import fold_heading
from leaks.parts import collect_table

ALIKE = 78
"""Of 100: so alike a reason and a known phrase have to be."""
OFTEN = 0.02
"""A reason that is none of the known ones and has so large a share becomes one of its own."""
INSIDE = 0.9
"""What a phrase counts that is only a part of the reason."""
LONG = 7
"""Shorter phrases stand in other terms by chance: price in enterprise."""
PHRASES: dict[str, tuple[str, ...]] = {
    "not_ready": ("not ready", "no interest right now", "later", "timing", "bad timing", "no need now", "kein bedarf"),
    "no_budget": ("no budget", "no money", "budget", "too expensive", "price", "kein budget", "zu teuer"),
    "competitor": ("competitor", "uses a competitor", "chose a competitor", "lost to competitor", "wettbewerber"),
    "wrong_size": ("too small", "too large", "company size", "wrong size", "zu klein"),
    "not_the_buyer": ("not the decision maker", "no authority", "not the buyer", "wrong contact", "no decision maker"),
    "unreachable": ("no answer", "no response", "not reached", "could not be reached", "unreachable", "voicemail",
                    "unresponsive", "went silent", "nicht erreicht"),
    "bad_data": ("wrong number", "invalid email", "bad data", "bounced", "wrong data", "falsche nummer"),
    "duplicate": ("duplicate", "double", "dublette"),
    "wrong_icp": ("not a fit", "bad fit", "wrong industry", "no use case", "unqualified", "not qualified"),
    "student": ("student", "job seeker", "applicant"),
    "vendor": ("vendor", "supplier", "wants to sell to us", "agency"),
    "spam": ("spam", "junk", "fake", "test"),
    "wrong_territory": ("wrong territory", "wrong region", "other country", "out of territory"),
    "customer": ("already a customer", "existing customer", "customer"),
    "no_basis": ("do not contact", "unsubscribed", "opted out", "no consent"),
}  # fmt: skip


@dataclass(frozen=True)
class MatchedReason:
    """A reason as it stands in the file, and what is proposed for it."""

    text: str
    leads: int
    proposed: str
    score: int
    how: str
    """`chosen` in the mapping file, `matched`, `new` (a reason of its own), or `none`."""


def match_reasons(leads: pl.LazyFrame, known: Mapping[str, Any], chosen: Mapping[str, str]) -> list[MatchedReason]:
    """Return what each reason of the file is taken for, the most frequent first.

    Args:
        leads: With `reason`.
        known: The reasons of the playbook: name to what `says` what it means.
        chosen: Reason (lower case) to a name, as somebody corrected it.
    """
    phrases = {name: name.replace("_", " ") for name in known}
    by_phrase = {phrase: name for name, phrase in phrases.items()}
    by_phrase |= {fold_heading(str(rule.get("says", ""))): name for name, rule in known.items()}
    by_phrase |= {phrase: name for name, many in PHRASES.items() if name in known for phrase in many}
    counted = leads.filter(pl.col("reason").is_not_null()).group_by(pl.col("reason").cast(pl.String)).len()
    rows = collect_table(counted).sort("len", "reason", descending=[True, False]).rows()
    total = sum(count for _, count in rows)
    found = []
    for text, count in rows:
        name = chosen.get(text.casefold())
        best = process.extractOne(fold_heading(text), list(by_phrase), scorer=compute_similarity, score_cutoff=ALIKE)
        if name:
            found.append(MatchedReason(text, count, name, 100, "chosen"))
        elif best is not None:
            found.append(MatchedReason(text, count, by_phrase[best[0]], round(best[1]), "matched"))
        elif count >= max(2, OFTEN * total) and make_rule_name(text, 40):
            found.append(MatchedReason(text, count, make_rule_name(text, 40), 0, "new"))
        else:
            found.append(MatchedReason(text, count, "", 0, "none"))
    return found


def compute_similarity(text: str, phrase: str, *, score_cutoff: float | None = None) -> float:
    """Return how alike a reason and a known phrase are, of 100; a longer phrase may stand inside the reason."""
    whole = fuzz.token_sort_ratio(text, phrase, score_cutoff=score_cutoff)
    inside = fuzz.partial_ratio(phrase, text) * INSIDE if LONG <= len(phrase) <= len(text) else 0.0
    return max(whole, inside)


def make_rule_name(text: str, length: int = 64) -> str:
    """Return a name for a text: lower case, letters, digits and underscores, a letter first; "" where none is left."""
    return re.sub(r"^[^a-z]+", "", fold_heading(text).replace(" ", "_"))[:length].strip("_")


def make_missing_reason_rules(reasons: list[MatchedReason], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the reasons that the playbook lacks: each recycles and wakes after 90 days, until somebody decides."""
    return {
        each.proposed: {
            "says": each.text,
            "does": "recycle",
            "track": "education",
            "wake": {"kind": "after", "days": 90},
        }
        for each in reasons
        if each.proposed and each.proposed not in known
    }
