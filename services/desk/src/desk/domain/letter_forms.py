"""The forms in which messages travel: a mail's text and HTML, and what chat services take."""

from html import escape
from typing import Any
from urllib.parse import urlsplit

from pydantic import JsonValue

from desk.domain.letters import Letter, LetterPart, LinkedAct
from events.parts import JsonObject

MICROSOFT = ("office.com", "azure.com", "powerplatform.com")
"""Hosts whose webhooks take adaptive cards; those of other services take a text, as Slack's do."""
_BODY = "margin:0;padding:16px;font:16px/1.5 -apple-system,Segoe UI,Roboto,Arial,sans-serif;max-width:600px"
_QUOTE = "margin:0 0 12px;padding:0 0 0 12px;border-left:3px solid #888"
_MAIN = ("display:inline-block;padding:12px 18px;margin:0 8px 8px 0;border-radius:6px;background:#1d4ed8;color:#fff;"
         "text-decoration:none;font-weight:600")  # fmt: skip
_OTHER = ("display:inline-block;padding:11px 17px;margin:0 8px 8px 0;border-radius:6px;border:1px solid #888;"
          "color:inherit;text-decoration:none")  # fmt: skip


def write_text(letter: Letter) -> str:
    """Return a message as plain text. Of one thing the subject has the title: a phone shows both side by side."""
    blocks = []
    for part in letter.parts:
        lines = [*([part.title] if len(letter.parts) > 1 else []), *part.lines]
        lines += [f"\u201c{part.quote}\u201d"] if part.quote else []
        lines += [f"{act.says}: {act.url}" for act in (*part.acts, part.page)]
        blocks.append("\n".join(lines))
    blocks += [letter.hint] if letter.hint else []
    return "\n\n".join([*blocks, letter.footer]) + "\n"


def write_html(letter: Letter) -> str:
    """Return a message as a page without anything from elsewhere; buttons are large enough for a thumb."""
    titled = len(letter.parts) > 1
    body = "\n<hr>\n".join(_write_html_part(part, titled=titled) for part in letter.parts)
    small = [*([letter.hint] if letter.hint else []), letter.footer]
    foot = "".join(f'<p style="font-size:13px;color:#666">{_with_links(text)}</p>' for text in small)
    return _page(letter.language, letter.subject, f"{body}\n{foot}")


def write_html_of_text(subject: str, text: str, language: str = "en") -> str:
    """Return a text as a page, with its addresses as links."""
    lines = "<br>\n".join(_with_links(line) for line in text.splitlines())
    return _page(language, subject, f"<p>{lines}</p>")


def _page(language: str, title: str, body: str) -> str:
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{escape(title)}</title></head>\n'
        f'<body style="{_BODY}">\n{body}\n</body></html>\n'
    )


def _write_html_part(part: LetterPart, *, titled: bool) -> str:
    title = f'<h1 style="font-size:20px;margin:0 0 8px">{escape(part.title)}</h1>\n' if titled else ""
    lines = "".join(f'<p style="margin:0 0 8px">{escape(line)}</p>\n' for line in part.lines)
    quote = f'<blockquote style="{_QUOTE}">{escape(part.quote)}</blockquote>\n' if part.quote else ""
    acts = (*part.acts, part.page)
    buttons = "\n".join(_button(act, main=not nth) for nth, act in enumerate(acts))
    return f'{title}{lines}{quote}<p style="margin:12px 0 0">{buttons}</p>'


def _button(act: LinkedAct, *, main: bool) -> str:
    return f'<a href="{escape(act.url)}" style="{_MAIN if main else _OTHER}">{escape(act.says)}</a>'


def _with_links(line: str) -> str:
    shown = (
        f'<a href="{escape(each)}">{escape(each)}</a>' if each.startswith(("https://", "http://")) else escape(each)
        for each in line.split(" ")
    )
    return " ".join(shown)


def make_chat_body(letter: Letter, url: str) -> JsonObject:
    """Return what the webhook at this address takes."""
    host = urlsplit(url).hostname or ""
    if any(host.endswith(f".{each}") for each in MICROSOFT):
        return _adaptive_card(letter)
    return {"text": "\n\n".join(_write_slack_part(part) for part in letter.parts)}


def make_chat_body_of_text(text: str, url: str) -> JsonObject:
    """Return the same for a text."""
    host = urlsplit(url).hostname or ""
    if any(host.endswith(f".{each}") for each in MICROSOFT):
        return _card([_block(line) for line in text.splitlines() if line])
    return {"text": _slack(text)}


def _slack(text: str) -> str:
    """Return a text as Slack takes it: nobody outside can call the whole channel, or hide an address behind a word."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _write_slack_part(part: LetterPart) -> str:
    lines = [f"*{_slack(part.title)}*", *map(_slack, part.lines)]
    lines += [f"> {line}" for line in _slack(part.quote or "").splitlines()]
    lines.append("  |  ".join(f"<{act.url}|{_slack(act.says)}>" for act in (*part.acts, part.page)))
    return "\n".join(lines)


def _block(text: str, **more: Any) -> JsonObject:
    """Return a line in which nothing is markup, so that no visitor writes links into it."""
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **more}]}


def _adaptive_card(letter: Letter) -> JsonObject:
    body: list[JsonValue] = []
    for part in letter.parts:
        body += [_block(part.title, weight="Bolder", size="Medium"), *map(_block, part.lines)]
        body += [_block(part.quote, italic=True)] if part.quote else []
        acts: list[JsonValue] = [
            {"type": "Action.OpenUrl", "title": act.says, "url": act.url} for act in (*part.acts, part.page)
        ]
        body.append({"type": "ActionSet", "actions": acts})
    return _card(body)


def _card(body: list[JsonValue]) -> JsonObject:
    card: JsonObject = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
        "body": body,
    }  # fmt: skip
    return {
        "type": "message",
        "attachments": [
            {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
        ],
    }


def is_chat_address(url: str, hosts: str) -> bool:
    """Check that an address is that of a chat service: https, without a user, a host of the list or below one."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    host = (parts.hostname or "").lower()
    allowed = [each.strip().lower() for each in hosts.split(",") if each.strip()]
    named = any(host == each or host.endswith(f".{each}") for each in allowed)
    return parts.scheme == "https" and port in (None, 443) and parts.username is None and named and url.isprintable()
