"""Bodies that programs send, read as they come and no further than they may go."""

from starlette.requests import Request


async def read_body(request: Request, *, most: int) -> bytes | None:
    """The raw body, as it was signed; None as soon as it is longer than `most` bytes."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            return None
    return bytes(body)
