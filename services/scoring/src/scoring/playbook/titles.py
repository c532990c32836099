"""Reading job titles: a table of words by language, so that a marketer can see and change what a title means."""

import re
from functools import cached_property, lru_cache

from pydantic import Field

from events.names import fold_case_and_accents
from events.playbook import Section

KEPT = 10_000
"""Titles and words whose reading is kept."""


@lru_cache(maxsize=KEPT)
def fold_title(text: str) -> str:
    """Fold a title or a name for comparison: no accents, no case, words of a-z and 0-9 between single spaces."""
    return " ".join(re.findall(r"[a-z0-9]+", fold_case_and_accents(text)))


class TitleRow(Section):
    """Words that stand for a level, by language. A `*` at an end of a word stands for any letters."""

    level: str
    terms: dict[str, tuple[str, ...]] = Field(alias="words")
    unless: dict[str, tuple[str, ...]] = {}
    """Words in whose presence the row does not count."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """One expression for all words of all languages."""
        return _compile_any_of(self.terms)

    @cached_property
    def _exception_pattern(self) -> re.Pattern[str]:
        return _compile_any_of(self.unless)

    def matches(self, title: str) -> bool:
        """Return whether a title, as `fold_title` writes it, has one of the words and no exception."""
        return self.pattern.search(title) is not None and not (self.unless and self._exception_pattern.search(title))


def _compile_any_of(terms: dict[str, tuple[str, ...]]) -> re.Pattern[str]:
    every = [_term_to_regex(term) for phrases in terms.values() for term in phrases]
    return re.compile(rf"\b(?:{'|'.join(every)})\b")


def _term_to_regex(term: str) -> str:
    core = re.escape(fold_title(term)).replace(r"\ ", " ")
    return f"{'[a-z0-9]*' * term.startswith('*')}{core}{'[a-z0-9]*' * term.endswith('*')}"


class TitleTable(Section):
    """Table of levels for job titles: the first row with a matching word decides the level, else it is `other`."""

    rows: tuple[TitleRow, ...]

    @cached_property
    def _levels_cache(self) -> dict[str, str | None]:
        """The titles that were read lately: most people share theirs, and every decision asks."""
        return {}

    def find_level(self, title: str) -> str | None:
        """Return the title's level; None where it holds no word in Latin letters, which is unknown and not `other`."""
        known = self._levels_cache
        if title not in known:
            if len(known) >= KEPT:
                known.clear()
            terms = fold_title(title)
            level = next((row.level for row in self.rows if row.matches(terms)), "other")
            known[title] = level if terms else None
        return known[title]
