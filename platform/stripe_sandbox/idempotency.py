"""Idempotency keys: the first answer is remembered, and given again for a day."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256

from stripe_sandbox.errors import StripeError, invalid_request
from stripe_sandbox.form import Raw
from stripe_sandbox.shapes import JsonObject
from stripe_sandbox.store import Store

KEPT_FOR = 86_400
LONGEST_KEY = 255


@dataclass(frozen=True)
class Remembered:
    request_id: str
    status: int
    body: JsonObject


class InFlight:
    """The keys whose first request has not been answered yet."""

    def __init__(self) -> None:
        self._keys: set[tuple[str, str]] = set()

    @contextmanager
    def holding(self, account: str, key: str | None) -> Iterator[None]:
        """Refuse a twin of a request that is still under way."""
        if key is None:
            yield
            return
        if (account, key) in self._keys:
            raise StripeError(
                409,
                "idempotency_error",
                "There is currently another in-progress request using this Idempotent Key (that "
                "probably means you submitted twice, and the other request is still going "
                f"through): {key}.",
                code="idempotency_key_in_use",
            )
        self._keys.add((account, key))
        try:
            yield
        finally:
            self._keys.discard((account, key))


def check_key(key: str) -> None:
    if len(key) > LONGEST_KEY:
        raise invalid_request(
            f"Idempotency keys can be at most {LONGEST_KEY} characters long, this one is "
            f"{len(key)}."
        )


def fingerprint(method: str, path: str, raw: dict[str, Raw]) -> str:
    """What must be the same for the same key."""
    parameters = json.dumps(raw, sort_keys=True)
    return sha256(f"{method} {path}\n{parameters}".encode()).hexdigest()


def recall(
    store: Store, account: str, key: str, *, fingerprint: str, now: int
) -> Remembered | None:
    """The first answer under this key; refuses other parameters than the first ones."""
    row = store.row(
        "SELECT fingerprint, request_id, status, body FROM idempotency "
        "WHERE account = ? AND key = ? AND created > ?",
        (account, key, now - KEPT_FOR),
    )
    if row is None:
        return None
    if row["fingerprint"] != fingerprint:
        raise StripeError(
            400,
            "idempotency_error",
            "Keys for idempotent requests can only be used with the same parameters they were "
            f"first used with. Try using a key other than '{key}' if you meant to execute a "
            "different request.",
        )
    return Remembered(row["request_id"], row["status"], json.loads(row["body"]))


def remember(
    store: Store, account: str, key: str, *, fingerprint: str, answer: Remembered, now: int
) -> None:
    """Keep an answer, and forget those that are older than a day."""
    store.run("DELETE FROM idempotency WHERE created <= ?", (now - KEPT_FOR,))
    store.run(
        "INSERT INTO idempotency (account, key, fingerprint, request_id, status, body, created) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            account,
            key,
            fingerprint,
            answer.request_id,
            answer.status,
            json.dumps(answer.body),
            now,
        ),
    )
