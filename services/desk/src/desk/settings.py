"""What the environment says to this service beyond what every service is configured with."""

from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from desk.domain.claims import parse_role_grants
from events.runtime import Settings

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class PageSettings(Settings):
    """Settings of the pages and the messages."""

    api_key: SecretStr
    """With which this service sends commands to the others and asks what operators see: an admin's."""
    capture_url: str = "http://127.0.0.1:8001"
    capture_public_url: str = ""
    """Under which visitors' browsers and phones reach capture: it stands in snippets and in the links that pair
    scanners; empty: `capture_url`."""
    scoring_url: str = "http://127.0.0.1:8002"
    routing_url: str = "http://127.0.0.1:8003"
    sla_url: str = "http://127.0.0.1:8004"
    feedback_url: str = "http://127.0.0.1:8005"
    public_url: str = "http://127.0.0.1:8006"
    """Under which people reach the pages: it stands in links, and cookies are `Secure` where it is https."""
    smtp_url: str = Field(default="", repr=False)
    """`smtp://user:password@host:port` (STARTTLS where the server offers it) or `smtps://`; empty: no mail is sent."""
    chat_hosts: str = "hooks.slack.com, webhook.office.com, logic.azure.com"
    """Hosts of chat webhooks, with those below them; no message goes anywhere else."""
    mail_from: str = "Baton <baton@localhost>"
    oidc_issuer: str = ""
    """The company's identity provider (OpenID Connect), as its own description writes it; empty: links alone sign in.
    https, but on this machine."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr | None = None
    """None: we are a public client, and PKCE alone protects the code."""
    oidc_scopes: str = "openid profile email"
    oidc_user_claim: str = "preferred_username"
    oidc_roles_claim: str = "groups"
    """A dot leads into a claim: `realm_access.roles`."""
    oidc_roles: str = ""
    """Which of its values grants which role: `baton-reps=rep, baton-leads=manager`; the first that somebody has."""
    oidc_rep_claim: str = "baton_rep"
    oidc_team_claim: str = "baton_team"

    @field_validator("oidc_issuer")
    @classmethod
    def _check_issuer(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise ValueError("the identity provider is reached by https")
        return value

    @field_validator("oidc_roles")
    @classmethod
    def _check_roles(cls, value: str) -> str:
        parse_role_grants(value)
        return value
