"""Files of any size, sent as they are made."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.responses import StreamingResponse
from starlette.types import Send


class Download(StreamingResponse):
    """An attachment that nobody keeps a copy of.

    What makes its chunks is closed in the task that began it, also when the reader hangs up: it
    may hold a transaction.
    """

    def __init__(self, name: str, media_type: str, chunks: AsyncGenerator[bytes, None]) -> None:
        super().__init__(
            chunks,
            media_type=media_type,
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "no-store",
            },
        )
        self._chunks = chunks

    async def stream_response(self, send: Send) -> None:
        async with aclosing(self._chunks):
            await super().stream_response(send)
