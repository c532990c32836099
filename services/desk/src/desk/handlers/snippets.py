"""Forms for marketing's own pages: how one looks, the key and the HTML of a snippet, and tests that call nobody."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from desk.domain import Viewer, snippets
from desk.domain.facts import Fact
from desk.domain.orders import FormFault
from desk.domain.snippets import Snippet, SnippetChoice
from desk.handlers.errors import ActionRefused, NotForYou
from desk.handlers.upstream import AWAY, UPSTREAM
from events.runtime.audit_log import record_action_once

if TYPE_CHECKING:
    from desk.settings import PageSettings
    from events.runtime import Service


KEY_OVER = frozenset({"key_invalid", "form_refused", "origin_refused"})
"""How capture refuses a snippet's key."""


class FormList(NamedTuple):
    """The forms of the rules in force; None: capture does not answer."""

    forms: list[Fact] | None
    now: datetime


class TestVerdict(NamedTuple):
    """What would have become of the latest test; None where a service does not answer or was not asked."""

    score: Fact | None
    route: Fact | None
    is_lead: bool


class FormPage(NamedTuple):
    """A form as visitors see it, what was chosen for its snippet, and its tests."""

    form: Fact
    chosen: SnippetChoice
    preview: Fact | None
    campaigns: list[Fact]
    tests: list[Fact]
    verdict: TestVerdict | None
    page_url: str
    """Of the form's own page."""
    link: str
    """The HTML of a link to it."""
    now: datetime


class MadeSnippet(NamedTuple):
    """A snippet with its new key, which is shown this once."""

    snippet: Snippet
    key: str
    origins: list[str]


def public_address_of_capture(service: "Service[PageSettings]") -> str:
    """Return where browsers and phones reach capture."""
    return (service.settings.capture_public_url or service.settings.capture_url).rstrip("/")


async def load_forms(service: "Service[PageSettings]", viewer: Viewer) -> FormList:
    """Return the forms that may be put into pages.

    Raises:
        NotForYou: The viewer's role does not see them.
    """
    _check(viewer)
    forms = await UPSTREAM.fetch_list_or_none(service, "capture", "/v1/forms")
    async with service.transaction() as tx:
        return FormList(forms, tx.now)


async def load_form_page(
    service: "Service[PageSettings]", viewer: Viewer, name: str, chosen: Mapping[str, str]
) -> FormPage | None:
    """Return a form with its preview and its tests; None where the rules have none of this name.

    Raises:
        NotForYou: The viewer's role does not see it.
        ActionRefused: capture does not answer, or what was chosen is no choice.
    """
    _check(viewer)
    form = await _find_form(service, name)
    if form is None:
        return None
    choice = _read_choice(form, chosen)
    path = f"/v1/forms/{name}"
    chosen_language = f"?language={quote(choice.language)}" if choice.language else ""
    preview = await UPSTREAM.fetch(service, "capture", f"{path}/preview{chosen_language}")
    tests = await UPSTREAM.fetch_list(service, "capture", f"{path}/tests")
    campaigns = await UPSTREAM.fetch_list(service, "capture", "/v1/campaigns")
    verdict = await _judge(service, tests[0]["captured"]) if tests else None
    async with service.transaction() as tx:
        now = tx.now
    base = public_address_of_capture(service)
    link = snippets.write_snippet(choice, _title(choice, preview), base, "").link
    return FormPage(form, choice, preview, campaigns, tests, verdict, f"{base}/f/{name}", link, now)


def _title(choice: SnippetChoice, preview: Fact | None) -> str:
    """Return the form's title in the chosen language."""
    return str(preview["title"]) if preview and choice.language else choice.title


async def make_snippet(
    service: "Service[PageSettings]", viewer: Viewer, page: FormPage, form: Mapping[str, str]
) -> MadeSnippet:
    """Make the key of one form on the named sites, and the HTML that carries it; write down who asked.

    Raises:
        ActionRefused: A site is none, or capture refuses it or does not answer.
    """
    _check(viewer)
    try:
        origins = snippets.read_origins(form.get("origins", ""))
    except FormFault as fault:
        raise ActionRefused(str(fault)) from None
    label = " ".join(form.get("label", "").split())[:200] or origins[0].partition("//")[2]
    order = snippets.build_form_key_command(page.chosen, label, origins, viewer.user_id)
    made = await UPSTREAM.send_command(service, order, form.get("once", ""))
    async with service.transaction() as tx:
        await record_action_once(tx.raw, "form_key.created", made["key_id"], page.chosen.form, by=viewer.user_id)
    return _made(service, page, str(made["key"]), origins)


def show_snippet_again(
    service: "Service[PageSettings]", page: FormPage, form: Mapping[str, str]
) -> MadeSnippet:  # fmt: skip
    """Return the snippet that a page showed, by the key and the sites which that page sends.

    Raises:
        ActionRefused: It sends none.
    """
    try:
        origins = snippets.read_origins(form.get("origins", ""))
    except FormFault as fault:
        raise ActionRefused(str(fault)) from None
    if not snippets.KEY.fullmatch(form.get("key", "")):
        raise ActionRefused("Make the snippet first: the test is sent with its key.")
    return _made(service, page, form["key"], origins)


def _made(service: "Service[PageSettings]", page: FormPage, key: str, origins: list[str]) -> MadeSnippet:
    title = _title(page.chosen, page.preview)
    snippet = snippets.write_snippet(page.chosen, title, public_address_of_capture(service), key)
    return MadeSnippet(snippet, key, origins)


async def send_test(service: "Service[PageSettings]", viewer: Viewer, page: FormPage, made: MadeSnippet) -> None:
    """Send a form as its snippet does from the first of its sites, filled in as a test: nobody is taken in.

    Raises:
        ActionRefused: capture does not take it, and why; or it does not answer.
    """
    _check(viewer)
    filled = snippets.fill_in_as_test(page.form, page.chosen, made.key)
    try:
        await UPSTREAM.submit_form(service, f"/f/{page.chosen.form}", filled, made.origins[0])
    except ActionRefused as refused:
        if refused.cause in KEY_OVER:
            raise ActionRefused("This key submits the form from these sites no more: make a new snippet.") from None
        raise


async def _judge(service: "Service[PageSettings]", captured: Fact) -> TestVerdict:
    """Ask scoring what it would make of a test, and routing who would get it."""
    try:
        score = await UPSTREAM.ask(service, snippets.build_score_trial(captured))
    except ActionRefused:
        return TestVerdict(None, None, is_lead=False)
    if score["outcome"] not in snippets.LEADS or score["lead_type"] is None:
        return TestVerdict(score, None, is_lead=False)
    try:
        return TestVerdict(
            score, await UPSTREAM.ask(service, snippets.build_route_trial(captured, score)), is_lead=True
        )
    except ActionRefused:
        return TestVerdict(score, None, is_lead=True)


async def _find_form(service: "Service[PageSettings]", name: str) -> Fact | None:
    forms = await UPSTREAM.fetch_list_or_none(service, "capture", "/v1/forms")
    if forms is None:
        raise ActionRefused(AWAY)
    return next((each for each in forms if each["form"] == name), None)


def _read_choice(form: Fact, chosen: Mapping[str, str]) -> SnippetChoice:
    try:
        return snippets.read_choice(form, chosen)
    except FormFault as fault:
        raise ActionRefused(str(fault)) from None


def _check(viewer: Viewer) -> None:
    if not viewer.may("embed"):
        raise NotForYou
