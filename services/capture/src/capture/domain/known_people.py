"""What a form asks of people who are known by a signed link: what is missing, and never what is known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from capture.domain.profile import PROFILE_FACTS, Profile
from capture.playbook import Form, FormQuestion


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Whom a link names: the e-mail, the fields of the profile that are known, and the facts that were ever given."""

    email: str
    fields: frozenset[str]
    facts: frozenset[str]

    def should_be_asked(self, question: FormQuestion) -> bool:
        """Return whether a question is to be asked: a field that is missing, a progressive one without an answer."""
        if not question.is_custom:
            return question.name not in self.fields
        names = (question.name, *(f"{question.name}.{each}" for each in question.options))
        return not question.progressive or self.facts.isdisjoint(names)


def make_known_person(profile: Profile, facts: Iterable[str]) -> KnownPerson | None:
    """Return what is known of a person, by the names of the facts alone; None where they left no e-mail."""
    if profile.email is None:
        return None
    lasting = {"email", *PROFILE_FACTS} - {"message"}  # what people write is another each time
    return KnownPerson(
        profile.email, frozenset(name for name in lasting if getattr(profile, name) is not None), frozenset(facts)
    )


def form_for_person(form: Form, person: KnownPerson | None) -> Form:
    """Return the form as somebody gets it: strangers without progressive questions, others without what is known."""
    if person is None:
        return _form_with_questions(form, [each for each in form.questions if not each.progressive])
    missing = [each for each in form.questions if person.should_be_asked(each)]
    now = list(islice((each for each in missing if each.progressive), form.progressive_most))
    return _form_with_questions(form, [each for each in missing if not each.progressive or each in now])


def form_for_validation(form: Form, asked: Form) -> Form:
    """Return the form as it may be sent: with all questions, of which no more is required than was asked."""
    names = {each.name for each in asked.questions}
    return _form_with_questions(
        form, [each if each.name in names else each.model_copy(update={"required": False}) for each in form.questions]
    )


def fill_in_email(filled: Mapping[str, str], person: KnownPerson | None) -> Mapping[str, str]:
    """Return what was filled in with the e-mail of the link's person; whoever types an address is whom it names."""
    return filled if person is None or filled.get("email", "").strip() else {**filled, "email": person.email}


def _form_with_questions(form: Form, questions: list[FormQuestion]) -> Form:
    return form.model_copy(update={"questions": questions})
