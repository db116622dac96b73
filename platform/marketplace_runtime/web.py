"""The web application: every face behind its gate, over one pool of database connections."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

import back_office.face
import back_office.routes
import vendor_portal.face
import vendor_portal.routes
import vendor_portal.vendor_api
from marketplace.kit import clock
from marketplace.payments.gateway import PaymentGateway
from marketplace.payments.stripe_gateway import StripeGateway
from marketplace_runtime import parcels
from marketplace_runtime.mailbox.pages import mail_routes
from marketplace_runtime.orm import connected
from marketplace_runtime.settings import Settings
from marketplace_web.errors import exception_handlers
from marketplace_web.mounting import mount_face, mount_public, web_middleware, web_routes
from marketplace_web.settings import WebSettings
from settlement.connected.gateway import ConnectGateway
from settlement.connected.stripe_connect import StripeConnect
from storefront_api.app import create_graphql_app
from storefront_api.carrier_news import carrier_route
from storefront_api.stripe_webhooks import webhook_route
from storefront_api.tracking import tracking_routes


def create_app(settings: Settings) -> Starlette:
    """Everything people and programs reach over HTTP; it holds no state of its own."""
    gateway = StripeGateway(
        api_key=settings.stripe_api_key.get_secret_value(),
        api_base=settings.stripe_api_base,
    )
    connect = StripeConnect(
        api_key=settings.stripe_api_key.get_secret_value(),
        api_base=settings.stripe_api_base,
    )
    web = WebSettings(
        secret_key=settings.secret_key.get_secret_value(), production=not settings.is_development
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with connected(settings.database_url, pool_size=settings.pool_size):
            yield
        await gateway.close()
        await connect.close()

    app = Starlette(
        routes=_routes(settings, web, gateway, connect),
        middleware=web_middleware(web),
        exception_handlers=exception_handlers,
        lifespan=lifespan,
    )
    app.state.connect_gateway = connect  # for the pages that open vendors' accounts
    app.state.label_carriers = [carrier.name for carrier in parcels.carriers(settings)]
    return app


def _routes(
    settings: Settings, web: WebSettings, gateway: PaymentGateway, connect: ConnectGateway
) -> list[BaseRoute]:
    secret_key = settings.secret_key.get_secret_value()
    graphql = create_graphql_app(
        clock=clock.now,
        gateway=gateway,
        secret_key=secret_key,
        base_url=settings.base_url,
        development=settings.is_development,
    )
    portal = vendor_portal.routes.portal_routes(connect=connect, base_url=settings.base_url)
    routes: list[BaseRoute] = [
        Route("/", home),
        Route("/health", health),
        *web_routes,
        webhook_route(secrets=settings.webhook_secrets),
        carrier_route(carriers=parcels.carriers(settings)),
        Route("/graphql", graphql),
        *vendor_portal.vendor_api.vendor_api_routes(clock=clock.now),
        mount_public("/track", tracking_routes(secret_key=secret_key), web=web, clock=clock.now),
        mount_face(vendor_portal.face.FACE, portal, web=web, clock=clock.now),
        mount_face(back_office.face.FACE, back_office.routes.routes, web=web, clock=clock.now),
    ]
    if settings.is_development:
        mail = mail_routes(settings.home / "mail")
        routes.append(mount_public("/dev", mail, web=web, clock=clock.now))
    return routes


async def home(request: Request) -> Response:
    """People who come to the bare address are most likely vendors."""
    return RedirectResponse(vendor_portal.face.FACE.home, status_code=303)


async def health(request: Request) -> Response:
    """200 while the database answers; its being away is a 503, made of the error by the web."""
    return JSONResponse({"status": "ok", "time": (await clock.now()).isoformat()})
