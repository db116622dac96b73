"""What a vendor hears of its standing: warned, suspended, well again; and no to its appeal."""

from collections.abc import Mapping
from typing import Any

from marketplace.notifications import standing_queries
from marketplace.notifications.links import Links
from marketplace.notifications.mails import Mail, Message
from marketplace.outbox.routes import Received
from marketplace.scorecards import judging, wording
from marketplace.scorecards.judging import Cause


async def warned(event: Received, links: Links) -> Mail:
    return await _changed("standing_warned", event, links)


async def suspended(event: Received, links: Links) -> Mail:
    return await _changed("standing_suspended", event, links)


async def well_again(event: Received, links: Links) -> Mail:
    """By its figures, by somebody's decision, or because its appeal was granted."""
    return await _changed("standing_good", event, links)


async def denied(event: Received, links: Links) -> Mail:
    """The answer to an appeal that changes nothing."""
    appeal_id = event.id_of("appeal_id")
    context = await standing_queries.appeal(appeal_id) | {"portal_url": links.performance()}
    return Mail(
        template="appeal_denied", recipient=context["email"], order_id=None,
        dedupe_key=f"appeal_denied:{appeal_id}", context=context,
    )  # fmt: skip


MESSAGES: Mapping[str, Message] = {
    "vendor.warned": warned,
    "vendor.suspended": suspended,
    "vendor.recovered": well_again,
    "vendor.reinstated": well_again,
    "appeal.denied": denied,
}


async def _changed(template: str, event: Received, links: Links) -> Mail:
    change_id = event.id_of("change_id")
    context: dict[str, Any] = await standing_queries.change(change_id)
    context["causes"] = [_told(cause) for cause in judging.kept(context)]
    context["portal_url"] = links.performance()
    return Mail(
        template=template, recipient=context["email"], order_id=None,
        dedupe_key=f"{template}:{change_id}", context=context,
    )  # fmt: skip


def _told(cause: Cause) -> dict[str, str]:
    """The metric, its figure, the limit, and what to do."""
    return {
        "title": wording.title(cause.metric),
        "figure": wording.figure(cause),
        "limit": wording.limit(cause),
        "advice": wording.advice(cause.metric),
    }
