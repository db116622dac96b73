"""What shoppers do over GraphQL: order a cart that is ready, or go all the way to paid."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from marketplace_runtime.benching.ordering.clients import Client, Journey
from marketplace_runtime.benching.ordering.shop import CHANNEL
from storefront_api.ids import Of, encode

PLACED, SHORT, PAID = "placed", "short", "paid"

_PLACE = """
    mutation ($input: PlaceOrderInput!) {
      placeOrder(input: $input) { __typename ... on OrderPlaced { token } }
    }
"""
_CREATE = """
    mutation ($input: CartCreateInput!) {
      cartCreate(input: $input) { __typename ... on CartCreated { token } }
    }
"""
_SET_LINE = """
    mutation ($input: CartSetLineInput!) { cartSetLine(input: $input) { __typename } }
"""
_SET_DETAILS = """
    mutation ($input: CartSetDetailsInput!) { cartSetDetails(input: $input) { __typename } }
"""
_PAY = """
    mutation ($input: PayOrderInput!) {
      payOrder(input: $input) { __typename ... on PaymentTaken { state } }
    }
"""
_ADDRESS = {"line1": "Marktstr. 1", "postalCode": "10115", "city": "Berlin", "country": "DE"}
_WORDS = {"OrderPlaced": PLACED, "InsufficientStock": SHORT}


async def place(client: Client, token: str) -> str:
    """One request: the order of a cart that is ready."""
    answer = (await client.ask(_PLACE, {"input": _order(token)}))["placeOrder"]
    return _outcome(answer)


def whole(baskets: Mapping[str, Sequence[UUID]]) -> Journey:
    """From an empty cart to the captured payment, for a shopper with a name and wishes."""

    async def buy(client: Client, name: str) -> str:
        token = (await _asked(client, _CREATE, channel=CHANNEL))["cartCreate"]["token"]
        for offer_id in baskets[name]:
            offer = encode(Of.OFFER, offer_id)
            await _asked(client, _SET_LINE, token=token, offerId=offer, quantity=1)
        email = f"{name}@customer.invalid"
        await _asked(client, _SET_DETAILS, token=token, email=email, name=name, address=_ADDRESS)
        placed = (await client.ask(_PLACE, {"input": _order(token)}))["placeOrder"]
        if placed["__typename"] != "OrderPlaced":
            return _outcome(placed)
        paid = (
            await _asked(
                client, _PAY, order={"token": placed["token"]}, paymentMethod="pm_card_visa",
                returnUrl="https://shop.invalid/back", idempotencyKey=f"pay-{token}",
            )
        )["payOrder"]  # fmt: skip
        return PAID if paid.get("state") == "CAPTURED" else str(paid["__typename"])

    return buy


def _outcome(answer: Mapping[str, str]) -> str:
    return _WORDS.get(answer["__typename"], answer["__typename"])


def _order(token: str) -> dict[str, object]:
    return {"cartToken": token, "idempotencyKey": f"order-{token}"}


async def _asked(client: Client, query: str, **members: object) -> dict[str, Any]:
    return await client.ask(query, {"input": members})
