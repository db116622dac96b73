"""The sandbox as an ASGI application."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stripe_sandbox.answering import Answering, unknown_url
from stripe_sandbox.authenticating import Authenticating
from stripe_sandbox.background import Background
from stripe_sandbox.banking import Banking
from stripe_sandbox.config import SandboxConfig
from stripe_sandbox.connecting import Connecting
from stripe_sandbox.control import Control
from stripe_sandbox.dashboard import Dashboard
from stripe_sandbox.errors import internal
from stripe_sandbox.looking import Looking
from stripe_sandbox.pulling import guarded
from stripe_sandbox.routes import ACTIONS, Action
from stripe_sandbox.shapes import Clock
from stripe_sandbox.store import Store


def create_app(config: SandboxConfig, *, clock: Clock) -> Starlette:
    """Stripe's HTTP under /v1/, the sandbox's own doors under /_sandbox/.

    `clock` is the marketplace's. The file of `config.data_file` is made if it is not there, and
    belongs to this application alone until its lifespan ends.
    """
    store = Store(config.data_file)
    background = Background(config, store, clock)
    answering = Answering(config, store, clock, background.wake)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        running = asyncio.create_task(background.run())
        yield
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await background.close()
        store.close()

    routes = [
        Route(action.template, _endpoint(answering, action), methods=[action.method])
        for action in ACTIONS
    ]
    control = Control(config, store, clock, background)
    connecting = Connecting(config, store, clock, background)
    doors = control.routes() + Banking(config, store, clock).routes()
    doors += Dashboard(config, store, clock, background).routes() + connecting.doors()
    routes += Looking(config, store, clock, index=control.index).routes() + guarded(doors)
    routes += connecting.pages()
    routes += Authenticating(config, store, clock, background).routes()
    return Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={HTTPException: _not_found, Exception: _broken},
    )


def _endpoint(answering: Answering, action: Action) -> Callable[[Request], Awaitable[Response]]:
    return partial(answering.answer, action=action)


async def _not_found(request: Request, _: Exception) -> Response:
    return JSONResponse(unknown_url(request), status_code=404)


async def _broken(request: Request, _: Exception) -> Response:
    return JSONResponse(internal("The sandbox failed; see its log.").body(), status_code=500)
