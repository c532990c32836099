"""The fields that a browser sends of a form: which of equal names count, and what a page calls them itself."""

import re
from collections.abc import Iterable

from capture.domain.answers import BETWEEN
from capture.domain.cells import split_whole_name
from capture.domain.forms import OWN, names_of
from capture.domain.headings import WHOLE_NAME, field_of
from capture.playbook import Form

_ARRAY = re.compile(r"\[\d*\]$")
"""What pages put behind the name of a field that may be sent several times."""
_INNERMOST = re.compile(r".*\[([^\[\]]*[^\[\]\d][^\[\]]*)\](?:\[\d*\])?")
"""`contact[email]`: a page's field within others."""
_NAMES = ("first_name", "last_name")


def joined(pairs: Iterable[tuple[str, str]], form: Form) -> dict[str, str]:
    """Return a form's fields by name, also where a page has names of its own for them.

    Of equal names all values count where many may be chosen and where the form does not ask; of a field of the person
    the last one that says something; else the last one: a page sends `no` before the tick that takes its place.
    """
    known = {*names_of(form), *OWN}
    person = {question.name for question in form.questions if not question.is_own}
    many = {question.name for question in form.questions if question.kind == "choices"}
    found: dict[str, str] = {}
    for given, text in pairs:
        bare = _ARRAY.sub("", given)
        name = given if given in known or bare not in known else bare
        before = found.get(name, "")
        if before and (name in many or name not in known):
            found[name] = before if text in before.split(BETWEEN) else before + BETWEEN + text
        elif not before or name not in person or text.strip():
            found[name] = text
    return _renamed(found, person, known)


def _renamed(found: dict[str, str], person: set[str], known: set[str]) -> dict[str, str]:
    """Take a page's own name of a field of the person, as `your-email`, where the form's own is empty."""
    missing = {name for name in person if not found.get(name, "").strip()}
    for name in [name for name in found if name not in known and found[name].strip()]:
        within = _INNERMOST.fullmatch(name)
        field = field_of(within[1] if within else name)
        if field == WHOLE_NAME and missing.intersection(_NAMES):
            values = {part: found.get(part, "") for part in _NAMES}
            split_whole_name(values, found.pop(name))
            found |= {part: text for part, text in values.items() if part in missing and text}
            missing -= {*_NAMES}
        elif field is not None and field in missing:
            found[field] = found.pop(name)
            missing.discard(field)
    return found
