import asyncio
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest

from marketplace_runtime.mailbox import keeping
from marketplace_runtime.mailbox.catching import catch
from marketplace_runtime.supervising.ports import listen


def over_smtp(directory: Path, story: Callable[[int], Awaitable[None]]) -> None:
    """The story is told the port of a catcher that listens until its end."""

    async def run() -> None:
        listening = listen("the mailbox", host="127.0.0.1", usual=0, asked=0)
        port = listening.port
        async with await catch(directory, listener=listening.socket):
            await story(port)

    asyncio.run(run())


def confirmation(
    subject: str = "Your order M-100234 · thank you", to: str = "ada@example.com"
) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Souk <orders@souk.example>"
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = "<order-1@souk.example>"
    message.set_content("Two parcels are on their way: 12,50 €.")
    message.add_alternative("<p>Two parcels: <b>12,50 €</b></p>", subtype="html")
    return message


def test_a_message_sent_over_smtp_can_be_read_again(home: Path) -> None:
    home.mkdir()

    async def story(port: int) -> None:
        await aiosmtplib.send(
            confirmation(), hostname="127.0.0.1", port=port, recipients=["b@example.com", "c@d.org"]
        )

    over_smtp(home / "mail", story)

    (caught,) = keeping.latest(home / "mail")
    assert caught.subject == "Your order M-100234 · thank you"
    assert caught.sender == "Souk <orders@souk.example>"
    assert caught.recipients == ("b@example.com", "c@d.org")
    assert caught.message_id == "<order-1@souk.example>"
    assert caught.text == "Two parcels are on their way: 12,50 €.\n"
    assert caught.html == "<p>Two parcels: <b>12,50 €</b></p>\n"
    assert keeping.read(home / "mail", caught.name) == caught


def test_a_subject_that_is_folded_on_the_way_reads_as_it_was_written(home: Path) -> None:
    home.mkdir()
    subject = "New order M-100022-B: accept by Wednesday 25 November 2026, 09:09 (WET)"

    async def story(port: int) -> None:
        await aiosmtplib.send(confirmation(subject), hostname="127.0.0.1", port=port)

    over_smtp(home / "mail", story)

    assert [caught.subject for caught in keeping.latest(home / "mail")] == [subject]


def test_a_user_and_a_password_are_welcome_without_tls(home: Path) -> None:
    home.mkdir()

    async def story(port: int) -> None:
        await aiosmtplib.send(
            confirmation(), hostname="127.0.0.1", port=port, username="souk", password="anything"
        )

    over_smtp(home / "mail", story)

    assert len(keeping.latest(home / "mail")) == 1


def test_the_newest_is_first_and_one_can_ask_for_an_address(home: Path) -> None:
    home.mkdir()

    async def story(port: int) -> None:
        for subject, to in [
            ("one", "ada@example.com"),
            ("two", "bob@example.com"),
            ("three", "ada@example.com"),
        ]:
            await aiosmtplib.send(confirmation(subject, to), hostname="127.0.0.1", port=port)

    over_smtp(home / "mail", story)

    def subjects(*, to: str = "", most: int = 200) -> list[str]:
        return [message.subject for message in keeping.latest(home / "mail", to=to, most=most)]

    assert subjects() == ["three", "two", "one"]
    assert subjects(to="ada@example.com") == ["three", "one"]
    assert subjects(most=1) == ["three"]


@pytest.mark.parametrize("name", ["../souk.lock", "1", "0" * 19 + "-00000000", ""])
def test_a_name_of_no_message_finds_none(home: Path, name: str) -> None:
    (home / "mail").mkdir(parents=True)
    (home / "souk.lock").write_text("secret")

    assert keeping.read(home / "mail", name) is None


def test_there_is_no_mail_before_the_first_message(home: Path) -> None:
    assert keeping.latest(home / "mail") == []
