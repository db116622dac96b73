"""Queue an e-mail once, then hand it to the mail server, at least once."""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.notifications.links import Links
from marketplace.notifications.mailer import Mailer
from marketplace.notifications.mails import Mail
from marketplace.notifications.messages import compose
from marketplace.notifications.rendering import render
from marketplace.outbox.routes import Received

_QUEUE = """
    INSERT INTO outgoing_mail (id, dedupe_key, template, recipient, order_id, context, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (dedupe_key) DO NOTHING
"""
_QUEUED = "SELECT id FROM outgoing_mail WHERE dedupe_key = $1"
_UNSENT = """
    SELECT dedupe_key, template, recipient, context, created_at FROM outgoing_mail
    WHERE id = $1 AND sent_at IS NULL
"""
_SENT = "UPDATE outgoing_mail SET sent_at = $2 WHERE id = $1 AND sent_at IS NULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Postman:
    """The consumer that turns events into e-mails. Outside: sending cannot be undone."""

    mailer: Mailer
    sender: str  # as in Souk <orders@example.com>
    links: Links

    async def __call__(self, event: Received, *, now: datetime) -> None:
        """Write down what to say, once; then send it unless that has happened."""
        async with transaction(SYSTEM):
            mail = await compose(event, self.links)
            mail_id = None if mail is None else await queue(mail, now=now)
        if mail_id is not None:
            await deliver(mail_id, mailer=self.mailer, sender=self.sender, now=now)


async def queue(mail: Mail, *, now: datetime) -> UUID:
    """Keep an e-mail in the caller's transaction; the same dedupe key is the same e-mail."""
    await connection().execute(
        _QUEUE,
        new_id(now),
        mail.dedupe_key,
        mail.template,
        mail.recipient,
        mail.order_id,
        json.dumps(mail.context),
        now,
    )
    mail_id: UUID = await connection().fetchval(_QUEUED, mail.dedupe_key)
    return mail_id


async def deliver(mail_id: UUID, *, mailer: Mailer, sender: str, now: datetime) -> None:
    """Send it unless it was sent.

    A crash between sending and our note of it sends it again, with the same Message-ID, by which
    mail servers and readers recognise the repetition.
    """
    async with transaction(SYSTEM, read_only=True) as connected:
        row = await connected.fetchrow(_UNSENT, mail_id)
    if row is None:
        return
    await mailer.send(_message(row, sender))
    async with transaction(SYSTEM) as connected:
        await connected.execute(_SENT, mail_id, now)


def _message(row: Any, sender: str) -> EmailMessage:
    context = json.loads(row["context"])
    words = render(row["template"], context)
    name, address = parseaddr(sender)
    local, _, domain = address.partition("@")
    message = EmailMessage()
    message["Subject"] = _one_line(words.subject)
    message["From"] = Address(name, local, domain)
    message["To"] = _one_line(row["recipient"])
    message["Date"] = format_datetime(row["created_at"])
    message["Message-ID"] = f"<{_digest(row['dedupe_key'])}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(words.text)
    message.add_alternative(words.html, subtype="html")
    return message


def _digest(dedupe_key: str) -> str:
    return hashlib.sha256(dedupe_key.encode()).hexdigest()[:40]


def _one_line(text: str) -> str:
    """Nothing a person typed can begin another header."""
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text).strip()
