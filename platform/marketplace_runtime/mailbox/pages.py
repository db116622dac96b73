"""The caught mail in a browser, mounted under /dev in development only."""

from dataclasses import asdict, dataclass
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from marketplace_runtime.mailbox import keeping
from marketplace_runtime.mailbox.keeping import CaughtMessage
from marketplace_web.headers import CONTENT_SECURITY_POLICY
from marketplace_web.rendering import render

# The page shows the message in a frame of our own; the message itself may only look its part:
# no script, no form, no link out of the frame, nothing fetched.
PAGE_POLICY = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"
MESSAGE_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)


def mail_routes(directory: Path) -> list[Route]:
    """For `mount_public("/dev", …)`: /mail, /mail.json and each message."""
    pages = _MailPages(directory)
    return [
        Route("/mail", pages.listed),
        Route("/mail.json", pages.as_json),
        Route("/mail/{name}", pages.shown),
        Route("/mail/{name}/html", pages.html),
    ]


@dataclass(frozen=True)
class _MailPages:
    directory: Path

    async def listed(self, request: Request) -> Response:
        to = request.query_params.get("to", "")
        return render(request, "dev/mail.html", messages=self._latest(request), to=to)

    async def as_json(self, request: Request) -> Response:
        """Newest first; `?to=` keeps those sent to one address."""
        messages = [
            {**asdict(message), "caught_at": message.caught_at.isoformat()}
            for message in self._latest(request)
        ]
        return JSONResponse({"messages": messages})

    async def shown(self, request: Request) -> Response:
        response = render(request, "dev/message.html", message=self._message(request))
        response.headers["Content-Security-Policy"] = PAGE_POLICY
        return response

    async def html(self, request: Request) -> Response:
        policy = {"Content-Security-Policy": MESSAGE_POLICY, "X-Frame-Options": "SAMEORIGIN"}
        return HTMLResponse(self._message(request).html, headers=policy)

    def _latest(self, request: Request) -> list[CaughtMessage]:
        return keeping.latest(self.directory, to=request.query_params.get("to", ""))

    def _message(self, request: Request) -> CaughtMessage:
        message = keeping.read(self.directory, request.path_params["name"])
        if message is None:
            raise HTTPException(404)
        return message
