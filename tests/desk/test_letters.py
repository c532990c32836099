"""What messages say and in which forms they travel: to a phone, to Slack, to Teams."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any, get_args
from uuid import UUID

import orjson
import pytest

from desk.domain import Viewer, letter_forms, letters
from desk.domain.letters import DueMessage, Letter, LinkedAct
from desk.domain.notices import make_stand_in_messages
from desk.handlers.languages import LANGUAGES
from desk.playbook import DeskPlaybook, MessageRule
from desk.playbook.messages import Notice
from events.parts import JsonObject

BASE = "https://b.example"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
KINDS = [kind for kind in get_args(Notice) if kind != "digest"]
RUDE = 'Call <!channel> & <b>me</b> [here](https://evil.example) "now"'
SLACK, TEAMS, OTHER = "https://hooks.slack.com/s", "https://x.logic.azure.com/w", "https://chat.works.example/hook"


def row(kind: str = "assigned", **more: Any) -> DueMessage:
    empty: dict[str, Any] = dict.fromkeys(DueMessage._fields)
    about = {
        "message_id": UUID(int=1), "kind": kind, "lead_id": UUID(int=2), "contact_id": UUID(int=3), "made_at": NOW,
        "zone": "UTC", "role": "rep", "rep_id": "ann", "lead_rep_id": "ann", "name": "Ada", "company": "Works",
        "clocks": [], "meeting_rep_id": "ann", "meeting_at": NOW + timedelta(days=2), "sequence": 1,
    }  # fmt: skip
    return DueMessage(**(empty | about | more))


def write(*rows: DueMessage, code: str = "en", **more: Any) -> Letter:
    language = LANGUAGES[code]
    links = {
        each.message_id: [
            LinkedAct(says, f"{BASE}/a/{action}")
            for action, says in letters.name_acts(each, language, alone=len(rows) == 1).items()
        ]
        for each in rows
    }
    return letters.write_message(rows, BASE, links, NOW, language=language, **more)


def test_a_letter_says_who_why_until_when_and_what_can_be_done() -> None:
    letter = write(row(name="Ada\r\nBcc: x", message="Call me", promised_at=NOW, due_clock="odd", job_title="CTO"))
    assert letter.subject == "New lead: Ada  Bcc: x"
    assert letter_forms.write_text(letter).splitlines() == [
        "CTO, Works", "odd: today 09:00", "\u201cCall me\u201d", f"Accept this lead: {BASE}/a/accept",
        f"I called: no answer: {BASE}/a/no_answer", f"I called: we talked: {BASE}/a/welcomed",
        f"Open this lead: {BASE}/people/{UUID(int=3)}", "", "Each link works once.", "",
        f"What reaches you, and in which language: {BASE}/settings",
    ]  # fmt: skip


def test_several_come_as_one_and_each_can_be_accepted() -> None:
    other = row("returned", message_id=UUID(int=9), name=None, company=None, reason="not_ready")
    letter = write(row(), other)
    assert letter.subject == "2 things about your leads: New lead: Ada"
    text = letter_forms.write_text(letter)
    assert text.startswith(f"New lead: Ada\nWorks\nAccept Ada: {BASE}/a/accept\n")
    assert "Returned: a lead\nReason: not ready\n" in text
    assert "<h1" in letter_forms.write_html(letter)
    assert letters.name_acts(row("due_soon"), LANGUAGES["en"], alone=False) == {}


def test_what_is_with_somebody_else_by_now_says_so_and_offers_nothing() -> None:
    letter = write(row(lead_rep_id="bob"))
    assert letter.hint is None
    assert "This lead is not with you any more.\nOpen this lead" in letter_forms.write_text(letter)


def test_a_stand_in_reads_who_is_away_and_until_when() -> None:
    away = row("unattended", role="manager", rep_id=None)
    back = NOW + timedelta(days=14)
    assert "ann is away until Mon 16 Mar 09:00. Somebody" in letter_forms.write_text(write(away, back_at=back))
    assert "ann is away. Somebody" in letter_forms.write_text(write(away))
    assert "away" not in letter_forms.write_text(write(away._replace(lead_rep_id=None)))


def test_only_who_stands_in_by_the_rules_is_notified_of_what_is_unattended() -> None:
    lea = Viewer("lea", "manager", team="inbound", email="lea@x.example")
    tom, mia = replace(lea, user_id="tom", team="ae"), Viewer("mia", "rep", rep_id="ann", email="mia@x.example")
    rules = DeskPlaybook(messages={"unattended": MessageRule(to=("rep", "manager"), wakes="urgent")})
    made = make_stand_in_messages(row(team="inbound"), [lea, tom, mia], rules, NOW)
    assert [(each.user_id, each.kind) for each in made] == [("lea", "unattended")]
    again = make_stand_in_messages(row(team="inbound", channel="chat"), [lea], rules, NOW + timedelta(days=1))
    assert [each.message_id for each in again] == [each.message_id for each in made]
    assert make_stand_in_messages(row(team="inbound"), [lea], DeskPlaybook(), NOW) == []
    assert make_stand_in_messages(row(lead_id=None), [lea], rules, NOW) == []


def posted(body: JsonObject) -> Any:
    """The body as the chat service reads it."""
    return orjson.loads(orjson.dumps(body))


class Page(HTMLParser):
    """What a mail program shows: texts, and where links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [text or "" for name, text in attrs if name in {"href", "src"}]

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())


@pytest.mark.parametrize("code", sorted(LANGUAGES))
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_whole_in_each_language(kind: str, code: str) -> None:
    """No English where there is another, no brace that was not filled, the same links in text and HTML."""
    for more in ({}, {"meeting_rep_id": None}) if kind == "meeting" else ({},):
        letter = write(row(kind, promised_at=NOW, due_clock="first_touch", message=RUDE, **more), code=code)
        text, page = letter_forms.write_text(letter), Page(letter_forms.write_html(letter))
        assert "Ada" in letter.subject
        assert "{" not in letter.subject + text
        assert page.links == [piece for piece in text.split() if piece.startswith(BASE)]
        english = {found for found, other in LANGUAGES[code].texts.items() if found != other}
        assert not english & {*page.texts, *(act.says for part in letter.parts for act in part.acts)}
        assert page.tags <= {"html", "head", "meta", "title", "body", "p", "a", "blockquote"}


def test_a_visitor_writes_no_markup_into_anybodys_chat() -> None:
    """`<!channel>` would call everybody, and a link would hide where it leads."""
    slack = posted(letter_forms.make_chat_body(write(row(message=RUDE)), SLACK))
    assert "> Call &lt;!channel&gt; &amp; &lt;b&gt;me" in slack["text"]
    assert f"<{BASE}/a/accept|Accept this lead>" in slack["text"]
    assert letter_forms.make_chat_body(write(row()), OTHER).keys() == {"text"}
    (card,) = posted(letter_forms.make_chat_body(write(row(message=RUDE)), TEAMS))["attachments"]
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
    *blocks, acts = card["content"]["body"]
    assert {each["type"] for each in blocks} == {"RichTextBlock"}
    assert blocks[-1]["inlines"][0]["text"] == RUDE
    assert [act["type"] for act in acts["actions"]] == ["Action.OpenUrl"] * 4


def test_the_weeks_text_is_a_page_and_a_chat_message_too() -> None:
    text = f"Qualified: 3 (2)\n\nEvery number: {BASE}/digest?week=2026-W09 <i>\n"
    page = Page(letter_forms.write_html_of_text("The week", text))
    assert page.links == [f"{BASE}/digest?week=2026-W09"]
    assert "i" not in page.tags
    assert letter_forms.make_chat_body_of_text("a <b>", SLACK) == {"text": "a &lt;b&gt;"}
    (card,) = posted(letter_forms.make_chat_body_of_text(text, TEAMS))["attachments"]
    assert len(card["content"]["body"]) == 2
