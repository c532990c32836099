"""Forms on pages of others: their own names, repeated fields, multipart; whoever fills one in is taken."""

from typing import Any

import httpx
import pytest

from capture.domain import forms
from capture.domain.form_fields import fields_by_name
from capture.playbook import Form
from events.contacts import ContactProfile
from events.runtime.multipart import parse_fields
from events.runtime.testing import ServiceHarness
from tests.capture.browsers import ADA, JSON, stamped

BOUNDARY = "----WebKitFormBoundary7MA4YWxk"
MULTIPART = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", **JSON}


def form(**changed: Any) -> Form:
    asked: list[dict[str, Any]] = [{"name": "email", "required": True}, {"name": "first_name"}, {"name": "last_name"}]
    asked += [{"name": "company"}, {"name": "topics", "kind": "choices", "label": "x", "options": {"a": "A", "b": "B"}}]
    return Form.model_validate({"title": "Talk", "engagement": "contact_sales", "questions": asked} | changed)


def submission(*pairs: tuple[str, str]) -> dict[str, Any]:
    found = forms.form_as_submission_values(form(), fields_by_name(pairs, form()))
    return {name: value for name, value in found.items() if name not in ("source", "engagement")}


@pytest.mark.parametrize(
    "name",
    ["Email", "your-email", "EMAIL", "contact[email]", "form_fields[email]", "data[Lead][E-Mail]",
    "emailAddress", "email[]",
     "wpforms[fields][email][]", "work_email", "correo"],
)  # fmt: skip
def test_a_page_may_call_the_address_as_it_likes(name: str) -> None:
    """Else the field would be missing, and the person with it."""
    assert submission((name, "ada@x.example")) == {"email": "ada@x.example"}


def test_a_page_may_ask_for_the_whole_name() -> None:
    pairs = [("email", "ada@x.example"), ("your-name", "Ada King"), ("Firma", "Engines")]
    assert submission(*pairs) == {
        "email": "ada@x.example", "first_name": "Ada", "last_name": "King", "company": "Engines",
    }  # fmt: skip
    pairs = [("email", "ada@x.example"), ("name", "Ada King"), ("first_name", "Augusta"), ("last_name", "King")]
    found = submission(*pairs)
    assert (found["first_name"], found["facts"]) == ("Augusta", {"form_name": "Ada King"})
    assert submission(("email", "ada@x.example"), ("name", "Ada King"), ("first_name", "Ada"))["last_name"] == "King"


def test_what_the_form_asks_counts_before_what_the_page_calls_so() -> None:
    found = submission(("email", "ada@x.example"), ("Email", "bo@x.example"), ("company", ""), ("firm", "Engines"))
    assert (found["email"], found["company"]) == ("ada@x.example", "Engines")
    assert found["facts"] == {"form_Email": "bo@x.example"}


def test_an_empty_copy_of_a_field_takes_nothing_away() -> None:
    """A page for phones has the field twice, and hides one."""
    assert submission(("email", "ada@x.example"), ("email", " "))["email"] == "ada@x.example"


def test_of_a_repeated_field_no_value_is_lost() -> None:
    pairs = [
        ("email", "ada@x.example"),
        ("topics[]", "a"),
        ("topics[]", "b"),
        ("colour[]", "red"),
        ("colour[]", "blue"),
    ]
    found = submission(*pairs, ("colour[]", "red"))
    assert found["facts"] == {"topics.a": True, "topics.b": True, "form_colour_": "red\nblue"}


def test_a_tick_takes_the_place_of_the_no_that_a_page_sends_before_it() -> None:
    ticked = form(consents=[{"purpose": "news", "wording": "Yes", "wording_version": "1"}])
    pairs = [("email", "ada@x.example"), ("consent.news", ""), ("consent.news", "yes")]
    assert forms.form_as_submission_values(ticked, fields_by_name(pairs, ticked))["consent"][0]["granted"] is True
    assert "consent" not in forms.form_as_submission_values(ticked, fields_by_name(reversed(pairs), ticked))


def part(name: str, text: bytes, more: str = "") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + text + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()


def test_a_multipart_body_is_its_fields_in_order() -> None:
    body = (
        part("a[]", b"1")
        + part("a[]", b"2\r\n3")
        + part("cv", b"%PDF", '; filename="cv.pdf"')
        + part("no", b"", '; filename=""')
    )
    kind = MULTIPART["Content-Type"]
    assert parse_fields(kind, body + END) == [(b"a[]", b"1"), (b"a[]", b"2\r\n3"), (b"cv", b"cv.pdf"), (b"no", b"")]
    assert parse_fields(kind, part("a%22b", b"x") + END) == [(b'a"b', b"x")]
    of_codecs = [f"multipart/form-data; boundary*={codec}''%FF" for codec in ("idna", "undefined", "hex", "none")]
    for broken in (
        "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\xfc", *of_codecs,
        f'multipart/form-data; boundary="{";" * 30_000}',
    ):  # fmt: skip
        assert parse_fields(broken, body) == []
    assert parse_fields(kind, b"no parts") == []
    assert parse_fields(kind, f"--{BOUNDARY}\r\nContent-Disposition: form-data\r\n\r\nx\r\n".encode()) == []


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
async def test_a_page_may_send_its_form_as_multipart(
    harness: ServiceHarness, browser: httpx.AsyncClient, encoding: str
) -> None:
    """A page with an upload sends everything so; the person is taken, and the file's name is kept."""
    fields = ADA | stamped() | {"last_name": "Müller"}
    body = b"".join(part(name, text.encode(encoding)) for name, text in fields.items())
    body += part("cv", b"%PDF-1.7 \xff\xfe", '; filename="cv.pdf"') + END
    answer = await browser.post("/f/contact", content=body, headers=MULTIPART)
    assert answer.status_code == 202, answer.text
    (profile,) = await harness.emitted(ContactProfile)
    assert profile.last_name == "Müller"


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 415), (b"--x--", 415), (part("a", b"\xff\x81") + END, 400), (part("a", b"1") * 101 + END, 400)],
)
async def test_what_is_no_form_of_a_page_is_refused(browser: httpx.AsyncClient, body: bytes, status: int) -> None:
    assert (await browser.post("/f/contact", content=body, headers=MULTIPART)).status_code == status
    encoded = MULTIPART | {"Content-Encoding": "gzip"}
    assert (await browser.post("/f/contact", content=body, headers=encoded)).status_code == 415


async def test_a_charset_that_is_named_costs_nobody(harness: ServiceHarness, browser: httpx.AsyncClient) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded; charset=ISO-8859-1", **JSON}
    body = str(httpx.QueryParams(ADA | stamped())).replace("last_name=Long", "last_name=M%FCller").encode()
    assert (await browser.post("/f/contact", content=body, headers=kind)).status_code == 202
    (profile,) = await harness.emitted(ContactProfile)
    assert profile.last_name == "Müller"
