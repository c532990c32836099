"""What the environment says to this service beyond what every service is configured with."""

from pydantic import Field, SecretStr

from events.runtime import Settings


class PageSettings(Settings):
    """Settings of the pages and the messages."""

    api_key: SecretStr
    """With which this service sends commands to the others: of all scopes but for what admins do."""
    routing_url: str = "http://127.0.0.1:8003"
    feedback_url: str = "http://127.0.0.1:8005"
    public_url: str = "http://127.0.0.1:8006"
    """Under which people reach the pages: it stands in links, and cookies are `Secure` where it is https."""
    smtp_url: str = Field(default="", repr=False)
    """`smtp://user:password@host:port` (STARTTLS where the server offers it) or `smtps://`; empty: no mail is sent."""
    chat_hosts: str = "hooks.slack.com, webhook.office.com, logic.azure.com"
    """Hosts of chat webhooks, with those below them; no message goes anywhere else."""
    mail_from: str = "Baton <baton@localhost>"
