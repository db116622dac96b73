"""A mail server that keeps what it is given, or refuses for as long as it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class MailServer:
    url: str = ""
    is_refusing: bool = False
    received: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)

    async def handle_DATA(  # noqa: N802 - the library calls it by this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.is_refusing:
            return "451 come back later"
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.received.append(message)
        self.recipients.extend(envelope.rcpt_tos)
        return "250 OK"

    def text_of(self, message: EmailMessage) -> str:
        return _part(message, "plain")

    def html_of(self, message: EmailMessage) -> str:
        return _part(message, "html")


@asynccontextmanager
async def catching() -> AsyncIterator[MailServer]:
    """Listens on a free port of this machine for as long as the block runs."""
    caught = MailServer()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(caught, hostname="mail.test"), "127.0.0.1", 0)
    caught.url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield caught
    finally:
        server.close()
        await server.wait_closed()


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")
