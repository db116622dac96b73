"""A client of the storefront API, as a shop would write it from docs/storefront.md."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse, print_ast

from marketplace.payments.gateway import PaymentGateway
from storefront_api.app import create_graphql_app
from storefront_api.ids import Of, encode
from tests.factories import ADDRESS, NOON

SECRET_KEY = "a secret of at least thirty-two characters"
DOCS = Path(__file__).parents[2] / "docs" / "storefront.md"
DOCUMENT = parse("\n".join(re.findall(r"```graphql\n(.*?)```", DOCS.read_text(), re.DOTALL)))
ADDRESS_INPUT = {
    "line1": ADDRESS["line1"],
    "city": ADDRESS["city"],
    "postalCode": ADDRESS["postal_code"],
    "country": ADDRESS["country"],
}


def documented(name: str) -> str:
    """An operation of the page, with the fragment for refusals."""
    [fragment] = [node for node in DOCUMENT.definitions if isinstance(node, FragmentDefinitionNode)]
    [operation] = [
        node
        for node in DOCUMENT.definitions
        if isinstance(node, OperationDefinitionNode) and node.name and node.name.value == name
    ]
    text = print_ast(operation)
    return f"{text}\n{print_ast(fragment)}" if "...No" in text else text


class Shop:
    def __init__(self, http: httpx.AsyncClient, gateway: PaymentGateway) -> None:
        self.http = http
        self.gateway = gateway
        self.session: str | None = None

    async def post(self, query: str, /, **variables: object) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.session}"} if self.session else {}
        return await self.http.post(
            "/graphql", json={"query": query, "variables": variables}, headers=headers
        )

    async def ask(self, query: str, /, **variables: object) -> Any:
        """The answer to an operation with one field, which has to come without errors."""
        answer = (await self.post(query, **variables)).json()
        assert "errors" not in answer, answer
        [member] = answer["data"].values()
        return member

    async def do(self, name: str, /, **variables: object) -> Any:
        """An operation of the documentation."""
        return await self.ask(documented(name), **variables)

    async def errors(self, query: str, /, **variables: object) -> Any:
        return (await self.post(query, **variables)).json()["errors"]

    async def new_cart(self, *, channel: str = "eu") -> str:
        token: str = (await self.do("CreateCart", channel=channel))["token"]
        return token

    async def put(self, token: str, offer: UUID, quantity: object = 1) -> Any:
        return await self.do("SetLine", token=token, offer=offer_id(offer), quantity=quantity)

    async def filled_cart(self, basket: dict[UUID, int]) -> str:
        token = await self.new_cart()
        for offer, quantity in basket.items():
            await self.put(token, offer, quantity)
        await self.do(
            "SetDetails",
            token=token,
            email="ana@example.com",
            name="Ana Pires",
            address=ADDRESS_INPUT,
        )
        return token

    async def choose(self, cart: str, vendor_id: UUID, method: str | None) -> Any:
        """By which method a vendor is to send its part."""
        vendor = encode(Of.VENDOR, vendor_id)
        return await self.do("SetShipping", token=cart, vendor=vendor, method=method)

    async def place(self, cart: str, *, key: str | None = None, **more: object) -> Any:
        return await self.do("PlaceOrder", cart=cart, key=cart if key is None else key, **more)

    async def register(self, email: str = "ana@example.com") -> None:
        """From here on every request comes with the new account's session."""
        answer = await self.do("Register", email=email, name="Ana", password="correct horse")
        self.session = answer["token"]


def offer_id(key: UUID) -> str:
    return encode(Of.OFFER, key)


async def at_noon() -> datetime:
    return NOON


@asynccontextmanager
async def a_shop(
    gateway: PaymentGateway,
    *,
    clock: Callable[[], Awaitable[datetime]] = at_noon,
    development: bool = False,
) -> AsyncIterator[Shop]:
    app = create_graphql_app(
        clock=clock,
        gateway=gateway,
        secret_key=SECRET_KEY,
        base_url="https://market.example",
        development=development,
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="https://market.example") as http:
        yield Shop(http, gateway)
