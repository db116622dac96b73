"""Answers on the wire, with Stripe's headers; and the answer that never comes."""

import asyncio
import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from stripe_sandbox.config import SandboxConfig
from stripe_sandbox.idempotency import Remembered


def answer_of(
    config: SandboxConfig, request: Request, request_id: str, given: Remembered, *, replayed: bool
) -> Response:
    headers = {
        "Request-Id": request_id,
        "Stripe-Version": request.headers.get("stripe-version", config.api_version),
    }
    key = request.headers.get("idempotency-key")
    if key is not None and request.method == "POST":
        headers["Idempotency-Key"] = key
        headers["Original-Request"] = given.request_id
    if replayed:
        headers["Idempotent-Replayed"] = "true"
        if given.status >= 500:
            # Asking again would give the same answer again.
            headers["Stripe-Should-Retry"] = "false"
    return Response(
        json.dumps(given.body, indent=2).encode(),
        status_code=given.status,
        headers=headers,
        media_type="application/json",
    )


class Dropped(Response):
    """Promises a body and hangs up: the client cannot know whether the work was done."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(self._seconds)
        # The server closes a connection whose response stays incomplete.
        headers = [(b"content-length", b"1"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
