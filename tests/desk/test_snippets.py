"""Marketing puts a form into its own page: sees it, copies the HTML with a key of its own, sends a test."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from desk.domain import snippets
from desk.domain.orders import FormFault
from desk.domain.snippets import SnippetChoice
from events.contacts import FORM_TEST_ADDRESS, ContactCaptured
from events.leads import LeadQualified
from events.runtime.html import build_inline_source
from events.runtime.testing import ServiceHarness
from tests.capture.browsers import PAGE, stamped, stranger
from tests.desk.conftest import LEA, MAX, MIA, OLA, Neighbours, signed_in

SITE = "https://www.example.org"
CHOSEN = {"origins": "www.example.org/pricing", "language": "de", "campaign": "spring", "label": "Pricing"}
FORM: dict[str, Any] = {
    "form": "contact", "title": "Talk & more", "languages": ["en", "de"], "campaign": None,
    "questions": [
        {"name": "email", "kind": None, "required": True, "options": []},
        {"name": "plan", "kind": "choice", "required": True, "options": ["pro", "basic"]},
        {"name": "seats", "kind": "number", "required": False, "options": []},
    ],
}  # fmt: skip


def hidden_of(page: str) -> dict[str, str]:
    """The fields of the form that sends a test."""
    part = page[page.index('name="verb" value="test"') :]
    found = re.findall(r'name="(verb|key|origins|language|campaign)" value="([^"]*)"', part)
    return {name: unescape(value) for name, value in found}


async def test_a_form_is_seen_in_its_own_language_where_none_is_chosen(stack: dict[str, ServiceHarness]) -> None:
    page = (await (await signed_in(stack["desk"], MAX)).get("/forms/contact")).text
    assert "Talk to us" in unescape(re.findall(r'srcdoc="([^"]*)"', page)[0])
    assert "does not answer" not in page


async def test_a_form_is_seen_as_visitors_see_it(stack: dict[str, ServiceHarness]) -> None:
    """In a frame that runs nothing and sends nothing; the policy allows its style sheet by the hash, and no frame."""
    marketer = await signed_in(stack["desk"], MAX)
    assert 'href="/forms/contact"' in (await marketer.get("/forms")).text
    page = await marketer.get("/forms/contact?language=de")
    assert '<iframe class="preview" sandbox title="As visitors see it" srcdoc="&lt;!doctype' in page.text
    (document,) = re.findall(r'srcdoc="([^"]*)"', page.text)
    inside = unescape(document)
    assert "Sprechen Sie mit uns" in inside
    assert "<script" not in inside
    style = re.findall(r"<style>(.*?)</style>", inside, re.DOTALL)[0]
    policy = page.headers["content-security-policy"]
    assert f"style-src 'self' {build_inline_source(style)}" in policy
    assert "frame-src" not in policy
    assert (await marketer.get("/forms/none")).status_code == 404


async def test_a_snippet_has_a_key_of_its_own_that_is_shown_once(stack: dict[str, ServiceHarness]) -> None:
    """Issue 18, 7: one form, these sites, and nothing else."""
    pages, capture = stack["desk"], stack["capture"]
    marketer = await signed_in(pages, MAX)
    page = unescape((await marketer.post("/forms/contact", **CHOSEN)).text)
    (key,) = set(re.findall(r"bk_\w+_[\w-]{43}", page))
    assert (
        f'<script src="http://capture.test/f/contact/snippet.js" data-key="{key}" data-language="de"'
        ' data-campaign="spring" async></script>' in page
    )
    assert '<noscript><a href="http://capture.test/f/contact?language=de&amp;campaign=spring">' in page
    assert key not in (await marketer.get("/forms/contact")).text
    (listed,) = (await capture.http.get("/v1/forms")).json()["items"][0]["keys"]
    assert (listed["label"], listed["origins"]) == ("Pricing", [SITE])
    async with await stranger(capture, Authorization=f"Bearer {key}") as http:
        assert (await http.post("/v1/contacts", json={"email": "ada@works.example"})).status_code == 403
        elsewhere = await http.post(
            "/f/contact", data={"email": "a@b.example"}, headers={"Origin": "https://x.example"}
        )
        assert elsewhere.status_code == 403
    (logged,) = await pages.raw.fetch("select by, outcome from audit_log where action = 'form_key.created'")
    assert tuple(logged) == ("max", "contact")
    (there,) = await capture.raw.fetch("select outcome from audit_log where action = 'key.created'")
    assert there["outcome"] == "by max"


async def test_a_test_arrives_and_nobody_becomes_a_lead(stack: dict[str, ServiceHarness]) -> None:
    """Issue 18, 7: the marketer reads when and as what it came, what it would score and who would get it."""
    pages, capture = stack["desk"], stack["capture"]
    marketer = await signed_in(pages, MAX)
    made = (await marketer.post("/forms/demo", **CHOSEN)).text
    page = unescape((await marketer.post("/forms/demo", **hidden_of(made))).text)
    assert "The test arrived. Nobody is called." in page
    for part in (f"from {SITE}", "demo request, web form", "Campaign spring", "Deutsch", "it would be a lead"):
        assert part in page, part
    assert re.search(r"<dt>Route</dt><dd>(It would wait|\S+ of \S+ would get it)", page)
    assert "Your snippet" in page
    assert "<noscript>" in page
    assert await capture.emitted(ContactCaptured) == []
    assert await stack["scoring"].emitted(LeadQualified) == []
    kept = "select 1 from profiles union all select 1 from engagements union all select 1 from quarantined"
    assert await capture.raw.fetch(kept) == []


async def test_a_test_from_ones_own_page_is_listed_too(stack: dict[str, ServiceHarness]) -> None:
    """By the reserved address, through our page as well; it says where it would have been kept back."""
    marketer = await signed_in(stack["desk"], MAX)
    filled = {"last_name": "Long", "email": FORM_TEST_ADDRESS}
    async with await stranger(stack["capture"]) as visitor:
        for ago in (0.1, 60):
            sent = await visitor.post("/f/contact", data=filled | stamped(ago=ago), headers=PAGE)
            await stack["capture"].advance(timedelta(seconds=1))
            assert sent.status_code == 303
    page = (await marketer.get("/forms/contact")).text
    assert "Tests before it (1)" in page
    assert "It would have waited there" not in page
    assert FORM_TEST_ADDRESS in page


async def test_a_refusal_reads_why(stack: dict[str, ServiceHarness]) -> None:
    marketer = await signed_in(stack["desk"], MAX)
    for fields, sentence in (
        ({"origins": "not a site"}, "Write the address of each site"),
        ({"origins": ""}, "Write the address of each site"),
        ({"verb": "test", "origins": SITE, "key": "bk_x"}, "Make the snippet first"),
        ({"verb": "test", "origins": SITE, "key": f"bk_{'a' * 12}_{'b' * 43}"}, "from these sites no more"),
    ):
        page = await marketer.post("/forms/contact", **fields)
        assert (page.status_code, sentence in page.text) == (409, True), sentence
    odd = await marketer.get("/forms/contact?campaign=a b")
    assert "The%20name%20of%20a%20campaign" in odd.headers["set-cookie"]


async def test_forms_are_for_marketing_and_operators(stack: dict[str, ServiceHarness]) -> None:
    for viewer, status in ((MIA, 403), (LEA, 403), (MAX, 200), (OLA, 200)):
        browser = await signed_in(stack["desk"], viewer)
        assert (await browser.get("/forms")).status_code == status
        assert (await browser.get("/forms/contact")).status_code == status
        assert (await browser.post("/forms/contact", **CHOSEN)).status_code == status
        browser.token = "another"  # noqa: S105 - that of another session
        assert (await browser.post("/forms/contact", **CHOSEN)).status_code == 403
    assert len(await stack["capture"].raw.fetch("select 1 from key_bindings")) == 2


async def test_where_others_are_away_the_page_says_what_is_not_known(
    stack: dict[str, ServiceHarness], neighbours: Neighbours
) -> None:
    marketer = await signed_in(stack["desk"], MAX)
    made = (await marketer.post("/forms/demo", **CHOSEN)).text
    neighbours.silent.add("/v1/routes")
    assert "Routing does not answer just now." in (await marketer.post("/forms/demo", **hidden_of(made))).text
    neighbours.silent.add("/v1/scores")
    assert "Scoring does not answer just now." in (await marketer.get("/forms/demo")).text
    neighbours.silent |= {"/v1/forms", "/f/demo"}
    assert "Capture does not answer just now." in (await marketer.get("/forms")).text
    assert "Nothing%20was%20changed" in (await marketer.get("/forms/demo")).headers["set-cookie"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://www.example.com/a?b", ["https://www.example.com"]),
        (
            "www.example.com\nhttp://localhost:8080, www.example.com",
            ["https://www.example.com", "http://localhost:8080"],
        ),
        ("HTTPS://Example.COM", ["https://example.com"]),
    ],
)
def test_sites_are_read_as_browsers_name_them(text: str, found: list[str]) -> None:
    assert snippets.read_origins(text) == found


@pytest.mark.parametrize(
    "text", ["", "ftp://a.example", "https://", "https://a:b", "a b_c", "x@", "https://a.example:99999"]
)
def test_what_is_no_site_is_refused(text: str) -> None:
    with pytest.raises(FormFault):
        snippets.read_origins(text)
    with pytest.raises(FormFault):
        snippets.read_origins(" ".join(f"a{n}.example" for n in range(21)))


def test_a_snippet_is_html_whatever_the_title_says() -> None:
    choice = SnippetChoice("contact", "Talk & <more>", "de", "spring")
    made = snippets.write_snippet(choice, choice.title, "https://c.example", "bk_1")
    assert (
        made.link == '<a href="https://c.example/f/contact?language=de&amp;campaign=spring">Talk &amp; &lt;more&gt;</a>'
    )
    assert made.within.endswith(f"async></script>\n<noscript>{made.link}</noscript>")
    bare = snippets.write_snippet(SnippetChoice("contact", "Talk"), "Talk", "https://c.example", "bk_1")
    assert bare.link == '<a href="https://c.example/f/contact">Talk</a>'


def test_a_test_answers_what_the_form_asks() -> None:
    filled = snippets.fill_in_as_test(FORM, SnippetChoice("contact", "Talk", "de"), "bk_1")
    assert filled == {
        "email": FORM_TEST_ADDRESS, "plan": "pro", "seats": "1", "language": "de", "form_key": "bk_1",
    }  # fmt: skip
    assert snippets.read_choice(FORM, {"language": "xx", "campaign": " c "}) == SnippetChoice(
        "contact", "Talk & more", "", "c"
    )
    own = snippets.read_choice(FORM | {"campaign": "own"}, {"campaign": "c"})
    assert own.campaign == ""
