"""The fields that a browser sends of a form: which of equal names count, and what a page calls them itself."""

import re
from collections.abc import Iterable

from capture.domain.answers import BETWEEN
from capture.domain.cells import split_whole_name
from capture.domain.field_names import possible_field_names
from capture.domain.forms import OWN, field_names_of
from capture.domain.headings import WHOLE_NAME, find_field_of_heading
from capture.playbook import Form

_ARRAY = re.compile(r"\[\d*\]$")
"""What pages put behind the name of a field that may be sent several times."""
_NAMES = ("first_name", "last_name")
_ADDRESS = re.compile(r"[\w.+'-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_RECIPIENT = re.compile(r"(?:^|[^a-z])(?:to|cc|bcc|recipient|receiver|admin|owner|send_?to|mail_?to)(?:[^a-z]|$)")
"""Names of fields that say to whom a page sends its mail."""
_REPLY = re.compile(r"reply_?to$", re.IGNORECASE)
"""Whom the page's mail shall be answered to: the person where no other field has an address, else perhaps nobody."""


def fields_by_name(pairs: Iterable[tuple[str, str]], form: Form) -> dict[str, str]:
    """Return a form's fields by name, also where a page has names of its own for them.

    Of equal names all values count where many may be chosen and where the form does not ask; of a field of the person
    the last one that says something; else the last one: a page sends `no` before the tick that takes its place.
    """
    known = {*field_names_of(form), *OWN}
    person = {question.name for question in form.questions if not question.is_custom}
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
    return _take_page_names_of_fields(found, person, known)


def _take_page_names_of_fields(found: dict[str, str], person: set[str], known: set[str]) -> dict[str, str]:
    """Take a page's own name of a field of the person, as `your-email`, where the form's own is empty."""
    missing = {name for name in person if not found.get(name, "").strip()}
    for name in [name for name in found if name not in known and found[name].strip()]:
        field = _match_field_name(name)
        if field == WHOLE_NAME and missing.intersection(_NAMES):
            values = {part: found.get(part, "") for part in _NAMES}
            split_whole_name(values, found.pop(name))
            found |= {part: text for part, text in values.items() if part in missing and text}
            missing -= {*_NAMES}
        elif field is not None and field in missing:
            found[field] = found.pop(name)
            missing.discard(field)
    return _with_only_typed_email(found, known) if "email" in missing else found


def _match_field_name(name: str) -> str | None:
    """Return which field a page's name stands for, also under what builders of pages put around it."""
    if _RECIPIENT.search(name.casefold()):
        return None
    return next(filter(None, map(find_field_of_heading, possible_field_names(name))), None)


def _with_only_typed_email(found: dict[str, str], known: set[str]) -> dict[str, str]:
    """Take the only address that was typed anywhere, such as into `input_2`; not to whom the page sends its mail."""
    typed = {
        name: text.strip() for name, text in found.items() if name not in known and _ADDRESS.fullmatch(text.strip())
    }
    own = {name: text for name, text in typed.items() if not _RECIPIENT.search(name.casefold())}
    own = {name: text for name, text in own.items() if not _REPLY.search(name)} or own
    if len({text.casefold() for text in own.values()}) == 1:
        found["email"] = found.pop(next(iter(own)))
    return found
