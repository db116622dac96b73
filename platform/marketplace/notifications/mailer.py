"""Mail out, over SMTP."""

from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

TIMEOUT_SECONDS = 10
_PORTS = {"smtp": 25, "smtps": 465}


class Mailer(Protocol):
    async def send(self, message: EmailMessage) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpMailer:
    """A connection per message; TLS from the start, or as soon as the server offers it."""

    host: str
    port: int
    user: str | None = None
    password: str | None = None
    is_encrypted: bool = False

    @classmethod
    def at(cls, url: str) -> "SmtpMailer":
        """`smtp://` or `smtps://`, with user and password if the server asks for them."""
        parts = urlsplit(url)
        assert parts.scheme in _PORTS, parts.scheme
        assert parts.hostname is not None
        return cls(
            host=parts.hostname,
            port=parts.port or _PORTS[parts.scheme],
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            is_encrypted=parts.scheme == "smtps",
        )

    async def send(self, message: EmailMessage) -> None:
        """Returns when the server has taken responsibility for the message, or raises."""
        await aiosmtplib.send(
            message,
            hostname=self.host,
            port=self.port,
            username=self.user,
            password=self.password,
            use_tls=self.is_encrypted,
            timeout=TIMEOUT_SECONDS,
        )
