"""An SMTP server that keeps what it is given."""

import asyncio
from pathlib import Path
from socket import socket

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from marketplace_runtime.mailbox.keeping import keep

LARGEST_MESSAGE_BYTES = 25 * 1024 * 1024


class _Keeper:
    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def handle_DATA(  # noqa: N802 - the library calls it by this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        name = await asyncio.to_thread(keep, self._directory, content, recipients=envelope.rcpt_tos)
        return f"250 OK kept as {name}"


async def catch(directory: Path, *, listener: socket) -> asyncio.Server:
    """Keep each message that comes in by this socket; any user and password is welcome."""
    keeper = _Keeper(directory)
    return await asyncio.get_running_loop().create_server(
        lambda: SMTP(
            keeper,
            hostname="mailbox.souk.test",
            data_size_limit=LARGEST_MESSAGE_BYTES,
            enable_SMTPUTF8=True,
            authenticator=lambda *_: AuthResult(success=True),
            auth_require_tls=False,
        ),
        sock=listener,
    )
