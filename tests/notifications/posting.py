"""The postman, his letters, and who hears of what."""

from email.message import EmailMessage
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.notifications.links import Links
from marketplace.notifications.mailer import SmtpMailer
from marketplace.notifications.sending import Postman
from marketplace.outbox.routes import Received
from tests.factories import NOON
from tests.notifications.catching import MailServer

SECRET = "a secret of at least thirty-two characters"
LINKS = Links(base_url="https://shop.test", secret=SECRET)
SENDER = "Souk <orders@souk.test>"


def postman(server: MailServer) -> Postman:
    return Postman(mailer=SmtpMailer.at(server.url), sender=SENDER, links=LINKS)


async def tell(server: MailServer, name: str, order_id: UUID, **fields: object) -> EmailMessage:
    """Let the postman hear one event; the e-mail it sent."""
    await hear(server, name, order_id, **fields)
    return server.received[-1]


async def hear(server: MailServer, name: str, order_id: UUID, **fields: object) -> None:
    payload = {"order_id": str(order_id)} | {key: str(value) for key, value in fields.items()}
    event = Received(
        event_id=new_id(NOON), name=name, stream_id=order_id, seq=1, payload=payload,
        happened_at=NOON,
    )  # fmt: skip
    await postman(server)(event, now=NOON)
