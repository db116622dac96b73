"""Caught messages: one file each, exactly as they came over the wire."""

import os
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

# Nanoseconds first, so that names sort as the messages came.
NAME = re.compile(r"\d{19}-[0-9a-f]{8}")
ENVELOPE_TO = "X-Envelope-To"


@dataclass(frozen=True, slots=True)
class CaughtMessage:
    name: str
    caught_at: datetime
    recipients: tuple[str, ...]
    sender: str
    subject: str
    message_id: str
    text: str
    html: str


def keep(
    directory: Path, content: bytes, *, recipients: Sequence[str], caught_at: datetime | None = None
) -> str:
    """Store one message; the envelope's recipients go on top, as only they are real.

    It came now, unless it is told when.
    """
    directory.mkdir(mode=0o700, exist_ok=True)
    nanoseconds = time.time_ns() if caught_at is None else int(caught_at.timestamp() * 1e9)
    name = f"{nanoseconds:019d}-{secrets.token_hex(4)}"
    unfinished = directory / f".{name}"
    unfinished.write_bytes(f"{ENVELOPE_TO}: {', '.join(recipients)}\r\n".encode() + content)
    unfinished.rename(directory / f"{name}.eml")
    return name


def latest(directory: Path, *, most: int = 200, to: str = "") -> list[CaughtMessage]:
    """The newest first; `to` keeps those sent to this address."""
    caught: list[CaughtMessage] = []
    for name in _names(directory):
        if len(caught) == most:
            break
        message = read(directory, name)
        if message is not None and (not to or to in message.recipients):
            caught.append(message)
    return caught


def read(directory: Path, name: str) -> CaughtMessage | None:
    """One message, none when there is none of this name."""
    if not NAME.fullmatch(name):
        return None
    try:
        content = (directory / f"{name}.eml").read_bytes()
    except FileNotFoundError:
        return None
    message = message_from_bytes(content, policy=policy.default)
    return CaughtMessage(
        name=name,
        caught_at=datetime.fromtimestamp(int(name[:19]) / 1e9, tz=UTC),
        recipients=tuple(str(message[ENVELOPE_TO]).split(", ")),
        sender=str(message.get("From", "")),
        # Folded behind its name, a long one begins with the blank that it was folded by.
        subject=str(message.get("Subject", "")).strip(),
        message_id=str(message.get("Message-ID", "")),
        text=_body(message, "plain"),
        html=_body(message, "html"),
    )


def _names(directory: Path) -> list[str]:
    try:
        names = os.listdir(directory)
    except FileNotFoundError:
        return []
    return sorted((name[:-4] for name in names if name.endswith(".eml")), reverse=True)


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    if part is None:
        return ""
    content = part.get_content()
    return content.replace("\r\n", "\n") if isinstance(content, str) else ""
