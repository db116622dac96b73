"""Answers that Stripe's description does not allow: bugs of the sandbox, kept for whoever asks."""

import json
import logging

from stripe_sandbox.shapes import JsonObject
from stripe_sandbox.store import Store

logger = logging.getLogger(__name__)


def record(
    store: Store,
    *,
    request_id: str,
    operation: str,
    status: int,
    problems: list[str],
    answer: JsonObject,
) -> None:
    logger.error(
        "%s answered %s against Stripe's description: %s", operation, status, "; ".join(problems)
    )
    store.run(
        "INSERT INTO violations (request_id, operation, status, problems, answer) "
        "VALUES (?, ?, ?, ?, ?)",
        (request_id, operation, status, json.dumps(problems), json.dumps(answer)),
    )


def listed(store: Store) -> list[JsonObject]:
    rows = store.rows("SELECT request_id, operation, status, problems FROM violations ORDER BY id")
    return [dict(row) | {"problems": json.loads(row["problems"])} for row in rows]
