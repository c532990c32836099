"""Companies, campaigns and content."""

from datetime import datetime
from typing import ClassVar

from pydantic import ConfigDict

from events.contacts import AccountKind
from events.runtime.answers import Answer, example

_CUSTOMER = {
    "domain": "lovelace.example", "revision": 3, "name": None, "kind": "customer", "owner": None, "parent": None,
    "aliases": ["lovelace.co.example"], "open_opportunity": True,
}  # fmt: skip


class AccountAnswer(Answer):
    """A company, by its registrable domain."""

    model_config: ClassVar[ConfigDict] = example(
        _CUSTOMER,
        domain="acme.example",
        revision=1,
        name="Acme",
        kind="prospect",
        owner="inbound-1",
        parent="acme.com",
        aliases=[],
        open_opportunity=False,
    )

    domain: str
    revision: int
    name: str | None
    kind: AccountKind
    owner: str | None
    parent: str | None
    aliases: list[str]
    open_opportunity: bool


class MonthlyUseAnswer(Answer):
    """How many people used the product in a month: active, new in it, and all so far."""

    month: str
    active: int
    new: int
    total: int


class AccountWithUseAnswer(AccountAnswer):
    """A company with its subsidiaries and the use of the product by all of them."""

    model_config: ClassVar[ConfigDict] = example(
        _CUSTOMER | {"subsidiaries": [], "users": []},
        domain="acme.example",
        revision=1,
        name="Acme",
        kind="prospect",
        owner="inbound-1",
        parent="acme.com",
        aliases=[],
        open_opportunity=False,
        subsidiaries=["acme.de"],
        users=[{"month": "2026-03", "active": 2, "new": 1, "total": 3}],
    )

    subsidiaries: list[str]
    users: list[MonthlyUseAnswer]


class CampaignAnswer(Answer):
    """A campaign."""

    model_config: ClassVar[ConfigDict] = example(
        {"campaign": "spring", "name": "Spring fair", "starts_at": None, "ends_at": None, "brief": None, "spend": None},
        campaign="webinar-7",
        revision=1,
        name="Webinar",
        starts_at="2026-03-02T09:00:00Z",
        ends_at="2026-03-02T10:00:00Z",
        brief="For heads of marketing",
        content=[],
        spend=1200.0,
    )

    campaign: str
    revision: int
    name: str
    starts_at: datetime | None
    ends_at: datetime | None
    brief: str | None
    content: list[str]
    spend: float | None


class CampaignNameAnswer(Answer):
    """What a campaign is called: by us, and in words."""

    campaign: str
    name: str


class CampaignNamesAnswer(Answer):
    """The campaigns that have not ended, the latest first."""

    model_config: ClassVar[ConfigDict] = example(
        {"items": []}, items=[{"campaign": "expo-2026", "name": "Expo"}, {"campaign": "webinar-7", "name": "Webinar"}]
    )

    items: list[CampaignNameAnswer]


class ContentAnswer(Answer):
    """An entry of the content catalogue."""

    model_config: ClassVar[ConfigDict] = example(
        {"url": None, "stage": None, "topic": None, "persona": None},
        content="buyers-guide",
        title="Buyer's guide",
        url="https://acme.example/guide",
        stage="decision",
        topic="leads",
        persona="marketing",
    )

    content: str
    title: str
    url: str | None
    stage: str | None
    topic: str | None
    persona: str | None
